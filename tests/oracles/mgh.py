"""MINPACK (scipy.optimize.leastsq) on the least-squares problems of More, Garbow and Hillstrom with up to 9 parameters.

Writes tests/data/mgh_minpack.csv: sum of squares at the end, evaluations and status from 1, 10 and 100 times the standard
start, with derivatives from complex steps (lmder) and from MINPACK's own forward differences (lmdif).
ftol = xtol = gtol = 1e-15 (what a user asks for who wants all digits; MINPACK ends with info 6 to 8 at rounding level),
at most 20,000 evaluations. The residuals are written here anew, in numpy, so that they check those of the Rust table.
"""
import sys
import warnings

import numpy as np
import scipy
from scipy.optimize import leastsq

warnings.filterwarnings("ignore")
E4 = 1e-4


def rosenbrock(x):
    return [10 * (x[1] - x[0] ** 2), 1 - x[0]]


def freudenstein_roth(x):
    return [-13 + x[0] + ((5 - x[1]) * x[1] - 2) * x[1], -29 + x[0] + ((x[1] + 1) * x[1] - 14) * x[1]]


def powell_badly_scaled(x):
    return [1e4 * x[0] * x[1] - 1, np.exp(-x[0]) + np.exp(-x[1]) - 1.0001]


def brown_badly_scaled(x):
    return [x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2]


def beale(x):
    return [y - x[0] * (1 - x[1] ** i) for i, y in zip((1, 2, 3), (1.5, 2.25, 2.625))]


def jennrich_sampson(x):
    i = np.arange(1, 11)
    return 2 + 2 * i - (np.exp(i * x[0]) + np.exp(i * x[1]))


def helical_valley(x):
    turn = np.arctan(x[1] / x[0]) / (2 * np.pi)
    theta = turn if x[0].real > 0 else turn + 0.5
    return [10 * (x[2] - 10 * theta), 10 * (np.sqrt(x[0] ** 2 + x[1] ** 2) - 1), x[2]]


def bard(x):
    y = np.array([0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39])
    u = np.arange(1, 16)
    v = 16 - u
    w = np.minimum(u, v)
    return y - (x[0] + u / (v * x[1] + w * x[2]))


def gaussian(x):
    y = [0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521]
    y = np.array(y + [0.3989] + y[::-1])
    t = (8 - np.arange(1, 16)) / 2
    return x[0] * np.exp(-x[1] * (t - x[2]) ** 2 / 2) - y


def meyer(x):
    y = np.array([34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872.0])
    t = 45 + 5 * np.arange(1, 17)
    return x[0] * np.exp(x[1] / (t + x[2])) - y


def gulf(x):
    t = np.arange(1, 11) / 100
    y = 25 + (-50 * np.log(t)) ** (2 / 3)
    z = y - x[1]
    z = np.where(z.real < 0, -z, z)
    return np.exp(-(z ** x[2]) / x[0]) - t


def box3(x):
    t = 0.1 * np.arange(1, 11)
    return np.exp(-t * x[0]) - np.exp(-t * x[1]) - x[2] * (np.exp(-t) - np.exp(-10 * t))


def powell_singular(x):
    out = []
    for k in range(0, len(x), 4):
        out += [x[k] + 10 * x[k + 1], np.sqrt(5) * (x[k + 2] - x[k + 3])]
        out += [(x[k + 1] - 2 * x[k + 2]) ** 2, np.sqrt(10) * (x[k] - x[k + 3]) ** 2]
    return out


def wood(x):
    return [
        10 * (x[1] - x[0] ** 2),
        1 - x[0],
        np.sqrt(90) * (x[3] - x[2] ** 2),
        1 - x[2],
        np.sqrt(10) * (x[1] + x[3] - 2),
        (x[1] - x[3]) / np.sqrt(10),
    ]


def kowalik_osborne(x):
    y = np.array([0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246])
    u = np.array([4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625])
    return y - x[0] * (u**2 + u * x[1]) / (u**2 + u * x[2] + x[3])


def brown_dennis(x):
    t = np.arange(1, 21) / 5
    return (x[0] + t * x[1] - np.exp(t)) ** 2 + (x[2] + x[3] * np.sin(t) - np.cos(t)) ** 2


