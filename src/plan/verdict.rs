//! The answers of a planner, and why they are what they are.
use core::fmt;

use crate::infer::{Check, MadeBy, P, QuantityInterval};

/// Whether more samples reach the target, at the level of the intervals inside.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Verdict {
    /// The target is reached within the budget: render more.
    Reachable {
        /// Samples at which the target is met.
        n: QuantityInterval,
        /// What no number of samples removes.
        gap: QuantityInterval,
        /// Why.
        reason: Reason,
    },
    /// No number of samples reaches the target: change the generator or the model.
    Unreachable {
        /// What no number of samples removes.
        gap: QuantityInterval,
        /// Why.
        reason: Reason,
    },
    /// The target takes more samples than there can be: the rate is too low, change the generator or the model.
    Infeasible {
        /// Samples at which the target is met; beyond the budget, `None` where beyond 2^53.
        n: QuantityInterval,
        /// What no number of samples removes.
        gap: QuantityInterval,
        /// Why.
        reason: Reason,
    },
    /// The data do not say: measure more.
    Undetermined {
        /// Samples at which the target is met, as far as they are known.
        n: Option<QuantityInterval>,
        /// What no number of samples removes, as far as it is known.
        gap: Option<QuantityInterval>,
        /// What is not known.
        reason: Reason,
        /// Where a measurement would tell most.
        measure_at: Option<f64>,
    },
}

impl Verdict {
    /// Samples at which the target is met; `None` if no number is, or nothing is known.
    pub fn n(&self) -> Option<QuantityInterval> {
        match *self {
            Verdict::Reachable { n, .. } | Verdict::Infeasible { n, .. } => Some(n),
            Verdict::Unreachable { .. } => None,
            Verdict::Undetermined { n, .. } => n,
        }
    }

    /// The interval of what no number of samples removes: C, or E for the number of real samples.
    pub fn gap(&self) -> Option<QuantityInterval> {
        match *self {
            Verdict::Reachable { gap, .. } | Verdict::Unreachable { gap, .. } | Verdict::Infeasible { gap, .. } => {
                Some(gap)
            }
            Verdict::Undetermined { gap, .. } => gap,
        }
    }

    /// How the intervals were made, which may be another way than the options ask for: see
    /// [`PlanOptions::method`](super::PlanOptions::method); `None` if there are none.
    pub fn method(&self) -> Option<MadeBy> {
        self.gap().or(self.n()).map(|interval| interval.method)
    }

    /// Why; one sentence as text.
    pub fn reason(&self) -> Reason {
        match *self {
            Verdict::Reachable { reason, .. }
            | Verdict::Unreachable { reason, .. }
            | Verdict::Infeasible { reason, .. }
            | Verdict::Undetermined { reason, .. } => reason,
        }
    }

    /// Where a measurement would tell most, if the verdict is undetermined.
    pub fn measure_at(&self) -> Option<f64> {
        match *self {
            Verdict::Undetermined { measure_at, .. } => measure_at,
            _ => None,
        }
    }

    /// `reachable`, `unreachable`, `infeasible` or `undetermined`.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Reachable { .. } => "reachable",
            Verdict::Unreachable { .. } => "unreachable",
            Verdict::Infeasible { .. } => "infeasible",
            Verdict::Undetermined { .. } => "undetermined",
        }
    }

    /// Whether the data decide.
    pub fn is_decided(&self) -> bool {
        !matches!(self, Verdict::Undetermined { .. })
    }

    /// The verdict where the law that it rests on was checked: undetermined for [`Reason::LawDoesNotFit`] if the law does
    /// not describe the data. [`samples_for`](super::samples_for) does it itself; for
    /// [`samples_for_replicates`](super::samples_for_replicates), which does not see the data.
    ///
    /// ```
    /// use syn2real::Syn2RealLaw;
    /// use syn2real::plan::{PlanOptions, samples_for};
    ///
    /// let error = |k: f64| 0.59 - 0.00125 * k + 0.38 / k;
    /// let points = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0].map(|k| (1e3 * k, error(k)));
    /// let fit = Syn2RealLaw::fit(&points)?;
    /// let trusting = PlanOptions { check: false, ..PlanOptions::default() };
    /// let verdict = samples_for(&fit, &points, 0.4, &trusting)?;
    /// assert_eq!(verdict.name(), "unreachable", "a curve that falls on is taken for one with a gap");
    /// let verdict = verdict.checked(&fit.check(&points)?);
    /// assert_eq!(verdict.name(), "undetermined", "{verdict}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn checked(self, check: &Check) -> Verdict {
        match check.p_value {
            // It does not rest on the law.
            _ if self.method() == Some(MadeBy::Forecast) => self,
            Some(p) if !check.describes() => self.refuted(Reason::LawDoesNotFit { p }),
            _ => self,
        }
    }

    /// Undetermined, because what it rests on does not describe the data.
    pub(super) fn refuted(self, reason: Reason) -> Verdict {
        Verdict::Undetermined { n: self.n(), gap: self.gap(), reason, measure_at: self.measure_at() }
    }

    /// The scenario of the paper's figure 3.
    pub fn scenario(&self) -> Scenario {
        match self {
            Verdict::Reachable { .. } => Scenario::MoreSamples,
            Verdict::Unreachable { .. } => Scenario::GapTooHigh,
            Verdict::Infeasible { .. } => Scenario::RateTooLow,
            Verdict::Undetermined { .. } => Scenario::Measured,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.reason())?;
        if self.method() == Some(MadeBy::Forecast) {
            f.write_str(" (by the forecast, not by law (1))")?;
        }
        match self.measure_at() {
            Some(n) => write!(f, "; measure at n = {}", Place(n)),
            None => Ok(()),
        }
    }
}

