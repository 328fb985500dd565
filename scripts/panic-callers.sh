#!/usr/bin/env bash
# Which source lines of a program call core::panicking: reads the relocations of an ELF that was linked with --emit-relocs
# and with line tables. No disassembler of the target is needed, only binutils.
#   scripts/panic-callers.sh PROGRAM
set -euo pipefail
program=${1:?program}
# Relocation lines: offset, info, type, value of the symbol, its name.
readelf -rW "$program" | awk '$5 ~ /4core9panicking|rust_begin_unwind|panic_impl|slice_.*_fail|unwrap_failed|expect_failed/ { print $1, $5 }' | sort -u |
  while read -r address symbol; do
    echo "$(c++filt "$symbol") called at"
    addr2line -pfCi -e "$program" "$address" | sed -e "s|$PWD/||; s|/rustc/[0-9a-f]*/||" -e 's/^/    /'
  done
