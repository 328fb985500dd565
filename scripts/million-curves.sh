#!/usr/bin/env bash
# Time and memory of `syn2real fit` on a csv of many curves of seven rows, in the order of the groups and shuffled.
#   scripts/million-curves.sh            1,000,000 curves
#   scripts/million-curves.sh 20000 2    so many curves, threads
set -euo pipefail
cd "$(dirname "$0")/.."
curves=${1:-1000000}
threads=(${2:+--threads "$2"})
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cargo build --release --locked -q -p syn2real-cli
tool=${CARGO_TARGET_DIR:-target}/release/syn2real

# Parameters over the ranges of the paper's settings; errors with log-uniform noise of half a percent.
awk -v curves="$curves" 'BEGIN {
  srand(1); print "g,n,error"
  for (j = 0; j < curves; j++) {
    alpha = 0.1 + 1.1 * rand(); c = 0.9 * rand(); start = 0.1 + 0.9 * rand()
    for (i = 0; i < 7; i++) {
      n = 1000 * 2 ^ i; noise = exp(0.0087 * (2 * rand() - 1))
      printf "curve%d,%d,%.6f\n", j, n, (start * 2 ^ (-alpha * i) + c) * noise
    }
  }
}' > "$dir/sorted.csv"
(head -n 1 "$dir/sorted.csv"; tail -n +2 "$dir/sorted.csv" | shuf --random-source="$dir/sorted.csv") > "$dir/shuffled.csv"

for file in sorted shuffled; do
  for format in csv json; do
    printf '%-8s %-4s ' "$file" "$format"
    /usr/bin/time -f '%e s, %M KiB at most, %P of a core' \
      "$tool" fit "$dir/$file.csv" --n n --error error --by g --format "$format" "${threads[@]}" 2>&1 > "$dir/out"
  done
done
