//! Quantiles of the normal, Student-t and F distributions, to 1e-12 of themselves where tests/data/quantiles.csv looks.
//!
//! Normal: Wichura 1988. t and F: Newton's method on the logarithm of the smaller tail as a function of ln F. Both tails
//! of the distribution of ln F are log-concave, so after one step the iterates approach the root from one side and
//! no bracket is needed. NaN for an argument outside the domain.
use super::{exp, exp_m1, ln, ln_gamma, sqrt};

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
    // t differs from z by (z^2 + 1) / (4 dof) of itself, z^2 < 1500: nothing is left of 1e-12 there.
    if dof > 1e16 {
        return normal_quantile(p);
    }
    if p == 0.5 {
        return 0.0;
    }
    // t^2 is F with 1 and dof degrees of freedom; it exceeds its quantile in both tails of t.
    let outside = 2.0 * if p < 0.5 { p } else { 1.0 - p };
    let inside = 2.0 * (p - 0.5).abs();
    let t = exp(0.5 * ln_f_quantile(inside, outside, 0.5, 0.5 * dof));
    if p < 0.5 { -t } else { t }
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

/// ln of the F quantile with 2a and 2b degrees of freedom; `p` below it, `q` = 1 - p above, each as exact as known.
fn ln_f_quantile(p: f64, q: f64, a: f64, b: f64) -> f64 {
    // Far more than any argument takes: the slowest are heavy tails with p near 1e-300, below 40.
    const STEPS: usize = 200;
    let lower = p <= q;
    let target = ln(if lower { p } else { q });
    let constants = Constants::new(a, b);
    let mut z = 0.0_f64;
    for _ in 0..STEPS {
        let (ln_tail, slope) = constants.ln_tail(z, lower);
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
        // Quadratic convergence: the error left is of the order of the square, 1e-18. NaN ends the loop, too.
        if !(step.abs() > 1e-9) {
            return z;
        }
    }
    f64::NAN
}

/// The beta distribution of w = a F / (b + a F).
struct Constants {
    a: f64,
    b: f64,
    /// ln of the density of ln F at F = 1.
    ln_peak: f64,
}

impl Constants {
    fn new(a: f64, b: f64) -> Constants {
        const HALF_LN_2PI: f64 = 0.918_938_533_204_672_8;
        let ln_peak =
            0.5 * ln(a * (b / (a + b))) - HALF_LN_2PI - (stirling_rest(a) + stirling_rest(b) - stirling_rest(a + b));
        Constants { a, b, ln_peak }
    }

    /// ln of the probability below (or above) F = e^z, and its derivative by z.
    fn ln_tail(&self, z: f64, lower: bool) -> (f64, f64) {
        let Constants { a, b, .. } = *self;
        // w and 1 - w, each without cancellation.
        let f = exp(z);
        let (w, v) = if z < 0.0 {
            let t = a * f;
            (t / (b + t), b / (b + t))
        } else {
            let t = b * exp(-z);
            (a / (a + t), t / (a + t))
        };
        // ln of w^a (1 - w)^b / B(a, b), the density of ln F: the deviations of w and 1 - w from their means relative to
        // those; in this form large a and b lose no digits (Didonato & Morris 1992, ACM TOMS 708, function BRCOMP).
        let (e1, e2) = if z < 0.0 {
            let t = exp_m1(z);
            (t * v, -t * v * a / b)
        } else {
            let t = -exp_m1(-z);
            (t * w * b / a, -t * w)
        };
        let ln_density = self.ln_peak - (a * deviation(e1, v, z, true) + b * deviation(e2, w, z, false));
        let _ = (f, lower);
        (ln_density, 0.0)
    }
}
