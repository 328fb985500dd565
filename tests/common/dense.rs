//! An independent dense global search for law (1): the judge of "global".
//!
//! It shares nothing with the crate: std's mathematics, another algorithm, no speed. For every alpha of a fine grid
//! (geometric in alpha + a0, several hundred) the best (D, C) of the box is found by a scan over the drop of the curve
//! and the edges of the box; by the envelope theorem this also gives the derivative of the profile P(alpha). Every
//! change of sign of P' from - to + between neighbours is refined to rounding, cells in which the cubic through P and P'
//! turns are halved, and the ends of the domain are candidates. `tests/dense.rs` validates it against the reference
//! optima and against scipy.
use super::line::{Rho, convex_line, root};

/// A problem: points, loss and domain. An interval of width 0 is a fixed parameter.
#[derive(Clone, Debug)]
pub struct Problem {
    pub n: Vec<f64>,
    pub error: Vec<f64>,
    pub weight: Vec<f64>,
    /// ln(model) - ln(error), else model - error.
    pub log: bool,
    /// Where Huber's loss turns linear, in units of the residual; `None` is the square loss.
    pub delta: Option<f64>,
    pub d: [f64; 2],
    pub alpha: [f64; 2],
    pub c: [f64; 2],
}

/// A minimum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Optimum {
    pub cost: f64,
    pub d: f64,
    pub alpha: f64,
    pub c: f64,
}

/// Growth of alpha + a0 between grid points; `a_finer_grid_finds_nothing_lower` compares it with 1.0125.
const RATIO: f64 = 1.05;

impl Problem {
    /// Default domain: alpha in [0, 10], D >= 0, C >= 0, weights 1, square loss.
    pub fn new(n: &[f64], error: &[f64], log: bool) -> Problem {
        Problem {
            n: n.to_vec(),
            error: error.to_vec(),
            weight: vec![1.0; n.len()],
            log,
            delta: None,
            d: [0.0, f64::INFINITY],
            alpha: [0.0, 10.0],
            c: [0.0, f64::INFINITY],
        }
    }

    /// Cost of a law: sum of w rho(r). NaN never wins a comparison.
    pub fn cost(&self, d: f64, alpha: f64, c: f64) -> f64 {
        let rho = self.rho();
        self.residuals(d, alpha, c)
            .iter()
            .zip(&self.weight)
            .filter(|(_, w)| **w > 0.0)
            .map(|(r, w)| w * rho.value(*r))
            .sum()
    }

    /// Residuals of a law.
    pub fn residuals(&self, d: f64, alpha: f64, c: f64) -> Vec<f64> {
        let one = |(n, l): (&f64, &f64)| {
            let model = if d == 0.0 { c } else { d * (-alpha * n.ln()).exp() + c };
            if self.log { (model / l).ln() } else { model - l }
        };
        self.n.iter().zip(&self.error).map(one).collect()
    }

    fn rho(&self) -> Rho {
        Rho { delta: self.delta.unwrap_or(f64::INFINITY) }
    }

    /// The global minimum.
    pub fn minimum(&self) -> Optimum {
        self.minima().first().copied().expect("a domain has a minimum")
    }

    /// All local minima of the profile over alpha, and the flat law, lowest first.
    pub fn minima(&self) -> Vec<Optimum> {
        self.minima_on(RATIO)
    }

    /// The same on a grid on which alpha + a0 grows by `ratio`.
    pub fn minima_on(&self, ratio: f64) -> Vec<Optimum> {
        Search::new(self).minima(ratio)
    }
}

/// Huber's delta in robust units: k * 1.4826 MAD (about the median, without weights) at the square-loss optimum.
pub fn robust_delta(problem: &Problem, k: f64) -> f64 {
    let square = Problem { delta: None, ..problem.clone() };
    let best = square.minimum();
    let all = square.residuals(best.d, best.alpha, best.c);
    let mut r: Vec<f64> = all.iter().zip(&problem.weight).filter(|(_, w)| **w > 0.0).map(|(r, _)| *r).collect();
    let centre = median(&mut r);
    let mut away: Vec<f64> = r.iter().map(|x| (x - centre).abs()).collect();
    k * 1.4826 * median(&mut away)
}

fn median(x: &mut [f64]) -> f64 {
    x.sort_by(f64::total_cmp);
    let h = x.len() / 2;
    if x.len() % 2 == 1 { x[h] } else { 0.5 * (x[h - 1] + x[h]) }
}

/// The best of the box at one alpha.
#[derive(Clone, Copy)]
struct Inner {
    alpha: f64,
    cost: f64,
    /// dP/dalpha.
    slope: f64,
    d: f64,
    c: f64,
}

