//! `fit` on arbitrary bits. With cargo-fuzz (nightly): `cargo +nightly fuzz run fit fuzz/corpus/fit fuzz/seeds/fit`. Without:
//! `cargo run --release --manifest-path fuzz/Cargo.toml --bin fit -- --seconds 10`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| syn2real_fuzz::fit::fuzz_one(data));

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    syn2real_fuzz::plain::main("fit", syn2real_fuzz::fit::fuzz_one, syn2real_fuzz::fit::describe)
}
