"""Profile intervals of law (1) by brute force: at each value v of a quantity the lowest cost over all laws with that value,
by a dense grid over alpha with golden sections in the one parameter that is left, zoomed in on three times; the ends of the
interval are where it crosses the limit cost_min (1 + F / dof), by scanning outwards and bisection.

Run from the root: python3 tests/oracles/intervals.py > tests/data/interval_reference.csv
"""
import csv
import sys

import numpy as np
from scipy.optimize import brentq
from scipy.stats import f as fisher

GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
ALPHA_MAX = 10.0


def golden(cost, lower, upper, steps=60):
    """Lowest cost over s in [lower, upper], elementwise; the cost is quasi-convex in s."""
    a, b = lower.copy(), upper.copy()
    c, d = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
    fc, fd = cost(c), cost(d)
    for _ in range(steps):
        left = fc < fd
        a, b = np.where(left, a, c), np.where(left, d, b)
        c_new, d_new = b - GOLDEN * (b - a), a + GOLDEN * (b - a)
        e = np.where(left, c_new, d_new)
        fe = cost(e)
        c, d, fc, fd = np.where(left, e, d), np.where(left, c, e), np.where(left, fe, fd), np.where(left, fc, fe)
    return np.minimum(np.minimum(fc, fd), np.minimum(cost(lower), cost(upper)))


class Problem:
    def __init__(self, n, y, log):
        self.t, self.y, self.log = np.log(np.array(n) / min(n)), np.array(y), log
        self.top = 2.0 * max(y)

    def cost_of(self, x, alpha, z):
        m = x[:, None] * np.exp(-alpha[:, None] * self.t) + z[:, None]
        r = np.log(np.maximum(m, 1e-300) / self.y) if self.log else m - self.y
        return 0.5 * np.sum(r * r, axis=1)

    def at_alpha(self, alpha):
        """Both x and z free: nested golden sections."""
        def outer(z):
            return golden(lambda x: self.cost_of(x, alpha, z), np.zeros_like(alpha), np.full_like(alpha, self.top))
        return golden(outer, np.zeros_like(alpha), np.full_like(alpha, self.top))

    def line(self, quantity, arg, v, alpha):
        """The laws at these rates with quantity = v: x and z over s in [0, s_max]."""
        one = np.ones_like(alpha)
        if quantity == "c":
            return self.top * one, lambda s: (s, v * one)
        if quantity == "d":
            x = np.exp(np.log(v) - alpha * self.ln_n_min)
            return self.top * one, lambda s: (x, s)
        if quantity == "error":
            u = np.exp(-alpha * arg)
            return np.minimum(v / u, self.top), lambda s: (s, np.maximum(v - s * u, 0.0))
        if quantity == "samples":  # z from 0 to the target, x = (target - z) (n / n_min)^alpha
            grow = np.exp(np.minimum(alpha * (np.log(v) - self.ln_n_min), 600.0))
            return arg * one, lambda s: ((arg - s) * grow, s)

    def profile(self, quantity, arg, v):
        if quantity == "alpha":
            return float(self.at_alpha(np.array([v]))[0])
        grid = np.concatenate([[0.0], np.geomspace(1e-4, ALPHA_MAX, 150)])
        for zoom in range(5):
            most, law = self.line(quantity, arg, v, grid)
            def cost(s):
                x, z = law(s)
                return self.cost_of(x, grid, z)
            values = golden(cost, np.zeros_like(grid), most)
            k = int(np.argmin(values))
            grid = np.linspace(grid[max(k - 1, 0)], grid[min(k + 1, len(grid) - 1)], 25)
        return float(values[k])


def limits(p, quantity, arg, estimate, limit, floor, ceiling):
    def above(v):
        return p.profile(quantity, arg, v) - limit
    out = []
    for sign in (-1, 1):
        # outwards by growing factors; the interval is the hull, so go on to the end and keep the last crossing
        last_inside, first_after = estimate, None
        grow = {"alpha": 1.1, "d": 1.3, "samples": 1.6}.get(quantity)
        scale = abs(estimate) * 0.002 if quantity in ("c", "error") else None
        k = 0
        while True:
            k += 1
            v = estimate + sign * scale * (1.25 ** k - 1.0) if scale else estimate * (grow ** (sign * k))
            end = v <= floor if sign < 0 else v >= ceiling
            v = min(max(v, floor), ceiling)
            if above(v) <= 0.0:
                last_inside, first_after = v, None
            elif first_after is None:
                first_after = v
            if end or (first_after is not None and k > 40):
                break
        if first_after is None:
            out.append("open")
        else:
            out.append(repr(brentq(above, last_inside, first_after, xtol=1e-13 * abs(estimate), rtol=1e-12)))
    return out


def main():
    curves = {}
    with open("tests/data/finetune_final.csv") as file:
        for row in csv.DictReader(file):
            if float(row["n"]) > 0:
                key = "_".join(row[c] for c in ("pdata", "pscale", "model", "ptask", "ftask", "fdata")) + "_s" + row["fratio"]
                curves.setdefault(key, []).append((float(row["n"]), float(row["err_last"])))
    with open("tests/data/law1_reference.csv") as file:
        reference = [r for r in csv.DictReader(file) if r["class"] == "interior"]
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["curve_id", "residual", "quantity", "argument", "lower", "upper"])
    for row in reference[::9]:
        points = sorted(curves[row["curve_id"]])
        n, y = [a for a, _ in points], [b for _, b in points]
        p = Problem(n, y, row["residual"] == "log")
        p.ln_n_min = np.log(min(n))
        d, alpha, c = float(row["d"]), float(row["alpha"]), float(row["c"])
        dof = len(n) - 3
        cost = float(p.cost_of(np.array([d * min(n) ** -alpha]), np.array([alpha]), np.array([c]))[0])
        limit = cost * (1.0 + fisher.ppf(0.95, 1, dof) / dof)
        far = 10.0 * max(n)
        target = d * (3.0 * max(n)) ** -alpha + c
        asked = [
            ("c", 0.0, c, 0.0, 2.0), ("alpha", 0.0, alpha, 1e-4, ALPHA_MAX), ("d", 0.0, d, 1e-9, 1e30),
            ("error", far, d * far**-alpha + c, 0.0, 2.0), ("samples", target, 3.0 * max(n), 1.0, 1e12),
        ]
        for quantity, arg, estimate, floor, ceiling in asked:
            inner = np.log(arg / min(n)) if quantity == "error" else arg
            lower, upper = limits(p, quantity, inner, estimate, limit, floor, ceiling)
            writer.writerow([row["curve_id"], row["residual"], quantity, repr(arg), lower, upper])
            sys.stdout.flush()


main()
