//! A training loop that a controller drives, and that may be killed at any time.
//!
//! ```text
//! cargo run --release --example controller              # from the first training to the verdict
//! cargo run --release --example controller -- DIR 4     # at most four trainings; the state stays in DIR: again, to go on
//! ```
//! Generator and trainer are simulated: rendering is a count, training gives the error of a law with 1 % noise. The state is
//! written after every training into one of two files in turn, so that a crash in the middle of a write costs one training.
#![allow(clippy::disallowed_methods, reason = "an example is not core")]
use std::error::Error;
use std::fs;
use std::io::Write;
use std::path::Path;

use syn2real::Syn2RealLaw;
use syn2real::control::{Controller, Decision, Goal, Slot};

/// Places for measurements: more than this loop will make, so that none are merged.
type Loop = Controller<64>;

/// What the controller does not know.
const TRUTH: Syn2RealLaw = Syn2RealLaw { d: 5.0, alpha: 0.4, c: 0.2 };
const TARGET: f64 = 0.24;

/// The images on disk.
struct Generator {
    rendered: f64,
}

impl Generator {
    /// Renders what is missing; images that are there are used again.
    fn render_up_to(&mut self, n: f64) {
        self.rendered = self.rendered.max(n);
    }
}

/// Trains on the first `n` images. The noise depends on the number of the training, so that a restart repeats it.
fn train(n: f64, number: u32) -> f64 {
    let mut z = u64::from(number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let uniform = ((z ^ (z >> 31)) >> 11) as f64 / 2.0_f64.powi(53);
    // A standard deviation of 1 %.
    TRUTH.error_at(n) * (1.0 + 0.01 * 12.0_f64.sqrt() * (uniform - 0.5))
}

fn file(slot: Slot) -> &'static str {
    if slot == Slot::A { "controller.a" } else { "controller.b" }
}

/// Puts the state on disk; it counts as saved when the disk says so.
fn save(controller: &mut Loop, directory: &Path) -> Result<(), Box<dyn Error>> {
    let mut buffer = [0; Loop::STATE_BYTES];
    let save = controller.save(&mut buffer)?;
    let mut out = fs::File::create(directory.join(file(save.slot)))?;
    out.write_all(&buffer[..save.bytes])?;
    out.sync_all()?;
    controller.saved();
    Ok(())
}

/// The newest state on disk, or a new controller if there is none. Any other fault of the state is not passed over.
fn restore(directory: &Path, goal: Goal) -> Result<Loop, Box<dyn Error>> {
    let [a, b] = [Slot::A, Slot::B].map(|slot| fs::read(directory.join(file(slot))).ok());
    if a.is_none() && b.is_none() {
        let mut controller = Loop::new(goal);
        save(&mut controller, directory)?;
        return Ok(controller);
    }
    Ok(Loop::restore(&a.unwrap_or_default(), &b.unwrap_or_default())?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next();
    let trainings = arguments.next().map_or(Ok(u32::MAX), |text| text.parse())?;
    let goal = Goal::new(TARGET)?.with_budget(1e6)?.with_observations(60)?;
    let directory = directory.as_deref().map(Path::new);
    let mut controller = match directory {
        Some(directory) => restore(directory, goal)?,
        None => Loop::new(goal),
    };
    let mut generator = Generator { rendered: controller.largest() };
    for _ in 0..trainings {
        let (Decision::MeasureMore { at: n } | Decision::Generate { up_to: n }) = controller.decision() else { break };
        generator.render_up_to(n);
        let error = train(n, controller.observed());
        let decision = controller.observe((n, error));
        println!("training {:>2}: n = {n:>7}, error {error:.4} -> {decision}", controller.observed());
        if let Some(directory) = directory {
            save(&mut controller, directory)?;
        }
    }
    println!("{} images rendered; {}", generator.rendered, controller.decision());
    if let (Ok(fit), Ok(verdict)) = (controller.fit(), controller.verdict()) {
        println!("the law says {:.4} there; {verdict}", fit.law().error_at(generator.rendered));
    }
    Ok(())
}
