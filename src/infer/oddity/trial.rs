//! Fits of a curve with something changed: without a point, with another value, its ends held at one level.
use crate::fit::{Curves, FitOptions, Source, Syn2RealFit, Weights, each, fit_laws};
use crate::law::{Residual, Syn2RealLaw};
use crate::math;
use crate::point::Point;
use crate::simd::LANES;
use crate::solve::{Loss, Observations};

/// Most sizes: curves with more are not searched.
pub(super) const MOST: usize = 64;
/// Degrees of freedom that stand for infinitely many: F with 1 and 1e8 is chi^2 to 1e-8.
const INFINITE: f64 = 1e8;
/// Relative residuals below this are rounding of f64.
const EXACT: f64 = 1e-12;
/// Decimals of an error that are looked at.
const DECIMALS: usize = 15;

/// The points of one size in one: mean of the targets (ln error, or error), sum of the weights.
#[derive(Clone, Copy, Default)]
pub(super) struct Node {
    pub(super) n: f64,
    /// ln n.
    pub(super) t: f64,
    pub(super) y: f64,
    pub(super) w: f64,
}

/// A point that may be left out: of each size those with the least and the largest target.
#[derive(Clone, Copy, Default)]
pub(super) struct Candidate {
    pub(super) index: usize,
    pub(super) node: usize,
    pub(super) n: f64,
    pub(super) y: f64,
    pub(super) w: f64,
    decimals: usize,
}

/// What is changed of a curve.
#[derive(Clone, Copy)]
pub(super) struct Change {
    /// Points that are left out.
    pub(super) without: [Option<Candidate>; 2],
    /// The nodes that stay: from one to before another.
    pub(super) keep: [usize; 2],
    /// What is put in.
    pub(super) extra: Option<Node>,
}

impl Change {
    pub(super) const NONE: Change = Change { without: [None; 2], keep: [0, MOST], extra: None };

    pub(super) fn without(one: Candidate) -> Change {
        Change { without: [Some(one), None], ..Change::NONE }
    }
}

/// A curve by sizes in the order of n, and how it is fitted.
pub(super) struct Trial {
    nodes: [Node; MOST],
    least: [Candidate; MOST],
    largest: [Candidate; MOST],
    /// Distinct sizes.
    pub(super) len: usize,
    /// Points of a weight above 0.
    pub(super) points: usize,
    /// Weighted squares about the means of the sizes.
    pure: f64,
    /// The sum of w error^2.
    by_error: f64,
    /// The sum of w / error^2 in the log residual, of w in the linear one: what a rounding of 1 makes of a cost.
    by_rounding: f64,
    /// How many errors have how many decimals.
    decimals: [usize; DECIMALS + 1],
    pub(super) options: FitOptions,
    /// Parameters that are free.
    pub(super) free: usize,
    is_log: bool,
}

impl Trial {
    /// `None` with more than 64 sizes.
    #[inline(never)]
    pub(super) fn new(fit: &Syn2RealFit, data: &Source<'_>) -> Option<Trial> {
        let (report, none) = (fit.report(), Candidate::default());
        let mut trial = Trial {
            nodes: [Node::default(); MOST],
            least: [none; MOST],
            largest: [none; MOST],
            len: 0,
            points: 0,
            pure: 0.0,
            by_error: 0.0,
            by_rounding: 0.0,
            decimals: [0; DECIMALS + 1],
            options: FitOptions { loss: Loss::Square, covariance: false, ..fit.options() },
            free: report.fixed.iter().filter(|held| !**held).count(),
            is_log: report.residual == Residual::Log,
        };
        for (index, p) in each(data).enumerate().filter(|(_, p)| p.weight > 0.0) {
            trial.add(index, &p)?;
        }
        Some(trial)
    }

    fn add(&mut self, index: usize, p: &Point) -> Option<()> {
        let taken = self.nodes.get(..self.len)?;
        let at = taken.partition_point(|node| node.n < p.n);
        let y = if self.is_log { math::ln(p.error) } else { p.error };
        let decimals = decimals(p.error);
        let own = Candidate { index, node: 0, n: p.n, y, w: p.weight, decimals };
        if taken.get(at).is_none_or(|node| node.n != p.n) {
            let new = Node { n: p.n, t: math::ln(p.n), y, w: 0.0 };
            insert(&mut self.nodes, at, self.len, new)?;
            insert(&mut self.least, at, self.len, own)?;
            insert(&mut self.largest, at, self.len, own)?;
            self.len += 1;
        }
        let node = self.nodes.get_mut(at)?;
        let apart = y - node.y;
        let both = node.w + p.weight;
        self.pure += node.w * p.weight / both * apart * apart;
        (node.y, node.w) = (node.y + apart * (p.weight / both), both);
        let (least, largest) = (self.least.get_mut(at)?, self.largest.get_mut(at)?);
        if y < least.y {
            *least = own;
        }
        if y > largest.y {
            *largest = own;
        }
        self.points += 1;
        self.by_error += p.weight * p.error * p.error;
        self.by_rounding += if self.is_log { p.weight / (p.error * p.error) } else { p.weight };
        *self.decimals.get_mut(decimals)? += 1;
        Some(())
    }

