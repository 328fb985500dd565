#!/usr/bin/env bash
# What a user's crate pays to compile, with proofs/dependent: CPU seconds (user and system, of cargo and its children) of
#   - a fresh release build and a fresh debug build, cargo's default profiles, the library's dependencies included;
#   - a release build of the dependent after a change of its own.
# Seconds depend on the machine and on what else it does. What has a limit is their ratio to a crate that many have compiled,
# regex-automata (proofs/dependent/known), built in the same run with the same settings: a rebuild is compared with its
# fresh release build. More than 15 % above proofs/dependent/ratios.csv is a failure.
#   scripts/compile-time.sh             measures and compares
#   scripts/compile-time.sh --accept    measures and writes ratios.csv
set -euo pipefail
export LC_ALL=C
root=$(cd "$(dirname "$0")/.." && pwd)
ratios=$root/proofs/dependent/ratios.csv
tolerance=15 # percent: runs on a machine that others load differed by up to 9
# Another compiler takes other times.
compiler=$(rustc --version | cut -d' ' -f1-2)
if [ "${1:-}" != --accept ] && ! grep -q "^# $compiler, " "$ratios"; then
  echo "SKIP: $(head -n 1 "$ratios") is what was measured, this is $compiler (scripts/compile-time.sh --accept measures anew)"; exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
manifest=$root/proofs/dependent/Cargo.toml
cargo fetch --locked --quiet --manifest-path "$manifest"
# The flags and profiles of whoever runs this would be measured as well.
unset RUSTFLAGS CARGO_BUILD_RUSTFLAGS CARGO_INCREMENTAL
for name in $(compgen -e CARGO_PROFILE_ || true); do unset "$name"; done

# The source of the dependent, whose time of change is set below, is a copy.
cp -r "$root/proofs/dependent" "$work/dependent"
sed -i "s#path = \"../..\"#path = \"$root\"#" "$work/dependent/Cargo.toml"

seconds() { # package, arguments of cargo: CPU seconds of its build
  local package=$1 TIMEFORMAT='%U %S'; shift
  { time cargo build --offline --quiet --manifest-path "$work/dependent/Cargo.toml" --target-dir "$work/$package" \
    --package "$package" "$@" 2> "$work/log" || { cat "$work/log" >&2; exit 1; }; } 2>&1 | awk '{ print $1 + $2 }'
}
release=$(seconds dependent --release)
known_release=$(seconds known --release)
# Three times: it is short.
rebuild=$(for _ in 1 2 3; do sleep 1; touch "$work/dependent/src/main.rs"; seconds dependent --release; done | sort -n | head -n 1)
debug=$(seconds dependent)
known_debug=$(seconds known)
awk -v r="$release" -v d="$debug" -v b="$rebuild" -v kr="$known_release" -v kd="$known_debug" 'BEGIN {
  printf "fresh release build,%.2f,%.2f\nfresh debug build,%.2f,%.2f\nrebuild in release,%.2f,%.3f\n", r, r / kr, d, d / kd, b, b / kr
  printf "regex-automata in release,%.2f,1\nregex-automata in debug,%.2f,1\n", kr, kd }' > "$work/measured"

if [ "${1:-}" = --accept ]; then
  { echo "# $compiler, $(uname -m): what, CPU seconds of the run that was accepted, ratio to regex-automata; by scripts/compile-time.sh --accept"; cat "$work/measured"; } > "$ratios"
  echo "wrote ${ratios#"$root"/}: git diff shows what changed"
  exit
fi
awk -F, -v tolerance="$tolerance" '
  NR == FNR { if (!/^#/) accepted[$1] = $3; next }
  { verdict = "" }
  !($1 in accepted) { verdict = "  no ratio accepted"; bad = 1 }
  # A fifth of a second is mostly the start of cargo: no rebuild fails by less.
  $1 in accepted && $3 > accepted[$1] * (1 + tolerance / 100) + .01 { verdict = "  MORE than " tolerance " % above"; bad = 1 }
  $1 in accepted && $3 < accepted[$1] * (1 - tolerance / 100) { verdict = "  below: worth accepting" }
  { printf "%-28s %7.2f CPU s, ratio %6.3f (accepted %6.3f)%s\n", $1, $2, $3, accepted[$1], verdict }
  END {
    if (bad) print "If this is meant: scripts/compile-time.sh --accept, and commit proofs/dependent/ratios.csv with the reason."
    exit bad
  }' "$ratios" "$work/measured"
