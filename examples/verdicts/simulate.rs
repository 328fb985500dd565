//! Simulated settings whose truth is known, and the verdicts on them.
use syn2real::infer::{self, Method, Quantity};
use syn2real::plan::{PlanOptions, Size, Verdict, samples_for, size_at};
use syn2real::{Confidence, FitOptions, Parameter, Point, Syn2RealLaw, Weights};

/// Laws like those of the paper's settings (D = 0.48 as fixed there; Appendix C.2 at 1 % implies 1.99).
pub(crate) const LAWS: [Syn2RealLaw; 4] = [
    Syn2RealLaw { d: 0.48, alpha: 0.439, c: 0.9353 },
    Syn2RealLaw { d: 0.48, alpha: 0.3, c: 0.8 },
    Syn2RealLaw { d: 1.99, alpha: 0.544, c: 0.6 },
    Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.1 },
];
/// Standard deviations of ln error: the authors' curves scatter by .0003 to .003.
pub(crate) const NOISES: [f64; 3] = [0.0003, 0.001, 0.003];
/// Sizes of the authors' main series.
pub(crate) const N: [f64; 7] = [1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 64e3];
/// Distances of the target from C, in half widths of the interval that the true noise gives to C; below 0 the target is out
/// of reach.
pub(crate) const MARGINS: [f64; 11] = [-3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0];

/// A stream of standard normal numbers: splitmix64 (Steele, Lea and Flood 2014) and the polar method of Box and Muller.
pub(crate) struct Normal(u64);

/// The output function of splitmix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Normal {
    pub(crate) fn new(seed: u64) -> Normal {
        // Mixed, so that the streams of neighbouring seeds are not one stream, shifted.
        Normal(mix(seed))
    }

    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        (mix(self.0) >> 11) as f64 / (1_u64 << 53) as f64 + 1.0 / (1_u64 << 54) as f64
    }

    pub(crate) fn next(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Measurements of a law with this standard deviation of ln error.
pub(crate) fn measure(law: &Syn2RealLaw, noise: f64, normal: &mut Normal) -> [Point; 7] {
    N.map(|n| Point::new(n, law.error_at(n) * (noise * normal.next()).exp()))
}

/// A law, a noise and a target.
pub(crate) struct Cell {
    pub(crate) law: Syn2RealLaw,
    pub(crate) noise: f64,
    /// Distance of the target from C in half widths.
    pub(crate) margin: f64,
    pub(crate) target: f64,
    /// n*, if the law has one below 2^53.
    pub(crate) n: Option<f64>,
}

/// How many replicates got which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Shares {
    pub(crate) reachable: f64,
    pub(crate) unreachable: f64,
    pub(crate) infeasible: f64,
    pub(crate) undetermined: f64,
    /// Replicates in which the target is not below 0, so that there was something to ask.
    pub(crate) replicates: usize,
}

impl Shares {
    /// Verdicts that contradict the truth.
    pub(crate) fn wrong(&self, cell: &Cell) -> f64 {
        if cell.n.is_some() { self.unreachable + self.infeasible } else { self.reachable }
    }
}

/// How much wider the interval of a noise that is estimated from four degrees of freedom is than that of a known one: the
/// quantiles .975 of t with 4 degrees of freedom and of the normal distribution.
const ESTIMATED: f64 = 2.776_445_105_2 / 1.959_963_984_5;

/// Half the width of the interval of C on each side of it at the true noise: the profile of noiseless data whose weights say
/// the noise, widened for its having to be estimated, as it is in the replicates.
fn half_widths(law: &Syn2RealLaw, noise: f64) -> Option<[f64; 2]> {
    let sigma = ESTIMATED * noise;
    let points = N.map(|n| Point::new(n, law.error_at(n)).with_sigma(sigma * law.error_at(n)));
    let options = FitOptions { weights: Weights::Sigma, ..FitOptions::default() };
    let fit = Syn2RealLaw::fit_with(&points, &options).ok()?;
    let gap =
        infer::interval(&fit, &points, Quantity::Parameter(Parameter::C), Confidence::P95, Method::Profile).ok()?;
    Some([law.c - gap.lower.unwrap_or(0.0), gap.upper? - law.c])
}

/// The cells of all laws, noises and margins; a target is left out where it would not be above 0.
pub(crate) fn cells() -> Vec<Cell> {
    let mut all = Vec::new();
    for law in LAWS {
        for noise in NOISES {
            let Some([below, above]) = half_widths(&law, noise) else { continue };
            for margin in MARGINS {
                let target = law.c + margin * if margin < 0.0 { below } else { above };
                let n = match size_at(&law, target) {
                    Size::At(n) => Some(n),
                    _ => None,
                };
                if target > 0.0 {
                    all.push(Cell { law, noise, margin, target, n });
                }
            }
        }
    }
    all
}

/// The verdicts of `replicates` simulated data sets on a cell; the seeds depend on law and noise alone, so that all targets
/// are asked of the same data.
pub(crate) fn shares(cell: &Cell, replicates: usize, options: &PlanOptions) -> Shares {
    let mut shares = Shares { replicates, ..Shares::default() };
    let each = 1.0 / replicates as f64;
    for replicate in 0..replicates as u64 {
        let key = cell.law.c.to_bits() ^ cell.noise.to_bits().rotate_left(17);
        let mut normal = Normal::new(key.wrapping_add(replicate.wrapping_mul(0x2545_f491_4f6c_dd1d)));
        let points = measure(&cell.law, cell.noise, &mut normal);
        let fit = Syn2RealLaw::fit(&points).expect("seven positive errors have a fit");
        match samples_for(&fit, &points, cell.target, options).expect("the target is above 0") {
            Verdict::Reachable { .. } => shares.reachable += each,
            Verdict::Unreachable { .. } => shares.unreachable += each,
            Verdict::Infeasible { .. } => shares.infeasible += each,
            _ => shares.undetermined += each,
        }
    }
    shares
}

/// The cells of all laws and noises with the target at this distance; left out where it would not be above 0.
pub(crate) fn cells_at(distance: f64) -> Vec<Cell> {
    let mut all = Vec::new();
    for law in LAWS {
        for noise in NOISES {
            let points = N.map(|n| Point::new(n, law.error_at(n)).with_sigma(noise * law.error_at(n)));
            let options = FitOptions { weights: Weights::Sigma, ..FitOptions::default() };
            let Ok(fit) = Syn2RealLaw::fit_with(&points, &options) else { continue };
            let Some(error) = fit.std_errors()[2] else { continue };
            let target = law.c + distance * error;
            let n = match size_at(&law, target) {
                Size::At(n) => Some(n),
                _ => None,
            };
            if target > 0.0 {
                all.push(Cell { law, noise, margin: distance, target, n });
            }
        }
    }
    all
}
