//! Measured curves and fitted laws as what a panel draws.
use syn2real::infer::Method;
use syn2real::{Confidence, Point, Syn2RealFit};

use crate::identify::identified;
use crate::laws::BendingFit;

use super::band::band;
use super::figure::{Line, Mark, Series};

/// Samples of a drawn law: a third of a millimetre of a panel each.
const SAMPLES: usize = 120;

/// Places at which the ends of a band are found; between them their ratio to the law is interpolated, see [`ribbon`].
const BAND: usize = 24;
/// The same of a curve of many points, each of which costs passes over all of them.
const LONG_BAND: usize = 8;
/// Points of a long curve.
const LONG: usize = 1000;

/// Points and the fitted law as one series; the law is dashed where its parameters are not all identified.
pub(crate) fn series(points: &[Point], fit: &Syn2RealFit, style: usize) -> Series {
    let report = fit.report();
    series_over(points, fit, style, (report.n_min, report.n_max))
}

/// The same with the law drawn between two sizes, and its 95 % band where it is identified.
pub(crate) fn series_over(points: &[Point], fit: &Syn2RealFit, style: usize, ends: (f64, f64)) -> Series {
    let used = points.iter().filter(|point| point.weight > 0.0);
    let identified = identified(fit, points);
    let interval = |sizes: &[f64]| band(points, fit, sizes, Confidence::P95, Method::Profile);
    let band = if identified { interval(&sizes_of_band(ends, points)).unwrap_or_default() } else { Vec::new() };
    let band = ribbon(&band, &spaced(ends), |n| fit.law().error_at(n));
    Series {
        style,
        points: used.map(|point| (point.n, point.error)).collect(),
        lines: vec![Line {
            samples: spaced(ends).into_iter().map(|n| (n, fit.law().error_at(n))).collect(),
            dashed: !identified,
        }],
        band,
    }
}

/// The same of a law that bends, without a band; n = 0 has no place on a logarithmic axis, see [`untrained`].
pub(crate) fn bending_series(points: &[Point], fit: &BendingFit) -> Series {
    let used = || points.iter().filter(|point| point.weight > 0.0 && point.n > 0.0);
    let least = used().map(|point| point.n).fold(f64::INFINITY, f64::min);
    let sizes = spaced((least, fit.report.n_max));
    let samples = sizes.iter().map(|n| (*n, fit.law.error_at(*n))).collect();
    Series {
        points: used().map(|point| (point.n, point.error)).collect(),
        lines: vec![Line { samples, dashed: !fit.is_determined() }],
        ..Series::default()
    }
}

/// What was measured at n = 0, as lines across the panel.
pub(crate) fn untrained(points: &[Point]) -> Vec<Mark> {
    let at = points.iter().filter(|point| point.weight > 0.0 && point.n == 0.0);
    at.map(|point| Mark::Y(point.error, "n = 0".into())).collect()
}

/// Sizes with a common ratio, both ends among them; nothing where an end is not above 0.
pub(crate) fn spaced(ends: (f64, f64)) -> Vec<f64> {
    divided(ends, SAMPLES)
}

/// Sizes at which a band is found.
pub(crate) fn sizes_of_band(ends: (f64, f64), points: &[Point]) -> Vec<f64> {
    divided(ends, if points.len() > LONG { LONG_BAND } else { BAND })
}

/// A band with ends between those that were found: they keep as far from the law, by its ratio to them, as a straight line
/// over ln n says. A law bends more than its band widens.
pub(crate) fn ribbon(found: &[(f64, f64, f64)], sizes: &[f64], law: impl Fn(f64) -> f64) -> Vec<(f64, f64, f64)> {
    let mut band = Vec::with_capacity(sizes.len());
    let mut pairs = found.windows(2).peekable();
    for n in sizes {
        while pairs.peek().is_some_and(|pair| pair[1].0 < *n) && pairs.len() > 1 {
            pairs.next();
        }
        let Some([a, b]) = pairs.peek() else { return found.to_vec() };
        let share = if b.0 > a.0 { ((n.ln() - a.0.ln()) / (b.0.ln() - a.0.ln())).clamp(0.0, 1.0) } else { 0.0 };
        let end = |of: fn(&(f64, f64, f64)) -> f64| {
            let ratios = [a, b].map(|at| (of(at) / law(at.0)).ln());
            let ratio = if share == 0.0 { ratios[0] } else { ratios[0] + (ratios[1] - ratios[0]) * share };
            // Where an end is 0 or unlimited on one side it is so up to the other.
            let end = law(*n) * ratio.exp();
            if end.is_nan() { of(a) } else { end }
        };
        band.push((*n, end(|at| at.1), end(|at| at.2)));
    }
    band
}

fn divided((low, high): (f64, f64), steps: usize) -> Vec<f64> {
    if !(low > 0.0 && high > 0.0 && low < f64::INFINITY && high < f64::INFINITY) {
        return Vec::new();
    }
    // The ratio of both may be no number.
    let (from, to) = (low.ln(), high.ln());
    let inner = (1..steps).map(|k| (from + (to - from) * k as f64 / steps as f64).exp());
    std::iter::once(low).chain(inner).chain([high]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ribbon_keeps_what_was_found_and_lies_between() {
        let law = |n: f64| 3.0 / n.sqrt() + 0.25;
        let found =
            [(1e3, law(1e3) * 0.9, law(1e3) * 1.2), (1e4, law(1e4) * 0.99, law(1e4) * 1.1), (1e5, 0.0, f64::INFINITY)];
        let band = ribbon(&found, &spaced((1e3, 1e5)), law);
        assert_eq!(band.len(), SAMPLES + 1);
        for (n, lower, upper) in &band {
            assert!(*lower <= law(*n) && law(*n) <= *upper, "{n}: {lower} {upper}");
        }
        let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-9;
        assert!(near(band[0].1, found[0].1) && near(band[0].2, found[0].2), "{:?}", band[0]);
        let middle = band[SAMPLES / 2];
        assert!(near(middle.1, found[1].1) && near(middle.2, found[1].2), "{middle:?}");
        assert_eq!(band[SAMPLES].1, 0.0);
    }

    #[test]
    fn sizes_between_any_two_are_finite_and_in_order() {
        for low in [5e-324, 1e-300, 1.0, 64e3, 1e308] {
            for high in [5e-324, 1.0, 64e3, f64::MAX] {
                let sizes = spaced((low, high));
                assert_eq!((sizes[0], sizes[SAMPLES]), (low, high));
                let is_in_order = |pair: &[f64]| if low < high { pair[0] <= pair[1] } else { pair[0] >= pair[1] };
                let near = |n: &f64| *n >= low.min(high) * 0.999_999 && *n * 0.999_999 <= low.max(high);
                assert!(sizes.iter().all(near), "{sizes:?}");
                // Between equal ends there is rounding only.
                assert!(low == high || sizes.windows(2).all(is_in_order), "{sizes:?}");
            }
        }
        assert!(spaced((0.0, 1.0)).is_empty() && spaced((1.0, f64::INFINITY)).is_empty());
    }
}
