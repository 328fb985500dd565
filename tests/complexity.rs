//! Covariance, entropy and rank correlations against known answers and numpy.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod common;

use common::rng::Rng;
use std::time::Instant;
use syn2real::complexity::{
    ComplexityError, Covariance, Entropy, EntropyOptions, Normalisation, RankPolicy, kendall, spearman,
};

/// Activations of `rows` samples from `first` on, row-major: u_ij + u_i(j-1)/2, scaled by 1 + j/64, about 3, with u uniform
/// from SplitMix64 at the counter i d + j. The same operations as in `tests/oracles/complexity.py`.
fn activations(first: u64, rows: usize, d: usize) -> Vec<f64> {
    let unit = |counter: u64| {
        let mut z = counter.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    };
    let mut all = Vec::with_capacity(rows * d);
    for i in first..first + rows as u64 {
        let mut previous = 0.0;
        for j in 0..d {
            let u = unit(i * d as u64 + j as u64);
            all.push((u + 0.5 * previous) * (1.0 + j as f64 / 64.0) + 3.0);
            previous = u;
        }
    }
    all
}

struct Memory {
    mean: Vec<f64>,
    packed: Vec<f64>,
}

impl Memory {
    fn new(d: usize) -> Memory {
        Memory { mean: vec![f64::NAN; d], packed: vec![f64::NAN; d * (d + 1) / 2] }
    }
    fn accumulator(&mut self) -> Covariance<'_> {
        Covariance::new(&mut self.mean, &mut self.packed).expect("lengths fit")
    }
}

fn entropy_of(rows: &[f64], d: usize, options: &EntropyOptions) -> Result<Entropy, ComplexityError> {
    let mut memory = Memory::new(d);
    let mut all = memory.accumulator();
    all.push_rows(rows).expect("good rows");
    all.entropy(options)
}

fn policy(rank: RankPolicy) -> EntropyOptions {
    EntropyOptions { rank, ..EntropyOptions::default() }
}

/// d = 2048, N = 10,000: entropy against numpy, two merged halves (one row by row in part) against the whole.
#[test]
fn large_layer_agrees_with_the_reference_and_with_its_parts() {
    /// tests/oracles/complexity.py, unbiased: double-precision slogdet of the explicit covariance.
    const ENTROPY: f64 = 5583.622202211665;
    const D: usize = 2048;
    let (mut a, mut b, mut c) = (Memory::new(D), Memory::new(D), Memory::new(D));
    let (mut whole, mut head, mut tail) = (a.accumulator(), b.accumulator(), c.accumulator());
    let mut seconds = 0.0;
    for first in (0..10_000).step_by(1000) {
        let rows = activations(first, 1000, D);
        let start = Instant::now();
        whole.push_rows(&rows).expect("good rows");
        seconds += start.elapsed().as_secs_f64();
        if first == 3000 {
            let (some, rest) = rows.split_at(5 * D);
            some.chunks(D).for_each(|row| head.push(row).expect("a good row"));
            tail.push_rows(rest).expect("good rows");
        } else {
            let part = if first < 3000 { &mut head } else { &mut tail };
            part.push_rows(&rows).expect("good rows");
        }
    }
    head.merge(&tail).expect("same dimension");
    assert_eq!((whole.count(), head.count()), (10_000, 10_000));
    // Wanted: 1e-10, relative to the standard deviations. Measured: some 1e-14.
    let mut worst = 0.0_f64;
    for i in 0..D {
        for j in 0..=i {
            let [x, y, xx, yy] = [whole.scatter(i, j), head.scatter(i, j), whole.scatter(i, i), whole.scatter(j, j)]
                .map(|s| s.expect("inside"));
            worst = worst.max((x - y).abs() / (xx * yy).sqrt());
        }
    }
    assert!(worst < 1e-10, "parts and whole differ by {worst:e}");
    let start = Instant::now();
    let found = whole.entropy(&EntropyOptions::default()).expect("full rank");
    let factor = start.elapsed().as_secs_f64();
    let merged = head.entropy(&EntropyOptions::default()).expect("full rank");
    let relative = (found.entropy / ENTROPY - 1.0).abs();
    println!(
        "d = {D}, N = 10000: accumulated in {seconds:.2} s, factored in {factor:.2} s; parts {worst:.1e}, entropy {:.12} off by {relative:.1e}",
        found.entropy
    );
    assert!(relative < 1e-8, "{} against {ENTROPY}", found.entropy);
    assert!((merged.entropy / found.entropy - 1.0).abs() < 1e-10, "merged {} whole {}", merged.entropy, found.entropy);
    assert_eq!((found.dimension, found.samples, found.rank), (D, 10_000, D));
    assert_eq!(found.negative_entropy(), -found.entropy);
}

