//! What finds a minimum where Newton's method from inside of its bracket does not.
use crate::solve::{Bounds, Termination};

use super::frame::Frame;
use super::newton::Ended;
use super::search::{Bracket, Found, Sample, Search, section};
use super::slice::Objective;
use super::solver::{Local, Polish};

impl Polish<'_> {
    /// Follows the profile of the points downhill to a rate where its slope changes sign, or to an end of the domain, with
    /// x and z at their best for each rate: for valleys so flat that the points' minimum is not near that of the nodes,
    /// and Newton's method creeps (4 of 10,000 random curves of 65 to 300 points, most without noise). `None` where x and
    /// z are not found.
    #[inline(never)]
    pub(super) fn descend(&self, frame: &Frame, from: &Ended) -> Option<Ended> {
        let Objective { curve, domain, .. } = self.objective;
        let mut evaluations = from.evaluations;
        let mut at = |from: &Ended, alpha: f64| {
            let theta = self.same_ends(frame, &from.theta, alpha);
            let end = self.solve(frame, theta, Bounds::new(alpha, alpha), domain.c);
            evaluations += end.evaluations;
            Some(end).filter(|end| end.termination.is_converged())
        };
        let mut here = at(from, from.theta[1])?;
        let falls = here.at.gradient[1] < 0.0;
        let mut step = FIRST_STEP * (here.theta[1] + 1.0 / curve.span);
        let mut there = here;
        for _ in 0..DOWNHILL {
            let alpha = domain.alpha.clamp(here.theta[1] + if falls { step } else { -step });
            there = if alpha == here.theta[1] { here } else { at(&here, alpha)? };
            if alpha == here.theta[1] || (there.at.gradient[1] < 0.0) != falls {
                break;
            }
            (here, step) = (there, 2.0 * step);
        }
        for k in 0..SECTIONS {
            let (a, b) = (here.theta[1], there.theta[1]);
            let (by_a, by_b) = (here.at.gradient[1], there.at.gradient[1]);
            // Every other time the middle, that neither end can stay.
            let secant = a - by_a * ((b - a) / (by_b - by_a));
            let is_between = (secant > a && secant < b) || (secant < a && secant > b);
            let alpha = if k % 2 == 0 && is_between { secant } else { 0.5 * (a + b) };
            if (b - a).abs() <= 4.0 * f64::EPSILON * b || alpha == a || alpha == b {
                break;
            }
            let middle = at(if k % 2 == 0 { &here } else { &there }, alpha)?;
            *(if (middle.at.gradient[1] < 0.0) == falls { &mut here } else { &mut there }) = middle;
        }
        let end = if there.at.cost < here.at.cost { there } else { here };
        Some(Ended { evaluations, ..end })
    }

    /// What is left where Newton's method from inside the bracket fails, on 13 of 40,000 seven-point problems: the search
    /// anew with slopes to rounding, then from sections of its brackets, from their ends, and from the edge C = lower,
    /// towards which valleys at small alpha descend; each with x and z at their best before alpha may move. The lowest
    /// counts.
    #[inline(never)]
    pub(super) fn minimum_by_all_means(
        &self,
        search: &Search<'_>,
        bracket: &Bracket,
        first: (Frame, Ended),
    ) -> (Local, u32) {
        let Objective { domain, .. } = self.objective;
        // Once more with slopes to rounding: in a flat valley the brackets may be others.
        let mut tight = search.tight();
        let mut found = Found::NONE;
        tight.run(&mut found);
        let (mut best, mut evaluations) = (first, first.1.evaluations + found.evaluations);
        for bracket in found.brackets().chain([bracket]) {
            let (section, more) = section(&tight, bracket);
            evaluations += more;
            for start in [section, bracket.left, bracket.right] {
                let here = Bounds::new(start.alpha, start.alpha);
                for c in [domain.c, Bounds::new(domain.c.lower, domain.c.lower)] {
                    // On the edge all of the level is x.
                    let x = if c == domain.c { start.x } else { start.x + start.z };
                    let start_here = Sample { x, ..start };
                    let mut from = |start: &Sample, alpha: Bounds, c: Bounds| {
                        let mut run = |frame: &Frame| self.solve(frame, frame.theta(start), alpha, c);
                        let end = self.within_bounds(start, &mut run);
                        evaluations += end.1.evaluations;
                        end
                    };
                    let held = from(&start_here, here, c);
                    let edge = from(&self.sample(&held), domain.alpha, c);
                    let end = from(&self.sample(&edge), domain.alpha, domain.c);
                    // A section ends where the slope changes its sign: with x and z at their best that is a minimum,
                    // even in a valley too flat for steps in three parameters.
                    if start == section && c == domain.c && self.rank(&held.1) < self.rank(&best.1) {
                        best = held;
                    }
                    if self.is_below(&end.1, &best.1) {
                        best = end;
                    }
                }
            }
        }
        let (frame, mut best) = best;
        let rounding = self.rounding(best.theta[1]);
        if best.at.cost <= 0.5 * rounding * rounding * self.objective.curve.size_sum {
            best.termination = Termination::ExactFit;
        }
        (self.local(&frame, &best), evaluations)
    }
}

/// First step downhill, in alpha + 1/span: with steps of a third, minima of the next dip were overstepped.
const FIRST_STEP: f64 = 0.02;

/// Steps downhill, each twice as long as the one before, and sections of the last one: half of them halve it, so that they
/// end at rounding.
const DOWNHILL: u32 = 20;
const SECTIONS: u32 = 110;
