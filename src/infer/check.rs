//! Whether the law describes the data at all.
mod order;
mod sizes;

use core::fmt;

use crate::fit::{Curve, Source, Syn2RealFit, each, source_of};
use crate::math;
use crate::point::Point;

use super::InferError;
use super::identify::scatter_in_decimals;
use super::problem::Problem;
use order::Order;
pub(crate) use sizes::Sizes;

/// Degrees of freedom that stand for infinitely many: F with them is chi^2 to 1e-8.
const INFINITE: f64 = 1e8;

/// Standard deviations below the mean of the ratio down to which its probability is above [`Check::LEVEL`], whatever the
/// sizes: .05 at least over 2 to 64 directions (`order`, tests). Two directions have nothing beyond 1.414.
const SURE: f64 = 1.38;

/// Scatter below this part of the last decimal of the errors is their rounding, whose residuals are a saw and no noise:
/// rounding has .29, and noise of that size beside it (.41 together) makes it random.
const ROUNDED: f64 = 0.4;

/// Smooth misfits, in standard deviations of the noise of one size, that are found in four of five curves with so many
/// sizes: those of err = .59 - .00125 k + .38 / k at equal steps of ln k from 1 to 60, by `cargo run --release --example
/// check`. With fewer sizes there is none.
const VISIBLE: [(usize, f64); 8] =
    [(8, 5.0), (9, 3.1), (10, 2.3), (12, 1.9), (16, 1.45), (24, 1.1), (40, 0.92), (60, 0.8)];

/// What a check rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum CheckMethod {
    /// Nothing: fewer than two sizes more than free parameters, and no repeats or sigmas to compare with.
    Untestable,
    /// Nothing: the law goes through all points as far as their decimals or the rounding of f64 tell.
    Exact,
    /// Whether neighbouring residuals are alike: the Durbin-Watson ratio with its exact distribution for this fit.
    Order,
    /// What the law misses against the scatter of repeated sizes: the F test of lack of fit.
    PureError,
    /// What the law misses against the sigmas given: chi^2.
    Sigmas,
}

/// Whether the law describes the data; it displays as one sentence. Made by [`Fit::check`](crate::Fit::check).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Check {
    /// The test; of two the one that speaks more against the law.
    pub method: CheckMethod,
    /// Its statistic: the sum of squared differences of neighbouring residuals over their sum of squares (2 or more if they
    /// have no order, near 0 if neighbours are alike), or the mean square of what the law misses over that of the
    /// scatter; `None` without a test.
    pub statistic: Option<f64>,
    /// Probability of data that speak as much against the law, or more, if it is right, to 1e-10; `None` without a test.
    /// Of two tests it is that of the smaller p, 1 - (1 - p)^2: order and size of residuals are independent.
    pub p_value: Option<f64>,
    /// Distinct sizes that were compared, at most 64.
    pub sizes: usize,
    /// Sizes minus parameters that the data could bend: directions in which the residuals are free.
    pub degrees_of_freedom: usize,
    /// Most sizes in a row whose residuals have one sign.
    pub longest_run: usize,
}

impl Check {
    /// At a p below this the law does not describe the data.
    pub const LEVEL: f64 = 0.01;

    /// Whether the data agree with the law, as far as they can tell: p >= .01, or no test.
    pub fn describes(&self) -> bool {
        self.p_value.is_none_or(|p| p >= Check::LEVEL)
    }

    /// The power of the test of order: the root mean square of a smooth misfit, in standard deviations of the noise of one
    /// size, that it finds in four of five curves. `None` with fewer than 8 sizes, where even a gross misfit may go
    /// unseen. Measured on curves that go on falling where the law has ended; of those that bend down late about as much.
    pub fn visible_misfit(&self) -> Option<f64> {
        let (mut before, mut found) = (VISIBLE.first()?, None);
        for entry in &VISIBLE {
            let ((low, a), (high, b)) = (*before, *entry);
            if self.sizes >= low {
                let share = if high > low { (self.sizes - low) as f64 / (high - low) as f64 } else { 0.0 };
                found = Some(a + share.min(1.0) * (b - a));
            }
            before = entry;
        }
        found
    }
}

impl Syn2RealFit {
    /// Whether the law describes the data that it was fitted to: a planner's answer is worth as much as the law.
    ///
    /// Residuals that only noise has made have no order in n; a law of the wrong form leaves runs of one sign. The test is
    /// that of Durbin and Watson on the mean residuals of the sizes, against positive correlation, with the exact
    /// distribution for this fit: the residuals of a fit depend on each other, and with 7 points that is most of it.
    /// Where sizes repeat, what the law misses is tested against the scatter of the repeats, too (Bates and Watts 1988,
    /// section 1.3.2), with absolute weights against the sigmas given instead. Parameters that are on a bound count as held
    /// there: the ratio has its distribution whichever side of the bound the free optimum is on, because it does not change
    /// with the sign of all residuals. Residuals beyond the Huber delta count as delta. With more than 64 sizes those within a 64th of the range of
    /// ln n count as one.
    ///
    /// # Accuracy
    /// The p is that of the linearised law, to 1e-10. Alarms (p < .01) on data that follow the law, 5 to 60 points of all
    /// classes: 0.7 to 1.3 %; on the curve err = .59 - .00125 k + .38 / k with noise of a fifth of the misfit: in all of
    /// 200 curves with 10 points or more, but in 82 % with 8 and in 30 % with 7. Printed by `cargo run --release --example check`.
    ///
    /// # Errors
    /// [`InferError::OtherPoints`] if the points are not those of the fit.
    ///
    /// ```
    /// use syn2real::Syn2RealLaw;
    ///
    /// let error = |k: f64| 0.59 - 0.00125 * k + 0.38 / k;
    /// let points = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0].map(|k| (1e3 * k, error(k)));
    /// let fit = Syn2RealLaw::fit(&points)?;
    /// let check = fit.check(&points)?;
    /// assert!(!check.describes() && check.p_value.is_some_and(|p| p < 1e-3), "{check}");
    /// assert!(check.to_string().starts_with("the law does not describe these data (p = "));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check<T: Copy + Into<Point>>(&self, points: &[T]) -> Result<Check, InferError> {
        check_of(self, &source_of(self, points))
    }
}

