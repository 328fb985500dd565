//! The controller: what it decides, what it keeps, and what it does with anything at all.
#![allow(clippy::disallowed_methods, reason = "a test is not core")]
use syn2real::control::{ChangeReason, Controller, Decision, Goal, GoalError};
use syn2real::{Confidence, Point, PointError, Syn2RealLaw};

fn goal(target: f64) -> Goal {
    Goal::new(target).expect("a target above 0")
}

/// L(1000) = 0.3 + C.
fn law(alpha: f64, c: f64) -> Syn2RealLaw {
    Syn2RealLaw { d: 0.3 * 1000.0_f64.powf(alpha), alpha, c }
}

/// Follows the controller without noise but for the third digit of the errors, until it ends.
fn follow<const N: usize>(controller: &mut Controller<N>, law: Syn2RealLaw) -> Decision {
    let mut decision = controller.decision();
    for step in 0..200_u32 {
        let (Decision::MeasureMore { at: n } | Decision::Generate { up_to: n }) = decision else { return decision };
        let noise = 1e-3 * (f64::from(step * 7919 % 101) / 101.0 - 0.5);
        decision = controller.observe((n, law.error_at(n) * (1.0 + noise)));
    }
    panic!("no end after 200 observations: {controller:?}");
}

#[test]
fn it_is_clone_send_and_static() {
    fn holds<T: Clone + Send + Sync + 'static>() {}
    holds::<Controller<64>>();
    // Documented: about 56 N + 250 bytes.
    assert!(size_of::<Controller<64>>() <= 56 * 64 + 250, "{} bytes", size_of::<Controller<64>>());
}

#[test]
fn ends_that_need_no_statistics() {
    let budget = |target: f64| goal(target).with_budget(1e6).expect("in range");
    // n* = 1000 (0.3 / 0.03)^2 = 1e5.
    let mut controller = Controller::<64>::new(budget(0.23));
    assert_eq!(follow(&mut controller, law(0.5, 0.2)), Decision::Stop { reached: true });
    // It stops between n* and the next size of the series.
    assert!((1e5..=2e5).contains(&controller.largest()), "{}", controller.largest());
    let gap = Decision::ChangeSetting { reason: ChangeReason::Gap };
    assert_eq!(follow(&mut Controller::<64>::new(budget(0.18)), law(0.5, 0.2)), gap);
    // n* = 1000 (0.3 / 0.1)^10 = 5.9e7.
    let rate = Decision::ChangeSetting { reason: ChangeReason::Rate };
    assert_eq!(follow(&mut Controller::<64>::new(budget(0.15)), law(0.1, 0.05)), rate);
}

#[test]
fn sizes_stay_within_the_budget() {
    for target in [0.25, 0.21, 0.2005, 0.19] {
        let goal = goal(target).with_budget(50_000.0).and_then(|g| g.with_observations(40)).expect("in range");
        let mut controller = Controller::<64>::new(goal);
        let _ = follow(&mut controller, law(0.4, 0.2));
        assert!(controller.largest() <= 50_000.0, "target {target}: {}", controller.largest());
        assert!(controller.entries().iter().all(|e| e.point.n.fract() == 0.0), "sizes are counts");
    }
}

#[test]
fn limits_of_the_caller_stop_it() {
    let mut limited = Controller::<64>::new(goal(0.201).with_observations(5).expect("in range"));
    assert_eq!(follow(&mut limited, law(0.4, 0.2)), Decision::Stop { reached: false });
    assert_eq!(limited.observed(), 5);
    let mut deadline = Controller::<64>::new(goal(0.201));
    deadline.set_remaining(Some(2));
    assert!(matches!(deadline.observe((1000, 0.5)), Decision::MeasureMore { .. }), "one is left");
    // A point without weight takes time as well.
    assert_eq!(deadline.observe(Point::new(2e3, 0.4).with_weight(0.0)), Decision::Stop { reached: false });
    assert_eq!((deadline.left_out(), deadline.entries().len()), (1, 1));
    deadline.set_remaining(None);
    assert!(matches!(deadline.observe((2000, 0.45)), Decision::MeasureMore { .. }), "more time was found");
}

