#!/usr/bin/env bash
# What never fusing costs: times proofs/fusing as the crate is, and in a copy where the trampolines may use FMA and the
# compiler fuses every product with the sum that follows. Prints a table; the ratio is the price. x86_64.
#   scripts/fusing.sh
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
out=${CARGO_TARGET_DIR:-$root/target}/proofs/fusing
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$root" && tar -cf - Cargo.toml README.md src benches proofs/fusing cli/Cargo.toml) | tar -xf - -C "$work"
isa=$work/src/simd/isa.rs
sed -i 's/enable = "avx2/&,fma/' "$isa"
[ "$(grep -c 'enable = "avx2,fma' "$isa")" = 2 ] || { echo "the trampolines of simd/isa.rs are not as expected"; exit 1; }
manifest=proofs/fusing/Cargo.toml
cargo build --release --locked --quiet --manifest-path "$root/$manifest" --target-dir "$out/plain"
RUSTFLAGS="-C llvm-args=-fp-contract=fast" \
  cargo build --release --locked --quiet --manifest-path "$work/$manifest" --target-dir "$out/fused"
for kind in plain fused; do
  echo "$kind: $(objdump -d "$out/$kind/release/fusing" | grep -c vfn*m[as]) fused instructions" >&2 || true
done
# In turns: a slow minute of the machine meets both. Many starts, because times also depend on where the memory lies.
for _ in {1..15}; do
  for kind in plain fused; do "$out/$kind/release/fusing" | sed "s/^/$kind,/"; done
done | awk -F, '
  function digits(x) { return sprintf(x < 100 ? "%.2f" : "%.0f", x) }
  { key = $2 "," $3; if (!(key in seen)) order[++n] = key; seen[key] = 1 }
  !(($1, key) in least) || $4 < least[$1, key] { least[$1, key] = $4 }
  END {
    print "| instruction set | | as it is | fused | ratio |\n|---|---|---|---|---|"
    for (i = 1; i <= n; i++) {
      split(order[i], part, ","); plain = least["plain", order[i]]; fused = least["fused", order[i]]
      printf "| %s | %s | %s ns | %s ns | %.2f |\n", part[1], part[2], digits(plain), digits(fused), plain / fused
    }
  }'
