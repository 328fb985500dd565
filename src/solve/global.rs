//! Many starts in a box: [`solve_global`].
use core::fmt;

use crate::law::Law;
use crate::math;

use super::covariance::Solution;
use super::data::Observations;
use super::options::{SolveError, SolveOptions};
use super::stop::Termination;
use super::{bounds::Bounds, solve};

/// How starts are spread over the interval of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Scale {
    /// Evenly.
    #[default]
    Linear,
    /// Evenly in the logarithm; the lower bound must be > 0.
    Log,
}

/// Options of [`solve_global`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GlobalOptions<const P: usize> {
    /// Those of each solve. The bounds of every parameter that is not held must be finite: they are the box.
    pub solve: SolveOptions<P>,
    /// How the starts are spread. Default: all linear.
    pub scale: [Scale; P],
    /// How many, at least 1. Default: 100.
    pub starts: u32,
}

impl<const P: usize> Default for GlobalOptions<P> {
    fn default() -> GlobalOptions<P> {
        GlobalOptions { solve: SolveOptions::default(), scale: [Scale::Linear; P], starts: 100 }
    }
}

/// Minima that are listed.
const LISTED: usize = 8;

/// A minimum, and how many starts ended there.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Basin<const P: usize> {
    /// The lowest of the solutions that are the same minimum.
    pub solution: Solution<P>,
    /// How many starts ended there.
    pub starts: u32,
}

/// Where many starts ended.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct GlobalSolution<const P: usize> {
    /// The lowest minimum. If no start converged, the lowest end: ask its termination.
    pub best: Solution<P>,
    /// The lowest end of those that did not converge, if any. Where it is lower than `best`, the minimum was not found: the
    /// termination of this end tells why.
    pub unconverged: Option<Solution<P>>,
    /// Starts that converged to a minimum which is not among the lowest eight.
    pub elsewhere: u32,
    /// Starts.
    pub starts: u32,
    /// Passes over the data, all together.
    pub evaluations: u64,
    minima: [Option<Basin<P>>; LISTED],
    ended: [u32; 32],
}

impl<const P: usize> GlobalSolution<P> {
    /// The distinct minima, the lowest eight of them, lowest first.
    ///
    /// Two ends are one minimum if they lie within 1e-6 of the box on the scale of the starts, or if their costs agree to
    /// 1e-8 and the model differs by less than 1e-4 |r| between them (|J (theta - theta')|): places in a flat valley are one
    /// minimum, equally good fits by exchanged terms are two.
    pub fn minima(&self) -> impl Iterator<Item = &Basin<P>> {
        self.minima.iter().flatten()
    }

    /// How many starts ended for this reason.
    pub fn ended(&self, termination: Termination) -> u32 {
        self.ended.get(usize::from(termination as u8)).copied().unwrap_or(0)
    }

    /// How many starts did not converge.
    pub fn failed(&self) -> u32 {
        let converged: u32 = self.minima().map(|m| m.starts).sum();
        self.starts.saturating_sub(converged.saturating_add(self.elsewhere))
    }
}

/// "64 of 100 starts ended at the lowest of 2 minima; 3 did not converge"
impl<const P: usize> fmt::Display for GlobalSolution<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(lowest) = self.minima().next() else {
            return write!(f, "none of {} starts converged; the lowest: {}", self.starts, self.best);
        };
        let count = self.minima().count();
        write!(f, "{} of {} starts ended at the lowest of {count} minima", lowest.starts, self.starts)?;
        if self.failed() > 0 {
            write!(f, "; {} did not converge", self.failed())?;
        }
        Ok(())
    }
}

/// The square roots of these primes are independent over the rationals with 1, so that multiples of their fractional parts
/// fill the box evenly (Richtmyer 1951; Niederreiter 1978, Bull. Amer. Math. Soc. 84, 957-1041, section 5). After the 16th
/// they come again, 1 later.
const PRIMES: [f64; 16] = [2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0, 23.0, 29.0, 31.0, 37.0, 41.0, 43.0, 47.0, 53.0];

/// Place `k` of the lattice in the unit box: the fractional parts of 1/2 + k sqrt(prime_j). The first is the centre.
fn lattice<const P: usize>(k: u32) -> [f64; P] {
    core::array::from_fn(|j| {
        let again = (j / PRIMES.len()) as f64;
        let x = 0.5 + (f64::from(k) + again) * math::sqrt(PRIMES[j % PRIMES.len()]);
        x - x as u64 as f64
    })
}

/// A box with the scale of each side.
struct Spread<const P: usize> {
    bounds: [Bounds; P],
    scale: [Scale; P],
    fixed: [Option<f64>; P],
}

