//! A controller and its bytes, and nothing else of the crate: must link without any panic. Prints what an observation took
//! of the stack.
#![no_std]
#![no_main]

use core::hint::black_box;

use syn2real::Syn2RealLaw;
use syn2real::control::{Controller, Decision, Goal};
use thumb_proof::{stack_used, write_bits, write_number};

type Small = Controller<16>;

const LAW: Syn2RealLaw = Syn2RealLaw { d: 9.486_832_980_505_138, alpha: 0.5, c: 0.2 };

/// Observations until the controller ends, at most 40, with the last decision.
fn run(goal: Goal) -> (Small, Decision) {
    let mut controller = Small::new(goal);
    let mut decision = controller.decision();
    for number in 0..40_u32 {
        let (Decision::MeasureMore { at: n } | Decision::Generate { up_to: n }) = decision else { break };
        let noise = f64::from(number.wrapping_mul(7919) & 127) / 128.0 - 0.5;
        decision = controller.observe((n, LAW.error_at(n) * (1.0 + 0.005 * noise)));
    }
    (controller, decision)
}

fn observe() {
    let Ok(goal) = Goal::new(black_box(0.23)).and_then(|g| g.with_budget(1e6)) else { return };
    black_box(run(goal));
}

fn state() {
    let Ok(goal) = Goal::new(black_box(0.23)) else { return };
    let mut buffer = [0; Small::STATE_BYTES];
    let mut controller = Small::new(goal);
    black_box(controller.save(&mut buffer).is_ok());
    controller.saved();
    black_box(Small::restore(black_box(&buffer), black_box(&buffer)).is_ok());
}

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
