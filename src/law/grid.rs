//! What the laws over n and s have in common: fits, intervals and plans see six parameters and a [`Form`].
use super::{Parameter, Syn2RealLaw};

pub(crate) mod sealed {
    /// Which law over n and s six parameters are of.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Form {
        /// delta, gamma, alpha, beta, n0, E of the full law.
        Product,
        /// A, B, alpha, beta, 0, E of the additive law.
        Sum,
    }

    /// The parameters in one order, so that fits and intervals are compiled once for all laws.
    pub trait Sealed: Sized {
        /// Which law this is.
        fn form(&self) -> Form;
        /// Its parameters in the order of the form.
        fn six(&self) -> [f64; 6];
        /// The law of this form with these parameters.
        fn with_six(&self, six: [f64; 6]) -> Self;
        /// dL / d of the six; n0 of the additive law has none.
        fn slopes(&self, n: f64, s: f64) -> [f64; 6];
        /// d C / d of the six, with C that of the law over n at this s.
        fn gap_slopes(&self, s: f64) -> [f64; 6];
        /// d C / d of the six, with C that of the law over s at this n.
        fn floor_slopes(&self, n: f64) -> [f64; 6];
    }
}

use sealed::Form;

/// A law over n and s: [`FullLaw`](crate::FullLaw) or [`AdditiveLaw`](crate::AdditiveLaw). What plans and intervals ask of either.
///
/// ```
/// use syn2real::{AdditiveLaw, FullLaw, GridLaw};
///
/// fn at_the_largest(law: &impl GridLaw) -> f64 {
///     law.value_at(64e3, 16e4)
/// }
/// let full = FullLaw { delta: 42.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
/// let sum = AdditiveLaw { a: 5.0, alpha: 0.5, b: 20.0, beta: 0.4, e: 0.1 };
/// assert!(at_the_largest(&full) == full.error_at(64e3, 16e4) && at_the_largest(&sum) == sum.error_at(64e3, 16e4));
/// // Over one size either is a law (1).
/// assert!((sum.over_n(16e4).error_at(64e3) - sum.error_at(64e3, 16e4)).abs() < 1e-15);
/// assert!((full.over_s(64e3).error_at(16e4) - full.error_at(64e3, 16e4)).abs() < 1e-15);
/// ```
pub trait GridLaw: Copy + PartialEq + core::fmt::Debug + sealed::Sealed {
    /// L(n, s) for n + n0 > 0 and s > 0.
    fn value_at(&self, n: f64, s: f64) -> f64;

    /// The law over n + n0 at this s > 0: what no n removes is its C.
    fn over_n(&self, s: f64) -> Syn2RealLaw;

    /// The law over s at this n, n + n0 > 0: D s^-beta + C.
    fn over_s(&self, n: f64) -> Syn2RealLaw;

    /// n0, 0 in a law that has none.
    fn offset(&self) -> f64 {
        let [.., n0, _] = self.six();
        n0
    }

    /// E, what no numbers of samples remove.
    fn floor(&self) -> f64 {
        let [.., e] = self.six();
        e
    }

    /// The parameter of this name, if the law has it.
    fn parameter(&self, parameter: Parameter) -> Option<f64> {
        let has = self.form() == Form::Product || parameter != Parameter::N0;
        let place = self.form().parameters().iter().position(|name| *name == parameter).filter(|_| has)?;
        self.six().get(place).copied()
    }
}
