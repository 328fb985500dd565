//! The laws over one size by their names, and the fit of any of them.
use clap::ValueEnum;
use syn2real::forecast::{self, LawFit};
use syn2real::{
    BendFit, BentLaw, Class, FitError, FitOptions, FitReport, Point, RectifiedLaw, Rise, ShiftedLaw, Syn2RealFit,
    Syn2RealLaw,
};

use crate::args::LawArgs;
use crate::errors::Error;
use crate::output::short;

/// Another minimum is named if its cost is at most this many times the lowest, as for law (1).
const NEAR_TIE: f64 = 1.1;

/// The laws over one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LawName {
    /// D n^-alpha + C.
    Law1,
    /// D n^-alpha.
    Power,
    /// C + (A - C) / (1 + (n / n_h)^beta).
    Rectified,
    /// C + (A - C) (1 + n / n0)^-alpha.
    Shifted,
    /// C + (A - C) (1 + (n / n_h)^beta)^-kappa.
    Bent,
}

/// What `fit` fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Asked {
    /// D n^-alpha + C.
    #[default]
    Law1,
    /// D n^-alpha.
    Power,
    /// C + (A - C) / (1 + (n / n_h)^beta).
    Rectified,
    /// C + (A - C) (1 + n / n0)^-alpha.
    Shifted,
    /// C + (A - C) (1 + (n / n_h)^beta)^-kappa.
    Bent,
    /// All of them, weighed by the evidence for each, and a forecast over them.
    Best,
}

impl Asked {
    /// The law, unless all are compared.
    pub(crate) fn law(self) -> Option<LawName> {
        match self {
            Asked::Law1 => Some(LawName::Law1),
            Asked::Power => Some(LawName::Power),
            Asked::Rectified => Some(LawName::Rectified),
            Asked::Shifted => Some(LawName::Shifted),
            Asked::Bent => Some(LawName::Bent),
            Asked::Best => None,
        }
    }
}

impl LawName {
    /// All of them, those with fewer parameters first.
    pub(crate) const ALL: [LawName; 5] =
        [LawName::Power, LawName::Law1, LawName::Rectified, LawName::Shifted, LawName::Bent];

    /// The law that the library calls so.
    pub(crate) fn of(law: forecast::LawName) -> LawName {
        match law {
            forecast::LawName::Power => LawName::Power,
            forecast::LawName::Rectified => LawName::Rectified,
            forecast::LawName::Shifted => LawName::Shifted,
            forecast::LawName::Bent => LawName::Bent,
            _ => LawName::Law1,
        }
    }

