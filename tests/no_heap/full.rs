//! Fits over n and s, their reports and comparisons allocate nothing.

use syn2real::Confidence;
use syn2real::compare::PreferOptions;
use syn2real::infer::bootstrap::{BootstrapOptions, replicate_grid};
use syn2real::infer::{GridQuantity, Method, grid_interval};
use syn2real::plan::allocate::{AllocateOptions, cheapest_by_data};

use syn2real::{
    AdditiveLaw, AdditiveOptions, Bounds, FullBentLaw, FullBentOptions, FullLaw, FullOptions, LackOfFitAtS, Residual,
    Syn2RealLaw, compare,
};

use crate::allocations;

#[test]
fn grids_allocate_nothing() {
    let law = FullLaw { delta: 40.0, gamma: 0.02, alpha: 0.5, beta: 0.3, n0: 0.0, e: 0.0 };
    let points: [(f64, f64, f64); 20] = std::array::from_fn(|i| {
        let (n, s) = ([1e3, 2e3, 4e3, 8e3, 16e3][i % 5], [1e4, 3e4, 9e4, 27e4][i / 5]);
        (n, s, law.error_at(n, s) * (1.0 + 0.01 * ((i * 7 % 5) as f64 - 2.0)))
    });
    let (plain, sum) = (FullOptions::default(), AdditiveOptions::default());
    for options in [
        plain,
        FullOptions { residual: Residual::Linear, ..plain },
        FullOptions { fixed_n0: None, fixed_e: None, ..plain },
        FullOptions { gamma: Bounds::new(0.0, 1.0), covariance: false, ..plain },
    ] {
        let fit = FullLaw::fit_with(&points, &options).expect("a good grid");
        let simple = Syn2RealLaw::fit(&points.map(|p| (p.0, p.2))[..5]).expect("one s");
        let mut by_s = [LackOfFitAtS::default(); 4];
        assert_eq!(allocations(|| FullLaw::fit_with(&points, &options)), 0, "{options:?}");
        assert_eq!(
            allocations(|| AdditiveLaw::fit_with(&points, &AdditiveOptions { residual: options.residual, ..sum })),
            0,
            "{options:?}"
        );
        let bent = FullBentOptions { residual: options.residual, gamma: options.gamma, ..FullBentOptions::default() };
        assert_eq!(allocations(|| FullBentLaw::fit_with(&points, &bent)), 0, "{bent:?}");
        let quantity = GridQuantity::SamplesFor { target: 0.05, s: 9e4 };
        let ask = || grid_interval(&fit, &points, quantity, Confidence::P95, Method::Profile).is_ok();
        assert_eq!(allocations(ask), 0, "intervals, {options:?}");
        let mut laws = [fit.law(); 2];
        let draw = || replicate_grid(&fit, &points, &[], &BootstrapOptions::default(), &mut laws).is_ok();
        assert_eq!(allocations(draw), 0, "replicates, {options:?}");
        let law = PreferOptions::of(&options);
        let plan = || cheapest_by_data(&points, 0.05, &AllocateOptions::default(), &law).is_ok();
        assert_eq!(allocations(plan), 0, "allocation, {options:?}");
        assert_eq!(allocations(|| compare::full_laws(&points, &options, 1)), 0, "{options:?}");
        assert_eq!(allocations(|| (fit.lack_of_fit(&points, &mut by_s), fit.consistency(1e4, &simple))), 0);
    }
}
