//! From six parameters to the law that they are of: the one place that lists the laws over n and s.
use super::{AdditiveLaw, Form, FullLaw, GridLaw, Parameter, Sealed, Syn2RealLaw};

impl Form {
    /// The names of the six.
    pub(crate) fn parameters(self) -> [Parameter; 6] {
        let [first, second] = match self {
            Form::Product => [Parameter::Delta, Parameter::Gamma],
            Form::Sum => [Parameter::A, Parameter::B],
        };
        [first, second, Parameter::Alpha, Parameter::Beta, Parameter::N0, Parameter::E]
    }

    /// Where the fields of the law, in their order, are among the six.
    pub(crate) fn order(self) -> [usize; 6] {
        match self {
            Form::Product => [0, 1, 2, 3, 4, 5],
            Form::Sum => [0, 2, 1, 3, 5, 4],
        }
    }

    /// L(n, s) of the law of these six.
    pub(crate) fn value(self, six: &[f64; 6], n: f64, s: f64) -> f64 {
        match self {
            Form::Product => FullLaw::from_six(*six).error_at(n, s),
            Form::Sum => AdditiveLaw::from_six(*six).error_at(n, s),
        }
    }

    /// dL / d of the six.
    pub(crate) fn slopes(self, six: &[f64; 6], n: f64, s: f64) -> [f64; 6] {
        match self {
            Form::Product => FullLaw::from_six(*six).slopes(n, s),
            Form::Sum => AdditiveLaw::from_six(*six).slopes(n, s),
        }
    }

    /// The law of these six over n at this s.
    pub(crate) fn over_n(self, six: &[f64; 6], s: f64) -> Syn2RealLaw {
        match self {
            Form::Product => FullLaw::from_six(*six).over_n(s),
            Form::Sum => AdditiveLaw::from_six(*six).over_n(s),
        }
    }

    /// The law of these six over s at this n.
    pub(crate) fn over_s(self, six: &[f64; 6], n: f64) -> Syn2RealLaw {
        match self {
            Form::Product => FullLaw::from_six(*six).over_s(n),
            Form::Sum => AdditiveLaw::from_six(*six).over_s(n),
        }
    }
}
