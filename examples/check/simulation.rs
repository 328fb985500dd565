//! Alarms of `Fit::check` on data that follow the law, and on data that do not: shared by the example and the test.
#![allow(clippy::disallowed_methods, reason = "a simulation is not core")]
use syn2real::{Class, FitOptions, Point, Residual, Syn2RealLaw, Weights};

/// The paper's r50 objdet and a curve that falls far; a power law, and nearly one; no decrease; a step, and nearly one.
pub(crate) const LAWS: [Syn2RealLaw; 7] = [
    Syn2RealLaw { d: 0.48, alpha: 0.439, c: 0.9353 },
    Syn2RealLaw { d: 20.0, alpha: 0.6, c: 0.3 },
    Syn2RealLaw { d: 2.0, alpha: 0.3, c: 0.0 },
    Syn2RealLaw { d: 2.0, alpha: 0.3, c: 0.02 },
    Syn2RealLaw { d: 0.0, alpha: 0.5, c: 0.5 },
    Syn2RealLaw { d: 1e29, alpha: 10.0, c: 0.5 },
    Syn2RealLaw { d: 3e9, alpha: 3.0, c: 0.5 },
];
/// Standard deviations of the noise, in units of the error at the largest size.
pub(crate) const NOISES: [f64; 3] = [3e-4, 3e-3, 2e-2];
/// How the sizes lie: in equal steps of ln n, anywhere between the same ends, each twice.
pub(crate) const DESIGNS: [&str; 3] = ["even", "uneven", "twice"];
/// What the weights say: nothing, shares of one noise, its sigmas.
pub(crate) const WEIGHTS: [&str; 3] = ["equal", "relative", "absolute"];

/// SplitMix64 (Steele, Lea and Flood 2014).
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Rng {
        let mut rng = Rng(seed);
        // Mixed, so that the streams of neighbouring seeds are not one stream, shifted.
        rng.0 = rng.bits();
        rng
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / 9_007_199_254_740_992.0
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// A kind of data: law, noise, points, residual, how sizes lie, what weights say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) law: Syn2RealLaw,
    pub(crate) noise: f64,
    pub(crate) points: usize,
    pub(crate) residual: Residual,
    pub(crate) design: &'static str,
    pub(crate) weights: &'static str,
}

/// All kinds with so many points.
pub(crate) fn kinds(points: usize) -> Vec<Kind> {
    let mut all = Vec::new();
    for law in LAWS {
        for noise in NOISES {
            for residual in [Residual::Log, Residual::Linear] {
                for design in DESIGNS {
                    all.extend(WEIGHTS.map(|weights| Kind { law, noise, points, residual, design, weights }));
                }
            }
        }
    }
    all
}

impl Kind {
    /// Data of this kind, which follow their law.
    pub(crate) fn data(&self, rng: &mut Rng) -> Vec<Point> {
        let Kind { law, noise, points, .. } = *self;
        let twice = if self.design == "twice" { 2 } else { 1 };
        let steps = ((points - 1) / twice) as f64;
        let at = |i: usize, rng: &mut Rng| match self.design {
            "uneven" if i > 0 && i + 1 < points => 1e3 * 64_f64.powf(rng.unit()),
            _ => 1e3 * 64_f64.powf((i / twice) as f64 / steps),
        };
        let one = |i: usize| {
            let n = at(i, rng);
            let share = if self.weights == "equal" { 1.0 } else { 2.0_f64.powf(4.0 * rng.unit() - 2.0) };
            let sd = noise * if self.residual == Residual::Log { 1.0 } else { law.error_at(64e3) } / share.sqrt();
            let error = match self.residual {
                Residual::Log => law.error_at(n) * (sd * rng.normal()).exp(),
                Residual::Linear => law.error_at(n) + sd * rng.normal(),
            };
            Point::new(n, error).with_weight(if self.weights == "absolute" { 1.0 / (sd * sd) } else { share })
        };
        (0..points).map(one).collect()
    }

    pub(crate) fn options(&self) -> FitOptions {
        let weights = if self.weights == "absolute" { Weights::Absolute } else { Weights::Relative };
        FitOptions { residual: self.residual, weights, ..FitOptions::default() }
    }
}

/// Fits, and those among them that were called no description of their data.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Alarms {
    pub(crate) fits: u32,
    pub(crate) alarms: u32,
}

impl Alarms {
    pub(crate) fn add(&mut self, is_alarm: bool) {
        self.fits += 1;
        self.alarms += u32::from(is_alarm);
    }

    pub(crate) fn share(&self) -> f64 {
        f64::from(self.alarms) / f64::from(self.fits.max(1))
    }
}

/// Names of the classes of a fit.
pub(crate) const CLASSES: [&str; 4] = ["interior", "no gap", "flat", "step"];

/// What became of `replicates` data sets of a kind: place of the class, and whether there was an alarm.
pub(crate) fn judged(kind: &Kind, replicates: u64, seed: u64, mut each: impl FnMut(usize, bool)) {
    for replicate in 0..replicates {
        let data = kind.data(&mut Rng::new(seed << 32 | replicate));
        let Ok(fit) = Syn2RealLaw::fit_with(&data, &kind.options()) else { continue };
        let class = match fit.report().class {
            Class::NoGap => 1,
            Class::Flat => 2,
            Class::AlphaMax => 3,
            _ => 0,
        };
        each(class, !fit.check(&data).expect("the points of the fit").describes());
    }
}

/// err = .59 - .00125 k + .38 / k, which goes on falling where a law with a gap ends; n = 1000 k.
fn bent(k: f64) -> f64 {
    0.59 - 0.00125 * k + 0.38 / k
}

/// The sizes of its file, in thousands.
pub(crate) const FILE: [f64; 16] =
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0];

/// So many sizes in equal steps of ln n from 1,000 to 60,000.
pub(crate) fn spaced(count: usize) -> Vec<f64> {
    (0..count).map(|i| 60_f64.powf(i as f64 / (count - 1) as f64)).collect()
}

/// How often the law is found not to describe that curve, measured at these sizes with noise of this share of the misfit
/// (root mean squares of ln error).
pub(crate) fn found(sizes: &[f64], share: f64, replicates: u64) -> Alarms {
    let exact: Vec<Point> = sizes.iter().map(|&k| Point::new(1e3 * k, bent(k))).collect();
    let misfit = Syn2RealLaw::fit(&exact).expect("a fit").report().rms;
    let mut alarms = Alarms::default();
    for replicate in 0..replicates {
        let mut rng = Rng::new(sizes.len() as u64 + (replicate << 32));
        let data: Vec<Point> =
            exact.iter().map(|p| Point::new(p.n, p.error * (share * misfit * rng.normal()).exp())).collect();
        let fit = Syn2RealLaw::fit(&data).expect("a fit");
        alarms.add(!fit.check(&data).expect("the points of the fit").describes());
    }
    alarms
}