impl<const P: usize> Spread<P> {
    fn new(options: &GlobalOptions<P>) -> Result<Spread<P>, SolveError> {
        let bad = |field, parameter, range| Err(SolveError::BadOption { field, parameter, range });
        options.solve.check()?;
        if options.starts == 0 {
            return bad("starts", None, "at least 1");
        }
        for j in 0..P {
            let Bounds { lower, upper } = options.solve.bounds[j];
            if options.solve.fixed[j].is_some() {
                continue;
            }
            if !(lower.is_finite() && upper.is_finite() && (upper - lower).is_finite()) {
                return bad("solve.bounds", Some(j), "finite ends: the starts lie between them");
            }
            if options.scale[j] == Scale::Log && lower <= 0.0 {
                return bad("scale", Some(j), "Scale::Linear, or a lower bound > 0");
            }
        }
        Ok(Spread { bounds: options.solve.bounds, scale: options.scale, fixed: options.solve.fixed })
    }

    /// The place of the unit box.
    fn place(&self, unit: &[f64; P]) -> [f64; P] {
        // A loop: at opt-level "s" a closure that is not unrolled keeps the check of its index.
        let mut place = [0.0; P];
        for j in 0..P {
            let (Bounds { lower, upper }, u) = (self.bounds[j], unit[j]);
            let inside = match self.scale[j] {
                Scale::Linear => lower + u * (upper - lower),
                Scale::Log => math::exp(math::ln(lower) + u * (math::ln(upper) - math::ln(lower))),
            };
            place[j] = self.fixed[j].unwrap_or(self.bounds[j].clamp(inside));
        }
        place
    }

    /// Whether two places are within 1e-6 of the box.
    fn are_near(&self, a: &[f64; P], b: &[f64; P]) -> bool {
        (0..P).all(|j| {
            let Bounds { lower, upper } = self.bounds[j];
            self.fixed[j].is_some()
                || match self.scale[j] {
                    Scale::Linear => (a[j] - b[j]).abs() <= 1e-6 * (upper - lower),
                    Scale::Log => math::ln(a[j] / b[j]).abs() <= 1e-6 * math::ln(upper / lower),
                }
        })
    }

    /// Whether two ends are one minimum; see [`GlobalSolution::minima`].
    fn are_same(&self, a: &Solution<P>, b: &Solution<P>) -> bool {
        let mut square = 0.0;
        for row in &a.r.0 {
            let mut along = 0.0;
            for j in 0..P {
                along += row[j] * (a.theta[j] - b.theta[j]);
            }
            square += along * along;
        }
        let level = (a.cost - b.cost).abs() <= 1e-8 * (a.cost + b.cost);
        self.are_near(&a.theta, &b.theta) || (level && a.active == b.active && square <= 1e-8 * a.square)
    }
}

/// Solves from many starts in a box and tells how many ended where.
///
/// The starts are a lattice: the same for the same options, spread evenly whatever their number, and the first `n` of more
/// starts are those of `n`. Every solve keeps to the box. The answer has the same bits on every machine. Nothing proves that
/// the lowest minimum found is the lowest there is: that many starts end in it, and that twice as many find no other,
/// speaks for it.
///
/// ```
/// use syn2real::simd::{F64x8, LANES};
/// use syn2real::solve::{Bounds, GlobalOptions, SolveOptions, solve_global};
/// use syn2real::Law;
///
/// /// The residuals of Freudenstein and Roth: minima 0 at (5, 4) and 48.98 / 2 at (11.4, -0.9).
/// struct Roth;
/// impl Law<2> for Roth {
///     type Observation = [f64; 3];
///     #[inline(always)]
///     fn rows(&self, t: &[f64; 2], rows: &[[f64; 3]; LANES], residuals: &mut F64x8, jacobian: Option<&mut [F64x8; 2]>) {
///         let [c, b, a] = [0, 1, 2].map(|k| F64x8(rows.map(|r| r[k])));
///         let y = F64x8::splat(t[1]);
///         *residuals = c + F64x8::splat(t[0]) + ((b + y * a) * y) * y - F64x8(rows.map(|r| if r[2] < 0.0 { 2.0 } else { 14.0 })) * y;
///         if let Some(j) = jacobian {
///             let linear = F64x8(rows.map(|r| if r[2] < 0.0 { 2.0 } else { 14.0 }));
///             *j = [F64x8::splat(1.0), y * b * 2.0 + y * y * a * 3.0 - linear];
///         }
///     }
/// }
/// let data = [[-13.0, 5.0, -1.0], [-29.0, 1.0, 1.0]];
/// let bounds = [Bounds::new(-20.0, 20.0); 2];
/// let options = GlobalOptions { solve: SolveOptions { bounds, ..SolveOptions::default() }, ..GlobalOptions::default() };
/// let found = solve_global(&Roth, &data, &options)?;
/// assert!((found.best.theta[0] - 5.0).abs() < 1e-9 && (found.best.theta[1] - 4.0).abs() < 1e-9);
/// let costs: Vec<f64> = found.minima().map(|m| m.solution.cost).collect();
/// assert!(costs.len() == 2 && (costs[1] - 24.492).abs() < 1e-3);
/// # Ok::<(), syn2real::solve::SolveError>(())
/// ```
///
/// # Errors
/// [`SolveError`] as [`solve`](super::solve()) gives it; if the bounds of a parameter that is not held are not finite
/// (`solve.bounds`), if one on a logarithmic scale has a lower bound <= 0 (`scale`), and without starts (`starts`).
pub fn solve_global<L: Law<P>, const P: usize, D: Observations<L::Observation> + ?Sized>(
    law: &L,
    data: &D,
    options: &GlobalOptions<P>,
) -> Result<GlobalSolution<P>, SolveError> {
    global(options, &mut |start| solve(law, data, start, &options.solve))
}

