//! Allocation under the full law against brute force, closed forms against the numerical path, rounds against enumeration.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
use syn2real::plan::allocate::{
    AllocateOptions, AllocationRound, Cheapest, Costs, RoundsOptions, best_error, cheapest, cheapest_with_probability,
    rounds,
};
use syn2real::plan::{
    PlanError, Size, break_even, effective_real_data, fine_tune_size_at, marginal_gains, size_at, synthetic_size_at,
};
use syn2real::{AdditiveLaw, Bounds, FullLaw, Syn2RealLaw};

/// The paper's Appendix C.2.
const PAPER: FullLaw = FullLaw { delta: 41.8, gamma: 0.478, alpha: 0.544, beta: 0.322, n0: 0.0, e: 0.0 };

/// Laws about the paper's, with and without gap, offsets, rates on both sides of each other and of 1.
fn laws() -> Vec<FullLaw> {
    let mut all = vec![PAPER];
    for (alpha, beta) in [(0.2, 0.6), (0.544, 0.322), (0.9, 0.9), (0.4, 1.0), (0.7, 1.6), (2.0, 0.3)] {
        for (gamma, n0, e) in [(0.0, 0.0, 0.0), (1e-3, 0.0, 0.0), (0.5, 0.0, 0.1), (0.02, 300.0, 0.05)] {
            all.push(FullLaw { delta: 20.0, gamma, alpha, beta, n0, e });
        }
    }
    all
}

fn costs() -> [Costs; 3] {
    let plain = Costs::default();
    [
        plain,
        Costs { per_synthetic: 0.01, fixed: 500.0, ..plain },
        Costs { per_synthetic: 3.0, fixed_synthetic: 2e3, ..plain },
    ]
}

/// The least of `f` over [low, high]: 2,000 places, then twice as many about the best ones. Unimodal pieces to 1e-9 of the
/// value: the last spacing is 2e-7 of the range, and a minimum is flat.
fn brute(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let step = (high - low) / 2000.0;
        let mut at = low;
        for k in 0..=2000 {
            let x = low + step * k as f64;
            let value = f(x);
            if value < best {
                (best, at) = (value, x);
            }
        }
        (low, high) = (at - 2.0 * step, at + 2.0 * step);
    }
    best
}

#[test]
fn the_cheapest_pair_is_that_of_a_grid() {
    let mut compared = 0;
    for law in laws() {
        for costs in costs() {
            let options = AllocateOptions { costs, ..AllocateOptions::default() };
            for target in [0.3, 0.12] {
                let found = cheapest(&law, target, &options).expect("valid options");
                let cost = |n: f64| match fine_tune_size_at(&law, n, target) {
                    Size::At(s) => costs.of(n, s),
                    _ => f64::INFINITY,
                };
                // ln n from 1e-3 to 2^53; and no pre-training.
                let mut grid = brute(|x| cost(x.exp()), -7.0, 36.7);
                if law.n0 > 0.0 {
                    grid = grid.min(cost(0.0));
                }
                let Cheapest::Reachable(best) = found else {
                    assert!(grid.is_infinite(), "{law:?} {target}: {found:?}, grid {grid}");
                    continue;
                };
                compared += 1;
                assert!(best.cost <= grid * (1.0 + 1e-6), "{law:?} {costs:?} {target}: {best:?}, grid {grid}");
                // Not better than the grid either: the grid is right to 1e-9, and the target is met.
                assert!(best.cost >= grid * (1.0 - 1e-6), "{law:?} {costs:?} {target}: {best:?}, grid {grid}");
                assert!((best.error / target - 1.0).abs() < 1e-12, "{best:?}");
                assert!((costs.of(best.n, best.s) / best.cost - 1.0).abs() < 1e-15, "{best:?}");
            }
        }
    }
    assert!(compared > 100, "{compared} compared");
}

