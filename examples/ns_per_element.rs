//! Nanoseconds per element for every instruction set of this machine, over arrays of 4096, beside the scalar libm.
//!
//! ```text
//! cargo run --release --example ns_per_element
//! ```
//! `row` is what a fit computes per point: law (1), its logarithm, three derivatives, gradient and Gram matrix.
//! `select` is a clamp, a comparison and a select: it shows whether decisions stay in lanes.
use std::hint::black_box;
use std::time::Instant;

use syn2real::simd::{F64x8, Isa, Kernel};

const BLOCKS: usize = 512;
const MAPS: [(&str, Map); 6] = [
    ("exp", Map::Exp),
    ("exp_m1", Map::ExpM1),
    ("ln", Map::Ln),
    ("sqrt", Map::Sqrt),
    ("select", Map::Select),
    ("row", Map::Row),
];

#[derive(Clone, Copy)]
enum Map {
    Exp,
    ExpM1,
    Ln,
    Sqrt,
    Select,
    Row,
}

struct Run<'a>(Map, &'a [F64x8], &'a mut [F64x8]);

impl Kernel for Run<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self) {
        let Run(map, input, output) = self;
        // Loops, not `for_each`: a closure may stay out of line, and then it is compiled for the baseline.
        macro_rules! each {
            ($x:ident => $value:expr) => {
                for ($x, y) in input.iter().zip(output) {
                    *y = $value;
                }
            };
        }
        match map {
            Map::Exp => each!(x => x.exp()),
            Map::ExpM1 => each!(x => x.exp_m1()),
            Map::Ln => each!(x => x.ln()),
            Map::Sqrt => each!(x => x.sqrt()),
            Map::Select => each!(x => select(*x)),
            Map::Row => {
                if let Some(first) = output.first_mut() {
                    *first = row(input);
                }
            }
        }
    }
}

#[inline(always)]
fn select(x: F64x8) -> F64x8 {
    let step = (x * x - 30.0).max(F64x8::splat(-5.0)).min(F64x8::splat(5.0));
    let inside = x.gt(F64x8::splat(2.0)).and(step.le(F64x8::splat(4.0)).or(!x.lt(F64x8::splat(19.0))));
    inside.select(x - step, -x.abs())
}

#[inline(always)]
fn row(input: &[F64x8]) -> F64x8 {
    let (d, alpha, c) = (0.7, 0.31, 0.01);
    let mut sums = [F64x8::splat(0.0); 10];
    for ln_n in input {
        let u = (*ln_n * -alpha).exp();
        let model = u * d + c;
        let residual = (model * 1.1).ln();
        for i in 0..8 {
            let (u, residual) = (u.0[i], residual.0[i]);
            let by_c = 1.0 / model.0[i];
            let by_d = by_c * u;
            let by_alpha = by_d * ln_n.0[i] * -d;
            sums[0].0[i] += by_d * by_d;
            sums[1].0[i] += by_d * by_alpha;
            sums[2].0[i] += by_alpha * by_alpha;
            sums[3].0[i] += by_d * by_c;
            sums[4].0[i] += by_alpha * by_c;
            sums[5].0[i] += by_c * by_c;
            sums[6].0[i] += by_d * residual;
            sums[7].0[i] += by_alpha * residual;
            sums[8].0[i] += by_c * residual;
            sums[9].0[i] += residual * residual;
        }
    }
    F64x8(std::array::from_fn(|i| sums[i].sum())) + sums[8] + sums[9]
}

/// The fastest of 300 repetitions: on a shared machine everything above it is somebody else's work.
fn best(mut f: impl FnMut()) -> f64 {
    let mut seconds = f64::INFINITY;
    for _ in 0..300 {
        let start = Instant::now();
        for _ in 0..4 {
            f();
        }
        seconds = seconds.min(start.elapsed().as_secs_f64() / 4.0);
    }
    seconds * 1e9 / (8 * BLOCKS) as f64
}

fn main() {
    // Weyl sequence of the golden ratio: spread over (0, 20), no two alike.
    let input: Vec<F64x8> = (0..BLOCKS)
        .map(|b| F64x8(std::array::from_fn(|i| ((8 * b + i) as f64 * 0.618_033_988_749_895).fract() * 20.0 + 0.001)))
        .collect();
    let mut output = vec![F64x8::splat(0.0); BLOCKS];
    print!("{:10}", "ns");
    MAPS.iter().for_each(|(name, _)| print!("{name:>8}"));
    println!();
    for isa in Isa::available() {
        print!("{isa:10}");
        for (_, map) in MAPS {
            print!("{:8.2}", best(|| isa.dispatch(Run(map, black_box(&input), black_box(&mut output)))));
        }
        println!();
    }
    let mut scalar = |f: fn(f64) -> f64| {
        best(|| black_box(&mut output).iter_mut().zip(black_box(&input)).for_each(|(y, x)| *y = F64x8(x.0.map(f))))
    };
    println!(
        "{:10}{:8.2}{:8.2}{:8.2}{:8.2}",
        "libm",
        scalar(libm::exp),
        scalar(libm::expm1),
        scalar(libm::log),
        scalar(libm::sqrt)
    );
}
