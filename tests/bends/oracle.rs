//! A dense search of its own for the laws that bend: a lattice of rates, then Levenberg and Marquardt from many starts.
//!
//! Nothing is shared with the crate. The coordinates are ln of the decrease that is left at the smallest n, C, u = ln n_h,
//! ln beta and alpha = kappa beta; with sp(z) = ln(1 + e^z) the decrease falls by exp(-kappa (sp(beta (t - u)) - sp(..)));
//! where u is far below the data this is law (1).
#![allow(clippy::needless_range_loop, reason = "indices of matrices: loops over them read like the formulas")]
use crate::common::rng::Rng;

/// Which law, by what ties its rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Law {
    Rectified,
    Shifted,
    Bent,
}

pub const LAWS: [Law; 3] = [Law::Rectified, Law::Shifted, Law::Bent];

/// The domain of beta that the crate documents.
pub const BETA: [f64; 2] = [0.05, 10.0];

/// n_h and 1 / n_h are e^700 at most, in the range of f64; it matters where n = 0 was measured, elsewhere the law is law (1)
/// long before.
const LN_N_H: f64 = 700.0;

#[derive(Clone, Debug)]
pub struct Problem {
    pub law: Law,
    pub n: Vec<f64>,
    pub error: Vec<f64>,
    pub weight: Vec<f64>,
    pub log: bool,
    pub alpha: [f64; 2],
    pub c: [f64; 2],
    /// Huber's delta; infinite for the square.
    pub delta: f64,
}

/// ln of the decrease left at the smallest n, C, ln n_h, ln beta, alpha.
pub type Place = [f64; 5];

#[derive(Clone, Copy, Debug)]
pub struct Found {
    pub cost: f64,
    pub place: Place,
}

