#!/usr/bin/env bash
# Instructions per fit, counted by valgrind: the same on every run, unlike time. valgrind has no AVX-512, so that AVX2 is
# what is counted. Exit status 77 if valgrind is missing.
#   scripts/instructions.sh [CASE...]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
command -v valgrind > /dev/null || { echo "SKIP: valgrind is missing (apt-get install valgrind)"; exit 77; }
out=${CARGO_TARGET_DIR:-$root/target}/proofs
cargo build --release --locked --quiet --manifest-path "$root/proofs/instructions/Cargo.toml" --target-dir "$out"
program=$out/release/instructions

count() { # case, number of calls: instructions of the whole run
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "$1" "$2" 2>&1 | awk '/Collected/ { print $NF }'
}
[ $# -gt 0 ] || mapfile -t cases < <("$program")
[ $# -eq 0 ] || cases=("$@")
for case in "${cases[@]}"; do
  # The first call pays for detection of the instruction set and cold pages: both runs contain it.
  few=$(count "$case" 1)
  many=$(count "$case" 11)
  echo "$case $(((many - few) / 10)) instructions"
done