#[test]
fn an_unusable_point_changes_nothing_and_does_not_hide() {
    let mut controller = Controller::<64>::new(goal(0.25));
    controller.observe((1000, 0.5));
    let before = controller.clone();
    let cases = [
        (Point::new(f64::NAN, 0.5), PointError::Size),
        (Point::new(0.0, 0.5), PointError::Size),
        (Point::new(-1.0, 0.5), PointError::Size),
        // It would be the largest size measured for good, and asked for again.
        (Point::new(1e300, 0.5), PointError::SizeBeyond),
        (Point::new(1e3, f64::INFINITY), PointError::Error),
        (Point::new(1e3, 0.0), PointError::ErrorNotPositive),
        (Point::new(1e3, 0.5).with_weight(-1.0), PointError::Weight),
        (Point::from((u64::MAX, 0.5)), PointError::Inexact),
    ];
    for (number, (point, error)) in (1..).zip(cases) {
        assert_eq!(controller.observe(point), Decision::Reject { error }, "{point:?}");
        assert_eq!(controller.rejected(), number);
        assert_eq!((controller.decision(), controller.entries()), (before.decision(), before.entries()));
    }
}

/// Points of weight 0 alone led to a measurement at n = 0.
#[test]
fn points_that_are_left_out_leave_the_first_size() {
    let mut controller = Controller::<64>::new(goal(0.25));
    for _ in 0..4 {
        let decision = controller.observe(Point::new(1e3, 0.5).with_weight(0.0));
        assert_eq!(decision, Decision::MeasureMore { at: 1000.0 });
    }
}

#[test]
fn goals_out_of_range_are_refused() {
    let g = goal(0.2);
    for target in [0.0, -0.5, f64::NAN, f64::INFINITY] {
        assert_eq!(Goal::new(target), Err(GoalError::Target));
    }
    for budget in [999.0, 9.1e15, f64::NAN, -1.0] {
        assert_eq!(g.with_budget(budget), Err(GoalError::Budget), "{budget}");
    }
    assert_eq!(g.with_sizes(0.0, 2.0), Err(GoalError::Start));
    assert!(g.with_sizes(0.5, 2.0).is_ok(), "sizes in a larger unit");
    assert_eq!(g.with_budget(1e4).and_then(|g| g.with_sizes(1e5, 2.0)), Err(GoalError::Start), "beyond the budget");
    for growth in [1.0, 0.5, f64::NAN, f64::INFINITY, 1025.0] {
        assert_eq!(g.with_sizes(1e3, growth), Err(GoalError::Growth), "{growth}");
    }
    assert_eq!(g.with_observations(2), Err(GoalError::Observations));
    assert_eq!(g.with_patience(0), Err(GoalError::Patience));
    assert_eq!(g.with_check_every(1025), Err(GoalError::CheckEvery));
    assert!(g.with_confidence(Confidence::P90).with_sizes(1.0, 1.01).is_ok());
}

/// A verdict is not acted on before it stood for `patience` observations.
#[test]
fn patience_delays_a_verdict() {
    let ends = [1, 2, 5].map(|patience| {
        let goal = goal(0.18).with_patience(patience).and_then(|g| g.with_budget(1e6)).expect("in range");
        let mut controller = Controller::<64>::new(goal);
        assert_eq!(follow(&mut controller, law(0.5, 0.2)), Decision::ChangeSetting { reason: ChangeReason::Gap });
        controller.observed()
    });
    assert!(ends[0] < ends[1] && ends[1] < ends[2], "{ends:?}");
}

#[test]
fn nothing_is_dropped_when_it_is_full() {
    let mut controller = Controller::<8>::new(goal(0.2).with_budget(1e9).expect("in range"));
    let law = law(0.4, 0.1);
    let mut weights = 0.0;
    for i in 0..500_u32 {
        let n = 1000.0 * f64::from(1 + i * 37 % 211);
        let weight = 1.0 + f64::from(i % 3);
        weights += weight;
        controller.observe(Point::new(n, law.error_at(n)).with_weight(weight));
    }
    let entries = controller.entries();
    assert_eq!(entries.len(), 8);
    assert_eq!(entries.iter().map(|e| e.count).sum::<u32>(), 500, "every measurement is in an entry");
    assert_eq!(controller.merges(), 492);
    assert_eq!(entries.iter().map(|e| e.point.weight).sum::<f64>(), weights, "integers: exact");
    assert!(entries.is_sorted_by(|a, b| a.point.n <= b.point.n), "in order");
    assert_eq!(controller.largest(), 211_000.0, "the largest size is remembered");
    // Eight places for 211 sizes: neighbours differ by a factor of 2, over which the curve in log n bends by less than
    // alpha^2 ln(2)^2 / 8 = 1 % of what decreases.
    let fit = controller.fit().expect("eight sizes");
    for n in [1e3, 1e4, 1e5] {
        let (found, truth) = (fit.law().error_at(n), law.error_at(n));
        assert!((found - truth).abs() < 0.01 * truth, "at {n}: {found} against {truth}");
    }
}

