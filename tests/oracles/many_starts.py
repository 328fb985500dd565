"""scipy's best of many starts for tests/common/global_runs.rs: tests/data/many_starts.csv.

The data are formulas, written here and in the test. 200 starts each, uniform in the box (uniform in the logarithm where the
box says so), numpy's default_rng(9); trf within the box, x_scale="jac", tolerances 1e-15, 2,000 evaluations. cost is 1/2 sum
r^2, or the sum of the Huber loss (delta 1e-3).
"""
import sys

import numpy as np
import scipy
from scipy.optimize import least_squares


def noise(count, size):
    k = np.arange(count)
    return size * np.sin(12.9898 * k * k + 78.233 * k)


def chinchilla():
    n, d = np.meshgrid(10 ** np.linspace(7, 10, 7), 10 ** np.linspace(8, 11, 7), indexing="ij")
    n, d = n.ravel(), d.ravel()
    loss = (1.69 + 406.4 / n**0.34 + 410.7 / d**0.28) * np.exp(noise(49, 0.01))
    loss[::11] *= 1.05
    # theta = ln A, ln B, ln E, alpha, beta.
    model = lambda t: np.log(np.exp(t[0] - t[3] * np.log(n)) + np.exp(t[1] - t[4] * np.log(d)) + np.exp(t[2]))
    return "chinchilla", lambda t: model(t) - np.log(loss), [(0, 25), (0, 25), (-1, 1), (0, 2), (0, 2)], [], 1e-3


def sigmoid():
    x = np.linspace(0, 20, 30)
    y = 0.2 + 0.7 / (1 + np.exp(-1.3 * (x - 12))) + noise(30, 0.02)
    model = lambda t: t[0] + t[1] / (1 + np.exp(-t[2] * (x - t[3])))
    return "sigmoid", lambda t: model(t) - y, [(-1, 1), (0, 2), (0.01, 100), (0, 20)], [2], None


def wave():
    x = np.linspace(0, 10, 40)
    y = 1.5 * np.cos(4.2 * x) + 0.7 * np.sin(4.2 * x) + noise(40, 0.3)
    model = lambda t: t[0] * np.cos(t[2] * x) + t[1] * np.sin(t[2] * x)
    return "wave", lambda t: model(t) - y, [(-5, 5), (-5, 5), (0.1, 12)], [], None


print(f"# tests/oracles/many_starts.py, numpy {np.__version__}, scipy {scipy.__version__}, Python {sys.version.split()[0]}")
print("problem,cost,theta")
for name, residual, box, log, delta in (chinchilla(), sigmoid(), wave()):
    rng = np.random.default_rng(9)
    best = None
    for _ in range(200):
        x0 = [np.exp(rng.uniform(np.log(a), np.log(b))) if j in log else rng.uniform(a, b) for j, (a, b) in enumerate(box)]
        more = {} if delta is None else {"loss": "huber", "f_scale": delta}
        s = least_squares(residual, x0, bounds=np.array(box, dtype=float).T, x_scale="jac", xtol=1e-15, ftol=1e-15,
                          gtol=1e-15, max_nfev=2000, **more)
        if best is None or s.cost < best.cost:
            best = s
    print(f"{name},{best.cost:.12e},{' '.join(f'{v:.8e}' for v in best.x)}", flush=True)
