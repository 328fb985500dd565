//! Seeded problems: the distribution of the common workload, irregular grids, outliers, and families chosen to be hard.
use super::dense::Problem;
use super::rng::Rng;

/// Seeds of the three sets.
pub const SEEDS: [u64; 3] = [20_240_607, 1, 2];

/// Log-noise of problem p is `SIGMA[p % 4]`.
pub const SIGMA: [f64; 4] = [0.0, 0.002, 0.01, 0.03];

/// A law whose error at `n0` is at most 1.5: alpha in [.1, 1.2], D log-uniform in [.1, 50], C in [0, .9].
fn draw_law(rng: &mut Rng, n0: f64) -> (f64, f64, f64) {
    loop {
        let law = (rng.log_uniform(0.1, 50.0), rng.uniform(0.1, 1.2), rng.uniform(0.0, 0.9));
        if law.0 * n0.powf(-law.1) + law.2 <= 1.5 {
            return law;
        }
    }
}

fn measure(rng: &mut Rng, law: (f64, f64, f64), n: &[f64], sigma: f64) -> Vec<f64> {
    n.iter().map(|n| (law.0 * n.powf(-law.1) + law.2) * (sigma * rng.normal()).exp()).collect()
}

/// n_i = 1000 2^i, seven points.
pub fn seven() -> Vec<f64> {
    (0..7).map(|i| 1000.0 * f64::from(1 << i)).collect()
}

/// Problem `index` of the distribution of `gen_workload.py`: seven points of a law with log-noise 0, .002, .01, .03.
pub fn common(seed: u64, index: usize, log: bool) -> Problem {
    let mut rng = Rng::new(seed, index as u64);
    let n = seven();
    let law = draw_law(&mut rng, n[0]);
    let error = measure(&mut rng, law, &n, SIGMA[index % 4]);
    Problem::new(&n, &error, log)
}

/// 4 to 40 points, n log-uniform over a range of 1.5 to 1e6 times, a third with a repeated n, half with weights.
pub fn irregular(seed: u64, index: usize, log: bool) -> Problem {
    let mut rng = Rng::new(seed ^ 0x1_0000_0000, index as u64);
    let m = rng.between(4, 40);
    let low = rng.log_uniform(10.0, 1e4);
    let high = low * rng.log_uniform(1.5, 1e6);
    let mut n: Vec<f64> = (0..m).map(|_| rng.log_uniform(low, high).round()).collect();
    // A free fit needs three distinct n; the first three are kept.
    (n[0], n[1], n[2]) = (low.round(), high.round() + 2.0, (low * high).sqrt().round() + 1.0);
    if index.is_multiple_of(3) {
        for k in 3..m {
            if rng.unit() < 0.4 {
                n[k] = n[rng.between(0, k - 1)];
            }
        }
    }
    let law = draw_law(&mut rng, low);
    let error = measure(&mut rng, law, &n, SIGMA[index % 4]);
    let weight = (0..m).map(|_| if index.is_multiple_of(2) { 1.0 } else { rng.log_uniform(0.1, 10.0) }).collect();
    Problem { weight, ..Problem::new(&n, &error, log) }
}

/// 7 to 20 points with log-noise .002 to .03; 10-20 % of them (at least one) off by a factor of 1.1 to 2, either way.
pub fn outliers(seed: u64, index: usize, log: bool) -> Problem {
    let mut rng = Rng::new(seed ^ 0x2_0000_0000, index as u64);
    let m = rng.between(7, 20);
    let n: Vec<f64> = (0..m).map(|i| 1000.0 * 2f64.powf(i as f64 * 6.0 / (m - 1) as f64)).collect();
    let law = draw_law(&mut rng, n[0]);
    let mut error = measure(&mut rng, law, &n, SIGMA[1 + index % 3]);
    let count = ((m as f64 * rng.uniform(0.1, 0.2)).round() as usize).max(1);
    for &k in rng.permutation(m).iter().take(count) {
        let factor = rng.uniform(1.1, 2.0);
        error[k] *= if rng.unit() < 0.5 { factor } else { 1.0 / factor };
    }
    Problem::new(&n, &error, log)
}

/// Names of the hard families, in the order of [`hostile`].
pub const FAMILIES: [&str; 14] = [
    "three distinct n",
    "noise 30 %",
    "increasing",
    "step",
    "staircase",
    "nearly flat",
    "scale 1e-6 or 1e6",
    "n in 1e-3..1e9",
    "C in [.2, .5]",
    "alpha fixed",
    "C fixed",
    "D fixed, alpha to 10",
    "white noise",
    "D and alpha bounded",
];

