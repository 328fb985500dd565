//! A controller that drives a simulated trainer to its end, and survives a power cut on the way: what a device does.
use core::fmt::Write;

use syn2real::Syn2RealLaw;
use syn2real::control::{Controller, Decision, Goal, Slot, StateError};

use crate::text::Text;

type Small = Controller<16>;

/// The memory of a device: two slots, written in turn.
struct Memory([[u8; Small::STATE_BYTES]; 2]);

impl Memory {
    fn write(&mut self, controller: &mut Small) -> Result<(), StateError> {
        let mut buffer = [0; Small::STATE_BYTES];
        let save = controller.save(&mut buffer)?;
        let [a, b] = &mut self.0;
        *if save.slot == Slot::A { a } else { b } = buffer;
        controller.saved();
        Ok(())
    }
}

/// n* = 1000 (0.3 / 0.03)^2 = 1e5; the errors move by half a percent from size to size.
const LAW: Syn2RealLaw = Syn2RealLaw { d: 9.486_832_980_505_138, alpha: 0.5, c: 0.2 };
const TARGET: f64 = 0.23;

fn train(n: f64, number: u32) -> (f64, f64) {
    let noise = f64::from(number.wrapping_mul(7919) & 127) / 128.0 - 0.5;
    (n, LAW.error_at(n) * (1.0 + 0.005 * noise))
}

/// The number of the first check that fails, or 0.
pub fn check() -> u8 {
    let Ok(goal) = Goal::new(TARGET).and_then(|g| g.with_budget(1e6)) else { return 60 };
    let mut controller = Small::new(goal);
    let mut memory = Memory([[0xff; Small::STATE_BYTES]; 2]);
    for number in 0..60 {
        let (Decision::MeasureMore { at: n } | Decision::Generate { up_to: n }) = controller.decision() else { break };
        let before = controller.clone();
        controller.observe(train(n, number));
        if memory.write(&mut controller).is_err() {
            return 61;
        }
        if number == 5 {
            // The power goes in the middle of this write: the state before it is there, and the training is done again.
            let [_, b] = &mut memory.0;
            b.iter_mut().skip(100).for_each(|byte| *byte = 0xff);
            let [a, b] = &memory.0;
            let Ok(restored) = Small::restore(a, b) else { return 62 };
            if restored != before {
                return 63;
            }
            controller = restored;
            controller.observe(train(n, number));
        }
    }
    if controller.decision() != (Decision::Stop { reached: true }) || !(LAW.error_at(controller.largest()) <= TARGET) {
        return 64;
    }
    let mut text = Text::default();
    if write!(text, "{}", controller.decision()).is_err() || text.as_str() != "stop: the target is reached" {
        return 65;
    }
    0
}
