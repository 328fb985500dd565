"""Minimax coefficients of the exp and ln kernels in src/math/kernels.rs.

    python3 tests/oracles/kernel_coefficients.py        (Python 3.11, mpmath 1.3.0)

exp:  q(r) = (e^r - 1 - r) / r^2 on |r| <= ln2/2 * 1.001, weight r^2 / e^r
ln:   p(z) = (2 atanh(s) / s - 2) / z, z = s^2 on 0 <= z <= (0.311 / 1.689)^2, weight z / 2: 1 + f in [0.6895, 1.3789]

Each is a weighted minimax fit (Lawson) at 60 digits; the coefficients are rounded to f64 from the lowest order up,
refitting those above to what the rounding left. Prints the coefficients and the relative error of the whole function.
"""
from mpmath import atanh, cos, exp, log, lu_solve, matrix, mp, mpf, nstr, pi, sqrt

mp.dps = 60


def minimax(f, w, lo, hi, degree, fixed):
    """Coefficients of the polynomial that begins with `fixed` and minimises max |w (p - f)|, by Lawson's reweighting."""
    first, count, points = len(fixed), degree + 1 - len(fixed), 200
    xs = [lo + (hi - lo) * (1 - cos(pi * (i + mpf(1) / 3) / points)) / 2 for i in range(points)]
    weights = [w(x) for x in xs]
    target = [f(x) - sum(c * x**j for j, c in enumerate(fixed)) for x in xs]
    rows = [[x ** (first + j) for j in range(count)] for x in xs]
    lawson = [mpf(1)] * points
    best, best_error = None, mpf("inf")
    for _ in range(30):
        a, b = matrix(count, count), matrix(count, 1)
        for row, t, weight, l in zip(rows, target, weights, lawson):
            scale = weight * weight * l
            for i in range(count):
                b[i] += scale * row[i] * t
                for j in range(i, count):
                    a[i, j] += scale * row[i] * row[j]
        for i in range(count):
            for j in range(i):
                a[i, j] = a[j, i]
        c = lu_solve(a, b)
        error = [abs(weight * (sum(ci * r for ci, r in zip(c, row)) - t)) for row, t, weight in zip(rows, target, weights)]
        if max(error) < best_error:
            best, best_error = list(fixed) + list(c), max(error)
        mean = sum(l * e for l, e in zip(lawson, error))
        lawson = [points * l * e / mean for l, e in zip(lawson, error)]
    return best


def fit(name, f, w, lo, hi, degree):
    fixed = []
    for j in range(degree + 1):
        c = minimax(f, w, lo, hi, degree, fixed)
        fixed.append(mpf(float(c[j])))
    grid = [lo + (hi - lo) * mpf(i) / 2000 for i in range(2001)]
    worst = max(abs(w(x) * (sum(c * x**j for j, c in enumerate(fixed)) - f(x))) for x in grid if x != 0)
    print(f"{name}, degree {degree}: relative error 2^{nstr(log(worst, 2), 5)}")
    for c in fixed:
        print(f"    {float(c)!r},")


half = log(2) / 2 * mpf("1.001")
fit("exp", lambda r: (exp(r) - 1 - r) / r**2, lambda r: r**2 / exp(r), -half, half, 9)
zmax = (mpf("0.311") / mpf("1.689")) ** 2
fit("ln", lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, lambda z: z / 2, mpf(0), zmax, 6)

bits = lambda x, drop: mpf(int(x * mpf(2) ** (52 - drop + 1))) / mpf(2) ** (52 - drop + 1)
print("log2(e) =", repr(float(1 / log(2))))
for drop in (11,):
    # ln2 = 0.69.. has its leading bit at 2^-1: dropping 11 bits leaves k * LN2_HI exact for |k| < 2^11
    hi = bits(log(2), drop)
    print("LN2_HI =", repr(float(hi)), float(hi).hex(), " LN2_LO =", repr(float(log(2) - hi)), float(log(2) - hi).hex())
