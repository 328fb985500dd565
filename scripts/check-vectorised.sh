#!/bin/sh
# Fails when the AVX2 and AVX-512 trampolines lose their packed arithmetic. A silent loss costs a factor of three or more.
# Looks at the assembly of examples/ns_per_element.rs, whose kernel holds exp, exp_m1, ln, sqrt, a select and a row of a
# fit. In each trampoline: packed products of the full register width, no scalar product (a scalar loop or a part that
# stayed out of line would have them), and no call but
# to fill or copy memory.
set -eu
cd "$(dirname "$0")/.."
case "$(rustc -vV | sed -n 's/^host: //p')" in
x86_64-*) ;;
*) echo "check-vectorised: x86_64 only, skipped"; exit 0 ;;
esac
target=${CARGO_TARGET_DIR:-target}
rm -f "$target"/release/examples/ns_per_element-*.s
cargo rustc --quiet --release --example ns_per_element -- --emit asm -C codegen-units=1 -C debuginfo=0
# 60: exp and exp_m1 have 19 and ln has 16 products, and exp and ln are there twice.
awk -v least=60 '
    /^[A-Za-z_.$0-9]+:/ { name = /run_avx512/ ? "avx512" : /run_avx2/ ? "avx2" : /^\.L/ ? name : "" }
    name == "" { next }
    /\tvmulpd/ { if (name == "avx512" ? /%zmm/ : /%ymm/) packed[name]++; else narrow[name]++ }
    /\tv?(mul|div|sqrt)sd/ { scalar[name]++ }
    /\tv?sqrtpd/ { roots[name]++ }
    /\tv?cmp[a-z_]*pd/ { compares[name]++ }
    /\tcall/ && !/memset|memcpy/ { calls[name]++ }
    END {
        split("avx2 avx512", names)
        for (i = 1; i <= 2; i++) {
            n = names[i]
            printf "%-7s %d packed products of full width, %d narrower, %d scalar, %d packed roots, %d compares, %d calls\n",
                n, packed[n], narrow[n], scalar[n], roots[n], compares[n], calls[n]
            if (packed[n] < least || narrow[n] > 0 || scalar[n] > 0 || roots[n] == 0 || compares[n] == 0 || calls[n] > 0) bad = 1
        }
        if (bad) { print "check-vectorised: vectorisation is lost"; exit 1 }
    }' "$target"/release/examples/ns_per_element-*.s
