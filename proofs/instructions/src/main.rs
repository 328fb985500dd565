//! Calls each case once, in a function of its own, so that callgrind's costs per function are the costs per call.
//! `scripts/instructions.sh` counts and compares; without arguments this lists the cases.
//!
//! The argument names the instruction set. A count must not depend on the machine, so the baseline is what is compared:
//! valgrind has no AVX-512, and of AVX2 version 3.19 lacks the register form of `vmovq` that LLVM takes where it is shorter.
use std::hint::black_box;
use std::process::ExitCode;

use syn2real::control::{ChangeReason, Controller, Decision, Goal};
use syn2real::decouple::{DecoupleOptions, fixed_point, shared_d};
use syn2real::forecast::{ForecastOptions, best};
use syn2real::plan::{PlanOptions, samples_for};
use syn2real::simd::Isa;
use syn2real::{
    BentLaw, FitError, FitOptions, FullLaw, FullOptions, GridPoint, Loss, Point, Residual, Syn2RealFit, Syn2RealLaw,
};

#[path = "../../../benches/common/workload.rs"]
mod workload;

use workload::{IRREGULAR, SEEDS, SIZES};

/// Problems of a set: eight lanes, filled anew often.
const PROBLEMS: usize = 64;

type Fitted = Result<Syn2RealFit, FitError>;

/// Everything that a call needs, made before anything is counted.
struct Data {
    options: FitOptions,
    grid: Vec<f64>,
    irregular: Vec<f64>,
    ragged: Vec<Vec<Point>>,
    sevens: Vec<Point>,
    p245: Vec<Point>,
    p10000: Vec<Point>,
    settings: Vec<Vec<Point>>,
    sheet: Vec<GridPoint>,
    bending: Vec<Point>,
    few_sizes: Controller<64>,
    many_sizes: Controller<64>,
}

impl Data {
    fn new(isa: Isa) -> Data {
        let grid = workload::grid(SEEDS[0], &SIZES, PROBLEMS);
        Data {
            options: FitOptions { isa, ..FitOptions::default() },
            sevens: workload::rows(&SIZES, &grid),
            grid,
            irregular: workload::grid(SEEDS[0], &IRREGULAR, PROBLEMS),
            ragged: workload::ragged(SEEDS[0], PROBLEMS, 4..=40),
            p245: workload::chinchilla(),
            p10000: workload::long(10_000),
            settings: workload::settings(),
            sheet: workload::sheet(),
            bending: bending(),
            few_sizes: controller(10),
            many_sizes: controller(64),
        }
    }

    fn plain(&self) -> FitOptions {
        FitOptions { covariance: false, ..self.options }
    }

    /// The first eight problems of seven points one by one: exact data and the three noises, twice.
    fn one_by_one(&self, options: &FitOptions) -> bool {
        let mut curves = self.sevens.chunks_exact(SIZES.len()).take(8);
        curves.all(|points| Syn2RealLaw::fit_with(black_box(points), black_box(options)).is_ok())
    }

    fn grid(&self, sizes: &[f64], errors: &[f64], options: &FitOptions) -> bool {
        let mut good = 0;
        let each = |_, fit: Fitted| good += usize::from(black_box(fit).is_ok());
        Syn2RealLaw::fit_grid(black_box(sizes), black_box(errors), black_box(options), each).is_ok() && good == PROBLEMS
    }

    fn one(&self, points: &[Point]) -> bool {
        Syn2RealLaw::fit_with(black_box(points), black_box(&self.options)).is_ok()
    }
}

/// Size and error number `k`: sizes over a factor of 400 in turn, a law that needs more samples than there can be, noise of
/// 2 %.
fn measurement(k: u32, sizes: u32) -> (f64, f64) {
    let law = Syn2RealLaw { d: 5.0, alpha: 0.3, c: 0.2 };
    let n = 1e3 * 1.1_f64.powi((k % sizes * 63 / (sizes - 1)) as i32);
    let noise = f64::from(k.wrapping_mul(2_654_435_769) >> 16) / 65_536.0 - 0.5;
    (n, law.error_at(n) * (1.0 + 0.04 * noise))
}

/// Fifteen doublings of n over a bend, with noise of 1 %.
fn bending() -> Vec<Point> {
    let law = BentLaw { a: 0.9, c: 0.2, n_h: 3e4, beta: 1.2, kappa: 0.4 };
    let noise = |k: u32| f64::from(k.wrapping_mul(2_654_435_769) >> 16) / 65_536.0 - 0.5;
    (0..15)
        .map(|k| (1e3 * f64::from(1 << k), k))
        .map(|(n, k)| Point::new(n, law.error_at(n) * (1.0 + 0.02 * noise(k))))
        .collect()
}

/// A controller whose 64 places hold so many sizes and whose finding is that the rate is too low.
fn controller(sizes: u32) -> Controller<64> {
    let goal = Goal::new(0.26).and_then(|g| g.with_budget(1e6)).expect("in range");
    let mut controller = Controller::new(goal);
    (0..192).for_each(|k| _ = controller.observe(measurement(k, sizes)));
    controller
}

