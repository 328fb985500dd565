//! Prints the lines of examples/bits, to be compared with those of the host.
#![no_std]
#![no_main]

#[path = "../../../../examples/bits/body.rs"]
mod body;

#[unsafe(no_mangle)]
fn program() {
    body::emit_all(&mut thumb_proof::write_bits);
}
