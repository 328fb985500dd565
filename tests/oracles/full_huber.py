"""Optima of the laws over n and s in the Huber loss, from many random starts; independent of the crate.

Python 3, numpy and scipy: python3 tests/oracles/full_huber.py > tests/data/full_huber.csv
The cost is sum w rho(r) with rho quadratic up to delta and linear beyond; r' = sign(r) sqrt(2 w rho) has half its sum of
squares as cost, so that scipy's least_squares (trf) descends it with the exact gradient; the best start is finished by
L-BFGS-B and again by trf. Data: log-normal noise with one row in six shifted by up to 50 %, weights of 1, 2, 1/2 and 0.
`k`: delta is k 1.4826 MAD of the residuals at the optimum of the square loss (searched for in the same way).
"""
import numpy as np
from scipy.optimize import least_squares, minimize

SEED, STARTS = 20261130, 24


def model(theta, kind, n, s, free_n0, free_e):
    """theta: ln size, ln size, alpha, beta, [ln n0], [E]; sizes relative to their middles; n, s relative too."""
    a, b, alpha, beta = theta[:4]
    rest = list(theta[4:])
    n0 = np.exp(rest.pop(0)) if free_n0 else 0.0
    e = rest.pop(0) if free_e else 0.0
    u, v = (n + n0) ** -alpha, s ** -beta
    if kind == "full":
        return (np.exp(a) * u + np.exp(b)) * v + e
    return np.exp(a) * u + np.exp(b) * v + e


def jacobian(theta, kind, n, s, free_n0, free_e):
    a, b, alpha, beta = theta[:4]
    n0 = np.exp(theta[4]) if free_n0 else 0.0
    u, v = (n + n0) ** -alpha, s ** -beta
    x, y = np.exp(a) * u, np.exp(b)
    if kind == "full":
        cols = [x * v, y * v, -x * v * np.log(n + n0), -(x + y) * v * np.log(s)]
        by_n0 = -alpha * x * v * n0 / (n + n0)
    else:
        cols = [x, y * v, -x * np.log(n + n0), -y * v * np.log(s)]
        by_n0 = -alpha * x * n0 / (n + n0)
    return np.stack(cols + [by_n0] * free_n0 + [np.ones_like(s)] * free_e, axis=1)


def residual(theta, log, y, args):
    m = model(theta, *args)
    j = jacobian(theta, *args)
    return (np.log(m) - np.log(y), j / m[:, None]) if log else (m - y, j)


def parts(theta, log, y, w, delta, args):
    r, j = residual(theta, log, y, args)
    size = np.abs(r)
    rho = np.where(size <= delta, 0.5 * r * r, delta * (size - 0.5 * delta))
    psi = np.where(size <= delta, r, delta * np.sign(r))
    f = np.sign(r) * np.sqrt(2.0 * w * rho)
    # d f / d r = w psi / f, 1 where the residual is quadratic.
    slope = np.where(size <= delta, np.sqrt(w), w * psi / np.where(f == 0.0, 1.0, f))
    return np.sum(w * rho), j.T @ (w * psi), f, slope[:, None] * j


def best_of(rng, kind, n, s, y, w, log, delta, free_n0, free_e):
    args = (kind, n, s, free_n0, free_e)
    lower = [-80.0, -80.0, 0.0, 0.0] + [-20.0] * free_n0 + [0.0] * free_e
    upper = [60.0, 60.0, 10.0, 10.0] + [7.0] * free_n0 + [1e3] * free_e
    found = []
    for _ in range(STARTS):
        start = [np.log(y.mean() * rng.uniform(0.02, 1.0)), np.log(y.mean() * rng.uniform(0.02, 1.0))]
        start += [np.exp(rng.uniform(np.log(0.02), np.log(5.0))), np.exp(rng.uniform(np.log(0.02), np.log(2.0)))]
        start += [rng.uniform(-8.0, 1.0)] * free_n0 + [y.min() * rng.uniform(0.01, 0.9)] * free_e
        fun = lambda t: parts(t, log, y, w, delta, args)
        try:
            r = least_squares(lambda t: fun(t)[2], start, jac=lambda t: fun(t)[3], bounds=(lower, upper), x_scale="jac", ftol=1e-14, xtol=1e-14,
                              gtol=1e-14, max_nfev=300)
            found.append((fun(r.x)[0], tuple(r.x)))
        except (ValueError, FloatingPointError):
            continue
    found.sort()
    best = found[0]
    for cost, x in found[:3]:
        x = np.array(x)
        for _ in range(2):
            fun = lambda t: parts(t, log, y, w, delta, args)
            q = minimize(lambda t: fun(t)[:2], x, jac=True, method="L-BFGS-B", bounds=list(zip(lower, upper)), options={"ftol": 1e-16, "gtol": 1e-13, "maxiter": 2000, "maxls": 60})
            if q.fun < fun(x)[0]:
                x = q.x
            r = least_squares(lambda t: fun(t)[2], np.clip(x, np.array(lower) + 1e-12, np.array(upper) - 1e-12), jac=lambda t: fun(t)[3], bounds=(lower, upper), x_scale="jac", ftol=1e-15, xtol=1e-15, gtol=1e-15,
                              max_nfev=1000)
            if fun(r.x)[0] < fun(x)[0]:
                x = r.x
        best = min(best, (parts(x, log, y, w, delta, args)[0], tuple(x)))
    return best


def main():
    np.seterr(all="ignore")
    print("grid,law,residual,loss,tuning,n0,e,n,s,error,weight,delta,cost,alpha,beta")
    for grid in range(18):
        rng = np.random.default_rng([SEED, grid])
        kind = "additive" if grid % 3 == 2 else "full"
        free_n0, free_e = kind == "full" and grid % 8 == 6, grid % 4 == 1 or kind == "additive"
        ns = 1000.0 * 2.0 ** np.arange(rng.integers(4, 8))
        ss = 12811.67 * 2.0 ** np.arange(rng.integers(3, 7))
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
        sigma = [0.002, 0.01, 0.05][grid // 2 % 3]
        y = truth * np.exp(sigma * rng.standard_normal(len(n)))
        y *= np.where(rng.uniform(size=len(n)) < 1 / 6, 1.0 + rng.uniform(-0.3, 0.5, size=len(n)), 1.0)
        w = np.ones(len(n)) if grid % 2 == 0 else rng.choice([1.0, 2.0, 0.5, 0.0], size=len(n), p=[0.4, 0.2, 0.2, 0.2])
        kept = w > 0.0
        rel = (n / 8000.0, s / 40000.0)
        few = lambda a: a[kept]
        for log in (True, False):
            for loss, tuning in (("k", 1.345), ("absolute", 1e-3), ("absolute", 0.02)):
                delta = tuning
                data = (few(rel[0]), few(rel[1]), few(y), few(w), log)
                if loss == "k":
                    _, x = best_of(rng, kind, *data, 1e9, free_n0, free_e)
                    r, _ = residual(np.array(x), log, few(y), (kind, *data[:2], free_n0, free_e))
                    delta = tuning * 1.4826 * np.median(np.abs(r - np.median(r)))
                cost, x = best_of(rng, kind, *data, delta, free_n0, free_e)
                row = [";".join(repr(float(v)) for v in c) for c in (n, s, y, w)]
                print(",".join([str(grid), kind, "log" if log else "linear", loss, repr(tuning), "free" if free_n0 else "0", "free" if free_e else "0", *row,
                                *(repr(float(v)) for v in [delta, cost, x[2], x[3]])]), flush=True)


if __name__ == "__main__":
    main()