#[test]
fn the_least_error_is_that_of_a_grid() {
    for law in laws() {
        for costs in costs() {
            let options = AllocateOptions { costs, ..AllocateOptions::default() };
            for budget in [4e3, 1e6] {
                let best = best_error(&law, budget, &options).expect("valid options");
                let error = |share: f64| {
                    let n = share * (budget - costs.fixed - costs.fixed_synthetic) / costs.per_synthetic;
                    let s = (budget - costs.fixed - costs.fixed_synthetic - costs.per_synthetic * n) / costs.per_real;
                    if n > 0.0 && s > 0.0 { law.error_at(n, s) } else { f64::INFINITY }
                };
                let mut grid = brute(error, 0.0, 1.0).min(brute(|x| error(x.exp()), -20.0, 0.0));
                if law.n0 > 0.0 {
                    grid = grid.min(law.error_at(0.0, (budget - costs.fixed) / costs.per_real));
                }
                assert!((best.error / grid - 1.0).abs() < 1e-6, "{law:?} {costs:?} {budget}: {best:?}, grid {grid}");
                assert!(best.cost <= budget * (1.0 + 1e-14), "{best:?}");
            }
        }
    }
}

#[test]
fn closed_forms_agree_with_the_numerical_path() {
    for (alpha, beta) in [(0.3, 0.7), (0.544, 0.322), (1.2, 0.5), (0.5, 1.7)] {
        // A gap of 1e-30 takes the numerical path and changes nothing.
        let closed = FullLaw { delta: 20.0, gamma: 0.0, alpha, beta, n0: 0.0, e: 0.0 };
        let numerical = FullLaw { gamma: 1e-30, ..closed };
        for costs in costs() {
            let options = AllocateOptions { costs, ..AllocateOptions::default() };
            let pair = |law: &FullLaw| cheapest(law, 0.2, &options).expect("valid").allocation().expect("reachable");
            let (a, b) = (pair(&closed), pair(&numerical));
            // Newton ends within some units in the last place of x = ln n, about 20 at most.
            assert!((a.n / b.n - 1.0).abs() < 1e-13 && (a.s / b.s - 1.0).abs() < 1e-13, "{a:?} {b:?}");
            // The formula itself: N = (c_s K alpha / (c_n beta))^(beta / (alpha + beta)), K = (delta / t)^(1 / beta).
            let k = (20.0_f64 / 0.2).powf(1.0 / beta);
            let n = (costs.per_real * k * alpha / (costs.per_synthetic * beta)).powf(beta / (alpha + beta));
            assert!((a.n / n - 1.0).abs() < 1e-12, "{a:?} {n}");
            let (a, b) = (best_error(&closed, 5e4, &options), best_error(&numerical, 5e4, &options));
            let (a, b) = (a.expect("valid"), b.expect("valid"));
            assert!((a.n / b.n - 1.0).abs() < 1e-13 && (a.s / b.s - 1.0).abs() < 1e-13, "{a:?} {b:?}");
            let money = 5e4 - costs.fixed - costs.fixed_synthetic;
            assert!((costs.per_synthetic * a.n / money - alpha / (alpha + beta)).abs() < 1e-12, "shares {a:?}");
        }
        // beta = 1 has a closed form with a gap; beta = 1 + 1e-12 has not.
        let law = FullLaw { gamma: 0.01, beta: 1.0, ..closed };
        let near = FullLaw { beta: 1.0 + 1e-12, ..law };
        let pair =
            |law: &FullLaw| cheapest(law, 0.2, &AllocateOptions::default()).expect("valid").allocation().expect("pair");
        // d ln n / d beta is below 100 here.
        assert!((pair(&law).n / pair(&near).n - 1.0).abs() < 1e-10, "beta = 1");
    }
}

