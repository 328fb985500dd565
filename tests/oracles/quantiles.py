"""Writes tests/data/quantiles.csv: quantiles of the normal, Student-t and F distributions.

    python3 tests/oracles/quantiles.py > tests/data/quantiles.csv        (Python 3.11, mpmath 1.3.0, scipy 1.17.1)

scipy gives the start; the root is then polished with mpmath at 40 digits, by the secant method on the logarithm of the
smaller tail, because scipy itself is good to 1e-9 only in some tails. Columns: distribution, p, d1, d2, quantile.
"""
import sys

from mpmath import erfc, exp, findroot, log, loggamma, mp, mpf, sqrt
from scipy import stats

mp.dps = 40
sys.stdout.reconfigure(newline="\n")


def below(a, b, x, y):
    """I_x(a, b) = x^a y^b / (a B(a, b)) 2F1(a + b, 1; a + 1; x): all terms positive."""
    term = total = mpf(1)
    n = 0
    while term > total * mpf(10) ** -42 or (a + b + n) * x > a + 1 + n:
        term *= (a + b + n) / (a + 1 + n) * x
        total += term
        n += 1
    return exp(a * log(x) + b * log(y) + loggamma(a + b) - loggamma(a) - loggamma(b)) / a * total


def tail(a, b, x, y, lower):
    """P(w < x) or P(w > x), y = 1 - x; 40 digits are enough for a complement of 1e-12."""
    if x < y:
        return below(a, b, x, y) if lower else 1 - below(a, b, x, y)
    return 1 - below(b, a, y, x) if lower else below(b, a, y, x)


def polish(f, start):
    """Root of f in the logarithm of the argument, whose sign is that of `start`."""
    sign = 1 if start > 0 else -1
    z = log(abs(mpf(float(start))))
    return sign * exp(findroot(lambda z: f(sign * exp(z)), (z, z + mpf("1e-9")), solver="secant", tol=1e-60, verify=False, maxsteps=12))


def normal(p):
    q = min(p, 1 - p)
    z = polish(lambda z: log(erfc(z / sqrt(2)) / 2) - log(q), -stats.norm.ppf(float(q)))
    return -z if p < mpf(0.5) else z


def student(p, dof):
    q = min(p, 1 - p)

    def f(t):
        w = t * t / (dof + t * t)
        if q > 0.25:
            return log(tail(mpf(1) / 2, dof / 2, w, 1 - w, True)) - log(1 - 2 * q)
        return log(tail(mpf(1) / 2, dof / 2, w, dof / (dof + t * t), False)) - log(2 * q)

    # the far tail is C t^-dof; scipy has no digits there
    t = polish(f, q ** (-1 / dof) if q < mpf("1e-50") else -stats.t.ppf(float(q), float(dof)))
    return -t if p < mpf(0.5) else t


def fisher(p, d1, d2):
    lower = p < mpf(0.5)
    q = p if lower else 1 - p

    def f(x):
        w, v = d1 * x / (d2 + d1 * x), d2 / (d2 + d1 * x)
        return log(tail(d1 / 2, d2 / 2, w, v, lower)) - log(q)

    return polish(f, stats.f.ppf(float(p), float(d1), float(d2)))


def row(name, p, d1, d2, value):
    print(name, repr(float(p)), repr(float(d1)), repr(float(d2)), mp.nstr(value, 20), sep=",")


print("distribution,p,d1,d2,quantile")
levels = [1e-12, 1e-6, 0.001, 0.005, 0.025, 0.05, 0.1, 0.25, 0.4, 0.49, 0.501, 0.6, 0.6826894921370859, 0.75, 0.8]
levels += [0.9, 0.95, 0.975, 0.995, 0.999, 0.999999, 1 - 2.0**-40]
for p in [1e-300, 1e-100, 1e-30, 2.0**-1074] + levels:
    row("normal", p, 0, 0, normal(mpf(p)))
for dof in [1, 1.5, 2, 3, 4, 5, 6.5, 10, 17, 30, 57, 100, 1000, 31623, 1e6]:
    for p in levels:
        row("t", p, dof, 0, student(mpf(p), mpf(dof)))
for p in [1e-300, 1e-100, 1e-30]:
    for dof in [1, 3, 20]:
        row("t", p, dof, 0, student(mpf(p), mpf(dof)))
for d1, d2 in [(1, 1), (1, 4), (2, 3), (3, 4), (3, 61), (1, 1000), (5, 2), (10, 10), (40, 7), (300, 500), (0.5, 0.5), (2.5, 1e5), (5e4, 8e4)]:
    for p in levels:
        row("f", p, d1, d2, fisher(mpf(p), mpf(d1), mpf(d2)))
