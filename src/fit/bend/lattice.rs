//! Starts: the profile over a lattice of the coordinates in which the bending laws are not linear.
//!
//! At given (beta, y, alpha) the model x g + z is linear in x and z, and least squares about the data, of model / error - 1 in
//! the log residual, give both and the cost in one pass (a quick lattice); where residuals are large a thorough one takes the
//! cost itself, with x and z improved. At each beta the valleys along y of the lowest cost over alpha are starts, but for
//! those beside a deeper one at the next beta: they are its slope.
use crate::math;
use crate::simd::Kernel;
use crate::solve::Bounds;

use super::super::curve::NODES;
use super::super::wide::{WIDTH, Wide};
use super::domain::Domain;
use super::level::{Level, Moments, Tangent};
use super::model::{B, Problem, Tie, U, Z, shares};
use super::rows::Rows;
use super::starts::Starts;
use super::valleys::{Columns, Find, RATES, STRAIGHT, Valleys, turned};

const ZERO: Wide = Wide::splat(0.0);

/// How far the lattice of ln((n_h / n_min)^beta) goes beyond the data.
const BEYOND: f64 = 4.0;
const BEFORE: f64 = 3.0;
/// Where there are measurements without pre-training bends far before the smallest n show, by the logarithm of A: from
/// `BEFORE` on, each place is this much further out than the last.
const FURTHER: f64 = 1.5;

/// Places along y at most, for one beta.
const PLACES: usize = 256;

/// How fine a lattice is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mesh {
    /// Values of beta between its bounds, equally spaced in ln beta, also where alpha is tied to it.
    betas: usize,
    tied: usize,
    /// Steps of ln((n_h / n_min)^beta), and how many of them a gap between sizes needs however sharp the bend.
    step: f64,
    per_node: f64,
    /// Whether the cost itself is taken.
    is_thorough: bool,
    /// The weighted mean of the errors.
    level: f64,
}

impl Mesh {
    pub(super) const QUICK: Mesh =
        Mesh { betas: 9, tied: 17, step: 0.75, per_node: 3.0, is_thorough: false, level: 0.0 };

    pub(super) const fn thorough(level: f64) -> Mesh {
        Mesh { betas: 13, tied: 25, step: 0.6, per_node: 6.0, is_thorough: true, level }
    }
}

/// The lattice, as a kernel.
pub(super) struct Survey<'a> {
    pub(super) problem: Problem,
    pub(super) rows: &'a Rows<'a>,
    pub(super) domain: &'a Domain,
    pub(super) mesh: Mesh,
    pub(super) starts: &'a mut Starts,
}

impl Kernel for Survey<'_> {
    type Output = ();

    #[cfg_attr(wide, inline(always))]
    fn run(self) {
        let Survey { problem, rows, domain, mesh, starts } = self;
        let (low, high) = (domain.lower[B], domain.upper[B]);
        let count = match problem.tie {
            _ if low == high => 1,
            Tie::Shifted => 1,
            Tie::Rectified => mesh.tied,
            Tie::Bent => mesh.betas,
        };
        let mut slice = Slice::new(problem, rows, domain, mesh);
        let (mut before, mut here) = (Valleys::EMPTY, Valleys::EMPTY);
        for j in 0..=count {
            let share = if count > 1 { j as f64 / (count - 1) as f64 } else { 0.0 };
            let next = if j < count { slice.valleys(low + share * (high - low), starts) } else { Valleys::EMPTY };
            for valley in here.as_slice() {
                if !before.hides(valley) && !next.hides(valley) {
                    starts.add(valley.start);
                }
            }
            (before, here) = (here, next);
        }
    }
}

/// One beta after the other.
struct Slice<'a> {
    problem: Problem,
    rows: &'a Rows<'a>,
    domain: &'a Domain,
    mesh: Mesh,
    /// (n / n_min)^beta of the nodes.
    sizes: [f64; NODES + 1],
    /// ln W / beta of the nodes, and W^-kappa.
    logs: [Wide; NODES + 1],
    powers: [Wide; NODES + 1],
}

