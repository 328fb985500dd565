//! Compiles the loops around SLEEF's functions (apt-get install libsleef-dev).
fn main() {
    println!("cargo::rerun-if-changed=src/sleef.c");
    #[cfg(feature = "sleef")]
    {
        cc::Build::new().file("src/sleef.c").opt_level(2).flag_if_supported("-Wno-psabi").compile("loops");
        println!("cargo::rustc-link-lib=sleef");
    }
}