fn check_of(fit: &Syn2RealFit, data: &Source<'_>) -> Result<Check, InferError> {
    let mut curve = Curve::EMPTY;
    Problem::new(fit, data, &mut curve)?;
    Ok(check(fit, &Sizes::new(fit, data), data))
}

/// The tests of these residuals; `data` are asked for their decimals.
fn check(fit: &Syn2RealFit, sizes: &Sizes, data: &Source<'_>) -> Check {
    let order = sizes.order();
    let degrees_of_freedom = order.freedom();
    let longest_run = longest_run(order.residuals());
    let blank = Check {
        method: CheckMethod::Untestable,
        statistic: None,
        p_value: None,
        sizes: order.len(),
        degrees_of_freedom,
        longest_run,
    };
    if sizes.is_exact || scatter_in_decimals(fit, each(data)).is_some_and(|scatter| scatter < ROUNDED) {
        return Check { method: CheckMethod::Exact, ..blank };
    }
    let by_size = by_size(fit, sizes, &order);
    let by_order = (degrees_of_freedom >= 2).then(|| {
        let ratio = order.ratio();
        (CheckMethod::Order, ratio, order.below(ratio))
    });
    let both = |p: f64| 2.0 * p - p * p;
    let (method, statistic, p) = match (by_size, by_order) {
        (Some(a), Some(b)) if a.2 < b.2 => (a.0, a.1, both(a.2)),
        (Some(_), Some(b)) => (b.0, b.1, both(b.2)),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return blank,
    };
    Check { method, statistic: Some(statistic), p_value: Some(p), ..blank }
}

/// The p of [`check`] where it is below [`Check::LEVEL`]: mostly without the integral.
pub(crate) fn misfit(fit: &Syn2RealFit, sizes: &Sizes, data: &Source<'_>) -> Option<f64> {
    let order = sizes.order();
    let is_ordered = order.freedom() >= 2 && {
        let (mean, variance) = order.moments();
        order.ratio() < mean - SURE * math::sqrt(variance)
    };
    let is_far = by_size(fit, sizes, &order).is_some_and(|(_, _, p)| p < Check::LEVEL);
    if !is_ordered && !is_far {
        return None;
    }
    check(fit, sizes, data).p_value.filter(|p| *p < Check::LEVEL)
}

/// The test of what the law misses against what no law explains.
fn by_size(fit: &Syn2RealFit, sizes: &Sizes, order: &Order) -> Option<(CheckMethod, f64, f64)> {
    let free = order.freedom() as f64;
    if free < 1.0 {
        return None;
    }
    let mean = order.squares() / free;
    if fit.report().weights.is_absolute() {
        return Some((CheckMethod::Sigmas, mean, math::f_tail(mean, free, INFINITE)));
    }
    // Rows that are there twice are no repeats.
    let ratio = (sizes.pure_square > 0.0).then(|| mean / (sizes.pure_square / sizes.pure))?;
    Some((CheckMethod::PureError, ratio, math::f_tail(ratio, free, sizes.pure)))
}

fn longest_run(residuals: impl Iterator<Item = f64>) -> usize {
    let (mut longest, mut run, mut sign) = (0, 0, 0.0);
    for r in residuals {
        let own = if r < 0.0 { -1.0 } else { 1.0 };
        run = if own == sign { run + 1 } else { 1 };
        sign = own;
        longest = longest.max(run);
    }
    longest
}

/// A probability to two digits.
pub(crate) struct P(pub(crate) f64);

impl fmt::Display for P {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            p if p < 1e-10 => f.write_str("1e-10 at most"),
            p if p < 1e-3 => write!(f, "{p:.0e}"),
            p if p < 0.1 => write!(f, "{p:.3}"),
            p => write!(f, "{p:.2}"),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(p) = self.p_value else {
            return f.write_str(match self.method {
                CheckMethod::Exact => "the law goes through these data, as far as their decimals tell",
                _ => {
                    "too few sizes to tell whether the law describes these data: measure at two more than there are free parameters, or repeat some"
                }
            });
        };
        if p < Check::LEVEL {
            write!(f, "the law does not describe these data (p = {}): ", P(p))?;
            return match self.method {
                CheckMethod::PureError => f.write_str("it misses the means of the sizes by more than repeats scatter"),
                CheckMethod::Sigmas => f.write_str("it misses the errors by more than their sigmas"),
                _ => write!(f, "the residuals keep their sign over runs of up to {} sizes", self.longest_run),
            };
        }
        write!(f, "nothing speaks against the law (p = {})", P(p))?;
        match self.visible_misfit() {
            _ if self.method != CheckMethod::Order => Ok(()),
            None => write!(f, ", but with {} sizes even a gross misfit may go unseen", self.sizes),
            Some(least) if least > 1.0 => {
                write!(f, ", but with {} sizes a misfit below {least:.1} times the noise may go unseen", self.sizes)
            }
            Some(_) => Ok(()),
        }
    }
}
