//! exp, exp_m1 and ln: ULP errors over more than 10^7 arguments each, special values, properties.
#[path = "common/dd.rs"]
mod dd;

use dd::{Dd, Oracle, ulps};
use syn2real::simd::{F64x8, Isa, Kernel};

/// What docs/measured.md says, in thousandths of an ULP, rounded up: the largest error of exp where the result is subnormal and elsewhere, and
/// of ln. Arguments are seeded and the kernels have the same bits everywhere, so these are numbers, not limits.
const README: [(Function, bool, f64); 3] = [(Exp, true, 779.0), (Exp, false, 709.0), (Ln, false, 804.0)];

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
            if error > worst.0 {
                worst = (error, x);
            }
        }
    }
    worst
}

fn check_ulps(function: Function) {
    let oracle = Oracle::new();
    let (name, claimed) = CLAIMED[function as usize];
    let (mut total, mut largest, mut by_kind) = (0, 0.0_f64, [0.0_f64; 2]);
    for (number, domain) in DOMAINS.iter().enumerate().filter(|(_, d)| d.function == function) {
        let halves = std::thread::scope(|scope| {
            [0, 1]
                .map(|half| {
                    scope.spawn({
                        let oracle = &oracle;
                        move || worst(oracle, domain, domain.count / 2, 1000 * number as u64 + half)
                    })
                })
                .map(|handle| handle.join().expect("a worker panicked"))
        });
        let (error, x) = if halves[0].0 < halves[1].0 { halves[1] } else { halves[0] };
        println!("{name:8}{:20}{:>10} arguments: {error:.4} ULP at {x:e}", domain.name, domain.count);
        total += domain.count;
        largest = largest.max(error);
        let is_subnormal = domain.name == "subnormal results";
        by_kind[usize::from(is_subnormal)] = by_kind[usize::from(is_subnormal)].max(error);
        assert!(error <= claimed, "{name}, {}: {error} ULP at {x:e}, claimed {claimed}", domain.name);
    }
    assert!(total >= 10_000_000, "{total} arguments");
    for (_, is_subnormal, thousandths) in README.into_iter().filter(|(f, ..)| *f == function) {
        let measured = by_kind[usize::from(is_subnormal)];
        assert_eq!(
            (1000.0 * measured).ceil(),
            thousandths,
            "{name}: docs/measured.md says another number than {measured}"
        );
    }
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
        assert!(error <= dd::scale(1.0, -95), "{line}: relative error {error:e}");
        worst = worst.max(error);
        rows += 1;
    }
    println!("double-double oracle against mpmath, {rows} rows: relative error {worst:.1e}");
    assert!(rows > 1500, "{rows} rows");
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

#[test]
fn special_values_are_those_of_ieee_754() {
    let (inf, nan, tiny) = (f64::INFINITY, f64::NAN, f64::from_bits(1));
    let cases = [
        (Exp, 0.0, 1.0),
        (Exp, -0.0, 1.0),
        (Exp, inf, inf),
        (Exp, -inf, 0.0),
        (Exp, nan, nan),
        (Exp, -nan, nan),
        (Exp, f64::MAX, inf),
        (Exp, f64::MIN, 0.0),
        (Exp, tiny, 1.0),
        (Exp, -tiny, 1.0),
        // The last finite and the first infinite result; the last subnormal and the first zero.
        (Exp, OVERFLOW, 1.797_693_134_862_273_2e308),
        (Exp, OVERFLOW.next_up(), inf),
        (Exp, ZERO, tiny),
        (Exp, ZERO.next_down(), 0.0),
        (ExpM1, 0.0, 0.0),
        (ExpM1, -0.0, -0.0),
        (ExpM1, inf, inf),
        (ExpM1, -inf, -1.0),
        (ExpM1, nan, nan),
        (ExpM1, f64::MAX, inf),
        (ExpM1, f64::MIN, -1.0),
        (ExpM1, tiny, tiny),
        (ExpM1, -tiny, -tiny),
        (ExpM1, f64::MIN_POSITIVE, f64::MIN_POSITIVE),
        (ExpM1, -f64::MIN_POSITIVE, -f64::MIN_POSITIVE),
        (ExpM1, OVERFLOW.next_up(), inf),
        (ExpM1, -38.0, -1.0),
        (Ln, 1.0, 0.0),
        (Ln, 0.0, -inf),
        (Ln, -0.0, -inf),
        (Ln, inf, inf),
        (Ln, -inf, nan),
        (Ln, nan, nan),
        (Ln, -nan, nan),
        (Ln, -1.0, nan),
        (Ln, -tiny, nan),
        (Ln, tiny, -744.440_071_921_381_2),
        (Ln, f64::MIN_POSITIVE, SUBNORMAL),
        (Ln, f64::MAX, OVERFLOW),
    ];
    for (function, x, expected) in cases {
        let value = one(function, x);
        assert!(same(value, expected), "{}({x:e}) = {value:e}, not {expected:e}", CLAIMED[function as usize].0);
    }
}

/// Large results of exp_m1 lie outside the domain of its oracle: there it is e^x to half an ULP and both roundings.
#[test]
fn exp_m1_of_large_arguments_is_exp() {
    let mut random = Random(5);
    for _ in 0..100_000 {
        let x = random.uniform(60.0, OVERFLOW);
        let (a, b) = (one(ExpM1, x), one(Exp, x));
        let steps = a.to_bits().abs_diff(b.to_bits());
        assert!(steps <= 1, "{x:e}: {a:e} and {b:e}");
    }
}

/// exp(ln x) = x (1 + d), |d| <= |ln x| (error of ln) + error of exp, each in ULP of at most 2^-52 relative.
#[test]
fn exp_inverts_ln() {
    let mut random = Random(6);
    for _ in 0..100_000 {
        let x = random.in_bits(f64::MIN_POSITIVE, f64::MAX);
        let y = one(Ln, x);
        let error = (one(Exp, y) / x - 1.0).abs();
        let bound = (y.abs() * CLAIMED[2].1 + CLAIMED[0].1 + 1.0) * f64::EPSILON;
        assert!(error <= bound, "{x:e}: {error:e} > {bound:e}");
    }
}

/// Faithful functions can step back by one place where they are flat; over arguments 8 (16) places apart, across
/// which every one of these grows by more than the sum of two errors, they must not.
#[test]
fn the_functions_are_monotonic() {
    let mut random = Random(7);
    for _ in 0..100_000 {
        let x = random.sign() * random.in_bits(1.0, 700.0);
        let above = x + 8.0 * f64::EPSILON * x.abs();
        assert!(one(Exp, x) < one(Exp, above), "exp at {x:e}");
        let x = random.in_bits(0.125, 8.0);
        assert!(one(Ln, x) < one(Ln, x * (1.0 + 16.0 * f64::EPSILON)), "ln at {x:e}");
        let x = random.sign() * random.in_bits(1e-300, 1.0);
        assert!(one(ExpM1, x) < one(ExpM1, x + 8.0 * f64::EPSILON * x.abs()), "exp_m1 at {x:e}");
    }
}
