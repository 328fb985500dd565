//! exp, exp_m1 and ln in double-double arithmetic, about 100 bits: the oracle of the ULP tests, itself checked against
//! mpmath. Algorithms: Dekker 1971, Knuth's two-sum; the functions by table and Taylor series, ln by one Newton step.
#![allow(clippy::disallowed_methods, reason = "std's ln is only the start of a Newton step")]

#[derive(Clone, Copy, Debug)]
pub(crate) struct Dd {
    pub(crate) hi: f64,
    pub(crate) lo: f64,
}

fn two_sum(a: f64, b: f64) -> Dd {
    let hi = a + b;
    let part = hi - a;
    Dd { hi, lo: (a - (hi - part)) + (b - part) }
}

fn fast_two_sum(a: f64, b: f64) -> Dd {
    let hi = a + b;
    Dd { hi, lo: b - (hi - a) }
}

/// Veltkamp's split: two halves of at most 26 bits.
fn split(a: f64) -> (f64, f64) {
    let c = 134_217_729.0 * a; // 2^27 + 1
    let high = c - (c - a);
    (high, a - high)
}

fn two_product(a: f64, b: f64) -> Dd {
    let hi = a * b;
    let ((ah, al), (bh, bl)) = (split(a), split(b));
    Dd { hi, lo: ((ah * bh - hi) + ah * bl + al * bh) + al * bl }
}

impl Dd {
    pub(crate) const ONE: Dd = Dd { hi: 1.0, lo: 0.0 };

    pub(crate) fn new(x: f64) -> Dd {
        Dd { hi: x, lo: 0.0 }
    }
    pub(crate) fn plus(self, b: Dd) -> Dd {
        let (s, t) = (two_sum(self.hi, b.hi), two_sum(self.lo, b.lo));
        let v = fast_two_sum(s.hi, s.lo + t.hi);
        fast_two_sum(v.hi, v.lo + t.lo)
    }
    pub(crate) fn times(self, b: Dd) -> Dd {
        let p = two_product(self.hi, b.hi);
        fast_two_sum(p.hi, p.lo + (self.hi * b.lo + self.lo * b.hi))
    }
    pub(crate) fn over(self, b: Dd) -> Dd {
        let q1 = self.hi / b.hi;
        let rest = self.plus(b.times(Dd::new(-q1)));
        let q2 = rest.hi / b.hi;
        let rest = rest.plus(b.times(Dd::new(-q2)));
        fast_two_sum(q1, q2).plus(Dd::new(rest.hi / b.hi))
    }
    /// Times 2^k, exact where nothing leaves the range of normal numbers.
    pub(crate) fn scaled(self, k: i32) -> Dd {
        Dd { hi: scale(self.hi, k), lo: scale(self.lo, k) }
    }
}

/// x 2^k in at most four exact factors.
pub(crate) fn scale(mut x: f64, mut k: i32) -> f64 {
    while k != 0 {
        let step = k.clamp(-1000, 1000);
        x *= f64::from_bits(((1023 + step) as u64) << 52);
        k -= step;
    }
    x
}

/// Tables: e^(j / 64) and 1 / n!.
pub(crate) struct Oracle {
    powers: [Dd; 49],
    inverse_factorials: [Dd; 40],
}

impl Oracle {
    pub(crate) fn new() -> Oracle {
        let mut inverse_factorials = [Dd::ONE; 40];
        for n in 1..40 {
            inverse_factorials[n] = inverse_factorials[n - 1].over(Dd::new(n as f64));
        }
        // |j / 64| <= 3/8: (3/8)^40 / 40! is below 2^-200.
        let powers = std::array::from_fn(|i| {
            let x = Dd::new((i as f64 - 24.0) / 64.0);
            inverse_factorials.iter().rev().fold(Dd::new(0.0), |sum, c| sum.times(x).plus(*c))
        });
        Oracle { powers, inverse_factorials }
    }

