//! One-dimensional tools of the dense search: exact minimum of a convex piecewise quadratic, bracketed roots.

/// The loss rho(r) and its derivative; `delta` infinite is the square loss.
#[derive(Clone, Copy)]
pub struct Rho {
    pub delta: f64,
}

impl Rho {
    pub fn value(self, r: f64) -> f64 {
        let a = r.abs();
        if a <= self.delta { 0.5 * r * r } else { self.delta * (a - 0.5 * self.delta) }
    }

    pub fn slope(self, r: f64) -> f64 {
        // f64::clamp would panic on a NaN delta.
        if r > self.delta {
            self.delta
        } else if r < -self.delta {
            -self.delta
        } else {
            r
        }
    }
}

/// Minimiser over x of sum_i w_i rho(a_i x - b_i), a_i >= 0 and some a_i > 0, found exactly: binary search over the
/// sorted kinks (b_i +- delta) / a_i, then the closed form of the piece.
pub fn convex_line(rho: Rho, w: &[f64], a: impl Fn(usize) -> f64, b: impl Fn(usize) -> f64) -> f64 {
    let m = w.len();
    if rho.delta.is_infinite() {
        let (mut num, mut den) = (0.0, 0.0);
        for (i, w) in w.iter().enumerate() {
            num += w * a(i) * b(i);
            den += w * a(i) * a(i);
        }
        return num / den;
    }
    let slope = |x: f64| -> f64 { (0..m).map(|i| w[i] * a(i) * rho.slope(a(i) * x - b(i))).sum() };
    let mut kinks: Vec<f64> = (0..m)
        .filter(|&i| a(i) > 0.0 && w[i] > 0.0)
        .flat_map(|i| [(b(i) - rho.delta) / a(i), (b(i) + rho.delta) / a(i)])
        .filter(|k| k.is_finite())
        .collect();
    kinks.sort_by(f64::total_cmp);
    if kinks.is_empty() {
        return 0.0;
    }
    let first_up = kinks.partition_point(|&k| slope(k) < 0.0).min(kinks.len() - 1);
    if first_up == 0 {
        return kinks[0];
    }
    let (lo, hi) = (kinks[first_up - 1], kinks[first_up]);
    let mid = 0.5 * (lo + hi);
    let (mut num, mut den) = (0.0, 0.0);
    for (i, w) in w.iter().enumerate() {
        let r = a(i) * mid - b(i);
        if r.abs() <= rho.delta {
            num += w * a(i) * b(i);
            den += w * a(i) * a(i);
        } else {
            num -= w * a(i) * rho.slope(r);
        }
    }
    if den > 0.0 { (num / den).max(lo).min(hi) } else { mid }
}

/// Root of `f` in [a, b] with f(a) < 0 < f(b), by Chandrupatla's method (1997): inverse quadratic interpolation where
/// it is safe, bisection elsewhere. Converges to a change of sign from - to + even where `f` jumps.
pub fn root(mut f: impl FnMut(f64) -> f64, a: f64, fa: f64, b: f64, fb: f64) -> f64 {
    let (mut x1, mut f1, mut x2, mut f2) = (b, fb, a, fa);
    let mut t = 0.5;
    // 120 bisections shrink any bracket of f64 below its rounding.
    for _ in 0..120 {
        let x = x1 + t * (x2 - x1);
        let y = f(x);
        let (x3, f3);
        if y.signum() == f1.signum() {
            (x3, f3) = (x1, f1);
        } else {
            (x3, f3) = (x2, f2);
            (x2, f2) = (x1, f1);
        }
        (x1, f1) = (x, y);
        let xm = if f1.abs() < f2.abs() { x1 } else { x2 };
        let tolerance = 4.0 * f64::EPSILON * xm.abs() + f64::MIN_POSITIVE;
        let tl = tolerance / (x2 - x1).abs();
        if tl > 0.5 || y == 0.0 || !y.is_finite() {
            return xm;
        }
        let xi = (x1 - x2) / (x3 - x2);
        let phi = (f1 - f2) / (f3 - f2);
        t = if phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi {
            f1 / (f2 - f1) * f3 / (f2 - f3) + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
        } else {
            0.5
        };
        t = t.max(tl).min(1.0 - tl);
    }
    x1
}
