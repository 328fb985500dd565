//! exp, exp_m1 and ln: ULP errors over more than 10^7 arguments each, special values, properties.
#[path = "common/dd.rs"]
mod dd;

use dd::{Dd, Oracle, ulps};
use syn2real::simd::{F64x8, Isa, Kernel};

/// Largest error in units of the last place that the documentation claims; the tests print what they measure.
const CLAIMED: [(&str, f64); 3] = [("exp", 0.8), ("exp_m1", 1.2), ("ln", 0.85)];

#[derive(Clone, Copy, PartialEq)]
enum Function {
    Exp,
    ExpM1,
    Ln,
}
use Function::{Exp, ExpM1, Ln};

struct Map<'a>(Function, &'a mut [F64x8]);

impl Kernel for Map<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        match self.0 {
            Exp => {
                for x in self.1 {
                    *x = x.exp();
                }
            }
            ExpM1 => {
                for x in self.1 {
                    *x = x.exp_m1();
                }
            }
            Ln => {
                for x in self.1 {
                    *x = x.ln();
                }
            }
        }
    }
}

fn one(function: Function, x: f64) -> f64 {
    let mut block = [F64x8::splat(x)];
    Isa::detect().dispatch(Map(function, &mut block));
    block[0].0[3]
}

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * ((self.bits() >> 11) as f64 / (1_u64 << 53) as f64)
    }
    /// Uniform in bits over [low, high], both positive.
    fn in_bits(&mut self, low: f64, high: f64) -> f64 {
        f64::from_bits(low.to_bits() + self.bits() % (high.to_bits() - low.to_bits() + 1))
    }
    fn sign(&mut self) -> f64 {
        if self.bits() & 1 == 0 { 1.0 } else { -1.0 }
    }
}

struct Domain {
    name: &'static str,
    function: Function,
    count: usize,
    draw: fn(&mut Random) -> f64,
}

/// ln of the smallest normal, of half the smallest subnormal, and of the largest number.
const SUBNORMAL: f64 = -708.396_418_532_264_1;
const ZERO: f64 = -745.133_219_101_941_1;
const OVERFLOW: f64 = 709.782_712_893_384;

const DOMAINS: [Domain; 14] = [
    Domain { name: "bits", function: Exp, count: 2_000_000, draw: |r| r.sign() * r.in_bits(5e-324, 708.0) },
    Domain { name: "normal results", function: Exp, count: 4_500_000, draw: |r| r.uniform(SUBNORMAL, OVERFLOW) },
    Domain { name: "near 0", function: Exp, count: 2_500_000, draw: |r| r.uniform(-1.0, 1.0) },
    Domain { name: "near overflow", function: Exp, count: 500_000, draw: |r| r.uniform(709.0, OVERFLOW) },
    Domain { name: "subnormal results", function: Exp, count: 1_000_000, draw: |r| r.uniform(ZERO, SUBNORMAL) },
    Domain { name: "bits", function: ExpM1, count: 4_000_000, draw: |r| r.sign() * r.in_bits(1e-290, 690.0) },
    Domain { name: "near 0", function: ExpM1, count: 4_000_000, draw: |r| r.uniform(-2.0, 2.0) },
    Domain { name: "small numbers", function: ExpM1, count: 1_000_000, draw: |r| r.sign() * r.in_bits(1e-17, 0.5) },
    Domain { name: "wide", function: ExpM1, count: 1_500_000, draw: |r| r.uniform(-50.0, 60.0) },
    Domain { name: "bits", function: Ln, count: 4_500_000, draw: |r| r.in_bits(5e-324, f64::MAX) },
    Domain { name: "near 1", function: Ln, count: 3_500_000, draw: |r| r.uniform(0.5, 2.0) },
    Domain { name: "nearer 1", function: Ln, count: 1_000_000, draw: |r| r.uniform(0.99, 1.01) },
    Domain { name: "at 1", function: Ln, count: 500_000, draw: |r| 1.0 + r.sign() * r.in_bits(1e-15, 1e-3) },
    Domain { name: "subnormals", function: Ln, count: 1_000_000, draw: |r| r.in_bits(5e-324, f64::MIN_POSITIVE) },
];

