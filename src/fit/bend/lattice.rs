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
use super::descent::Domain;
use super::level::{Level, Moments, Tangent};
use super::model::{ALPHA, B, P, Problem, Theta, Tie, U, Z, shares};
use super::rows::Rows;

const ZERO: Wide = Wide::splat(0.0);

/// Starts that are kept.
pub(super) const STARTS: usize = 32;

/// Rates alpha: the largest one halved again and again, whose powers are squares of each other; they end where the decrease
/// over the data is a straight line in ln n.
const RATES: usize = 12;
const STRAIGHT: f64 = 0.25;

/// Valleys whose ln alpha differs by less are beside each other.
const BESIDE: f64 = 0.9;

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

/// A place of the lattice, or where the descent from there has ended.
#[derive(Clone, Copy)]
pub(super) struct Start {
    pub(super) cost: f64,
    pub(super) theta: [f64; P],
    pub(super) is_converged: bool,
    pub(super) iterations: u32,
}

impl Start {
    pub(super) fn new(cost: f64, theta: [f64; P]) -> Start {
        Start { cost, theta, is_converged: false, iterations: 0 }
    }

    pub(super) const NONE: Start = Start { cost: f64::INFINITY, theta: [0.0; P], is_converged: false, iterations: 0 };
}

/// The lowest starts, lowest first.
pub(super) struct Starts {
    list: [Start; STARTS],
    len: usize,
    pub(super) evaluations: u32,
}

impl Starts {
    pub(super) const EMPTY: Starts = Starts { list: [Start::NONE; STARTS], len: 0, evaluations: 0 };

    pub(super) fn add(&mut self, mut start: Start) {
        if !(start.cost < f64::INFINITY) {
            return;
        }
        for slot in self.list.iter_mut().take(self.len) {
            if start.cost < slot.cost {
                core::mem::swap(slot, &mut start);
            }
        }
        if let Some(slot) = self.list.get_mut(self.len) {
            *slot = start;
            self.len += 1;
        }
    }

    pub(super) fn as_slice(&self) -> &[Start] {
        self.list.get(..self.len).unwrap_or(&self.list)
    }

    /// The lowest one that has converged.
    pub(super) fn lowest(&self) -> Start {
        self.as_slice().iter().find(|start| start.is_converged).copied().unwrap_or(Start::NONE)
    }

    /// Fills a group of lanes from start `k` on; the last one is repeated.
    pub(super) fn group(&self, k: usize) -> Option<Theta> {
        let rest = self.as_slice().get(k..)?;
        let mut last = rest.first()?;
        let mut theta = [ZERO; P];
        for lane in 0..WIDTH {
            last = rest.get(lane).unwrap_or(last);
            for (coordinate, value) in theta.iter_mut().zip(last.theta) {
                coordinate.0[lane] = value;
            }
        }
        Some(theta)
    }
}

/// A valley along y, and where it lies.
#[derive(Clone, Copy)]
struct Valley {
    start: Start,
    /// ln(n_h / n_min), and the step of the lattice there.
    at: f64,
    step: f64,
}

/// Those of one beta, lowest first.
#[derive(Clone, Copy)]
struct Valleys {
    list: [Valley; 8],
    len: usize,
}

impl Valleys {
    const EMPTY: Valleys = Valleys { list: [Valley { start: Start::NONE, at: 0.0, step: 0.0 }; 8], len: 0 };

    fn add(&mut self, mut valley: Valley) {
        for slot in self.list.iter_mut().take(self.len) {
            if valley.start.cost < slot.start.cost {
                core::mem::swap(slot, &mut valley);
            }
        }
        if let Some(slot) = self.list.get_mut(self.len) {
            *slot = valley;
            self.len += 1;
        }
    }

    fn as_slice(&self) -> &[Valley] {
        self.list.get(..self.len).unwrap_or(&self.list)
    }

