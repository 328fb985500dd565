//! From points and options to the global optimum.
use crate::law::Residual;
use crate::point::Point;
use crate::solve::{Loss, Side, Termination};

use super::curve::Curve;
use super::domain::Domain;
use super::error::FitError;
use super::options::FitOptions;
use super::profile::{Cost, Objective};
use super::scale::median_absolute_deviation;
use super::search::{BRACKETS, Search, section};

/// A local minimum in the units of the curve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local {
    /// D n_min^-alpha.
    pub(crate) x: f64,
    pub(crate) alpha: f64,
    /// C.
    pub(crate) z: f64,
    pub(crate) cost: f64,
    /// Bounds that hold x, alpha, z.
    pub(crate) active: [Option<Side>; 3],
    pub(crate) termination: Termination,
    pub(crate) iterations: u32,
}

/// The local minima, lowest first.
pub(crate) struct Optimum {
    locals: [Option<Local>; BRACKETS],
    pub(crate) curve: Curve,
    pub(crate) domain: Domain,
    pub(crate) cost: Cost,
    pub(crate) evaluations: u32,
}

impl Optimum {
    pub(crate) fn locals(&self) -> impl Iterator<Item = &Local> {
        self.locals.iter().flatten()
    }

    /// The search and the polish of everything that it brackets.
    pub(crate) fn find(
        points: impl Iterator<Item = Point> + Clone,
        options: &FitOptions,
    ) -> Result<Optimum, FitError> {
        let domain = Domain::new(options)?;
        let curve = Curve::new(points.clone(), options.residual, domain.free())?;
        let domain = domain.scaled(&curve);
        let cost = match options.loss {
            Loss::HuberAbsolute { delta } if options.residual == Residual::Linear => Cost::Huber(delta / curve.scale),
            Loss::HuberAbsolute { delta } => Cost::Huber(delta),
            _ => Cost::Square,
        };
        let mut optimum = Optimum { locals: [None; BRACKETS], curve, domain, cost, evaluations: 0 };
        optimum.minimise(options);
        let best = optimum.locals().next().copied();
        if let (Loss::Huber { k }, Some(best)) = (options.loss, best) {
            let deviation = median_absolute_deviation(points, &optimum.curve, options.residual, &best);
            let delta = k * CONSISTENCY * deviation;
            // More than half of the points are met exactly: the square-loss optimum is that of every delta.
            if delta > 0.0 {
                optimum.cost = Cost::Huber(delta);
                optimum.minimise(options);
            }
        }
        Ok(optimum)
    }

    fn minimise(&mut self, options: &FitOptions) {
        let objective =
            Objective { curve: &self.curve, domain: &self.domain, residual: options.residual, cost: self.cost };
        let mut search = Search::new(objective, options.isa);
        let found = search.run();
        self.evaluations += found.evaluations;
        self.locals = [None; BRACKETS];
        for (slot, bracket) in self.locals.iter_mut().zip(found.brackets()) {
            let (s, evaluations) = section(&search, bracket);
            self.evaluations += evaluations;
            let side = |v: f64, lo: f64, hi: f64| if v == lo { Some(Side::Lower) } else if v == hi { Some(Side::Upper) } else { None };
            let level = self.domain.level(s.alpha, self.curve.ln_n_min);
            let active = [side(s.x, level.lower, level.upper), side(s.alpha, self.domain.alpha.lower, self.domain.alpha.upper), side(s.z, self.domain.c.lower, self.domain.c.upper)];
            *slot = Some(Local { x: s.x, alpha: s.alpha, z: s.z, cost: s.cost, active, termination: Termination::StepSmall, iterations: 1 });
        }
        let key = |l: &Option<Local>| l.map_or(f64::INFINITY, |l| l.cost);
        self.locals.sort_unstable_by(|a, b| key(a).total_cmp(&key(b)));
    }
}

/// 1 / Phi^-1(3/4): makes the median absolute deviation the standard deviation of a normal sample.
const CONSISTENCY: f64 = 1.4826;
