//! What intervals and replicates of a 7-point fit cost: `cargo bench --bench infer`, one group by
//! `cargo bench --bench infer -- infer/bootstrap`.
#![allow(missing_docs, reason = "criterion_group makes a public function")]
#[path = "common/clock.rs"]
mod clock;
#[path = "common/workload.rs"]
mod workload;

use std::hint::black_box;

use clock::ThreadClock;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use syn2real::infer::bootstrap::{BootstrapOptions, Scheme, replicate};
use syn2real::infer::{Band, Method, Quantity, band, interval};
use syn2real::{Confidence, FitOptions, Parameter, Point, Syn2RealFit, Syn2RealLaw};

/// Replicates of a fit.
const REPLICATES: usize = 10_000;

/// Sizes of a band.
const BAND: u8 = 50;

/// Two curves with noise 0.002, that of the authors' curves: one that determines the gap, and one that hardly does.
fn curves() -> [(&'static str, Vec<Point>); 2] {
    let sevens = workload::rows(&workload::SIZES, &workload::grid(workload::SEEDS[0], &workload::SIZES, 6));
    [("first", sevens[7..14].to_vec()), ("second", sevens[35..42].to_vec())]
}

fn fit(points: &[Point], options: &FitOptions) -> Syn2RealFit {
    Syn2RealLaw::fit_with(points, options).expect("seven sound points")
}

/// 10,000 refits.
fn bootstrap(criterion: &mut Criterion<ThreadClock>) {
    let mut group = criterion.benchmark_group("infer/bootstrap");
    group.throughput(Throughput::Elements(REPLICATES as u64)).sample_size(10);
    let [(_, points), _] = curves();
    let schemes = [("residual", Scheme::Residual), ("parametric", Scheme::Parametric), ("case", Scheme::Case)];
    for (isa, options) in clock::on_each_isa() {
        let fit = fit(&points, &options);
        let mut laws = vec![fit.law(); REPLICATES];
        for (name, scheme) in schemes {
            let options = BootstrapOptions { scheme, ..BootstrapOptions::default() };
            group.bench_function(format!("{name}/{isa}"), |b| {
                b.iter(|| replicate(&fit, black_box(&points), &[], &options, &mut laws));
            });
        }
    }
}

/// One profile interval of each quantity, and a band.
fn intervals(criterion: &mut Criterion<ThreadClock>) {
    for (curve, points) in curves() {
        let mut group = criterion.benchmark_group(format!("infer/profile/{curve}"));
        for (isa, options) in clock::on_each_isa().skip(1) {
            let fit = fit(&points, &options);
            let n = 640_000.0;
            let law = fit.law();
            let target = 0.5 * (law.c + law.error_at(64_000.0));
            let quantities = [
                ("c", Quantity::Parameter(Parameter::C)),
                ("alpha", Quantity::Parameter(Parameter::Alpha)),
                ("d", Quantity::Parameter(Parameter::D)),
                ("error", Quantity::ErrorAt { n }),
                ("measurement", Quantity::MeasurementAt { n }),
                ("samples", Quantity::SamplesFor { target }),
            ];
            for (name, quantity) in quantities {
                group.bench_function(format!("{name}/{isa}"), |b| {
                    b.iter(|| interval(&fit, black_box(&points), quantity, Confidence::P95, Method::Profile));
                });
            }
            let at = |k| 1000.0 * libm::exp(libm::log(1000.0) * f64::from(k) / f64::from(BAND - 1));
            let sizes: Vec<f64> = (0..BAND).map(at).collect();
            let mut out = [Band::default(); BAND as usize];
            group.bench_function(format!("band_50/{isa}"), |b| {
                b.iter(|| band(&fit, black_box(&points), &sizes, Confidence::P95, Method::Profile, &mut out));
            });
        }
    }
}

criterion_group! {
    name = benches;
    config = clock::short();
    targets = bootstrap, intervals
}
criterion_main!(benches);