    /// The points that may be left out.
    pub(super) fn candidates(&self) -> impl Iterator<Item = Candidate> + Clone {
        let pairs = self.least.iter().zip(&self.largest).take(self.len).enumerate();
        pairs.flat_map(|(node, (least, largest))| {
            let second = (least.index != largest.index).then_some(Candidate { node, ..*largest });
            [Some(Candidate { node, ..*least }), second].into_iter().flatten()
        })
    }

    /// One of them, by number.
    pub(super) fn candidate(&self, k: usize) -> Candidate {
        self.candidates().nth(k).unwrap_or_default()
    }

    /// Node `k` as it is.
    pub(super) fn node(&self, k: usize) -> Option<&Node> {
        self.nodes.get(..self.len)?.get(k)
    }

    /// The nodes from `k` on.
    pub(super) fn from(&self, k: usize) -> &[Node] {
        self.nodes.get(..self.len).and_then(|nodes| nodes.get(k..)).unwrap_or(&[])
    }

    /// The place of the lowest value of node `k` among the points.
    pub(super) fn index(&self, k: usize) -> usize {
        self.least.get(k).map_or(0, |own| own.index)
    }

    /// The error of a target.
    pub(super) fn error(&self, y: f64) -> f64 {
        if self.is_log { math::exp(y) } else { y }
    }

    /// The mean square of residuals as shares of the errors, from twice a cost.
    pub(super) fn mean_square(&self, square: f64) -> f64 {
        let unit = if self.is_log { self.from(0).iter().map(|node| node.w).sum() } else { self.by_error };
        square / unit
    }

    /// The target of an error.
    pub(super) fn target(&self, error: f64) -> f64 {
        if self.is_log { math::ln(error) } else { error }
    }

    /// The weight of an error that is `factor` times what it was.
    pub(super) fn weight(&self, w: f64, factor: f64) -> f64 {
        if self.is_log && self.options.weights == Weights::Sigma { w * factor * factor } else { w }
    }

    /// Node `k` of the changed curve; after the last the one put in.
    pub(super) fn changed(&self, change: &Change, k: usize) -> Node {
        let [first, end] = change.keep;
        let idle = Node { w: 0.0, ..self.nodes[0] };
        let Some(&own) = self.node(k) else { return change.extra.unwrap_or(idle) };
        if k < first || k >= end {
            return Node { w: 0.0, ..own };
        }
        change.without.iter().flatten().filter(|out| out.node == k).fold(own, |node, out| {
            let left = node.w - out.w;
            // What is left of a size of which all points are out is rounding.
            if left > 1e-9 * own.w {
                Node { w: left, y: node.y - (out.y - node.y) * (out.w / left), ..node }
            } else {
                Node { w: 0.0, ..node }
            }
        })
    }

    /// The squares within the sizes of the changed curve.
    pub(super) fn squares(&self, change: &Change) -> f64 {
        let mut square = self.pure;
        let mut before: Option<Candidate> = None;
        for out in change.without.iter().flatten() {
            let earlier = Change { without: [before, None], ..Change::NONE };
            let node = self.changed(&earlier, out.node);
            let left = node.w - out.w;
            if left > 1e-9 * node.w {
                square -= out.w * node.w / left * (out.y - node.y) * (out.y - node.y);
            }
            before = Some(*out);
        }
        if square > 0.0 { square } else { 0.0 }
    }

    /// Twice the cost over the changed curve of a law, given as L at a node.
    pub(super) fn square(&self, change: &Change, error_at: &dyn Fn(&Node) -> f64) -> f64 {
        let mut sum = self.squares(change);
        for k in 0..=self.len {
            let node = self.changed(change, k);
            if node.w > 0.0 {
                let r = node.y - self.target(error_at(&node));
                sum += node.w * r * r;
            }
        }
        sum
    }

    /// Point `k` of the changed curve.
    fn point(&self, change: &Change, k: usize) -> Point {
        let node = self.changed(change, k);
        Point::new(node.n, self.error(node.y)).with_weight(node.w)
    }

    /// Points 8 `b` to 8 `b` + 7 of the changed curve.
    fn block(&self, change: &Change, b: usize) -> Option<[Point; LANES]> {
        let first = b.checked_mul(LANES).filter(|first| *first <= self.len)?;
        let mut block = [Point::new(1.0, 1.0); LANES];
        for (place, slot) in (first..).zip(&mut block) {
            *slot = self.point(change, place.min(self.len));
        }
        Some(block)
    }