impl Slice<'_> {
    fn new<'a>(problem: Problem, rows: &'a Rows<'a>, domain: &'a Domain, mesh: Mesh) -> Slice<'a> {
        Slice {
            problem,
            rows,
            domain,
            mesh,
            sizes: [0.0; NODES + 1],
            logs: [ZERO; NODES + 1],
            powers: [ZERO; NODES + 1],
        }
    }

    #[cfg_attr(wide, inline(always))]
    fn valleys(&mut self, ln_beta: f64, starts: &mut Starts) -> Valleys {
        let beta = math::exp(ln_beta);
        let curve = self.rows.curve;
        for (size, node) in self.sizes.iter_mut().zip(curve.nodes().chain(&self.rows.untrained)) {
            *size = math::exp(beta * node.t);
        }
        // From `BEFORE` to `BEYOND` in equal steps, after what is further out.
        let further = if self.problem.has_untrained { further(self.domain.lower[U] * beta) } else { 0 };
        let reach = beta * curve.span + BEYOND + BEFORE;
        let most = (self.mesh.per_node * curve.len() as f64) + (BEFORE + BEYOND) / self.mesh.step;
        let steps = (reach / self.mesh.step).min(most) as usize + 2;
        let steps = if steps < PLACES { steps } else { PLACES };
        let step = reach / (steps - 1) as f64;
        let place = |k: usize| match k.checked_sub(further) {
            Some(k) => -BEFORE + step * k as f64,
            None => (-BEFORE * power(FURTHER, further - k)).max(self.domain.lower[U] * beta),
        };
        let count = further + steps;
        let mut valleys = Valleys::EMPTY;
        // The groups before, at and after that whose valleys are looked for, each in a place of its own.
        let mut groups = [Columns::NONE; 3];
        for k in 0..=count.div_ceil(WIDTH) {
            let [last, here, next] = turned(&mut groups, k);
            next.rates = 0;
            if k * WIDTH < count {
                for lane in 0..WIDTH {
                    next.ln_rho.0[lane] = place(k * WIDTH + lane);
                }
                self.over_rates(ln_beta, next, starts);
                for lane in (count - k * WIDTH).min(WIDTH)..WIDTH {
                    next.cost.iter_mut().for_each(|cost| cost.0[lane] = f64::INFINITY);
                }
            }
            if k > 0 {
                let find = Find { last, here, next, step: step / beta, ln_beta };
                find.valleys(&self.problem, &mut valleys);
            }
        }
        valleys
    }

    /// The cost at each rate, at each y.
    #[cfg_attr(wide, inline(always))]
    fn over_rates(&mut self, ln_beta: f64, columns: &mut Columns, starts: &mut Starts) {
        let Slice { problem, rows, domain, mesh, .. } = *self;
        let beta = math::exp(ln_beta);
        let Bounds { lower, upper } = match problem.tie {
            Tie::Rectified => Bounds::new(beta, beta),
            _ => domain.alpha,
        };
        let (mut rates, mut least) = (1, upper);
        // Where C is bounded from above a small decrease needs a small rate.
        let straight = if domain.upper[Z] < f64::INFINITY { 0.0 } else { STRAIGHT };
        while rates < RATES && 0.5 * least >= lower && lower < upper && least * rows.curve.span > straight {
            (rates, least) = (rates + 1, 0.5 * least);
        }
        let [fade, rest] = shares(columns.ln_rho);
        let log_first = if problem.has_untrained { rest.ln() * (1.0 / beta) } else { ZERO };
        let nodes = || rows.curve.nodes().chain(&rows.untrained);
        let count = nodes().count();
        let sizes = self.sizes.iter().take(count);
        for ((power, log), size) in self.powers.iter_mut().zip(self.logs.iter_mut()).zip(sizes) {
            *log = (fade * *size + rest).ln() * (1.0 / beta) - log_first;
            *power = (*log * -least).exp();
        }
        columns.rates = rates;
        columns.least = least;
        let mut alpha = least;
        for rate in 0..rates.min(RATES) {
            let level = if mesh.is_thorough { self.improved() } else { self.about_data(alpha, [lower, upper]) };
            (columns.cost[rate], columns.x[rate], columns.z[rate]) = (level.cost, level.x, level.z);
            columns.shift[rate] = level.shift;
            starts.evaluations += WIDTH as u32;
            if rate + 1 < rates {
                alpha *= 2.0;
                for g in self.powers.iter_mut().take(count) {
                    *g = *g * *g;
                }
            }
        }
    }

    /// x, z and what alpha is off by least squares about the data, and the cost there to second order.
    #[cfg_attr(wide, inline(always))]
    fn about_data(&self, alpha: f64, [lower, upper]: [f64; 2]) -> Level {
        let Slice { rows, domain, .. } = *self;
        let mut sums = Moments::at(self.last());
        let mut tangent = Tangent::NONE;
        let nodes = rows.curve.nodes().chain(&rows.untrained);
        for ((g, log), node) in self.powers.iter().zip(&self.logs).zip(nodes) {
            let (error, weight) = (Wide::splat(node.error), Wide::splat(node.curvature));
            sums.add(*g, error, weight);
            tangent.add(&sums, *g, *log, alpha, error, weight);
        }
        let limit = |end: f64| Wide::splat(if lower < upper { math::ln(end / alpha) } else { 0.0 });
        sums.with_tangent(&tangent, domain, [limit(lower), limit(upper)])
    }

    /// g at the largest n.
    #[cfg_attr(wide, inline(always))]
    fn last(&self) -> Wide {
        let curve = self.rows.curve;
        let mut last = ZERO;
        for (g, node) in self.powers.iter().zip(curve.nodes()) {
            last = if node.t == curve.span { *g } else { last };
        }
        last
    }

    /// x and z that two steps have improved, and the cost.
    #[cfg_attr(wide, inline(always))]
    fn improved(&mut self) -> Level {
        let Slice { problem, rows, domain, .. } = *self;
        let data = self.about_data(1.0, [1.0; 2]);
        let mut best = Level { cost: Wide::splat(f64::INFINITY), ..data };
        // Where residuals are large the level is a better place to begin at than the data.
        let z = self.mesh.level.max(domain.lower[Z]).min(domain.upper[Z]);
        let level = Level { x: Wide::splat((self.mesh.level - z).max(0.0)), z: Wide::splat(z), ..data };
        for (mut now, steps) in [(data, 2), (level, 3)] {
            for step in 0..=steps {
                let mut sums = Moments::at(self.last());
                let mut cost = ZERO;
                for (g, node) in self.powers.iter().zip(rows.curve.nodes().chain(&rows.untrained)) {
                    let aim = problem.aim(now.x * *g + now.z, node);
                    cost += aim.cost;
                    sums.add(*g, aim.error, aim.weight);
                }
                let is_lower = cost.lt(best.cost);
                best.x = is_lower.select(now.x, best.x);
                best.z = is_lower.select(now.z, best.z);
                best.cost = is_lower.select(cost, best.cost);
                if step < steps {
                    now = sums.level(domain);
                }
            }
        }
        best
    }
}

/// How many places there are before [`BEFORE`], as far as `lower`.
fn further(lower: f64) -> usize {
    let (mut count, mut at) = (0, -BEFORE);
    while at > lower && count < 16 {
        (count, at) = (count + 1, at * FURTHER);
    }
    count
}

fn power(base: f64, exponent: usize) -> f64 {
    (0..exponent).fold(1.0, |product, _| product * base)
}
