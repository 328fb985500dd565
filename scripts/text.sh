#!/usr/bin/env bash
# Text of everything public on x86_64, by room of the house: proofs/text calls it all, sections that nothing calls are gone.
# `constants` are read-only data. What a program that calls nothing has is taken off. More than 3 % above
# proofs/text/sizes.csv is a failure. Exit status 77 if nothing can be weighed here.
#   scripts/text.sh             weighs and compares
#   scripts/text.sh --accept    weighs and writes sizes.csv
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "$0")/.." && pwd)
sizes=$root/proofs/text/sizes.csv
tolerance=3 # percent
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "SKIP: the sizes are those of Linux on x86_64, this is $(uname -sm)"; exit 77; }
command -v nm > /dev/null || { echo "SKIP: nm (binutils) is missing"; exit 77; }
# Another compiler makes other code: its sizes say nothing about a change of the source.
compiler=$(rustc --version | cut -d' ' -f1-2)
if [ "${1:-}" != --accept ] && ! grep -q "^# $compiler, " "$sizes"; then
  echo "SKIP: $(head -n 1 "$sizes") is what was weighed, this is $compiler (scripts/text.sh --accept weighs anew)"; exit 77
fi
out=${CARGO_TARGET_DIR:-$root/target}/proofs/text
# v0: symbols with the types of a generic function, which say whose kernel it is. The wrapper: the same code wherever it lies.
env -u CARGO_ENCODED_RUSTFLAGS RUSTFLAGS="-C symbol-mangling-version=v0" RUSTC_WRAPPER="$root/proofs/instructions/rustc.sh" \
  cargo build --release --locked --quiet --manifest-path "$root/proofs/text/Cargo.toml" --target-dir "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$out/release/everything" > "$work/answers"
section() { size -A "$out/release/$2" | awk -v name="$1" '$1 == name { print $2 }'; }
{
  # A symbol belongs to the first room that it names, or to the next if that is `simd`, where kernels of others are run.
  nm -CS "$out/release/everything" | awk '
    # In hexadecimal digits, which not every awk reads.
    function number(digits,   value, i) {
      value = 0
      for (i = 1; i <= length(digits); i++) value = 16 * value + index("0123456789abcdef", substr(digits, i, 1)) - 1
      return value
    }
    $3 ~ /^[tTwW]$/ && /syn2real(\[[0-9a-f]+\])?::/ && !seen[$1]++ {
      room = ""; rest = $0
      while (match(rest, /syn2real(\[[0-9a-f]+\])?::[a-z_0-9]+/)) {
        found = substr(rest, RSTART, RLENGTH); sub(/.*::/, "", found)
        if (room == "" || room == "simd") room = found
        rest = substr(rest, RSTART + RLENGTH)
      }
      bytes[room] += number($2)
    }
    END { for (room in bytes) print "text of " room "," bytes[room] }' | sort
  echo "constants,$(($(section .rodata everything) - $(section .rodata nothing)))"
  echo "text of everything public,$(($(section .text everything) - $(section .text nothing)))"
} > "$work/measured"
grep -q '^text of fit,' "$work/measured" || { echo "no symbols found in $out/release/everything"; exit 1; }

if [ "${1:-}" = --accept ]; then
  { echo "# $compiler, x86_64, release, one unit: what, bytes; by scripts/text.sh --accept"; cat "$work/measured"; } > "$sizes"
  echo "wrote ${sizes#"$root"/}: git diff shows what changed"
  exit
fi
# Rooms may lend each other code; the sums have the limit.
awk -F, -v tolerance="$tolerance" '
  NR == FNR { if (!/^#/) accepted[$1] = $2; next }
  {
    verdict = ""; limited = $1 ~ /^constants$|everything/
    if (limited && $2 > accepted[$1] * (1 + tolerance / 100)) { verdict = "  MORE than " tolerance " % above"; bad = 1 }
    if (limited && $2 < accepted[$1] * (1 - tolerance / 100)) verdict = "  below: worth accepting"
    printf "%-28s %9d -> %9d%s\n", $1, accepted[$1], $2, verdict
  }
  END {
    if (bad) print "If this is meant: scripts/text.sh --accept, and commit proofs/text/sizes.csv with the reason."
    exit bad
  }' "$sizes" "$work/measured"
