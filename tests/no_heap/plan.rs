//! Planning.

use syn2real::infer::{Method, Quantity};
use syn2real::plan::allocate::{AllocateOptions, AllocationRound, Costs, RoundsOptions};
use syn2real::plan::design::{Aim, Candidate, GridAim, GridCandidate};
use syn2real::plan::settings::Pair;
use syn2real::plan::{PlanOptions, allocate, design, settings};
use syn2real::{Confidence, FullLaw, Parameter, Syn2RealLaw, plan};

use crate::allocations;

#[test]
fn planning_allocates_nothing() {
    let points = [(1e3, 0.900), (2e3, 0.848), (4e3, 0.8105), (8e3, 0.785), (16e3, 0.766), (32e3, 0.753), (64e3, 0.743)];
    let grid =
        [(1e3, 10., 0.9), (2e3, 10., 0.8), (4e3, 10., 0.75), (1e3, 40., 0.51), (2e3, 40., 0.45), (4e3, 40., 0.42)];
    let (fit, full) = (Syn2RealLaw::fit(&points).expect("a fit"), FullLaw::fit(&grid).expect("a fit"));
    let laws: [Syn2RealLaw; 400] = std::array::from_fn(|i| Syn2RealLaw { c: 0.70 + 1.5e-5 * i as f64, ..fit.law() });
    let law = FullLaw { delta: 41.8, gamma: 0.478, alpha: 0.544, beta: 0.322, n0: 100.0, e: 0.0 };
    let full_laws: [FullLaw; 64] = std::array::from_fn(|i| FullLaw { delta: 40.0 + 0.1 * i as f64, ..law });
    let options = PlanOptions::default();
    let candidates = [1e3, 1e5].map(Candidate::new);
    let (mut scratch, mut round, mut pair, mut standing) =
        ([0.0; 65 * 6], [AllocationRound::default(); 3], [Pair::default(); 1], [None; 2]);
    let mut intervals = [None; 2];
    let count = allocations(|| {
        let mut answers = 0;
        for target in [0.5, 0.72, 0.74] {
            for method in [Method::Profile, Method::Wald] {
                answers +=
                    usize::from(plan::samples_for(&fit, &points, target, &PlanOptions { method, ..options }).is_ok());
            }
            answers += usize::from(plan::samples_for_replicates(&fit, &laws, target, &options).is_ok());
            answers += usize::from(plan::samples_with_probability(&laws, target, 0.9).is_ok());
        }
        answers += usize::from(plan::fine_tune_size_for(&full, &grid, 0.3, 4e3, &options).is_ok());
        answers += usize::from(plan::samples_for_on_grid(&full, &grid, 0.4, 40.0, &options).is_ok());
        answers += usize::from(plan::break_even(&law, 1e4, &Costs::default()).is_ok());
        answers += usize::from(allocate::cheapest(&law, 0.5, &AllocateOptions::default()).is_ok());
        answers += usize::from(allocate::best_error(&law, 1e5, &AllocateOptions::default()).is_ok());
        let ask = AllocateOptions::default();
        answers += usize::from(allocate::cheapest_with_probability(&full_laws, 0.5, 0.9, &ask, &mut scratch).is_ok());
        let ask = RoundsOptions::default();
        answers += usize::from(allocate::rounds(&laws[..64], 0.74, &ask, &mut round, &mut scratch).is_ok());
        let aim = Aim::Quantity(Quantity::SamplesFor { target: 0.74 });
        answers += usize::from(design::next(&fit, &points, &candidates, aim, &options).is_ok());
        let grid_candidates = [GridCandidate::new(8e3, 40.0)];
        answers += usize::from(design::next_on_grid(&full, &grid_candidates, GridAim::Parameters, &options).is_ok());
        answers += usize::from(design::verdict_odds(&fit, &points, 0.74, candidates[1], &options).is_ok());
        let few = design::ScheduleOptions { verdicts: 500, ..design::ScheduleOptions::default() };
        answers += usize::from(design::schedule(&fit, &points, 0.74, &candidates, &few, &options).is_ok());
        let of = settings::curve(&fit, &points, Quantity::Parameter(Parameter::C)).unwrap_or(None);
        answers += usize::from(of.is_some());
        answers += usize::from(settings::pairs(&[of, of], &mut pair).is_ok());
        answers += usize::from(settings::pairs_with(&[of, of], 1, &mut pair).is_ok());
        let two = [(fit.law(), &laws[..]), (fit.law(), &laws[..])];
        answers += usize::from(settings::standings(&two, 1e5, Confidence::P95, &mut standing).is_ok());
        let two = [(fit, &points[..]), (fit, &points[..])];
        let p95 = Confidence::P95;
        answers += usize::from(settings::intervals(&two, Parameter::C, p95, Method::Wald, &mut intervals).is_ok());
        assert_eq!(answers, 12 + 16, "every call answers");
    });
    assert_eq!(count, 0, "allocations");
}
