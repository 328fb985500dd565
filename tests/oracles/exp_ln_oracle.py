"""Writes tests/data/exp_ln_oracle.csv: exp, exp_m1 and ln to 106 bits, the check of tests/common/dd.rs.

    python3 tests/oracles/exp_ln_oracle.py > tests/data/exp_ln_oracle.csv        (Python 3.11, mpmath 1.3.0)

Columns: function, bits of x, k, bits of hi, bits of lo; the value is 2^k (hi + lo).
"""
import random
import struct
import sys

from mpmath import exp, expm1, frexp, ldexp, log, mp, mpf

mp.prec = 400
random.seed(20240607)


def bits(x):
    return "%016x" % struct.unpack("<Q", struct.pack("<d", x))[0]


def from_bits(b):
    return struct.unpack("<d", struct.pack("<Q", b))[0]


def row(name, f, x):
    value = f(mpf(x))
    k = int(frexp(value)[1])
    m = ldexp(value, -k)
    hi = float(m)
    print(name, bits(x), k, bits(hi), bits(float(m - mpf(hi))), sep=",")


sys.stdout.reconfigure(newline="\n")
print("function,x,k,hi,lo")
signs = lambda x: x if random.random() < 0.5 else -x
exps = [-745.1332191019411, -745.0, -708.3964185322641, 709.782712893384, 1.0, -1.0, 2.0**-60]
exps += [random.uniform(-745, 709.7) for _ in range(300)] + [random.uniform(-1, 1) for _ in range(150)]
exps += [signs(2.0 ** random.uniform(-60, 0)) for _ in range(100)]
for x in exps:
    row("exp", exp, x)
small = [signs(2.0 ** random.uniform(-300, 0)) for _ in range(200)]
for x in small + [random.uniform(-40, 40) for _ in range(200)] + [random.uniform(40, 690) for _ in range(50)]:
    row("exp_m1", expm1, x)
lns = [5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1 + 2.0**-52, 1 - 2.0**-53, 0.5, 2.0]
lns += [from_bits(random.randrange(1, 0x7FEFFFFFFFFFFFFF)) for _ in range(250)]
lns += [random.uniform(0.5, 2) for _ in range(200)] + [1 + signs(2.0 ** random.uniform(-52, -2)) for _ in range(150)]
for x in lns:
    if x != 1.0:
        row("ln", log, x)