def osborne1(x):
    y = np.array(
        [844, 908, 932, 936, 925, 908, 881, 850, 818, 784, 751, 718, 685, 658, 628, 603, 580, 558, 538, 522, 506, 490]
        + [478, 467, 457, 448, 438, 431, 424, 420, 414, 411, 406]
    ) / 1000
    t = 10.0 * np.arange(33)
    return y - (x[0] + x[1] * np.exp(-t * x[3]) + x[2] * np.exp(-t * x[4]))


def biggs(x):
    t = 0.1 * np.arange(1, 14)
    y = np.exp(-t) - 5 * np.exp(-10 * t) + 3 * np.exp(-4 * t)
    return x[2] * np.exp(-t * x[0]) - x[3] * np.exp(-t * x[1]) + x[5] * np.exp(-t * x[4]) - y


def watson(x):
    t = np.arange(1, 30) / 29
    j = np.arange(len(x))
    value = (x * t[:, None] ** j).sum(1)
    slope = (j[1:] * x[1:] * t[:, None] ** (j[1:] - 1)).sum(1)
    return np.concatenate([slope - value**2 - 1, [x[0], x[1] - x[0] ** 2 - 1]])


def extended_rosenbrock(x):
    out = []
    for k in range(0, len(x), 2):
        out += rosenbrock(x[k : k + 2])
    return out


def penalty1(x):
    return np.concatenate([np.sqrt(1e-5) * (x - 1), [(x**2).sum() - 0.25]])


def penalty2(x):
    a, n = np.sqrt(1e-5), len(x)
    out = [x[0] - 0.2]
    for i in range(2, n + 1):
        y = np.exp(i / 10) + np.exp((i - 1) / 10)
        out.append(a * (np.exp(x[i - 1] / 10) + np.exp(x[i - 2] / 10) - y))
    for i in range(n + 1, 2 * n):
        out.append(a * (np.exp(x[i - n] / 10) - np.exp(-1 / 10)))
    out.append((np.arange(n, 0, -1) * x**2).sum() - 1)
    return out


def variably_dimensioned(x):
    s = (np.arange(1, len(x) + 1) * (x - 1)).sum()
    return np.concatenate([x - 1, [s, s**2]])


def trigonometric(x):
    n = len(x)
    return n - np.cos(x).sum() + np.arange(1, n + 1) * (1 - np.cos(x)) - np.sin(x)


def brown_almost_linear(x):
    return np.concatenate([x[:-1] + x.sum() - (len(x) + 1), [np.prod(x) - 1]])


def discrete_boundary(x):
    n = len(x)
    h = 1 / (n + 1)
    t = h * np.arange(1, n + 1)
    wide = np.concatenate([[0], x, [0]])
    return 2 * x - wide[:-2] - wide[2:] + h**2 * (x + t + 1) ** 3 / 2


def discrete_integral(x):
    n = len(x)
    h = 1 / (n + 1)
    t = h * np.arange(1, n + 1)
    cubes = (x + t + 1) ** 3
    out = []
    for i in range(n):
        low = (1 - t[i]) * (t[: i + 1] * cubes[: i + 1]).sum()
        high = t[i] * ((1 - t[i + 1 :]) * cubes[i + 1 :]).sum()
        out.append(x[i] + h * (low + high) / 2)
    return out


def broyden_tridiagonal(x):
    wide = np.concatenate([[0], x, [0]])
    return (3 - 2 * x) * x - wide[:-2] - 2 * wide[2:] + 1


def broyden_banded(x):
    n = len(x)
    out = []
    for i in range(n):
        others = [j for j in range(max(0, i - 5), min(n, i + 2)) if j != i]
        out.append(x[i] * (2 + 5 * x[i] ** 2) + 1 - sum(x[j] * (1 + x[j]) for j in others))
    return out


def linear_full(x):
    m, n = 10, len(x)
    out = x - 2 / m * x.sum() - 1
    return np.concatenate([out, [-2 / m * x.sum() - 1] * (m - n)])


def linear_rank1(x):
    return np.arange(1, 11) * (np.arange(1, len(x) + 1) * x).sum() - 1


def linear_rank1_zero(x):
    s = (np.arange(2, len(x)) * x[1:-1]).sum()
    return np.concatenate([[-1], np.arange(1, 9) * s - 1, [-1]])


def chebyquad(x):
    n = len(x)
    u = 2 * x - 1
    before, now = np.ones_like(u), u
    out = []
    for i in range(1, n + 1):
        integral = -1 / (i * i - 1) if i % 2 == 0 else 0
        out.append(now.sum() / n - integral)
        before, now = now, 2 * u * now - before
    return out


