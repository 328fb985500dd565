//! Many fits in one call; the throughput is in fits, for curves of 4 to 40 points in points: `cargo bench --bench many`.
#![allow(missing_docs, reason = "criterion_group makes a public function")]
#[path = "common/clock.rs"]
mod clock;
#[path = "common/workload.rs"]
mod workload;

use std::hint::black_box;

use clock::ThreadClock;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use syn2real::{Bounds, FitOptions, Residual, Syn2RealLaw, Weights};
use workload::{IRREGULAR, PROBLEMS, SEEDS, SIZES};

/// 20,000 curves over the same seven sizes, from a matrix of errors.
fn grids(criterion: &mut Criterion<ThreadClock>) {
    for (name, sizes) in [("grid_7", SIZES), ("grid_irregular_7", IRREGULAR)] {
        let errors = workload::grid(SEEDS[0], &sizes, PROBLEMS);
        let mut group = criterion.benchmark_group(format!("many/{name}"));
        group.throughput(Throughput::Elements(PROBLEMS as u64)).sample_size(10);
        for (isa, default) in clock::on_each_isa() {
            for (what, covariance) in [("covariance", true), ("no_covariance", false)] {
                let options = FitOptions { covariance, ..default };
                group.bench_function(format!("{what}/{isa}"), |b| {
                    b.iter(|| Syn2RealLaw::fit_grid(&sizes, black_box(&errors), &options, |_, fit| _ = black_box(fit)));
                });
            }
        }
    }
}

/// The same with other options, each without the covariance; `authors` is the estimator that the authors released.
fn options(criterion: &mut Criterion<ThreadClock>) {
    let errors = workload::grid(SEEDS[0], &SIZES, PROBLEMS);
    let mut group = criterion.benchmark_group("many/options");
    group.throughput(Throughput::Elements(PROBLEMS as u64)).sample_size(10);
    let plain = FitOptions { covariance: false, ..FitOptions::default() };
    let linear = FitOptions { residual: Residual::Linear, ..plain };
    let (alpha, c) = (Bounds::new(0.0, 1.5), Bounds::new(0.0, 1.0));
    for (what, options) in [
        ("default", plain),
        ("linear", linear),
        ("authors", FitOptions { fixed_d: Some(0.48), ..linear }),
        ("fixed_d", FitOptions { fixed_d: Some(0.48), ..plain }),
        ("fixed_alpha", FitOptions { fixed_alpha: Some(0.4), ..plain }),
        ("fixed_c", FitOptions { fixed_c: Some(0.05), ..plain }),
        ("bounds", FitOptions { alpha, c, ..plain }),
        ("absolute_weights", FitOptions { weights: Weights::Absolute, ..plain }),
    ] {
        group.bench_function(what, |b| {
            b.iter(|| Syn2RealLaw::fit_grid(&SIZES, black_box(&errors), &options, |_, fit| _ = black_box(fit)));
        });
    }
}

/// Curves with sizes of their own, as slices of points: seven each, and 4 to 40, of which the throughput is in points.
fn curves(criterion: &mut Criterion<ThreadClock>) {
    for (name, problems, points) in [("irregular_7", PROBLEMS, 7..=7), ("ragged_4_to_40", PROBLEMS / 4, 4..=40)] {
        let curves = workload::ragged(SEEDS[0], problems, points);
        let curves = workload::slices(&curves);
        let mut group = criterion.benchmark_group(format!("many/{name}"));
        let is_ragged = name != "irregular_7";
        let elements = if is_ragged { curves.iter().map(|curve| curve.len()).sum() } else { problems };
        group.throughput(Throughput::Elements(elements as u64)).sample_size(10);
        for (isa, default) in clock::on_each_isa() {
            let options = FitOptions { covariance: false, ..default };
            group.bench_function(format!("no_covariance/{isa}"), |b| {
                b.iter(|| Syn2RealLaw::fit_many(black_box(&curves), &options, |_, fit| _ = black_box(fit)));
            });
        }
    }
}

criterion_group! {
    name = benches;
    config = clock::short();
    targets = grids, options, curves
}
criterion_main!(benches);
