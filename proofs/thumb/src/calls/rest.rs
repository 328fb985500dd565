//! What the crate has beside the fit and the controller: laws that bend, forecasts, intervals, tests, replicates, plans, laws over both sizes, a law of
//! the user's own, decoupling, back-tests, landscapes, theory, entropy.

use core::hint::black_box;

use syn2real::complexity::{Covariance, EntropyOptions, kendall, spearman};
use syn2real::control::{Controller, Goal};
use syn2real::decouple::{self, DecoupleOptions};
use syn2real::forecast::{Calibration, ForecastOptions, Prior, best, evidence};
use syn2real::infer::{self, Band, Method, Quantity, bootstrap};
use syn2real::landscape;
use syn2real::own::{self, OwnOptions, Sizes, check_jacobian};
use syn2real::plan::allocate::{AllocateOptions, best_error, cheapest};
use syn2real::plan::design::{Aim, Candidate, ScheduleOptions, next, schedule, verdict_odds};
use syn2real::plan::settings::{Pair, curves, pairs, standings};
use syn2real::plan::{Basis, PlanOptions, assurance, samples_for, samples_for_replicates, samples_with_probability};
use syn2real::simd::F64x8;
use syn2real::solve::{SolveOptions, solve};
use syn2real::theory::{Conditions, admissible, rates};
use syn2real::{
    AdditiveLaw, BentLaw, Confidence, FitOptions, Formula, FullBentLaw, FullBentOptions, FullLaw, GridPoint, Law,
    OwnLaw, Parameter, Point, PowerLaw, RectifiedLaw, Scalar, ShiftedLaw, Syn2RealFit, Syn2RealLaw, backtest, compare,
    model_size,
};

static POINTS: [Point; 7] = [
    Point::new(1e3, 0.9575),
    Point::new(2e3, 0.9534),
    Point::new(4e3, 0.9471),
    Point::new(8e3, 0.9455),
    Point::new(16e3, 0.9432),
    Point::new(32e3, 0.9403),
    Point::new(64e3, 0.9377),
];

static GRID: [GridPoint; 9] = [
    GridPoint::new(1e3, 10.0, 0.90),
    GridPoint::new(2e3, 10.0, 0.80),
    GridPoint::new(4e3, 10.0, 0.75),
    GridPoint::new(1e3, 40.0, 0.51),
    GridPoint::new(2e3, 40.0, 0.45),
    GridPoint::new(4e3, 40.0, 0.42),
    GridPoint::new(1e3, 160.0, 0.29),
    GridPoint::new(2e3, 160.0, 0.26),
    GridPoint::new(4e3, 160.0, 0.24),
];

/// Keeps the optimiser from knowing what is in the points.
fn points() -> &'static [Point] {
    black_box(&POINTS[..])
}

fn inference(fit: &Syn2RealFit, laws: &mut [Syn2RealLaw; 64]) -> u32 {
    let points = points();
    let mut done = 0;
    let quantities = [
        Quantity::Parameter(Parameter::C),
        Quantity::ErrorAt { n: 1e6 },
        Quantity::MeasurementAt { n: 1e6 },
        Quantity::SamplesFor { target: 0.937 },
    ];
    for quantity in quantities {
        for method in [Method::Profile, Method::Wald] {
            done += u32::from(infer::interval(fit, points, black_box(quantity), Confidence::P95, method).is_ok());
        }
    }
    let mut bands = [Band::default(); 2];
    done += u32::from(infer::band(fit, points, &[1e3, 1e6], Confidence::P95, Method::Profile, &mut bands).is_ok());
    done += u32::from(infer::gap_test(fit, points).is_ok());
    done += u32::from(infer::lack_of_fit(fit, points).is_ok());
    done += u32::from(infer::identifiability(fit, points).is_ok());
    for scheme in [bootstrap::Scheme::Residual, bootstrap::Scheme::Case, bootstrap::Scheme::Parametric] {
        let options = bootstrap::BootstrapOptions { scheme, ..bootstrap::BootstrapOptions::default() };
        done += u32::from(bootstrap::replicate(fit, points, &[], &options, laws).is_ok());
    }
    done
}

