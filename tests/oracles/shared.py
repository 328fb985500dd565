"""Joint least squares of the authors' 29 settings with one shared D or alpha, as one dense problem.

    python3 tests/oracles/shared.py > tests/data/shared_reference.csv        (Python 3.11.7, numpy 2.4.6, scipy 1.17.1)

59 parameters: the shared one, then for each curve the other of (D, alpha) and C. scipy's least_squares (trf, bounds,
analytic Jacobian) from 14 values of the shared parameter, each with its best of a coarse grid per curve; the best run is
restarted until its cost stays. The standard error comes from the dense J'J of the parameters inside their bounds.
"""
import csv
import sys

import numpy as np
from scipy.optimize import least_squares

CURVES = {}
with open("tests/data/finetune_final.csv") as f:
    for r in csv.DictReader(f):
        if r["pscale"] == "64k" and r["fratio"] == "1" and float(r["n"]) > 0:
            key = tuple(r[k] for k in ("model", "ptask", "pdata", "ftask", "fdata"))
            CURVES.setdefault(key, []).append((float(r["n"]), float(r["err_last"])))
with open("tests/data/fixed_d_reference.csv") as f:
    KEYS = sorted({tuple(r[k] for k in ("model", "ptask", "pdata", "ftask", "fdata")) for r in csv.DictReader(f)})
DATA = [np.array(CURVES[k]).T for k in KEYS]
K = len(DATA)
assert K == 29, K


def problem(shared, log):
    def unpack(x, j):
        s, other, c = x[0], x[1 + 2 * j], x[2 + 2 * j]
        return (np.exp(s), other, c) if shared == "d" else (np.exp(other), s, c)

    def residual(x):
        out = []
        for j, (n, y) in enumerate(DATA):
            d, alpha, c = unpack(x, j)
            m = d * n**-alpha + c
            out.append(np.log(m / y) if log else m - y)
        return np.concatenate(out)

    def jacobian(x):
        rows, at = np.zeros((sum(d.shape[1] for d in DATA), 1 + 2 * K)), 0
        for j, (n, y) in enumerate(DATA):
            d, alpha, c = unpack(x, j)
            u = d * n**-alpha
            scale = 1.0 / (u + c) if log else 1.0
            by_ln_d, by_alpha = u * scale, -u * np.log(n) * scale
            block = slice(at, at + len(n))
            rows[block, 0] = by_ln_d if shared == "d" else by_alpha
            rows[block, 1 + 2 * j] = by_alpha if shared == "d" else by_ln_d
            rows[block, 2 + 2 * j] = scale
            at += len(n)
        return rows

    return residual, jacobian


def start(shared, value, log, alpha_range):
    """Best alpha (or D) and C of a coarse grid for every curve; C by least squares, clipped."""
    x = [np.log(value) if shared == "d" else value]
    for n, y in DATA:
        best = (np.inf, None)
        grid = np.linspace(alpha_range[0] + 1e-3, min(alpha_range[1], 3.0), 120) if shared == "d" else np.linspace(-8, 5, 120)
        for g in grid:
            u = value * n**-g if shared == "d" else np.exp(g) * n**-value
            c = min(max(np.mean(y - u), 1e-6), 0.999)
            r = np.log((u + c) / y) if log else u + c - y
            best = min(best, (float(r @ r), (g, c)))
        x.extend(best[1])
    return np.array(x)


out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["shared", "residual", "alpha_lower", "alpha_upper", "c_upper", "value", "std_error", "cost", "degrees_of_freedom"])
for shared in ("d", "alpha"):
    for log, alpha_range, c_upper in ((False, (0.1, 1.5), 1.0), (True, (0.1, 1.5), 1.0)):
        residual, jacobian = problem(shared, log)
        other = alpha_range if shared == "d" else (-30.0, 60.0)
        low = [-10.0 if shared == "d" else alpha_range[0]] + [other[0], 0.0] * K
        high = [10.0 if shared == "d" else alpha_range[1]] + [other[1], c_upper] * K
        best = None
        for value in np.geomspace(0.05, 20.0, 14) if shared == "d" else np.linspace(0.12, 1.4, 14):
            x = start(shared, value, log, alpha_range)
            for _ in range(6):
                run = least_squares(residual, x, jacobian, bounds=(low, high), x_scale="jac", ftol=1e-15, xtol=1e-15, gtol=1e-15, max_nfev=2000)
                done = best is not None and run.cost > 1.5 * best.cost
                moved, x = np.max(np.abs(run.x - x)), run.x
                if done or moved < 1e-10:
                    break
            if best is None or run.cost < best.cost:
                best = run
        x, j = best.x, jacobian(best.x)
        free = (x > np.array(low) + 1e-7) & (x < np.array(high) - 1e-7)
        dof = len(residual(x)) - int(free.sum())
        inverse = np.linalg.pinv(j[:, free].T @ j[:, free], rcond=1e-15)
        error = np.sqrt(2 * best.cost / dof * inverse[0, 0]) if free[0] else float("nan")
        value = np.exp(x[0]) if shared == "d" else x[0]
        error *= value if shared == "d" else 1.0
        out.writerow([shared, "log" if log else "linear", *alpha_range, c_upper, repr(float(value)), repr(float(error)), repr(float(best.cost)), dof])
        sys.stdout.flush()
