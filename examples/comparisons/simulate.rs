//! Pairs of simulated settings that have something in common, and how often a test says that they have not.
use syn2real::infer::{ConfidenceCurve, Quantity};
use syn2real::{Parameter, Point, Syn2RealLaw};

use super::normal::Normal;

/// Two settings with a quantity in common.
#[derive(Clone, Copy)]
pub(crate) struct Cell {
    pub(crate) name: &'static str,
    pub(crate) laws: [Syn2RealLaw; 2],
    /// Standard deviations of ln error.
    pub(crate) noises: [f64; 2],
    /// Sizes, 1000 and its doublings.
    pub(crate) sizes: [usize; 2],
    /// Measurements at each size.
    pub(crate) repeats: usize,
}

/// What the laws of a cell have in common.
pub(crate) fn shared(cell: &Cell) -> Vec<Quantity> {
    let [a, b] = cell.laws;
    let mut shared = Vec::new();
    if a.c == b.c {
        shared.push(Quantity::Parameter(Parameter::C));
    }
    if a.alpha == b.alpha && a.d > 0.0 {
        shared.push(Quantity::Parameter(Parameter::Alpha));
    }
    if a == b {
        let [m, k] = cell.sizes;
        shared.push(Quantity::ErrorAt { n: 2e3 * 2f64.powi(m.max(k) as i32 - 1) });
    }
    shared
}

/// A law that starts at `level` for n = 1000.
fn from(level: f64, alpha: f64, c: f64) -> Syn2RealLaw {
    Syn2RealLaw { d: (level - c) * 1e3_f64.powf(alpha), alpha, c }
}

/// The kinds: curves like the paper's, like logistic regression's, flat ones, without a gap; of 5, 7 and 10 sizes, unequal
/// lengths, repeats, and unequal noises.
pub(crate) fn cells() -> Vec<Cell> {
    let law = |d, alpha, c| Syn2RealLaw { d, alpha, c };
    let (r50, c2, low) = (law(0.48, 0.439, 0.9353), law(1.99, 0.544, 0.6), law(1.0, 0.5, 0.1));
    let kinds = [
        ("r50", [r50, r50], [[3e-4, 3e-4], [1e-3, 1e-3], [3e-3, 3e-4]]),
        ("C.2", [c2, c2], [[3e-4, 3e-4], [3e-3, 3e-3], [3e-3, 3e-4]]),
        ("low gap", [low, low], [[3e-3, 3e-3], [2e-2, 2e-2], [3e-2, 3e-3]]),
        // Error rates of a linear classifier: they fall early and stay, and other settings start elsewhere.
        ("early", [from(0.65, 1.0, 0.2), from(0.3, 0.6, 0.2)], [[3e-3, 3e-3], [2e-2, 2e-2], [2e-2, 3e-3]]),
        // Flat: the gap is far below what was measured, and nothing tells the law from a straight line over ln n.
        ("flat", [from(0.58, 0.02, 0.2), from(0.3, 0.5, 0.2)], [[1e-3, 1e-3], [1e-2, 1e-2], [1e-2, 1e-3]]),
        ("both flat", [from(0.58, 0.02, 0.2), from(0.3, 0.02, 0.2)], [[1e-3, 1e-3], [1e-2, 1e-2], [1e-2, 1e-3]]),
        // A decrease of a thousandth, below the noise or above.
        ("faint", [from(0.2002, 0.5, 0.2), from(0.2002, 0.5, 0.2)], [[1e-4, 1e-4], [1e-3, 1e-3], [1e-2, 1e-3]]),
        ("no decrease", [law(0.0, 0.0, 0.6); 2], [[1e-3, 1e-3], [1e-2, 1e-2], [1e-2, 1e-3]]),
        ("no gap", [law(1.0, 0.3, 0.0), law(1.5, 0.3, 0.0)], [[1e-3, 1e-3], [1e-2, 1e-2], [2e-2, 2e-3]]),
    ];
    let shapes = [([5, 5], 1), ([7, 7], 1), ([10, 10], 1), ([5, 10], 1), ([7, 7], 2)];
    let mut cells = Vec::new();
    for (name, laws, noises) in kinds {
        for (sizes, repeats) in shapes {
            cells.extend(noises.map(|noises| Cell { name, laws, noises, sizes, repeats }));
        }
    }
    cells
}

/// Measurements of one setting of a cell.
pub(crate) fn measure(cell: &Cell, setting: usize, normal: &mut Normal) -> Vec<Point> {
    let sizes = (0..cell.sizes[setting]).flat_map(|k| std::iter::repeat_n(1e3 * 2f64.powi(k as i32), cell.repeats));
    let point = |n: f64| {
        let noise = cell.noises[setting] * normal.next();
        Point::new(n, cell.laws[setting].error_at(n) * noise.exp())
    };
    sizes.map(point).collect()
}

/// The p-values of replicates, of each quantity in common.
pub(crate) fn p_values(cell: &Cell, replicates: std::ops::Range<u64>) -> Vec<(Quantity, Vec<f64>)> {
    let mut found: Vec<(Quantity, Vec<f64>)> =
        shared(cell).into_iter().map(|quantity| (quantity, Vec::new())).collect();
    for replicate in replicates {
        let mut normal = Normal::new(replicate);
        let data = [0, 1].map(|k| measure(cell, k, &mut normal));
        let fits = [0, 1].map(|k| Syn2RealLaw::fit(&data[k]).expect("a fit"));
        for (quantity, values) in &mut found {
            let [a, b] = [0, 1].map(|k| ConfidenceCurve::new(&fits[k], &data[k], *quantity));
            if let (Ok(a), Ok(b)) = (a, b) {
                values.push(a.common(&b).expect("one quantity").p_value);
            }
        }
    }
    found
}
