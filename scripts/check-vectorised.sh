#!/usr/bin/env bash
# Fails when a kernel of the fits loses packed arithmetic of the full register width: a silent loss costs a factor of three
# or more. Looks at the trampolines of simd/isa.rs in a program that fits (proofs/instructions), once for AVX2 and once for
# AVX-512: products, quotients and roots, because every other operation is also used for indices and masks.
# Linux on x86_64 and binutils. Exit status 0 all packed, 1 not, 77 cannot be tried here.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
[ "$(uname -sm)" = "Linux x86_64" ] || { echo "SKIP: looks at code for Linux on x86_64, this is $(uname -sm)"; exit 77; }
command -v c++filt > /dev/null || { echo "SKIP: c++filt (binutils) is missing"; exit 77; }
mapfile -t built < <("$root/proofs/instructions/build.sh")
: "${built[2]:?the build failed}"

# Kernel; products of full width that it has at least, for AVX-512 (twice as many for AVX2): those of its exp (17) and its
# ln (16), which a loop around eight lanes needs; scalar products that it has at most (an exp or a ln that came apart adds 16
# or more): reductions, bounds, algebra of the parameters. Of a kernel that holds dozens of both the least number is some
# 85 % of what it had when the rule was written. A ? stands behind a kernel that need not be in the program.
exp=17 ln=16
rules="
fit::profile::Prepare           $exp 8
fit::profile::Evaluate          $((exp + ln)) 24
fit::pass::Differentiate        $((exp + ln)) 40
fit::pass::Factor               $exp 100
fit::ready::Logarithms          $ln 2
fit::search::Exponential        $exp 2
fit::full::model::Accumulate    $((exp + ln)) 40
solve::normal::Accumulate       $((exp + ln)) 100
solve::normal::Factor           $((exp + ln)) 100
solve::normal::Bend?            $((exp + ln)) 60
complexity::cholesky::Trailing  8 2
fit::lanes::search::Search      1000 220
fit::lanes::newton::Differentiate 150 40
fit::lanes::samples::SampleAt   300 60
infer::slices::Run              140 14
fit::bend::lattice::Survey      200 240
fit::bend::descent::Descend     1400 90
fit::full::bent::model::Evaluate 170 80
forecast::shape::Descend        440 40
forecast::posterior::Values     140 40
fit::bins::Fill                 $((2 * ln)) 8
fit::bins::Inspect              0 0
"
# What a kernel may call: it reads blocks, fills or copies memory, or asks for the bounds of D at eight rates, which only
# bounded fits do; it ends the powers of grids so steep that they are rare, and puts a minimum in its place, once for each; the
# laws over both sizes have one row that pulls; a law that bends reads long curves block by block, looks for the valleys of a
# lattice once for each beta and, over both sizes, makes its place ready and folds its sums once for each pass; the lanes ask for a sample or its derivatives by the same trampolines. A call through a table (*24(%rax)) is the block of points of any type.
# Everything else out of line is compiled for the baseline.
allowed='run_avx(2|512)::<.*fit::lanes::|mem(set|cpy|move)|Observations<.*>::block|Domain>::level|lanes::shapes::end|lanes::group::Group<.*>::(push|queue)|Outcome>::insert|Surface>::with_pull|bend::rows::Rows>::of_points|valleys::Find>::valleys|bent::model::(Problem>::depth|Place>::new|Sums>::chain)|F64x8; 7: usize\]; 7: usize\]>::try_map|[*][0-9]+[(]%r'

cat "${built[@]:1}" | c++filt | sed -E 's/\[[0-9a-f]{16}\]//g' | awk -v rules="$rules" -v allowed="$allowed" '
  BEGIN {
    count = split(rules, line, "\n")
    for (i = 1; i <= count; i++) if (split(line[i], word, " ") == 3) {
      needed[++kernels] = !sub(/\?$/, "", word[1])
      kernel[kernels] = word[1]; products[word[1]] = word[2]; most[word[1]] = word[3]
    }
  }
  /^[A-Za-z_<].*:$/ {
    name = ""
    if (match($0, /isa::x86::run_avx(2|512)::</)) {
      isa = /run_avx512/ ? "avx512" : "avx2"
      name = substr($0, RSTART + RLENGTH)
      sub(/>:$/, "", name); gsub(/syn2real::/, "", name)
      # The same instance may be compiled for each crate.
      name = isa " " name substr("        ", 1, instances[isa, name]++)
      list[++found] = name; set[name] = isa
    }
    next
  }
  name == "" { next }
  /^\tv?(mul|div|sqrt)pd\t/ { if (set[name] == "avx512" ? /%zmm/ : /%ymm/) full[name]++; else narrow[name]++ }
  /^\tv?(mul|div|sqrt)sd\t/ { scalar[name]++ }
  # Addresses of functions that are called often are kept in registers.
  /^\tmovq\t.*@GOTPCREL.*, %r/ { held[substr($0, index($0, ", ") + 3)] = $0 }
  /^\tcall/ {
    target = $0
    if (match($0, /\*%r/)) target = held[substr($0, RSTART + 2)]
    # A call through a register is one of the functions of memory, whose address was loaded once for several calls.
    if (target != "" && target !~ allowed) calls[name] = calls[name] "\n       " target
  }
  END {
    printf "%4s %4s %4s\n", "full", "part", "one"
    for (i = 1; i <= found; i++) {
      n = list[i]; own = ""; verdict = ""
      for (k = 1; k <= kernels; k++) if (index(n, " " kernel[k])) { own = kernel[k]; seen[own, set[n]] = 1 }
      least = products[own] * (set[n] == "avx2" ? 2 : 1)
      if (own == "") verdict = "has no rule in this script"
      else if (full[n] < least) verdict = "fewer than " least " of full width"
      else if (scalar[n] > most[own]) verdict = "more than " most[own] " scalar"
      else if (calls[n] != "") verdict = "calls out of line" calls[n]
      printf "%4d %4d %4d  %s%s\n", full[n], narrow[n], scalar[n], substr(n, 1, 90), verdict == "" ? "" : "\n      FAILED: " verdict
      bad = bad || verdict != ""
    }
    for (k = 1; k <= kernels; k++) if (needed[k] && (!seen[kernel[k], "avx2"] || !seen[kernel[k], "avx512"])) {
      print kernel[k] ": no such trampoline in the program"; bad = 1
    }
    if (bad) { print "check-vectorised: vectorisation is lost, or the rules are out of date"; exit 1 }
  }'
