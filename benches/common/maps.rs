//! Functions over arrays of lanes, compiled for each instruction set.
#![allow(dead_code, reason = "the comparison with SLEEF takes exp and ln only")]
use syn2real::simd::{F64x8, Kernel};

/// What is computed.
#[derive(Clone, Copy)]
pub(crate) enum Map {
    /// e^x.
    Exp,
    /// e^x - 1.
    ExpM1,
    /// Natural logarithm.
    Ln,
    /// Square root.
    Sqrt,
    /// Residual of law (1) in log space at x = ln n: an exp and a ln.
    Residual,
    /// The same with three derivatives, gradient and Gram matrix: what one pass of a fit computes per point.
    Row,
}

/// All of them, with their names.
pub(crate) const MAPS: [(&str, Map); 6] = [
    ("exp", Map::Exp),
    ("exp_m1", Map::ExpM1),
    ("ln", Map::Ln),
    ("sqrt", Map::Sqrt),
    ("residual", Map::Residual),
    ("residual_gradient_gram", Map::Row),
];

/// A law near those of the workload.
const D: f64 = 0.7;
const ALPHA: f64 = 0.31;
const C: f64 = 0.01;

/// Applies the map to every block of the input.
pub(crate) struct Run<'a>(pub(crate) Map, pub(crate) &'a [F64x8], pub(crate) &'a mut [F64x8]);

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
            Map::Residual => each!(x => residual(*x)),
            Map::Row => {
                if let Some(first) = output.first_mut() {
                    *first = row(input);
                }
            }
        }
    }
}

#[inline(always)]
fn residual(ln_n: F64x8) -> F64x8 {
    ((ln_n * -ALPHA).exp() * D + C).ln() - 0.5
}

#[inline(always)]
fn row(input: &[F64x8]) -> F64x8 {
    let mut sums = [F64x8::splat(0.0); 10];
    for ln_n in input {
        let u = (*ln_n * -ALPHA).exp();
        let model = u * D + C;
        let residual = model.ln() - 0.5;
        for i in 0..8 {
            let (u, residual) = (u.0[i], residual.0[i]);
            let by_c = 1.0 / model.0[i];
            let by_d = by_c * u;
            let by_alpha = by_d * ln_n.0[i] * -D;
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

/// The map with scalar functions of libm: the residual, and the pass with its ten sums.
pub(crate) fn scalar(map: Map, input: &[F64x8], output: &mut [F64x8]) {
    let residual = |ln_n: f64| libm::log(D * libm::exp(-ALPHA * ln_n) + C) - 0.5;
    let function: fn(f64) -> f64 = match map {
        Map::Exp => libm::exp,
        Map::ExpM1 => libm::expm1,
        Map::Ln => libm::log,
        Map::Sqrt => libm::sqrt,
        Map::Residual => residual,
        Map::Row => {
            let mut sums = [0.0; 10];
            for ln_n in input.iter().flat_map(|block| block.0) {
                let u = libm::exp(-ALPHA * ln_n);
                let model = D * u + C;
                let residual = libm::log(model) - 0.5;
                let by_c = 1.0 / model;
                let by_d = by_c * u;
                let by_alpha = by_d * ln_n * -D;
                let terms = [
                    by_d * by_d,
                    by_d * by_alpha,
                    by_alpha * by_alpha,
                    by_d * by_c,
                    by_alpha * by_c,
                    by_c * by_c,
                    by_d * residual,
                    by_alpha * residual,
                    by_c * residual,
                    residual * residual,
                ];
                for (sum, term) in sums.iter_mut().zip(terms) {
                    *sum += term;
                }
            }
            output[0] = F64x8::splat(sums.iter().sum());
            return;
        }
    };
    for (y, x) in output.iter_mut().zip(input) {
        *y = F64x8(x.0.map(function));
    }
}
