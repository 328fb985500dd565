//! Simulated generators and trainers, whose law is known.
use syn2real::control::{ChangeReason, Controller, Decision, Goal};
use syn2real::{Point, Syn2RealLaw};

/// What a world is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Reachable,
    GapLimited,
    RateLimited,
    Drifting,
    Noisy,
}

pub(crate) const KINDS: [Kind; 5] = [Kind::Reachable, Kind::GapLimited, Kind::RateLimited, Kind::Drifting, Kind::Noisy];

/// Most samples that may be generated, and the first size of the series.
pub(crate) const BUDGET: f64 = 1e6;
pub(crate) const START: f64 = 1e3;
/// Most trainings in a run: two weeks of six a day.
pub(crate) const OBSERVATIONS: u32 = 84;

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// Uniform in [low, high).
    pub(crate) fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.bits() >> 11) as f64 / 2.0_f64.powi(53)
    }
    /// Uniform in the logarithm.
    fn log_uniform(&mut self, low: f64, high: f64) -> f64 {
        self.uniform(low.ln(), high.ln()).exp()
    }
    /// Standard normal (Box and Muller).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform(f64::MIN_POSITIVE, 1.0).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform(0.0, 1.0)).cos()
    }
}

/// A generator and a trainer with a law, its noise and its drift.
pub(crate) struct World {
    pub(crate) kind: Kind,
    pub(crate) law: Syn2RealLaw,
    pub(crate) target: f64,
    /// Standard deviation of the logarithm of an error.
    noise: f64,
    /// Change of the logarithm of an error from one training to the next.
    drift: f64,
    trainings: u32,
    random: Random,
}

impl World {
    /// World number `seed` of its kind. The rates and gaps are those of the authors' curves, alpha from .1 to .6.
    pub(crate) fn new(kind: Kind, seed: u64) -> World {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9).wrapping_add(kind as u64));
        let c = random.uniform(0.1, 0.3);
        // What the samples of the first size leave above the gap.
        let excess = random.uniform(0.2, 0.5);
        let alpha = if kind == Kind::RateLimited { random.uniform(0.08, 0.2) } else { random.uniform(0.25, 0.6) };
        let law = Syn2RealLaw { d: excess * START.powf(alpha), alpha, c };
        let target = match kind {
            Kind::GapLimited => c / random.uniform(1.1, 1.4),
            Kind::RateLimited => law.error_at(BUDGET * random.log_uniform(10.0, 100.0)),
            _ => law.error_at(random.log_uniform(3e4, 3e5)),
        };
        let noise = if kind == Kind::Noisy { 0.03 } else { 0.01 };
        let sign = if random.bits() & 1 == 0 { 1.0 } else { -1.0 };
        let drift = if kind == Kind::Drifting { sign * random.uniform(0.01, 0.02) } else { 0.0 };
        World { kind, law, target, noise, drift, trainings: 0, random }
    }

    /// Generates up to `n` samples, trains on them, measures.
    pub(crate) fn train(&mut self, n: f64) -> Point {
        let moved = self.drift * f64::from(self.trainings) + self.noise * self.random.normal();
        self.trainings += 1;
        Point::new(n, self.law.error_at(n) * moved.exp())
    }

    pub(crate) fn goal(&self) -> Goal {
        Goal::new(self.target)
            .and_then(|g| g.with_budget(BUDGET))
            .and_then(|g| g.with_observations(OBSERVATIONS))
            .expect("the worlds are in range")
    }

    /// The samples that an oracle generates: it knows the law, and so whether to begin at all.
    pub(crate) fn oracle(&self) -> f64 {
        match self.kind {
            Kind::Reachable | Kind::Noisy => (self.law.d / (self.target - self.law.c)).powf(1.0 / self.law.alpha),
            _ => 0.0,
        }
    }
}

/// How a run ended.
pub(crate) struct Run {
    pub(crate) end: Decision,
    pub(crate) samples: f64,
    pub(crate) trainings: u32,
    pub(crate) oracle: f64,
    pub(crate) is_right: bool,
}

/// Lets a controller work in the world until it ends. The caller of the second argument sees every step.
pub(crate) fn run(world: &mut World, mut see: impl FnMut(&Point, &Decision)) -> Run {
    let mut controller = Controller::<64>::new(world.goal());
    let mut decision = controller.decision();
    while let Decision::MeasureMore { at: n } | Decision::Generate { up_to: n } = decision {
        let point = world.train(n);
        decision = controller.observe(point);
        see(&point, &decision);
    }
    let is_right = match (world.kind, decision) {
        // The truth, not the measurement, must be at the target.
        (Kind::Reachable | Kind::Noisy, Decision::Stop { reached: true }) => {
            world.law.error_at(controller.largest()) <= world.target
        }
        // That the budget does not suffice is true in both; a cause is named only when it is known.
        (Kind::GapLimited, Decision::ChangeSetting { reason }) => {
            matches!(reason, ChangeReason::Gap | ChangeReason::Budget)
        }
        (Kind::RateLimited, Decision::ChangeSetting { reason }) => {
            matches!(reason, ChangeReason::Rate | ChangeReason::Budget)
        }
        (Kind::Drifting, Decision::ChangeSetting { reason }) => reason == ChangeReason::Drift,
        _ => false,
    };
    Run { end: decision, samples: controller.largest(), trainings: world.trainings, oracle: world.oracle(), is_right }
}
