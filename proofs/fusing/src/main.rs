//! Prints nanoseconds of kernels (per element) and fits (per fit) on each instruction set, a line each:
//! `instruction set,what,ns`. `scripts/fusing.sh` compiles it twice.
use std::hint::black_box;

use cpu_time::ThreadTime;
use syn2real::simd::{F64x8, Isa};
use syn2real::{FitOptions, Syn2RealLaw};

#[path = "../../../benches/common/maps.rs"]
mod maps;
#[path = "../../../benches/common/workload.rs"]
mod workload;

use maps::{MAPS, Run};
use workload::{SEEDS, SIZES};

/// 4096 elements: input and output stay in the first cache.
const BLOCKS: usize = 512;
const PROBLEMS: usize = 2000;

/// Nanoseconds of a call, the least of `rounds`.
fn least(rounds: usize, mut call: impl FnMut()) -> f64 {
    let mut time = || {
        let start = ThreadTime::now();
        call();
        start.elapsed().as_secs_f64() * 1e9
    };
    (0..rounds).map(|_| time()).fold(f64::INFINITY, f64::min)
}

fn main() {
    // Weyl sequence of the golden ratio: spread over (0, 20), no two alike.
    let element = |i: usize| (i as f64 * 0.618_033_988_749_895).fract() * 20.0 + 0.001;
    let input: Vec<F64x8> = (0..BLOCKS).map(|b| F64x8(std::array::from_fn(|i| element(8 * b + i)))).collect();
    let mut output = vec![F64x8::splat(0.0); BLOCKS];
    let errors = workload::grid(SEEDS[0], &SIZES, PROBLEMS);
    let long = workload::long(100_000);
    // The baseline has no fused operations.
    for isa in Isa::available().filter(|isa| *isa != Isa::BASELINE) {
        for (name, map) in MAPS.into_iter().filter(|(name, _)| ["exp", "ln", "residual_gradient_gram"].contains(name)) {
            let ns = least(300, || isa.dispatch(Run(map, black_box(&input), black_box(&mut output))));
            println!("{isa},{name},{}", ns / (8 * BLOCKS) as f64);
        }
        let options = FitOptions { isa, covariance: false, ..FitOptions::default() };
        let ns = least(5, || {
            let each = |_, fit| _ = black_box(fit);
            let _shapes = Syn2RealLaw::fit_grid(&SIZES, black_box(&errors), &options, each);
        });
        println!("{isa},fit_grid of 7 points,{}", ns / PROBLEMS as f64);
        let ns = least(5, || _ = black_box(Syn2RealLaw::fit_with(black_box(&long), &options)));
        println!("{isa},fit of 100000 points,{ns}");
    }
}
