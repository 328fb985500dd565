//! Laws and functions of their parameters behind pointers: what follows is compiled once, here, for all of them.
use crate::law::{Dual, Formula, Law};
use crate::math;
use crate::simd::F64x8;
use crate::solve::{Block, Fitted, Observations, Rows};

/// Parameters that a law of the user's own can have.
pub(super) const MOST: usize = 9;

/// Parameters; those that the law has not are 0 and held.
pub(super) type Theta = [f64; MOST];

/// The first `P` of the parameters.
pub(super) fn own<T: Copy + Default, const P: usize>(all: &[T; MOST]) -> [T; P] {
    let mut own = [T::default(); P];
    for (slot, x) in own.iter_mut().zip(all) {
        *slot = *x;
    }
    own
}

/// The other way, the rest being `rest`.
pub(super) fn padded<T: Copy, const P: usize>(own: &[T; P], rest: T) -> [T; MOST] {
    let mut all = [rest; MOST];
    for (slot, x) in all.iter_mut().zip(own) {
        *slot = *x;
    }
    all
}

/// The rows of a law of `P` parameters.
pub(super) struct Padded<'a, L, D: ?Sized, const P: usize>(pub(super) Fitted<'a, L, D>);

impl<L: Law<P>, D: Observations<L::Observation> + ?Sized, const P: usize> Rows<MOST> for Padded<'_, L, D, P> {
    fn block(&self, theta: &Theta, k: usize) -> Option<Block<MOST>> {
        let (residuals, jacobian, limit) = self.0.block(&own::<f64, P>(theta), k)?;
        Some((residuals, padded(&jacobian, F64x8::splat(0.0)), limit))
    }
}

/// A function of the parameters.
pub(super) trait Function {
    /// Its value and its derivatives.
    fn at(&self, theta: &Theta) -> (f64, Theta);
}

/// A formula at a place.
pub(super) struct At<'a, F, const P: usize, const X: usize>(pub(super) &'a F, pub(super) [f64; X]);

impl<F: Formula<P, X>, const P: usize, const X: usize> Function for At<'_, F, P, X> {
    fn at(&self, theta: &Theta) -> (f64, Theta) {
        let x = self.1.map(|x| Dual::known(F64x8::splat(x)));
        let Dual { value, slopes } = self.0.value(Dual::parameters(own::<f64, P>(theta)), x);
        (value.0[0], padded(&slopes.map(|s| s.0[0]), 0.0))
    }
}

/// Rows with one more, `root` (T(function) - `target`), that pulls the function to a target; T is the logarithm or nothing.
///
/// Where the cost with it is least, the gradient of the cost of the data is a multiple of that of the function: the place is
/// on the profile of the function, whatever the root is.
pub(super) struct Pulled<'a> {
    pub(super) rows: &'a dyn Rows<MOST>,
    /// Blocks of the data.
    pub(super) blocks: usize,
    pub(super) function: &'a dyn Function,
    pub(super) is_log: bool,
    pub(super) target: f64,
    pub(super) root: f64,
}

impl Pulled<'_> {
    /// T of the function, and its derivatives.
    pub(super) fn value(&self, theta: &Theta) -> (f64, Theta) {
        let (value, slopes) = self.function.at(theta);
        if self.is_log { (math::ln(value), slopes.map(|s| s / value)) } else { (value, slopes) }
    }
}

impl Rows<MOST> for Pulled<'_> {
    fn block(&self, theta: &Theta, k: usize) -> Option<Block<MOST>> {
        if k != self.blocks {
            return self.rows.block(theta, k);
        }
        let (value, slopes) = self.value(theta);
        let first = |x: f64| F64x8([x, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let columns = slopes.map(|s| first(self.root * s));
        Some((first(self.root * (value - self.target)), columns, F64x8::splat(f64::INFINITY)))
    }
}
