//! A curve made ready for the search: checked, scaled, at most 64 nodes.
use crate::law::Residual;
use crate::math;
use crate::point::Point;
use crate::simd::{F64x8, Kernel, LANES};

use super::bins::{Bins, Fill, Grid, Inspect, Mean};
use super::error::FitError;
use super::line::Line;
use super::model::PointBlocks;
use super::options::FitOptions;
use super::source::Source;

/// Nodes of a curve: 2.5 KiB of stack. Curves with more points are searched on bins (see [`super::bins`]) and polished on
/// all points.
pub(crate) const NODES: usize = 64;

/// Most points that are first searched on coarse bins: with more, finer ones cost less than a third pass that they spare.
const COARSE: usize = 500;

/// One point, or one of the two that stand for those of a bin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    /// ln(n / n_min).
    pub(crate) t: f64,
    /// The error in units of [`Curve::scale`].
    pub(crate) error: f64,
    /// ln of the above in the log residual, the above itself in the linear one.
    pub(crate) target: f64,
    /// Weight in units of [`Curve::weight_scale`].
    pub(crate) weight: f64,
    /// Second derivative of the cost in the model value, at the error itself.
    pub(crate) curvature: f64,
}

impl Node {
    const NONE: Node = Node { t: 0.0, error: 1.0, target: 0.0, weight: 0.0, curvature: 0.0 };

    fn new(t: f64, error: f64, target: f64, weight: f64, residual: Residual) -> Node {
        let curvature = if residual == Residual::Log { weight / (error * error) } else { weight };
        Node { t, error, target, weight, curvature }
    }

    fn size_square(&self, residual: Residual) -> f64 {
        if residual == Residual::Log { 1.0 } else { self.error * self.error }
    }
}

/// A curve made ready for the search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Curve {
    nodes: [Node; NODES],
    len: usize,
    /// Whether each point has its own node.
    pub(crate) is_complete: bool,
    /// Whether finer bins might show more.
    pub(crate) is_coarse: bool,
    /// Points with a weight above 0.
    pub(crate) points: usize,
    pub(crate) n_min: f64,
    pub(crate) n_max: f64,
    pub(crate) ln_n_min: f64,
    /// ln(n_max / n_min) > 0, or 0 if there is one n only.
    pub(crate) span: f64,
    /// Power of two near the largest |error|: costs and steps do not depend on the unit of the error, bit for bit.
    pub(crate) scale: f64,
    /// Power of two near the largest weight.
    pub(crate) weight_scale: f64,
    /// Sum of the scaled weights.
    pub(crate) weight_sum: f64,
    /// The same times the squares of what the rounding of a residual is relative to: 1 in the log residual, the error in
    /// the linear one.
    pub(crate) size_sum: f64,
}

/// The power of two at or below |x|, clamped to where its square and inverse are normal numbers; 1 for 0.
fn power_of_two(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    let exponent = ((x.to_bits() >> 52) & 0x7ff).clamp(1023 - 1000, 1023 + 1000);
    f64::from_bits(exponent << 52)
}

impl Curve {
    /// No points.
    pub(crate) const EMPTY: Curve = Curve {
        nodes: [Node::NONE; NODES],
        len: 0,
        is_complete: true,
        is_coarse: false,
        points: 0,
        n_min: f64::INFINITY,
        n_max: 0.0,
        ln_n_min: 0.0,
        span: 0.0,
        scale: 1.0,
        weight_scale: 1.0,
        weight_sum: 0.0,
        size_sum: 0.0,
    };

    /// Checks every point and fills an empty curve. `data` holds the same points in blocks.
    pub(crate) fn fill(
        &mut self,
        points: impl Iterator<Item = Point> + Clone,
        data: &Source<'_>,
        options: &FitOptions,
        needed: usize,
    ) -> Result<(), FitError> {
        let residual = options.residual;
        let survey = options.isa.dispatch(Inspect { data, residual });
        if !survey.is_sound {
            for (index, p) in points.clone().enumerate() {
                p.check(residual).map_err(|source| FitError::Point { index, source })?;
            }
        }
        (self.points, self.n_min, self.n_max) = (survey.points, survey.n_min, survey.n_max);
        let used = || points.clone().filter(|p| p.weight > 0.0);
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

    /// The same curve on coarse bins.
    pub(crate) fn coarse(&self, data: &Source<'_>, options: &FitOptions) -> Curve {
        self.binned(data, options, true, self.coarse_grid(options))
    }

    /// The same curve on the finest bins.
    pub(crate) fn refined(&self, data: &Source<'_>, options: &FitOptions) -> Curve {
        self.binned(data, options, false, Grid::fine(self.span))
    }

    fn binned(&self, data: &Source<'_>, options: &FitOptions, is_coarse: bool, grid: Grid) -> Curve {
        let mut binned = Curve { is_complete: false, is_coarse, ..*self };
        binned.compress(data, options, grid);
        binned
    }

    /// Fills the nodes with the points that stand for the bins of all points.
    fn compress(&mut self, data: &Source<'_>, options: &FitOptions, grid: Grid) {
        let residual = options.residual;
        let bins = options.isa.dispatch(Fill { blocks: &PointBlocks { data, curve: self }, residual, grid });
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

    /// How many nodes.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The rate of the power law through the nodes, by regression of the target on t: exact in the log residual, to
    /// first order in the linear one. Negative where the errors rise.
    pub(crate) fn power_rate(&self, residual: Residual) -> f64 {
        let Line { mean_y, tt, ty, .. } = self.line();
        -ty / (tt * if residual == Residual::Linear { mean_y } else { 1.0 })
    }

    /// The regression of the target on t over the nodes.
    pub(crate) fn line(&self) -> Line {
        let (weight_sum, weight_scale) = (self.weight_sum, self.weight_scale);
        let (mut t, mut y) = (0.0, 0.0);
        for node in self.nodes() {
            t += node.weight * node.t;
            y += node.weight * node.target;
        }
        let (t, y) = (t / weight_sum, y / weight_sum);
        let mut line = Line { weight_sum, weight_scale, mean_t: t, mean_y: y, tt: 0.0, ty: 0.0, yy: 0.0 };
        for node in self.nodes() {
            line.tt += node.weight * (node.t - t) * (node.t - t);
            line.ty += node.weight * (node.t - t) * (node.target - y);
            line.yy += node.weight * (node.target - y) * (node.target - y);
        }
        line
    }

    /// The nodes as a slice.
    pub(crate) fn as_slice(&self) -> &[Node] {
        self.nodes.get(..self.len).unwrap_or(&self.nodes)
    }

    /// The nodes.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> + Clone {
        self.nodes.iter().take(self.len)
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
