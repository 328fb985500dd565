//! Intervals, tests and replicates allocate nothing, and have the same bits on every instruction set.

use syn2real::infer::bootstrap::{self, BootstrapOptions, Scheme, replicate};
use syn2real::infer::{Band, Method, Quantity, band, gap_test, identifiability, interval, lack_of_fit, oddities};
use syn2real::simd::Isa;
use syn2real::{Confidence, FitOptions, Loss, Parameter, Residual, Syn2RealLaw};

use crate::allocations;

const POINTS: [(f64, f64); 8] = [
    (1e3, 0.6181),
    (2e3, 0.5092),
    (4e3, 0.4370),
    (8e3, 0.3915),
    (16e3, 0.3602),
    (32e3, 0.3394),
    (64e3, 0.3263),
    (64e3, 0.3271),
];

const ASKED: [Quantity; 6] = [
    Quantity::Parameter(Parameter::D),
    Quantity::Parameter(Parameter::Alpha),
    Quantity::Parameter(Parameter::C),
    Quantity::ErrorAt { n: 640e3 },
    Quantity::MeasurementAt { n: 640e3 },
    Quantity::SamplesFor { target: 0.32 },
];

#[test]
fn inference_allocates_nothing() {
    let fit = Syn2RealLaw::fit(&POINTS).expect("a fit");
    for quantity in ASKED {
        for method in [Method::Wald, Method::Profile] {
            let ask = || interval(&fit, &POINTS, quantity, Confidence::P95, method).expect("an interval");
            assert_eq!(allocations(ask), 0, "{quantity:?} {method:?}");
        }
    }
    let (mut laws, mut scratch, mut bands) = ([fit.law(); 199], [0.0; 199], [Band::default(); 3]);
    let groups = [0, 1, 2, 3, 4, 5, 6, 6];
    for scheme in [Scheme::Residual, Scheme::Case, Scheme::Cluster, Scheme::Parametric] {
        let options = BootstrapOptions { scheme, ..BootstrapOptions::default() };
        let groups: &[u32] = if scheme == Scheme::Cluster { &groups } else { &[] };
        assert_eq!(allocations(|| replicate(&fit, &POINTS, groups, &options, &mut laws)), 0, "{scheme:?}");
    }
    let c = ASKED[2];
    let by = |scratch: &mut [f64]| bootstrap::interval(&fit, &POINTS, &laws, c, Confidence::P95, scratch);
    assert_eq!(allocations(|| by(&mut scratch).expect("an interval")), 0, "bootstrap");
    assert_eq!(allocations(|| band(&fit, &POINTS, &[1e3, 1e5, 1e6], Confidence::P95, Method::Profile, &mut bands)), 0);
    assert_eq!(allocations(|| identifiability(&fit, &POINTS).expect("a finding")), 0, "identifiability");
    assert_eq!(allocations(|| gap_test(&fit, &POINTS).expect("a test")), 0, "gap");
    assert_eq!(allocations(|| lack_of_fit(&fit, &POINTS).expect("a test")), 0, "lack of fit");
    assert_eq!(allocations(|| oddities(&fit, &POINTS).expect("an answer")), 0, "oddities");
}

#[test]
fn intervals_have_the_same_bits_on_every_instruction_set() {
    for (residual, loss) in
        [(Residual::Log, Loss::Square), (Residual::Linear, Loss::Square), (Residual::Log, Loss::Huber { k: 1.345 })]
    {
        let of = |isa: Isa| {
            let options = FitOptions { residual, loss, isa, ..FitOptions::default() };
            let fit = Syn2RealLaw::fit_with(&POINTS, &options).expect("a fit");
            ASKED.map(|q| {
                let i = interval(&fit, &POINTS, q, Confidence::P95, Method::Profile).expect("an interval");
                assert!(i.lower < i.estimate && i.estimate < i.upper, "{residual:?} {loss:?} {q:?}: {i:?}");
                [i.lower, i.upper].map(|v| v.map(f64::to_bits))
            })
        };
        let sets: Vec<_> = Isa::available().map(of).collect();
        assert!(sets.iter().all(|s| s == &sets[0]), "{residual:?} {loss:?}: {sets:x?}");
    }
}
