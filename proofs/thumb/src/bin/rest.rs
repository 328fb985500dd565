//! What the crate has beside the fit and the controller: must link without any panic.
#![no_std]
#![no_main]

#[path = "../calls/rest.rs"]
mod calls;

// The check looks for this name.
#[inline(never)]
#[unsafe(no_mangle)]
fn program() {
    calls::all(&mut thumb_proof::write_number);
}
