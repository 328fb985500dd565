//! Problems from the whole product of options: every problem draws one value of each axis.
use super::dense::Problem;
use super::rng::Rng;

/// What the axes are called, and what their values are.
pub const AXES: [(&str, &[&str]); 8] = [
    ("residual", &["log", "linear"]),
    ("loss", &["square", "Huber", "HuberAbsolute"]),
    ("fixed", &["none", "D", "alpha", "C", "D, alpha", "D, C", "alpha, C"]),
    ("bounds", &["default", "alpha to 1000", "alpha to 300", "D bounded", "C bounded", "all bounded"]),
    ("weights", &["none", "over 5 decades", "with zeros"]),
    ("points", &["3", "5", "7", "12", "40", "64", "65", "300", "5000"]),
    ("decades", &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14"]),
    ("noise", &["exact", "1e-6", "1 %", "30 %", "noise only"]),
];

/// Points by the value of their axis.
const POINTS: [usize; 9] = [3, 5, 7, 12, 40, 64, 65, 300, 5000];

/// Log-noise by the value of its axis; the last is noise over all decades without a law.
const SIGMA: [f64; 5] = [0.0, 1e-6, 0.01, 0.3, 0.0];

/// Which loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Robust {
    No,
    /// In units of the median absolute deviation.
    Scaled(f64),
    /// In units of the residual.
    Absolute(f64),
}

/// A drawn problem; `axes` holds the number of the value of each axis.
#[derive(Clone, Debug)]
pub struct Drawn {
    pub problem: Problem,
    pub robust: Robust,
    pub axes: [usize; 8],
}

/// The four kinds from which problems are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Noise only, 4 to 7 points, alpha to 300 or 1000, sometimes held there.
    Steep,
    /// Errors over 1 to 14 decades, default options.
    Decades,
    /// Noise 1e-6, bounds and weights.
    NearlyExact,
    /// Everything.
    Whole,
}

fn pick(rng: &mut Rng, shares: &[f64]) -> usize {
    let mut rest = rng.unit() * shares.iter().sum::<f64>();
    for (k, share) in shares.iter().enumerate() {
        rest -= share;
        if rest < 0.0 {
            return k;
        }
    }
    shares.len() - 1
}

/// Sizes: on a grid or irregular, over a factor of 1.5 to 1e6, some repeated.
fn sizes(rng: &mut Rng, m: usize) -> Vec<f64> {
    let low = rng.log_uniform(0.5, 1e4);
    let high = low * rng.log_uniform(1.5, 1e6);
    let is_grid = rng.unit() < 0.4;
    let mut n: Vec<f64> = (0..m)
        .map(|i| {
            let share = if is_grid { i as f64 / (m - 1) as f64 } else { rng.unit() };
            low * (high / low).powf(share)
        })
        .collect();
    // Four digits, as sizes are written; three distinct ones are kept.
    (n[0], n[1], n[2]) = (low, high, (low * high).sqrt());
    if m > 3 && rng.unit() < 0.3 {
        for k in 3..m {
            if rng.unit() < 0.4 {
                n[k] = n[rng.between(0, k - 1)];
            }
        }
    }
    for n in &mut n {
        let unit = 10f64.powf(n.log10().floor() - 3.0);
        *n = (*n / unit).round() * unit;
    }
    n
}

