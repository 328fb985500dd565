"""Statistics of fits of law (1), from their definitions, at 40 digits and without this crate's formulas.

    python3 tests/oracles/statistics.py > tests/data/statistics.csv        (Python 3.11.7, numpy 2.4.6, scipy 1.17.1, mpmath 1.3.0)

Run from the root. The optimum: scipy's L-BFGS-B from a grid, then the root of the gradient by mpmath. All derivatives are
mpmath's numerical ones, of the residuals in (D, alpha, C). With w rho(r) the cost, A = sum w rho''(r) J J' and p free
parameters (neither fixed nor on a bound) of n points:

square, relative   s^2 A^-1, s^2 = sum w r^2 / (n - p); quantiles of Student's t with n - p degrees of freedom
square, absolute   A^-1; normal quantiles
Huber              A^-1 (sum (w psi)^2 J J') A^-1 n / (n - p); quantiles of Student's t
condition          condition number of J'WJ, columns scaled to length 1, of all n points
C = 0              one-sided: upper end h with g h + 1/2 k h^2 = 1/2 t^2 s^2, t the quantile of the level itself, g the slope of
                   the cost in C, k the Schur complement of C in A; in Huber s^2 = (sum w psi^2 / (n - p)) / (sum w psi' / sum w)
"""
import csv
import sys
from collections import defaultdict

import mpmath as mp
import numpy as np
from scipy import stats
from scipy.optimize import minimize

mp.mp.dps = 40
LEVEL = 0.95
rng = np.random.default_rng(11)
sys.stdout.reconfigure(newline="\n")


def measured(*names):
    curves = defaultdict(list)
    for row in csv.DictReader(open("tests/data/finetune_final.csv")):
        key = "_".join(row[c] for c in ("pdata", "pscale", "model", "ptask", "ftask", "fdata")) + "_s" + row["fratio"]
        if float(row["n"]) > 0:
            curves[key].append((float(row["n"]), float(row["err_last"])))
    return [np.array(curves[name]).T for name in names]


def synthetic(count, d, alpha, c, sigma, outliers=0):
    n = np.round(np.geomspace(1000, 128000, count))
    error = (d * n**-alpha + c) * np.exp(sigma * rng.standard_normal(count))
    for i in rng.choice(count, outliers, replace=False):
        error[i] *= 1 + 12 * sigma * rng.choice([-1, 1])
    return n, np.array([float("%.6f" % e) for e in error])


def weights(count):
    return np.round(rng.uniform(0.3, 3.0, count), 3)


