"""Profile intervals of four laws by scipy: python3 own.py > ../data/own_profile.csv

Chinchilla, M4 (Alabdulmohsin et al., NeurIPS 2022, arXiv 2209.06640), a sigmoid in ln n, and the logarithmic law. For each
quantity the cost is minimised over all other parameters by scipy's trust-region least squares, from several starts, with the
quantity held: a parameter by its value, a value of the law by solving for one parameter. The ends are roots (brentq) of
cost - cost_min (1 + F / dof). M4 is implicit; its value is a root as well.
"""
import numpy as np
from scipy.optimize import brentq, least_squares
from scipy.stats import t as student

rng = np.random.default_rng(20)
CHANCE = 0.9  # L_0 of M4, held
N, LEVEL = [1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 64e3, 128e3, 256e3], 0.95


def m4(t, x):
    einf, alpha, ln_beta, c = t
    e0 = CHANCE
    ln_k = ln_beta + c * np.log(x)
    out = []
    for k in np.atleast_1d(ln_k):
        # ln u - alpha ln(1 - u) = ln k + (alpha - 1) ln(e0 - einf), u the share of e0 - einf that is left; v its logit.
        f = lambda v: -np.logaddexp(0, -v) + alpha * np.logaddexp(0, v) - k - (alpha - 1) * np.log(e0 - einf)
        v = brentq(f, -200, 200, xtol=1e-14, rtol=1e-15)
        out.append(einf + (e0 - einf) / (1 + np.exp(-v)))
    return np.array(out)


def sigmoid(t, x):
    low, high, middle, width = t
    return low + (high - low) / (1 + np.exp(-(np.log(x[:, 0]) - middle) / width))


# name, value(theta, x), residual in logarithms, truth, noise, places of the data, place asked about, and which parameter is
# solved for, how, where its value there is held.
LAWS = {
    "chinchilla": dict(
        value=lambda t, x: t[0] + np.exp(t[1] - t[2] * np.log(x[:, 0])) + np.exp(t[3] - t[4] * np.log(x[:, 1])),
        log=True, truth=[1.7, np.log(400.0), 0.34, np.log(410.0), 0.28], noise=0.002, exponential=[1, 3],
        x=[[n, d] for n in (1e8, 3e8, 1e9, 3e9, 1e10) for d in (2e9, 8e9, 3e10, 1e11, 4e11)], at=[7e10, 1.4e12],
        solve=(0, lambda t, x, v: v - np.exp(t[1] - t[2] * np.log(x[0, 0])) - np.exp(t[3] - t[4] * np.log(x[0, 1])))),
    "m4": dict(
        value=lambda t, x: m4(t, x[:, 0]), log=True, truth=[0.2, 1.5, np.log(30.0), -0.45], noise=0.002, exponential=[2], first=1,
        x=[[n] for n in N], at=[1e6],
        solve=(2, lambda t, x, v: np.log(v - t[0]) - t[1] * np.log(CHANCE - v) - t[3] * np.log(x[0, 0]))),
    "sigmoid": dict(
        value=sigmoid, log=False, truth=[0.2, 0.85, np.log(16e3), 1.1], noise=0.006, exponential=[],
        x=[[n] for n in N], at=[1e6],
        solve=(1, lambda t, x, v: t[0] + (v - t[0]) * (1 + np.exp(-(np.log(x[0, 0]) - t[2]) / t[3])))),
    "logarithm": dict(
        value=lambda t, x: t[0] - t[1] * np.log(x[:, 0]), log=False, truth=[0.9, 0.045], noise=0.004, exponential=[],
        x=[[n] for n in N], at=[1e6], solve=(0, lambda t, x, v: v + t[1] * np.log(x[0, 0]))),
}


def main():
    for name, law in LAWS.items():
        x, truth = np.array(law["x"]), np.array(law["truth"])
        clean = law["value"](truth, x)
        noise = law["noise"] * rng.standard_normal(len(x))
        y = np.round(clean * np.exp(noise) if law["log"] else clean + noise, 5)
        for row, value in zip(x, y):
            print(f"{name},row,{','.join(f'{v:g}' for v in row)},{value}")

        def residual(t):
            model = law["value"](t, x)
            return np.log(model / y) if law["log"] else model - y

        def lowest(fill, starts):
            best = None
            for start in starts:
                def safe(p):
                    try:
                        r = residual(fill(p))
                    except ValueError:
                        return np.full(len(y), 1e3)
                    return np.where(np.isfinite(r), r, 1e3)
                fit = least_squares(safe, start, method="trf", x_scale="jac", xtol=1e-12, ftol=1e-13, gtol=1e-13, max_nfev=300)
                if best is None or fit.cost < best.cost:
                    best = fit
            return best

        np.seterr(all="ignore")
        spread = [truth * (1 + 0.05 * rng.standard_normal(len(truth))) for _ in range(4)]
        optimum = lowest(lambda p: p, [truth, *spread])
        dof = len(y) - len(truth)
        limit = optimum.cost * (1 + student.ppf(0.5 + LEVEL / 2, dof) ** 2 / dof)
        covariance = np.linalg.inv(optimum.jac.T @ optimum.jac) * 2 * optimum.cost / dof

        def ends(profile, centre, step):
            """`profile(v, start) -> fit`; walks out from the centre, the last end being the next start."""
            out = []
            for sign in (-1, 1):
                low, start, stride = centre, None, step
                while True:
                    high, stride = low + sign * stride, 1.5 * stride
                    fit = profile(high, start)
                    if fit.cost > limit or abs(high - centre) > 1e3 * step:
                        break
                    low, start = high, fit.x
                if fit.cost <= limit:
                    out.append("none")
                    continue
                out.append(repr(float(brentq(lambda v: profile(v, start).cost - limit, low, high, xtol=1e-13, rtol=1e-13))))
            return out

        for j in range(len(truth)):
            rest = [k for k in range(len(truth)) if k != j]

            def held(v, start):
                fill = lambda p: np.insert(p, j, v)
                own = optimum.x[rest]
                return lowest(fill, [own] if start is None else [own, start])

            found = ends(held, optimum.x[j], 0.4 * np.sqrt(covariance[j, j]))
            centre = optimum.x[j]
            if j in law["exponential"]:
                centre, found = np.exp(centre), [e if e == "none" else repr(float(np.exp(float(e)))) for e in found]
            print(f"{name},parameter,{j + law.get('first', 0)},{float(centre)!r},{found[0]},{found[1]}")
        at = np.array([law["at"]])
        j, solve = law["solve"]
        rest = [k for k in range(len(truth)) if k != j]

        def pinned(v, start):
            def fill(p):
                t = np.insert(p, j, 0.0)
                t[j] = solve(t, at, v)
                return t
            own = optimum.x[rest]
            return lowest(fill, [own] if start is None else [own, start])

        centre = law["value"](optimum.x, at)[0]
        found = ends(pinned, centre, 0.1 * np.sqrt(2 * optimum.cost / dof) * (centre if law["log"] else 1))
        print(f"{name},value,{float(centre)!r},{found[0]},{found[1]}")


main()
