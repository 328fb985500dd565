//! Prints one line `name hexbits` for each group of results of `body.rs`: two machines agree if their outputs are
//! equal, byte by byte.
//!
//! `cargo run --release --example bits`
mod body;

fn main() {
    body::emit_all(&mut |name, bits| println!("{name} {bits:016x}"));
}
