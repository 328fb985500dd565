//! What a fit costs: `cargo bench --bench fit`, one group by `cargo bench --bench fit -- one`.
//!
//! Groups: `one` (one curve per iteration), `many` (20,000 curves of 7 points: the throughput is in fits, its inverse
//! is the time per fit), `elementary` (throughput in elements).
#![allow(missing_docs, reason = "criterion_group makes a public function")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use syn2real::simd::F64x8;
use syn2real::{FitError, FitOptions, Loss, Point, Residual, Syn2RealFit, Syn2RealLaw};
use workload::{PROBLEMS, SIZES};

const UNSET: Result<Syn2RealFit, FitError> = Err(FitError::BadOption { field: "out" });

/// One curve: seven points under each kind of option, then longer curves under the default options.
fn one(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one");
    let grid = workload::small();
    let default = FitOptions::default();
    // The second problem has the noise 0.002, that of the authors' curves.
    let noisy: Vec<Point> = SIZES.iter().zip(grid.row(1)).map(|(n, error)| Point::new(*n, *error)).collect();
    let kinds = [
        ("7_free", default),
        ("7_fixed_d", FitOptions { fixed_d: Some(0.48), ..default }),
        ("7_linear", FitOptions { residual: Residual::Linear, ..default }),
        ("7_huber", FitOptions { loss: Loss::Huber { k: 1.345 }, ..default }),
    ];
    for (name, options) in kinds {
        group.bench_function(name, |b| b.iter(|| Syn2RealLaw::fit_with(black_box(&noisy), &options)));
    }
    for (name, points) in [("40", workload::curve(40)), ("245", workload::chinchilla())] {
        group.bench_function(name, |b| b.iter(|| Syn2RealLaw::fit_with(black_box(&points), &default)));
    }
    let long = workload::long();
    // Ten samples are the fewest that criterion takes: a fit of 100,000 points may cost some ms.
    group.sample_size(10);
    group.bench_function("100000", |b| b.iter(|| Syn2RealLaw::fit_with(black_box(&long), &default)));
    group.finish();
}

/// 20,000 curves of seven points, as slices of points and as a matrix of errors.
fn many(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("many");
    group.throughput(Throughput::Elements(PROBLEMS as u64));
    group.sample_size(10);
    let grid = workload::small();
    let options = FitOptions::default();
    let mut out = vec![UNSET; PROBLEMS];
    group.bench_function("fit_grid_20000x7", |b| {
        b.iter(|| Syn2RealLaw::fit_grid(&SIZES, black_box(&grid.errors), &options, &mut out));
    });
    let points: Vec<Point> =
        (0..PROBLEMS).flat_map(|i| SIZES.iter().zip(grid.row(i)).map(|(n, error)| Point::new(*n, *error))).collect();
    let curves: Vec<&[Point]> = points.chunks(SIZES.len()).collect();
    group.bench_function("fit_many_20000x7", |b| {
        b.iter(|| Syn2RealLaw::fit_many(black_box(&curves), &options, &mut out));
    });
    group.finish();
}

/// exp and ln over 4096 elements, which stay in the first cache. Compiled for the baseline of the target: the faster
/// instruction sets are reached inside a fit.
fn elementary(criterion: &mut Criterion) {
    const BLOCKS: usize = 512;
    let mut group = criterion.benchmark_group("elementary");
    group.throughput(Throughput::Elements(8 * BLOCKS as u64));
    let mut random = workload::Random(4);
    let arguments: Vec<F64x8> =
        (0..BLOCKS).map(|_| F64x8(std::array::from_fn(|_| random.uniform(-20.0, 20.0)))).collect();
    let positive: Vec<F64x8> = arguments.iter().map(|x| x.exp()).collect();
    let mut out = vec![F64x8::splat(0.0); BLOCKS];
    group.bench_function("exp", |b| {
        b.iter(|| {
            for (y, x) in out.iter_mut().zip(black_box(&arguments)) {
                *y = x.exp();
            }
            black_box(&mut out);
        });
    });
    group.bench_function("ln", |b| {
        b.iter(|| {
            for (y, x) in out.iter_mut().zip(black_box(&positive)) {
                *y = x.ln();
            }
            black_box(&mut out);
        });
    });
    group.finish();
}