/// The worst error of `count` arguments, and where.
fn worst(oracle: &Oracle, domain: &Domain, count: usize, seed: u64) -> (f64, f64) {
    const BLOCKS: usize = 512;
    let mut random = Random(seed);
    let mut worst = (0.0, 0.0);
    for _ in 0..count.div_ceil(8 * BLOCKS) {
        let arguments: Vec<F64x8> =
            (0..BLOCKS).map(|_| F64x8(std::array::from_fn(|_| (domain.draw)(&mut random)))).collect();
        let mut values = arguments.clone();
        Isa::detect().dispatch(Map(domain.function, &mut values));
        for (x, y) in arguments.iter().flat_map(|b| b.0).zip(values.iter().flat_map(|b| b.0)) {
            let (exact, k) = match domain.function {
                Exp => oracle.exp(x),
                ExpM1 => (oracle.exp_m1(x), 0),
                Ln => (oracle.ln(x), 0),
            };
            let error = ulps(y, exact, k);
            // Not `>`: a NaN must count as the worst of errors.
            if !(error <= worst.0) {
                worst = (error, x);
            }
        }
    }
    worst
}

fn check_ulps(function: Function) {
    let oracle = Oracle::new();
    let (name, claimed) = CLAIMED[function as usize];
    let (mut total, mut largest) = (0, 0.0_f64);
    for (number, domain) in DOMAINS.iter().enumerate().filter(|(_, d)| d.function == function) {
        let halves = std::thread::scope(|scope| {
            [0, 1].map(|half| scope.spawn({
                let oracle = &oracle;
                move || worst(oracle, domain, domain.count / 2, 1000 * number as u64 + half)
            })).map(|handle| handle.join().expect("a worker panicked"))
        });
        let (error, x) = if halves[0].0 < halves[1].0 { halves[1] } else { halves[0] };
        println!("{name:8}{:20}{:>10} arguments: {error:.4} ULP at {x:e}", domain.name, domain.count);
        total += domain.count;
        largest = largest.max(error);
        assert!(error <= claimed, "{name}, {}: {error} ULP at {x:e}, claimed {claimed}", domain.name);
    }
    assert!(total >= 10_000_000, "{total} arguments");
    // A claim far above what is measured has gone stale.
    assert!(largest > claimed - 0.1, "{name}: claimed {claimed}, measured {largest}");
}

#[test]
fn exp_is_within_its_claimed_ulps() {
    check_ulps(Exp);
}

#[test]
fn exp_m1_is_within_its_claimed_ulps() {
    check_ulps(ExpM1);
}

#[test]
fn ln_is_within_its_claimed_ulps() {
    check_ulps(Ln);
}

/// The oracle itself against mpmath: 2^-95 is 10^-13 of an ULP.
#[test]
fn the_oracle_agrees_with_mpmath() {
    let oracle = Oracle::new();
    let bits = |s: &str| u64::from_str_radix(s, 16).expect("hexadecimal");
    let (mut rows, mut worst) = (0, 0.0_f64);
    for line in include_str!("data/exp_ln_oracle.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let (x, k) = (f64::from_bits(bits(fields[1])), fields[2].parse::<i32>().expect("an exponent"));
        let expected = Dd { hi: f64::from_bits(bits(fields[3])), lo: f64::from_bits(bits(fields[4])) };
        let (value, value_k) = match fields[0] {
            "exp" => oracle.exp(x),
            "exp_m1" => (oracle.exp_m1(x), 0),
            _ => (oracle.ln(x), 0),
        };
        let value = value.scaled(value_k - k);
        let error = (((value.hi - expected.hi) + (value.lo - expected.lo)) / expected.hi).abs();
        assert!(error <= 2.0_f64.powi(-95), "{line}: relative error {error:e}");
        worst = worst.max(error);
        rows += 1;
    }
    println!("double-double oracle against mpmath, {rows} rows: relative error 2^{:.1}", worst.log2());
    assert!(rows > 1500, "{rows} rows");
}
