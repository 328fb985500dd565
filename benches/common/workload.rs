//! Seeded data for every measurement of time and instructions: the benches, the counts and the comparison with other
//! crates. The same bits everywhere, because the elementary functions are those of `libm`.
#![allow(dead_code, reason = "each program takes the part that it measures")]
use syn2real::{GridPoint, Point};

/// Problems of a set.
pub(crate) const PROBLEMS: usize = 20_000;

/// n = 1000, 2000, ... as in the authors' curves.
pub(crate) const SIZES: [f64; 7] = [1000.0, 2000.0, 4000.0, 8000.0, 16_000.0, 32_000.0, 64_000.0];

/// Seven sizes over the same range whose ratios are all different.
pub(crate) const IRREGULAR: [f64; 7] = [1000.0, 1300.0, 3100.0, 9000.0, 14_000.0, 47_000.0, 64_000.0];

/// Seeds of the three sets: the first is the one that is timed.
pub(crate) const SEEDS: [u64; 3] = [20_240_607, 1, 2];

/// Standard deviations of ln error, one problem after the other.
const NOISE: [f64; 4] = [0.0, 0.002, 0.01, 0.03];

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in [lower, upper).
    pub(crate) fn uniform(&mut self, lower: f64, upper: f64) -> f64 {
        lower + (upper - lower) * ((self.bits() >> 11) as f64 / (1_u64 << 53) as f64)
    }

    /// ln uniform in [ln lower, ln upper).
    pub(crate) fn log_uniform(&mut self, lower: f64, upper: f64) -> f64 {
        libm::exp(self.uniform(libm::log(lower), libm::log(upper)))
    }

    /// Standard normal, by Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        // 1 - u lies in (0, 1]: its logarithm is finite.
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform(0.0, 1.0)));
        radius * libm::cos(std::f64::consts::TAU * self.uniform(0.0, 1.0))
    }
}

/// D, alpha, C.
type Triple = (f64, f64, f64);

fn power(n: f64, exponent: f64) -> f64 {
    libm::exp(exponent * libm::log(n))
}

/// alpha uniform in [0.1, 1.2], ln D uniform in [ln 0.1, ln 50], C uniform in [0, 0.9], drawn again until the error at
/// the smallest size is at most 1.5.
fn draw(random: &mut Random, smallest: f64) -> Triple {
    loop {
        let alpha = random.uniform(0.1, 1.2);
        let d = random.log_uniform(0.1, 50.0);
        let c = random.uniform(0.0, 0.9);
        if d * power(smallest, -alpha) + c <= 1.5 {
            return (d, alpha, c);
        }
    }
}

fn measure(random: &mut Random, (d, alpha, c): Triple, n: f64, noise: f64) -> f64 {
    (d * power(n, -alpha) + c) * libm::exp(noise * random.normal())
}

/// `count` rows of errors at `sizes`, relative noise of [`NOISE`] in turn.
pub(crate) fn grid(seed: u64, sizes: &[f64], count: usize) -> Vec<f64> {
    let mut random = Random(seed);
    let mut errors = Vec::with_capacity(count * sizes.len());
    for problem in 0..count {
        let law = draw(&mut random, sizes[0]);
        let noise = NOISE[problem % NOISE.len()];
        errors.extend(sizes.iter().map(|&n| measure(&mut random, law, n, noise)));
    }
    errors
}

/// The rows of a grid as points.
pub(crate) fn rows(sizes: &[f64], errors: &[f64]) -> Vec<Point> {
    let row = |errors: &[f64]| -> Vec<Point> { sizes.iter().zip(errors).map(|(n, e)| Point::new(*n, *e)).collect() };
    errors.chunks_exact(sizes.len()).flat_map(row).collect()
}

/// `count` curves of as many points as `points` says, each at sizes of its own: ln n uniform between those of 1000 and
/// 64,000.
pub(crate) fn ragged(seed: u64, count: usize, points: std::ops::RangeInclusive<usize>) -> Vec<Vec<Point>> {
    let mut random = Random(seed);
    let curve = |problem: usize| {
        let law = draw(&mut random, 1000.0);
        let span = (points.end() - points.start() + 1) as f64;
        let len = points.start() + random.uniform(0.0, span) as usize;
        let noise = NOISE[problem % NOISE.len()];
        let point = |_| {
            let n = random.log_uniform(1000.0, 64_000.0);
            Point::new(n, measure(&mut random, law, n, noise))
        };
        (0..len).map(point).collect()
    };
    (0..count).map(curve).collect()
}

/// Curves as the slices that `fit_many` takes.
pub(crate) fn slices(curves: &[Vec<Point>]) -> Vec<&[Point]> {
    curves.iter().map(Vec::as_slice).collect()
}

/// `count` points of 10 n^-0.3 + 2 with noise 0.02 at n = 100, 200, ...
pub(crate) fn long(count: usize) -> Vec<Point> {
    let mut random = Random(SEEDS[0]);
    let sizes = (1..=count).map(|i| 100.0 * i as f64);
    sizes.map(|n| Point::new(n, measure(&mut random, (10.0, 0.3, 2.0), n, 0.02))).collect()
}

/// 245 points of the shape of Chinchilla's parametric fit: 406.4 n^-0.34 + 1.69 with noise 0.01, ln n uniform between
/// those of 7e7 and 1.6e10.
pub(crate) fn chinchilla() -> Vec<Point> {
    let mut random = Random(SEEDS[0]);
    let mut sizes: Vec<f64> = (0..245).map(|_| random.log_uniform(7e7, 1.6e10)).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.iter().map(|&n| Point::new(n, measure(&mut random, (406.4, 0.34, 1.69), n, 0.01))).collect()
}

/// 29 curves of seven points with D near 0.5, as the settings of Appendix D: alpha uniform in [0.2, 0.8], C in
/// [0.2, 0.9], noise 0.002.
pub(crate) fn settings() -> Vec<Vec<Point>> {
    let mut random = Random(SEEDS[0]);
    let curve = |_| {
        let d = random.log_uniform(0.4, 0.6);
        let law = (d, random.uniform(0.2, 0.8), random.uniform(0.2, 0.9));
        SIZES.iter().map(|&n| Point::new(n, measure(&mut random, law, n, 0.002))).collect()
    };
    (0..29).map(curve).collect()
}

/// 42 points of the law that Appendix C.2 reports, delta (gamma + n^-alpha) s^-beta, at seven n and six s, with noise 0.01.
pub(crate) fn sheet() -> Vec<GridPoint> {
    let mut random = Random(SEEDS[0]);
    let mut points = Vec::new();
    for s in [25_623.0, 51_247.0, 89_682.0, 204_987.0, 409_973.0, 819_947.0] {
        for n in SIZES {
            let law = 41.8 * (0.478 + power(n, -0.544)) * power(s, -0.322);
            points.push(GridPoint::new(n, s, law * libm::exp(0.01 * random.normal())));
        }
    }
    points
}
