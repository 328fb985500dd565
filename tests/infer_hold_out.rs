//! Prediction bands on the authors' data: objdet -> objdet, s = 1 %, fitted on 1k..64k and asked for 80k..1280k.
//!
//! Caveat: the larger sizes are of another pool of images (the 1280k series) than the smaller ones (the 64k series), so
//! that what lies outside may be the pools' difference as well as the law's or the band's fault.
mod common;

use common::data;
use syn2real::infer::{self, Method, Quantity};
use syn2real::{Confidence, Residual, Syn2RealLaw};

fn objdet(pool: &str, model: &str) -> Vec<(f64, f64)> {
    let mut curve = data::curves()[&format!("bop_{pool}_{model}_objdet_objdet_coco_s1")].clone();
    curve.sort_by(|a, b| a.0.total_cmp(&b.0));
    curve
}

/// `cargo test --test infer_hold_out -- --nocapture` prints every point and the share inside.
#[test]
fn later_measurements_lie_in_the_prediction_band() {
    for residual in [Residual::Log, Residual::Linear] {
        let options = syn2real::FitOptions { residual, ..syn2real::FitOptions::default() };
        let (mut inside, mut all) = (0, 0);
        for model in ["r50", "r101", "r152"] {
            let train: Vec<_> = objdet("64k", model).into_iter().filter(|p| p.0 <= 64_000.0).collect();
            let later: Vec<_> = objdet("1280k", model).into_iter().filter(|p| p.0 >= 80_000.0).collect();
            assert_eq!((train.len(), later.len()), (7, 5), "{model}: the window");
            let fit = Syn2RealLaw::fit_with(&train, &options).expect("a law");
            for &(n, error) in &later {
                let asked = Quantity::MeasurementAt { n };
                let band = infer::interval(&fit, &train, asked, Confidence::P95, Method::Profile).expect("a band");
                let (lower, upper) = (band.lower.unwrap_or(0.0), band.upper.unwrap_or(f64::INFINITY));
                let is_inside = lower <= error && error <= upper;
                println!("{residual:?} {model} n = {n}: {error:.4} in [{lower:.4}, {upper:.4}] {is_inside}");
                inside += u32::from(is_inside);
                all += 1;
            }
        }
        println!(
            "{residual:?}: {inside} of {all} inside the 95 % prediction band; the later sizes are of another pool"
        );
        // Were the pools one, 95 % of 15 would be expected; the five points of a curve share the errors of its fit, and so
        // one curve may be off.
        assert!(inside >= 10, "{residual:?}: {inside} of {all} inside");
    }
}
