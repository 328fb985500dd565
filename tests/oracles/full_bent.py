"""Optima of the law over n and s with a bend on seeded noisy grids, from many random starts; independent of the crate.

Python 3, numpy and scipy: python3 tests/oracles/full_bent.py > tests/data/full_bent.csv
L = (c + f (1 + (n / n_h)^b)^(-alpha / b)) s^-beta + E with sizes relative to their middles; ln f, c, ln n_h, ln b, alpha, beta
and E where it is free are the unknowns (b = alpha: rectified; b = 1: shifted). Every start is a bounded trust-region solve
(scipy least_squares, trf) with the Jacobian by the formula; in the Huber loss with scipy's. The domain is that of the crate:
alpha and beta in [0, 10], b in [0.05, 10].
"""
import numpy as np
from scipy.optimize import least_squares

SEED, STARTS = 20261201, 32


def parts(theta, bend, n, s, free_e):
    lf, c, lh = theta[:3]
    rest = list(theta[3:])
    lb = rest.pop(0) if bend == "bent" else 0.0
    alpha, beta = rest.pop(0), rest.pop(0)
    e = rest.pop(0) if free_e else 0.0
    b = {"bent": np.exp(lb), "rectified": alpha, "shifted": 1.0}[bend]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(n > 0, np.log(np.where(n > 0, n, 1.0)) - lh, -1e4)
    z = b * t
    soft = np.logaddexp(0.0, z)
    share = np.exp(-np.logaddexp(0.0, -z))
    fall = np.exp(lf - alpha * soft / b)
    return b, t, soft, share, fall, s ** -beta, alpha, c, e


def residuals(theta, bend, n, s, y, w, log, free_e):
    *_, fall, v, _, c, e = parts(theta, bend, n, s, free_e)
    m = (c + fall) * v + e
    return np.sqrt(w) * (np.log(m / y) if log else m - y)


def jacobian(theta, bend, n, s, y, w, log, free_e):
    b, t, soft, share, fall, v, alpha, c, e = parts(theta, bend, n, s, free_e)
    m = (c + fall) * v + e
    by_alpha = -fall * soft / b
    by_b = -alpha * fall * (t * share - soft / b) / b
    columns = [fall * v, v, alpha * share * fall * v]
    if bend == "bent":
        columns += [b * by_b * v, by_alpha * v]
    elif bend == "rectified":
        columns += [(by_alpha + by_b) * v]
    else:
        columns += [by_alpha * v]
    columns += [-(c + fall) * v * np.log(s)] + [np.ones_like(s)] * free_e
    scale = np.sqrt(w) / m if log else np.sqrt(w)
    return np.stack(columns, axis=1) * scale[:, None]


def best_of(rng, bend, n, s, y, w, log, free_e, delta):
    n_ref, s_ref = np.exp(np.mean(np.log(n[n > 0]))), np.exp(np.mean(np.log(s)))
    n, s = n / n_ref, s / s_ref
    rate = 0.05 if bend == "rectified" else 0.0
    sharp = [(np.log(0.05), np.log(10.0))] if bend == "bent" else []
    ends = [(-60.0, 90.0), (0.0, 1e3), (-200.0, 200.0), *sharp, (rate, 10.0), (0.0, 10.0)] + [(0.0, 1e3)] * free_e
    lower, upper = (np.array(x) for x in zip(*ends))
    span = np.log(n.max())
    loss = {} if delta is None else {"loss": "huber", "f_scale": delta}
    best = None
    for k in range(STARTS):
        start = [np.log(y.mean() * rng.uniform(0.05, 1.0)), 0.0 if k % 4 == 3 else y.min() * rng.uniform(0.0, 1.0)]
        start += [rng.uniform(-2.0 * span, 2.0 * span)]
        start += [np.log(rng.choice([0.3, 1.0, 3.0])) + rng.uniform(-0.5, 0.5)] if sharp else []
        start += [np.exp(rng.uniform(np.log(0.05), np.log(5.0))), np.exp(rng.uniform(np.log(0.02), np.log(2.0)))]
        start += [y.min() * rng.uniform(0.01, 0.9)] * free_e
        start = np.clip(start, lower + 1e-9, upper - 1e-9)
        try:
            r = least_squares(residuals, start, jac=jacobian, bounds=(lower, upper), x_scale="jac", ftol=1e-15, xtol=1e-15,
                              gtol=1e-15, max_nfev=300, args=(bend, n, s, y, w, log, free_e), **loss)
        except ValueError:
            continue
        if np.isfinite(r.cost) and (best is None or r.cost < best.cost):
            best = r
    _, _, _, _, _, _, alpha, _, e = parts(best.x, bend, n, s, free_e)
    beta = best.x[-1 - free_e]
    n_h = np.exp(best.x[2]) * n_ref
    b = parts(best.x, bend, n, s, free_e)[0]
    dof = len(y) - len(best.x)
    with np.errstate(all="ignore"):
        cov = np.linalg.pinv(best.jac.T @ best.jac) * 2.0 * best.cost / dof
    se_beta = np.sqrt(cov[-1 - free_e, -1 - free_e])
    return best.cost, [alpha, beta, n_h, b, e], se_beta


def main():
    print("grid,bend,residual,e,delta,n,s,error,weight,cost,alpha,beta,n_h,sharpness,e_at,se_beta")
    for grid in range(30):
        rng = np.random.default_rng([SEED, grid])
        bend = ["bent", "rectified", "shifted"][grid % 3]
        free_e, with_zero, weighted, robust = grid % 5 == 4, grid % 2 == 0, grid % 7 == 5 and grid % 10 != 9, grid % 10 == 9
        ns = 1000.0 * 2.0 ** np.arange(rng.integers(5, 9))
        ss = 12811.67 * 2.0 ** np.arange(rng.integers(2 + free_e, 5))
        if with_zero:
            ns = np.concatenate([[0.0], ns])
        n, s = (g.ravel() for g in np.meshgrid(ns, ss))
        alpha, beta = rng.uniform(0.2, 1.5), rng.uniform(0.05, 0.6)
        b = {"bent": np.exp(rng.uniform(np.log(0.4), np.log(6.0))), "rectified": alpha, "shifted": 1.0}[bend]
        # Before, within and beyond the sizes.
        n_h = np.exp(rng.uniform(np.log(50.0), np.log(4.0 * ns.max())))
        gap = rng.uniform(0.0, 0.6) if grid % 6 else 0.0
        truth = (gap + (1.0 - gap) * (1.0 + (n / n_h) ** b) ** (-alpha / b)) * (s / s.min()) ** -beta
        truth = 0.7 * truth + (0.1 if free_e else 0.0)
        sigma = [0.001, 0.01, 0.03, 0.1][grid % 4]
        y = truth * np.exp(sigma * rng.standard_normal(len(n)))
        w = rng.choice([0.5, 1.0, 2.0], len(n)) if weighted else np.ones(len(n))
        delta = None
        for log in (True, False):
            if robust:
                delta = float(0.7 * sigma * (1.0 if log else np.median(y)))
            cost, p, se_beta = best_of(rng, bend, n, s, y, w, log, int(free_e), delta)
            row = [";".join(repr(float(v)) for v in c) for c in (n, s, y, w)]
            print(",".join([str(grid), bend, "log" if log else "linear", "free" if free_e else "0",
                            repr(delta) if robust else "", *row,
                            *(repr(float(v)) for v in [cost, *p, se_beta])]), flush=True)


if __name__ == "__main__":
    main()
