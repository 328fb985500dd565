//! A controller and its bytes on arbitrary bits. With cargo-fuzz (nightly): `cargo +nightly fuzz run state fuzz/corpus/state
//! fuzz/seeds/state`. Without: `cargo run --release --manifest-path fuzz/Cargo.toml --bin state -- --seconds 10`.
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| syn2real_fuzz::state::fuzz_one(data));

#[cfg(not(fuzzing))]
fn main() -> std::process::ExitCode {
    syn2real_fuzz::plain::main("state", syn2real_fuzz::state::fuzz_one, syn2real_fuzz::state::describe)
}
