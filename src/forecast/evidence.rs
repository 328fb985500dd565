//! Which law the data ask for: fits of all on the same points, tests against law (1), AICc and its weights.
use core::fmt;

use crate::fit::{
    BentFit, FitError, FitOptions, FitReport, PowerFit, RectifiedFit, ShiftedFit, Source, Syn2RealFit, Weights, bent,
    fit_points, power_points, rectified, shifted,
};
use crate::infer::P;
use crate::law::Residual;
use crate::math;
use crate::solve::Loss;

/// A law over n.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LawName {
    /// D n^-alpha.
    Power,
    /// Law (1), D n^-alpha + C.
    LawOne,
    /// [`RectifiedLaw`](crate::RectifiedLaw).
    Rectified,
    /// [`ShiftedLaw`](crate::ShiftedLaw).
    Shifted,
    /// [`BentLaw`](crate::BentLaw).
    Bent,
}

impl LawName {
    /// All of them, each after those that it contains.
    pub const ALL: [LawName; 5] =
        [LawName::Power, LawName::LawOne, LawName::Rectified, LawName::Shifted, LawName::Bent];

    /// How many parameters it has.
    pub const fn parameters(self) -> usize {
        match self {
            LawName::Power => 2,
            LawName::LawOne => 3,
            LawName::Rectified | LawName::Shifted => 4,
            LawName::Bent => 5,
        }
    }

    /// `power`, `law1`, `rectified`, `shifted` or `bent`.
    pub const fn key(self) -> &'static str {
        match self {
            LawName::Power => "power",
            LawName::LawOne => "law1",
            LawName::Rectified => "rectified",
            LawName::Shifted => "shifted",
            LawName::Bent => "bent",
        }
    }
}

impl fmt::Display for LawName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LawName::Power => "the power law",
            LawName::LawOne => "law (1)",
            LawName::Rectified => "the rectified law",
            LawName::Shifted => "the shifted law",
            LawName::Bent => "the bent law",
        })
    }
}

/// A fit of one of the laws.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "no heap, and all of them are about as large")]
pub enum LawFit {
    /// Of the power law.
    Power(PowerFit),
    /// Of law (1).
    LawOne(Syn2RealFit),
    /// Of the rectified law.
    Rectified(RectifiedFit),
    /// Of the shifted law.
    Shifted(ShiftedFit),
    /// Of the bent law.
    Bent(BentFit),
}

impl LawFit {
    pub(super) fn new(law: LawName, data: &Source<'_>, options: &FitOptions) -> Result<LawFit, FitError> {
        Ok(match law {
            // Its gap is 0 whatever the bounds of the others' are.
            LawName::Power => {
                let c = FitOptions::default().c;
                LawFit::Power(power_points(data, &FitOptions { c, fixed_c: None, ..*options })?)
            }
            LawName::LawOne => LawFit::LawOne(fit_points(data, options)?),
            LawName::Rectified => LawFit::Rectified(rectified(data, options)?),
            LawName::Shifted => LawFit::Shifted(shifted(data, options)?),
            LawName::Bent => LawFit::Bent(bent(data, options)?),
        })
    }

    /// L(n), for n >= 0; infinite at n = 0 where the law is.
    pub fn error_at(&self, n: f64) -> f64 {
        match self {
            LawFit::Power(fit) => fit.law().error_at(n),
            LawFit::LawOne(fit) => fit.law().error_at(n),
            LawFit::Rectified(fit) => fit.law().error_at(n),
            LawFit::Shifted(fit) => fit.law().error_at(n),
            LawFit::Bent(fit) => fit.law().error_at(n),
        }
    }

    /// How the fit went.
    pub fn report(&self) -> &FitReport {
        match self {
            LawFit::Power(fit) => fit.report(),
            LawFit::LawOne(fit) => fit.report(),
            LawFit::Rectified(fit) => fit.report(),
            LawFit::Shifted(fit) => fit.report(),
            LawFit::Bent(fit) => fit.report(),
        }
    }
}

