//! What one fit costs, search, polish, covariance and report included: `cargo bench --bench fit`, one group by
//! `cargo bench --bench fit -- fit/245`.
#![allow(missing_docs, reason = "criterion_group makes a public function")]
#[path = "common/clock.rs"]
mod clock;
#[path = "common/workload.rs"]
mod workload;

use std::hint::black_box;

use clock::ThreadClock;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use syn2real::{FitOptions, Loss, Point, Residual, Syn2RealLaw};

/// Curves of each length on each instruction set.
fn lengths(criterion: &mut Criterion<ThreadClock>) {
    let sevens = workload::rows(&workload::SIZES, &workload::grid(workload::SEEDS[0], &workload::SIZES, 2));
    // The second problem has the noise 0.002, that of the authors' curves.
    let curves: [(&str, Vec<Point>); 4] = [
        ("7", sevens[7..].to_vec()),
        ("40", workload::long(40)),
        ("245", workload::chinchilla()),
        ("100000", workload::long(100_000)),
    ];
    for (name, points) in &curves {
        let mut group = criterion.benchmark_group(format!("fit/{name}"));
        group.throughput(Throughput::Elements(points.len() as u64));
        // The fewest that criterion takes: a fit of 100,000 points costs some ms.
        group.sample_size(if points.len() > 1000 { 10 } else { 20 });
        for (isa, options) in clock::on_each_isa() {
            group.bench_function(isa, |b| b.iter(|| Syn2RealLaw::fit_with(black_box(points), &options)));
        }
    }
}

/// Seven points under each kind of option.
fn kinds(criterion: &mut Criterion<ThreadClock>) {
    let mut group = criterion.benchmark_group("fit/7");
    let sevens = workload::rows(&workload::SIZES, &workload::grid(workload::SEEDS[0], &workload::SIZES, 2));
    let default = FitOptions::default();
    let kinds = [
        ("no_covariance", FitOptions { covariance: false, ..default }),
        ("fixed_d", FitOptions { fixed_d: Some(0.48), ..default }),
        ("linear", FitOptions { residual: Residual::Linear, ..default }),
        ("huber", FitOptions { loss: Loss::Huber { k: 1.345 }, ..default }),
    ];
    for (name, options) in kinds {
        group.bench_function(name, |b| b.iter(|| Syn2RealLaw::fit_with(black_box(&sevens[7..]), &options)));
    }
}

criterion_group! {
    name = benches;
    config = clock::short();
    targets = lengths, kinds
}
criterion_main!(benches);