    /// As it is written after --law.
    pub(crate) fn name(self) -> &'static str {
        match self {
            LawName::Law1 => "law1",
            LawName::Power => "power",
            LawName::Rectified => "rectified",
            LawName::Shifted => "shifted",
            LawName::Bent => "bent",
        }
    }

    /// As it stands in a sentence.
    pub(crate) fn words(self) -> &'static str {
        match self {
            LawName::Law1 => "law (1)",
            LawName::Power => "the power law",
            LawName::Rectified => "the rectified law",
            LawName::Shifted => "the shifted law",
            LawName::Bent => "the bent law",
        }
    }

    /// The law itself.
    pub(crate) fn formula(self) -> &'static str {
        match self {
            LawName::Law1 => "D n^-alpha + C",
            LawName::Power => "D n^-alpha",
            LawName::Rectified => "C + (A - C) / (1 + (n / n_h)^beta)",
            LawName::Shifted => "C + (A - C) (1 + n / n0)^-alpha",
            LawName::Bent => "C + (A - C) (1 + (n / n_h)^beta)^-kappa, alpha = kappa beta",
        }
    }

    /// Names of the parameters, those that are fitted first; alpha of the bent law follows from two of them.
    pub(crate) fn parameters(self) -> &'static [&'static str] {
        match self {
            LawName::Law1 => &["D", "alpha", "C"],
            LawName::Power => &["D", "alpha"],
            LawName::Rectified => &["A", "C", "n_h", "beta"],
            LawName::Shifted => &["A", "C", "n0", "alpha"],
            LawName::Bent => &["A", "C", "n_h", "beta", "kappa", "alpha"],
        }
    }

    /// Whether it is finite at n = 0.
    pub(crate) fn takes_zero(self) -> bool {
        !matches!(self, LawName::Law1 | LawName::Power)
    }

    /// The options of this law: the power law is law (1) with C held at 0.
    pub(crate) fn options(self, options: &FitOptions) -> FitOptions {
        match self {
            LawName::Power => FitOptions { fixed_c: Some(0.0), c: FitOptions::default().c, ..*options },
            _ => *options,
        }
    }

    /// Refuses arguments that speak of a parameter which the law does not have.
    pub(crate) fn check(self, args: &LawArgs) -> Result<(), Error> {
        let refuse = |option: &str, parameter: &str| {
            let text = format!("--{option}: {} has no {parameter}: leave it out, or take --law law1", self.words());
            Err(Error::Option(text))
        };
        match self {
            LawName::Law1 => Ok(()),
            LawName::Power if args.fixed_c.is_some() => refuse("fixed-c", "C"),
            LawName::Power if args.c.is_some() => refuse("c", "C"),
            LawName::Power => Ok(()),
            _ if args.fixed_d.is_some() => refuse("fixed-d", "D"),
            _ => Ok(()),
        }
    }

    /// Fits it.
    pub(crate) fn fit(self, points: &[Point], options: &FitOptions) -> Result<Fitted, FitError> {
        let options = &self.options(options);
        let mut fitted = match self {
            LawName::Law1 | LawName::Power => Fitted::Straight(Syn2RealLaw::fit_with(points, options)?),
            LawName::Rectified => BendingFit::of(Bending::Rectified, &RectifiedLaw::fit_with(points, options)?),
            LawName::Shifted => BendingFit::of(Bending::Shifted, &ShiftedLaw::fit_with(points, options)?),
            LawName::Bent => BendingFit::of(Bending::Bent, &BentLaw::fit_with(points, options)?),
        };
        if let Fitted::Bending(fit) = &mut fitted {
            fit.report.rise = rise(points, options);
        }
        Ok(fitted)
    }
}

/// Whether the values rise with n, as scores do and errors do not: what law (1) with all parameters free tells of the rows
/// with n > 0.
pub(crate) fn rise(points: &[Point], options: &FitOptions) -> Option<Rise> {
    let points: Vec<Point> = points.iter().copied().filter(|point| point.n > 0.0).collect();
    let free = FitOptions { residual: options.residual, weights: options.weights, ..FitOptions::default() };
    Syn2RealLaw::fit_with(&points, &free).ok()?.report().rise
}

/// A fit of any law.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "most are of law (1), and take no allocation")]
pub(crate) enum Fitted {
    /// Of law (1), or of the power law, which is law (1) with C = 0.
    Straight(Syn2RealFit),
    /// Of a law that bends.
    Bending(Box<BendingFit>),
}

/// A law that bends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bending {
    Rectified(RectifiedLaw),
    Shifted(ShiftedLaw),
    Bent(BentLaw),
}

/// A fit of a law that bends.
#[derive(Clone, Debug)]
pub(crate) struct BendingFit {
    pub(crate) law: Bending,
    pub(crate) report: FitReport,
    /// In the order of the law's fields.
    pub(crate) std_errors: Vec<Option<f64>>,
    /// The local minima with their costs, lowest first.
    pub(crate) minima: Vec<(Bending, f64)>,
}

/// Parameters of a fit among the evidence, in the order of [`LawName::parameters`].
pub(crate) fn values(fit: &LawFit) -> Vec<Option<f64>> {
    let known = |values: &[f64]| values.iter().map(|x| Some(*x).filter(|x| x.is_finite())).collect();
    match fit {
        LawFit::Power(fit) => known(&[fit.law().d, fit.law().alpha]),
        LawFit::LawOne(fit) => known(&[fit.law().d, fit.law().alpha, fit.law().c]),
        LawFit::Rectified(fit) => Bending::Rectified(fit.law()).values(),
        LawFit::Shifted(fit) => Bending::Shifted(fit.law()).values(),
        LawFit::Bent(fit) => Bending::Bent(fit.law()).values(),
        _ => Vec::new(),
    }
}