/// The same of anything that can be solved from a start.
pub(crate) fn global<const P: usize>(
    options: &GlobalOptions<P>,
    solve: &mut dyn FnMut([f64; P]) -> Result<Solution<P>, SolveError>,
) -> Result<GlobalSolution<P>, SolveError> {
    let spread = Spread::new(options)?;
    let first = solve(spread.place(&lattice(0)))?;
    let mut all = GlobalSolution {
        best: first,
        unconverged: None,
        elsewhere: 0,
        starts: options.starts,
        evaluations: 0,
        minima: [None; LISTED],
        ended: [0; 32],
    };
    all.take(first, &spread);
    for k in 1..options.starts {
        all.take(solve(spread.place(&lattice(k)))?, &spread);
    }
    all.best = match (&all.minima, all.unconverged) {
        ([Some(lowest), ..], _) => lowest.solution,
        (_, Some(lowest)) => lowest,
        _ => first,
    };
    Ok(all)
}

impl<const P: usize> GlobalSolution<P> {
    /// Files one end.
    fn take(&mut self, end: Solution<P>, spread: &Spread<P>) {
        self.evaluations = self.evaluations.saturating_add(u64::from(end.evaluations));
        if let Some(count) = self.ended.get_mut(usize::from(end.termination as u8)) {
            *count += 1;
        }
        if !end.termination.is_converged() {
            // NaN is not lower.
            if self.unconverged.is_none_or(|lowest| end.cost < lowest.cost || lowest.cost.is_nan()) {
                self.unconverged = Some(end);
            }
            return;
        }
        let mut new = Some(Basin { solution: end, starts: 1 });
        // A minimum that gets lower may overtake one of the same cost; it is taken out and put in again.
        for slot in &mut self.minima {
            if let Some(known) = slot
                && spread.are_same(&known.solution, &end)
            {
                known.starts += 1;
                if end.cost >= known.solution.cost {
                    return;
                }
                new = Some(Basin { solution: end, starts: known.starts });
                *slot = None;
                break;
            }
        }
        let mut sorted = [None; LISTED];
        let mut rest = self.minima.iter().flatten().peekable();
        for slot in &mut sorted {
            let is_next = match (&new, rest.peek()) {
                (Some(new), Some(next)) => new.solution.cost < next.solution.cost,
                (new, None) => new.is_some(),
                (None, _) => false,
            };
            *slot = if is_next { new.take() } else { rest.next().copied() };
        }
        let lost: u32 = rest.chain(new.iter()).map(|m| m.starts).sum();
        self.elsewhere += lost;
        self.minima = sorted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lattice_fills_the_box_evenly() {
        // In every dimension 1,000 places leave no gap of more than 3/1000 (three-gap theorem: at most 2.4 for these roots).
        let mut places: [[f64; 1000]; 9] = [[0.0; 1000]; 9];
        for k in 0..1000 {
            for (row, x) in places.iter_mut().zip(lattice::<9>(k)) {
                row[k as usize] = x;
            }
        }
        assert_eq!(lattice::<9>(0), [0.5; 9], "the centre comes first");
        for row in &mut places {
            row.sort_by(f64::total_cmp);
            let gap = row.windows(2).map(|w| w[1] - w[0]).fold(row[0].max(1.0 - row[999]), f64::max);
            assert!(gap < 4e-3 && row[0] >= 0.0 && row[999] < 1.0, "{gap}");
        }
    }
}
