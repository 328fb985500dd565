//! The same bits on every instruction set, and on every machine: golden hashes of exp, exp_m1, ln, sqrt and the sum.
use syn2real::simd::{F64x8, Isa, Kernel, Mask8};

/// FNV-1a (Fowler, Noll, Vo) over 64-bit words, NaNs unified: their sign and payload are no part of the promise.
fn hash(values: impl Iterator<Item = f64>) -> u64 {
    values.fold(0xcbf2_9ce4_8422_2325, |hash, x| {
        let bits = if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() };
        (hash ^ bits).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(29)
    })
}

/// 2^20 arguments: half of them uniform in bits, with all special values that come along, half in (-40, 40).
fn arguments() -> Vec<F64x8> {
    let mut state = 1_u64;
    let mut bits = || {
        // Knuth's MMIX generator; the high bits of a product with them are well mixed.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state ^ state >> 29
    };
    let mut argument = |lane: usize| {
        let b = bits();
        if lane < 4 { f64::from_bits(b) } else { (b >> 11) as f64 / (1_u64 << 53) as f64 * 80.0 - 40.0 }
    };
    let mut blocks: Vec<F64x8> = (0..131_072).map(|_| F64x8(std::array::from_fn(&mut argument))).collect();
    blocks[0] = F64x8([0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324, -5e-324, 2.2e-308]);
    blocks
}

struct Stages<'a> {
    input: &'a [F64x8],
    /// exp, exp_m1, ln, sqrt, arithmetic with selects.
    output: [&'a mut [F64x8]; 5],
    sums: &'a mut [f64],
}

impl Kernel for Stages<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let [exp, exp_m1, ln, sqrt, select] = self.output;
        for i in 0..self.input.len() {
            let x = self.input[i];
            exp[i] = x.exp();
            exp_m1[i] = x.exp_m1();
            ln[i] = x.ln();
            sqrt[i] = x.sqrt();
            let y = (x * 3.0 - x / F64x8::splat(7.0) + 1.0).max(-x).min(x.abs() * 2.0);
            let mask = y.lt(x).or(x.ge(F64x8::splat(2.0))).and(!x.eq(F64x8::splat(0.0)));
            select[i] = mask.select(y, x - 0.1);
            self.sums[i] = ln[i].sum() + select[i].sum();
        }
    }
}

#[test]
fn all_instruction_sets_give_the_golden_bits() {
    const GOLDEN: [(&str, u64); 6] = [
        ("exp", 0xcf22_830d_7afd_14af),
        ("exp_m1", 0x5bfd_5a45_3bde_b393),
        ("ln", 0xf1e4_cf3f_76c7_ebf5),
        ("sqrt", 0x7e38_3f36_ef87_4144),
        ("select", 0x712b_c390_dd19_30e7),
        ("sum", 0x98f5_10d9_b994_9d53),
    ];
    let input = arguments();
    let mut reference: Option<[Vec<f64>; 6]> = None;
    for isa in Isa::available() {
        let mut output: [Vec<F64x8>; 5] = std::array::from_fn(|_| input.clone());
        let mut sums = vec![0.0; input.len()];
        isa.dispatch(Stages { input: &input, output: output.each_mut().map(|o| &mut o[..]), sums: &mut sums });
        let [a, b, c, d, e] = output.map(|o| o.iter().flat_map(|block| block.0).collect::<Vec<f64>>());
        let stages = [a, b, c, d, e, sums];
        if let Some(reference) = &reference {
            for ((stage, expected), (name, _)) in stages.iter().zip(reference).zip(GOLDEN) {
                // A hash says that bits differ, this says where.
                for (i, (x, y)) in stage.iter().zip(expected).enumerate() {
                    let equal = x.to_bits() == y.to_bits() || x.is_nan() && y.is_nan();
                    assert!(equal, "{name} on {isa}: {x:e}, on the baseline {y:e}, at {i}");
                }
            }
        }
        let found: Vec<_> = stages.iter().zip(GOLDEN).map(|(s, (name, _))| (name, hash(s.iter().copied()))).collect();
        assert_eq!(found, GOLDEN, "{isa}: a change of bits needs a Numerics line in CHANGELOG");
        reference.get_or_insert(stages);
    }
}

#[test]
fn sums_follow_the_fixed_tree() {
    // Each pair must meet first to give these: 2^53 + 1 is lost in any other order.
    let big = 9_007_199_254_740_992.0;
    assert_eq!(F64x8([big, 1.0, 3.0, 5.0, -big, 1.0, 4.0, 6.0]).sum(), 20.0);
    assert_eq!(F64x8([big, -big, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]).sum(), ((big + 1.0) + 2.0) + ((-big + 1.0) + 2.0));
}

#[test]
fn detection_agrees_with_std() {
    let names: Vec<&str> = Isa::available().map(Isa::name).collect();
    assert_eq!(names[0], "baseline");
    assert_eq!(Isa::detect().name(), names[names.len() - 1]);
    assert_eq!(format!("{:>9}", Isa::BASELINE), " baseline");
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512bw");
        assert_eq!(names.contains(&"avx2"), is_x86_feature_detected!("avx2"));
        assert_eq!(names.contains(&"avx512"), is_x86_feature_detected!("avx2") && avx512);
    }
}

#[test]
fn masks_combine_and_nan_compares_false() {
    let (one, nan) = (F64x8::splat(1.0), F64x8::splat(f64::NAN));
    for mask in [one.lt(nan), one.le(nan), one.gt(nan), one.ge(nan), one.eq(nan), nan.eq(nan)] {
        assert!(!mask.any(), "a comparison with NaN is true");
    }
    let low = F64x8([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).lt(F64x8::splat(4.0));
    assert_eq!(low, Mask8([u64::MAX, u64::MAX, u64::MAX, u64::MAX, 0, 0, 0, 0]));
    assert!(low.any() && !low.all() && (low | !low).all() && !(low & !low).any(), "masks do not combine");
    assert_eq!(low.select(one, F64x8::splat(2.0)).sum(), 12.0);
    // min and max return the right-hand side where either is NaN.
    assert_eq!((nan.min(one), nan.max(one)), (one, one));
    assert!(one.min(nan).0[0].is_nan() && one.max(nan).0[0].is_nan(), "the right-hand side was NaN");
}