/// Why a verdict is what it is; one sentence as text. The intervals beside it in the [`Verdict`] hold the digits.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Reason {
    /// The interval of n* ends below the budget.
    WithinBudget {
        /// The upper limit of n*.
        n: f64,
        /// The budget.
        budget: f64,
    },
    /// The interval of n* ends below 2^53, and there is no budget.
    Finite {
        /// The upper limit of n*.
        n: f64,
    },
    /// The interval of n* ends at or below the smallest size measured: the target is reached there already.
    EverySize {
        /// The smallest size measured.
        n: f64,
    },
    /// The interval of n* ends within the sizes measured: the target is reached already.
    Measured {
        /// The upper limit of n*.
        n: f64,
        /// The largest size measured.
        largest: f64,
    },
    /// The lower limit of the gap is not below the target.
    GapAboveTarget {
        /// The lower limit of the gap.
        gap: f64,
        /// The target.
        target: f64,
    },
    /// The interval of n* begins beyond the budget.
    BeyondBudget {
        /// The lower limit of n*.
        n: f64,
        /// The budget.
        budget: f64,
    },
    /// The interval of n* begins beyond 2^53.
    BeyondCounts,
    /// The interval of the gap contains the target.
    GapStraddlesTarget {
        /// The target.
        target: f64,
    },
    /// The interval of n* contains the budget, or has no upper end below it.
    SizeStraddlesBudget {
        /// The budget.
        budget: f64,
    },
    /// The interval of n* has no upper end below 2^53.
    SizeUnlimited,
    /// The interval of the gap could not be computed, or the data set no limit to it.
    NoInterval,
    /// As many free parameters as points: the scatter of the measurements is not known.
    NoFreedom,
    /// The error does not fall over the measured sizes, so that nothing is known of its rate.
    NoDecrease,
    /// The law does not describe the data, so that its intervals say nothing: [`Fit::check`](crate::Fit::check).
    LawDoesNotFit {
        /// The probability of such data if it did.
        p: f64,
    },
    /// The forecasts from the smaller sizes missed the larger ones, so that one beyond the data says nothing:
    /// [`Forecast::missed`](crate::forecast::Forecast::missed).
    ForecastMisses {
        /// The probability of such a miss if they were right.
        p: f64,
    },
    /// Law (1) puts the target out of reach, the forecast does not: the data do not tell whether the curve bends.
    ForecastDisagrees {
        /// The probability, by the forecast, that the budget reaches the target.
        probability: f64,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Reason::WithinBudget { n, budget } => {
                write!(f, "at most {} samples reach the target, and the budget is {}", Count(n), Count(budget))
            }
            Reason::Finite { n } => write!(f, "at most {} samples reach the target", Count(n)),
            Reason::EverySize { n } => {
                write!(f, "the target is already reached at the smallest n measured, {}", Place(n))
            }
            Reason::Measured { n, largest } => write!(
                f,
                "at most {} samples reach the target, and it is reached already: {} were measured",
                Count(n),
                Count(largest)
            ),
            Reason::GapAboveTarget { gap, target } => write!(
                f,
                "the transfer gap is {} at least and the target {}: change the generator or the model",
                Share(gap),
                Plain(target)
            ),
            Reason::BeyondBudget { n, budget } => write!(
                f,
                "the target takes {} samples at least and the budget is {}: change the generator or the model",
                Count(n),
                Count(budget)
            ),
            Reason::BeyondCounts => {
                f.write_str("the target takes more than 2^53 samples: change the generator or the model")
            }
            Reason::GapStraddlesTarget { target } => {
                write!(f, "the transfer gap may lie on either side of the target {}: measure more", Plain(target))
            }
            Reason::SizeStraddlesBudget { budget } => {
                write!(f, "the samples needed may lie on either side of the budget {}: measure more", Count(budget))
            }
            Reason::SizeUnlimited => f.write_str("the samples needed have no upper limit below 2^53: measure more"),
            Reason::NoInterval => f.write_str("the data set no limits to the transfer gap: measure at more sizes"),
            Reason::NoFreedom => {
                f.write_str("as many parameters as measurements, so their scatter is unknown: measure more")
            }
            Reason::NoDecrease => {
                f.write_str("the error does not fall over the measured sizes: measure at larger ones")
            }
            Reason::LawDoesNotFit { p } => write!(
                f,
                "the law does not describe the data (p = {}): look at the rows, or measure larger sizes and fit those alone",
                P(p)
            ),
            Reason::ForecastMisses { p } => write!(
                f,
                "forecasts from the smaller sizes missed the larger ones (p = {}): look at the rows, or measure larger sizes",
                P(p)
            ),
            Reason::ForecastDisagrees { probability } => write!(
                f,
                "law (1) puts the target out of reach, but the curve may bend, and by the forecast it is met with a probability of {probability:.2}: measure more"
            ),
        }
    }
}

