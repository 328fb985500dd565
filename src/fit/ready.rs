//! Points made ready for the search: checked, scaled, and where there are more than 64 put into bins.
use crate::law::Residual;
use crate::math;
use crate::simd::{F64x8, Kernel, LANES};

use super::bins::{Bins, Fill, Grid, Inspect, Mean};
use super::blocks::Blocks;
use super::curve::{Curve, NODES, Node};
use super::error::FitError;
use super::options::FitOptions;
use super::source::{Source, each};

/// Most points that are first searched on coarse bins: with more, finer ones cost less than a third pass that they spare.
const COARSE: usize = 500;

/// The power of two at or below |x|, clamped to where its square and inverse are normal numbers; 1 for 0.
fn power_of_two(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let exponent = ((x.to_bits() >> 52) & 0x7ff).clamp(1023 - 1000, 1023 + 1000);
    f64::from_bits(exponent << 52)
}

impl Curve {
    /// Checks every point and fills an empty curve.
    #[inline(never)]
    pub(crate) fn fill(&mut self, data: &Source<'_>, options: &FitOptions, needed: usize) -> Result<(), FitError> {
        let residual = options.residual;
        let survey = options.isa.dispatch(Inspect { data, residual });
        if !survey.is_sound {
            for (index, p) in each(data).enumerate() {
                p.check(residual).map_err(|source| FitError::Point { index, source })?;
            }
        }
        (self.points, self.n_min, self.n_max) = (survey.points, survey.n_min, survey.n_max);
        let used = || each(data).filter(|p| p.weight > 0.0);
        let distinct = match self.points {
            0 => 0,
            _ if self.n_min == self.n_max => 1,
            _ if used().all(|p| p.n == self.n_min || p.n == self.n_max) => 2,
            _ => 3,
        };
        if distinct < needed {
            return Err(FitError::TooFewPoints { needed, got: distinct });
        }
        self.ln_n_min = math::ln(self.n_min);
        self.span = math::ln(self.n_max) - self.ln_n_min;
        self.scale = power_of_two(survey.error_max);
        self.weight_scale = power_of_two(survey.weight_max);
        self.is_complete = self.points <= NODES;
        if self.is_complete {
            self.len = self.points;
            for (node, p) in self.nodes.iter_mut().zip(used()) {
                let error = p.error / self.scale;
                *node = Node::new(p.n, error, error, p.weight / self.weight_scale, residual);
                self.weight_sum += node.weight;
                self.size_sum += node.weight * node.size_square(residual);
            }
            options.isa.dispatch(Logarithms { curve: self, residual });
        } else {
            self.is_coarse = self.points <= COARSE;
            let grid = if self.is_coarse { self.coarse_grid(options) } else { Grid::fine(self.span) };
            self.compress(data, options, grid);
        }
        Ok(())
    }

    fn coarse_grid(&self, options: &FitOptions) -> Grid {
        Grid::coarse(self.span, options.fixed_alpha.unwrap_or(options.alpha.upper))
    }

    /// The same curve on coarse or on the finest bins, into an empty one.
    pub(crate) fn put_into_bins(&self, binned: &mut Curve, data: &Source<'_>, options: &FitOptions, is_coarse: bool) {
        let Curve { points, n_min, n_max, ln_n_min, span, scale, weight_scale, .. } = *self;
        (binned.points, binned.n_min, binned.n_max) = (points, n_min, n_max);
        (binned.ln_n_min, binned.span, binned.scale, binned.weight_scale) = (ln_n_min, span, scale, weight_scale);
        binned.is_coarse = is_coarse;
        binned.compress(data, options, if is_coarse { self.coarse_grid(options) } else { Grid::fine(span) });
    }

    /// Fills the nodes with the points that stand for the bins of all points.
    #[inline(never)]
    fn compress(&mut self, data: &Source<'_>, options: &FitOptions, grid: Grid) {
        let residual = options.residual;
        let bins = options.isa.dispatch(Fill { blocks: Blocks::all(self, data), residual, grid });
        self.take(&bins, residual);
    }

    fn take(&mut self, bins: &Bins, residual: Residual) {
        let mut len = 0;
        (self.weight_sum, self.size_sum) = (0.0, 0.0);
        for (node, Mean { t, target, weight }) in self.nodes.iter_mut().zip(bins.means().filter(|m| m.weight > 0.0)) {
            let error = if residual == Residual::Log { math::exp(target) } else { target };
            *node = Node::new(t, error, target, weight, residual);
            self.weight_sum += weight;
            self.size_sum += weight * node.size_square(residual);
            len += 1;
        }
        self.len = len;
    }
}

/// Replaces n by t, and in the log residual the target by its logarithm.
struct Logarithms<'a> {
    curve: &'a mut Curve,
    residual: Residual,
}

impl Kernel for Logarithms<'_> {
    type Output = ();

    #[cfg_attr(wide, inline(always))]
    fn run(self) {
        let Curve { nodes, len, ln_n_min, .. } = self.curve;
        for block in nodes.chunks_exact_mut(LANES).take(len.div_ceil(LANES)) {
            let (mut t, mut target) = (F64x8::splat(1.0), F64x8::splat(1.0));
            for ((t, target), node) in t.0.iter_mut().zip(&mut target.0).zip(block.iter()) {
                (*t, *target) = (node.t, node.target);
            }
            let t = t.ln() - *ln_n_min;
            let target = if self.residual == Residual::Log { target.ln() } else { target };
            for ((t, target), node) in t.0.iter().zip(&target.0).zip(block.iter_mut()) {
                (node.t, node.target) = (*t, *target);
            }
        }
    }
}
