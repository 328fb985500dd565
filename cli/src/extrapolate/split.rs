//! Which rows are fitted and which are scored.
use syn2real::Point;

use crate::args::N;
use crate::errors::Error;
use crate::fitting::Task;
use crate::group::Curves;

/// Where the training part ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Training {
    /// Rows with n up to this.
    UpTo(f64),
    /// Rows that the conditions take; this value column has a 1 there.
    Marked(usize),
}

/// Which rows are fitted and which are scored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split {
    pub(super) training: Training,
    /// Only rows with n from this are scored.
    pub(super) test_min: f64,
    /// Only rows with n up to this are scored.
    pub(super) test_max: f64,
}

/// The rows of a group: the points, and the places among them of those that are fitted and scored.
pub(super) struct Parts {
    pub(super) points: Vec<Point>,
    pub(super) train: Vec<usize>,
    pub(super) test: Vec<usize>,
    /// Rows of n = 0 outside of the training part: they are not scored.
    pub(super) untrained: usize,
}

impl Split {
    /// Refuses sizes that leave nothing on either side.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self.training {
            Training::UpTo(n) if n.is_nan() || n <= 0.0 => {
                Err(Error::Option(format!("--train-max: {n} is below every n: give the largest n to fit, above 0")))
            }
            _ if !(self.test_min >= 0.0) => {
                let text =
                    format!("--test-min: {} is no size: give the smallest n to score, or leave it out", self.test_min);
                Err(Error::Option(text))
            }
            _ if !(self.test_min <= self.test_max) => {
                Err(Error::Option("--test-min and --test-max: give the smallest n to score and a larger one".into()))
            }
            _ => Ok(()),
        }
    }

    /// Sorts the rows of a group.
    pub(super) fn of(&self, task: &Task<'_>, group: usize) -> Parts {
        let curves: &Curves = task.curves;
        let mut parts = Parts { points: task.points(group), train: Vec::new(), test: Vec::new(), untrained: 0 };
        for (k, row) in curves.rows(group).enumerate() {
            let n = curves.value(N, row);
            let is_fitted = match self.training {
                Training::UpTo(most) => n <= most,
                Training::Marked(column) => curves.value(column, row) == 1.0,
            };
            match () {
                // A size that is no number is reported where it is fitted.
                _ if is_fitted || n.is_nan() => parts.train.push(k),
                _ if n == 0.0 => parts.untrained += 1,
                _ if n < self.test_min || n > self.test_max => {}
                _ => parts.test.push(k),
            }
        }
        parts
    }

    /// Why there is nothing to score.
    pub(super) fn nothing_left(&self) -> String {
        match self.training {
            Training::UpTo(n) if self.test_min <= n && self.test_max.is_infinite() => {
                format!("no row is left to be scored: all n are at most {n}, lower --train-max")
            }
            Training::UpTo(_) => {
                "no row is left to be scored: --test-min and --test-max leave out all that are not fitted".into()
            }
            Training::Marked(_) => {
                "no row is left to be scored: --train-where takes them all, or --test-min and --test-max leave them out"
                    .into()
            }
        }
    }

    /// In words.
    pub(super) fn words(&self, conditions: &[String]) -> String {
        let fitted = match self.training {
            Training::UpTo(n) => format!("n <= {n}"),
            Training::Marked(_) => conditions.join(", "),
        };
        let from = if self.test_min > 0.0 { format!(" from n = {}", self.test_min) } else { String::new() };
        let to = if self.test_max.is_finite() { format!(" up to n = {}", self.test_max) } else { String::new() };
        let scored = format!("the other rows{from}{to}");
        format!("fitted: {fitted}; scored: {scored}.")
    }
}
