#!/usr/bin/env bash
# Measures everything anew and writes docs/benchmarks.md and docs/benchmarks.svg: the benches, the other crates on the same
# problems, exp and ln beside SLEEF, cost against size, what never fusing costs. About ten minutes on one core; nothing
# else should run. SLEEF and cminpack are measured where they are installed (apt-get install libsleef-dev libcminpack-dev).
#   scripts/bench-table.sh            everything
#   scripts/bench-table.sh --quick    1,000 instead of 20,000 problems beside the other crates, for a look
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
problems=20000
[ "${1:-}" != --quick ] || problems=1000
out=${CARGO_TARGET_DIR:-$root/target}
features=
for library in sleef cminpack; do
  if echo 'int main(void) { return 0; }' | cc -x c - -o /dev/null "-l$library" 2> /dev/null; then features+=" $library"; fi
done

# Built before anything is measured.
cargo bench --locked --no-run -p syn2real
cargo build --release --locked --manifest-path peers/Cargo.toml --target-dir "$out/peers" --features "$features"
peers=$out/peers/release/peers
rm -rf "$out/criterion"
cargo bench --locked -p syn2real >&2

processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
megahertz=$(sed -n 's/^cpu MHz[^:]*: //p' /proc/cpuinfo | head -n 1)
{
  cat << END
# Benchmarks

Written by \`scripts/bench-table.sh\`, which measures everything anew.

- Machine: $processor, ${megahertz%.*} MHz, $(nproc) cores of a virtual machine that others use; one core is measured.
- $(rustc --version), release profile.
- Time: CPU time of the measuring thread. What others do to caches and clock remains: compare figures of one section.
- Every fit includes the complete search, its checks and the report; covariance and standard errors where not said otherwise.

## One curve at a time, many, and what is built on them

Medians of \`cargo bench\`. \`baseline\` is SSE2; where no instruction set is named it is the best of the machine. An element is
a fit in \`many\`, and a point in \`fit\` and in the curves of 4 to 40 points.
END
  "$peers" benches "$out/criterion"
  cat << END
## Beside other crates

\`cargo run --release --features cminpack -- compare\` in \`peers/\`; its README has the workload, starts and tolerances.

END
  "$peers" compare "$problems"
  cat << END
## Beside SLEEF

\`cargo run --release --features sleef -- elementary\` in \`peers/\`. SLEEF's fastest functions for AVX2 and AVX-512 fuse products and sums,
which this crate never does: the bits would depend on the machine.

END
  "$peers" elementary || echo "SLEEF was not installed."
  cat << END
## Size

\`cargo run --release -- scaling ../docs/benchmarks.svg\` in \`peers/\`.

END
  "$peers" scaling docs/benchmarks.svg
  echo "![Time of a call against the number of problems and of points, both axes logarithmic](benchmarks.svg)"
  cat << END

## Never fusing

\`scripts/fusing.sh\`: the same source, compiled so that the compiler fuses every product with the sum that follows, beside the crate
as it is. The fused results have other bits.

END
  scripts/fusing.sh
  cat << END

## Instructions

\`scripts/instructions.sh\`: instructions per call on the baseline, the same on every machine. CI fails where one grows by more than 3 %.

| call | instructions |
|---|---|
END
  sed -n 's/^\([a-z][^,]*\),\(.*\)/| \1 | \2 |/p' proofs/instructions/counts.csv
} > docs/benchmarks.md.new
mv docs/benchmarks.md.new docs/benchmarks.md
echo "wrote docs/benchmarks.md and docs/benchmarks.svg"