/// With one n too many a merge is of that n, and the fit does not move.
#[test]
fn merged_replicates_leave_the_law() {
    let (mut small, mut large) = (Controller::<16>::new(goal(0.2)), Controller::<200>::new(goal(0.2)));
    let law = law(0.4, 0.25);
    for i in 0..200_u32 {
        let n = 1000.0 * f64::from(1_u32 << (i % 10));
        let noise = 0.02 * (f64::from(i * 7919 % 101) / 101.0 - 0.5);
        let point = Point::new(n, law.error_at(n) * (1.0 + noise)).with_weight(f64::from(1 + i % 4));
        small.observe(point);
        large.observe(point);
    }
    assert_eq!((small.entries().len(), large.entries().len()), (16, 200));
    let (a, b) = (small.fit().expect("fits").law(), large.fit().expect("fits").law());
    // The geometric mean keeps the minimum; rounding of 200 logarithms times the condition of the problem, some 1e4.
    let tolerance = 200.0 * f64::EPSILON * 1e4;
    for n in [1e3, 1e4, 1e5, 1e6] {
        assert!((a.error_at(n) - b.error_at(n)).abs() < tolerance, "{a:?} against {b:?}");
    }
}

#[test]
fn a_drift_is_seen_and_measured() {
    let law = law(0.4, 0.2);
    let rates = [0.0, 0.01, -0.01].map(|rate| {
        let mut controller = Controller::<64>::new(goal(0.1));
        for i in 0..24_u32 {
            let n = if i % 3 == 2 { 1e3 } else { 1000.0 * f64::from(1_u32 << (i / 3)) };
            let noise = 2e-3 * (f64::from(i * 7919 % 101) / 101.0 - 0.5);
            controller.observe((n, law.error_at(n) * (rate * f64::from(i) + noise).exp()));
        }
        let drift = controller.drift().expect("sizes repeat");
        (drift.rate, drift.p_value)
    });
    let [(still, p), (up, p_up), (down, p_down)] = rates;
    assert!(p > 0.01 && p_up < 1e-6 && p_down < 1e-6, "{rates:?}");
    // Noise of 6e-4 (uniform, half width 1e-3) over 24 observations: the slope has a standard error of 2e-5; five of it.
    for (found, truth) in [(still, 0.0), (up, 0.01), (down, -0.01)] {
        assert!((found - truth).abs() < 1e-4 + 0.05 * truth.abs(), "{found} against {truth}");
    }
}

/// Any bits as points, any limits: no panic, finite sizes, a typed answer.
#[test]
fn arbitrary_points_give_finite_decisions() {
    let mut state = 1_u64;
    let mut bits = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    // Curves over hundreds of powers of ten have hundreds of minima, up to 0.2 s each: few of them.
    for run in 0..30_u32 {
        let goal = goal(f64::from(run % 7 + 1) / 8.0).with_patience(1 + run % 3).expect("in range");
        let mut controller = Controller::<6>::new(goal);
        for _ in 0..24 {
            let kind = bits();
            let number = |x: u64| match kind % 256 {
                0 => f64::from_bits(x),
                1 => f64::from_bits(x & 0x7fff_ffff_ffff_ffff),
                _ => (x >> 44) as f64 / 1024.0,
            };
            let point = Point { n: number(bits()), error: number(bits()), weight: number(bits()) };
            let decision = controller.observe(point);
            assert!(!decision.to_string().is_empty());
            if let Decision::MeasureMore { at: n } | Decision::Generate { up_to: n } = decision {
                assert!(n > 0.0 && n.is_finite(), "{decision:?} after {point:?}");
            }
            for entry in controller.entries() {
                let p = entry.point;
                assert!(p.n.is_finite() && p.error > 0.0 && p.error.is_finite() && p.weight.is_finite(), "{entry:?}");
            }
        }
        let kept: u32 = controller.entries().iter().map(|e| e.count).sum();
        assert_eq!(kept + controller.left_out() + controller.rejected(), 24, "every point is counted");
    }
}