#[test]
fn bounds_hold_and_bind() {
    let free = cheapest(&PAPER, 0.5, &AllocateOptions::default()).expect("valid").allocation().expect("reachable");
    for (n, s) in [
        (Bounds::new(2.0 * free.n, 1e15), Bounds::new(0.0, 1e15)),
        (Bounds::new(0.0, 0.5 * free.n), Bounds::new(0.0, 1e15)),
        (Bounds::new(0.0, 1e15), Bounds::new(1.01 * free.s, 1e15)),
        (Bounds::new(0.0, 1e15), Bounds::new(0.0, 0.99 * free.s)),
    ] {
        let options = AllocateOptions { n, s, ..AllocateOptions::default() };
        let best = cheapest(&PAPER, 0.5, &options).expect("valid").allocation().expect("reachable");
        assert!(
            best.n >= n.lower && best.n <= n.upper && best.s >= s.lower && best.s <= s.upper,
            "{best:?} {options:?}"
        );
        assert!(best.cost > free.cost && best.error <= 0.5 * (1.0 + 1e-12), "{best:?} {free:?}");
        let grid = brute(
            |x| match fine_tune_size_at(&PAPER, x.exp(), 0.5) {
                Size::At(v) if v.max(s.lower) <= s.upper && x.exp() >= n.lower && x.exp() <= n.upper => {
                    x.exp() + v.max(s.lower)
                }
                _ => f64::INFINITY,
            },
            0.0,
            34.5,
        );
        // A bound cuts the grid of the last pass, whose spacing is 7e-8 in ln n.
        assert!(best.cost <= grid && best.cost >= grid * (1.0 - 1e-6), "{best:?} {grid}");
        // The budget of the constrained pair buys its error again.
        let back = best_error(&PAPER, best.cost, &options).expect("valid");
        assert!(back.error <= 0.5 * (1.0 + 1e-9), "{back:?}");
    }
    // Fewer real samples than the gap allows: no n reaches the target.
    let few = AllocateOptions { s: Bounds::new(0.0, 1e3), ..AllocateOptions::default() };
    assert_eq!(cheapest(&PAPER, 0.5, &few), Ok(Cheapest::Infeasible));
}

#[test]
fn pretraining_is_left_out_where_it_does_not_pay() {
    let law = FullLaw { n0: 1e4, ..PAPER };
    let dear = Costs { per_synthetic: 1e6, ..Costs::default() };
    let options = AllocateOptions { costs: dear, ..AllocateOptions::default() };
    let best = cheapest(&law, 0.5, &options).expect("valid").allocation().expect("reachable");
    assert_eq!(best.n, 0.0);
    assert_eq!(best_error(&law, 1e5, &options).expect("valid").n, 0.0);
    let cheap = Costs { fixed_synthetic: 1e15, per_synthetic: 1e-6, ..Costs::default() };
    let options = AllocateOptions { costs: cheap, ..AllocateOptions::default() };
    assert_eq!(cheapest(&law, 0.5, &options).expect("valid").allocation().expect("reachable").n, 0.0, "a fixed cost");
}

#[test]
fn targets_that_cannot_be_bought_are_verdicts() {
    let options = AllocateOptions::default();
    let floor = FullLaw { e: 0.1, ..PAPER };
    assert_eq!(cheapest(&floor, 0.1, &options), Ok(Cheapest::Unreachable { floor: 0.1 }));
    // s* is some 1e90.
    let slow = FullLaw { beta: 0.02, ..PAPER };
    assert_eq!(cheapest(&slow, 0.5, &options), Ok(Cheapest::Infeasible));
}

#[test]
fn the_cheapest_pair_of_replicates_is_that_of_a_grid() {
    // Parameters that move against each other, so that the quantile changes its law with n.
    let law = |k: usize| {
        let z = (k as f64 - 49.5) / 50.0;
        let y = ((k * 37 % 100) as f64 - 49.5) / 50.0;
        FullLaw { delta: 41.8 * (0.1 * y).exp(), gamma: 0.478 * (1.0 + 0.3 * z), alpha: 0.544 + 0.05 * y, ..PAPER }
    };
    let laws: Vec<FullLaw> = (0..100).map(law).collect();
    let mut scratch = vec![0.0; 100];
    for costs in costs() {
        let options = AllocateOptions { costs, ..AllocateOptions::default() };
        let found = cheapest_with_probability(&laws, 0.5, 0.9, &options, &mut scratch).expect("valid");
        let best = found.allocation().expect("reachable");
        let cost = |x: f64| {
            let mut sizes: Vec<f64> =
                laws.iter().map(|law| fine_tune_size_at(law, x.exp(), 0.5).finite().unwrap_or(f64::INFINITY)).collect();
            sizes.sort_by(f64::total_cmp);
            // 90 of 100 laws need no more.
            costs.of(x.exp(), sizes[89])
        };
        let grid = brute(cost, 0.0, 20.0);
        assert!((best.cost / grid - 1.0).abs() < 1e-6, "{best:?} {grid}");
        let met = laws.iter().filter(|law| law.error_at(best.n, best.s) <= 0.5 * (1.0 + 1e-12)).count();
        assert!((90..100).contains(&met), "{met} of 100 laws meet the target");
        assert!((best.error / 0.5 - 1.0).abs() < 1e-9, "the quantile of the error is the target: {best:?}");
    }
}

