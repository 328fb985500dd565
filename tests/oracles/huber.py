"""Huber fits of law (1) by brute force, to check the dense search of tests/common/dense.rs.

For each problem: the square-loss optimum, delta = 1.345 * 1.4826 * MAD (about the median, without weights) of its
residuals, then the Huber optimum. Each optimum is the best of 120 bounded L-BFGS-B runs from a grid over
(alpha, share of C in L(n_min)), in the coordinates (ln L(n_min), share, alpha), the five best polished by Nelder-Mead.

Run from the root: python3 tests/oracles/huber.py > tests/data/huber_reference.csv
"""
import csv
import sys

import numpy as np
from scipy.optimize import minimize

K, ALPHA_MAX = 1.345, 10.0
rng = np.random.default_rng(7)


def residual(x, t, error, log):
    level, share, alpha = np.exp(x[0]), x[1], x[2]
    model = level * (share + (1.0 - share) * np.exp(-alpha * t))
    return np.log(np.maximum(model, 1e-300) / error) if log else model - error


def cost(x, t, error, weight, log, delta):
    if not (0.0 <= x[1] <= 1.0 and 0.0 <= x[2] <= ALPHA_MAX):
        return 1e9
    r = np.abs(residual(x, t, error, log))
    return float(np.sum(weight * np.where(r <= delta, 0.5 * r * r, delta * (r - 0.5 * delta))))


def optimum(t, error, weight, log, delta):
    args = (t, error, weight, log, delta)
    bounds = [(None, None), (0.0, 1.0), (0.0, ALPHA_MAX)]
    runs = []
    for alpha in np.concatenate([[0.003], np.geomspace(0.02, 9.0, 11)]):
        for share in np.linspace(0.0, 0.99, 10):
            start = np.array([np.log(np.median(error)) - np.log(share + (1 - share) * np.exp(-alpha * np.median(t))), share, alpha])
            run = minimize(cost, start, args, "L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-12, "maxiter": 150})
            runs.append((run.fun, tuple(run.x)))
    runs.sort()
    best = runs[0]
    for _, x in runs[:5]:
        for _ in range(3):
            run = minimize(cost, x, args, "Nelder-Mead", bounds=bounds, options={"xatol": 1e-14, "fatol": 1e-20, "maxiter": 4000, "maxfev": 8000, "initial_simplex": None})
            x = run.x
        best = min(best, (run.fun, tuple(run.x)))
    return best


out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["problem", "residual", "n", "error", "weight", "delta", "cost", "alpha"])
for problem in range(20):
    m = int(rng.integers(7, 15))
    n = np.round(1000.0 * 2.0 ** np.linspace(0.0, 6.0, m))
    alpha, c = rng.uniform(0.1, 1.2), rng.uniform(0.0, 0.9)
    first = rng.uniform(0.05, 0.6)
    error = (first * (n / n[0]) ** -alpha + c) * np.exp(0.01 * rng.standard_normal(m))
    hit = rng.choice(m, max(1, round(0.15 * m)), replace=False)
    error[hit] *= rng.uniform(1.1, 2.0, len(hit)) ** rng.choice([-1.0, 1.0], len(hit))
    weight = np.ones(m) if problem % 4 < 2 else np.exp(rng.uniform(-1.0, 1.0, m))
    log = problem % 2 == 0
    t = np.log(n / n[0])
    _, x = optimum(t, error, weight, log, np.inf)
    r = residual(x, t, error, log)
    delta = K * 1.4826 * np.median(np.abs(r - np.median(r)))
    best, x = optimum(t, error, weight, log, delta)
    join = lambda v: ";".join(repr(float(y)) for y in v)
    out.writerow([problem, "log" if log else "linear", join(n), join(error), join(weight), repr(float(delta)), repr(float(best)), repr(float(x[2]))])
    sys.stdout.flush()
