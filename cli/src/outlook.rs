//! L(n) with its interval at sizes: those asked for, or beyond the data.
use serde::Serialize;
use syn2real::forecast::Forecast;
use syn2real::infer::{self, Band, Method};
use syn2real::{Confidence, Point, Syn2RealFit};

use crate::output::short;
use crate::read::number;

/// Multiples of the largest size measured at which L(n) is told unasked.
pub(crate) const TIMES: [f64; 2] = [2.0, 10.0];

/// L(n) at a size; an end is null where the data set no limit, or there is no interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct At {
    pub(crate) n: f64,
    pub(crate) error: f64,
    pub(crate) lower: Option<f64>,
    pub(crate) upper: Option<f64>,
}

/// "0.2501 [0.2448, 0.2553]", an open end where there is no limit; the value alone where there is no interval.
impl std::fmt::Display for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let At { error, lower, upper, .. } = *self;
        f.write_str(&short(error))?;
        if lower.is_none() && upper.is_none() {
            return Ok(());
        }
        let lower = lower.map_or("(-".into(), |x| format!("[{}", short(x)));
        let upper = upper.map_or("-)".into(), |x| format!("{}]", short(x)));
        write!(f, " {lower}, {upper}")
    }
}

/// The sizes asked for, or twice and ten times the largest measured.
pub(crate) fn sizes(asked: &[f64], n_max: f64) -> Vec<f64> {
    if asked.is_empty() { TIMES.map(|times| times * n_max).to_vec() } else { asked.to_vec() }
}

/// L(n) of the law; without intervals where there are no degrees of freedom.
pub(crate) fn by_law(
    fit: &Syn2RealFit,
    points: &[Point],
    sizes: &[f64],
    confidence: Confidence,
    method: Method,
) -> Vec<At> {
    let mut bands = vec![Band::default(); sizes.len()];
    let known = infer::band(fit, points, sizes, confidence, method, &mut bands).is_ok();
    let at = |(&n, band): (&f64, &Band)| {
        let [lower, upper] = if known { band.curve } else { [None; 2] };
        At { n, error: fit.law().error_at(n), lower, upper }
    };
    sizes.iter().zip(&bands).map(at).collect()
}

/// L(n) alone.
pub(crate) fn without_intervals(sizes: &[f64], error_at: impl Fn(f64) -> f64) -> Vec<At> {
    sizes.iter().map(|&n| At { n, error: error_at(n), lower: None, upper: None }).collect()
}

/// L(n) of a forecast.
pub(crate) fn by_forecast(forecast: &Forecast, sizes: &[f64], confidence: Confidence) -> Vec<At> {
    let at = |&n: &f64| {
        let outlook = forecast.at(n, confidence);
        let [lower, upper] = outlook.curve;
        At { n, error: outlook.error, lower: Some(lower), upper: Some(upper) }
    };
    sizes.iter().map(at).collect()
}

/// Reads a size above 0.
pub(crate) fn size(text: &str) -> Result<f64, String> {
    match number::size(text)? {
        n if n > 0.0 && n.is_finite() => Ok(n),
        _ => Err("write sizes above 0, such as 128000, 128k or 1e6".into()),
    }
}
