"""Reference values of tests/complexity.rs: entropy of seeded activations, rank correlations with ties.

    python3 tests/oracles/complexity.py
"""
import numpy as np
import scipy.stats


def activations(rows, d):
    counter = np.arange(rows * d, dtype=np.uint64)
    z = (counter + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    u = ((z ^ (z >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / 2.0**53
    u = u.reshape(rows, d)
    x = u.copy()
    x[:, 1:] += 0.5 * u[:, :-1]
    return x * (1.0 + np.arange(d) / 64.0) + 3.0


def entropy(x, ddof=1):
    x = x - x.mean(axis=0)
    sign, ln_det = np.linalg.slogdet(x.T @ x / (len(x) - ddof))
    assert sign == 1
    return 0.5 * (x.shape[1] * np.log(2 * np.pi * np.e) + ln_det)


print("entropy 2048 x 10000", repr(float(entropy(activations(10_000, 2048)))))
print("entropy 40 x 300, unbiased, maximum likelihood", [repr(float(entropy(activations(300, 40), k))) for k in (1, 0)])
x = activations(12, 20)
x -= x.mean(axis=0)
values = np.linalg.eigvalsh(x.T @ x / 11)[-11:]
print("pseudo-determinant 20 x 12", repr(float(0.5 * (11 * np.log(2 * np.pi * np.e) + np.log(values).sum()))))
s = x.T @ x / 11
s = 0.9 * s + 0.1 * np.trace(s) / 20 * np.eye(20)
print("shrinkage .1, 20 x 12", repr(float(0.5 * (20 * np.log(2 * np.pi * np.e) + np.linalg.slogdet(s)[1]))))
a = [1, 2, 2, 3, 5, 5, 5, 8, 9]
b = [0.3, 0.1, 0.4, 0.4, 0.2, 0.9, 0.7, 0.9, 0.8]
print("spearman", scipy.stats.spearmanr(a, b))
print("kendall", scipy.stats.kendalltau(a, b, method="asymptotic"))