/// The workload of the measurements: problems of the same distribution for every crate that is compared, from a seeded
/// generator, with the same bits everywhere (elementary functions of `libm`).
mod workload {
    use syn2real::Point;

    /// Number of problems of [`small`].
    pub(crate) const PROBLEMS: usize = 20_000;

    /// n = 1000, 2000, ... as in the authors' curves.
    pub(crate) const SIZES: [f64; 7] = [1000.0, 2000.0, 4000.0, 8000.0, 16_000.0, 32_000.0, 64_000.0];

    /// Standard deviations of ln error, one problem after the other.
    const NOISE: [f64; 4] = [0.0, 0.002, 0.01, 0.03];

    const SEED: u64 = 20_240_607;

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

        /// Standard normal, by Box and Muller.
        fn normal(&mut self) -> f64 {
            // 1 - u lies in (0, 1]: its logarithm is finite.
            let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform(0.0, 1.0)));
            radius * libm::cos(std::f64::consts::TAU * self.uniform(0.0, 1.0))
        }
    }

    /// Errors in rows of [`SIZES`].
    pub(crate) struct Grid {
        /// `PROBLEMS` rows of 7.
        pub(crate) errors: Vec<f64>,
    }

    impl Grid {
        /// The errors of one problem.
        pub(crate) fn row(&self, problem: usize) -> &[f64] {
            &self.errors[problem * SIZES.len()..][..SIZES.len()]
        }
    }

    fn power(n: f64, exponent: f64) -> f64 {
        libm::exp(exponent * libm::log(n))
    }

    /// 20,000 problems: alpha uniform in [0.1, 1.2], ln D uniform in [ln 0.1, ln 50], C uniform in [0, 0.9], drawn again
    /// until the first error is at most 1.5; relative noise of [`NOISE`] in turn.
    pub(crate) fn small() -> Grid {
        let mut random = Random(SEED);
        let mut errors = Vec::with_capacity(PROBLEMS * SIZES.len());
        for problem in 0..PROBLEMS {
            let (d, alpha, c) = loop {
                let alpha = random.uniform(0.1, 1.2);
                let d = libm::exp(random.uniform(libm::log(0.1), libm::log(50.0)));
                let c = random.uniform(0.0, 0.9);
                if d * power(SIZES[0], -alpha) + c <= 1.5 {
                    break (d, alpha, c);
                }
            };
            let noise = NOISE[problem % NOISE.len()];
            errors.extend(SIZES.map(|n| (d * power(n, -alpha) + c) * libm::exp(noise * random.normal())));
        }
        Grid { errors }
    }

    /// `count` points of 10 n^-0.3 + 2 with noise 0.02 at n = 100, 200, ...
    pub(crate) fn curve(count: usize) -> Vec<Point> {
        let mut random = Random(SEED);
        let sizes = (1..=count).map(|i| 100.0 * i as f64);
        sizes.map(|n| Point::new(n, (10.0 * power(n, -0.3) + 2.0) * libm::exp(0.02 * random.normal()))).collect()
    }

    /// 100,000 points of [`curve`].
    pub(crate) fn long() -> Vec<Point> {
        curve(100_000)
    }

    /// 245 points of the shape of Chinchilla's parametric fit: 406.4 n^-0.34 + 1.69 with noise 0.01, ln n uniform between
    /// those of 7e7 and 1.6e10.
    pub(crate) fn chinchilla() -> Vec<Point> {
        let mut random = Random(SEED);
        let mut sizes: Vec<f64> =
            (0..245).map(|_| libm::exp(random.uniform(libm::log(7e7), libm::log(1.6e10)))).collect();
        sizes.sort_by(f64::total_cmp);
        let error = |n: f64, random: &mut Random| (406.4 * power(n, -0.34) + 1.69) * libm::exp(0.01 * random.normal());
        sizes.iter().map(|n| Point::new(*n, error(*n, &mut random))).collect()
    }
}

criterion_group!(benches, one, many, elementary);
criterion_main!(benches);
