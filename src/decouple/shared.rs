//! One D, or one alpha, for all curves by joint least squares.
use crate::fit::{FitOptions, Syn2RealFit, Weights, median};
use crate::law::{Parameter, Syn2RealLaw};
use crate::math;
use crate::point::Point;
use crate::solve::{Loss, Side};

use super::DecoupleError;
use super::arrow;
use super::map::{check, fit_all};
use super::root::{Bracket, shrink};

/// First steps of the scan, from the median and from the extremes of the curves' optima, in ln D. A step of 0.25 in ln D corresponds to one of
/// 0.25 / ln n in alpha: 0.04 at n = 1,000, a few times the standard error of a rate.
const STEP_LN_D: f64 = 0.25;
/// The same in alpha.
const STEP_ALPHA: f64 = 0.04;

/// Growth of the steps: curves that are steps have optima at ln D near 100 (alpha = 10), where the cost is flat.
const GROWTH: f64 = 1.15;

/// Steps in either direction at most: 64 steps that grow by 1.15 reach 0.25 (1.15^64 - 1) / 0.15, about 12,800, in ln D:
/// beyond the range of f64.
const STEPS: u32 = 64;

/// Width of the final bracket, in ln D or alpha: the cost is quadratic there, and exact to the square of it.
const WIDTH: f64 = 1e-10;

/// Evaluations of one bracket at most: bisection of the largest needs log2(2000 / 1e-10) = 44.
const POLISH: u32 = 60;

/// Halvings of an interval that may hide a minimum: to 1/16 of a step.
const DEPTH: u32 = 4;

/// Rounding of a joint cost, with room for that of the fits.
const ROUNDING: f64 = 1e-9;

/// A joint fit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Shared {
    /// The shared parameter: D in (unit of error) (unit of n)^alpha, or alpha.
    pub value: f64,
    /// Its standard error; `None` on a bound, or without degrees of freedom.
    pub std_error: Option<f64>,
    /// Sum of the costs of all curves, 1/2 sum w r^2.
    pub cost: f64,
    /// Points of all curves minus estimated parameters of all curves; one on a bound is not estimated.
    pub degrees_of_freedom: i64,
    /// The bound that holds the shared parameter, if any.
    pub side: Option<Side>,
    /// Local minima of the joint cost over the shared parameter that were found.
    pub minima_found: u32,
    /// Evaluations of the joint cost, one fit per curve each.
    pub evaluations: u32,
}

/// Fits all curves with one D, and alpha and C of their own, by joint least squares; `out`, K slots, receives the fits
/// with D held at the optimum (their standard errors hold D fixed).
///
/// Complete in each curve (the global optimum for every D). Over ln D, the cost is scanned over the range of the local
/// optima of the single curves, in steps from 0.25 on that grow between their extremes and median; an interval is halved
/// where cost and slopes disagree, and every minimum that the slopes bracket is polished. An evaluation is one fit per
/// curve, and their number does not depend on K: the work is linear in the number of curves (30 to 40 evaluations for
/// 29, 1,000 and 10,000 curves).
/// The standard error comes from the Schur complement of the joint J'J and all degrees of freedom.
///
/// # Errors
/// [`DecoupleError::NoCurves`]; [`DecoupleError::BadOption`], also for a loss other than the square, whose scale would
/// change from D to D; [`DecoupleError::Curve`]; [`DecoupleError::NoDecrease`] if the joint optimum is D = 0.
///
/// ```
/// use syn2real::decouple::shared_d;
/// use syn2real::{FitOptions, Point};
///
/// let curve = |alpha: f64, c: f64| [1e3, 4e3, 1.6e4, 6.4e4].map(|n: f64| Point::new(n, 0.6 * n.powf(-alpha) + c));
/// let curves = [curve(0.3, 0.2), curve(0.4, 0.3)];
/// let curves = [&curves[0][..], &curves[1][..]];
/// let mut out = [None; 2];
/// let shared = shared_d(&curves, &FitOptions::default(), &mut out)?;
/// assert!((shared.value - 0.6).abs() < 1e-6);
/// assert_eq!(shared.degrees_of_freedom, 8 - 1 - 4);
/// # Ok::<(), syn2real::decouple::DecoupleError>(())
/// ```
pub fn shared_d(
    curves: &[&[Point]],
    options: &FitOptions,
    out: &mut [Option<Syn2RealFit>],
) -> Result<Shared, DecoupleError> {
    Joint::new(curves, options, Parameter::D, out)?.run()
}