#[test]
fn break_even_is_where_the_savings_change_sign() {
    for law in laws().into_iter().filter(|law| law.n0 > 0.0) {
        for costs in costs() {
            for s in [100.0, 1e4] {
                let even = break_even(&law, s, &costs).expect("valid");
                let saving = |n: f64| {
                    let worth = effective_real_data(&law, n, s).expect("n0 > 0").factor.unwrap_or(f64::INFINITY);
                    costs.per_real * s * (worth - 1.0) - costs.fixed_synthetic - costs.per_synthetic * n
                };
                let most = -brute(|x| -saving(x.exp()), -7.0, 36.7);
                match even.first {
                    None => assert!(most < 1e-6 * s, "{law:?} {costs:?} {s}: nothing pays, but {most} is saved"),
                    Some(first) => {
                        let best = even.best.expect("gamma > 0: savings end");
                        assert!((saving(best) - even.saving.expect("a saving")).abs() <= 1e-9 * s, "{even:?}");
                        assert!((saving(best) / most - 1.0).abs() < 1e-6, "{even:?} {most}");
                        assert!(first <= best, "{even:?}");
                        if first > 0.0 {
                            // Before it nothing pays, behind it the next does.
                            let scale = costs.per_synthetic * first + costs.fixed_synthetic;
                            assert!(saving(first).abs() < 1e-7 * scale, "{law:?} {costs:?} {even:?} {}", saving(first));
                            assert!((1..100).all(|k| saving(first * k as f64 / 101.0) < 0.0), "{law:?} {even:?}");
                        }
                    }
                }
            }
        }
    }
    // Without a gap and with alpha > beta each sample saves more than the one before.
    let endless = FullLaw { gamma: 0.0, n0: 100.0, ..PAPER };
    let even = break_even(&endless, 1e3, &Costs { fixed_synthetic: 1e4, ..Costs::default() }).expect("valid");
    assert!(even.first.is_some() && even.best.is_none() && even.saving.is_none(), "{even:?}");
}

#[test]
fn gains_are_derivatives() {
    for law in laws() {
        let (n, s) = (5e3, 2e4);
        let [by_n, by_s] = marginal_gains(&law, n, s);
        // Central differences over 1e-5 in the logarithm: an error of 1e-10 of the value, and 1e-11 of rounding.
        let slope = |f: &dyn Fn(f64) -> f64| (f(1e-5_f64.exp()) - f((-1e-5_f64).exp())) / 2e-5;
        let wanted_n = -slope(&|k| law.error_at(n * k, s));
        let wanted_s = -slope(&|k| law.error_at(n, s * k));
        assert!((by_n.per_sample * n - wanted_n).abs() < 1e-9 * law.error_at(n, s), "{law:?}");
        assert!((by_s.per_sample * s - wanted_s).abs() < 1e-9 * law.error_at(n, s), "{law:?}");
        assert!((by_n.elasticity + by_n.per_sample * n / law.error_at(n, s)).abs() < 1e-15, "{law:?}");
    }
}

#[test]
fn sizes_invert_the_law() {
    for law in laws() {
        for (n, s) in [(1e3, 1e4), (1e6, 1e3)] {
            let error = law.error_at(n, s);
            // Rounding of the error, divided by the elasticity; the gap hides the digits of n.
            let [by_n, by_s] = marginal_gains(&law, n, s);
            let back = synthetic_size_at(&law, s, error).finite().expect("a number");
            assert!((back / n - 1.0).abs() < 1e-13 / -by_n.elasticity, "{law:?} {n}: {back}");
            let back = fine_tune_size_at(&law, n, error).finite().expect("a number");
            assert!((back / s - 1.0).abs() < 1e-13 / -by_s.elasticity, "{law:?} {s}: {back}");
        }
    }
}

