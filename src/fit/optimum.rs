//! From points and options to the global optimum.
use crate::law::Residual;
use crate::linalg::Triangle;
use crate::point::Point;
use crate::solve::Loss;

use super::curve::Curve;
use super::domain::Domain;
use super::error::FitError;
use super::options::FitOptions;
use super::polish::{Local, Polish};
use super::profile::{Cost, Objective};
use super::scale::median_absolute_deviation;
use super::search::{BRACKETS, Bracket, Search};
use super::source::Source;

/// The local minima, lowest first.
pub(crate) struct Optimum<'a> {
    locals: [Option<Local>; BRACKETS],
    pub(crate) curve: &'a Curve,
    pub(crate) domain: Domain,
    pub(crate) cost: Cost,
    pub(crate) evaluations: u32,
    /// R of the QR of the Jacobian at the lowest minimum, if the covariance was asked for.
    pub(crate) triangle: Option<Triangle<3>>,
}

impl<'a> Optimum<'a> {
    pub(crate) fn locals(&self) -> impl Iterator<Item = &Local> {
        self.locals.iter().flatten()
    }

    /// The search and the polish of everything that it brackets; `curve` must be empty.
    pub(crate) fn find(
        points: impl Iterator<Item = Point> + Clone,
        data: &Source<'_>,
        options: &FitOptions,
        curve: &'a mut Curve,
    ) -> Result<Optimum<'a>, FitError> {
        let domain = Domain::new(options)?;
        curve.fill(points.clone(), data, options, domain.free())?;
        let domain = domain.scaled(curve);
        let cost = match options.loss {
            Loss::HuberAbsolute { delta } if options.residual == Residual::Linear => Cost::Huber(delta / curve.scale),
            Loss::HuberAbsolute { delta } => Cost::Huber(delta),
            _ => Cost::Square,
        };
        if matches!(cost, Cost::Huber(delta) if delta < ROUNDING) {
            return Err(FitError::BadOption { field: "loss" });
        }
        let mut optimum = Optimum { locals: [None; BRACKETS], curve, domain, cost, evaluations: 0, triangle: None };
        optimum.minimise(data, options);
        let best = optimum.locals().next().copied();
        if let (Loss::Huber { k }, Some(best)) = (options.loss, best) {
            let deviation = median_absolute_deviation(points, optimum.curve, options.residual, &best);
            let delta = k * CONSISTENCY * deviation;
            // Exact data (rounding where more than half of the points should be met exactly): the square-loss optimum is
            // then that of every delta. It is that, too, where delta is beyond the largest residual, and so at infinity.
            if deviation >= ROUNDING && delta < ROUNDING {
                return Err(FitError::BadOption { field: "loss" });
            }
            if deviation >= ROUNDING && delta < f64::INFINITY {
                optimum.cost = Cost::Huber(delta);
                optimum.minimise(data, options);
            }
        }
        Ok(optimum)
    }

    fn minimise(&mut self, data: &Source<'_>, options: &FitOptions) {
        let curve = self.curve;
        // What their coarse bins show clearly need not be sought on many points.
        let is_long = curve.is_complete && curve.len() > SHORT && self.cost == Cost::Square;
        if is_long && self.minimise_on(&curve.coarse(data, options), data, options) {
            return;
        }
        if !self.minimise_on(curve, data, options) {
            self.minimise_on(&curve.refined(data, options), data, options);
        }
    }

    /// Whether the bins were fine enough to find the minima.
    fn minimise_on(&mut self, curve: &Curve, data: &Source<'_>, options: &FitOptions) -> bool {
        let objective =
            Objective { curve, domain: &self.domain, residual: options.residual, cost: self.cost, is_tight: false };
        let mut search = Search::new(objective, options.isa);
        let polish = Polish { objective, data, isa: options.isa };
        let found = search.run();
        self.evaluations += found.evaluations;
        if curve.is_coarse && !search.is_clear(&found) {
            return false;
        }
        // The nodes are means, which square loss keeps and Huber's does not: its minima are sought near both.
        let is_lossy = self.cost != Cost::Square && !curve.is_complete;
        let square = Objective { cost: Cost::Square, ..objective };
        let means = is_lossy.then(|| Search::new(square, options.isa).run());
        self.evaluations += means.as_ref().map_or(0, |found| found.evaluations);
        let brackets = found.brackets().chain(means.iter().flat_map(|found| found.brackets()));
        self.locals = [None; BRACKETS];
        for (slot, bracket) in self.locals.iter_mut().zip(brackets) {
            let (local, evaluations) = polish.minimum(&search, bracket);
            self.evaluations += evaluations;
            *slot = Some(local);
        }
        // What no bins show, the points do: on 1 of 40 noisy curves the lowest minimum.
        if is_lossy && self.domain.alpha.lower < self.domain.alpha.upper {
            let found = polish.profile_of_points(&search);
            self.evaluations += found.evaluations;
            for bracket in found.brackets() {
                let Bracket { left, right } = bracket;
                let is_within = |l: &Local| l.alpha >= left.alpha && l.alpha <= right.alpha;
                if !self.locals().any(|l| is_within(l) && l.cost <= bracket.cost()) {
                    let (local, evaluations) = polish.minimum(&search, bracket);
                    self.evaluations += evaluations;
                    keep(&mut self.locals, local);
                }
            }
        }
        if self.locals().count() > 1 {
            self.locals.sort_unstable_by(|a, b| key(a).total_cmp(&key(b)));
        }
        let best = self.locals().next();
        self.triangle = best.filter(|_| options.covariance).map(|best| polish.triangle(best));
        true
    }
}

/// Takes one more minimum, where there is room or one that is higher.
fn keep(locals: &mut [Option<Local>; BRACKETS], local: Local) {
    let highest = locals.iter_mut().max_by(|a, b| key(a).total_cmp(&key(b)));
    if let Some(slot) = highest.filter(|slot| key(slot) > key(&Some(local))) {
        *slot = Some(local);
    }
}

/// NaN is last: in total order its sign bit would decide, which is the compiler's and the machine's choice.
fn key(l: &Option<Local>) -> f64 {
    l.map_or(f64::INFINITY, |l| if l.cost.is_nan() { f64::INFINITY } else { l.cost })
}

/// Points with a node each that are searched as they are; bins and the passes of a polish on points cost as much.
const SHORT: usize = 40;

/// 1 / Phi^-1(3/4): makes the median absolute deviation the standard deviation of a normal sample.
const CONSISTENCY: f64 = 1.4826;

/// Rounding of a residual in the units of the curve, some four operations on numbers of the size of 1, and the
/// logarithms of n and error. A Huber delta below it would weigh points by their rounding.
const ROUNDING: f64 = 16.0 * f64::EPSILON;