/// One more observation, which asks for the cause.
fn observe(controller: &Controller<64>, sizes: u32) -> bool {
    let mut controller = controller.clone();
    let decision = black_box(&mut controller).observe(black_box(measurement(192, sizes)));
    controller.entries().len() == 64 && decision == Decision::ChangeSetting { reason: ChangeReason::Rate }
}

fn all_some(out: &[Option<Syn2RealFit>]) -> bool {
    black_box(out).iter().all(Option::is_some)
}

/// Each case as a function that stays one in the compiled program.
macro_rules! cases {
    ($($name:ident: $call:expr;)*) => {
        /// What callgrind finds by name.
        mod counted {
            use super::*;
            $(#[inline(never)] pub(super) fn $name(data: &Data) -> bool { let call: fn(&Data) -> bool = $call; call(data) })*
        }
        const CASES: &[(&str, fn(&Data) -> bool)] = &[$((stringify!($name), counted::$name)),*];
    };
}

cases! {
    fit_7: |d| d.one_by_one(&d.options);
    fit_7_fixed_d: |d| d.one_by_one(&FitOptions { fixed_d: Some(0.48), ..d.options });
    fit_7_linear: |d| d.one_by_one(&FitOptions { residual: Residual::Linear, ..d.options });
    fit_7_huber: |d| d.one_by_one(&FitOptions { loss: Loss::Huber { k: 1.345 }, ..d.options });
    fit_245: |d| d.one(&d.p245);
    fit_10000: |d| d.one(&d.p10000);
    fit_grid_64x7: |d| d.grid(&SIZES, &d.grid, &d.options);
    fit_grid_64x7_no_covariance: |d| d.grid(&SIZES, &d.grid, &d.plain());
    fit_grid_64x7_irregular: |d| d.grid(&IRREGULAR, &d.irregular, &d.plain());
    fit_many_64_ragged: |d| {
        let mut curves: [&[Point]; PROBLEMS] = [&[]; PROBLEMS];
        for (slot, curve) in curves.iter_mut().zip(&d.ragged) {
            *slot = curve;
        }
        let mut good = 0;
        let each = |_, fit: Fitted| good += usize::from(black_box(fit).is_ok());
        Syn2RealLaw::fit_many(black_box(&curves), black_box(&d.plain()), each);
        good == PROBLEMS
    };
    decouple_fixed_point: |d| {
        let default = DecoupleOptions::default();
        let options = DecoupleOptions { fit: FitOptions { isa: d.options.isa, ..default.fit }, ..default };
        let mut curves: [&[Point]; 29] = [&[]; 29];
        for (slot, curve) in curves.iter_mut().zip(&d.settings) {
            *slot = curve;
        }
        let mut out = [None; 29];
        fixed_point(black_box(&curves), black_box(&options), &mut out).is_ok() && all_some(&out)
    };
    decouple_shared_d: |d| {
        let options = FitOptions { isa: d.options.isa, ..DecoupleOptions::default().fit };
        let mut curves: [&[Point]; 29] = [&[]; 29];
        for (slot, curve) in curves.iter_mut().zip(&d.settings) {
            *slot = curve;
        }
        let mut out = [None; 29];
        shared_d(black_box(&curves), black_box(&options), &mut out).is_ok() && all_some(&out)
    };
    full_42: |d| {
        let options = FullOptions { isa: d.options.isa, ..FullOptions::default() };
        FullLaw::fit_with(black_box(&d.sheet), black_box(&options)).is_ok()
    };
    // A problem, a region and four of its extremes.
    plan_7: |d| {
        let points = &d.sevens[SIZES.len()..2 * SIZES.len()];
        let Ok(fit) = Syn2RealLaw::fit_with(points, &d.options) else { return false };
        let options = PlanOptions { any_target: true, ..PlanOptions::default() };
        let target = fit.law().error_at(2.0 * fit.report().n_max);
        samples_for(black_box(&fit), black_box(points), black_box(target), black_box(&options)).is_ok()
    };
    // Fifteen sizes of a curve that bends.
    bent_15: |d| BentLaw::fit_with(black_box(&d.bending), black_box(&d.options)).is_ok();
    forecast_15: |d| {
        let options = ForecastOptions { evidence: false, isa: d.options.isa, ..ForecastOptions::default() };
        best(black_box(&d.bending), black_box(&options)).is_ok()
    };
    observe_10_rate: |d| observe(&d.few_sizes, 10);
    observe_64_rate: |d| observe(&d.many_sizes, 64);
}

fn main() -> ExitCode {
    let Some(name) = std::env::args().nth(1) else {
        CASES.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    };
    let Some(isa) = Isa::available().find(|isa| isa.name() == name) else {
        eprintln!("{name} is no instruction set of this machine");
        return ExitCode::from(2);
    };
    let data = Data::new(isa);
    for (name, call) in CASES {
        if !call(&data) {
            eprintln!("{name}: not fitted");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