/// What the data say of one law.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Contender {
    /// Which.
    pub law: LawName,
    /// Its fit to all points, or why there is none.
    pub fit: Result<LawFit, FitError>,
    /// AICc, as [`compare::aicc`](crate::compare::aicc): N ln(2 cost / N) + 2 k + 2 k (k + 1) / (N - k - 1), k counting the
    /// noise; `None` without a fit, with too few points (N < k + 2) and in the Huber loss.
    pub aicc: Option<f64>,
    /// exp(-AICc / 2) as a share of those of all laws; 0 where there is no AICc.
    pub weight: f64,
    /// Probability of so large a fall of the cost against law (1) if that is right; `None` for law (1) and the power law,
    /// and where it cannot be tested.
    pub p_value: Option<f64>,
}

/// What the data say of all laws; it displays as one sentence. Made by [`evidence`](super::evidence).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    contenders: [Contender; 5],
}

/// A law is called preferred from this weight on, and law (1) refused below this p.
const PREFERRED: f64 = 0.8;
const LEVEL: f64 = 0.01;

/// Relative residuals below this are rounding, or that of printed decimals.
const EXACT: f64 = 1e-12;

/// Degrees of freedom that stand for infinitely many: F with 1 and 1e8 is chi^2 to 1e-8.
const INFINITE: f64 = 1e8;

impl Evidence {
    pub(super) fn new(data: &Source<'_>, options: &FitOptions) -> Evidence {
        let mut contenders = LawName::ALL.map(|law| {
            let fit = LawFit::new(law, data, options);
            let aicc = fit.ok().and_then(|fit| aicc(&fit, law));
            Contender { law, fit, aicc, weight: 0.0, p_value: None }
        });
        let least = contenders.iter().filter_map(|c| c.aicc).fold(f64::INFINITY, f64::min);
        let mut sum = 0.0;
        for contender in &mut contenders {
            contender.weight = contender.aicc.map_or(0.0, |aicc| math::exp(-0.5 * (aicc - least)));
            sum += contender.weight;
        }
        let law_one = contenders.iter().find(|c| c.law == LawName::LawOne).and_then(|c| c.fit.ok());
        for contender in &mut contenders {
            contender.weight = if sum > 0.0 { contender.weight / sum } else { 0.0 };
            let has_bend = contender.law.parameters() > 3;
            contender.p_value = contender
                .fit
                .ok()
                .zip(law_one)
                .filter(|_| has_bend)
                .and_then(|(fit, null)| p_value(contender.law, &fit, &null));
        }
        Evidence { contenders }
    }

    /// All laws, in the order of [`LawName::ALL`].
    pub fn contenders(&self) -> &[Contender] {
        &self.contenders
    }

    /// What is said of a law.
    pub fn of(&self, law: LawName) -> Option<&Contender> {
        self.contenders.iter().find(|c| c.law == law)
    }

    /// The law with the largest weight, where it has four fifths of it; `None` where the data cannot tell, and where they
    /// refuse it: AICc charges few points more for a bend than it is worth.
    pub fn preferred(&self) -> Option<LawName> {
        let heaviest = self.contenders.iter().find(|c| c.weight >= PREFERRED)?;
        (heaviest.law.parameters() > 3 || !self.refuses_law_one()).then_some(heaviest.law)
    }

    /// The smallest p with which a law that bends refuses law (1), times the number of these that were tested.
    pub fn against_law_one(&self) -> Option<f64> {
        let tested = || self.contenders.iter().filter_map(|c| c.p_value);
        let least = tested().fold(f64::INFINITY, f64::min);
        (least < f64::INFINITY).then(|| (least * tested().count() as f64).min(1.0))
    }

