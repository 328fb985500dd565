#!/usr/bin/env python3
"""The 57 curves of the shipped measurements by scipy's curve_fit, as people write it, and by syn2real: where they agree, where
scipy ends in another minimum, and how long both take. Prints docs/scipy.md.

    cargo build --release -p syn2real-cli && python3 scripts/beside-scipy.py target/release/syn2real > docs/scipy.md

Needs numpy and scipy. The only thing taken from syn2real is what is printed: the costs are computed here, by one function,
from the parameters of both."""
import collections
import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import warnings

import numpy as np
import scipy
from scipy.optimize import curve_fit

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "cli", "data", "finetune_final.csv")
BY = ["pdata", "pscale", "model", "ptask", "ftask", "fdata", "fratio"]
# A cost this much above the lowest is another minimum, or an unfinished search.
SAME = 1e-6


def law(n, d, alpha, c):
    return d * n**-alpha + c


def log_law(n, d, alpha, c):
    return np.log(law(n, d, alpha, c))


def cost(residual, parameters, n, error):
    model = law(n, *parameters)
    if residual == "log":
        return 0.5 * np.sum((np.log(model) - np.log(error)) ** 2) if np.all(model > 0) else np.inf
    return 0.5 * np.sum((model - error) ** 2)


def curves():
    kept = collections.OrderedDict()
    with open(DATA, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["pdata"] != "imagenet" and float(row["n"]) > 0:
                kept.setdefault(tuple(row[name] for name in BY), []).append((float(row["n"]), float(row["err_last"])))
    return {key: tuple(np.array(column) for column in zip(*rows)) for key, rows in kept.items()}


# The ways that people write it: the start of the manual, a guess, and the guess with bounds.
WAYS = {
    "`curve_fit(law, n, error)`, start (1, 1, 1)": {},
    "`p0=(1, 0.5, 0)`": {"p0": (1.0, 0.5, 0.0)},
    "`p0=(1, 0.5, 0.5 min)`, `bounds=(0, inf)`": {"p0": None, "bounds": (0, np.inf)},
}


def by_scipy(residual, options, n, error):
    options = dict(options)
    if "p0" in options and options["p0"] is None:
        options["p0"] = (1.0, 0.5, 0.5 * error.min())
    function, values = (log_law, np.log(error)) if residual == "log" else (law, error)
    start = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found, _ = curve_fit(function, n, values, **options)
    except (RuntimeError, ValueError):
        found = None
    return found, time.perf_counter() - start


def by_syn2real(tool, residual):
    command = [tool, "fit", DATA, "--n", "n", "--error", "err_last", "--by", ",".join(BY), "--where", "n>0"]
    command += ["--where", "pdata!=imagenet", "--residual", residual, "--format", "json", "--threads", "1"]
    start = time.perf_counter()
    text = subprocess.run(command, check=True, capture_output=True).stdout
    seconds = time.perf_counter() - start
    fits = {tuple(fit["group"][name] for name in BY): fit for fit in json.loads(text)["fits"]}
    return fits, seconds


def parameters(fit):
    alpha = fit["law"]["alpha"]
    return fit["law"]["d"], 0.0 if alpha is None else alpha, fit["law"]["c"]


def main():
    tool, data = sys.argv[1], curves()
    print("# Beside scipy\n")
    print(f"The {len(data)} curves of seven points that are shipped with the tool, by `scipy.optimize.curve_fit` as people write")
    print("it, and by `syn2real fit`. Same optimum: the cost, computed here from the parameters of both, is within 1e-6 of")
    print("the lower of the two. syn2real is never the one above. Made by `scripts/beside-scipy.py`, not by hand.\n")
    print("| residual | scipy's call | same optimum | another one, without a word | refuses | D, alpha or C below 0 | ms per curve |")
    print("|---|---|---|---|---|---|---|")
    worse = 0
    examples, times = [], []
    for residual in ("log", "linear"):
        ours, seconds = by_syn2real(tool, residual)
        times.append((residual, seconds))
        for way, options in WAYS.items():
            same = other = refused = outside = 0
            spent = []
            for key, (n, error) in data.items():
                lowest = cost(residual, parameters(ours[key]), n, error)
                found, took = by_scipy(residual, options, n, error)
                spent.append(took)
                if found is None or not np.all(np.isfinite(found)):
                    refused += 1
                    continue
                theirs = cost(residual, found, n, error)
                if min(found) < 0:
                    # Outside of what the law can mean: an error below 0 for many samples, or one that rises.
                    outside += 1
                elif theirs <= lowest * (1 + SAME) + 1e-18:
                    same += 1
                    worse += theirs < lowest * (1 - SAME) - 1e-18
                else:
                    other += 1
                    examples.append((theirs / lowest, residual, way, key, found, parameters(ours[key])))
            print(f"| {residual} | {way} | {same} | {other} | {refused} | {outside} | {1e3 * statistics.median(spent):.2g} |")
    assert worse == 0, "scipy found a lower cost"
    print("\nA D, rate or gap below 0 is no answer to the question: errors that grow with every sample, or fall below 0; the calls")
    print("without bounds do not rule it out.\n")
    times = ", ".join(f"{1e3 * seconds:.0f} ms ({residual})" for residual, seconds in times)
    print(f"syn2real, one thread, from the start of the process to the last byte of JSON, all {len(data)} curves with standard")
    print(f"errors, all minima and the check: {times}. scipy's times are those of the call alone.\n")
    examples.sort(key=lambda e: -e[0])
    print("The five largest differences of cost:\n\n| residual | scipy's call | curve | cost, scipy / syn2real | alpha, C by scipy | by syn2real |")
    print("|---|---|---|---|---|---|")
    for ratio, residual, way, key, theirs, our in examples[:5]:
        curve = " ".join(key)
        print(f"| {residual} | {way} | {curve} | {ratio:.3g} | {theirs[1]:.3g}, {theirs[2]:.3g} | {our[1]:.3g}, {our[2]:.3g} |")
    print(f"\nscipy {scipy.__version__}, numpy {np.__version__}, Python {platform.python_version()}, {platform.machine()}.")


if __name__ == "__main__":
    main()
