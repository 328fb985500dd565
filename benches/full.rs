//! The laws over n and s, 42 points as in Appendix C.2: `cargo bench --bench full`.
#![allow(missing_docs, reason = "criterion_group makes a public function")]
#[path = "common/clock.rs"]
mod clock;
#[path = "common/workload.rs"]
mod workload;

use std::hint::black_box;

use clock::ThreadClock;
use criterion::{Criterion, criterion_group, criterion_main};
use syn2real::{AdditiveLaw, FullLaw, FullOptions, Residual};

fn full(criterion: &mut Criterion<ThreadClock>) {
    let points = workload::sheet();
    let default = FullOptions::default();
    let linear = FullOptions { residual: Residual::Linear, ..default };
    let free = FullOptions { fixed_n0: None, fixed_e: None, ..default };
    let mut group = criterion.benchmark_group("full/42");
    group.sample_size(10);
    for (name, options) in [("log", default), ("linear", linear), ("n0_and_e_free", free)] {
        group.bench_function(name, |b| b.iter(|| FullLaw::fit_with(black_box(&points), &options)));
    }
    group.bench_function("additive", |b| b.iter(|| AdditiveLaw::fit(black_box(&points))));
}

criterion_group! {
    name = benches;
    config = clock::short();
    targets = full
}
criterion_main!(benches);