    /// Fits the changed curves side by side; `each` gets the number of the change, twice the cost and the law, where there is
    /// a fit.
    pub(super) fn squares_of(
        &self,
        count: usize,
        change: &dyn Fn(usize) -> Change,
        each: &mut dyn FnMut(usize, f64, &Syn2RealLaw),
    ) {
        fit_laws(&Changed { trial: self, count, change }, &self.options, false, &mut |k, law| {
            if let Ok(law) = law {
                let (rate, ln_d) = (law.rate(), math::ln(law.d));
                each(k, self.square(&change(k), &|node| model(&law, rate, ln_d, node.t)), &law);
            }
        });
    }

    /// Twice the cost of the fit of one changed curve; infinite without a fit.
    pub(super) fn square_of(&self, change: &Change) -> f64 {
        let mut found = f64::INFINITY;
        self.squares_of(1, &|_| *change, &mut |_, square, _| found = square);
        found
    }

    /// What is certain to be rounding of twice a cost: that of the last decimal that the errors have without these points, the
    /// variance of which is a twelfth, at each degree of freedom.
    pub(super) fn rounding(&self, without: &[Option<Candidate>; 2], freedom: f64) -> f64 {
        let mut counts = self.decimals;
        for out in without.iter().flatten() {
            if let Some(count) = counts.get_mut(out.decimals) {
                *count = count.saturating_sub(1);
            }
        }
        let most = counts.iter().rposition(|count| *count > 0).unwrap_or(DECIMALS);
        let unit = if most < DECIMALS { (0..most).fold(1.0, |unit, _| unit / 10.0) } else { 0.0 };
        let share = freedom / self.points.max(1) as f64;
        let exact = EXACT * EXACT * self.from(0).iter().map(|node| node.w).sum::<f64>();
        share * self.by_rounding * unit * unit / 12.0 + exact
    }

    /// The probability of so large a fall of twice the cost by `more` parameters more if they are none, with the degrees of
    /// freedom that then are left: the F test, chi^2 where the noise is known.
    pub(super) fn p_value(&self, null: f64, square: f64, more: f64, freedom: f64, rounding: f64) -> f64 {
        if !(freedom >= 1.0 && null > square) {
            return 1.0;
        }
        if self.options.weights.is_absolute() {
            return math::f_tail((null - square) / more, more, INFINITE);
        }
        let least = if square > rounding { square } else { rounding };
        let ratio = (null - square) / more / (least / freedom);
        if ratio < f64::INFINITY { math::f_tail(ratio, more, freedom) } else { 0.0 }
    }
}

/// L at ln n.
fn model(law: &Syn2RealLaw, rate: f64, ln_d: f64, t: f64) -> f64 {
    if law.d > 0.0 { math::exp(ln_d - rate * t) + law.c } else { law.c }
}

/// Decimals of a number, at most 15.
fn decimals(x: f64) -> usize {
    let mut power = 1.0;
    for k in 0..DECIMALS {
        let v = x.abs() * power;
        // `as` truncates; half a unit more makes it round.
        let nearest = (v + 0.5) as i64 as f64;
        if (v - nearest).abs() <= 1e-9 * nearest {
            return k;
        }
        power *= 10.0;
    }
    DECIMALS
}

/// Puts `new` at a place among the first `len`; `None` where there is no room.
fn insert<T: Copy>(slots: &mut [T; MOST], at: usize, len: usize, new: T) -> Option<()> {
    if len >= MOST {
        return None;
    }
    let mut moved = new;
    for slot in slots.iter_mut().skip(at).take(len - at + 1) {
        core::mem::swap(slot, &mut moved);
    }
    Some(())
}

/// The changed curves as a fit reads them.
struct Changed<'a> {
    trial: &'a Trial,
    count: usize,
    change: &'a dyn Fn(usize) -> Change,
}

impl Curves for Changed<'_> {
    fn count(&self) -> usize {
        self.count
    }

    fn len(&self, _: usize) -> usize {
        // A node more than there are sizes, for what is put in; it may be idle.
        self.trial.len + 1
    }

    fn block(&self, k: usize, b: usize) -> Option<[Point; LANES]> {
        self.trial.block(&(self.change)(k), b)
    }
}

/// One changed curve.
pub(super) struct Single<'a> {
    pub(super) trial: &'a Trial,
    pub(super) change: &'a Change,
}

impl Observations<Point> for Single<'_> {
    fn len(&self) -> usize {
        self.trial.len + 1
    }

    fn block(&self, b: usize) -> Option<[Point; LANES]> {
        self.trial.block(self.change, b)
    }
}