/// Every block size, f32 and f64, against the definition in two passes.
#[test]
fn the_scatter_is_that_of_the_definition() {
    for (d, n) in [(1, 2), (3, 5), (8, 64), (31, 65), (33, 130), (70, 200)] {
        let rows = activations(7, n, d);
        let mean: Vec<f64> = (0..d).map(|j| rows.iter().skip(j).step_by(d).sum::<f64>() / n as f64).collect();
        let exact = |i: usize, j: usize| -> f64 { rows.chunks(d).map(|x| (x[i] - mean[i]) * (x[j] - mean[j])).sum() };
        for block in [1, 2, 63, 64, 65, n] {
            let mut memory = Memory::new(d);
            let mut all = memory.accumulator();
            rows.chunks(block * d).for_each(|part| all.push_rows(part).expect("good rows"));
            for (i, (got, mean)) in all.mean().iter().zip(&mean).enumerate() {
                assert!((got - mean).abs() < 1e-13 * mean.abs(), "mean {i} of {d}, block {block}");
                for j in 0..d {
                    let scale = (exact(i, i) * exact(j, j)).sqrt();
                    let got = all.scatter(i, j).expect("inside");
                    // Sums of up to 200 products: 200 roundings.
                    assert!(
                        (got - exact(i, j)).abs() < 200.0 * f64::EPSILON * scale,
                        "({i}, {j}) of {d}, block {block}"
                    );
                }
            }
            assert_eq!((all.scatter(d, 0), all.scatter(0, d)), (None, None), "beyond the dimension");
        }
        let single: Vec<f32> = rows.iter().map(|&x| x as f32).collect();
        let double: Vec<f64> = single.iter().map(|&x| f64::from(x)).collect();
        let (mut m1, mut m2) = (Memory::new(d), Memory::new(d));
        let (mut from_f32, mut from_f64) = (m1.accumulator(), m2.accumulator());
        from_f32.push_rows(&single).expect("good rows");
        from_f64.push_rows(&double).expect("good rows");
        for (i, j) in (0..d).flat_map(|i| (0..=i).map(move |j| (i, j))) {
            assert_eq!(from_f32.scatter(i, j), from_f64.scatter(i, j), "f32 converts exactly: ({i}, {j}) of {d}");
        }
    }
}

/// A mean of 1e8 standard deviations costs no digits beyond those that the data have lost.
#[test]
fn a_large_mean_does_not_cancel() {
    let (d, n) = (5, 400);
    // Multiples of 1/16 stay exact beside 2^30.
    let near: Vec<f64> = activations(0, n, d).iter().map(|x| (x * 16.0).round() / 16.0).collect();
    let far: Vec<f64> = near.iter().map(|x| x + 1_073_741_824.0).collect();
    let [near, far] =
        [near, far].map(|rows| entropy_of(&rows, d, &EntropyOptions::default()).expect("full rank").entropy);
    // The deviations from a mean near 2^30 are right to 2^30 epsilon = 2.4e-7 each, at random: the sum of squares to its square.
    assert!((near - far).abs() < 1e-8, "{near} {far}");
}

/// tests/oracles/complexity.py; 300 x 40 doubles whose entropy numpy computes by LU: 1e-13 is some 100 roundings.
#[test]
fn normalisations_agree_with_numpy() {
    let rows = activations(0, 300, 40);
    for (normalisation, expected) in
        [(Normalisation::Unbiased, 15.692602167704408), (Normalisation::MaximumLikelihood, 15.625824142394123)]
    {
        let options = EntropyOptions { normalisation, ..EntropyOptions::default() };
        let found = entropy_of(&rows, 40, &options).expect("full rank");
        assert!((found.entropy - expected).abs() < 1e-12, "{normalisation:?}: {}", found.entropy);
    }
}

