//! Public functions that no other test has a reason to call: what they say is what it says that they say.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
use syn2real::compare::{self, PreferOptions, Scored};
use syn2real::complexity::Covariance;
use syn2real::control::Goal;
use syn2real::infer::{ConfidenceCurve, Quantity, identifiability};
use syn2real::simd::{F64x8, LANES};
use syn2real::solve::{SolveOptions, solve};
use syn2real::theory::{self, Case};
use syn2real::{
    AdditiveLaw, Confidence, FullLaw, FullOptions, GridLaw, Law, Loss, Parameter, Residual, Syn2RealLaw, Weights,
};

const CURVE: [(f64, f64); 7] =
    [(1e3, 0.9575), (2e3, 0.9534), (4e3, 0.9471), (8e3, 0.9455), (16e3, 0.9432), (32e3, 0.9403), (64e3, 0.9377)];

#[test]
fn a_score_is_that_of_the_report() {
    let fit = Syn2RealLaw::fit(&CURVE).expect("a fit");
    let (score, report) = (fit.score(), fit.report());
    assert_eq!((score.cost, score.points, score.parameters, score.is_square), (report.cost, 7, 3, true));
    assert_eq!((score.residual, score.weights), (Residual::Log, Weights::Relative));
    // N ln(2 cost / N) + 2 k + 2 k (k + 1) / (N - k - 1) with k = 3 parameters and sigma; two roundings of each term.
    let aicc = 7.0 * (2.0 * score.cost / 7.0).ln() + 8.0 + 20.0;
    assert!((compare::aicc(&fit).expect("seven points") - aicc).abs() < 1e-12 * aicc.abs(), "{aicc}");
}

#[test]
fn options_of_the_additive_law_follow_those_of_the_full_one() {
    let full = FullOptions { residual: Residual::Linear, fixed_beta: Some(0.3), ..FullOptions::default() };
    let both = PreferOptions::of(&full);
    assert_eq!((both.full, both.additive.residual), (full, Residual::Linear));
    assert_eq!((both.additive.fixed_beta, both.additive.fixed_e), (Some(0.3), None));
}

#[test]
fn a_covariance_knows_its_units() {
    let (mut mean, mut packed) = ([0.0; 3], [0.0; 6]);
    assert_eq!(Covariance::new(&mut mean, &mut packed).expect("buffers").dimension(), 3);
}

#[test]
fn a_goal_says_what_it_was_told() {
    let plain = Goal::new(0.25).expect("a target");
    assert_eq!((plain.confidence(), plain.observations()), (Confidence::P99, None));
    assert_eq!((plain.start(), plain.growth(), plain.patience(), plain.check_every()), (1000.0, 2.0, 3, 3));
    assert!(!plain.any_target() && !plain.sigmas());
    let told = plain.with_sizes(500.0, 1.5).and_then(|g| g.with_observations(30)).and_then(|g| g.with_patience(4));
    let told = told.and_then(|g| g.with_check_every(0)).expect("in range").with_any_target().with_sigmas();
    let told = told.with_confidence(Confidence::P90);
    assert_eq!((told.confidence(), told.observations()), (Confidence::P90, Some(30)));
    assert_eq!((told.start(), told.growth(), told.patience(), told.check_every()), (500.0, 1.5, 4, 0));
    assert!(told.any_target() && told.sigmas());
}

#[test]
fn a_curve_says_what_it_is_of_and_how_far_it_reaches() {
    let fit = Syn2RealLaw::fit(&CURVE).expect("a fit");
    let quantity = Quantity::ErrorAt { n: 32e3 };
    let curve = ConfidenceCurve::new(&fit, &CURVE, quantity).expect("a curve");
    assert_eq!(curve.quantity(), quantity);
    // An error of 2 is farther away than anything that is told apart.
    assert!(curve.reach() > 1.96 && curve.reach() <= 7.0 && curve.distance(2.0) == curve.reach(), "{}", curve.reach());
}