def case(name, data, log, weight=None, absolute=False, delta=None, fixed=(None, None, None), alpha=(0.0, 10.0)):
    n, error = data
    weight = np.ones(len(n)) if weight is None else weight

    def residuals(theta, m=mp):
        d, a, c = theta
        if m is np:
            model = d * n**-a + c
            return np.log(model / error) if log else model - error
        model = [d * mp.mpf(x) ** -a + c for x in n]
        return [mp.log(v / mp.mpf(e)) if log else v - mp.mpf(e) for v, e in zip(model, error)]

    def rho(r):
        return r * r / 2 if delta is None or abs(r) <= delta else delta * (abs(r) - mp.mpf(delta) / 2)

    def psi(r):
        return r if delta is None or abs(r) <= delta else delta * mp.sign(r)

    def coarse(x):
        theta = [np.exp(x[0] + x[1] * np.log(8000)) if fixed[0] is None else fixed[0], x[1], x[2]]
        r = np.abs(residuals(theta, np))
        return 1e6 * float(np.sum(weight * (r * r / 2 if delta is None else np.where(r <= delta, r * r / 2, delta * (r - delta / 2)))))

    limits = [(-30, 5), alpha, (0.0, None)]
    limits = [(f, f) if f is not None and j else b for j, (f, b) in enumerate(zip(fixed, limits))]
    best = None
    for a in np.geomspace(max(alpha[0], 0.003), min(alpha[1], 5.0), 12) if fixed[1] is None else [fixed[1]]:
        for c in error.min() * np.linspace(0, 0.99, 8) if fixed[2] is None else [fixed[2]]:
            run = minimize(coarse, [np.log(max(error.max() - c, 1e-3)), a, c], method="L-BFGS-B", bounds=limits, options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 2000})
            if best is None or run.fun < best.fun:
                best = run
    x = best.x
    start = [mp.mpf(float(v)) for v in (np.exp(x[0] + x[1] * np.log(8000)) if fixed[0] is None else fixed[0], x[1], x[2])]
    for j, f in enumerate(fixed):
        if f is not None:
            start[j] = mp.mpf(f)
    no_gap = fixed[2] is None and start[2] < 1e-6
    if no_gap:
        start[2] = mp.mpf(0)
    free = [j for j in range(3) if fixed[j] is None and not (j == 2 and no_gap)]

    def full(v):
        theta = list(start)
        for j, value in zip(free, v):
            theta[j] = value
        return theta

    def jacobian(theta):
        columns = []
        for j in range(3):
            h = mp.mpf(10) ** -12 * max(abs(theta[j]), mp.mpf("1e-3"))
            move = lambda by: residuals([t + (by if k == j else 0) for k, t in enumerate(theta)])
            columns.append([(8 * (b - a) - (d - c)) / (12 * h) for a, b, c, d in zip(move(-h), move(h), move(-2 * h), move(2 * h))])
        return columns

    w = [mp.mpf(float(v)) for v in weight]

    def gradient(*v):
        theta = full(v)
        columns, r = jacobian(theta), residuals(theta)
        return [mp.fsum(a * b * psi(e) for a, b, e in zip(w, columns[j], r)) for j in free]

    def scaled_gradient(*u):
        return gradient(*[s * start[j] for s, j in zip(u, free)])

    root = mp.findroot(scaled_gradient, [mp.mpf(1)] * len(free), tol=1e-50, maxsteps=60) if len(free) > 1 else [mp.findroot(lambda u: scaled_gradient(u)[0], mp.mpf(1), tol=1e-50)]
    theta = full([u * start[j] for u, j in zip(root, free)])
    assert all(abs(t / s - 1) < 0.05 for t, s in zip(theta, start) if s), (name, theta, start)
    r, columns = residuals(theta), jacobian(theta)
    assert delta is None or min(abs(abs(e) / delta - 1) for e in r) > 1e-4, name + ": a residual on delta"
    curve = [mp.mpf(0) if delta is not None and abs(e) > delta else mp.mpf(1) for e in r]
    gram = lambda js, by: mp.matrix([[mp.fsum(b * columns[i][k] * columns[j][k] for k, b in enumerate(by)) for j in js] for i in js])
    inside = [a * b for a, b in zip(w, curve)]
    bread = gram(free, inside) ** -1
    dof = len(n) - len(free)
    psi_square = mp.fsum(a * psi(e) ** 2 for a, e in zip(w, r))
    variance = mp.mpf(1) if absolute else psi_square / dof
    if delta is None:
        covariance = bread * variance
    else:
        covariance = bread * gram(free, [(a * psi(e)) ** 2 for a, e in zip(w, r)]) * bread * mp.mpf(len(n)) / dof
    normal = gram(free, w)
    lengths = [mp.sqrt(normal[i, i]) for i in range(len(free))]
    scaled = np.array([[float(normal[i, j] / lengths[i] / lengths[j]) for j in range(len(free))] for i in range(len(free))])
    condition = np.linalg.cond(scaled)
    quantile = (lambda p: stats.norm.ppf(p)) if absolute else (lambda p: stats.t.ppf(p, dof))
    errors, lower, upper = [None] * 3, [None] * 3, [None] * 3
    for i, j in enumerate(free):
        errors[j] = mp.sqrt(covariance[i, i])
        half = quantile(0.5 + LEVEL / 2) * errors[j]
        lower[j], upper[j] = theta[j] - half, theta[j] + half
    if no_gap:
        slope = mp.fsum(a * b * psi(e) for a, b, e in zip(w, columns[2], r))
        assert slope > 0, name
        h = gram(free + [2], inside)
        m = len(free)
        cross = mp.matrix([h[i, m] for i in range(m)])
        k = h[m, m] - (cross.T * bread * cross)[0]
        s2 = variance * mp.fsum(w) / mp.fsum(inside)
        t = mp.mpf(quantile(LEVEL))
        lower[2], upper[2] = mp.mpf(0), (-slope + mp.sqrt(slope**2 + k * t * t * s2)) / k
    number = lambda v: "" if v is None else mp.nstr(mp.mpf(v), 15)
    texts = [";".join(repr(float(v)) for v in column) for column in (n, error, weight)]
    cost = mp.fsum(a * rho(e) for a, e in zip(w, r))
    rms = mp.sqrt(mp.fsum(a * e * e for a, e in zip(w, r)) / mp.fsum(w))
    print(name, "log" if log else "linear", *texts, "absolute" if absolute else "relative", number(delta), *map(number, fixed), *map(number, alpha),
          "no_gap" if no_gap else "interior", *map(number, theta), number(cost), number(rms), dof, *map(number, errors), repr(float(condition)),
          *[number(v) for pair in zip(lower, upper) for v in pair], sep=",")


print("case,residual,n,error,weight,weights,delta,fixed_d,fixed_alpha,fixed_c,alpha_lower,alpha_upper,class,d,alpha,c,cost,rms,dof,se_d,se_alpha,se_c,condition,"
      "d_lower,d_upper,alpha_low,alpha_high,c_lower,c_upper")
objdet, level_4, power, gap = measured(
    "bop_64k_r50_objdet_objdet_coco_s1", "bop-lv4_64k_r50_objdet_objdet_coco_s1",
    "bop_64k_r18_mulclass_sinclass_imagenet_s1", "bop_64k_r101_mulclass_sinclass_imagenet_s1")
case("objdet log", objdet, True)
case("objdet linear", objdet, False)
case("level 4 log weighted", level_4, True, weights(7))
case("objdet fixed D", objdet, False, fixed=(0.48, None, None), alpha=(0.1, 1.5))
case("sinclass log no gap", power, True)
case("sinclass linear no gap weighted", power, False, weights(7))
case("sinclass fixed alpha", gap, True, fixed=(None, 0.4, None))
case("sinclass power law", power, False, fixed=(None, None, 0.0))
case("synthetic log weighted", synthetic(12, 3.0, 0.45, 0.2, 0.01), True, weights(12))
case("synthetic linear absolute", synthetic(10, 5.0, 0.5, 0.1, 0.01), False, 1 / np.round(rng.uniform(0.001, 0.004, 10), 4) ** 2, absolute=True)
case("synthetic log absolute no gap", synthetic(9, 2.0, 0.3, 0.0, 0.004), True, 1 / np.full(9, 0.004) ** 2, absolute=True)
case("Huber log", synthetic(14, 3.0, 0.45, 0.2, 0.01, 3), True, delta=0.012)
case("Huber linear weighted", synthetic(16, 4.0, 0.5, 0.15, 0.01, 3), False, weights(16), delta=0.002)
case("Huber log no gap", power, True, weights(7), delta=0.0015)
