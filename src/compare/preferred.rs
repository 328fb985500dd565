//! Which of the two laws over n and s the data prefer.
use core::fmt;

use crate::fit::{self, AdditiveFit, AdditiveOptions, FitError, FullFit, FullOptions, GridRows, raw};
use crate::point::GridPoint;

use super::{difference, held_out, largest_trained};

/// Which law answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LawChoice {
    /// The one that the data prefer. The default.
    #[default]
    Auto,
    /// The full law.
    Full,
    /// The additive law.
    Additive,
}

/// How [`preferred`] chooses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PreferOptions {
    /// Which law. Default: the one that the data prefer.
    pub law: LawChoice,
    /// Options of the full law. Default: those of [`FullOptions`].
    pub full: FullOptions,
    /// Options of the additive law. Default: those of [`AdditiveOptions`]. For a comparison the space of the residual, the
    /// loss and the kind of weights must be the same.
    pub additive: AdditiveOptions,
    /// Largest distinct n that are held out where there is no AICc (the Huber loss, too few points). Default: 1.
    pub hold_out_n: usize,
}

impl Default for PreferOptions {
    fn default() -> PreferOptions {
        PreferOptions {
            law: LawChoice::Auto,
            full: FullOptions::default(),
            additive: AdditiveOptions::default(),
            hold_out_n: 1,
        }
    }
}

impl PreferOptions {
    /// The options of the full law with those of the additive one that go with them: the same space, loss, weights, rates
    /// and bounds of rates, E free.
    pub fn of(full: &FullOptions) -> PreferOptions {
        PreferOptions { full: *full, additive: super::additive_options(full), ..PreferOptions::default() }
    }
}

/// A fit of either law.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "both are fits of about the same size, and there is no heap")]
pub enum EitherFit {
    /// Of the full law.
    Full(FullFit),
    /// Of the additive law.
    Additive(AdditiveFit),
}

/// Why a law answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PreferredBy {
    /// The options say so.
    Option,
    /// Its AICc is lower.
    Aicc,
    /// There is no AICc, and its error at the largest n, held out, is lower.
    HoldOut,
    /// The other cannot be fitted.
    OnlyOne,
    /// Nothing tells them apart: the full law, which is the paper's.
    Paper,
}

/// The law that answers, and why; one sentence as text.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Preferred {
    /// Its fit.
    pub fit: EitherFit,
    /// Why.
    pub by: PreferredBy,
    /// AICc of the full law minus that of the additive one; `None` where there is none.
    pub difference: Option<f64>,
    /// Errors at the held-out n of the full and the additive law, in the space of the residual, where these decided.
    pub holdout_rmse: [Option<f64>; 2],
}

impl Preferred {
    /// `full` or `additive`.
    pub fn name(&self) -> &'static str {
        match self.fit {
            EitherFit::Full(_) => "full",
            EitherFit::Additive(_) => "additive",
        }
    }
}

/// A difference of AICc below which two laws describe the data about as well (Burnham and Anderson 2002, section 2.6).
const NEAR: f64 = 2.0;

impl fmt::Display for Preferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} law: ", self.name())?;
        match (self.by, self.difference) {
            (PreferredBy::Aicc, Some(d)) => {
                let other = if d > 0.0 { "full" } else { "additive" };
                write!(f, "its AICc is {:.1} below that of the {other} law", d.abs())?;
                if d.abs() < NEAR {
                    f.write_str(", which is no clear difference: ask both")?;
                }
                Ok(())
            }
            (PreferredBy::Option, Some(d)) => {
                let own = if self.name() == "full" { d } else { -d };
                let side = if own > 0.0 { "above" } else { "below" };
                write!(f, "asked for; its AICc is {:.1} {side} that of the other", d.abs())
            }
            (PreferredBy::HoldOut, _) => {
                f.write_str("its error at the largest n, held out of the fit, is the lower one")
            }
            (PreferredBy::OnlyOne, _) => f.write_str("the other cannot be fitted to these points"),
            (PreferredBy::Option, None) => f.write_str("asked for"),
            _ => f.write_str("nothing tells the two apart, and this is the paper's"),
        }
    }
}

/// The law that the data prefer, by AICc, or where there is none by the error at the `hold_out_n` largest n, held out of the
/// fit; or the law that the options name, with the difference all the same.
///
/// # Errors
/// What the fit of the law that answers says; where both are tried, that of the full law.
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::compare::{PreferOptions, preferred};
///
/// let truth = FullLaw { delta: 42.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
/// let points: [_; 20] = core::array::from_fn(|i| {
///     let (n, s) = ([1e3, 4e3, 16e3, 64e3, 256e3][i % 5], [1e4, 4e4, 16e4, 64e4][i / 5]);
///     (n, s, truth.error_at(n, s) * if i % 2 == 0 { 1.002 } else { 0.998 })
/// });
/// let law = preferred(&points, &PreferOptions::default())?;
/// assert!(law.name() == "full" && law.difference.unwrap() < -10.0);
/// # Ok::<(), syn2real::FitError>(())
/// ```
pub fn preferred<T: Copy + Into<GridPoint>>(points: &[T], options: &PreferOptions) -> Result<Preferred, FitError> {
    preferred_of(&raw(points), options)
}

fn preferred_of(points: &GridRows<'_>, options: &PreferOptions) -> Result<Preferred, FitError> {
    let full = fit::full(points, f64::INFINITY, &options.full);
    let sum = fit::additive(points, f64::INFINITY, &options.additive);
    let between = match (&full, &sum) {
        (Ok(full), Ok(sum)) => difference(full, sum),
        _ => None,
    };
    let told = |fit, by| Ok(Preferred { fit, by, difference: between, holdout_rmse: [None; 2] });
    let (full, sum) = match (options.law, full, sum) {
        (LawChoice::Full, full, _) => return told(EitherFit::Full(full?), PreferredBy::Option),
        (LawChoice::Additive, _, sum) => return told(EitherFit::Additive(sum?), PreferredBy::Option),
        (LawChoice::Auto, Ok(full), Ok(sum)) => (full, sum),
        (LawChoice::Auto, Ok(full), Err(_)) => return told(EitherFit::Full(full), PreferredBy::OnlyOne),
        (LawChoice::Auto, Err(_), Ok(sum)) => return told(EitherFit::Additive(sum), PreferredBy::OnlyOne),
        (LawChoice::Auto, Err(why), Err(_)) => return Err(why),
    };
    let pick = |is_full| if is_full { EitherFit::Full(full) } else { EitherFit::Additive(sum) };
    if let Some(d) = between {
        return told(pick(d <= 0.0), PreferredBy::Aicc);
    }
    let scores = largest_trained(points, options.hold_out_n).map(|n_max| {
        [
            held_out(points, n_max, &options.full, fit::full(points, n_max, &options.full)),
            held_out(points, n_max, &options.full, fit::additive(points, n_max, &options.additive)),
        ]
    });
    match scores {
        Some(holdout_rmse @ [Some(a), Some(b)]) => {
            let (fit, by) = (pick(a <= b), PreferredBy::HoldOut);
            Ok(Preferred { fit, by, difference: None, holdout_rmse })
        }
        _ => told(pick(true), PreferredBy::Paper),
    }
}
