//! A fit.

use syn2real::forecast::{Calibration, ForecastOptions, Prior, best, evidence};
use syn2real::{
    BentLaw, Bounds, Confidence, FitError, FitOptions, Loss, Parameter, Point, PowerLaw, RectifiedLaw, Residual,
    ShiftedLaw, Syn2RealFit, Syn2RealLaw, Weights,
};

use crate::allocations;

const N: [f64; 7] = [1e3, 2e3, 4e3, 8e3, 16e3, 32e3, 64e3];
const ERRORS: [f64; 7] = [0.9575, 0.9534, 0.9471, 0.9455, 0.9432, 0.9403, 0.9377];

fn points() -> [Point; 7] {
    std::array::from_fn(|i| Point::new(N[i], ERRORS[i]).with_weight(1.0 + i as f64))
}

fn all_options() -> [FitOptions; 12] {
    let plain = FitOptions::default();
    [
        plain,
        FitOptions { residual: Residual::Linear, ..plain },
        FitOptions { fixed_d: Some(0.48), ..plain },
        FitOptions { fixed_alpha: Some(0.5), ..plain },
        FitOptions { fixed_c: Some(0.0), ..plain },
        FitOptions { loss: Loss::Huber { k: 1.345 }, ..plain },
        FitOptions { loss: Loss::Huber { k: 1.345 }, residual: Residual::Linear, ..plain },
        FitOptions { loss: Loss::HuberAbsolute { delta: 1e-3 }, ..plain },
        FitOptions { c: Bounds::new(0.2, 0.5), d: Bounds::new(0.1, 2.0), alpha: Bounds::new(0.1, 0.3), ..plain },
        FitOptions { weights: Weights::Absolute, ..plain },
        FitOptions { covariance: false, ..plain },
        FitOptions { fixed_d: Some(0.48), alpha: Bounds::new(0.0, 1.5), residual: Residual::Linear, ..plain },
    ]
}

#[test]
fn fits_allocate_nothing() {
    let points = points();
    let pairs: [(u32, f32); 7] = std::array::from_fn(|i| (N[i] as u32, ERRORS[i] as f32));
    assert_eq!(allocations(|| Syn2RealLaw::fit(&pairs)), 0, "fit");
    for options in all_options() {
        assert!(Syn2RealLaw::fit_with(&points, &options).is_ok(), "{options:?}");
        assert_eq!(allocations(|| Syn2RealLaw::fit_with(&points, &options)), 0, "fit_with {options:?}");
        assert_eq!(allocations(|| PowerLaw::fit_with(&points, &options)), 0, "PowerLaw::fit_with {options:?}");
    }
    let broken = [Point::new(-1.0, 0.5); 3];
    assert_eq!(allocations(|| Syn2RealLaw::fit(&broken)), 0, "an error");
}

#[test]
fn long_curves_allocate_nothing() {
    let curve: Vec<Point> = (1..=5000).map(|i| Point::new(100.0 * f64::from(i), 2.0 + 1.0 / f64::from(i))).collect();
    for options in all_options() {
        assert_eq!(allocations(|| Syn2RealLaw::fit_with(&curve, &options)), 0, "{options:?}");
    }
}

#[test]
fn many_fits_allocate_nothing() {
    let points = points();
    let curves: [&[Point]; 20] = [&points; 20];
    let errors: Vec<f64> = (0..20).flat_map(|k| ERRORS.map(|e| e * (1.0 + 0.01 * f64::from(k)))).collect();
    for options in all_options() {
        let mut good = 0;
        let mut each = |_, fit: Result<Syn2RealFit, FitError>| good += usize::from(fit.is_ok());
        assert_eq!(allocations(|| Syn2RealLaw::fit_many(&curves, &options, &mut each)), 0, "fit_many {options:?}");
        let grid = || Syn2RealLaw::fit_grid(&N, &errors, &options, &mut each).is_ok();
        assert_eq!(allocations(grid), 0, "fit_grid {options:?}");
        assert_eq!(good, 40, "{options:?}");
    }
}

/// What a fit tells is read, and printed into a buffer of the caller, without the heap.
#[test]
fn decoupling_and_back_tests_allocate_nothing() {
    use syn2real::backtest::{hold_out, rolling};
    use syn2real::decouple::{DecoupleOptions, STARTS, median_iteration, sensitivity, shared_alpha, shared_d};
    let points = points();
    let curves = [&points[..], &points[1..], &points[..5]];
    let mut out = [None; 3];
    let options = DecoupleOptions { max_rounds: 20, ..DecoupleOptions::default() };
    assert!(median_iteration(&curves, &options, &mut out).is_ok(), "the curves fit");
    assert_eq!(allocations(|| median_iteration(&curves, &options, &mut out)), 0, "median_iteration");
    assert_eq!(allocations(|| sensitivity(&curves, &options, &STARTS, &mut out)), 0, "sensitivity");
    assert_eq!(allocations(|| shared_d(&curves, &options.fit, &mut out)), 0, "shared_d");
    assert_eq!(allocations(|| shared_alpha(&curves, &options.fit, &mut out)), 0, "shared_alpha");
    assert!(hold_out(&points, 16e3, &options.fit).is_ok(), "the points fit");
    assert_eq!(allocations(|| hold_out(&points, 16e3, &options.fit)), 0, "hold_out");
    assert_eq!(allocations(|| rolling(&points, 1, &options.fit, |_| {})), 0, "rolling");
}

#[test]
fn reading_a_fit_allocates_nothing() {
    struct Buffer([u8; 4096], usize);
    impl std::fmt::Write for Buffer {
        fn write_str(&mut self, s: &str) -> std::fmt::Result {
            let end = self.1 + s.len();
            self.0.get_mut(self.1..end).ok_or(std::fmt::Error)?.copy_from_slice(s.as_bytes());
            self.1 = end;
            Ok(())
        }
    }
    let fit = Syn2RealLaw::fit(&points()).expect("seven good points");
    let mut buffer = Buffer([0; 4096], 0);
    let used = allocations(|| {
        let interval = fit.interval(Parameter::C, Confidence::P95);
        let written = std::fmt::write(&mut buffer, format_args!("{fit}"));
        (interval, fit.std_errors(), fit.minima().len(), fit.law().error_at(1e6), written)
    });
    assert_eq!(used, 0, "interval, standard errors, minima, prediction, text");
    assert!(buffer.1 > 100, "the report was written: {} bytes", buffer.1);
}

#[test]
fn bends_and_forecasts_allocate_nothing() {
    let points = points();
    for options in all_options().into_iter().filter(|o| o.fixed_d.is_none() && o.d.upper == f64::INFINITY) {
        assert_eq!(allocations(|| RectifiedLaw::fit_with(&points, &options)), 0, "rectified, {options:?}");
        assert_eq!(allocations(|| ShiftedLaw::fit_with(&points, &options)), 0, "shifted, {options:?}");
        assert_eq!(allocations(|| BentLaw::fit_with(&points, &options)), 0, "bent, {options:?}");
        assert_eq!(allocations(|| evidence(&points, &options)), 0, "evidence, {options:?}");
    }
    let options = ForecastOptions::default();
    assert!(best(&points, &options).is_ok(), "a forecast");
    assert_eq!(allocations(|| best(&points, &options).map(|f| f.samples_for(0.93, 0.5, 1e9))), 0, "best");
    assert_eq!(allocations(|| Prior::learn(&[points, points], 64e3, &options)), 0, "Prior::learn");
    assert_eq!(
        allocations(|| Calibration::learn(&[points, points], &options, Confidence::P95)),
        0,
        "Calibration::learn"
    );
}
