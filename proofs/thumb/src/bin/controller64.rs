//! A controller of 64 entries in a static, as a device keeps it: must link without any panic. Prints what the observation
//! of 64 sizes took of the stack at most, and the instructions of one more, which finds that the rate is too low: the
//! longest way, with the cause.
#![no_std]
#![no_main]

use core::hint::black_box;

use syn2real::Syn2RealLaw;
use syn2real::control::{ChangeReason, Controller, Decision, Goal};
use thumb_proof::{instructions, stack_used, write_number};

static mut CONTROLLER: Option<Controller<64>> = None;

const LAW: Syn2RealLaw = Syn2RealLaw { d: 5.0, alpha: 0.3, c: 0.2 };

fn controller() -> Option<&'static mut Controller<64>> {
    // SAFETY: there is one thread and no interrupt, and no caller keeps the reference.
    unsafe { (*&raw mut CONTROLLER).as_mut() }
}

/// Sizes that grow by a tenth, errors within 1 % of the law's.
fn observe(first: u32, last: u32) {
    let Some(controller) = controller() else { return };
    let mut n = 1000.0;
    for number in 0..last {
        let noise = f64::from(number.wrapping_mul(2_654_435_769) >> 16) / 65_536.0 - 0.5;
        if number >= first {
            black_box(controller.observe((n, LAW.error_at(n) * (1.0 + 0.02 * noise))));
        }
        n *= 1.1;
    }
}

fn fill() {
    observe(0, 63);
}

fn one_more() {
    observe(63, 64);
}

#[unsafe(no_mangle)]
fn program() {
    // A finding is acted on at once, and so its cause always asked for.
    let goal = Goal::new(0.26).and_then(|goal| goal.with_budget(1e6)).and_then(|goal| goal.with_patience(1));
    let Ok(goal) = goal else { return };
    // SAFETY: as above.
    unsafe { CONTROLLER = Some(Controller::new(goal)) };
    write_number("stack observe, 64 entries", stack_used(fill));
    write_number("instructions observe, 64 entries", instructions(one_more));
    let slow = Decision::ChangeSetting { reason: ChangeReason::Rate };
    write_number("rate", u32::from(controller().is_some_and(|controller| controller.decision() == slow)));
    write_number("entries", controller().map_or(0, |controller| controller.entries().len() as u32));
    write_number("bytes of Controller<64>", size_of::<Controller<64>>() as u32);
}
