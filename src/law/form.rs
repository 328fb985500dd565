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

    /// The law of these six.
    pub(crate) fn law(self, six: &[f64; 6]) -> AnyLaw {
        match self {
            Form::Product => AnyLaw::Product(FullLaw::from_six(*six)),
            Form::Sum => AnyLaw::Sum(AdditiveLaw::from_six(*six)),
        }
    }
}

/// Any of the laws over n and s: what is compiled once for all of them takes this.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum AnyLaw {
    Product(FullLaw),
    Sum(AdditiveLaw),
}

impl AnyLaw {
    pub(crate) fn of<L: GridLaw>(law: &L) -> AnyLaw {
        law.form().law(&law.six())
    }
}

/// The same question to whichever law it is.
macro_rules! ask {
    ($any:expr, $law:ident => $answer:expr) => {
        match $any {
            AnyLaw::Product($law) => $answer,
            AnyLaw::Sum($law) => $answer,
        }
    };
}

impl Sealed for AnyLaw {
    fn form(&self) -> Form {
        ask!(self, law => law.form())
    }

    fn six(&self) -> [f64; 6] {
        ask!(self, law => law.six())
    }

    fn with_six(&self, six: [f64; 6]) -> AnyLaw {
        self.form().law(&six)
    }

    fn slopes(&self, n: f64, s: f64) -> [f64; 6] {
        ask!(self, law => law.slopes(n, s))
    }

    fn gap_slopes(&self, s: f64) -> [f64; 6] {
        ask!(self, law => law.gap_slopes(s))
    }

    fn floor_slopes(&self, n: f64) -> [f64; 6] {
        ask!(self, law => law.floor_slopes(n))
    }
}

impl GridLaw for AnyLaw {
    fn value_at(&self, n: f64, s: f64) -> f64 {
        ask!(self, law => law.value_at(n, s))
    }

    fn over_n(&self, s: f64) -> Syn2RealLaw {
        ask!(self, law => law.over_n(s))
    }

    fn over_s(&self, n: f64) -> Syn2RealLaw {
        ask!(self, law => law.over_s(n))
    }
}
