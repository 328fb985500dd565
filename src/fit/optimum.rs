//! From points and options to the global optimum.
use crate::law::Residual;
use crate::linalg::Triangle;
use crate::solve::Loss;

use super::curve::Curve;
use super::domain::Domain;
use super::error::FitError;
use super::loss::Cost;
use super::options::FitOptions;
use super::scale::median_absolute_deviation;
use super::search::{BRACKETS, Bracket, Found, Search};
use super::slice::Objective;
use super::solver::{Local, Polish};
use super::source::{Source, each};

/// The global optimum of a curve, and what it was found with.
pub(crate) struct Optimum<'a> {
    pub(crate) curve: &'a Curve,
    pub(crate) domain: Domain,
    pub(crate) cost: Cost,
    pub(crate) minima: &'a mut Minima,
}

/// The local minima, lowest first; all zero when there are none, that no image of it is kept.
pub(crate) struct Minima {
    locals: [Local; BRACKETS],
    len: usize,
    pub(crate) evaluations: u32,
    /// R of the QR of the Jacobian at the lowest minimum, if the covariance was asked for.
    pub(crate) triangle: Option<Triangle<3>>,
}

impl Minima {
    pub(crate) const EMPTY: Minima = Minima { locals: [Local::ZERO; BRACKETS], len: 0, evaluations: 0, triangle: None };

    pub(crate) fn locals(&self) -> impl Iterator<Item = &Local> {
        self.locals.iter().take(self.len)
    }

    /// Takes one more, where there is room or one that is higher.
    fn add(&mut self, (mut local, evaluations): (Local, u32)) {
        self.evaluations += evaluations;
        for slot in self.locals.iter_mut().take(self.len) {
            if key(&local) < key(slot) {
                core::mem::swap(slot, &mut local);
            }
        }
        if let Some(slot) = self.locals.get_mut(self.len) {
            *slot = local;
            self.len += 1;
        }
    }
}

impl<'a> Optimum<'a> {
    /// The unit of a residual.
    pub(crate) fn unit(&self, residual: Residual) -> f64 {
        if residual == Residual::Linear { self.curve.scale } else { 1.0 }
    }

    /// The unit of the cost.
    pub(crate) fn cost_unit(&self, residual: Residual) -> f64 {
        let root = self.unit(residual);
        self.curve.weight_scale * root * root
    }

    /// The search and the polish of everything that it brackets; `curve` and `minima` must be empty.
    pub(crate) fn find(
        data: &Source<'_>,
        options: &FitOptions,
        curve: &'a mut Curve,
        minima: &'a mut Minima,
    ) -> Result<Optimum<'a>, FitError> {
        let domain = Domain::new(options)?;
        curve.fill(data, options, domain.free())?;
        let curve: &'a Curve = curve;
        let domain = domain.scaled(curve.scale);
        let cost = first_cost(options, curve)?;
        let mut optimum = Optimum { curve, domain, cost, minima };
        optimum.minimise(data, options);
        let best = optimum.minima.locals().next();
        if let (Loss::Huber { k }, Some(best)) = (options.loss, best) {
            let deviation = median_absolute_deviation(each(data), optimum.curve, options.residual, best);
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
        if is_long && self.minimise_on_bins(data, options, true) {
            return;
        }
        if !self.minimise_on(curve, data, options) {
            self.minimise_on_bins(data, options, false);
        }
    }

    #[inline(never)]
    fn minimise_on_bins(&mut self, data: &Source<'_>, options: &FitOptions, is_coarse: bool) -> bool {
        let mut binned = Curve::EMPTY;
        self.curve.put_into_bins(&mut binned, data, options, is_coarse);
        self.minimise_on(&binned, data, options)
    }

    /// Whether the bins were fine enough to find the minima.
    #[inline(never)]
    fn minimise_on(&mut self, curve: &Curve, data: &Source<'_>, options: &FitOptions) -> bool {
        let Optimum { domain, cost, .. } = self;
        let objective = Objective { curve, domain, residual: options.residual, cost: *cost };
        let polish = Polish { objective, data, isa: options.isa };
        let minima = &mut *self.minima;
        // The nodes are means, which square loss keeps and Huber's does not: its minima are sought near both.
        let is_lossy = objective.cost != Cost::Square && !curve.is_complete;
        let mut search = Search::new(objective, options.isa);
        let mut found = Found::NONE;
        search.run(&mut found);
        minima.evaluations += found.evaluations;
        if curve.is_coarse && !search.is_clear(&found) {
            return false;
        }
        minima.len = 0;
        for bracket in found.brackets() {
            minima.add(polish.minimum(&search, bracket));
        }
        if is_lossy {
            polish_lossy(&polish, &search, minima);
        }
        let best = minima.locals().next();
        minima.triangle = best.filter(|_| options.covariance).map(|best| polish.triangle(best));
        true
    }
}

/// The loss that a search begins with: an absolute delta in the units of the curve, or the square, at whose optimum the robust
/// scale is taken.
pub(super) fn first_cost(options: &FitOptions, curve: &Curve) -> Result<Cost, FitError> {
    match options.loss {
        Loss::HuberAbsolute { delta } => {
            let delta = if options.residual == Residual::Linear { delta / curve.scale } else { delta };
            if delta < ROUNDING { Err(FitError::BadOption { field: "loss" }) } else { Ok(Cost::Huber(delta)) }
        }
        _ => Ok(Cost::Square),
    }
}

/// What the bins of Huber's loss have not shown: the minima near those of square loss, and of the points.
#[inline(never)]
fn polish_lossy(polish: &Polish<'_>, search: &Search<'_>, minima: &mut Minima) {
    let square = Objective { cost: Cost::Square, ..polish.objective };
    let mut found = Found::NONE;
    Search::new(square, polish.isa).run(&mut found);
    minima.evaluations += found.evaluations;
    for bracket in found.brackets() {
        minima.add(polish.minimum(search, bracket));
    }
    // What no bins show, the points do: on 1 of 40 noisy curves the lowest minimum.
    let alpha = polish.objective.domain.alpha;
    if alpha.lower < alpha.upper {
        found = Found::NONE;
        polish.profile_of_points(search, &mut found);
        minima.evaluations += found.evaluations;
        for bracket in found.brackets() {
            let Bracket { left, right } = bracket;
            let is_within = |l: &Local| l.alpha >= left.alpha && l.alpha <= right.alpha;
            if !minima.locals().any(|l| is_within(l) && l.cost <= bracket.cost()) {
                minima.add(polish.minimum(search, bracket));
            }
        }
    }
}

/// NaN is last: in total order its sign bit would decide, which is the compiler's and the machine's choice.
fn key(l: &Local) -> f64 {
    if l.cost.is_nan() { f64::INFINITY } else { l.cost }
}

/// Points with a node each that are searched as they are; bins and the passes of a polish on points cost as much.
const SHORT: usize = 40;

/// 1 / Phi^-1(3/4): makes the median absolute deviation the standard deviation of a normal sample.
pub(super) const CONSISTENCY: f64 = 1.4826;

/// Rounding of a residual in the units of the curve, some four operations on numbers of the size of 1, and the
/// logarithms of n and error. A Huber delta below it would weigh points by their rounding.
pub(super) const ROUNDING: f64 = 16.0 * f64::EPSILON;
