//! How often intervals hold the truth, over simulated curves: shared by the example that prints the table and the test.
#![allow(clippy::disallowed_methods, reason = "a simulation is not core")]
use syn2real::infer::bootstrap::{self, BootstrapOptions, Scheme, replicate};
use syn2real::infer::{Method, Quantity, QuantityInterval, interval};
use syn2real::{Confidence, Parameter, Syn2RealFit, Syn2RealLaw};

/// Parameters like the paper's: ResNet-50 objdet and mulclass to sinclass with D = 0.48, its full law at 1 % of ImageNet,
/// and a curve that falls far.
pub(crate) const LAWS: [(&str, Syn2RealLaw); 4] = [
    ("r50 objdet", Syn2RealLaw { d: 0.48, alpha: 0.439, c: 0.9353 }),
    ("r50 mulclass", Syn2RealLaw { d: 0.48, alpha: 0.227, c: 0.7999 }),
    ("full law, s = 1 %", Syn2RealLaw { d: 1.99, alpha: 0.544, c: 0.95 }),
    ("deep fall", Syn2RealLaw { d: 20.0, alpha: 0.6, c: 0.3 }),
];

/// Standard deviations of ln error: a third of, about, and three times the .0008 to .003 of the authors' curves.
pub(crate) const NOISE: [f64; 3] = [0.0003, 0.001, 0.005];

/// Sizes 1000 2^i.
pub(crate) const SIZES: [f64; 7] = [1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 64e3];

/// The quantities asked, with their true values: C, alpha, L(10 n_max), and n* for the error at 4 n_max.
pub(crate) fn asked(law: &Syn2RealLaw) -> [(Quantity, f64); 4] {
    let target = law.error_at(256e3);
    [
        (Quantity::Parameter(Parameter::C), law.c),
        (Quantity::Parameter(Parameter::Alpha), law.alpha),
        (Quantity::ErrorAt { n: 640e3 }, law.error_at(640e3)),
        (Quantity::SamplesFor { target }, 256e3),
    ]
}

/// What became of the intervals of one quantity in one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// Replicates.
    pub(crate) count: u32,
    /// Intervals that hold the truth; an end that is `None` is infinite.
    pub(crate) held: u32,
    /// Intervals with both ends inside the domain: neither open, nor at 0.
    pub(crate) bounded: u32,
    /// Bounded ones that miss.
    pub(crate) missed: u32,
}

impl Tally {
    /// Share of the intervals that hold the truth, in percent.
    pub(crate) fn coverage(&self) -> f64 {
        100.0 * f64::from(self.held) / f64::from(self.count)
    }

    /// Whether the quantity is identified in the cell: nine in ten intervals are bounded.
    pub(crate) fn is_identified(&self) -> bool {
        10 * self.bounded >= 9 * self.count
    }

    /// Share of all replicates whose interval is bounded and misses, in percent.
    pub(crate) fn misses(&self) -> f64 {
        100.0 * f64::from(self.missed) / f64::from(self.count)
    }
}

/// How the intervals are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// From the fit.
    By(Method),
    /// From as many refits as the tool draws.
    Bootstrap(Scheme),
}

/// Refits of a bootstrap.
const REFITS: usize = 1999;

impl Way {
    fn laws(self, fit: &Syn2RealFit, points: &[(f64, f64)], seed: u64) -> Vec<Syn2RealLaw> {
        let Way::Bootstrap(scheme) = self else { return Vec::new() };
        let mut laws = vec![fit.law(); REFITS];
        let options = BootstrapOptions { scheme, seed, ..BootstrapOptions::default() };
        replicate(fit, points, &[], &options, &mut laws).expect("seven points");
        laws
    }

    fn interval(
        self,
        fit: &Syn2RealFit,
        points: &[(f64, f64)],
        quantity: Quantity,
        laws: &[Syn2RealLaw],
    ) -> QuantityInterval {
        let found = match self {
            Way::By(method) => interval(fit, points, quantity, Confidence::P95, method),
            Way::Bootstrap(_) => {
                bootstrap::interval(fit, points, laws, quantity, Confidence::P95, &mut vec![0.0; laws.len()])
            }
        };
        found.expect("four degrees of freedom")
    }
}

/// Counter-based SplitMix64.
pub(crate) struct Rng(u64);

impl Rng {
    /// The stream of one replicate.
    pub(crate) fn new(seed: u64, replicate: u32) -> Rng {
        Rng(seed.wrapping_mul(0xd134_2543_de82_ef95) ^ (u64::from(replicate) << 32))
    }

    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// The cell of this law and noise, with `replicates` curves.
pub(crate) fn cell(law: &Syn2RealLaw, noise: f64, replicates: u32, seed: u64, way: Way) -> [Tally; 4] {
    let mut tallies = [Tally::default(); 4];
    for replicate in 0..replicates {
        let mut rng = Rng::new(seed, replicate);
        let points = SIZES.map(|n| (n, law.error_at(n) * (noise * rng.normal()).exp()));
        let fit = Syn2RealLaw::fit(&points).expect("seven points of positive error have a fit");
        let laws = way.laws(&fit, &points, rng.0);
        for ((quantity, truth), tally) in asked(law).into_iter().zip(&mut tallies) {
            let found = way.interval(&fit, &points, quantity, &laws);
            let is_bounded = found.lower.is_some_and(|v| v > 0.0) && found.upper.is_some();
            let holds = found.lower.is_none_or(|v| v <= truth) && found.upper.is_none_or(|v| v >= truth);
            tally.count += 1;
            tally.held += u32::from(holds);
            tally.bounded += u32::from(is_bounded);
            tally.missed += u32::from(is_bounded && !holds);
        }
    }
    tallies
}
