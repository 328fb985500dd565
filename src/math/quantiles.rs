//! Quantiles of the normal, Student-t and F distributions, to 1e-13 of themselves where tests/data/quantiles.csv looks.
//!
//! Normal: Wichura 1988. t and F: Newton's method on the logarithm of the smaller tail as a function of ln F. Both tails
//! of the distribution of ln F are log-concave, so after one step the iterates approach the root from one side and
//! no bracket is needed. NaN for an argument outside the domain.
use super::{exp, exp_m1, ln, sqrt};

/// Wichura, M. J. (1988), Algorithm AS 241, PPND16: relative accuracy about 1e-16. The centre, |p - 1/2| <= 0.425, ...
const CENTRE: [[f64; 8]; 2] = [
    [
        3.387_132_872_796_366_5,
        1.331_416_678_917_843_8e2,
        1.971_590_950_306_551_3e3,
        1.373_169_376_550_946e4,
        4.592_195_393_154_987e4,
        6.726_577_092_700_87e4,
        3.343_057_558_358_813e4,
        2.509_080_928_730_122_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091e1,
        6.871_870_074_920_579e2,
        5.394_196_021_424_751e3,
        2.121_379_430_158_66e4,
        3.930_789_580_009_271e4,
        2.872_908_573_572_194_3e4,
        5.226_495_278_852_854e3,
    ],
];
/// ... the tails up to sqrt(-ln p) = 5, ...
const TAIL: [[f64; 8]; 2] = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
];
/// ... and beyond.
const FAR_TAIL: [[f64; 8]; 2] = [
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_048_7e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        5.998_322_065_558_88e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];

fn ratio([numerator, denominator]: &[[f64; 8]; 2], x: f64) -> f64 {
    let horner = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, c| sum * x + c);
    horner(numerator) / horner(denominator)
}

/// The z below which a standard normal variable falls with probability `p`, 0 < p < 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    if !(p > 0.0 && p < 1.0) {
        return f64::NAN;
    }
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        return q * ratio(&CENTRE, 0.180625 - q * q);
    }
    let r = sqrt(-ln(if q < 0.0 { p } else { 1.0 - p }));
    let z = if r <= 5.0 { ratio(&TAIL, r - 1.6) } else { ratio(&FAR_TAIL, r - 5.0) };
    if q < 0.0 { -z } else { z }
}

/// The t below which a Student-t variable with `dof` >= 1 degrees of freedom falls with probability `p`, 0 < p < 1.
pub(crate) fn t_quantile(p: f64, dof: f64) -> f64 {
    if !(p > 0.0 && p < 1.0 && dof >= 1.0) {
        return f64::NAN;
    }
    if p == 0.5 {
        return 0.0;
    }
    // The continued fraction takes only as many terms as sqrt(min(1/2, dof / 2)), but ln F would not be finite. From here
    // on t differs from the normal quantile by (z^2 + 1) / (4 dof) of itself, z^2 < 1500: below 1e-13.
    if dof > 4e15 {
        return normal_quantile(p);
    }
    // t^2 is F with 1 and dof degrees of freedom; it exceeds its quantile in both tails of t.
    let outside = 2.0 * if p < 0.5 { p } else { 1.0 - p };
    let inside = 2.0 * (p - 0.5).abs();
    let t = exp(0.5 * ln_f_quantile(inside, outside, 0.5, 0.5 * dof));
    if p < 0.5 { -t } else { t }
}

/// Probability that a Student-t variable with `dof` >= 1 degrees of freedom exceeds `t`.
pub(crate) fn t_tail(t: f64, dof: f64) -> f64 {
    let outside = 0.5 * f_tail(t * t, 1.0, if dof < 1e8 { dof } else { 1e8 });
    if t < 0.0 { 1.0 - outside } else { outside }
}

