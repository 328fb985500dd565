//! The measurements, at most N of them: when it is full, the two nearest become one.
use crate::math;
use crate::point::Point;

/// One measurement, or several that became one.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// Mean over what it holds, by weight: n and error are geometric means, as the residual is that of the logarithm; the
    /// weights are summed.
    pub point: Point,
    /// When it was observed, in observations since the first; mean by weight.
    pub time: f64,
    /// Measurements in it, >= 1.
    pub count: u32,
}

impl From<Entry> for Point {
    fn from(entry: Entry) -> Point {
        entry.point
    }
}

impl Entry {
    pub(super) const EMPTY: Entry = Entry { point: Point::new(1.0, 1.0).with_weight(0.0), time: 0.0, count: 0 };

    /// Both in one. The cost of the log residual changes by a constant if n is the same: what a fit finds stays.
    fn merge(self, other: Entry) -> Entry {
        let (a, b) = (self.point, other.point);
        // Halves: the sum of two finite weights may overflow.
        let whole = 0.5 * a.weight + 0.5 * b.weight;
        let share = if whole > 0.0 { 0.5 * b.weight / whole } else { 0.5 };
        let weight = (a.weight + b.weight).min(f64::MAX);
        Entry {
            point: Point { n: geometric(a.n, b.n, share), error: geometric(a.error, b.error, share), weight },
            time: self.time + share * (other.time - self.time),
            count: self.count.saturating_add(other.count),
        }
    }
}

/// a^(1-share) b^share, between a and b whatever the rounding; equal numbers stay.
fn geometric(a: f64, b: f64, share: f64) -> f64 {
    let mean = math::exp((1.0 - share) * math::ln(a) + share * math::ln(b));
    mean.max(a.min(b)).min(a.max(b))
}

/// Measurements in the order of n, those of one n in the order of time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Store<E: ?Sized> {
    len: usize,
    merges: u32,
    entries: E,
}

impl<const N: usize> Store<[Entry; N]> {
    pub(super) const fn new() -> Store<[Entry; N]> {
        Store { len: 0, merges: 0, entries: [Entry::EMPTY; N] }
    }
}

impl Store<[Entry]> {
    pub(super) fn as_slice(&self) -> &[Entry] {
        self.entries.get(..self.len).unwrap_or(&self.entries)
    }

    /// How many there can be.
    pub(super) fn places(&self) -> usize {
        self.entries.len()
    }

    /// How often two entries became one.
    pub(super) fn merges(&self) -> u32 {
        self.merges
    }

    /// For a state that is read back, whose entries come in order.
    pub(super) fn set_merges(&mut self, merges: u32) {
        self.merges = merges;
    }

    /// Puts a measurement in its place; if all are taken, the nearest two become one first: those of the same n, the
    /// nearest in time of them, else those whose n have the smallest ratio.
    pub(super) fn push(&mut self, entry: Entry) {
        let mut carry = entry;
        for slot in self.entries.iter_mut().take(self.len) {
            let (there, moved) = (slot.point.n, carry.point.n);
            if there > moved || (there == moved && slot.time > carry.time) {
                core::mem::swap(slot, &mut carry);
            }
        }
        if let Some(free) = self.entries.get_mut(self.len) {
            *free = carry;
            self.len += 1;
            return;
        }
        let nearest = self.nearest(&carry);
        // Everything behind the pair moves up by one: the pair becomes one in the place of its second.
        for (index, slot) in self.entries.iter_mut().enumerate().rev() {
            if index == nearest {
                *slot = slot.merge(carry);
                break;
            }
            core::mem::swap(slot, &mut carry);
        }
        self.merges = self.merges.saturating_add(1);
    }

    /// The index of the first of the two nearest, when `last` follows behind the entries.
    fn nearest(&self, last: &Entry) -> usize {
        let followers = self.entries.iter().skip(1).chain(core::iter::once(last));
        let (mut best, mut at) = ((f64::INFINITY, f64::INFINITY), 0);
        for (index, (a, b)) in self.entries.iter().zip(followers).enumerate() {
            let distance = (b.point.n / a.point.n, b.time - a.time);
            if distance.0 < best.0 || (distance.0 == best.0 && distance.1 < best.1) {
                (best, at) = (distance, index);
            }
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(n: f64, error: f64, time: f64) -> Entry {
        Entry { point: Point::new(n, error), time, count: 1 }
    }

    #[test]
    fn keeps_the_order_of_n_and_of_time() {
        let mut four = Store::<[Entry; 4]>::new();
        let store: &mut Store<[Entry]> = &mut four;
        for (time, n) in [4.0, 1.0, 4.0, 2.0].into_iter().enumerate() {
            store.push(entry(n, 0.5, time as f64));
        }
        let order = store.as_slice().iter().map(|e| (e.point.n, e.time));
        assert!(order.eq([(1.0, 1.0), (2.0, 3.0), (4.0, 0.0), (4.0, 2.0)]), "{store:?}");
    }

    #[test]
    fn same_n_first_then_the_nearest() {
        let mut four = Store::<[Entry; 4]>::new();
        let store: &mut Store<[Entry]> = &mut four;
        for (time, n) in [1.0, 10.0, 11.0, 10.0, 50.0].into_iter().enumerate() {
            store.push(entry(n, 0.5, time as f64));
        }
        let sizes = store.as_slice().iter().map(|e| (e.point.n, e.count));
        assert!(sizes.eq([(1.0, 1), (10.0, 2), (11.0, 1), (50.0, 1)]), "10 twice in one: {store:?}");
        assert_eq!(store.as_slice()[1].point.weight, 2.0);
        assert_eq!(store.as_slice()[1].time, 2.0, "mean of 1 and 3");
        store.push(entry(200.0, 0.4, 5.0));
        let merged = store.as_slice()[1].point;
        // Weights 2 and 1: 10^(2/3) 11^(1/3); 4 eps: two logarithms, an exponential, the sum.
        let mean = (100.0 * 11.0_f64).cbrt();
        assert!((merged.n - mean).abs() <= 4.0 * f64::EPSILON * mean, "{} against {mean}", merged.n);
        assert_eq!(store.as_slice().iter().map(|e| e.count).sum::<u32>(), 6, "every measurement is in an entry");
        assert_eq!(store.merges(), 2);
    }

    #[test]
    fn extreme_weights_stay_finite() {
        for (a, b) in [(f64::MAX, f64::MAX), (5e-324, 5e-324), (f64::MAX, 5e-324)] {
            let with = |w: f64, error: f64| Entry { point: Point::new(1e3, error).with_weight(w), time: 0.0, count: 1 };
            let both = with(a, 0.25).merge(with(b, 0.5)).point;
            assert!(both.n == 1e3 && (0.25..=0.5).contains(&both.error), "{both:?}");
            assert!(both.weight > 0.0 && both.weight.is_finite(), "{both:?}");
        }
    }
}