/// Expected cost of going to `sizes`, from the definition.
fn expected(laws: &[f64], options: &RoundsOptions, plan: &[f64]) -> f64 {
    let miss = |q: f64| laws.iter().filter(|&&n| n > q).count() as f64 / laws.len() as f64;
    let (mut cost, mut from) = (0.0, options.already);
    for &q in plan {
        cost += options.price * (q - from) * miss(from);
        from = q;
    }
    cost + options.penalty * miss(from)
}

#[test]
fn rounds_are_the_best_of_all_plans() {
    // n* = (D / .1)^2, two of them equal, one never.
    let ds = [2.0, 3.0, 3.0, 7.0, 5.0, 4.0, 11.0, 6.0];
    let mut laws: Vec<Syn2RealLaw> = ds.iter().map(|&d| Syn2RealLaw { d, alpha: 0.5, c: 0.1 }).collect();
    laws.push(Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.3 });
    let sizes: Vec<f64> = laws.iter().map(|l| size_at(l, 0.2).finite().unwrap_or(f64::INFINITY)).collect();
    let mut scratch = vec![0.0; 10 * 6];
    for penalty in [1e2, 5e3, 1e5] {
        for already in [0.0, 500.0, 1e5] {
            let options = RoundsOptions { price: 1.0, penalty, already };
            let mut ends: Vec<f64> = sizes.iter().copied().filter(|q| q.is_finite() && *q > already).collect();
            ends.push(already);
            ends.sort_by(f64::total_cmp);
            for count in 1..=3 {
                let mut out = vec![AllocationRound::default(); count];
                let found = rounds(&laws, 0.2, &options, &mut out, &mut scratch).expect("valid");
                let plan: Vec<f64> = out.iter().map(|r| r.up_to).collect();
                // All ascending plans over the sizes.
                let mut best = f64::INFINITY;
                let total = ends.len().pow(count as u32);
                for code in 0..total {
                    let plan: Vec<f64> =
                        (0..count).map(|r| ends[code / ends.len().pow(r as u32) % ends.len()]).collect();
                    if plan.is_sorted() {
                        best = best.min(expected(&sizes, &options, &plan));
                    }
                }
                // Sums of a few rounded products.
                assert!((found.expected_cost / best - 1.0).abs() < 1e-13, "{found:?} {out:?} {best}");
                assert!((expected(&sizes, &options, &plan) / best - 1.0).abs() < 1e-13, "{found:?} {out:?} {best}");
                let last = out.last().expect("a round");
                assert!((last.reached + found.miss - 1.0).abs() < 1e-15, "{found:?} {out:?}");
                let paid = found.expected_cost - options.penalty * found.miss;
                assert!((options.price * found.expected_samples - paid).abs() < 1e-9 * (1.0 + paid), "{found:?}");
            }
        }
    }
}