T9 = np.arange(1, 9) / 9
PROBLEMS = [
    ("Rosenbrock", rosenbrock, [-1.2, 1]),
    ("FreudensteinRoth", freudenstein_roth, [0.5, -2]),
    ("PowellBadlyScaled", powell_badly_scaled, [0, 1]),
    ("BrownBadlyScaled", brown_badly_scaled, [1, 1]),
    ("Beale", beale, [1, 1]),
    ("JennrichSampson", jennrich_sampson, [0.3, 0.4]),
    ("HelicalValley", helical_valley, [-1, 0, 0]),
    ("Bard", bard, [1, 1, 1]),
    ("Gaussian", gaussian, [0.4, 1, 0]),
    ("Meyer", meyer, [0.02, 4000, 250]),
    ("Gulf", gulf, [5, 2.5, 0.15]),
    ("Box3", box3, [0, 10, 20]),
    ("PowellSingular", powell_singular, [3, -1, 0, 1]),
    ("Wood", wood, [-3, -1, -3, -1]),
    ("KowalikOsborne", kowalik_osborne, [0.25, 0.39, 0.415, 0.39]),
    ("BrownDennis", brown_dennis, [25, 5, -5, -1]),
    ("Osborne1", osborne1, [0.5, 1.5, -1, 0.01, 0.02]),
    ("BiggsExp6", biggs, [1, 2, 1, 1, 1, 1]),
    ("Watson6", watson, [0] * 6),
    ("Watson9", watson, [0] * 9),
    ("ExtendedRosenbrock", extended_rosenbrock, [-1.2, 1] * 4),
    ("ExtendedPowell", powell_singular, [3, -1, 0, 1] * 2),
    ("Penalty1", penalty1, [1, 2, 3, 4]),
    ("Penalty2", penalty2, [0.5] * 4),
    ("VariablyDimensioned", variably_dimensioned, 1 - np.arange(1, 9) / 8),
    ("Trigonometric", trigonometric, [1 / 8] * 8),
    ("BrownAlmostLinear", brown_almost_linear, [0.5] * 8),
    ("DiscreteBoundary", discrete_boundary, T9 * (T9 - 1)),
    ("DiscreteIntegral", discrete_integral, T9 * (T9 - 1)),
    ("BroydenTridiagonal", broyden_tridiagonal, [-1] * 8),
    ("BroydenBanded", broyden_banded, [-1] * 8),
    ("LinearFullRank", linear_full, [1] * 5),
    ("LinearRank1", linear_rank1, [1] * 5),
    ("LinearRank1ZeroColumns", linear_rank1_zero, [1] * 5),
    ("Chebyquad8", chebyquad, np.arange(1, 9) / 9),
    ("Chebyquad9", chebyquad, np.arange(1, 10) / 10),
]


def main():
    print(f"# tests/oracles/mgh.py, numpy {np.__version__}, scipy {scipy.__version__}, Python {sys.version.split()[0]}")
    print("problem,factor,derivatives,at_start,sum_of_squares,evaluations,jacobians,info")
    for name, f, start in PROBLEMS:
        start = np.array(start, dtype=float)
        residual = lambda x: np.array(f(np.asarray(x)), dtype=float)

        def jacobian(x):
            columns = []
            for j in range(len(x)):
                z = np.array(x, dtype=complex)
                z[j] += 1e-30j
                columns.append(np.imag(np.array(f(z), dtype=complex)) / 1e-30)
            return np.array(columns).T

        for factor in (1, 10, 100):
            # A start of zeros: see the Rust table.
            x0 = start * factor if start.any() else np.full(len(start), factor - 1.0)
            first = (residual(x0) ** 2).sum()
            for how in ("exact", "forward"):
                try:
                    x, _, info, _, code = leastsq(
                        residual, x0, Dfun=jacobian if how == "exact" else None, full_output=True,
                        ftol=1e-15, xtol=1e-15, gtol=1e-15, maxfev=20000,
                    )
                    end, nfev, njev = (residual(x) ** 2).sum(), info["nfev"], info.get("njev", 0)
                except Exception as error:
                    end, nfev, njev, code = float("nan"), 0, 0, type(error).__name__
                print(f"{name},{factor},{how},{first:.10e},{end:.6e},{nfev},{njev},{code}", flush=True)


main()