    /// (e^r - 1) / r for |r| <= 1/128: terms n >= 8 are below 2^-56 of the first and need only a double.
    fn series(&self, r: Dd) -> Dd {
        let tail = (8..=13).rev().fold(0.0, |sum, n| sum * r.hi + self.inverse_factorials[n].hi);
        (1..=7).rev().fold(Dd::new(tail), |sum, n| sum.times(r).plus(self.inverse_factorials[n]))
    }

    /// (m, k) with e^x = 2^k m, for |x| < 1000.
    pub(crate) fn exp(&self, x: f64) -> (Dd, i32) {
        // ln 2 in 42 + 42 + 53 bits: the products with k < 2^11 are exact in the first two.
        const LN2: [f64; 3] = [
            f64::from_bits(0x3fe6_2e42_fefa_3800),
            f64::from_bits(0x3d2e_f357_93c7_6000),
            f64::from_bits(0x3a8c_c01f_97b5_7a08),
        ];
        let k = (x * std::f64::consts::LOG2_E).round();
        let r = two_sum(x, -k * LN2[0]).plus(Dd::new(-k * LN2[1])).plus(two_product(-k, LN2[2]));
        let j = (r.hi * 64.0).round();
        let r = r.plus(Dd::new(-j / 64.0));
        let m = self.series(r).times(r).plus(Dd::ONE).times(self.powers[(j + 24.0) as usize]);
        (m, k as i32)
    }

    /// e^x - 1 for |x| < 700, to about 2^-95 of itself.
    pub(crate) fn exp_m1(&self, x: f64) -> Dd {
        if x.abs() < 1.0 / 128.0 {
            return self.series(Dd::new(x)).times(Dd::new(x));
        }
        let (m, k) = self.exp(x);
        m.scaled(k).plus(Dd::new(-1.0))
    }

    /// ln x for positive finite x.
    pub(crate) fn ln(&self, x: f64) -> Dd {
        if (x - 1.0).abs() < 1.0 / 16.0 {
            // 2 atanh s, s <= 2^-4.95: s^22 / 23 is below 2^-113.
            let s = Dd::new(x - 1.0).over(two_sum(x, 1.0));
            let z = s.times(s);
            let sum = (0..=11)
                .rev()
                .fold(Dd::new(0.0), |sum, j| sum.times(z).plus(Dd::new(2.0).over(Dd::new(2.0 * j as f64 + 1.0))));
            return sum.times(s);
        }
        // y + z - z^2 / 2, z = x e^-y - 1; |z| < 2^-40 makes the next term smaller than 2^-120.
        let y = x.ln();
        let (m, k) = self.exp(-y);
        let (x, e) = if x < f64::MIN_POSITIVE { (scale(x, 200), -200) } else { (x, 0) };
        let exponent = ((x.to_bits() >> 52) as i32) - 1023;
        let z = m.times(Dd::new(scale(x, -exponent))).scaled(k + e + exponent).plus(Dd::new(-1.0));
        Dd::new(y).plus(z).plus(z.times(z).times(Dd::new(-0.5)))
    }
}

/// |computed - 2^k exact| in units of the last place of the exact value: of 2^-1074 where that is subnormal.
pub(crate) fn ulps(computed: f64, exact: Dd, k: i32) -> f64 {
    if exact.hi == 0.0 {
        return if computed == 0.0 { 0.0 } else { f64::INFINITY };
    }
    // |exact| in [2^e, 2^(e+1)): a power of two with a negative rest lies in the binade below.
    let mut e = ((exact.hi.to_bits() >> 52) & 0x7ff) as i32 - 1023;
    if exact.hi.to_bits() << 12 == 0 && exact.lo != 0.0 && (exact.lo < 0.0) == (exact.hi > 0.0) {
        e -= 1;
    }
    let unit = (e + k).max(-1022) - 52;
    let exact = exact.scaled(k - unit);
    let error = ((scale(computed, -unit) - exact.hi) - exact.lo).abs();
    if error.is_nan() { f64::INFINITY } else { error }
}
