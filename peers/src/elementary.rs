//! exp and ln beside those of SLEEF: the same 4096 arguments, the same instruction set, one after the other.
//!
//! SLEEF's functions for AVX2 and AVX-512 fuse; syn2real never does. So its variants without fused operations are
//! printed as well, and those for 1 and 3.5 ULP.

/// Prints the table.
#[cfg(not(all(feature = "sleef", target_arch = "x86_64")))]
pub(crate) fn run() -> Result<(), String> {
    Err("build with --features sleef on x86_64 (apt-get install libsleef-dev)".to_owned())
}

#[cfg(all(feature = "sleef", target_arch = "x86_64"))]
pub(crate) use with_sleef::run;

#[cfg(all(feature = "sleef", target_arch = "x86_64"))]
mod with_sleef {
    use std::hint::black_box;

    use syn2real::simd::{F64x8, Isa};

    use crate::maps::{Map, Run};
    use crate::watch::seconds;

    /// 4096 arguments: input and output stay in the first cache.
    const BLOCKS: usize = 512;

    type Loop = unsafe extern "C" fn(*const f64, *mut f64, usize);

    // src/sleef.c: arrays aligned to 64 bytes, their length a multiple of 8.
    macro_rules! loops {
        ($($name:ident)*) => {
            unsafe extern "C" {
                $(fn $name(input: *const f64, output: *mut f64, len: usize);)*
            }
        };
    }
    loops!(loop_expd2_u10sse2 loop_logd2_u10sse2 loop_logd2_u35sse2);
    loops!(loop_expd4_u10avx loop_logd4_u10avx loop_logd4_u35avx);
    loops!(loop_expd4_u10avx2 loop_logd4_u10avx2 loop_logd4_u35avx2);
    loops!(loop_expd8_u10avx512f loop_logd8_u10avx512f loop_logd8_u35avx512f);
    loops!(loop_expd8_u10avx512fnofma loop_logd8_u10avx512fnofma loop_logd8_u35avx512fnofma);

    /// Instruction set, function, and SLEEF's functions: within so many ULP, fused or not.
    type Entry = (&'static str, Map, &'static [(&'static str, Loop)]);
    const TABLE: [Entry; 6] = [
        ("baseline", Map::Exp, &[("1.0 ULP", loop_expd2_u10sse2)]),
        ("baseline", Map::Ln, &[("1.0 ULP", loop_logd2_u10sse2), ("3.5 ULP", loop_logd2_u35sse2)]),
        ("avx2", Map::Exp, &[("1.0 ULP, fused", loop_expd4_u10avx2), ("1.0 ULP, AVX", loop_expd4_u10avx)]),
        (
            "avx2",
            Map::Ln,
            &[
                ("1.0 ULP, fused", loop_logd4_u10avx2),
                ("3.5 ULP, fused", loop_logd4_u35avx2),
                ("1.0 ULP, AVX", loop_logd4_u10avx),
                ("3.5 ULP, AVX", loop_logd4_u35avx),
            ],
        ),
        ("avx512", Map::Exp, &[("1.0 ULP, fused", loop_expd8_u10avx512f), ("1.0 ULP", loop_expd8_u10avx512fnofma)]),
        (
            "avx512",
            Map::Ln,
            &[
                ("1.0 ULP, fused", loop_logd8_u10avx512f),
                ("3.5 ULP, fused", loop_logd8_u35avx512f),
                ("1.0 ULP", loop_logd8_u10avx512fnofma),
                ("3.5 ULP", loop_logd8_u35avx512fnofma),
            ],
        ),
    ];

    /// Nanoseconds per element of each, the least of 300 rounds in which all take their turns.
    fn race(contestants: &mut [&mut dyn FnMut()]) -> Vec<f64> {
        const REPEATS: usize = 8;
        let mut best = vec![f64::INFINITY; contestants.len()];
        for _ in 0..300 {
            for (best, contestant) in best.iter_mut().zip(contestants.iter_mut()) {
                let seconds = seconds(|| (0..REPEATS).for_each(|_| contestant()));
                *best = best.min(seconds * 1e9 / (REPEATS * 8 * BLOCKS) as f64);
            }
        }
        best
    }

    /// Prints the table.
    pub(crate) fn run() -> Result<(), String> {
        // Weyl sequence of the golden ratio: spread over (0, 20), no two alike.
        let element = |i: usize| (i as f64 * 0.618_033_988_749_895).fract() * 20.0 + 0.001;
        let input: Vec<F64x8> = (0..BLOCKS).map(|b| F64x8(std::array::from_fn(|i| element(8 * b + i)))).collect();
        println!("### exp and ln, ns per element\n");
        println!("syn2real: exp within .8 ULP, ln within .85 ULP, never fused.\n");
        println!("| instruction set | function | syn2real | SLEEF | | ratio |\n|---|---|---|---|---|---|");
        for (name, map, sleef) in TABLE {
            let Some(isa) = Isa::available().find(|isa| isa.name() == name) else { continue };
            let (mut ours, mut theirs) = (vec![F64x8::splat(0.0); BLOCKS], vec![F64x8::splat(0.0); BLOCKS]);
            let function = if matches!(map, Map::Exp) { "exp" } else { "ln" };
            for (what, run) in sleef {
                let times = race(&mut [
                    &mut || isa.dispatch(Run(map, black_box(&input), black_box(&mut ours))),
                    // SAFETY: `Isa::available` found the instruction set (FMA comes with it on every processor but VIA's);
                    // `F64x8` is eight f64 aligned to 64 bytes, and both arrays have `BLOCKS` of them.
                    &mut || unsafe {
                        run(black_box(&input).as_ptr().cast(), black_box(&mut theirs).as_mut_ptr().cast(), 8 * BLOCKS);
                    },
                ]);
                let pairs = ours.iter().flat_map(|b| b.0).zip(theirs.iter().flat_map(|b| b.0));
                let apart = pairs.map(|(a, b)| ((a - b) / b).abs()).fold(0.0, f64::max);
                if apart > 8.0 * f64::EPSILON {
                    return Err(format!("{function}, {what}: the results differ by {apart:e}"));
                }
                let (ours, theirs) = (times[0], times[1]);
                println!("| {name} | {function} | {ours:.2} | {theirs:.2} | {what} | {:.2} |", ours / theirs);
            }
        }
        println!();
        Ok(())
    }
}