impl Fitted {
    /// L(n).
    pub(crate) fn error_at(&self, n: f64) -> f64 {
        match self {
            Fitted::Straight(fit) => fit.law().error_at(n),
            Fitted::Bending(fit) => fit.law.error_at(n),
        }
    }
}

impl Bending {
    /// L(n).
    pub(crate) fn error_at(&self, n: f64) -> f64 {
        match self {
            Bending::Rectified(law) => law.error_at(n),
            Bending::Shifted(law) => law.error_at(n),
            Bending::Bent(law) => law.error_at(n),
        }
    }

    /// Values in the order of [`LawName::parameters`]; `None` for one that a constant does not have.
    pub(crate) fn values(&self) -> Vec<Option<f64>> {
        let values = match self {
            Bending::Rectified(law) => vec![law.a, law.c, law.n_h, law.beta],
            Bending::Shifted(law) => vec![law.a, law.c, law.n_h, law.alpha],
            Bending::Bent(law) => vec![law.a, law.c, law.n_h, law.beta, law.kappa, law.alpha()],
        };
        values.into_iter().map(|x| Some(x).filter(|x| x.is_finite())).collect()
    }
}

impl BendingFit {
    fn of<L: Copy, const P: usize>(law: impl Fn(L) -> Bending, fit: &BendFit<L, P>) -> Fitted {
        Fitted::Bending(Box::new(BendingFit {
            law: law(fit.law()),
            report: *fit.report(),
            std_errors: fit.std_errors().to_vec(),
            minima: fit.minima().iter().map(|m| (law(m.law), m.cost)).collect(),
        }))
    }

    /// Whether each parameter that was free has a standard error.
    pub(crate) fn is_determined(&self) -> bool {
        let [_, alpha, c] = self.report.fixed;
        let held = usize::from(alpha) + usize::from(c);
        self.std_errors.iter().filter(|error| error.is_none()).count() <= held
    }

    /// What a reader of the fit must know, in short phrases.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let text = match self.report.class {
            Class::NoGap => "C = 0: no gap seen",
            Class::Flat => "flat: no decrease to explain",
            Class::AlphaMax => {
                "the rate runs to the end of its domain: a step, or a curve that bends on beyond the data"
            }
            Class::IsLawOne => "the bend lies before the data: law (1), A and the size of the bend are not seen",
            Class::IsRectified => "kappa = 1: the rectified law",
            Class::IsShifted => "beta = 1: the shifted law",
            Class::Corner => "beta at the end of its domain: a corner",
            _ => "",
        };
        notes.extend((!text.is_empty()).then(|| text.to_owned()));
        if let Class::AtBound { parameter, side } = self.report.class {
            let end = if side == syn2real::Side::Lower { "lower" } else { "upper" };
            notes.push(format!("{parameter} at its {end} bound"));
        }
        notes.extend(self.report.rise.map(|rise| rise.to_string()));
        if self.report.degrees_of_freedom <= 0 {
            notes.push("as many parameters as points: no standard errors".into());
        }
        let text = |law: &Bending| {
            let values: Vec<String> = law.values().iter().map(|x| x.map_or("undefined".into(), short)).collect();
            values.get(1..3).map_or(String::new(), |shown| format!("C {}, bend at {}", shown[0], shown[1]))
        };
        let this = text(&self.law);
        let near = self.minima.iter().filter(|(_, cost)| *cost <= self.report.cost * NEAR_TIE);
        // In a valley that is flat to rounding a search may end at neighbouring places.
        if let Some(other) = near.map(|(law, _)| text(law)).find(|other| *other != this) {
            notes.push(format!("another minimum within 10 %: {other}"));
        }
        notes
    }
}