#[test]
fn few_samples_name_the_rank() {
    let rows = activations(0, 12, 20);
    let strict = entropy_of(&rows, 20, &EntropyOptions::default());
    assert_eq!(strict, Err(ComplexityError::RankDeficient { rank: 11, dimension: 20, samples: 12 }));
    let text = strict.expect_err("deficient").to_string();
    assert!(text.contains("rank 11 of 20") && text.contains("shrinkage"), "{text}");
    // N = d has rank d - 1, N = d + 1 full rank.
    let exactly = entropy_of(&activations(0, 20, 20), 20, &EntropyOptions::default());
    assert_eq!(exactly, Err(ComplexityError::RankDeficient { rank: 19, dimension: 20, samples: 20 }));
    assert!(entropy_of(&activations(0, 21, 20), 20, &EntropyOptions::default()).is_ok(), "one more is enough");
    // tests/oracles/complexity.py, from the eigenvalues.
    let pseudo = entropy_of(&rows, 20, &policy(RankPolicy::PseudoDeterminant)).expect("rank 11");
    assert!((pseudo.entropy - 4.810677926136794).abs() < 1e-11 && pseudo.rank == 11, "{pseudo:?}");
    let shrunk = entropy_of(&rows, 20, &policy(RankPolicy::Shrinkage(0.1))).expect("full rank");
    assert!((shrunk.entropy + 1.3876195949365915).abs() < 1e-11 && shrunk.rank == 20, "{shrunk:?}");
    for lambda in [0.0, -0.1, 1.1, f64::NAN] {
        assert_eq!(entropy_of(&rows, 20, &policy(RankPolicy::Shrinkage(lambda))), Err(ComplexityError::Shrinkage));
    }
    assert_eq!(
        entropy_of(&rows[..20], 20, &EntropyOptions::default()),
        Err(ComplexityError::TooFewSamples { needed: 2, got: 1 })
    );
}

/// Units that are constant (at a value with no short binary form), copies, sums of others: each costs one rank, and
/// the rest has the pseudo-determinant of the rest where nothing but dead units was added.
#[test]
fn dead_and_dependent_units_cost_rank() {
    let (d, n) = (70, 300);
    let rows = activations(0, n, d);
    let clean = entropy_of(&rows, d, &EntropyOptions::default()).expect("full rank");
    let wider = |unit: &dyn Fn(&[f64]) -> f64| -> Vec<f64> {
        rows.chunks(d).flat_map(|row| [&row[..33], &[unit(row)], &row[33..]].concat()).collect()
    };
    for (name, unit) in [
        ("zero", &(|_: &[f64]| 0.0) as &dyn Fn(&[f64]) -> f64),
        ("constant", &|_| 0.1),
        ("large constant", &|_| 1e9 / 3.0),
        ("copy", &|row| row[60]),
        ("negated and scaled", &|row| -1e-3 * row[2]),
        ("sum", &|row| row[0] + row[69]),
    ] {
        let rows = wider(unit);
        let strict = entropy_of(&rows, d + 1, &EntropyOptions::default());
        let expected = ComplexityError::RankDeficient { rank: d, dimension: d + 1, samples: n as u64 };
        assert_eq!(strict, Err(expected), "{name}");
        let pseudo = entropy_of(&rows, d + 1, &policy(RankPolicy::PseudoDeterminant)).expect(name);
        assert_eq!(pseudo.rank, d, "{name}");
        if name.contains("zero") || name.contains("constant") {
            assert!((pseudo.entropy - clean.entropy).abs() < 1e-10, "{name}: {} {}", pseudo.entropy, clean.entropy);
        }
    }
    // A copy of unit j doubles what its direction carries: det(Sigma + s s') of the block, checked for d = 2 by hand.
    let copies: Vec<f64> = [1.0, 2.0, 4.0, 7.0].iter().flat_map(|&x| [x, x]).collect();
    let pseudo = entropy_of(&copies, 2, &policy(RankPolicy::PseudoDeterminant)).expect("rank 1");
    // One eigenvalue, twice the variance 21/3.
    assert!((pseudo.ln_det - 14.0_f64.ln()).abs() < 1e-14, "{pseudo:?}");
    let dead = entropy_of(&[0.1; 30], 3, &policy(RankPolicy::PseudoDeterminant));
    assert_eq!(dead, Err(ComplexityError::RankDeficient { rank: 0, dimension: 3, samples: 10 }));
    let shrunk_dead = entropy_of(&[0.1; 30], 3, &policy(RankPolicy::Shrinkage(0.5)));
    assert_eq!(shrunk_dead, Err(ComplexityError::RankDeficient { rank: 0, dimension: 3, samples: 10 }));
}

