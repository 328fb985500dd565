"""The forecast rule by other means than the crate's, for tests/forecast.rs: tests/data/forecast_reference.csv.

python3 tests/oracles/forecast.py > tests/data/forecast_reference.csv
numpy 2.4.6, scipy 1.17.1. Four minutes.

The rule is that of src/forecast.rs. Here the share of the gap is integrated over 48 equal cells of theta (the crate places 8 to
24 nodes where they are needed), the shape is found at each by BFGS with differences (the crate: Levenberg-Marquardt with
derivatives), and curves are fitted point by point (the crate puts more than 64 points into bins). Columns: curve, n, ln of
the median of L(n), standard deviations of ln L(n) and of a new measurement.
"""
import csv
import os
import sys

import numpy as np
from scipy.optimize import minimize

HERE = os.path.dirname(os.path.abspath(__file__))
CELLS = 48
LONG = ("IC|inet_25|ViT/B/16", "LM|val_loss|2.62e+08")
RECENT, DISCREPANCY, MOST_OF_ONE, MOVES, NOISE = 1 / 3, 0.2, 0.4, 0.5, 0.002


def softplus(z):
    return np.logaddexp(0, z)


def shape(x, share, t):
    beta, kappa, v = np.exp(x[0]), np.exp(x[1]), x[2]
    exponent = np.minimum(-kappa * (softplus(beta * (t - v)) - softplus(-beta * v)), 300)
    return np.log(share + (1 - share) * np.exp(exponent))


def jacobian(x, share, t):
    columns = []
    for j in range(3):
        step = np.zeros(3)
        step[j] = 1e-5
        columns.append((shape(x + step, share, t) - shape(x - step, share, t)) / 2e-5)
    return np.array(columns).T


class Posterior:
    def __init__(self, n, error):
        t, y = np.log(n / n[-1]), np.log(error)
        span, count = -t[0], len(n)
        w = np.exp(RECENT * t)
        w *= count / w.sum()
        centre, sd = np.array([0, 0, -span / 2]), np.array([1, 1, span / 4])
        self.n_max, self.nodes = n[-1], []
        bounds = [(-5, np.log(10)), (-5, np.log(10)), (None, None)]

        def parts(x, share):
            r = y - shape(x, share, t)
            level = w @ r / count
            return level, w @ (r - level) ** 2

        def objective(x, share):
            _, square = parts(x, share)
            return count / 2 * np.log(square + NOISE**2) + ((x - centre) ** 2 / sd**2).sum() / 2

        start = centre
        for k in range(CELLS):
            theta = (k + 0.5) * np.pi / 2 / CELLS
            share = np.sin(theta) ** 2
            options = {"ftol": 1e-12, "gtol": 1e-7}
            x = start = minimize(objective, start, (share,), "L-BFGS-B", bounds=bounds, options=options).x
            level, square = parts(x, share)
            j = jacobian(x, share, t)
            mean = w @ j / count
            hessian = ((j - mean).T * w) @ (j - mean) / ((square + NOISE**2) / count) + np.diag(1 / sd**2)
            density = -objective(x, share) - np.linalg.slogdet(hessian)[1] / 2 + np.log(share * (1 - share)) / 2
            self.nodes.append((density, x, share, level, square, mean, np.linalg.inv(hessian)))
        weight = np.exp([node[0] for node in self.nodes] - max(node[0] for node in self.nodes))
        self.weight = weight / weight.sum()
        self.noise = sum(a * (node[4] + NOISE**2) / count for a, node in zip(self.weight, self.nodes))
        self.count = count

    def at(self, n):
        t = np.log(np.array([n]) / self.n_max)
        values, variances = [], []
        for _, x, share, level, _, mean, covariance in self.nodes:
            j = jacobian(x, share, t)[0] - mean
            values.append(shape(x, share, t)[0] + level)
            variances.append(j @ covariance @ j)
        values, variances = np.array(values), np.array(variances)
        mean = self.weight @ values
        variance = self.weight @ ((values - mean) ** 2 + variances) + self.noise / self.count
        order = np.argsort(values)
        middles = np.cumsum(self.weight[order]) - self.weight[order] / 2
        return np.interp(0.5, middles, values[order]), variance

    def full(self, n, share=DISCREPANCY):
        value, variance = self.at(n)
        return value, variance + (share * (value - self.at(self.n_max)[0])) ** 2


def forecast(n, error, at):
    whole = Posterior(n, error)
    total = precision = 0.0
    misses, octaves = DISCREPANCY**2, 1.0
    last = len(n)
    for factor in (2, 4):
        count = int((n <= n[-1] * 1.001 / factor).sum())
        if count == last or count < 6:
            continue
        last = count
        part = Posterior(n[:count], error[:count])
        for before, size, value in zip(n[count - 1 :], n[count:], error[count:]):
            centre, variance = part.full(size)
            octave, miss = min(np.log2(size / before), 1), centre - np.log(value)
            total += octave * miss / (variance + part.noise)
            precision += octave / (variance + part.noise)
            fall = part.at(part.n_max)[0] - centre
            misses += octave * min(miss**2 / (fall**2 + 2 * part.noise), MOST_OF_ONE**2)
            octaves += octave
    shift = total / (precision + 1 / (MOVES * (whole.full(2 * n[-1])[1] + whole.noise)))
    for size in at:
        centre, variance = whole.full(size, np.sqrt(misses / octaves))
        variance += shift**2
        yield centre - shift, np.sqrt(variance), np.sqrt(variance + whole.noise)


def main():
    curves = {}
    for name in ("nsl_learning_curves.csv", "ft_learning_curves.csv"):
        with open(os.path.join(HERE, "../data", name), newline="") as file:
            for row in csv.DictReader(file):
                curves.setdefault(row["curve_id"], []).append((float(row["n"]), float(row["loss"]), row["is_train"] == "1"))
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["curve_id", "n", "ln_error", "sd_curve", "sd_measurement"])
    for k, (name, rows) in enumerate(curves.items()):
        rows = sorted(row for row in rows if row[0] > 0)
        train = [row for row in rows if row[2]]
        # Every third of the short curves, and one of each kind of long ones.
        if (k % 3 if len(train) < 30 else name not in LONG):
            continue
        n, error = np.array([row[0] for row in train]), np.array([row[1] for row in train])
        test = [row[0] for row in rows if not row[2]]
        at = [test[0], test[len(test) // 2], test[-1]]
        for size, values in zip(at, forecast(n, error, at)):
            out.writerow([name, repr(size)] + [f"{v:.8g}" for v in values])


main()
