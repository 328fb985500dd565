#!/usr/bin/env bash
# Builds the program whose instructions are counted and looked at, the same code wherever it lies. Prints the path of the
# program and those of its assembly.
#   build.sh               for all instruction sets, to be looked at
#   build.sh --baseline    for the baseline alone, to be counted: a controller takes the best set of the machine
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
out=${CARGO_TARGET_DIR:-$root/target}/proofs/instructions${1:-}
flags="-C symbol-mangling-version=v0 --emit asm"
[ "${1:-}" != --baseline ] || flags+=" --cfg syn2real_baseline"
# v0: symbols with the types of a generic function, so that a kernel is known by name.
env -u CARGO_ENCODED_RUSTFLAGS RUSTFLAGS="$flags" RUSTC_WRAPPER="$root/proofs/instructions/rustc.sh" \
  cargo build --release --locked --quiet --manifest-path "$root/proofs/instructions/Cargo.toml" --target-dir "$out" >&2
echo "$out/release/instructions"
for crate in syn2real instructions; do
  # The newest: those of other sources may lie beside it.
  ls -t "$out/release/deps/$crate"-*.s | head -n 1
done
