"""Optima of the laws over n and s on seeded noisy grids, from many random starts; independent of the crate.

Python 3, numpy and scipy: python3 tests/oracles/full_law.py > tests/data/full_law_random.csv
Every start is a bounded trust-region solve (scipy least_squares, trf) with its own Jacobian by the formula; the lowest
of the faces gamma = 0 (A = 0) and of the inside is kept. Standard errors: s^2 (J'J)^-1 by pinv, s^2 = 2 cost / dof.
"""
import numpy as np
from scipy.optimize import least_squares

SEED, STARTS = 20260101, 40


def model(theta, kind, n, s, free_n0, face):
    """theta: ln delta', gamma' (or ln A', ln B'), alpha, beta, [ln n0], [E]; sizes relative to their middles."""
    a, b, alpha, beta = theta[:4]
    rest = list(theta[4:])
    n0 = np.exp(rest.pop(0)) if free_n0 else 0.0
    e = rest.pop(0) if rest else 0.0
    u = (n + n0) ** -alpha
    if kind == "full":
        return np.exp(a) * ((0.0 if face else b) + u) * s ** -beta + e
    return np.exp(a) * u + np.exp(b) * s ** -beta + e


def residuals(theta, kind, n, s, y, log, free_n0, face):
    m = model(theta, kind, n, s, free_n0, face)
    return np.log(m) - np.log(y) if log else m - y


def best_of(rng, kind, n, s, y, log, free_n0, free_e):
    n_ref, s_ref = np.exp(np.mean(np.log(n[n > 0]))), np.exp(np.mean(np.log(s)))
    n, s = n / n_ref, s / s_ref
    lower = [-60.0, 0.0 if kind == "full" else -60.0, 0.0, 0.0] + [-20.0] * free_n0 + [0.0] * free_e
    upper = [60.0, 1e6 if kind == "full" else 60.0, 10.0, 10.0] + [7.0] * free_n0 + [1e3] * free_e
    best = None
    for k in range(STARTS):
        face = kind == "full" and k % 8 == 7
        start = [np.log(y.mean() * rng.uniform(0.05, 1.0)), rng.exponential(2.0) if kind == "full" else np.log(y.mean() * rng.uniform(0.05, 1.0))]
        start += [np.exp(rng.uniform(np.log(0.02), np.log(5.0))), np.exp(rng.uniform(np.log(0.02), np.log(2.0)))]
        start += [rng.uniform(-8.0, 1.0)] * free_n0 + [y.min() * rng.uniform(0.01, 0.9)] * free_e
        try:
            r = least_squares(residuals, start, jac="3-point", bounds=(lower, upper), x_scale="jac", ftol=1e-15, xtol=1e-15, gtol=1e-15,
                              max_nfev=400, args=(kind, n, s, y, log, free_n0, face))
        except ValueError:
            continue
        if best is None or r.cost < best[0]:
            best = (r.cost, r.x, face, r.jac)
    cost, x, face, jac = best
    a, b, alpha, beta = x[:4]
    rest = list(x[4:])
    n0 = np.exp(rest.pop(0)) * n_ref if free_n0 else 0.0
    e = rest.pop(0) if rest else 0.0
    if kind == "full":
        first, second = np.exp(a) * n_ref ** alpha * s_ref ** beta, (0.0 if face else b) * n_ref ** -alpha
    else:
        first, second = np.exp(a) * n_ref ** alpha, np.exp(b) * s_ref ** beta
    dof = len(y) - len(x)
    cov = np.linalg.pinv(jac.T @ jac) * 2.0 * cost / dof
    se_alpha, se_beta = np.sqrt(cov[2, 2]), np.sqrt(cov[3, 3])
    return cost, [first, second, alpha, beta, n0, e], se_alpha, se_beta


def main():
    print("grid,law,residual,n0,e,n,s,error,cost,first,second,alpha,beta,n0_at,e_at,se_alpha,se_beta")
    for grid in range(32):
        rng = np.random.default_rng([SEED, grid])
        kind = "additive" if grid % 8 == 7 else "full"
        free_e = grid % 8 in (5, 7)
        free_n0 = grid % 8 == 6
        ns = 1000.0 * 2.0 ** np.arange(rng.integers(4, 8))
        ss = 12811.67 * 2.0 ** np.arange(rng.integers(3, 6))
        if free_n0:
            ns = np.concatenate([[0.0], ns])
        n, s = (g.ravel() for g in np.meshgrid(ns, ss))
        alpha, beta = rng.uniform(0.1, 1.0), rng.uniform(0.05, 0.6)
        gamma = 1000.0 ** -alpha * np.exp(rng.uniform(np.log(0.1), np.log(20.0)))
        n0 = rng.uniform(50.0, 2000.0) if free_n0 else 0.0
        if kind == "full":
            truth = (gamma + (n + n0) ** -alpha) * s ** -beta
            truth *= 0.6 / truth.max()
        else:
            truth = 0.4 * (n / 1000.0) ** -alpha + 0.3 * (s / 12811.67) ** -beta
        truth = truth + (0.1 if free_e else 0.0)
        sigma = [0.001, 0.01, 0.05, 0.2][grid % 4]
        y = truth * np.exp(sigma * rng.standard_normal(len(n)))
        for log in (True, False):
            cost, p, se_alpha, se_beta = best_of(rng, kind, n, s, y, log, free_n0, free_e)
            row = [";".join(repr(float(v)) for v in c) for c in (n, s, y)]
            print(",".join([str(grid), kind, "log" if log else "linear", "free" if free_n0 else "0", "free" if free_e else "0", *row,
                            *(repr(float(v)) for v in [cost, *p, se_alpha, se_beta])]), flush=True)


if __name__ == "__main__":
    main()
