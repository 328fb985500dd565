//! The lowest minimum of the rows of any law, and the region about it.
use crate::fit::{Confidence, Interval};
use crate::math;
use crate::solve::{Bounds, GlobalOptions, Rows, Scale, Solution, SolveOptions, Termination, global, solve_rows};

use super::OwnError;
use super::profile::{Goal, Region, STARTS, followed};
use super::rows::{MOST, Theta};

/// The options for all the parameters that there can be.
pub(super) struct Asked {
    pub(super) global: GlobalOptions<MOST>,
    pub(super) start: Option<Theta>,
    pub(super) is_absolute: bool,
}

/// What was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) optimum: Solution<MOST>,
    starts: [Option<(Theta, f64)>; STARTS],
    pub(super) options: SolveOptions<MOST>,
    /// Parameters that range over decades.
    pub(super) is_log: [bool; MOST],
    /// Observations, and those with a weight.
    len: usize,
    pub(super) counted: usize,
    pub(super) is_absolute: bool,
    /// Starts, and how many of them ended at the lowest minimum.
    pub(super) tried: [u32; 2],
}

/// The fit of the rows.
pub(super) fn find(rows: &dyn Rows<MOST>, [len, counted]: [usize; 2], asked: &Asked) -> Result<Found, OwnError> {
    let options = asked.global.solve;
    let failed = |end: &Solution<MOST>| OwnError::NotConverged { termination: end.termination, row: end.row };
    let mut starts = [None; STARTS];
    let (optimum, tried) = match asked.start {
        Some(start) => (solve_rows(rows, counted, start, &options)?, [1, 1]),
        None => {
            let found = global(&asked.global, &mut |start| solve_rows(rows, counted, start, &options))?;
            // Lower than the lowest minimum by more than two ends of one minimum differ.
            let is_lower = |end: &Solution<MOST>| end.cost < found.best.cost * (1.0 - 1e-8);
            if let Some(lower) = found.unconverged.filter(is_lower) {
                return Err(failed(&lower));
            }
            for (slot, basin) in starts.iter_mut().zip(found.minima()) {
                *slot = Some((basin.solution.theta, basin.solution.cost));
            }
            (found.best, [found.starts, found.minima().next().map_or(0, |basin| basin.starts)])
        }
    };
    if !optimum.termination.is_converged() {
        return Err(failed(&optimum));
    }
    starts[0] = Some((optimum.theta, optimum.cost));
    let is_log = asked.global.scale.map(|scale| scale == Scale::Log);
    Ok(Found { optimum, starts, options, is_log, len, counted, is_absolute: asked.is_absolute, tried })
}

impl Found {
    /// Free parameters: not held by the user.
    pub(super) fn free(&self) -> usize {
        self.options.fixed.iter().filter(|held| held.is_none()).count()
    }

    /// The laws within the limit of a level.
    pub(super) fn region<'a>(
        &'a self,
        rows: &'a dyn Rows<MOST>,
        confidence: Confidence,
    ) -> Result<Region<'a>, OwnError> {
        let (observations, parameters) = (self.counted, self.free());
        if observations <= parameters {
            return Err(OwnError::NoFreedom { observations, parameters });
        }
        let dof = (observations - parameters) as f64;
        let level = 0.5 + 0.5 * confidence.level();
        let (t, variance) = if self.is_absolute {
            (math::normal_quantile(level), 1.0)
        } else {
            (math::t_quantile(level, dof), self.optimum.square / dof)
        };
        // What turns the rise of a Huber cost into chi^2: mean psi^2 / mean psi' (Huber 1981, section 7.6).
        let rise = 0.5 * t * t * variance / self.optimum.within;
        let options = followed(&self.options);
        Ok(Region {
            rows,
            len: self.len,
            counted: self.counted,
            options,
            optimum: &self.optimum,
            starts: &self.starts,
            rise,
        })
    }

    /// Whether the data are met to rounding: every interval is a point.
    pub(super) fn is_exact(&self) -> bool {
        self.optimum.termination == Termination::ExactFit || self.optimum.cost == 0.0
    }

    /// The interval of a quantity.
    pub(super) fn interval(
        &self,
        rows: &dyn Rows<MOST>,
        goal: Goal<'_>,
        estimate: f64,
        confidence: Confidence,
    ) -> Result<Interval, OwnError> {
        let region = self.region(rows, confidence)?;
        let [lower, upper] = if self.is_exact() && !self.is_absolute {
            [Some(estimate); 2]
        } else {
            let limits = region.limits(goal)?;
            match goal {
                Goal::Measurement(_, true) => limits.map(|end| end.map(math::exp)),
                Goal::Parameter(j, true) => {
                    let bounds = self.options.bounds.get(j).copied().unwrap_or(Bounds::FREE);
                    limits.map(|end| end.map(|x| bounds.clamp(math::exp(x))))
                }
                _ => limits,
            }
        };
        Ok(Interval { estimate, lower, upper, confidence })
    }
}
