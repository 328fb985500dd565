//! A trainer's own record of its evaluations, fitted and planned with.

use std::error::Error;

use syn2real::plan::{PlanOptions, samples_for};
use syn2real::{Point, Syn2RealLaw};

#[derive(Clone, Copy)]
struct Evaluation {
    images: u32,
    error: f32,
}

impl From<Evaluation> for Point {
    fn from(of: Evaluation) -> Self {
        Self::new(f64::from(of.images), f64::from(of.error))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let runs = [
        Evaluation { images: 1_000, error: 0.9575 },
        Evaluation { images: 2_000, error: 0.9534 },
        Evaluation { images: 4_000, error: 0.9471 },
        Evaluation { images: 8_000, error: 0.9455 },
        Evaluation { images: 16_000, error: 0.9432 },
        Evaluation { images: 32_000, error: 0.9403 },
        Evaluation { images: 64_000, error: 0.9377 },
    ];
    let fit = Syn2RealLaw::fit(&runs)?;
    println!("rate {}, gap {}", fit.law().alpha, fit.law().c);
    println!("{}", samples_for(&fit, &runs, 0.937, &PlanOptions::default())?);
    Ok(())
}
