//! Allocation under the law that the data prefer.
use core::fmt;

use crate::compare::{EitherFit, PreferOptions, Preferred, preferred};
use crate::point::GridPoint;

use super::super::error::PlanError;
use super::{AllocateOptions, Allocation, Cheapest, best_error, cheapest};

/// An answer and the law that it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Planned<A> {
    /// The answer.
    pub answer: A,
    /// The law, and why it was taken; one sentence as text.
    pub law: Preferred,
}

impl<A> fmt::Display for Planned<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.law)
    }
}

/// The cheapest pair for a target under the law that the data prefer ([`preferred`]); [`cheapest`] for a law at hand.
///
/// # Errors
/// As [`cheapest`], and [`PlanError::Fit`] if no law can be fitted.
///
/// ```
/// use syn2real::AdditiveLaw;
/// use syn2real::compare::{LawChoice, PreferOptions};
/// use syn2real::plan::allocate::{AllocateOptions, cheapest_by_data};
///
/// let truth = AdditiveLaw { a: 5.0, alpha: 0.5, b: 20.0, beta: 0.4, e: 0.01 };
/// let points: [_; 20] = core::array::from_fn(|i| {
///     let (n, s) = ([1e3, 4e3, 16e3, 64e3, 256e3][i % 5], [1e4, 4e4, 16e4, 64e4][i / 5]);
///     (n, s, truth.error_at(n, s) * if i % 2 == 0 { 1.002 } else { 0.998 })
/// });
/// let plan = cheapest_by_data(&points, 0.1, &AllocateOptions::default(), &PreferOptions::default())?;
/// assert_eq!(plan.law.name(), "additive");
/// assert!(plan.to_string().starts_with("the additive law: its AICc is "), "{plan}");
/// assert!(plan.law.difference.unwrap() > 0.0 && plan.answer.allocation().is_some());
/// let full = PreferOptions { law: LawChoice::Full, ..PreferOptions::default() };
/// assert_eq!(cheapest_by_data(&points, 0.1, &AllocateOptions::default(), &full)?.law.name(), "full");
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn cheapest_by_data<T: Copy + Into<GridPoint>>(
    points: &[T],
    target: f64,
    options: &AllocateOptions,
    law: &PreferOptions,
) -> Result<Planned<Cheapest>, PlanError> {
    let law = preferred(points, law)?;
    let answer = match &law.fit {
        EitherFit::Full(fit) => cheapest(&fit.law(), target, options)?,
        EitherFit::Additive(fit) => cheapest(&fit.law(), target, options)?,
    };
    Ok(Planned { answer, law })
}

/// The least error for a budget under the law that the data prefer ([`preferred`]); [`best_error`] for a law at hand.
///
/// # Errors
/// As [`best_error`], and [`PlanError::Fit`] if no law can be fitted.
///
/// ```
/// use syn2real::FullLaw;
/// use syn2real::compare::PreferOptions;
/// use syn2real::plan::allocate::{AllocateOptions, best_error_by_data};
///
/// let truth = FullLaw { delta: 42.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
/// let points: [_; 20] = core::array::from_fn(|i| {
///     let (n, s) = ([1e3, 4e3, 16e3, 64e3, 256e3][i % 5], [1e4, 4e4, 16e4, 64e4][i / 5]);
///     (n, s, truth.error_at(n, s) * if i % 2 == 0 { 1.002 } else { 0.998 })
/// });
/// let plan = best_error_by_data(&points, 1e6, &AllocateOptions::default(), &PreferOptions::default())?;
/// assert_eq!(plan.law.name(), "full");
/// assert!((plan.answer.cost - 1e6).abs() < 1e-6);
/// # Ok::<(), syn2real::plan::PlanError>(())
/// ```
pub fn best_error_by_data<T: Copy + Into<GridPoint>>(
    points: &[T],
    budget: f64,
    options: &AllocateOptions,
    law: &PreferOptions,
) -> Result<Planned<Allocation>, PlanError> {
    let law = preferred(points, law)?;
    let answer = match &law.fit {
        EitherFit::Full(fit) => best_error(&fit.law(), budget, options)?,
        EitherFit::Additive(fit) => best_error(&fit.law(), budget, options)?,
    };
    Ok(Planned { answer, law })
}
