//! What the laws over n and s have in common.
use super::{AdditiveLaw, FullLaw, Parameter, Syn2RealLaw};

pub(crate) mod sealed {
    /// The parameters in one order, so that fits and intervals are compiled once for both laws.
    pub trait Sealed: Sized {
        /// Whether this is the additive law.
        const IS_SUM: bool;
        /// delta, gamma, alpha, beta, n0, E, or A, B, alpha, beta, 0, E.
        fn six(&self) -> [f64; 6];
        /// The law of these parameters.
        fn from_six(six: [f64; 6]) -> Self;
        /// dL / d of the six; n0 of the additive law has none.
        fn slopes(&self, n: f64, s: f64) -> [f64; 6];
    }
}

/// A law over n and s: [`FullLaw`] or [`AdditiveLaw`]. What plans and intervals ask of either.
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
    fn offset(&self) -> f64;

    /// E, what no numbers of samples remove.
    fn floor(&self) -> f64;

    /// The parameter of this name, if the law has it.
    fn parameter(&self, parameter: Parameter) -> Option<f64> {
        names::<Self>().into_iter().zip(self.six()).find(|(name, _)| *name == Some(parameter)).map(|(_, value)| value)
    }
}

/// The names of the six; the additive law has no n0.
pub(crate) fn names<L: sealed::Sealed>() -> [Option<Parameter>; 6] {
    match L::IS_SUM {
        true => [Parameter::A, Parameter::B, Parameter::Alpha, Parameter::Beta, Parameter::N0, Parameter::E]
            .map(|p| Some(p).filter(|p| *p != Parameter::N0)),
        false => [Parameter::Delta, Parameter::Gamma, Parameter::Alpha, Parameter::Beta, Parameter::N0, Parameter::E]
            .map(Some),
    }
}

impl sealed::Sealed for FullLaw {
    const IS_SUM: bool = false;

    fn six(&self) -> [f64; 6] {
        [self.delta, self.gamma, self.alpha, self.beta, self.n0, self.e]
    }

    fn from_six([delta, gamma, alpha, beta, n0, e]: [f64; 6]) -> FullLaw {
        FullLaw { delta, gamma, alpha, beta, n0, e }
    }

    fn slopes(&self, n: f64, s: f64) -> [f64; 6] {
        self.gradient_at(n, s)
    }
}

impl GridLaw for FullLaw {
    fn value_at(&self, n: f64, s: f64) -> f64 {
        self.error_at(n, s)
    }

    fn over_n(&self, s: f64) -> Syn2RealLaw {
        self.at_fine_tune_size(s)
    }

    fn over_s(&self, n: f64) -> Syn2RealLaw {
        self.at_pre_training_size(n)
    }

    fn offset(&self) -> f64 {
        self.n0
    }

    fn floor(&self) -> f64 {
        self.e
    }
}

impl sealed::Sealed for AdditiveLaw {
    const IS_SUM: bool = true;

    fn six(&self) -> [f64; 6] {
        [self.a, self.b, self.alpha, self.beta, 0.0, self.e]
    }

    fn from_six([a, b, alpha, beta, _, e]: [f64; 6]) -> AdditiveLaw {
        AdditiveLaw { a, alpha, b, beta, e }
    }

    fn slopes(&self, n: f64, s: f64) -> [f64; 6] {
        let [by_a, by_alpha, by_b, by_beta, by_e] = self.gradient_at(n, s);
        [by_a, by_b, by_alpha, by_beta, 0.0, by_e]
    }
}

impl GridLaw for AdditiveLaw {
    fn value_at(&self, n: f64, s: f64) -> f64 {
        self.error_at(n, s)
    }

    fn over_n(&self, s: f64) -> Syn2RealLaw {
        self.at_fine_tune_size(s)
    }

    fn over_s(&self, n: f64) -> Syn2RealLaw {
        self.at_pre_training_size(n)
    }

    fn offset(&self) -> f64 {
        0.0
    }

    fn floor(&self) -> f64 {
        self.e
    }
}