#[test]
fn bad_input_of_allocation_is_named() {
    let options = AllocateOptions::default();
    let with = |costs: Costs| AllocateOptions { costs, ..options };
    let plain = Costs::default();
    for target in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(cheapest(&PAPER, target, &options), Err(PlanError::Target), "{target}");
    }
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let costs = with(Costs { per_real: bad, ..plain });
        assert_eq!(cheapest(&PAPER, 0.5, &costs), Err(PlanError::Cost { field: "per_real" }), "{bad}");
        let costs = with(Costs { per_synthetic: bad, ..plain });
        assert_eq!(best_error(&PAPER, 1e4, &costs), Err(PlanError::Cost { field: "per_synthetic" }), "{bad}");
        assert_eq!(best_error(&PAPER, bad, &options), Err(PlanError::Budget), "{bad}");
        let law = FullLaw { beta: bad, ..PAPER };
        assert!(matches!(cheapest(&law, 0.5, &options), Err(PlanError::Law { .. })), "{bad}");
    }
    let costs = with(Costs { fixed: -1.0, ..plain });
    assert_eq!(cheapest(&PAPER, 0.5, &costs), Err(PlanError::Cost { field: "fixed" }));
    for n in
        [Bounds::new(2.0, 1.0), Bounds::new(-1.0, 1.0), Bounds::new(0.0, f64::INFINITY), Bounds::new(f64::NAN, 1.0)]
    {
        let bad = AllocateOptions { n, ..options };
        assert_eq!(cheapest(&PAPER, 0.5, &bad), Err(PlanError::Contradiction { field: "n" }), "{n:?}");
    }
    let owned = AllocateOptions { n: Bounds::new(1e4, 1e9), s: Bounds::new(5e3, 1e9), ..options };
    assert_eq!(best_error(&PAPER, 1e4, &owned), Err(PlanError::BudgetBelowData { already: 15e3 }));
    assert!(best_error(&PAPER, 15e3, &owned).is_ok_and(|a| a.n == 1e4 && a.s == 5e3), "the budget is what is there");
    assert_eq!(effective_real_data(&PAPER, 1e4, 1e4), Err(PlanError::NoBaseline));
    let laws = [PAPER; 30];
    let ask = |p: f64, scratch: &mut [f64]| cheapest_with_probability(&laws, 0.5, p, &options, scratch);
    assert_eq!(ask(1.0, &mut [0.0; 30]), Err(PlanError::Probability));
    assert_eq!(ask(0.99, &mut [0.0; 30]), Err(PlanError::TooFewReplicates { needed: 100, got: 30 }));
    assert_eq!(ask(0.9, &mut [0.0; 29]), Err(PlanError::Buffer { needed: 30, got: 29 }));
    let law = Syn2RealLaw { d: 1.0, alpha: 0.5, c: 0.0 };
    let plan = |options: &RoundsOptions, slots: usize| {
        rounds(&[law], 0.2, options, &mut [AllocationRound::default()], &mut vec![0.0; slots])
    };
    assert_eq!(plan(&RoundsOptions::default(), 7), Err(PlanError::Buffer { needed: 8, got: 7 }));
    let free = RoundsOptions { price: 0.0, ..RoundsOptions::default() };
    assert_eq!(plan(&free, 8), Err(PlanError::Cost { field: "price" }));
}

#[test]
fn nothing_panics_and_ok_is_finite() {
    let values = [0.0, 1e-300, 0.3, 1.0, 5.0, 1e300, f64::INFINITY, f64::NAN, -1.0];
    let mut reachable = 0;
    for delta in values {
        for gamma in values {
            for alpha in values {
                for beta in values {
                    for n0 in [0.0, 1e-300, 1e3] {
                        let law = FullLaw { delta, gamma, alpha, beta, n0, e: 0.0 };
                        let options = AllocateOptions::default();
                        if let Ok(Cheapest::Reachable(a)) = cheapest(&law, 0.5, &options) {
                            reachable += 1;
                            assert!(a.n.is_finite() && a.s.is_finite() && a.cost.is_finite(), "{law:?}: {a:?}");
                            assert!(a.n >= 0.0 && a.s >= 0.0, "{law:?}: {a:?}");
                        }
                        if let Ok(a) = best_error(&law, 1e5, &options) {
                            assert!(a.n.is_finite() && a.s.is_finite() && a.error.is_finite(), "{law:?}: {a:?}");
                        }
                        if let Ok(b) = break_even(&law, 1e3, &Costs::default()) {
                            let all = [b.first, b.best, b.saving];
                            assert!(all.into_iter().flatten().all(f64::is_finite), "{law:?}: {b:?}");
                        }
                    }
                }
            }
        }
    }
    assert!(reachable > 50, "{reachable}");
}

/// Additive laws about each other, rates on both sides of each other and of 1.
fn sums() -> Vec<AdditiveLaw> {
    let mut all = Vec::new();
    for (alpha, beta) in [(0.2, 0.6), (0.5, 0.4), (0.9, 0.9), (0.4, 1.0), (0.7, 1.6), (2.0, 0.3)] {
        for (a, b, e) in [(3.0, 5.0, 0.0), (0.2, 30.0, 0.05), (40.0, 1.0, 0.02)] {
            all.push(AdditiveLaw { a, alpha, b, beta, e });
        }
    }
    all
}