/// The product in which 0 infinity is 0 and infinity 0 infinity: a bound in another unit.
fn times(bound: f64, unit: f64) -> f64 {
    if bound == 0.0 || bound == f64::INFINITY { bound } else { bound * unit }
}

/// A minimum at fixed alpha as C + B v_i, v_i = (n_i/n_0)^-alpha.
#[derive(Clone, Copy)]
struct Pair {
    b: f64,
    c: f64,
    d_held: bool,
}

/// The points with a weight, sorted, in the form in which the search uses them.
struct Search<'a> {
    problem: &'a Problem,
    rho: Rho,
    w: Vec<f64>,
    l: Vec<f64>,
    y: Vec<f64>,
    /// ln(n / n_0), n_0 the smallest n.
    t: Vec<f64>,
    ln_n0: f64,
    t_max: f64,
    /// Scale of the drop of the curve, in ln L.
    drop: f64,
}

impl Search<'_> {
    fn new(problem: &Problem) -> Search<'_> {
        let mut order: Vec<usize> = (0..problem.n.len()).filter(|&i| problem.weight[i] > 0.0).collect();
        order.sort_by(|&i, &j| problem.n[i].total_cmp(&problem.n[j]));
        let n0 = problem.n[order[0]];
        let l: Vec<f64> = order.iter().map(|&i| problem.error[i]).collect();
        let (low, high) = l.iter().fold((f64::INFINITY, f64::MIN), |(a, b), x| (a.min(*x), b.max(*x)));
        let t: Vec<f64> = order.iter().map(|&i| (problem.n[i] / n0).ln()).collect();
        Search {
            problem,
            rho: problem.rho(),
            w: order.iter().map(|&i| problem.weight[i]).collect(),
            y: l.iter().map(|x| x.ln()).collect(),
            l,
            t_max: t[t.len() - 1],
            t,
            ln_n0: n0.ln(),
            // A linear residual admits errors <= 0: then the relative drop is of order 1.
            drop: if low > 0.0 { (high / low).ln().max(1e-12) } else { 1.0 },
        }
    }

    fn free(&self, bounds: [f64; 2]) -> bool {
        bounds[0] < bounds[1]
    }

    fn cost_of(&self, model: impl Fn(usize) -> f64) -> f64 {
        (0..self.w.len()).map(|i| self.w[i] * self.rho.value(self.residual(i, model(i)))).sum()
    }

    fn residual(&self, i: usize, model: f64) -> f64 {
        if self.problem.log { model.ln() - self.y[i] } else { model - self.l[i] }
    }

    /// d cost / d model_i.
    fn pull(&self, i: usize, model: f64) -> f64 {
        let psi = self.w[i] * self.rho.slope(self.residual(i, model));
        if self.problem.log { psi / model } else { psi }
    }

    /// Scale A > 0 that minimises the cost of A phi_i; 0 where all pull below.
    fn scale(&self, phi: &[f64]) -> f64 {
        if self.problem.log {
            convex_line(self.rho, &self.w, |_| 1.0, |i| self.y[i] - phi[i].ln()).exp()
        } else {
            convex_line(self.rho, &self.w, |i| phi[i], |i| self.l[i]).max(0.0)
        }
    }

    /// D and C both free: minima over the drop lambda = ln(L(n_0) / L(n_max)) in [0, alpha t_max], the scale profiled.
    fn drops(&self, alpha: f64, v: &[f64], out: &mut Vec<Pair>) {
        let top = alpha * self.t_max;
        let (mut phi, mut ln_phi) = (vec![0.0; v.len()], vec![0.0; v.len()]);
        let one_minus_last = -(-top).exp_m1();
        let mut at = |lambda: f64| -> (f64, Pair) {
            let slack = -(-lambda).exp_m1() / one_minus_last;
            // The sum makes a 0 of a -0.
            let share = (-lambda).exp() * -(lambda - top).exp_m1() / one_minus_last + 0.0;
            for (p, v) in phi.iter_mut().zip(v) {
                *p = share + slack * v;
            }
            // The derivative with respect to the share of B, up to a positive factor; the scale is stationary.
            let (a, fall) = if self.problem.log {
                for (l, p) in ln_phi.iter_mut().zip(&phi) {
                    *l = p.ln();
                }
                let m = convex_line(self.rho, &self.w, |_| 1.0, |i| self.y[i] - ln_phi[i]);
                let pull = |i: usize| self.w[i] * self.rho.slope(m + ln_phi[i] - self.y[i]) * (v[i] - 1.0) / phi[i];
                (m.exp(), (0..v.len()).map(pull).sum::<f64>())
            } else {
                let a = convex_line(self.rho, &self.w, |i| phi[i], |i| self.l[i]).max(0.0);
                (a, (0..v.len()).map(|i| self.pull(i, a * phi[i]) * a * (v[i] - 1.0)).sum::<f64>())
            };
            (fall, Pair { b: a * slack, c: a * share, d_held: false })
        };
        // Dense where the data say the drop is (up to 3 times their range), geometric beyond, up to C = 0.
        let near = top.min(3.0 * self.drop);
        // 11 places for errors within a factor of ten, some three per e-fold beyond.
        let count = 10.0 + (3.0 * (self.drop - 2.3)).max(0.0).floor();
        let mut grid: Vec<f64> = (0..=count as i32).map(|k| near * (f64::from(k) / count).powi(2)).collect();
        if top > near {
            grid.extend((1..=6).map(|k| near * (top / near).powf(f64::from(k) / 6.0)));
        }
        let last = grid.len() - 1;
        grid[last] = top;
        let mut previous: Option<(f64, f64)> = None;
        for (k, &lambda) in grid.iter().enumerate() {
            let (slope, pair) = at(lambda);
            if (k == 0 && slope >= 0.0) || (k == last && slope <= 0.0) {
                out.push(pair);
            }
            if let Some((before, slope_before)) = previous.filter(|(_, s)| *s < 0.0 && slope > 0.0) {
                let x = root(|x| at(x).0, before, slope_before, lambda, slope);
                out.push(at(x).1);
            }
            previous = Some((lambda, slope));
        }
    }

    /// Minima over x in [lo, hi] of the cost of a_i + x b_i, a_i, b_i >= 0.
    fn edge(&self, a: &[f64], b: &[f64], lo: f64, hi: f64, out: &mut Vec<f64>) {
        if lo >= hi {
            out.push(lo);
            return;
        }
        if !self.problem.log || a.iter().all(|a| *a == 0.0) {
            let x = if self.problem.log {
                self.scale(b)
            } else {
                let x = convex_line(self.rho, &self.w, |i| b[i], |i| self.l[i] - a[i]);
                // Once more for what rounding left.
                x + convex_line(self.rho, &self.w, |i| b[i], |i| self.l[i] - a[i] - x * b[i])
            };
            if !x.is_finite() {
                return;
            }
            out.push(x.max(lo).min(hi));
            return;
        }
        // Outside the zeros of the residuals all of them pull the same way.
        let mut zeros: Vec<f64> = (0..a.len()).map(|i| (self.l[i] - a[i]) / b[i]).filter(|x| x.is_finite()).collect();
        zeros.sort_by(f64::total_cmp);
        let positive: Vec<f64> = zeros.iter().copied().filter(|x| *x > 0.0).collect();
        let mut grid = vec![lo];
        if let Some(first) = positive.first() {
            grid.extend([1e-6, 1e-4, 1e-2, 0.1, 0.3, 0.6].map(|f| first * f));
            for pair in positive.windows(2).step_by(positive.len() / 50 + 1) {
                grid.extend((0..5).map(|k| pair[0] * (pair[1] / pair[0]).powf(f64::from(k) / 5.0)));
            }
            grid.push(positive[positive.len() - 1]);
        }
        grid.push(hi);
        grid.retain(|x| *x >= lo && *x <= hi && x.is_finite());
        let slope = |x: f64| -> f64 { (0..a.len()).map(|i| self.pull(i, a[i] + x * b[i]) * b[i]).sum() };
        let slopes: Vec<f64> = grid.iter().map(|x| slope(*x)).collect();
        let last = grid.len() - 1;
        for k in 0..=last {
            if (k == 0 && slopes[k] >= 0.0) || (k == last && slopes[k] <= 0.0) {
                out.push(grid[k]);
            }
            if k > 0 && slopes[k - 1] < 0.0 && slopes[k] > 0.0 {
                out.push(root(slope, grid[k - 1], slopes[k - 1], grid[k], slopes[k]));
            }
        }
    }

    /// The best (D, C) of the box at this alpha.
    fn inner(&self, alpha: f64) -> Inner {
        let v: Vec<f64> = self.t.iter().map(|t| (-alpha * t).exp()).collect();
        let u0 = (-alpha * self.ln_n0).exp();
        let ([d_lo, d_hi], [c_lo, c_hi]) = (self.problem.d, self.problem.c);
        let mut pairs = Vec::new();
        if self.free(self.problem.d) && self.free(self.problem.c) && alpha > 0.0 {
            match self.levels(alpha).filter(|_| !self.problem.log && self.rho.delta.is_infinite()) {
                // Convex: the best of the box is this, or on an edge.
                Some(pair) => pairs.push(pair),
                None => self.drops(alpha, &v, &mut pairs),
            }
        }
        let mut best: Option<Inner> = None;
        let mut beyond = f64::INFINITY;
        for pair in &pairs {
            let d = pair.b / u0;
            let inside = d >= d_lo && d <= d_hi && pair.c >= c_lo && pair.c <= c_hi;
            if inside {
                self.keep(&mut best, alpha, *pair, &v, u0)
            } else {
                beyond = beyond.min(self.pair_cost(*pair, &v))
            }
        }
        if best.is_none_or(|b| beyond < b.cost) {
            self.edges(&v, u0, &mut |pair| self.keep(&mut best, alpha, pair, &v, u0));
        }
        best.unwrap_or(Inner { alpha, cost: f64::INFINITY, slope: 0.0, d: d_lo, c: c_lo })
    }

    /// Minima on the edges of the box of (D, C).
    fn edges(&self, v: &[f64], u0: f64, keep: &mut dyn FnMut(Pair)) {
        let ([d_lo, d_hi], [c_lo, c_hi]) = (self.problem.d, self.problem.c);
        let mut found = Vec::new();
        if self.free(self.problem.d) {
            for c in [c_lo, c_hi].into_iter().filter(|c| c.is_finite()) {
                let constant = vec![c; v.len()];
                let (lo, hi) = (times(d_lo, u0), times(d_hi, u0));
                self.edge(&constant, v, lo, hi, &mut found);
                for b in found.drain(..) {
                    keep(Pair { b, c, d_held: b <= lo || b >= hi });
                }
            }
        }
        let ones = vec![1.0; v.len()];
        for d in [d_lo, d_hi].into_iter().filter(|d| d.is_finite()) {
            let b = times(d, u0);
            let decaying: Vec<f64> = v.iter().map(|v| times(b, *v)).collect();
            if !b.is_finite() {
                continue;
            }
            self.edge(&decaying, &ones, c_lo, c_hi, &mut found);
            for c in found.drain(..) {
                keep(Pair { b, c, d_held: true });
            }
        }
    }

    /// Minimum over (L0, L1) of the square loss in the linear residual, the law as L0 p + L1 (1 - p): normal equations in
    /// coordinates that are hardly correlated, and two corrections of what rounding leaves.
    fn levels(&self, alpha: f64) -> Option<Pair> {
        let top = alpha * self.t_max;
        let fall = -(-top).exp_m1();
        let p: Vec<f64> =
            self.t.iter().map(|t| -(-alpha * (self.t_max - t)).exp_m1() * (-alpha * t).exp() / fall).collect();
        let (mut first, mut last) = (0.0, 0.0);
        for _ in 0..3 {
            let (mut a, mut b, mut c, mut f, mut g) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for (i, &p) in p.iter().enumerate() {
                let (w, q) = (self.w[i], 1.0 - p);
                let r = self.l[i] - (first * p + last * q);
                (a, b, c) = (a + w * p * p, b + w * p * q, c + w * q * q);
                (f, g) = (f + w * p * r, g + w * q * r);
            }
            let determinant = a * c - b * b;
            (first, last) = (first + (c * f - b * g) / determinant, last + (a * g - b * f) / determinant);
        }
        // L0 = B + C, L1 = B e^-top + C.
        let b = (first - last) / fall;
        Some(Pair { b, c: last - b * (-top).exp(), d_held: false }).filter(|p| p.b.is_finite() && p.c.is_finite())
    }

    fn pair_cost(&self, pair: Pair, v: &[f64]) -> f64 {
        self.cost_of(|i| pair.c + pair.b * v[i])
    }

    fn keep(&self, best: &mut Option<Inner>, alpha: f64, pair: Pair, v: &[f64], u0: f64) {
        let cost = self.pair_cost(pair, v);
        if !cost.is_finite() || best.is_some_and(|b| b.cost <= cost) {
            return;
        }
        // With D free, B may be held as alpha moves (it is stationary); with D at a bound, D is held.
        let log_n = |i: usize| if pair.d_held { self.t[i] + self.ln_n0 } else { self.t[i] };
        let slope = (0..v.len()).map(|i| -self.pull(i, pair.c + pair.b * v[i]) * pair.b * v[i] * log_n(i)).sum();
        *best = Some(Inner { alpha, cost, slope, d: pair.b / u0, c: pair.c });
    }

    fn grid(&self, ratio: f64) -> Vec<f64> {
        let [lo, hi] = self.problem.alpha;
        let long = self.t_max.max(self.ln_n0.abs()).max((self.t_max + self.ln_n0).abs()).max(1e-3);
        // With D fixed the minima lie at alpha ~ drop / (D ln n), 1e-4 and less.
        let a0 = 1e-4 / long;
        // Errors over many e-folds turn the law within a small share of alpha.
        let wide = if self.problem.log { 1.0 + (self.drop / 5.0) } else { 1.0 };
        let count = (((hi + a0) / (lo + a0)).ln() / ratio.ln() * wide).ceil().max(1.0);
        let step = ((hi + a0) / (lo + a0)).ln() / count;
        let mut grid: Vec<f64> = (0..=count as usize).map(|k| (lo + a0) * (step * k as f64).exp() - a0).collect();
        grid[0] = lo;
        *grid.last_mut().expect("two ends") = hi;
        if lo == 0.0 {
            grid.insert(1, 1e-3 * a0);
        }
        grid
    }

    fn minima(&self, ratio: f64) -> Vec<Optimum> {
        let mut found = Vec::new();
        let cells: Vec<Inner> = if self.free(self.problem.alpha) {
            self.grid(ratio).into_iter().map(|a| self.inner(a)).collect()
        } else {
            vec![self.inner(self.problem.alpha[0])]
        };
        let take = |i: Inner| Optimum { cost: i.cost, d: i.d, alpha: i.alpha, c: i.c };
        let lowest = cells.iter().fold(f64::INFINITY, |m, i| m.min(i.cost));
        for pair in cells.windows(2) {
            self.cell(pair[0], pair[1], lowest, 0, &mut |i| found.push(take(i)));
        }
        let (first, last) = (cells[0], cells[cells.len() - 1]);
        if first.slope >= 0.0 {
            found.push(take(first));
        }
        if last.slope <= 0.0 {
            found.push(take(last));
        }
        found.extend(self.flat());
        found.retain(|o| o.cost.is_finite());
        found.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        found
    }

    /// Minima inside one cell of the grid; `lowest` is the lowest cost of the grid.
    fn cell(&self, a: Inner, b: Inner, lowest: f64, depth: u32, out: &mut dyn FnMut(Inner)) {
        let is_bracket = a.slope < 0.0 && b.slope > 0.0;
        // The cubic through both values and slopes: its derivative is q(s) = d0 + q1 s + q2 s^2 on [0, 1].
        let h = b.alpha - a.alpha;
        let mean = (b.cost - a.cost) / h;
        let (q1, q2) = (-4.0 * a.slope - 2.0 * b.slope + 6.0 * mean, 3.0 * (a.slope + b.slope) - 6.0 * mean);
        let turn = -0.5 * q1 / q2;
        let turns = turn > 0.0 && turn < 1.0 && (a.slope + 0.5 * q1 * turn) * a.slope < 0.0 && a.slope * b.slope > 0.0;
        // Rounding of the cost makes every cell turn where the profile is level to 1e-13.
        let level = (b.cost - a.cost).abs() <= 1e-13 * (a.cost + b.cost);
        // Near the lowest cost the cubic must say what lies between, or the cell is halved.
        let is_near = a.cost.min(b.cost) < 100.0 * lowest + 1e-12;
        if depth < 6 && !level && (turns || (is_near && depth < 4)) {
            let middle = self.inner(0.5 * (a.alpha + b.alpha));
            let cubic = 0.5 * (a.cost + b.cost) + 0.125 * h * (a.slope - b.slope);
            let is_smooth = (middle.cost - cubic).abs() <= 0.01 * lowest.min(middle.cost);
            if turns || !is_smooth {
                self.cell(a, middle, lowest, depth + 1, out);
                self.cell(middle, b, lowest, depth + 1, out);
                return;
            }
        }
        if is_bracket {
            let x = root(|x| self.inner(x).slope, a.alpha, a.slope, b.alpha, b.slope);
            out(self.inner(x));
        }
    }

    /// The best constant law: D = 0, or alpha = 0 if the domain has it.
    fn flat(&self) -> Option<Optimum> {
        let ([d_lo, d_hi], [c_lo, c_hi]) = (self.problem.d, self.problem.c);
        let (lo, hi) = match (self.problem.alpha[0] == 0.0, d_lo == 0.0) {
            (true, _) => (c_lo + d_lo, c_hi + d_hi),
            (false, true) => (c_lo, c_hi),
            (false, false) => return None,
        };
        let level = self.scale(&vec![1.0; self.w.len()]).max(lo).min(hi);
        let c = level.min(c_hi).min(level - d_lo);
        Some(Optimum { cost: self.cost_of(|_| level), d: level - c, alpha: self.problem.alpha[0], c })
    }
}
