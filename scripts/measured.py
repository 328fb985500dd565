#!/usr/bin/env python3
"""Writes the tables of sizes and of compile time, between their markers, from the csv files of accepted figures.

    scripts/measured.py            writes docs/measured.md
    scripts/measured.py --check    fails if it says anything else
"""

import csv
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def rows(name):
    lines = (ROOT / name).read_text().splitlines()
    return list(csv.reader(line for line in lines if not line.startswith("#")))


def kilobytes(size):
    return f"{int(size) / 1000:.{0 if int(size) >= 99_500 else 1}f} kB"


def millions(count):
    return f"{int(count) / 1e6:.{1 if int(count) >= 10_000_000 else 2}f} M"


def table(head, lines):
    return ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)] + ["| " + " | ".join(line) + " |" for line in lines]


def device():
    """Programs on the device: what is called, its name in the csv, its levels, its stacks, its instructions."""
    of = {(level, what): value for level, what, value in rows("proofs/thumb/sizes.csv")}

    def get(level, what, unit):
        if (level, what) not in of:
            sys.exit(f"proofs/thumb/sizes.csv has no \"{what}\" at opt-level {level}")
        return unit(of[level, what])

    def line(name, level, text, stack=None, longest=None, count=None):
        stacks = [get(level, f"stack {each}", kilobytes) for each in (stack, longest) if each]
        return [
            name,
            f'"{level}"' if level == "s" else level,
            get(level, f"text of {text}", kilobytes) if text else "",
            " / ".join(stacks),
            get(level, f"instructions {count}", millions) if count else "",
        ]

    values = [("`Syn2RealFit`", "a fit"), ("`Controller::<16>`", "Controller<16>"), ("`Controller::<64>`", "Controller<64>")]
    sizes = ", ".join(f"{name} {get('s', f'bytes of {what}', str)}" for name, what in values)
    return table(
        ["program on a Cortex-M4F, 7 points", "opt-level", "text", "stack / at most", "instructions"],
        [
            line("`fit`", "s", "fit", "fit default options", "fit default options longest path", "fit default options"),
            line("`fit_with`", "s", "fit_with", "fit_with", None, "fit_with"),
            line("the same, linear residual", "s", None, "fit_with linear residual", None, "fit_with linear residual"),
            line("the same, D fixed", "s", None, "fit_with fixed D", None, "fit_with fixed D"),
            line("the same, Huber", "s", None, "fit_with Huber", None, "fit_with Huber"),
            line("`fit_with` and `fit_grid`", "s", "fit_with and fit_grid", "fit_grid 1 problem"),
            line("`fit_with` and `fit_grid`", "3", "fit_with and fit_grid", "fit_grid 1 problem"),
            line("`Controller::<64>` in a static, 64 sizes", "s", "a controller of 64 entries", "observe 64 entries", None, "observe 64 entries"),
            line("`Controller::<16>` and its bytes", "s", "a controller and its bytes", "observe 16 entries"),
            line("`Controller::<16>` and its bytes", "3", "a controller and its bytes", "observe 16 entries"),
            line("intervals, plans, `FullLaw`, `solve`, all the rest", "s", "the rest of the crate"),
        ],
    ) + ["", f"Bytes of the values themselves: {sizes}."]


def text():
    of = dict(rows("proofs/text/sizes.csv"))
    rooms = sorted(((int(size), what.removeprefix("text of ")) for what, size in of.items() if what.startswith("text of ") and "everything" not in what), reverse=True)
    shown = [f"`{room}` {kilobytes(size)}" for size, room in rooms[:5]]
    return [
        f"Everything public on x86_64: {kilobytes(of['text of everything public'])} of text, {kilobytes(of['constants'])} of constants;"
        f" the largest rooms are {', '.join(shown)} (`scripts/text.sh`)."
    ]


def compile_time():
    return table(
        ["a crate that calls `fit` and `samples_for`", "CPU seconds", "times `regex-automata`"],
        [[what, seconds, ratio] for what, seconds, ratio in rows("proofs/dependent/ratios.csv") if not what.startswith("regex")],
    )


def main():
    page = ROOT / "docs" / "measured.md"
    written = page.read_text()
    now = written
    for name, lines in {"device": device, "text": text, "compile": compile_time}.items():
        pattern = re.compile(rf"(<!-- {name}: scripts/measured\.py -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        body = "\n".join(lines())
        now, found = pattern.subn(lambda match: f"{match[1]}{body}\n{match[2]}", now)
        if found != 1:
            sys.exit(f"docs/measured.md has {found} places for the table {name}, not one")
    if sys.argv[1:] == ["--check"]:
        if now != written:
            sys.exit("docs/measured.md is older than the accepted figures: scripts/measured.py writes it")
        print("docs/measured.md states the accepted figures")
    else:
        page.write_text(now)


main()
