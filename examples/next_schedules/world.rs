//! Laws, noise, targets and prices.
use syn2real::Syn2RealLaw;
use syn2real::plan::design::{Candidate, Step};
use syn2real::plan::{PlanOptions, samples_for};

/// Sizes that are measured: 1000 and five doublings of it.
const SIZES: u32 = 6;

/// SplitMix64 (Steele, Lea and Flood 2014), started at a hash of its name.
pub(crate) struct Stream(u64);

impl Stream {
    pub(crate) fn new(parts: &[u64]) -> Stream {
        let mut stream = Stream(0x9e37_79b9_7f4a_7c15);
        for part in parts {
            stream.0 ^= part.wrapping_mul(0xd134_2543_de82_ef95);
            stream.0 = stream.next();
        }
        stream
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.next() >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    /// Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        let (u, v) = (self.uniform(0.0, 1.0), self.uniform(0.0, 1.0));
        (-2.0 * u.ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()
    }
}

pub(crate) struct World {
    law: Syn2RealLaw,
    noise: f64,
    seed: [u64; 2],
    pub(crate) target: f64,
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) options: PlanOptions,
}

impl World {
    pub(crate) fn new(seed: u64, number: u64) -> World {
        let mut draw = Stream::new(&[seed, number]);
        let (alpha, gap) = (draw.uniform(0.25, 0.8), draw.uniform(0.02, 0.3));
        let fall = draw.uniform(0.1, 0.6);
        let law = Syn2RealLaw { d: fall * 1000.0_f64.powf(alpha), alpha, c: gap };
        let noise = draw.uniform(0.003_f64.ln(), 0.02_f64.ln()).exp();
        let largest = 1000.0 * 2.0_f64.powi(SIZES as i32 - 1);
        let target = gap + (law.error_at(largest) - gap) * draw.uniform(-0.4, 0.9);
        let budget = [None, Some(64.0 * largest), Some(8.0 * largest)][(number % 3) as usize];
        // A measurement costs its samples, and something for itself.
        let sizes = (0..SIZES as i32 + 3).map(|k| 1000.0 * 2.0_f64.powi(k));
        let candidates = sizes.map(|n| Candidate::new(n).with_cost(n / largest + 0.1)).collect();
        World {
            law,
            noise,
            seed: [seed, number],
            target,
            candidates,
            options: PlanOptions { budget, ..PlanOptions::default() },
        }
    }

    /// The six sizes.
    pub(crate) fn measured(&self) -> Vec<(f64, f64)> {
        let mut draw = Stream::new(&[self.seed[0], self.seed[1], 1]);
        (0..SIZES).map(|k| self.measure(1000.0 * 2.0_f64.powi(k as i32), &mut draw)).collect()
    }

    pub(crate) fn measure(&self, n: f64, draw: &mut Stream) -> (f64, f64) {
        (n, self.law.error_at(n) * (self.noise * draw.normal()).exp())
    }

    /// The noise of a run.
    pub(crate) fn stream(&self, run: u64) -> Stream {
        Stream::new(&[self.seed[0], self.seed[1], 2, run])
    }

    pub(crate) fn is_decided(&self, points: &[(f64, f64)]) -> bool {
        let fit = Syn2RealLaw::fit(points);
        fit.is_ok_and(|fit| samples_for(&fit, points, self.target, &self.options).is_ok_and(|v| v.is_decided()))
    }

    /// Whether the schedule leads to a verdict.
    pub(crate) fn follow(&self, points: &[(f64, f64)], steps: &[Step], run: u64) -> bool {
        let (mut points, mut draw) = (points.to_vec(), self.stream(run));
        let sizes = steps.iter().flat_map(|step| (0..step.times).map(|_| step.n));
        sizes.into_iter().any(|n| {
            points.push(self.measure(n, &mut draw));
            self.is_decided(&points)
        })
    }
}
