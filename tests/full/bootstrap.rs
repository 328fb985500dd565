//! The bootstrap over both sizes.
use super::*;
use syn2real::GridFit;
use syn2real::infer::bootstrap::{BootstrapOptions, Scheme, grid_replicates_interval, replicate_grid};
use syn2real::infer::{GridQuantity, InferError, Method, grid_interval};
use syn2real::{Confidence, Loss};

fn drawn(fit: &FullFit, points: &[(f64, f64, f64)], options: BootstrapOptions, count: usize) -> Vec<FullLaw> {
    let mut laws = vec![fit.law(); count];
    assert_eq!(replicate_grid(fit, points, &[], &options, &mut laws), Ok(0), "all have a fit");
    laws
}

fn spread(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let count = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / count;
    (values.map(|v| (v - mean) * (v - mean)).sum::<f64>() / (count - 1.0)).sqrt()
}

/// With small noise the law is linear over it: the spread of 150 replicates is the standard error, to a relative error of
/// 1/sqrt(300) = 5.8 % in the spread and 1/sqrt(40) = 16 % of what 24 residuals say of their own variance (case, residual).
#[test]
fn replicates_spread_by_the_standard_errors() {
    let points = noisy(41, &TRUTH, 1e-3);
    for residual in [Residual::Log, Residual::Linear] {
        let fit = FullLaw::fit_with(&points, &options(residual)).expect("a good grid");
        for (scheme, slack) in [(Scheme::Parametric, 0.18), (Scheme::Residual, 0.2), (Scheme::Case, 0.45)] {
            let laws = drawn(&fit, &points, BootstrapOptions { scheme, ..BootstrapOptions::default() }, 150);
            let [_, _, alpha, beta, ..] = fit.std_errors();
            let told = [spread(laws.iter().map(|l| l.alpha)), spread(laws.iter().map(|l| l.beta))];
            for (told, error) in told.into_iter().zip([alpha, beta]) {
                let ratio = told / error.expect("inside");
                assert!((ratio - 1.0).abs() < slack, "{scheme:?} {residual}: {ratio}");
            }
        }
    }
}

#[test]
fn a_replicate_depends_on_seed_and_number_alone() {
    let points = noisy(42, &TRUTH, 0.01);
    let fit = FullLaw::fit(&points).expect("a good grid");
    for scheme in [Scheme::Residual, Scheme::Case, Scheme::Parametric] {
        let of = |seed, first, count| drawn(&fit, &points, BootstrapOptions { scheme, seed, first }, count);
        let whole = of(3, 0, 6);
        assert_eq!([of(3, 0, 2), of(3, 2, 4)].concat(), whole, "{scheme:?}: in parts");
        assert_ne!(of(4, 0, 2), whole[..2], "{scheme:?}: another seed");
        assert!(whole.windows(2).all(|w| w[0] != w[1]), "{scheme:?}: replicates differ");
    }
    // A cluster that is drawn as often as another has its weight: with as many groups as sizes s, whole curves.
    let groups: Vec<u32> = (0..24).map(|i| i / 6).collect();
    let options = BootstrapOptions { scheme: Scheme::Cluster, ..BootstrapOptions::default() };
    let mut laws = vec![fit.law(); 20];
    let failed = replicate_grid(&fit, &points, &groups, &options, &mut laws).expect("groups");
    // All four the same group leaves beta open: once in 64.
    assert!(failed <= 3 && laws.iter().filter(|l| l.beta.is_nan()).count() == failed, "{failed}");
}

/// Residual, parametric and profile intervals of a law that is linear over the noise; the Huber loss has replicates, too.
#[test]
fn intervals_from_replicates_agree_with_the_profile() {
    let points = noisy(43, &TRUTH, 1e-3);
    for loss in [Loss::Square, Loss::Huber { k: 1.345 }] {
        let fit = FullLaw::fit_with(&points, &FullOptions { loss, ..FullOptions::default() }).expect("a good grid");
        let laws = drawn(&fit, &points, BootstrapOptions { seed: 1, ..BootstrapOptions::default() }, 199);
        let mut scratch = vec![0.0; 199];
        for quantity in [
            GridQuantity::Parameter(Parameter::Beta),
            GridQuantity::ErrorAt { n: 64e3, s: 32e4 },
            GridQuantity::GapAt { s: 1e4 },
            GridQuantity::SamplesFor { target: TRUTH.error_at(64e3, 16e4), s: 16e4 },
        ] {
            let profile =
                grid_interval(&fit, &points, quantity, Confidence::P90, Method::Profile).expect("an interval");
            let found = grid_replicates_interval(&fit, &laws, quantity, Confidence::P90, &mut scratch);
            let found = found.expect("an interval");
            let width = |i: &syn2real::infer::QuantityInterval| i.upper.expect("upper") - i.lower.expect("lower");
            let ratio = width(&found) / width(&profile);
            // A 4 % quantile of 199 is known to 9 % of the spread.
            assert!((0.6..1.35).contains(&ratio), "{loss:?} {quantity:?}: {ratio}");
            assert_eq!(found.estimate, profile.estimate, "{quantity:?}");
        }
    }
}

#[test]
fn what_cannot_be_drawn_is_named() {
    let points = noisy(44, &TRUTH, 0.01);
    let fit: GridFit<FullLaw, 6> = FullLaw::fit(&points).expect("a good grid");
    let mut laws = [fit.law(); 3];
    let mut ask = |points: &[(f64, f64, f64)], groups: &[u32], scheme| {
        replicate_grid(&fit, points, groups, &BootstrapOptions { scheme, ..BootstrapOptions::default() }, &mut laws)
            .err()
    };
    let bad = |field| Some(InferError::BadOption { field });
    assert_eq!(ask(&points, &[], Scheme::Cluster), bad("scheme"), "no groups");
    assert_eq!(ask(&points, &[0; 24], Scheme::Case), bad("scheme"), "groups");
    assert_eq!(ask(&points, &[0; 23], Scheme::Cluster), bad("groups"), "too few");
    let one = Some(InferError::TooFew { what: "groups", needed: 4, got: 1 });
    assert_eq!(ask(&points, &[0; 24], Scheme::Cluster), one, "one group");
    assert_eq!(ask(&noisy(45, &TRUTH, 0.01), &[], Scheme::Case), Some(InferError::OtherPoints), "other errors");
    let at = GridQuantity::ErrorAt { n: 1e5, s: 1e5 };
    let interval = |quantity, slots: usize| {
        grid_replicates_interval(&fit, &laws, quantity, Confidence::P95, &mut vec![0.0; slots]).err()
    };
    // 20 degrees of freedom: t = 2.086, beyond which a normal variable is with .0185.
    let few = Some(InferError::FewReplicates { needed: 54, got: 3 });
    assert_eq!(interval(at, 3), few, "three replicates");
    assert_eq!(interval(at, 2), bad("out"), "a short buffer");
    let new = GridQuantity::MeasurementAt { n: 1e5, s: 1e5 };
    assert_eq!(interval(new, 3), bad("quantity"), "the laws say nothing of noise");
    let held = GridQuantity::Parameter(Parameter::E);
    assert_eq!(interval(held, 3), Some(InferError::Fixed { parameter: Parameter::E }), "held");
}
