//! Simulated curves that follow the law, and some with one thing odd.
use syn2real::infer::{Oddity, Slip, oddities};
use syn2real::{Point, Syn2RealLaw};

use crate::normal::Normal;

/// Kinds of curves that follow the law.
pub(crate) const KINDS: [(&str, Syn2RealLaw); 6] = [
    ("paper", Syn2RealLaw { d: 1.99, alpha: 0.544, c: 0.6 }),
    ("interior", Syn2RealLaw { d: 2.0, alpha: 0.35, c: 0.1 }),
    ("early", Syn2RealLaw { d: 300.0, alpha: 1.5, c: 0.3 }),
    ("no gap", Syn2RealLaw { d: 1.0, alpha: 0.3, c: 0.0 }),
    ("flat", Syn2RealLaw { d: 0.0, alpha: 0.0, c: 0.3 }),
    ("step", Syn2RealLaw { d: 1e24, alpha: 8.0, c: 0.3 }),
];

/// Numbers of sizes, and points of each.
pub(crate) const SIZES: [(usize, usize); 9] =
    [(5, 1), (6, 1), (7, 1), (10, 1), (16, 1), (32, 1), (64, 1), (5, 3), (8, 3)];

/// Standard deviations of ln error.
pub(crate) const NOISES: [f64; 3] = [0.001, 0.01, 0.1];

/// So many sizes from 1,000 to 64,000, each so often, in steps of a constant factor.
pub(crate) fn sizes(count: usize, each: usize) -> Vec<f64> {
    let size = |k: usize| (1e3 * 64f64.powf(k as f64 / (count - 1) as f64)).round();
    (0..count * each).map(|k| size(k / each)).collect()
}

/// Measurements of a curve at these sizes.
pub(crate) fn measure(n: &[f64], curve: &dyn Fn(f64) -> f64, noise: f64, normal: &mut Normal) -> Vec<Point> {
    // Seven digits, as tables have them.
    let rounded = |x: f64| format!("{x:.6e}").parse().unwrap_or(x);
    n.iter().map(|&n| Point::new(n, rounded(curve(n) * (noise * normal.next()).exp()))).collect()
}

/// What is found in the points.
pub(crate) fn found(points: &[Point]) -> Vec<Oddity> {
    let Ok(fit) = Syn2RealLaw::fit(points) else { return Vec::new() };
    oddities(&fit, points).map_or(Vec::new(), |found| found.into_iter().flatten().collect())
}

/// An outlier, a turn, a plateau.
pub(crate) fn kinds(found: &[Oddity]) -> [bool; 3] {
    [
        found.iter().any(|o| matches!(o, Oddity::Outlier { .. })),
        found.iter().any(|o| matches!(o, Oddity::Turn { .. })),
        found.iter().any(|o| matches!(o, Oddity::Plateau { .. })),
    ]
}

/// Where a slip was made, and what the number was before.
pub(crate) struct Made {
    pub(crate) index: usize,
    pub(crate) before: Slip,
}

/// Moves the decimal point of an error, or of a size, of the point `index`.
pub(crate) fn slip(points: &mut [Point], index: usize, factor: f64, of_size: bool) -> Made {
    let p = &mut points[index];
    let before = if of_size { Slip::Size { instead: p.n } } else { Slip::Error { instead: p.error } };
    if of_size {
        p.n *= factor;
    } else {
        p.error *= factor;
    }
    Made { index, before }
}

/// Whether the slip is named, with the number that was meant.
pub(crate) fn is_named(found: &[Oddity], made: &Made) -> bool {
    let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-9;
    found.iter().any(|oddity| match (oddity, made.before) {
        (Oddity::Outlier { index, slip: Some(Slip::Error { instead }), .. }, Slip::Error { instead: before })
        | (Oddity::Outlier { index, slip: Some(Slip::Size { instead }), .. }, Slip::Size { instead: before }) => {
            *index == made.index && near(*instead, before)
        }
        _ => false,
    })
}

/// A curve that falls as the law up to the middle of the range of ln n, and rises from there to its end by so much of ln error.
pub(crate) fn turned(law: Syn2RealLaw, rise: f64) -> impl Fn(f64) -> f64 {
    let (turn, end) = (1e3 * 64f64.powf(0.5), 64e3_f64);
    move |n: f64| {
        let below = law.error_at(n.min(turn));
        below * (rise * ((n / turn).ln() / (end / turn).ln()).max(0.0)).exp()
    }
}

/// The rectified law with its knee at this size: a plateau first.
pub(crate) fn rectified(law: Syn2RealLaw, knee: f64) -> impl Fn(f64) -> f64 {
    move |n: f64| law.d * (n + knee).powf(-law.alpha) + law.c
}
