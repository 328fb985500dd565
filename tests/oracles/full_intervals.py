"""Ends of profile intervals of the laws over n and s by constrained optimisation; independent of the crate.

Python 3, numpy and scipy: python3 tests/oracles/full_intervals.py > tests/data/full_intervals.csv
Reads tests/data/full_law_random.csv (grids, optima). An end is the extreme of the quantity subject to cost <= cost_min
(1 + t^2 / dof), t the 97.5 % point of Student's t: scipy SLSQP from the optimum and from places about it, the furthest
kept. n* is the n at which L(n, s_max) meets the target, by its logarithm. Values that ran off are empty.
"""
import csv
import numpy as np
from scipy.optimize import minimize
from scipy.stats import t as student

SEED, STARTS = 20261201, 4


def model(theta, kind, n, s, free_e):
    a, b, alpha, beta = theta[:4]
    e = theta[4] if free_e else 0.0
    u, v = n ** -alpha, s ** -beta
    return ((np.exp(a) * u + np.exp(b)) * v if kind == "full" else np.exp(a) * u + np.exp(b) * v) + e


def main():
    np.seterr(all="ignore")
    print("grid,law,residual,e,quantity,n,s,target,lower,upper")
    for row in csv.DictReader(open("tests/data/full_law_random.csv")):
        if row["n0"] == "free" or int(row["grid"]) % 4 == 3 and row["law"] == "full" or int(row["grid"]) >= 16:
            continue
        kind, log, free_e = row["law"], row["residual"] == "log", row["e"] == "free"
        n, s, y = (np.array([float(x) for x in row[c].split(";")]) for c in ("n", "s", "error"))
        if float(row["second"]) == 0.0 or float(row["first"]) == 0.0 or (free_e and float(row["e_at"]) == 0.0):
            continue
        n_ref, s_ref = np.exp(np.mean(np.log(n))), np.exp(np.mean(np.log(s)))
        alpha, beta, first, second = (float(row[c]) for c in ("alpha", "beta", "first", "second"))
        if kind == "full":
            x = first * n_ref ** -alpha * s_ref ** -beta
            start = [np.log(x), np.log(first * second * s_ref ** -beta), alpha, beta]
        else:
            start = [np.log(first * n_ref ** -alpha), np.log(second * s_ref ** -beta), alpha, beta]
        start = np.array(start + [float(row["e_at"])] * free_e)
        rn, rs = n / n_ref, s / s_ref

        def cost(theta):
            m = model(theta, kind, rn, rs, free_e)
            r = np.log(m) - np.log(y) if log else m - y
            return 0.5 * np.sum(r * r)

        best = cost(start)
        dof = len(y) - len(start)
        limit = best * (1.0 + student.ppf(0.975, dof) ** 2 / dof)
        big_n, big_s = 4.0 * n.max() / n_ref, s.max() / s_ref
        gap = lambda t: np.exp(t[1]) * big_s ** -t[3] + (t[4] if free_e else 0.0)
        at = lambda t: model(t, kind, big_n, big_s, free_e)
        target = 0.3 * gap(start) + 0.7 * model(start, kind, n.max() / n_ref, big_s, free_e)

        def samples(t):
            top = np.exp(t[0]) * (big_s ** -t[3] if kind == "full" else 1.0)
            room = target - gap(t)
            return (np.log(top) - np.log(room)) / t[2] if room > 0.0 else 1e3

        bounds = [(-60.0, 60.0)] * 2 + [(0.0, 10.0)] * 2 + [(0.0, None)] * free_e
        rng = np.random.default_rng([SEED, int(row["grid"]), log])
        spread = np.sqrt(np.abs(np.diag(np.linalg.pinv(hessian(cost, start)))) * 2.0 * best / dof)
        for name, q in (("alpha", lambda t: t[2]), ("beta", lambda t: t[3]), ("error", at), ("gap", gap), ("samples", samples)):
            ends = []
            for sign in (-1.0, 1.0):
                found = []
                size = max(abs(q(start)), 1e-3)
                for k in range(STARTS):
                    x0 = start + (k > 0) * rng.normal(size=len(start)) * spread * 0.7
                    x0 = np.clip(x0, [b[0] for b in bounds], [np.inf if b[1] is None else b[1] for b in bounds])
                    for _ in range(2):
                        r = minimize(lambda t: -sign * q(t) / size, x0, method="SLSQP", bounds=bounds, constraints=[{"type": "ineq", "fun": lambda t: 1.0 - cost(t) / limit}], options={"ftol": 1e-14, "maxiter": 400})
                        x0 = r.x
                    if cost(r.x) <= limit * (1.0 + 1e-7) and np.all(np.isfinite(r.x)):
                        found.append(q(r.x))
                value = max(found, key=lambda v: sign * v) if found else np.nan
                if name == "samples":
                    value = np.exp(value) * n_ref if value < 60.0 else np.nan
                ends.append("" if not np.isfinite(value) else repr(float(value)))
            print(",".join([row["grid"], kind, row["residual"], row["e"], name, repr(float(4.0 * n.max())), repr(float(s.max())), repr(float(target)), *ends]), flush=True)


def hessian(f, x):
    h = 1e-4 * np.maximum(np.abs(x), 1e-2)
    p = len(x)
    out = np.zeros((p, p))
    for i in range(p):
        for j in range(p):
            d = [np.eye(p)[i] * h[i], np.eye(p)[j] * h[j]]
            out[i, j] = (f(x + d[0] + d[1]) - f(x + d[0] - d[1]) - f(x - d[0] + d[1]) + f(x - d[0] - d[1])) / (4.0 * h[i] * h[j])
    return out


if __name__ == "__main__":
    main()