fn planning(fit: &Syn2RealFit, laws: &[Syn2RealLaw; 64]) -> u32 {
    let (points, options) = (points(), PlanOptions::default());
    let mut done = u32::from(samples_for(fit, points, black_box(0.937), &options).is_ok());
    done += u32::from(samples_for_replicates(fit, laws, 0.937, &options).is_ok());
    done += u32::from(samples_with_probability(laws, 0.937, 0.8).is_ok());
    let by_forecast = PlanOptions { basis: black_box(Basis::Forecast), ..options };
    done += u32::from(samples_for(fit, points, black_box(0.937), &by_forecast).is_ok());
    done += u32::from(assurance(fit, points, 0.937, black_box(0.9), &options).is_ok());
    let mut controller = black_box(Goal::new(0.23)).map(Controller::<16>::new);
    if let Ok(controller) = &mut controller {
        controller.observe_with_forecast(black_box((1e3, 0.9)));
        done += u32::from(controller.verdict_with_forecast().is_ok());
    }
    let candidates = [Candidate::new(32e3), Candidate::new(128e3)];
    done += u32::from(next(fit, points, &candidates, Aim::Parameters, &options).is_ok());
    done += u32::from(verdict_odds(fit, points, 0.937, Candidate::new(128e3), &options).is_ok());
    let few = ScheduleOptions { verdicts: 100, ..ScheduleOptions::default() };
    done += u32::from(schedule(fit, points, 0.937, &candidates, &few, &options).is_ok());
    let settings = [(*fit, points), (*fit, points)];
    let mut of = [None; 2];
    done += u32::from(curves(&settings, Quantity::Parameter(Parameter::C), &mut of).is_ok());
    let mut pair = [Pair::default(); 1];
    done += u32::from(pairs(&of, &mut pair).is_ok());
    let mut standing = [None; 1];
    done += u32::from(standings(&[(fit.law(), &laws[..])], 1e6, Confidence::P95, &mut standing).is_ok());
    done
}

fn both_sizes() -> u32 {
    let grid = black_box(&GRID[..]);
    let mut done = 0;
    if let Ok(fit) = FullLaw::fit(grid) {
        done += 1;
        done += u32::from(fit.profile_interval(grid, Parameter::Gamma, Confidence::P95).is_ok());
        done += u32::from(cheapest(&fit.law(), 0.4, &AllocateOptions::default()).is_ok());
        done += u32::from(best_error(&fit.law(), 1e5, &AllocateOptions::default()).is_ok());
    }
    if let Ok(fit) = AdditiveLaw::fit(grid) {
        done += 1 + u32::from(fit.profile_interval(grid, Parameter::E, Confidence::P95).is_ok());
    }
    if let Ok(fit) = FullBentLaw::fit_with(grid, black_box(&FullBentOptions::default())) {
        done += 1 + u32::from(fit.error_interval(8e3, 40.0, Confidence::P95).is_some());
        done += u32::from(fit.interval(Parameter::Sharpness, Confidence::P95).is_some());
    }
    done
}

/// y = a x + b x^2: a law of the user's own.
struct Own;

impl Law<2> for Own {
    type Observation = [f64; 2];

    #[inline(always)]
    fn rows(&self, theta: &[f64; 2], block: &[[f64; 2]; 8], residuals: &mut F64x8, jacobian: Option<&mut [F64x8; 2]>) {
        for (r, [x, y]) in residuals.0.iter_mut().zip(block) {
            *r = theta[0] * x + theta[1] * x * x - y;
        }
        if let Some([by_a, by_b]) = jacobian {
            for ((a, b), [x, _]) in by_a.0.iter_mut().zip(&mut by_b.0).zip(block) {
                (*a, *b) = (*x, x * x);
            }
        }
    }
}

/// A law of the user's own.
struct Logarithm;

impl Formula<2> for Logarithm {
    fn value<S: Scalar>(&self, [a, b]: [S; 2], [n]: [S; 1]) -> S {
        a - b * n.ln()
    }
}

fn own_laws() -> u32 {
    let data = black_box([(1e3, 0.612), (2e3, 0.585), (4e3, 0.551), (8e3, 0.524), (16e3, 0.493), (32e3, 0.466)]);
    let law = OwnLaw::linear(Logarithm);
    let mut done = u32::from(check_jacobian(&law, &data, [1.0, 0.05]).is_ok());
    let options = OwnOptions { starts: 8, ..OwnOptions::within([(0.0, 5.0), (0.0, 1.0)]) };
    let Ok(fit) = own::fit(&law, &data, &options) else { return done };
    done += u32::from(fit.parameter(1, Confidence::P95).is_ok());
    done += u32::from(fit.band(&[[64e3]], Confidence::P95, &mut [Band::default()]).is_ok());
    done + u32::from(fit.samples_for(0.4, |n| [n], Sizes::new(1e3, 1e6), Confidence::P95).is_ok())
}

