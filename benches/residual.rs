//! Time per element of the elementary functions, of the residual, and of residual, gradient and Gram matrix together, on
//! each instruction set and beside the scalar libm: `cargo bench --bench residual`.
#![allow(missing_docs, reason = "criterion_group makes a public function")]
#[path = "common/clock.rs"]
mod clock;
#[path = "common/maps.rs"]
mod maps;

use std::hint::black_box;

use clock::ThreadClock;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use maps::{MAPS, Run, scalar};
use syn2real::simd::{F64x8, Isa};

/// 4096 elements: input and output stay in the first cache.
const BLOCKS: usize = 512;

fn residual(criterion: &mut Criterion<ThreadClock>) {
    // Weyl sequence of the golden ratio: spread over (0, 20), no two alike.
    let element = |i: usize| (i as f64 * 0.618_033_988_749_895).fract() * 20.0 + 0.001;
    let input: Vec<F64x8> = (0..BLOCKS).map(|b| F64x8(std::array::from_fn(|i| element(8 * b + i)))).collect();
    let mut output = vec![F64x8::splat(0.0); BLOCKS];
    for (name, map) in MAPS {
        let mut group = criterion.benchmark_group(format!("residual/{name}"));
        group.throughput(Throughput::Elements(8 * BLOCKS as u64));
        for isa in Isa::available() {
            group.bench_function(isa.name(), |b| {
                b.iter(|| isa.dispatch(Run(map, black_box(&input), black_box(&mut output))));
            });
        }
        group.bench_function("libm", |b| b.iter(|| scalar(map, black_box(&input), black_box(&mut output))));
    }
}

criterion_group! {
    name = benches;
    config = clock::short();
    targets = residual
}
criterion_main!(benches);
