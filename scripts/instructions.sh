#!/usr/bin/env bash
# Instructions of one call of each case of proofs/instructions, counted by valgrind: the same on every run and machine,
# unlike time. Compares them with proofs/instructions/counts.csv; more than 3 % above it is a failure. x86_64.
# Exit status 77 if nothing can be counted here.
#   scripts/instructions.sh             counts and compares
#   scripts/instructions.sh --accept    counts and writes counts.csv
set -euo pipefail
export LC_ALL=C # for sort, comm and join
root=$(cd "$(dirname "$0")/.." && pwd)
counts=$root/proofs/instructions/counts.csv
tolerance=3 # percent
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "SKIP: the counts are those of Linux on x86_64, this is $(uname -sm)"; exit 77; }
command -v valgrind > /dev/null || { echo "SKIP: valgrind is missing (apt-get install valgrind)"; exit 77; }
# Another compiler makes other code: its counts say nothing about a change of the source.
compiler=$(rustc --version | cut -d' ' -f1-2)
if [ "${1:-}" != --accept ] && ! grep -q "^# $compiler, " "$counts"; then
  echo "SKIP: $(head -n 1 "$counts") is what was counted, this is $compiler (scripts/instructions.sh --accept counts anew)"; exit 77
fi

mapfile -t built < <("$root/proofs/instructions/build.sh" --baseline)
program=${built[0]:?the build failed}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# valgrind has no AVX-512, and of AVX2 not all of what LLVM uses: the baseline.
valgrind --tool=callgrind --callgrind-out-file="$work/profile" "$program" baseline > "$work/log" 2>&1 ||
  { cat "$work/log"; exit 1; }
# In the profile a call is "cfn=(number) name", "calls=", then position and inclusive cost; a name is given once.
awk '
  match($0, /^c?fn=\([0-9]+\)/) {
    id = substr($0, index($0, "("), RLENGTH - index($0, "(") + 1)
    if (length($0) > RLENGTH) name[id] = substr($0, RLENGTH + 2)
    called = /^cfn/ ? name[id] : ""
  }
  /^calls=/ { getline; if (sub(/^instructions(\[[0-9a-f]+\])?::counted::/, "", called) && called !~ /closure/) total[called] += $2 }
  END { for (n in total) print n "," total[n] }' "$work/profile" | sort > "$work/counted"
"$program" | sort > "$work/cases"
cut -d, -f1 "$work/counted" | cmp -s - "$work/cases" || { echo "cases without a count:"; cut -d, -f1 "$work/counted" | comm -13 - "$work/cases"; exit 1; }

if [ "${1:-}" = --accept ]; then
  { echo "# $compiler, baseline of x86_64: instructions per call, by scripts/instructions.sh --accept"; cat "$work/counted"; } > "$counts"
  echo "wrote ${counts#"$root"/}: git diff shows what changed"
  exit
fi
grep -v '^#' "$counts" | sort > "$work/accepted"
join -t, -a 1 -a 2 -e none -o 0,1.2,2.2 "$work/accepted" "$work/counted" | awk -F, -v tolerance="$tolerance" '
  { change = $2 > 0 ? 100 * ($3 / $2 - 1) : 0; verdict = "" }
  $2 == "none" || $3 == "none" { verdict = "  not in both lists"; bad = 1 }
  change > tolerance { verdict = "  MORE than " tolerance " % above"; bad = 1 }
  change < -tolerance { verdict = "  below: worth accepting"; }
  { printf "%-30s %12s -> %12s  %+6.2f %%%s\n", $1, $2, $3, change, verdict }
  END {
    if (bad) print "If this is meant: scripts/instructions.sh --accept, and commit proofs/instructions/counts.csv with the reason."
    exit bad
  }'