/// Fits all curves with one alpha, and D and C of their own; otherwise as [`shared_d`], with steps from 0.04 on in alpha.
///
/// # Errors
/// As [`shared_d`]; [`DecoupleError::NoDecrease`] if no curve has a D above 0.
pub fn shared_alpha(
    curves: &[&[Point]],
    options: &FitOptions,
    out: &mut [Option<Syn2RealFit>],
) -> Result<Shared, DecoupleError> {
    Joint::new(curves, options, Parameter::Alpha, out)?.run()
}

/// The joint cost over the shared parameter, as x = ln D or x = alpha.
struct Joint<'a> {
    curves: &'a [&'a [Point]],
    options: FitOptions,
    shared: Parameter,
    out: &'a mut [Option<Syn2RealFit>],
    /// Where x may lie.
    lower: f64,
    upper: f64,
    evaluations: u32,
}

/// The joint cost and its slope at x.
#[derive(Clone, Copy)]
struct Sample {
    x: f64,
    cost: f64,
    slope: f64,
}

/// Where the optima of the single curves lie.
struct Range {
    centre: f64,
    lower: f64,
    upper: f64,
}

impl<'a> Joint<'a> {
    fn new(
        curves: &'a [&'a [Point]],
        options: &FitOptions,
        shared: Parameter,
        out: &'a mut [Option<Syn2RealFit>],
    ) -> Result<Joint<'a>, DecoupleError> {
        check(curves, options, out)?;
        if options.loss != Loss::Square {
            return Err(DecoupleError::BadOption { field: "loss" });
        }
        let (lower, upper) = if shared == Parameter::D {
            (math::ln(options.d.lower), math::ln(options.d.upper))
        } else {
            (options.alpha.lower, options.alpha.upper)
        };
        Ok(Joint { curves, options: *options, shared, out, lower, upper, evaluations: 0 })
    }

    fn value(&self, x: f64) -> f64 {
        if self.shared == Parameter::Alpha {
            return x;
        }
        // exp(ln(bound)) may round across it.
        math::exp(x).max(self.options.d.lower).min(self.options.d.upper)
    }

    fn x_of(&self, law: Syn2RealLaw) -> Option<f64> {
        let x = if self.shared == Parameter::D { math::ln(law.d) } else { law.alpha };
        Some(x).filter(|x| law.d > 0.0 && x.is_finite())
    }

    fn options_at(&self, x: f64, covariance: bool) -> FitOptions {
        let value = Some(self.value(x));
        match self.shared {
            Parameter::D => FitOptions { fixed_d: value, covariance, ..self.options },
            _ => FitOptions { fixed_alpha: value, covariance, ..self.options },
        }
    }

    /// Every curve at its best for this x.
    fn at(&mut self, x: f64) -> Result<Sample, DecoupleError> {
        self.evaluations += 1;
        let options = self.options_at(x, false);
        fit_all(self.curves, &options, self.out)?;
        let (mut cost, mut slope) = (0.0, 0.0);
        for (points, fit) in self.curves.iter().zip(self.out.iter().flatten()) {
            cost += fit.report().cost;
            slope += arrow::slope(points, &fit.law(), self.shared, &self.options);
        }
        if self.shared == Parameter::D {
            slope *= self.value(x);
        }
        Ok(Sample { x, cost, slope })
    }

    /// The local minima of the single curves: outside of their range, the cost of every curve falls towards it.
    fn range(&mut self) -> Result<Range, DecoupleError> {
        let options = FitOptions { covariance: false, ..self.options };
        // A curve with too few sizes for a free fit tells of no optimum; the joint fit may still have room for it.
        let all = fit_all(self.curves, &options, self.out);
        let (mut lower, mut upper) = (f64::INFINITY, f64::NEG_INFINITY);
        for fit in self.out.iter().flatten() {
            for x in fit.minima().iter().filter_map(|minimum| self.x_of(minimum.law)) {
                lower = lower.min(x);
                upper = upper.max(x);
            }
        }
        let centres = || self.out.iter().flatten().filter_map(|fit| self.x_of(fit.law()));
        let count = centres().count();
        if count > 0 {
            return Ok(Range { centre: median(centres(), count), lower, upper });
        }
        // The reason, if it is one of the curves or options; else all of them are flat.
        all.and(Err(DecoupleError::NoDecrease))
    }

    fn run(mut self) -> Result<Shared, DecoupleError> {
        let range = self.range()?;
        let centre = self.at(range.centre)?;
        let mut search = Search { best: centre, minima: 0 };
        for (end, outwards) in [(range.lower, -1.0), (range.upper, 1.0)] {
            let edge = self.at(end)?;
            search.offer(edge);
            // Steps are short at the centre and at the edges, where the curves have their optima, and grow in between.
            let middle = 0.5 * (range.centre + end);
            self.scan(&mut search, centre, outwards, |from| (from.x - middle) * outwards >= 0.0, middle)?;
            self.scan(&mut search, edge, -outwards, |from| (middle - from.x) * outwards >= 0.0, middle)?;
            let limit = if outwards > 0.0 { self.upper } else { self.lower };
            self.scan(&mut search, edge, outwards, |from| from.slope * outwards >= 0.0, limit)?;
        }
        self.finish(&search)
    }

    /// Steps from a sample in the direction of `sign`, not beyond `limit`, until one `is_last`; polishes what is between.
    fn scan(
        &mut self,
        search: &mut Search,
        mut from: Sample,
        sign: f64,
        is_last: impl Fn(&Sample) -> bool,
        limit: f64,
    ) -> Result<(), DecoupleError> {
        let mut step = if self.shared == Parameter::D { STEP_LN_D } else { STEP_ALPHA };
        for _ in 0..STEPS {
            if is_last(&from) || from.x == limit {
                return Ok(());
            }
            let x = from.x + sign * step;
            let x = if sign > 0.0 { x.min(limit) } else { x.max(limit) };
            let to = self.at(x)?;
            search.offer(to);
            let (left, right) = if sign < 0.0 { (to, from) } else { (from, to) };
            self.examine(search, left, right, DEPTH)?;
            from = to;
            step *= GROWTH;
        }
        Ok(())
    }

    /// Polishes a minimum between neighbours, and halves an interval that may hide one: where the cost changes by more or
    /// less than both slopes say, a curve's optimum changes sides in between and leaves a kink.
    fn examine(&mut self, search: &mut Search, left: Sample, right: Sample, depth: u32) -> Result<(), DecoupleError> {
        if left.slope < 0.0 && right.slope >= 0.0 {
            search.minima += 1;
            let polished = self.polish(left, right)?;
            search.offer(polished);
            return Ok(());
        }
        let gap = right.x - left.x;
        let secant = (right.cost - left.cost) / gap;
        let slack = ROUNDING * right.cost / gap;
        let is_between = secant >= left.slope.min(right.slope) - slack && secant <= left.slope.max(right.slope) + slack;
        if depth == 0 || is_between {
            return Ok(());
        }
        let middle = self.at(0.5 * (left.x + right.x))?;
        search.offer(middle);
        self.examine(search, left, middle, depth - 1)?;
        self.examine(search, middle, right, depth - 1)
    }

    /// The minimum between two samples whose slopes point at each other.
    fn polish(&mut self, left: Sample, right: Sample) -> Result<Sample, DecoupleError> {
        let mut bracket = Bracket { best: (left.x, left.slope), other: (right.x, right.slope) };
        shrink(&mut bracket, WIDTH, POLISH, |x| self.at(x).map(|sample| sample.slope))?;
        self.at(bracket.best.0)
    }

    /// The fits at the optimum and what they tell together.
    fn finish(mut self, search: &Search) -> Result<Shared, DecoupleError> {
        let x = search.best.x;
        let value = self.value(x);
        if value == 0.0 {
            return Err(DecoupleError::NoDecrease);
        }
        self.evaluations += 1;
        let options = self.options_at(x, self.options.covariance);
        fit_all(self.curves, &options, self.out)?;
        let side = match () {
            () if x <= self.lower => Some(Side::Lower),
            () if x >= self.upper => Some(Side::Upper),
            () => None,
        };
        let (mut cost, mut information) = (0.0, 0.0);
        let mut degrees_of_freedom = -i64::from(side.is_none());
        for (points, fit) in self.curves.iter().zip(self.out.iter().flatten()) {
            let law = fit.law();
            let free = arrow::is_free(&law, self.shared, &self.options);
            cost += fit.report().cost;
            degrees_of_freedom += fit.report().points as i64 - free.into_iter().map(i64::from).sum::<i64>();
            information += arrow::information(points, &law, self.shared, free, &self.options);
        }
        let variance = match self.options.weights {
            Weights::Relative => 2.0 * cost / degrees_of_freedom as f64,
            Weights::Absolute | Weights::Sigma => 1.0,
        };
        let std_error = Some(math::sqrt(variance / information))
            .filter(|s| side.is_none() && degrees_of_freedom > 0 && s.is_finite());
        Ok(Shared {
            value,
            std_error,
            cost,
            degrees_of_freedom,
            side,
            // A minimum on a bound, or met by a sample, is bracketed by none.
            minima_found: search.minima.max(1),
            evaluations: self.evaluations,
        })
    }
}

/// What a scan has found.
struct Search {
    best: Sample,
    minima: u32,
}

impl Search {
    fn offer(&mut self, sample: Sample) {
        if sample.cost < self.best.cost {
            self.best = sample;
        }
    }
}