#[test]
fn allocation_under_the_additive_law_is_that_of_a_grid() {
    let mut compared = 0;
    for law in sums() {
        for costs in costs() {
            for (n, s) in
                [(Bounds::new(0.0, 1e15), Bounds::new(0.0, 1e15)), (Bounds::new(3e3, 4e5), Bounds::new(2e3, 1e6))]
            {
                let options = AllocateOptions { costs, n, s };
                for target in [0.3, 0.12] {
                    let found = cheapest(&law, target, &options).expect("valid options");
                    let cost = |n: f64| match fine_tune_size_at(&law, n, target) {
                        Size::At(v) if v.max(s.lower) <= s.upper => costs.of(n, v.max(s.lower)),
                        _ => f64::INFINITY,
                    };
                    let (low, high) = (n.lower.max(1e-3).ln(), n.upper.ln());
                    let grid = brute(|x| if x >= low && x <= high { cost(x.exp()) } else { f64::INFINITY }, low, high);
                    let Cheapest::Reachable(best) = found else {
                        // Beyond 2^53 there is no s for the grid either.
                        assert!(grid.is_infinite(), "{law:?} {target}: {found:?}, grid {grid}");
                        continue;
                    };
                    compared += 1;
                    assert!((best.cost / grid - 1.0).abs() < 1e-6, "{law:?} {options:?} {target}: {best:?}, {grid}");
                    assert!(best.error <= target * (1.0 + 1e-12), "{best:?}");
                }
                let budget = 3e5 + costs.of(n.lower, s.lower);
                let best = best_error(&law, budget, &options).expect("valid options");
                let error = |x: f64| {
                    let m = x.exp();
                    let rest =
                        (budget - costs.fixed - costs.fixed_synthetic - costs.per_synthetic * m) / costs.per_real;
                    let v = rest.min(s.upper);
                    if v >= s.lower && v > 0.0 { law.error_at(m, v) } else { f64::INFINITY }
                };
                let (low, high) = (n.lower.max(1e-3).ln(), n.upper.min(budget / costs.per_synthetic).ln());
                let grid = brute(|x| if x >= low && x <= high { error(x) } else { f64::INFINITY }, low, high);
                assert!((best.error / grid - 1.0).abs() < 1e-6, "{law:?} {options:?}: {best:?}, grid {grid}");
                assert!(best.cost <= budget * (1.0 + 1e-14), "{best:?}");
            }
        }
    }
    assert!(compared > 60, "{compared} compared");
    let [synthetic, real] = marginal_gains(&sums()[0], 5e3, 2e4);
    assert!((synthetic.per_sample - 0.2 * 3.0 * 5e3_f64.powf(-1.2)).abs() < 1e-15, "{synthetic:?}");
    assert!((real.per_sample - 0.6 * 5.0 * 2e4_f64.powf(-1.6)).abs() < 1e-15, "{real:?}");
    let flat = AdditiveLaw { b: 0.0, ..sums()[0] };
    let refused = PlanError::Law { parameter: syn2real::Parameter::B };
    assert_eq!(cheapest(&flat, 0.3, &AllocateOptions::default()), Err(refused), "nothing falls with s");
    let floor = AdditiveLaw { e: 0.3, ..sums()[0] };
    assert_eq!(cheapest(&floor, 0.3, &AllocateOptions::default()), Ok(Cheapest::Unreachable { floor: 0.3 }));
    // Replicates of which all are one law answer as it does.
    let laws = [sums()[1]; 20];
    let options = AllocateOptions::default();
    let one = cheapest(&laws[0], 0.12, &options).expect("valid").allocation().expect("a pair");
    let many = cheapest_with_probability(&laws, 0.12, 0.9, &options, &mut [0.0; 20]).expect("valid");
    assert!((many.allocation().expect("a pair").cost / one.cost - 1.0).abs() < 1e-9, "{many:?} {one:?}");
}
