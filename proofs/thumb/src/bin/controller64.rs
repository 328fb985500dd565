//! A controller of 64 entries in a static, as a device keeps it: must link without any panic. Prints what the observation
//! of 64 sizes took of the stack at most, and the instructions of one more.
#![no_std]
#![no_main]

use core::hint::black_box;

use syn2real::Syn2RealLaw;
use syn2real::control::{Controller, Goal};
use thumb_proof::{instructions, stack_used, write_number};

static mut CONTROLLER: Option<Controller<64>> = None;

const LAW: Syn2RealLaw = Syn2RealLaw { d: 9.486_832_980_505_138, alpha: 0.5, c: 0.2 };

fn controller() -> Option<&'static mut Controller<64>> {
    // SAFETY: there is one thread and no interrupt, and no caller keeps the reference.
    unsafe { (*&raw mut CONTROLLER).as_mut() }
}

/// Sizes that grow by a twentieth, errors within .5 % of the law's.
fn observe(first: u32, last: u32) {
    let Some(controller) = controller() else { return };
    let mut n = 1000.0;
    for number in 0..last {
        let noise = f64::from(number.wrapping_mul(7919) & 127) / 128.0 - 0.5;
        if number >= first {
            black_box(controller.observe((n, LAW.error_at(n) * (1.0 + 0.005 * noise))));
        }
        n *= 1.05;
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
    let Ok(goal) = Goal::new(0.23).and_then(|goal| goal.with_budget(1e6)) else { return };
    // SAFETY: as above.
    unsafe { CONTROLLER = Some(Controller::new(goal)) };
    write_number("stack observe, 64 entries", stack_used(fill));
    write_number("instructions observe, 64 entries", instructions(one_more));
    write_number("entries", controller().map_or(0, |controller| controller.entries().len() as u32));
    write_number("bytes of Controller<64>", size_of::<Controller<64>>() as u32);
}
