#!/usr/bin/env bash
# Proof that the crate needs no std, no allocator and no C library: links proofs/no-std with none of them, looks at its
# symbols, runs it. Linux on x86_64, the stable toolchain and binutils. Exit status 0 proved, 1 not, 77 cannot be tried here.
#   scripts/check-no-std.sh
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
target=x86_64-unknown-linux-gnu
if [ "$(uname -sm)" != "Linux x86_64" ]; then echo "SKIP: the proof's runtime is for Linux on x86_64, this is $(uname -sm)"; exit 77; fi
command -v nm > /dev/null || { echo "SKIP: nm (binutils) is missing"; exit 77; }

out=${CARGO_TARGET_DIR:-$root/target}/proofs
RUSTFLAGS="-Clink-arg=-nostartfiles -Clink-arg=-nodefaultlibs -Clink-arg=-nostdlib -Clink-arg=-static -Crelocation-model=static -Clink-arg=-Wl,--gc-sections" \
  cargo build --release --locked --quiet --manifest-path "$root/proofs/no-std/Cargo.toml" --target "$target" --target-dir "$out"
program=$out/$target/release/no-std-proof

# Symbols of type w and v are weak: they may be left undefined.
undefined=$(nm --undefined-only "$program" | grep -vE ' [wv] ' || true)
if [ -n "$undefined" ]; then echo "undefined symbols:"; echo "$undefined"; exit 1; fi
# Mangled and demangled names, because the standard library may be mangled either way.
symbols=$(nm "$program"; nm -C "$program")
foreign=$(grep -E '__rust_(no_)?alloc|__rust_(dealloc|realloc)|__rdl_|__rg_|(^| )(malloc|calloc|realloc|free)$|(^| |<)(std|alloc)::' <<< "$symbols" || true)
if [ -n "$foreign" ]; then echo "symbols of std or of an allocator:"; echo "$foreign"; exit 1; fi
# A list without the entry would mean that nothing was looked at.
grep -q ' T _start$' <<< "$symbols" || { echo "no symbols found in $program"; exit 1; }

status=0
"$program" || status=$?
if [ "$status" -ne 0 ]; then echo "check number $status of proofs/no-std/src/main.rs failed (101: panic)"; exit 1; fi
echo "no std, no allocator, no C library: linked and run; text $(size "$program" | awk 'NR == 2 { print $1 }') bytes on $target"