/// Scales of units enter the determinant and not the rank.
#[test]
fn units_of_any_scale_have_full_rank() {
    let (d, n) = (40, 300);
    let rows = activations(0, n, d);
    let scale = |j: usize| 10_f64.powi((j as i32 % 5 - 2) * 20);
    let scaled: Vec<f64> = rows.iter().enumerate().map(|(k, x)| x * scale(k % d)).collect();
    let plain = entropy_of(&rows, d, &EntropyOptions::default()).expect("full rank");
    let found = entropy_of(&scaled, d, &EntropyOptions::default()).expect("full rank");
    // The exponents -40, -20, 0, 20, 40 appear equally often: the determinant stays.
    assert!((found.entropy - plain.entropy).abs() < 1e-10, "{} {}", found.entropy, plain.entropy);
    let large = entropy_of(&[1e200, 0.0, -1e200, 1.0, 0.0, 3.0], 2, &EntropyOptions::default());
    assert_eq!(large, Err(ComplexityError::Overflow));
}

#[test]
fn bad_rows_are_named_and_leave_the_accumulator_alone() {
    let mut memory = Memory::new(4);
    let mut all = memory.accumulator();
    all.push_rows(&activations(0, 70, 4)).expect("good rows");
    let before: Vec<_> = (0..4).flat_map(|i| (0..=i).map(move |j| (i, j))).map(|(i, j)| all.scatter(i, j)).collect();
    let mut rows = activations(70, 100, 4);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        rows[4 * 81 + 2] = bad;
        assert_eq!(all.push_rows(&rows), Err(ComplexityError::NotFinite { row: 151, column: 2 }), "{bad}");
    }
    assert_eq!(all.push(&[1.0, f64::NAN, 0.0, 0.0]), Err(ComplexityError::NotFinite { row: 70, column: 1 }));
    assert_eq!(all.push_rows(&[0.0; 6]), Err(ComplexityError::Rows { dimension: 4, got: 6 }));
    assert_eq!(all.push(&[0.0; 8]), Err(ComplexityError::Rows { dimension: 4, got: 8 }));
    assert_eq!(all.push_rows::<f64>(&[]), Ok(()), "no rows");
    let mut other = Memory::new(3);
    let other = other.accumulator();
    assert_eq!(all.merge(&other), Err(ComplexityError::Dimensions { dimension: 4, other: 3 }));
    let after: Vec<_> = (0..4).flat_map(|i| (0..=i).map(move |j| (i, j))).map(|(i, j)| all.scatter(i, j)).collect();
    assert_eq!((all.count(), before), (70, after), "an error adds nothing");
    let (mut mean, mut packed) = ([0.0; 3], [0.0; 5]);
    let short = Covariance::new(&mut mean, &mut packed).map(|c| c.count());
    assert_eq!(short, Err(ComplexityError::Buffer { buffer: "packed", needed: 6, got: 5 }));
    let none = Covariance::new(&mut [], &mut []).map(|c| c.count());
    assert_eq!(none, Err(ComplexityError::Buffer { buffer: "mean", needed: 1, got: 0 }));
}

