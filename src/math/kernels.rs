//! exp, exp_m1 and ln on one f64; a lane of [`crate::simd::F64x8`] runs the same function, so the bits cannot differ.
//!
//! Written for the loop vectoriser: branch-free (each `if` is a select), no table, no fused operation, and no conversion
//! between f64 and integers, which on x86 is packed only with AVX-512DQ: instead 1.5 * 2^52 is added and the integer
//! read from the low bits. Coefficients and split constants come from tests/oracles/kernel_coefficients.py; the bounds
//! are measured by tests/kernels.rs against a double-double oracle.

/// ln 2 to 42 bits, so that its product with an integer below 2^11 is exact, ...
const LN2_HI: f64 = f64::from_bits(0x3fe6_2e42_fefa_3800);
/// ... and the rest.
const LN2_LO: f64 = f64::from_bits(0x3d2e_f357_93c7_6730);
/// 1.5 * 2^52 + 2 * 1023: x + ROUND is x rounded to an integer k, with k + 2046 in the low bits of the sum.
const ROUND: f64 = 6_755_399_441_055_744.0 + 2046.0;

/// e^x = 2^k (1 + r + lost + rest).
struct Reduced {
    /// k + [`ROUND`].
    shifted: f64,
    /// x - k ln 2, rounded; |r| <= 0.3467.
    r: f64,
    /// What the rounding of r lost.
    lost: f64,
    /// e^r - 1 - r.
    rest: f64,
}

#[cfg_attr(wide, inline(always))]
fn reduce(x: f64) -> Reduced {
    let shifted = x * core::f64::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let high = x - k * LN2_HI;
    let low = k * LN2_LO;
    let r = high - low;
    let lost = (high - r) - low;
    // q = (e^r - 1 - r) / r^2 to 2^-57.9 of e^r, pairwise: the chain is short and only the first pair's rounding counts.
    let r2 = r * r;
    let r4 = r2 * r2;
    let q01 = 0.5000000000000011 + r * 0.16666666666666438;
    let q23 = 0.04166666666652678 + r * 0.008333333333479197;
    let q45 = 0.0013888888944434406 + r * 0.0001984126953789395;
    let q67 = 2.480149231302586e-05 + r * 2.75575595085693e-06;
    let q89 = 2.76305189405556e-07 + r * 2.5008315406392643e-08;
    let q = (q01 + r2 * q23) + r4 * ((q45 + r2 * q67) + r4 * q89);
    Reduced { shifted, r, lost, rest: r2 * q }
}

impl Reduced {
    /// `m` * 2^k. Two factors: 2^k alone would overflow at k = 1024 and be subnormal or zero below -1022. The first
    /// product is exact, so that the result is rounded to a subnormal once.
    #[cfg_attr(wide, inline(always))]
    fn scale(&self, m: f64) -> f64 {
        let bits = self.shifted.to_bits();
        let half = bits >> 1;
        m * f64::from_bits(half << 52) * f64::from_bits(bits.wrapping_sub(half) << 52)
    }
}

#[cfg_attr(wide, inline(always))]
fn clamp(x: f64, low: f64, high: f64) -> f64 {
    // A NaN passes: both comparisons are false.
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// e^x.
#[cfg_attr(wide, inline(always))]
pub(crate) fn exp(x: f64) -> f64 {
    // e^-746 rounds to zero (e^-745.14 is the last that does not), e^710 to infinity (e^709.79 is the first).
    let e = reduce(clamp(x, -746.0, 710.0));
    let sum = 1.0 + e.r;
    let lost = e.r - (sum - 1.0);
    e.scale(sum + ((lost + e.lost) + e.rest))
}

/// e^x - 1 = 2^k ((1 - 2^-k) + r + rest).
#[cfg_attr(wide, inline(always))]
pub(crate) fn exp_m1(x: f64) -> f64 {
    // e^-45 is 2^-65: the result is -1 from there down.
    let e = reduce(clamp(x, -45.0, 710.0));
    // 2^-k; beyond k = 1000 it only has to stay negligible, and its exponent field must not wrap.
    let limited = if e.shifted > ROUND + 1000.0 { ROUND + 1000.0 } else { e.shifted };
    let inverse = f64::from_bits((1023 + 2046_u64).wrapping_sub(limited.to_bits()) << 52);
    // Knuth's two-sum: either term may be the larger one.
    let one = 1.0 - inverse;
    let part = one - 1.0;
    let one_lost = (1.0 - (one - part)) - (inverse + part);
    // Dekker's fast two-sum: |one| >= 1/2 > |r|, or one is 0 and the sum exact.
    let sum = one + e.r;
    let lost = e.r - (sum - one);
    let y = e.scale(sum + (((lost + e.lost) + one_lost) + e.rest));
    // -0 is its own image; above, it became +0.
    if x == 0.0 { x } else { y }
}

/// ln x = k ln 2 + ln(1 + f), x = 2^k (1 + f), 0.689 <= 1 + f < 1.379; k = 0 near 1.
#[cfg_attr(wide, inline(always))]
pub(crate) fn ln(x: f64) -> f64 {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    /// 0.689453125, not sqrt(1/2): so the terms below that are rounded stay under 2^-4 where k ln 2 and f nearly cancel
    /// (0.80 ULP measured, 0.88 with sqrt(1/2)).
    const LOWEST: u64 = 0x3fe6_1000_0000_0000;
    const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
    /// An integer i below 2^52 put into the low bits of this one is the float 2^52 + i.
    const TWO_52: u64 = 0x4330_0000_0000_0000;
    const BIAS: f64 = 4_503_599_627_370_496.0 + 1023.0;
    let subnormal = x < f64::MIN_POSITIVE;
    let normal = if subnormal { x * 18_014_398_509_481_984.0 } else { x }; // 2^54
    let bias = if subnormal { BIAS + 54.0 } else { BIAS };
    let bits = normal.to_bits().wrapping_add(ONE - LOWEST);
    let k = f64::from_bits((bits >> 52) | TWO_52) - bias;
    let f = f64::from_bits((bits & MANTISSA) + LOWEST) - 1.0;
    // ln(1 + f) = 2 atanh s = f - f^2 / 2 + s (f^2 / 2 + p), p = (2 atanh(s) / s - 2) to 2^-57.8 of the logarithm.
    // The form is that of FreeBSD's e_log.c: f is exact, and the rounding of s meets only a small term.
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = z * (0.6666666666666852 + w * (0.2857142892344877 + w * (0.18184524943628635 + w * 0.1503455748413645)));
    let odd = w * (0.39999999998611613 + w * (0.22222179963410468 + w * 0.1528978723360667));
    let half_square = 0.5 * f * f;
    let small = half_square - s * (half_square + (odd + even));
    // Fast two-sum: |k ln 2| >= 0.69 > 0.38 > |f|, or k = 0 and the sum is exact.
    let high = k * LN2_HI;
    let sum = high + f;
    let lost = f - (sum - high);
    let y = sum + ((lost + k * LN2_LO) - small);
    let y = if x > 0.0 { y } else { f64::NAN };
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    if x == f64::INFINITY { x } else { y }
}