/// Problem `index` of a kind.
pub fn draw(kind: Kind, seed: u64, index: usize) -> Drawn {
    let mut rng = Rng::new(seed ^ ((0x40 + kind as u64) << 32), index as u64);
    let rng = &mut rng;
    let whole = kind == Kind::Whole;
    let log = rng.unit() < [0.7, 1.0, 0.5, 0.5][kind as usize];
    let loss = if whole { pick(rng, &[2.0, 1.0, 1.0]) } else { 0 };
    let fixed = match kind {
        Kind::Steep => [0, 0, 2][rng.between(0, 2)],
        Kind::Whole => pick(rng, &[5.0, 1.0, 1.0, 1.0, 0.7, 0.7, 0.7]),
        _ => 0,
    };
    let bounds = match kind {
        Kind::Steep => rng.between(1, 2),
        Kind::Decades => 0,
        Kind::NearlyExact => rng.between(3, 5),
        Kind::Whole => rng.between(0, 5),
    };
    let weights = if matches!(kind, Kind::Steep | Kind::Decades) { 0 } else { rng.between(0, 2) };
    let points = match kind {
        Kind::Steep => 1,
        Kind::Decades => rng.between(0, 4),
        Kind::NearlyExact => rng.between(1, 4),
        Kind::Whole => pick(rng, &[1.0, 1.5, 1.5, 1.5, 1.0, 0.5, 0.5, 0.15, 0.01]),
    };
    let decades = if kind == Kind::Steep { 0 } else { rng.between(0, 13) };
    let noise = match kind {
        Kind::Steep => 4,
        Kind::NearlyExact => 1,
        _ => rng.between(0, 4),
    };
    let m = if kind == Kind::Steep { rng.between(4, 7) } else { POINTS[points] };
    let axes = [usize::from(!log), loss, fixed, bounds, weights, points, decades, noise];
    let n = sizes(rng, m);
    let (low, high) = n.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), &n| (a.min(n), b.max(n)));
    let span = (high / low).ln();
    // The decrease reaches 10^-decades somewhere around the end of the data.
    let depth = (decades as f64 + rng.unit()) * std::f64::consts::LN_10;
    let top = [10.0, 1000.0, 300.0, 10.0, 10.0, 10.0][bounds];
    let alpha = (rng.uniform(0.5, 3.0) * depth.max(0.3) / span).min(0.9 * top);
    let level = rng.log_uniform(0.05, 2.0);
    let c = level * (-depth).exp() * rng.uniform(0.1, 1.0);
    let law = move |n: f64| level * (-alpha * (n / low).ln()).exp() + c;
    let error: Vec<f64> = n
        .iter()
        .map(|&n| {
            if noise == 4 {
                let spread = if kind == Kind::Steep { 0.2 } else { depth };
                level * (-spread * rng.unit()).exp()
            } else {
                law(n) * (SIGMA[noise] * rng.normal()).exp()
            }
        })
        .collect();
    let mut problem = Problem::new(&n, &error, log);
    match weights {
        1 => problem.weight = n.iter().map(|_| rng.log_uniform(1e-3, 1e2)).collect(),
        2 => {
            // The first three sizes are distinct.
            problem.weight =
                (0..m).map(|k| if k >= 3 && rng.unit() < 0.3 { 0.0 } else { rng.log_uniform(0.5, 2.0) }).collect();
        }
        _ => {}
    }
    let d = level * (alpha * low.ln()).exp();
    let around = |rng: &mut Rng, x: f64| {
        let (below, above) = (rng.log_uniform(1.1, 1e3), rng.log_uniform(1.1, 1e3));
        let off = if rng.unit() < 0.25 { rng.log_uniform(0.3, 3.0) } else { 1.0 };
        [x * off / below, x * off * above]
    };
    let is_finite = d > 1e-250 && d < 1e250;
    problem.alpha = [0.0, top];
    match bounds {
        3 if is_finite => problem.d = around(rng, d),
        4 => problem.c = around(rng, c),
        5 => {
            if is_finite {
                problem.d = around(rng, d);
            }
            problem.c = if rng.unit() < 0.5 { around(rng, c) } else { [0.0, 1.0] };
            problem.alpha = [rng.uniform(0.0, alpha), (alpha * rng.uniform(1.05, 3.0)).min(top)];
        }
        _ => {}
    }
    let near = |rng: &mut Rng, x: f64, [lo, hi]: [f64; 2]| {
        let x = if rng.unit() < 0.5 { x } else { x * rng.log_uniform(0.5, 2.0) };
        let x = x.max(lo).min(hi);
        [x; 2]
    };
    if [1, 4, 5].contains(&fixed) && is_finite {
        problem.d = near(rng, d, problem.d);
    }
    if [2, 4, 6].contains(&fixed) {
        problem.alpha = if kind == Kind::Steep || rng.unit() < 0.2 {
            [problem.alpha[1] * if rng.unit() < 0.5 { 1.0 } else { rng.unit() }; 2]
        } else {
            near(rng, alpha, problem.alpha)
        };
    }
    if [3, 5, 6].contains(&fixed) {
        problem.c = near(rng, c, problem.c);
    }
    let robust = match loss {
        0 => Robust::No,
        1 => Robust::Scaled(1.345),
        _ => {
            let unit = if log { 1.0 } else { level };
            Robust::Absolute(unit * SIGMA[noise].max(1e-6) * rng.log_uniform(0.1, 10.0))
        }
    };
    Drawn { problem, robust, axes }
}