/// Many parts merged in a random tree equal the whole; an empty part changes nothing, and merging into one copies.
#[test]
fn parts_merge_in_any_order() {
    let d = 9;
    let rows = activations(0, 500, d);
    let mut memory = Memory::new(d);
    let mut whole = memory.accumulator();
    whole.push_rows(&rows).expect("good rows");
    let mut rng = Rng::new(21, 1);
    let mut parts: Vec<Memory> = (0..12).map(|_| Memory::new(d)).collect();
    let mut parts: Vec<Covariance<'_>> = parts.iter_mut().map(Memory::accumulator).collect();
    for row in rows.chunks(d) {
        parts[rng.between(0, 10)].push(row).expect("a good row");
    }
    while parts.len() > 1 {
        let part = parts.swap_remove(rng.between(0, parts.len() - 1));
        let into = rng.between(0, parts.len() - 1);
        parts[into].merge(&part).expect("same dimension");
    }
    for (i, j) in (0..d).flat_map(|i| (0..=i).map(move |j| (i, j))) {
        let (a, b) = (parts[0].scatter(i, j).expect("inside"), whole.scatter(i, j).expect("inside"));
        let scale = (whole.scatter(i, i).expect("inside") * whole.scatter(j, j).expect("inside")).sqrt();
        assert!((a - b).abs() < 1e-12 * scale, "({i}, {j}): {a} {b}");
    }
    let mut copy = Memory::new(d);
    let mut copy = copy.accumulator();
    copy.merge(&whole).expect("same dimension");
    let bits = |c: Covariance<'_>| c.entropy(&EntropyOptions::default()).expect("full rank").entropy.to_bits();
    assert_eq!(bits(copy), bits(whole), "a merge into an empty accumulator copies");
}

/// tests/oracles/complexity.py: scipy.stats, with ties in both series.
#[test]
fn rank_correlations_agree_with_scipy() {
    let a = [1.0, 2.0, 2.0, 3.0, 5.0, 5.0, 5.0, 8.0, 9.0];
    let b = [0.3, 0.1, 0.4, 0.4, 0.2, 0.9, 0.7, 0.9, 0.8];
    let rho = spearman(&a, &b).expect("good series");
    let tau = kendall(&a, &b).expect("good series");
    assert!((rho.coefficient - 0.6824600047396702).abs() < 1e-14, "{rho:?}");
    assert!((rho.p_value.expect("nine pairs") - 0.042812401525049684).abs() < 1e-12, "{rho:?}");
    assert!((tau.coefficient - 0.5457051563317492).abs() < 1e-14, "{tau:?}");
    // 1e8 degrees of freedom in place of infinitely many: 1e-8 of the tail.
    assert!((tau.p_value.expect("nine pairs") - 0.05165174631921652).abs() < 1e-8, "{tau:?}");
    // Monotone in one series is monotone in ranks; reversal negates.
    let cubes = b.map(|x| x * x * x);
    let negated = b.map(|x| -x);
    for f in [spearman, kendall] {
        let found = f(&a, &b).expect("good series").coefficient;
        assert_eq!(f(&a, &cubes).expect("good series").coefficient, found, "ranks only");
        assert!((f(&a, &negated).expect("good series").coefficient + found).abs() < 1e-15, "reversal");
        assert_eq!(f(&a, &a).expect("good series").coefficient, 1.0, "with itself");
    }
}

#[test]
fn series_without_a_correlation_are_named() {
    for f in [spearman, kendall] {
        assert_eq!(f(&[1.0, 2.0], &[1.0]), Err(ComplexityError::Lengths { first: 2, second: 1 }));
        assert_eq!(f(&[1.0], &[1.0]), Err(ComplexityError::TooFewSamples { needed: 2, got: 1 }));
        assert_eq!(f(&[1.0, f64::NAN], &[1.0, 2.0]), Err(ComplexityError::NotFinite { row: 1, column: 0 }));
        assert_eq!(f(&[1.0, 2.0], &[f64::INFINITY, 2.0]), Err(ComplexityError::NotFinite { row: 0, column: 1 }));
        assert_eq!(f(&[1.0, 1.0], &[1.0, 2.0]), Err(ComplexityError::Constant { series: "first" }));
        assert_eq!(f(&[1.0, 2.0], &[2.0, 2.0]), Err(ComplexityError::Constant { series: "second" }));
        let two = f(&[1.0, 2.0], &[1.0, 3.0]).expect("two pairs");
        assert_eq!((two.coefficient, two.p_value), (1.0, None));
    }
}
