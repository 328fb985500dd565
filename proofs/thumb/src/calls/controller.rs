//! A controller and its bytes.

use core::hint::black_box;

use syn2real::Syn2RealLaw;
use syn2real::control::{Controller, Decision, Goal};

pub type Small = Controller<16>;

const LAW: Syn2RealLaw = Syn2RealLaw { d: 9.486_832_980_505_138, alpha: 0.5, c: 0.2 };

/// Observations until the controller ends, at most 40, with the last decision.
pub fn run(goal: Goal) -> (Small, Decision) {
    let mut controller = Small::new(goal);
    let mut decision = controller.decision();
    for number in 0..40_u32 {
        let (Decision::MeasureMore { at: n } | Decision::Generate { up_to: n }) = decision else { break };
        let noise = f64::from(number.wrapping_mul(7919) & 127) / 128.0 - 0.5;
        decision = controller.observe((n, LAW.error_at(n) * (1.0 + 0.005 * noise)));
    }
    (controller, decision)
}

pub fn observe() {
    let Ok(goal) = Goal::new(black_box(0.23)).and_then(|g| g.with_budget(1e6)) else { return };
    black_box(run(goal));
}

pub fn state() {
    let Ok(goal) = Goal::new(black_box(0.23)) else { return };
    let mut buffer = [0; Small::STATE_BYTES];
    let mut controller = Small::new(goal);
    black_box(controller.save(&mut buffer).is_ok());
    controller.saved();
    black_box(Small::restore(black_box(&buffer), black_box(&buffer)).is_ok());
}
