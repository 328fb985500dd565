//! The one place that decides how wide the lanes are, and how often a kernel is compiled.
//!
//! `cfg(wide)`: the target has SIMD of f64. There eight lanes are inlined into their kernels, because the vectoriser and the
//! copies for better instruction sets need that. Elsewhere, where each operation is a call of a subroutine, the same source
//! stays out of line, and lanes that do not depend on each other are one: a tenth of the text, and the same bits.
//!
//! `cfg(copies)`: x86 with SSE2, where a kernel is compiled for AVX2 and AVX-512, too, and the processor is asked which it
//! has. Not under Miri and in SGX, where it cannot be asked, nor with `--cfg syn2real_baseline`, which spares compile time.
//!
//! Neither at opt-level 0, where nothing is vectorised: that halves the time of a user's debug build (from 19 to 10 CPU
//! seconds), and its fits take as long as before.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(wide, copies)");
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    if variable("OPT_LEVEL") == "0" {
        return;
    }
    let (architecture, features) = (variable("CARGO_CFG_TARGET_ARCH"), variable("CARGO_CFG_TARGET_FEATURE"));
    let has = |feature: &str| features.split(',').any(|f| f == feature);
    // NEON of 32-bit Arm has no f64.
    if has("sse2") || has("simd128") || (architecture == "aarch64" && has("neon")) {
        println!("cargo::rustc-cfg=wide");
    }
    let is_set = |name: &str| std::env::var_os(name).is_some();
    let cannot_ask = is_set("CARGO_CFG_MIRI") || variable("CARGO_CFG_TARGET_ENV") == "sgx";
    if has("sse2") && !cannot_ask && !is_set("CARGO_CFG_SYN2REAL_BASELINE") {
        println!("cargo::rustc-cfg=copies");
    }
}
