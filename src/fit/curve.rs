//! A curve as the search has it: at most 64 nodes in units of their own.
use crate::law::Residual;

use super::line::Line;

/// Nodes of a curve: 2.5 KiB of stack. Curves with more points are searched on bins (see [`super::bins`]) and polished on
/// all points.
pub(crate) const NODES: usize = 64;

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
    pub(super) const NONE: Node = Node { t: 0.0, error: 0.0, target: 0.0, weight: 0.0, curvature: 0.0 };

    pub(super) fn new(t: f64, error: f64, target: f64, weight: f64, residual: Residual) -> Node {
        let curvature = if residual == Residual::Log { weight / (error * error) } else { weight };
        Node { t, error, target, weight, curvature }
    }

    pub(super) fn size_square(&self, residual: Residual) -> f64 {
        if residual == Residual::Log { 1.0 } else { self.error * self.error }
    }
}

/// A curve made ready for the search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Curve {
    pub(super) nodes: [Node; NODES],
    pub(super) len: usize,
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

impl Curve {
    /// No points: all zero, that no image of it is kept.
    pub(crate) const EMPTY: Curve = Curve {
        nodes: [Node::NONE; NODES],
        len: 0,
        is_complete: false,
        is_coarse: false,
        points: 0,
        n_min: 0.0,
        n_max: 0.0,
        ln_n_min: 0.0,
        span: 0.0,
        scale: 0.0,
        weight_scale: 0.0,
        weight_sum: 0.0,
        size_sum: 0.0,
    };

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