/// A size below 1000 to three significant digits, whole numbers as they are: 437, 64, 0.0248, 2.48e-5. Sizes are counts, or
/// counts in a larger unit.
struct Few(f64);

impl fmt::Display for Few {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0;
        // Rounding carries over at 9.995 and 99.95, as below.
        match n {
            n if n == n as u32 as f64 => write!(f, "{n}"),
            n if n < 9.995e-5 => write!(f, "{n:.2e}"),
            n if n < 9.995e-4 => write!(f, "{n:.6}"),
            n if n < 9.995e-3 => write!(f, "{n:.5}"),
            n if n < 9.995e-2 => write!(f, "{n:.4}"),
            n if n < 0.9995 => write!(f, "{n:.3}"),
            n if n < 9.995 => write!(f, "{n:.2}"),
            n if n < 99.95 => write!(f, "{n:.1}"),
            n => write!(f, "{n:.0}"),
        }
    }
}

/// Where to measure: a number that can be typed, whole from 1000 on.
struct Place(f64);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1e3 { Few(self.0).fmt(f) } else { write!(f, "{:.0}", self.0) }
    }
}

/// A count to three significant digits: 437, 16.5k, 1.20M, 3.40e9.
struct Count(f64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, unit) = match self.0 {
            n if n < 999.5 => return Few(n).fmt(f),
            n if n < 999.5e3 => (n / 1e3, "k"),
            n if n < 999.5e6 => (n / 1e6, "M"),
            n => return write!(f, "{n:.2e}"),
        };
        // Where rounding to three digits carries over to one digit more before the point.
        match n {
            n if n < 9.995 => write!(f, "{n:.2}{unit}"),
            n if n < 99.95 => write!(f, "{n:.1}{unit}"),
            n => write!(f, "{n:.0}{unit}"),
        }
    }
}

/// Whether a number is written without a power of ten: fewer than about ten characters.
fn is_plain(x: f64) -> bool {
    (1e-4..1e6).contains(&x)
}

/// A number of the user, all its digits.
struct Plain(f64);

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = self.0;
        if is_plain(x) { write!(f, "{x}") } else { write!(f, "{x:e}") }
    }
}

/// An error or a gap to four decimals, or three digits and a power of ten.
struct Share(f64);

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let x = self.0;
        if is_plain(x) { write!(f, "{x:.4}") } else { write!(f, "{x:.2e}") }
    }
}

/// The scenarios of the paper's figure 3 (sections 3.3 and 5.2): what to do after some measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Scenario {
    /// (a) Measured, but the law is not known well enough: measure more.
    Measured,
    /// (b) C low and alpha high: more samples reach the target.
    MoreSamples,
    /// (c) C above the target: more samples do not help, change the rendering or the model.
    GapTooHigh,
    /// (d) alpha low: the samples needed are out of reach, change the rendering or the model.
    RateTooLow,
}

impl Scenario {
    /// The letter of the panel: a, b, c or d.
    pub fn letter(self) -> char {
        match self {
            Scenario::Measured => 'a',
            Scenario::MoreSamples => 'b',
            Scenario::GapTooHigh => 'c',
            Scenario::RateTooLow => 'd',
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scenario::Measured => "(a) measured: the law is not known well enough, measure more",
            Scenario::MoreSamples => "(b) C low, alpha high: render more",
            Scenario::GapTooHigh => "(c) C above the target: change the rendering or the model",
            Scenario::RateTooLow => "(d) alpha too low: change the rendering or the model",
        })
    }
}
