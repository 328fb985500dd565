//! The support of the machine alone, with all its functions in use.
#![no_std]
#![no_main]

fn nothing() {}

#[unsafe(no_mangle)]
fn program() {
    thumb_proof::write_number("stack nothing", thumb_proof::stack_used(nothing));
    thumb_proof::write_bits("none", 0);
}