    /// Whether a law that bends describes the data so much better than law (1) that this is refused (p < .01).
    pub fn refuses_law_one(&self) -> bool {
        self.against_law_one().is_some_and(|p| p < LEVEL)
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let weight = |law| self.of(law).map_or(0.0, |c| c.weight);
        if let Some(p) = self.against_law_one().filter(|p| *p < LEVEL) {
            return match self.preferred() {
                Some(law) => {
                    write!(f, "the data ask for {law} (weight {:.2}) and refuse law (1) (p = {})", weight(law), P(p))
                }
                None => {
                    write!(f, "the data refuse law (1) (p = {}) and do not tell which law bends as they do", P(p))?;
                    self.write_weights(f, ": ", |c| c.law.parameters() > 3)
                }
            };
        }
        match self.preferred() {
            Some(law) => {
                write!(f, "the data ask for {law} (weight {:.2})", weight(law))?;
                if law.parameters() > 3 { f.write_str(", but do not refuse law (1)") } else { Ok(()) }
            }
            None if self.contenders.iter().any(|c| c.weight > 0.0) => {
                f.write_str("the data cannot tell the laws apart")?;
                self.write_weights(f, ": ", |_| true)
            }
            None if self.contenders.iter().filter_map(|c| c.fit.ok()).any(|fit| fit.report().loss != Loss::Square) => {
                f.write_str("a robust loss is no likelihood, by which laws are compared: use the square loss")
            }
            None => f.write_str("too few points to compare laws: measure at more sizes"),
        }
    }
}

impl Evidence {
    /// The weights that are not negligible, largest first.
    fn write_weights(
        &self,
        f: &mut fmt::Formatter<'_>,
        first: &str,
        counts: impl Fn(&Contender) -> bool,
    ) -> fmt::Result {
        let mut is_written = [false; 5];
        let mut separator = first;
        loop {
            let left = self.contenders.iter().zip(&mut is_written);
            let left = left.filter(|(c, is_written)| !**is_written && c.weight >= 0.05 && counts(c));
            let Some((next, is_written)) = left.reduce(|a, b| if b.0.weight > a.0.weight { b } else { a }) else {
                return Ok(());
            };
            write!(f, "{separator}{} {:.2}", next.law, next.weight)?;
            *is_written = true;
            separator = ", ";
        }
    }
}

/// Twice the cost, at least the square of the rounding.
fn deviance(report: &FitReport) -> f64 {
    let floor = match report.residual {
        Residual::Log => report.points as f64 * EXACT * EXACT,
        Residual::Linear => f64::MIN_POSITIVE,
    };
    (2.0 * report.cost).max(floor)
}

fn aicc(fit: &LawFit, law: LawName) -> Option<f64> {
    let report = fit.report();
    let is_absolute = report.weights != Weights::Relative;
    let held = report.fixed.iter().filter(|held| **held).count() - usize::from(law == LawName::Power);
    let (n, k) = (report.points as f64, (law.parameters() - held) as f64 + if is_absolute { 0.0 } else { 1.0 });
    let left = n - k - 1.0;
    if left <= 0.0 || report.loss != Loss::Square {
        return None;
    }
    let fit = if is_absolute { 2.0 * report.cost } else { n * math::ln(deviance(report) / n) };
    Some(fit + 2.0 * k + 2.0 * k * (k + 1.0) / left).filter(|v| v.is_finite())
}

/// The F test of a law that contains law (1) against it; chi^2 where the noise is known.
///
/// The one parameter more of the rectified and the shifted law is at its bound, n_h = 0, under law (1): the statistic is 0
/// in half of the cases (Self and Liang, J. Am. Stat. Assoc. 82 (1987) 605, case 5). The second one of the bent law is not
/// determined there; F with two degrees of freedom is then too large a probability (Davies, Biometrika 74 (1987) 33),
/// measured in `tests/forecast.rs`.
fn p_value(law: LawName, fit: &LawFit, null: &LawFit) -> Option<f64> {
    let (report, null) = (fit.report(), null.report());
    if report.loss != Loss::Square {
        return None;
    }
    let more = (law.parameters() - 3) as f64;
    let dof = report.points as f64 - law.parameters() as f64 + report.fixed.iter().filter(|held| **held).count() as f64;
    let is_absolute = report.weights != Weights::Relative;
    if dof < 1.0 {
        return None;
    }
    let fall = 2.0 * (null.cost - report.cost);
    if !(fall > 0.0) || deviance(null) <= deviance(report) {
        return Some(1.0);
    }
    let p = match is_absolute {
        true => math::f_tail(fall / more, more, INFINITE),
        false => math::f_tail(fall / more / (deviance(report) / dof), more, dof),
    };
    Some(if more < 1.5 { 0.5 * p } else { p })
}
