#!/usr/bin/env bash
# Proofs on a Cortex-M4F (thumbv7em-none-eabihf; doubles in software), with the programs of proofs/thumb:
#   - an ELF that links fit_with and fit_grid, and one that links a controller and its bytes, hold no panic path: no symbol of
#     core::panicking, no handler; at "s", which inlines least and so keeps most, nor do those that link fit alone, fit_with
#     alone, a controller of 64 entries in a static, and the rest of the crate;
#   - their text size, and the stack and instructions that the calls really took, under qemu-system-arm: at most 3 % above those
#     of proofs/thumb/sizes.csv, which docs/measured.md states;
#   - the results have the bits of the host (examples/bits).
# Exit status 0 proved, 1 not, 77 something could not be tried here (the rest was proved).
#   scripts/check-thumb.sh
#   scripts/check-thumb.sh --accept         writes proofs/thumb/sizes.csv
#   LEVELS="3 s" scripts/check-thumb.sh     levels of optimisation; 3 is what cargo's release profile takes
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
target=thumbv7em-none-eabihf
levels=${LEVELS:-3 s}
sizes=$root/proofs/thumb/sizes.csv
tolerance=3 # percent
measured=$(mktemp)
trap 'rm -f "$measured"' EXIT
base=${CARGO_TARGET_DIR:-$root/target}
out=$base/proofs
libdir=$(rustc --print target-libdir --target "$target" 2> /dev/null || true)
if ! ls "$libdir"/libcore-*.rlib > /dev/null 2>&1; then echo "SKIP: no core for $target (rustup target add $target)"; exit 77; fi
command -v nm > /dev/null || { echo "SKIP: nm (binutils) is missing"; exit 77; }
status=0
if command -v qemu-system-arm > /dev/null; then qemu=yes; else qemu=; status=77; echo "SKIP: stack and bits (qemu-system-arm is missing)"; fi

build() { # level, then arguments of cargo
  local level=$1; shift
  CARGO_PROFILE_RELEASE_OPT_LEVEL=$level \
    RUSTFLAGS="-Clinker=rust-lld -Clinker-flavor=ld.lld -Clink-arg=-T$root/proofs/thumb/mps2-an386.ld -Clink-arg=--gc-sections ${LINK:-}" \
    cargo build --release --locked --quiet --manifest-path "$root/proofs/thumb/Cargo.toml" --target "$target" --target-dir "$out" "$@"
}
explain() { # level, program: the source lines behind the panics
  CARGO_PROFILE_RELEASE_DEBUG=line-tables-only LINK=-Clink-arg=--emit-relocs build "$1" --bin "$2"
  "$root/scripts/panic-callers.sh" "$(elf "$2")"
}
elf() { echo "$out/$target/release/$1"; }
text() { size "$(elf "$1")" | awk 'NR == 2 { print $1 }'; }
# Mangled and demangled names: `4core9panicking` is core::panicking in either mangling. The handler itself is what stays
# when the optimiser has inlined all of core::panicking.
panics() { { nm "$1"; nm -C "$1"; } | grep -E '4core9panicking|core::panicking|rust_begin_unwind|panic_impl|slice_.*_fail|unwrap_failed|expect_failed' | sort -u || true; }
# `-icount shift=0`: one nanosecond of the machine's time for each instruction, which is how the programs count them.
run() { timeout 300 qemu-system-arm -M mps2-an386 -nographic -monitor none -serial none -icount shift=0 -semihosting-config enable=on,target=native -kernel "$1"; }

for level in $levels; do
  echo "opt-level $level:"
  programs="law1 controller"
  [ "$level" != s ] || programs+=" fit fit_with controller64 rest"
  # shellcheck disable=SC2086
  build "$level" --bin empty $(printf -- '--bin %s ' $programs)
  for program in $programs; do
    case $program in
      law1) what="fit_with and fit_grid" ;;
      controller) what="a controller and its bytes" ;;
      fit) what="fit" ;;
      fit_with) what="fit_with" ;;
      controller64) what="a controller of 64 entries" ;;
      *) what="the rest of the crate" ;;
    esac
    # A list without the entry would mean that nothing was looked at.
    nm "$(elf $program)" | grep ' T program$' > /dev/null || { echo "no symbols found in $(elf $program)"; exit 1; }
    echo "  text of $what: $(($(text $program) - $(text empty))) bytes (program $(text $program), its support $(text empty))"
    echo "$level,text of $what,$(($(text $program) - $(text empty)))" >> "$measured"
    if [ -n "$qemu" ]; then
      output=$(run "$(elf $program)")
      echo "$output" | sed 's/^/  /'
      # Lines such as "stack fit, linear residual 33152"; commas would be columns.
      echo "$output" | sed -nE "s/,//g; s/^((stack|instructions|bytes) .*) ([0-9]+)$/$level,\\1,\\3/p" >> "$measured"
    fi
    found=$(panics "$(elf $program)")
    if [ -n "$found" ]; then
      echo "panic paths in a program that calls $what:"; echo "$found"
      explain "$level" $program
      exit 1
    fi
  done
  echo "  panic paths: none"
done

build "$level" --bin law1 --features control
if [ -z "$(panics "$(elf law1)")" ]; then echo "the check for panics does not find the panic of the control"; exit 1; fi
echo "control: a panic put in on purpose is found"

if [ -n "$qemu" ]; then
  build 3 --bin bits
  # As the tests of the workspace build it: the bits are the same in every profile, and nothing is compiled once more.
  cargo build --workspace --locked --quiet --manifest-path "$root/Cargo.toml" --target-dir "$base" --example bits
  "$base/debug/examples/bits" > "$out/bits.host"
  run "$(elf bits)" > "$out/bits.thumb"
  [ -s "$out/bits.host" ] || { echo "the host printed no bits"; exit 1; }
  diff "$out/bits.host" "$out/bits.thumb" || { echo "the bits of $target differ from the host's"; exit 1; }
  echo "bits: $(wc -l < "$out/bits.host") lines equal to the host's"
fi
# Another compiler makes other code: its sizes say nothing about a change of the source.
compiler=$(rustc --version | cut -d' ' -f1-2)
if [ "${1:-}" = --accept ]; then
  { echo "# $compiler, $target: optimisation level, what, bytes or instructions; by scripts/check-thumb.sh --accept"; sort "$measured"; } > "$sizes"
  echo "wrote ${sizes#"$root"/}: git diff shows what changed"
elif ! grep -q "^# $compiler, " "$sizes"; then
  echo "SKIP: $(head -n 1 "$sizes"): this is $compiler (scripts/check-thumb.sh --accept measures anew)"; status=77
else
  awk -F, -v tolerance="$tolerance" '
    NR == FNR { if (!/^#/) accepted[$1 "," $2] = $3; next }
    !(($1 "," $2) in accepted) { print "no size accepted for " $0; bad = 1; next }
    $3 > accepted[$1 "," $2] * (1 + tolerance / 100) {
      printf "%s at opt-level %s: %d, MORE than %d %% above %d\n", $2, $1, $3, tolerance, accepted[$1 "," $2]; bad = 1
    }
    END {
      if (bad) print "If this is meant: scripts/check-thumb.sh --accept, and commit proofs/thumb/sizes.csv with the reason."
      exit bad
    }' "$sizes" "$measured"
  echo "sizes: $(wc -l < "$measured") within $tolerance % of the accepted ones"
fi
exit "$status"