/// Problem `index` of a hard family.
pub fn hostile(family: usize, seed: u64, index: usize, log: bool) -> Problem {
    let mut rng = Rng::new(seed ^ ((3 + family as u64) << 32), index as u64);
    let n = seven();
    let law = draw_law(&mut rng, n[0]);
    let noisy = |rng: &mut Rng| {
        let sigma = rng.log_uniform(1e-3, 0.05);
        measure(rng, law, &seven(), sigma)
    };
    let level = rng.uniform(0.1, 1.0);
    match family {
        0 => {
            let three: Vec<f64> = (0..3).map(|i| 1000.0 * rng.uniform(1.1, 20.0).powi(i)).collect();
            let n: Vec<f64> = (0..rng.between(3, 6)).map(|i| three[i % 3]).collect();
            let error = measure(&mut rng, law, &n, SIGMA[index % 4]);
            Problem::new(&n, &error, log)
        }
        1 => Problem::new(&n, &measure(&mut rng, law, &n, 0.3), log),
        2 => {
            let rise = rng.log_uniform(1e-3, 0.3);
            let error: Vec<f64> =
                n.iter().map(|n| level * (n / 1000.0).powf(rise) * (0.01 * rng.normal()).exp()).collect();
            Problem::new(&n, &error, log)
        }
        3 => {
            let (at, height, noise) = (rng.between(1, 6), rng.log_uniform(1e-3, 2.0), rng.log_uniform(1e-6, 1e-2));
            let error: Vec<f64> = (0..7)
                .map(|i| level * (1.0 + if i < at { height } else { 0.0 }) * (noise * rng.normal()).exp())
                .collect();
            Problem::new(&n, &error, log)
        }
        4 => {
            let drop = rng.log_uniform(1e-3, 0.5);
            let mut at = level;
            let error: Vec<f64> = (0..7)
                .map(|_| {
                    at *= if rng.unit() < 0.5 { 1.0 - drop } else { 1.0 };
                    at
                })
                .collect();
            Problem::new(&n, &error, log)
        }
        5 => {
            let size = rng.log_uniform(1e-9, 1e-3);
            let error: Vec<f64> = n.iter().map(|_| level * (1.0 + size * rng.normal())).collect();
            Problem::new(&n, &error, log)
        }
        6 => {
            let factor = if index.is_multiple_of(2) { 1e-6 } else { 1e6 };
            let error: Vec<f64> = noisy(&mut rng).iter().map(|l| l * factor).collect();
            Problem::new(&n, &error, log)
        }
        7 => {
            let low = rng.log_uniform(1e-3, 1e3);
            let high = low * rng.log_uniform(10.0, 1e6);
            let n: Vec<f64> = (0..7).map(|i| low * (high / low).powf(f64::from(i) / 6.0)).collect();
            let law = (law.0 * low.powf(law.1), law.1, law.2);
            let error = measure(&mut rng, law, &n, SIGMA[index % 4]);
            Problem::new(&n, &error, log)
        }
        8 => Problem { c: [0.2, 0.5], ..Problem::new(&n, &noisy(&mut rng), log) },
        9 => {
            let alpha = if index.is_multiple_of(2) { law.1 } else { rng.log_uniform(1e-3, 10.0) };
            Problem { alpha: [alpha; 2], ..Problem::new(&n, &noisy(&mut rng), log) }
        }
        10 => {
            let c = if index.is_multiple_of(2) { law.2 } else { rng.uniform(0.0, 1.2) };
            Problem { c: [c; 2], ..Problem::new(&n, &noisy(&mut rng), log) }
        }
        11 => {
            let d = if index.is_multiple_of(2) { law.0 } else { rng.log_uniform(0.05, 100.0) };
            Problem { d: [d; 2], ..Problem::new(&n, &noisy(&mut rng), log) }
        }
        12 => {
            let error: Vec<f64> = n.iter().map(|_| rng.log_uniform(0.05, 1.0)).collect();
            Problem::new(&n, &error, log)
        }
        _ => {
            let (d, a) = (rng.log_uniform(0.05, 5.0), rng.uniform(0.05, 0.6));
            Problem { d: [d, 3.0 * d], alpha: [a, 2.0 * a], ..Problem::new(&n, &noisy(&mut rng), log) }
        }
    }
}
