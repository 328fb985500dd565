//! Pages with tables and figures, of one file each, which ask for nothing from outside.
pub(crate) mod asked;
mod axis;
pub(crate) mod band;
mod canvas;
mod colours;
pub(crate) mod curve;
mod draw;
pub(crate) mod figure;
pub(crate) mod file;
pub(crate) mod groups;
pub(crate) mod html;
pub(crate) mod outlooks;
mod panel;
mod ticks;

use crate::laws::LawName;
use syn2real::{Bounds, FitOptions, Loss, Residual};

/// Lower end of the domain of beta.
const BETA_MIN: f64 = 0.05;

/// The settings of a fit of law (1) in one line: no estimate is printed without its residual space.
pub(crate) fn settings(options: &FitOptions) -> String {
    settings_of(LawName::Law1, options)
}

/// The same of any law.
pub(crate) fn settings_of(law: LawName, options: &FitOptions) -> String {
    let space = match options.residual {
        Residual::Log => "log residual, ln(model) - ln(error)",
        Residual::Linear => "linear residual, model - error",
    };
    let loss = match options.loss {
        Loss::Square => "square loss".into(),
        Loss::Huber { k } => format!("Huber loss, k = {k}"),
        Loss::HuberAbsolute { delta } => format!("Huber loss, delta = {delta}"),
        _ => "another loss".into(),
    };
    let parameter = |name: &str, fixed: Option<f64>, bounds: Bounds| match fixed {
        Some(value) => format!("{name} = {value} fixed"),
        None if bounds.upper.is_infinite() => format!("{name} >= {}", bounds.lower),
        None => format!("{name} in [{}, {}]", bounds.lower, bounds.upper),
    };
    let d = parameter("D", options.fixed_d, options.d);
    let alpha = parameter("alpha", options.fixed_alpha, options.alpha);
    let c = parameter("C", options.fixed_c, options.c);
    match law {
        LawName::Law1 => format!("{space}; {loss}; {d}, {alpha}, {c}"),
        LawName::Power => format!("L(n) = {}; {space}; {loss}; {d}, {alpha}", law.formula()),
        LawName::Rectified => {
            let beta = parameter(
                "beta",
                options.fixed_alpha,
                Bounds { lower: options.alpha.lower.max(BETA_MIN), ..options.alpha },
            );
            format!("L(n) = {}; {space}; {loss}; {beta}, {c}", law.formula())
        }
        _ => format!("L(n) = {}; {space}; {loss}; {alpha}, {c}", law.formula()),
    }
}