fn softplus(z: f64) -> f64 {
    z.max(0.0) + (-z.abs()).exp().ln_1p()
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

impl Problem {
    /// ln of the smallest and of the largest n above 0.
    fn ends(&self) -> [f64; 2] {
        let sizes = || self.n.iter().filter(|n| **n > 0.0);
        [sizes().fold(f64::INFINITY, |a, b| a.min(*b)).ln(), sizes().fold(0.0_f64, |a, b| a.max(*b)).ln()]
    }

    /// What a residual is relative to.
    pub fn size(&self) -> f64 {
        if self.log { 1.0 } else { self.error.iter().fold(0.0, |a: f64, b| a.max(b.abs())) }
    }

    fn loss(&self, r: f64) -> f64 {
        if r.abs() <= self.delta { 0.5 * r * r } else { self.delta * (r.abs() - 0.5 * self.delta) }
    }

    pub fn residual(&self, i: usize, model: f64) -> f64 {
        if self.log { (model / self.error[i]).ln() } else { model - self.error[i] }
    }

    /// The cost of any model.
    pub fn cost_of(&self, model: impl Fn(f64) -> f64) -> f64 {
        (0..self.n.len())
            .filter(|i| self.weight[*i] > 0.0)
            .map(|i| self.weight[i] * self.loss(self.residual(i, model(self.n[i]))))
            .sum()
    }

    fn lower(&self) -> Place {
        let [first, _] = self.ends();
        [f64::NEG_INFINITY, self.c[0], (first - 800.0).max(-LN_N_H), BETA[0].ln(), self.alpha[0]]
    }

    fn upper(&self) -> Place {
        let [_, last] = self.ends();
        [f64::INFINITY, self.c[1], (last + 800.0).min(LN_N_H), BETA[1].ln(), self.alpha[1]]
    }

    /// Ties the rates and moves into the box.
    fn tied(&self, mut place: Place) -> Place {
        let (lower, upper) = (self.lower(), self.upper());
        match self.law {
            Law::Rectified => place[3] = place[4].max(1e-300).ln(),
            Law::Shifted => place[3] = 0.0,
            Law::Bent => {}
        }
        for k in 0..5 {
            place[k] = place[k].max(lower[k]).min(upper[k]);
        }
        if self.law == Law::Rectified {
            place[4] = place[3].exp().max(lower[4]).min(upper[4]);
            place[3] = place[4].ln();
        }
        place
    }

    /// Adds the cost, and the normal equations of the residuals, to sums.
    fn pass(&self, place: &Place, sums: &mut Normal) {
        *sums = Normal::default();
        let [first, _] = self.ends();
        let [level, c, u, ln_beta, alpha] = *place;
        let beta = ln_beta.exp();
        let z = beta * (first - u);
        let (sp_first, s_first) = (softplus(z) / beta, sigmoid(z));
        for i in 0..self.n.len() {
            let w = self.weight[i];
            if w == 0.0 {
                continue;
            }
            // sp / beta, its derivatives by -u and ln beta.
            let (h, s, st) = if self.n[i] == 0.0 {
                (-sp_first, -s_first, -s_first * (first - u))
            } else {
                let t = self.n[i].ln();
                let z = beta * (t - u);
                // Both large: the difference of the logarithms of two sums of the same size.
                let h = if z > 30.0 && beta * (first - u) > 30.0 { t - first } else { softplus(z) / beta - sp_first };
                let s = sigmoid(z);
                (h, s - s_first, s * (t - u) - s_first * (first - u))
            };
            let e = (level - alpha * h).exp();
            let m = c + e;
            let r = self.residual(i, m);
            sums.cost += w * self.loss(r);
            let by_m = if self.log { 1.0 / m } else { 1.0 };
            let mut j = [e, 1.0, e * alpha * s, -e * alpha * (st - h), -e * h];
            if self.law == Law::Rectified {
                j[4] += j[3] / alpha;
                j[3] = 0.0;
            }
            let ratio = if r.abs() <= self.delta { 1.0 } else { self.delta / r.abs() };
            for a in 0..5 {
                let ja = j[a] * by_m * w * ratio;
                sums.gradient[a] += ja * r;
                for b in 0..=a {
                    sums.gram[a][b] += ja * j[b] * by_m;
                }
            }
        }
        if !sums.cost.is_finite() {
            sums.cost = f64::INFINITY;
        }
    }

    /// Goes down from a place.
    pub fn descend(&self, start: Place, iterations: usize) -> Found {
        let (lower, upper) = (self.lower(), self.upper());
        let mut place = self.tied(start);
        let (mut sums, mut trial) = (Normal::default(), Normal::default());
        self.pass(&place, &mut sums);
        let mut damping = 1e-2;
        for _ in 0..iterations {
            let is_free = std::array::from_fn(|k| {
                let is_held = match (k, self.law) {
                    (3, Law::Rectified | Law::Shifted) => true,
                    _ => lower[k] == upper[k],
                };
                let (at_lower, at_upper) = (place[k] <= lower[k], place[k] >= upper[k]);
                let is_pushed = (at_lower && sums.gradient[k] >= 0.0) || (at_upper && sums.gradient[k] <= 0.0);
                !is_held && !is_pushed && sums.gram[k][k] > 0.0
            });
            let step = sums.step(&is_free, damping);
            let next = self.tied(std::array::from_fn(|k| place[k] + step[k]));
            self.pass(&next, &mut trial);
            if trial.cost < sums.cost {
                let gain = (sums.cost - trial.cost) / sums.cost;
                (place, sums) = (next, trial);
                damping = (damping * 0.2).max(1e-15);
                if gain < 1e-13 && damping < 1e-3 {
                    break;
                }
            } else {
                damping = (damping * 5.0).max(1e-12);
                if damping > 1e14 {
                    break;
                }
            }
        }
        Found { cost: sums.cost, place }
    }

    /// The level and C by least squares about the data at given rates, C also held at its lower end.
    fn levels(&self, u: f64, beta: f64, alpha: f64) -> [Place; 2] {
        let [first, _] = self.ends();
        let shape = |n: f64| {
            let at = |t: f64| softplus(beta * (t - u)) / beta;
            let h = if n == 0.0 {
                -at(first)
            } else if beta * (first - u) > 30.0 {
                n.ln() - first
            } else {
                at(n.ln()) - at(first)
            };
            (-alpha * h).exp()
        };
        let (mut s, mut sg, mut sgg, mut se, mut sge) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for i in 0..self.n.len() {
            let w = if self.log { self.weight[i] / (self.error[i] * self.error[i]) } else { self.weight[i] };
            let (g, e) = (shape(self.n[i]), self.error[i]);
            (s, sg, sgg) = (s + w, sg + w * g, sgg + w * g * g);
            (se, sge) = (se + w * e, sge + w * g * e);
        }
        let tiny = 1e-12 * se / s;
        let free = (s * sge - sg * se) / (s * sgg - sg * sg);
        let c = ((se - free * sg) / s).max(self.c[0]).min(self.c[1]);
        [c, self.c[0]].map(|c| {
            let x = ((sge - c * sg) / sgg).max(tiny.abs().max(1e-300));
            [x.ln(), c, u, beta.ln(), alpha]
        })
    }

    /// The lowest cost that many starts reach; `hints` are starts that the caller knows.
    pub fn search(&self, hints: &[Place], rng: &mut Rng) -> Found {
        let [first, last] = self.ends();
        let mut lattice: Vec<(Found, [usize; 3])> = Vec::new();
        let (lower, upper) = (self.lower(), self.upper());
        let betas = match self.law {
            Law::Rectified => 17,
            Law::Shifted => 1,
            Law::Bent => 9,
        };
        let (low, high) = if self.law == Law::Rectified {
            (lower[4].max(BETA[0]), upper[4].min(BETA[1]))
        } else {
            (BETA[0], BETA[1])
        };
        for i in 0..betas {
            let share = if betas > 1 { i as f64 / (betas - 1) as f64 } else { 0.0 };
            let beta = if self.law == Law::Shifted { 1.0 } else { low * (high / low).powf(share) };
            let (before, beyond) = (first - 8.0 / beta, last + 8.0 / beta);
            let steps = ((beyond - before) / (0.8 / beta)).ceil().max(24.0).min(72.0);
            let alphas = if self.law == Law::Rectified { 1 } else { 9 };
            for j in 0..=steps as usize {
                let u = before + (beyond - before) * j as f64 / steps;
                for k in 0..alphas {
                    let top = upper[4].min(10.0);
                    let alpha = if alphas == 1 { beta } else { top * 0.45_f64.powi(k) };
                    if alpha < lower[4] || (lower[4] == upper[4] && k > 0) {
                        continue;
                    }
                    for place in self.levels(u, beta, alpha) {
                        let place = self.tied(place);
                        let mut sums = Normal::default();
                        self.pass(&place, &mut sums);
                        lattice.push((Found { cost: sums.cost, place }, [i, j, k as usize]));
                    }
                }
            }
        }
        lattice.sort_by(|a, b| a.0.cost.total_cmp(&b.0.cost));
        let mut starts: Vec<(Place, [usize; 3])> = Vec::new();
        for (found, at) in &lattice {
            let is_near = |other: &[usize; 3]| (0..3).all(|d| at[d].abs_diff(other[d]) <= 1);
            if starts.len() < 20 && !starts.iter().any(|(_, other)| is_near(other)) {
                starts.push((found.place, *at));
            }
        }
        let mut starts: Vec<Place> = starts.iter().map(|(place, _)| *place).collect();
        for _ in 0..8 {
            let (beta, alpha) = (rng.log_uniform(0.1, 10.0), rng.log_uniform(0.02, 10.0));
            starts.extend(self.levels(rng.uniform(first - 1.0, last + 1.0), beta, alpha));
        }
        for hint in hints {
            starts.push(*hint);
            for _ in 0..3 {
                let mut near = *hint;
                near[0] += 0.3 * rng.normal();
                near[1] *= (0.3 * rng.normal()).exp();
                near[2] += rng.normal();
                near[3] += 0.5 * rng.normal();
                near[4] *= (0.5 * rng.normal()).exp();
                starts.push(near);
            }
        }
        let mut ends: Vec<Found> = starts.iter().map(|start| self.descend(*start, 60)).collect();
        ends.sort_by(|a, b| a.cost.total_cmp(&b.cost));
        let mut best = ends[0];
        for end in ends.iter().take(4) {
            let end = self.descend(end.place, 500);
            if end.cost < best.cost {
                best = end;
            }
        }
        best
    }
}

/// Cost, gradient and J'WJ.
#[derive(Clone, Copy, Default)]
struct Normal {
    cost: f64,
    gradient: [f64; 5],
    gram: [[f64; 5]; 5],
}

impl Normal {
    /// (J'WJ + damping diag) s = -g over the free ones, by Cholesky's factors of the scaled matrix.
    fn step(&self, is_free: &[bool; 5], damping: f64) -> Place {
        let free: Vec<usize> = (0..5).filter(|k| is_free[*k]).collect();
        let unit: Vec<f64> = free.iter().map(|&k| self.gram[k][k].sqrt()).collect();
        let m = free.len();
        let mut factor = vec![vec![0.0; m]; m];
        let mut step = [0.0; 5];
        for a in 0..m {
            for b in 0..=a {
                let mut sum = self.gram[free[a]][free[b]] / (unit[a] * unit[b]);
                if a == b {
                    sum += damping;
                }
                for k in 0..b {
                    sum -= factor[a][k] * factor[b][k];
                }
                factor[a][b] = if a == b { sum.max(1e-15).sqrt() } else { sum / factor[b][b] };
            }
        }
        let mut v: Vec<f64> = (0..m).map(|a| -self.gradient[free[a]] / unit[a]).collect();
        for a in 0..m {
            for k in 0..a {
                v[a] -= factor[a][k] * v[k];
            }
            v[a] /= factor[a][a];
        }
        for a in (0..m).rev() {
            for k in a + 1..m {
                v[a] -= factor[k][a] * v[k];
            }
            v[a] /= factor[a][a];
        }
        for a in 0..m {
            step[free[a]] = v[a] / unit[a];
        }
        // No further than rates and sizes make sense in one step.
        let most = step[2].abs().max(step[3].abs()).max(0.5 * step[0].abs());
        if most > 3.0 {
            step = step.map(|s| s * 3.0 / most);
        }
        step
    }
}