fn others(fit: &Syn2RealFit) -> u32 {
    let points = points();
    let data: [[f64; 2]; 4] = black_box([[0.1, 0.21], [0.2, 0.39], [0.3, 0.62], [0.4, 0.83]]);
    let mut done = u32::from(solve(&Own, &data[..], [1.0, 1.0], &SolveOptions::default()).is_ok());
    done += u32::from(PowerLaw::fit(points).is_ok());
    let mut fits = [None; 2];
    let both = [points, points];
    done += u32::from(decouple::median_iteration(&both, &DecoupleOptions::paper(), &mut fits).is_ok());
    done += u32::from(decouple::fixed_point(&both, &DecoupleOptions::paper(), &mut fits).is_ok());
    done += u32::from(decouple::shared_d(&both, &FitOptions::default(), &mut fits).is_ok());
    done += u32::from(backtest::hold_out(points, 32e3, &FitOptions::default()).is_ok());
    let (mut lines, mut below) = ([(0.0, 0.0); 7], [0; 7]);
    done += u32::from(landscape::linearise(points, 0.9, &mut lines, &mut below).is_ok());
    let mut costs = [0.0; 4];
    done += u32::from(landscape::cost(points, &[0.3, 0.4], &[0.4, 0.5], &FitOptions::default(), &mut costs).is_ok());
    done += u32::from(model_size::fit(points).is_ok());
    done += u32::from(compare::aicc(fit).is_some());
    done += u32::from(rates(0.5, 0.5, 3.0, black_box(0.0), Conditions::Strict).is_ok());
    done += u32::from(admissible(black_box(0.5), 0.5).is_empty());
    let values = black_box([0.3, 0.1, 0.2, 0.5]);
    done += u32::from(spearman(&values, &[1.0, 2.0, 3.0, 4.0]).is_ok());
    done += u32::from(kendall(&values, &[1.0, 2.0, 3.0, 4.0]).is_ok());
    let (mut mean, mut packed) = ([0.0; 2], [0.0; 3]);
    if let Ok(mut covariance) = Covariance::new(&mut mean, &mut packed) {
        done += u32::from(covariance.push_rows(&values).is_ok());
        done += u32::from(covariance.push_rows(&[0.2, 0.9, 0.4, 0.1]).is_ok());
        done += u32::from(covariance.entropy(&EntropyOptions::default()).is_ok());
    }
    done
}

fn bends() -> u32 {
    let (points, options) = (points(), ForecastOptions::default());
    let mut done = u32::from(RectifiedLaw::fit_with(points, &FitOptions::default()).is_ok());
    done += u32::from(ShiftedLaw::fit_with(points, &FitOptions::default()).is_ok());
    done += u32::from(BentLaw::fit_with(points, &FitOptions::default()).is_ok());
    done += u32::from(!evidence(points, &FitOptions::default()).contenders().is_empty());
    if let Ok(forecast) = best(points, &options) {
        done += u32::from(forecast.at(black_box(1e6), Confidence::P95).error > 0.0);
        done += u32::from(forecast.samples_for(black_box(0.937), 0.5, 1e9).is_some());
        done += u32::from(forecast.probability_ever(black_box(0.937)) > 0.0);
    }
    done += u32::from(Prior::learn(&[points, points], 64e3, &options).is_ok());
    done + u32::from(Calibration::learn(&[points, points], &options, Confidence::P95).is_ok())
}

/// Calls all of it, and gives how many calls of each room answered.
pub fn all(out: &mut dyn FnMut(&str, u32)) {
    let Ok(fit) = Syn2RealLaw::fit(points()) else { return };
    let mut laws = [fit.law(); 64];
    out("inference that answered", inference(&fit, &mut laws));
    out("plans that answered", planning(&fit, &laws));
    out("laws over both sizes that answered", both_sizes());
    out("bends and forecasts that answered", bends());
    out("laws of the user's own that answered", own_laws());
    out("others that answered", others(&fit));
}
