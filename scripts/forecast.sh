#!/usr/bin/env bash
# The tables of docs/forecast.md anew, from the commands that stand above them, and prints the page.
#   scripts/forecast.sh
set -euo pipefail
cd "$(dirname "$0")/.."
SYN2REAL_BLESS=1 cargo test --quiet -p syn2real-cli --test tool -- forecast::
cat docs/forecast.md
