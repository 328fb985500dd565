//! D against alpha over 29 curves of seven points, as in Appendix D: `cargo bench --bench decouple`.
#![allow(missing_docs, reason = "criterion_group makes a public function")]
#[path = "common/clock.rs"]
mod clock;
#[path = "common/workload.rs"]
mod workload;

use std::hint::black_box;

use clock::ThreadClock;
use criterion::{Criterion, criterion_group, criterion_main};
use syn2real::decouple::{DecoupleOptions, fixed_point, median_iteration, shared_alpha, shared_d};

fn decouple(criterion: &mut Criterion<ThreadClock>) {
    let curves = workload::settings();
    let curves = workload::slices(&curves);
    let mut out = vec![None; curves.len()];
    let options = DecoupleOptions::default();
    let ten = DecoupleOptions { max_rounds: 10, ..options };
    let mut group = criterion.benchmark_group("decouple/29x7");
    group.sample_size(10);
    group.bench_function("10_rounds", |b| b.iter(|| median_iteration(black_box(&curves), &ten, &mut out)));
    group.bench_function("fixed_point", |b| b.iter(|| fixed_point(black_box(&curves), &options, &mut out)));
    group.bench_function("shared_d", |b| b.iter(|| shared_d(black_box(&curves), &options.fit, &mut out)));
    group.bench_function("shared_alpha", |b| b.iter(|| shared_alpha(black_box(&curves), &options.fit, &mut out)));
}

criterion_group! {
    name = benches;
    config = clock::short();
    targets = decouple
}
criterion_main!(benches);