#[test]
fn a_parameter_is_determined_where_its_interval_ends() {
    let exact = CURVE.map(|(n, _)| (n, 0.5 * n.powf(-0.4) + 0.3 + 1e-7 * (n / 1e3).sin()));
    let found = identifiability(&Syn2RealLaw::fit(&exact).expect("a fit"), &exact).expect("a finding");
    assert_eq!(found.is_determined(Parameter::C), Some(true), "{found:?}");
    let flat = CURVE.map(|(n, _)| (n, 0.5));
    let found = identifiability(&Syn2RealLaw::fit(&flat).expect("a fit"), &flat).expect("a finding");
    assert_ne!(found.is_determined(Parameter::Alpha), Some(true), "{found:?}");
    assert_eq!(found.is_determined(Parameter::Beta), None, "no parameter of this law");
}

#[test]
fn a_law_over_both_sizes_says_its_offset() {
    assert_eq!(FullLaw { delta: 1.0, gamma: 0.5, alpha: 0.5, beta: 0.3, n0: 7.0, e: 0.0 }.offset(), 7.0);
    assert_eq!(AdditiveLaw { a: 1.0, alpha: 0.5, b: 1.0, beta: 0.3, e: 0.0 }.offset(), 0.0);
}

#[test]
fn a_pair_of_exponents_has_a_setting_for_each_of_its_cases() {
    let found = theory::admissible(0.4, 0.322);
    assert!(found.setting(Case::IA).is_some_and(|setting| setting.case == Case::IA));
    assert_eq!(found.setting(Case::IIA), None, "beta is below 1/2");
}

/// A constant through observations with weights.
struct Level;

impl Law<1> for Level {
    type Observation = [f64; 2];

    #[inline(always)]
    fn rows(&self, t: &[f64; 1], block: &[[f64; 2]; LANES], residuals: &mut F64x8, jacobian: Option<&mut [F64x8; 1]>) {
        let roots = self.roots(block);
        *residuals = roots * (F64x8::splat(t[0]) - F64x8(block.map(|[y, _]| y)));
        if let Some(j) = jacobian {
            j[0] = roots;
        }
    }

    #[inline(always)]
    fn roots(&self, block: &[[f64; 2]; LANES]) -> F64x8 {
        F64x8(block.map(|[_, weight]| weight.sqrt()))
    }
}

/// A weight of 4 is a row four times, in the Huber loss as well, and the variance is sum psi^2 over the degrees of freedom.
#[test]
fn a_weight_of_a_users_law_is_its_row_so_many_times() {
    // Blocks of eight without a tail: past the end the last row repeats for both alike.
    let weighted: Vec<[f64; 2]> =
        (0..8).map(|i| [(f64::from(i) * 1.3).sin(), if i == 3 { 4.0 } else { 1.0 }]).collect();
    let mut repeated: Vec<[f64; 2]> = weighted.iter().map(|[y, _]| [*y, 1.0]).collect();
    (0..3).for_each(|_| repeated.push(repeated[3]));
    for loss in [Loss::Square, Loss::HuberAbsolute { delta: 0.3 }] {
        let options = SolveOptions { loss, ..SolveOptions::default() };
        let level = |data: &[[f64; 2]]| solve(&Level, data, [0.0], &options).expect("options are fine");
        let (a, b) = (level(&weighted), level(&repeated));
        // The solver stops within 1e-8 of the optimum.
        assert!((a.theta[0] - b.theta[0]).abs() < 1e-8 && (a.cost - b.cost).abs() < 1e-12, "{loss:?}: {a:?} {b:?}");
        if loss == Loss::Square {
            // 2 cost / (11 - 1), to a few roundings.
            let variance = b.scale2().expect("ten degrees of freedom");
            assert!((variance - 2.0 * b.cost / 10.0).abs() < 1e-14, "{variance}");
        }
    }
}