/// The F below which the ratio of two mean squares with `d1` and `d2` degrees of freedom falls with probability `p`;
/// 0 < p < 1, degrees of freedom from 0.1 to 1e8.
pub(crate) fn f_quantile(p: f64, d1: f64, d2: f64) -> f64 {
    let domain = |d: f64| (0.1..=1e8).contains(&d);
    if !(p > 0.0 && p < 1.0 && domain(d1) && domain(d2)) {
        return f64::NAN;
    }
    exp(ln_f_quantile(p, 1.0 - p, 0.5 * d1, 0.5 * d2))
}

/// Probability that F with `d1` and `d2` degrees of freedom exceeds `x`; NaN outside the domain of [`f_quantile`].
pub(crate) fn f_tail(x: f64, d1: f64, d2: f64) -> f64 {
    let domain = |d: f64| (0.1..=1e8).contains(&d);
    if !(x >= 0.0 && domain(d1) && domain(d2)) {
        return f64::NAN;
    }
    // ln 0 and ln infinity would give 0 * infinity.
    if x == 0.0 {
        return 1.0;
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    exp(LnF::new(0.5 * d1, 0.5 * d2).ln_tail(ln(x), false).0)
}

/// ln of the F quantile with 2a and 2b degrees of freedom; `p` below it, `q` = 1 - p above, each as exact as known.
fn ln_f_quantile(p: f64, q: f64, a: f64, b: f64) -> f64 {
    // Far more than any argument takes: the slowest are heavy tails with p near 1e-300, below 40.
    const STEPS: usize = 200;
    let lower = p <= q;
    let target = ln(if lower { p } else { q });
    let distribution = LnF::new(a, b);
    let mut z = 0.0_f64;
    for _ in 0..STEPS {
        let (ln_tail, slope) = distribution.ln_tail(z, lower);
        let step = (target - ln_tail) / slope;
        // Only the first step can overshoot, where the curve steepens exponentially: let it at most triple the way.
        let limit = 2.0 + 2.0 * z.abs();
        let step = if step > limit {
            limit
        } else if step < -limit {
            -limit
        } else {
            step
        };
        z += step;
        // Quadratic convergence: the error left is of the order of the square, 1e-18.
        if step.abs() <= 1e-9 || z.is_nan() {
            return z;
        }
    }
    f64::NAN
}

/// The distribution of ln F, where w = a F / (b + a F) is beta distributed with `a` and `b`.
struct LnF {
    a: f64,
    b: f64,
    /// ln of the density of ln F at F = 1.
    ln_peak: f64,
}

impl LnF {
    fn new(a: f64, b: f64) -> LnF {
        let rest = stirling_rest(a) + stirling_rest(b) - stirling_rest(a + b);
        LnF { a, b, ln_peak: 0.5 * ln(a * (b / (a + b))) - HALF_LN_2PI - rest }
    }

    /// ln of the probability below (`lower`) or above F = e^z, and its derivative by z.
    fn ln_tail(&self, z: f64, lower: bool) -> (f64, f64) {
        let (a, b) = (self.a, self.b);
        // By symmetry w is the part that is small: without cancellation, without overflow of e^z.
        let swap = z >= 0.0;
        let (z, lower, a, b) = if swap { (-z, !lower, b, a) } else { (z, lower, a, b) };
        let t = a * exp(z);
        let (w, v) = (t / (b + t), b / (b + t));
        // w and v = 1 - w relative to their means: w (a + b) / a = 1 + e1, v (a + b) / b = 1 + e2, e1 <= 0 <= e2.
        let e1 = exp_m1(z) * v;
        let e2 = -e1 * (a / b);
        let ln_v = ln((a + b) / (b + t));
        // w^a v^b / B(a, b): in deviations from the mean large a and b lose no digits.
        let ln_density = self.ln_peak - (a * deviation(e1, z + ln_v) + b * deviation(e2, ln_v));
        let ln_below = ln_density + ln(tail_over_density(a, b, w, v, -a * e1));
        let ln_tail = if lower { ln_below } else { ln(-exp_m1(ln_below)) };
        let slope = exp(ln_density - ln_tail);
        (ln_tail, if lower == swap { -slope } else { slope })
    }
}

/// I_x(a, b) B(a, b) / (x^a y^b), y = 1 - x, lambda = a - (a + b) x >= 0, by the continued fraction of Didonato and Morris
/// (1992), ACM TOMS 708, function BFRAC.
fn tail_over_density(a: f64, b: f64, x: f64, y: f64, lambda: f64) -> f64 {
    // At the mean it takes about 2 sqrt(min(a, b)) terms.
    const TERMS: usize = 30_000;
    let (c, c0, c1) = (1.0 + lambda, b / a, 1.0 + 1.0 / a);
    let (mut p, mut s) = (1.0, a + 1.0);
    let (mut an, mut bn, mut an1, mut bn1) = (0.0, 1.0, 1.0, c / c1);
    let mut r = c1 / c;
    for n in 1..=TERMS {
        let n = n as f64;
        let t = n / a;
        let w = n * (b - n) * x;
        let e = a / s;
        let alpha = (p * (p + c0) * e * e) * (w * x);
        let beta = n + w / s + (1.0 + t) / (c1 + t + t) * (c + n * (1.0 + y));
        p = 1.0 + t;
        s += 2.0;
        (an, an1) = (an1, alpha * an + beta * an1);
        (bn, bn1) = (bn1, alpha * bn + beta * bn1);
        let previous = r;
        r = an1 / bn1;
        // Rounding level.
        if (r - previous).abs() <= 1e-15 * r || r.is_nan() {
            return r;
        }
        (an, bn, an1, bn1) = (an / bn1, bn / bn1, r, 1.0);
    }
    f64::NAN
}

/// e - ln(1 + e), given both, without cancellation for small e.
fn deviation(e: f64, ln_1p: f64) -> f64 {
    if e.abs() > 0.3 {
        return e - ln_1p;
    }
    // ln(1 + e) = 2 atanh s, and e - 2 s = e s; z <= 0.032, and z^11 / 25 is below 1e-17.
    let s = e / (2.0 + e);
    let z = s * s;
    let series = (0..=10).rev().fold(0.0, |sum, j| sum * z + 1.0 / (2.0 * f64::from(j) + 3.0));
    s * (e - 2.0 * z * series)
}

const HALF_LN_2PI: f64 = 0.918_938_533_204_672_8;

/// ln gamma(x) - ((x - 1/2) ln x - x + ln(2 pi) / 2).
fn stirling_rest(mut x: f64) -> f64 {
    // Up to where the series holds, by gamma(x + 1) = x gamma(x).
    let mut below = 0.0;
    while x < 10.0 {
        below += (x + 0.5) * ln(1.0 + 1.0 / x) - 1.0;
        x += 1.0;
    }
    // Abramowitz and Stegun 6.1.41; the next term is below 3e-17.
    const TERMS: [f64; 7] =
        [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0, 1.0 / 156.0];
    let z = 1.0 / (x * x);
    below + TERMS.iter().rev().fold(0.0, |sum, c| sum * z + c) / x
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::{println, vec::Vec};

    /// What the top of the file claims; the test prints what it measures.
    const CLAIMED: f64 = 1e-13;

    #[test]
    fn quantiles_agree_with_the_oracle() {
        let mut worst = [0.0_f64; 3];
        let mut rows = 0;
        for line in include_str!("../../tests/data/quantiles.csv").lines().skip(1) {
            let (name, numbers) = line.split_once(',').expect("a comma");
            let x: Vec<f64> = numbers.split(',').map(|field| field.parse().expect("a number")).collect();
            let (kind, value) = match name {
                "normal" => (0, normal_quantile(x[0])),
                "t" => (1, t_quantile(x[0], x[1])),
                _ => (2, f_quantile(x[0], x[1], x[2])),
            };
            let error = ((value - x[3]) / x[3]).abs();
            assert!(error <= CLAIMED, "{line}: {value:e}, relative error {error:e}");
            worst[kind] = worst[kind].max(error);
            rows += 1;
        }
        println!("relative error of quantiles: normal {:.1e}, t {:.1e}, F {:.1e}", worst[0], worst[1], worst[2]);
        assert!(rows > 600, "{rows} rows");
    }

    #[test]
    fn the_tail_inverts_the_quantile() {
        for (d1, d2) in [(1.0, 3.0), (1.0, 27.0), (2.0, 4.0), (1.0, 1e8), (30.0, 0.5)] {
            for p in [1e-9, 0.01, 0.5, 0.9, 0.999] {
                let tail = f_tail(f_quantile(p, d1, d2), d1, d2);
                // The quantile is right to 1e-13 of itself, and the tail at most some 20 times as steep.
                assert!((tail / (1.0 - p) - 1.0).abs() < 1e-11, "{p} {d1} {d2}: {tail}");
            }
            assert_eq!((f_tail(0.0, d1, d2), f_tail(f64::INFINITY, d1, d2)), (1.0, 0.0), "ends");
        }
        assert!(
            f_tail(-1.0, 1.0, 1.0).is_nan() && f_tail(1.0, 0.0, 1.0).is_nan() && f_tail(f64::NAN, 1.0, 1.0).is_nan()
        );
    }

    #[test]
    fn arguments_outside_the_domain_give_nan() {
        for p in [0.0, 1.0, -0.1, 1.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(normal_quantile(p).is_nan(), "normal {p}");
            assert!(t_quantile(p, 5.0).is_nan(), "t {p}");
            assert!(f_quantile(p, 2.0, 3.0).is_nan(), "F {p}");
        }
        for d in [0.0, -1.0, 0.01, f64::NAN] {
            assert!(t_quantile(0.9, d).is_nan(), "t {d}");
            assert!(f_quantile(0.9, d, 3.0).is_nan(), "F {d}, 3");
            assert!(f_quantile(0.9, 3.0, d).is_nan(), "F 3, {d}");
        }
    }

    #[test]
    fn quantiles_are_symmetric_and_meet_their_limits() {
        assert_eq!(normal_quantile(0.5).to_bits(), 0);
        // Binary fractions, whose 1 - p is exact.
        for p in [1.0 / 1_073_741_824.0, 0.0078125, 0.3125] {
            assert_eq!(normal_quantile(p), -normal_quantile(1.0 - p), "{p}");
            for dof in [1.0, 2.5, 40.0, 1e9] {
                assert_eq!(t_quantile(p, dof), -t_quantile(1.0 - p, dof), "{p} {dof}");
                assert_eq!(t_quantile(0.5, dof).to_bits(), 0, "{dof}");
            }
        }
        // 4e15 is where the normal quantile takes over; t and z differ by (z^2 + 1) / (4 dof) there, 1e-15.
        for p in [1e-300, 1e-3, 0.2, 0.9] {
            let (below, above) = (t_quantile(p, 3.9e15), t_quantile(p, f64::INFINITY));
            assert!((below / above - 1.0).abs() < 1e-12, "{p}: {below} {above}");
        }
    }

    #[test]
    fn every_argument_of_the_domain_gives_a_finite_number_in_bounded_time() {
        for p in [5e-324, 1e-300, 1e-20, 0.3, 0.5, 0.500001, 0.7, 1.0 - f64::EPSILON / 2.0] {
            for dof in [1.0, 1.001, 9.0, 1e3, 1e6, 1e9, 1e12, 3.9e15] {
                let t = t_quantile(p, dof);
                assert!(t.is_finite() || dof < 1.1 && p < 1e-300, "t({p}, {dof}) = {t}");
            }
            for d1 in [0.1, 1.0, 7.0, 1e4, 1e8] {
                for d2 in [0.1, 1.0, 7.0, 1e4, 1e8] {
                    // Far tails with few degrees of freedom leave the range of f64: infinity or 0, never NaN.
                    let f = f_quantile(p, d1, d2);
                    assert!(!f.is_nan(), "F({p}, {d1}, {d2}) = {f}");
                }
            }
        }
    }
}
