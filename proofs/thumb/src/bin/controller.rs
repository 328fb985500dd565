//! A controller and its bytes, and nothing else of the crate: must link without any panic. Prints what an observation took
//! of the stack.
#![no_std]
#![no_main]

#[path = "../calls/controller.rs"]
mod calls;

use calls::{Small, observe, run, state};
use syn2real::control::{Decision, Goal};
use thumb_proof::{stack_used, write_bits, write_number};

#[unsafe(no_mangle)]
fn program() {
    if let Ok(goal) = Goal::new(0.23).and_then(|g| g.with_budget(1e6)) {
        let (controller, decision) = run(goal);
        write_bits("largest", controller.largest().to_bits());
        write_number("reached", u32::from(decision == Decision::Stop { reached: true }));
        write_number("observations", controller.observed());
    }
    write_number("stack observe, 16 entries", stack_used(observe));
    write_number("stack save and restore", stack_used(state));
    write_number("bytes of Controller<16>", size_of::<Small>() as u32);
}