    /// Whether one of these is deeper, no more than two steps beside it, and one rate.
    fn hides(&self, valley: &Valley) -> bool {
        self.as_slice().iter().any(|other| {
            let reach = 2.0 * if other.step > valley.step { other.step } else { valley.step };
            let by = other.start.theta[ALPHA] - valley.start.theta[ALPHA];
            let is_near = (other.at - valley.at).abs() <= reach && by.abs() < BESIDE;
            other.start.cost < valley.start.cost && is_near
        })
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

/// A group of places along y, and at each of them the cost, x and z over the rates, from the least one on.
#[derive(Clone, Copy)]
struct Columns {
    ln_rho: Wide,
    rates: usize,
    least: f64,
    cost: [Wide; RATES],
    x: [Wide; RATES],
    z: [Wide; RATES],
    shift: [Wide; RATES],
}

impl Columns {
    const NONE: Columns = Columns {
        ln_rho: ZERO,
        rates: 0,
        least: 0.0,
        cost: [Wide::splat(f64::INFINITY); RATES],
        x: [ZERO; RATES],
        z: [ZERO; RATES],
        shift: [ZERO; RATES],
    };
}

/// The last two groups and the one in whose place the next comes, at step `k`.
fn turned(groups: &mut [Columns; 3], k: usize) -> [&mut Columns; 3] {
    let [a, b, c] = groups;
    match k % 3 {
        0 => [b, c, a],
        1 => [c, a, b],
        _ => [a, b, c],
    }
}

/// Three groups beside each other.
struct Find<'a> {
    last: &'a Columns,
    here: &'a Columns,
    next: &'a Columns,
    step: f64,
    ln_beta: f64,
}

impl Find<'_> {
    /// The cost at a rate, `lane` steps along y from the first of the middle group.
    fn cost(&self, rate: usize, lane: isize) -> f64 {
        let (columns, lane) = match lane {
            ..0 => (self.last, (lane + WIDTH as isize) as usize),
            _ if lane < WIDTH as isize => (self.here, lane as usize),
            _ => (self.next, lane as usize - WIDTH),
        };
        let cost = columns.cost.get(rate).filter(|_| rate < columns.rates);
        cost.and_then(|cost| cost.0.get(lane)).copied().unwrap_or(f64::INFINITY)
    }

    /// Places that are lower than all eight around them in y and alpha.
    fn valleys(&self, problem: &Problem, valleys: &mut Valleys) {
        let here = self.here;
        let mut alpha = here.least;
        for rate in 0..here.rates.min(RATES) {
            for lane in 0..WIDTH {
                let cost = self.cost(rate, lane as isize);
                let is_valley = [-1, 0, 1].iter().all(|by| {
                    let beside = lane as isize + by;
                    let below = rate.checked_sub(1).map_or(f64::INFINITY, |rate| self.cost(rate, beside));
                    let level = if *by == 0 { f64::INFINITY } else { self.cost(rate, beside) };
                    // Of equal ones the last.
                    let above = self.cost(rate + 1, beside);
                    cost <= below && cost < above && if *by < 0 { cost <= level } else { cost < level }
                });
                if is_valley {
                    let ln_rho = here.ln_rho.0[lane];
                    let y = if problem.has_untrained { ln_rho } else { softplus(ln_rho) };
                    let by_beta = math::exp(-self.ln_beta);
                    let ln_alpha = math::ln(alpha) + here.shift[rate].0[lane];
                    let theta = [here.x[rate].0[lane], here.z[rate].0[lane], y * by_beta, self.ln_beta, ln_alpha];
                    let at = ln_rho * by_beta;
                    valleys.add(Valley { start: Start::new(cost, theta), at, step: self.step });
                }
            }
            alpha *= 2.0;
        }
    }
}

fn softplus(z: f64) -> f64 {
    z.max(0.0) + math::ln(1.0 + math::exp(-z.abs()))
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
