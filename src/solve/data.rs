//! Where observations come from.
use crate::law::Row;
use crate::simd::LANES;

/// A source of observations, read eight at a time and more than once.
pub trait Observations<O> {
    /// How many.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Observations 8 `k` to 8 `k` + 7; past the end the last one repeats (never zeros, of which a logarithm would make
    /// infinities). `None` if 8 `k` is past the end.
    fn block(&self, k: usize) -> Option<[O; LANES]>;
}

/// The block `k` of a slice through a conversion.
#[cfg_attr(wide, inline(always))]
fn block<T, O: Copy>(slice: &[T], k: usize, convert: impl Fn(&T) -> O) -> Option<[O; LANES]> {
    let rest = slice.get(k.checked_mul(LANES)?..)?;
    if let Some(full) = rest.first_chunk::<LANES>() {
        // Not `map`, whose closure may stay out of line.
        let [a, b, c, d, e, f, g, h] = full;
        return Some([convert(a), convert(b), convert(c), convert(d), convert(e), convert(f), convert(g), convert(h)]);
    }
    let mut block = [convert(rest.last()?); LANES];
    for (slot, item) in block.iter_mut().zip(rest) {
        *slot = convert(item);
    }
    Some(block)
}

impl<O: Copy> Observations<O> for [O] {
    #[cfg_attr(wide, inline(always))]
    fn len(&self) -> usize {
        <[O]>::len(self)
    }
    #[cfg_attr(wide, inline(always))]
    fn block(&self, k: usize) -> Option<[O; LANES]> {
        block(self, k, |o| *o)
    }
}

impl<O: Copy, const N: usize> Observations<O> for [O; N] {
    #[cfg_attr(wide, inline(always))]
    fn len(&self) -> usize {
        N
    }
    #[cfg_attr(wide, inline(always))]
    fn block(&self, k: usize) -> Option<[O; LANES]> {
        block(self, k, |o| *o)
    }
}

/// Tuples as the rows of a formula, in slices and arrays.
macro_rules! rows_of {
    ($([$($generics:tt)*] $tuple:ty as $rows:ty: $pattern:pat => $row:expr;)*) => { $(
        impl<$($generics)*> Observations<$rows> for [$tuple] {
            fn len(&self) -> usize {
                <[$tuple]>::len(self)
            }
            fn block(&self, k: usize) -> Option<[$rows; LANES]> {
                block(self, k, |&$pattern| $row)
            }
        }

        impl<$($generics)* const N: usize> Observations<$rows> for [$tuple; N] {
            fn len(&self) -> usize {
                N
            }
            fn block(&self, k: usize) -> Option<[$rows; LANES]> {
                block(self, k, |&$pattern| $row)
            }
        }
    )* };
}

rows_of! {
    [] (f64, f64) as Row<1>: (x, y) => Row::new([x], y);
    [] (f64, f64, f64) as Row<1>: (x, y, weight) => Row::new([x], y).with_weight(weight);
    [const X: usize,] ([f64; X], f64) as Row<X>: (x, y) => Row::new(x, y);
    [const X: usize,] ([f64; X], f64, f64) as Row<X>: (x, y, weight) => Row::new(x, y).with_weight(weight);
}

/// A slice of the user's own points, converted while it is read; no buffer.
///
/// ```
/// use syn2real::solve::{Mapped, Observations};
/// let points = [(1_u32, 0.5_f32), (2, 0.25)];
/// let data = Mapped::new(&points, |&(n, e)| [f64::from(n), f64::from(e)]);
/// assert_eq!(data.len(), 2);
/// assert_eq!(data.block(0).unwrap()[7], [2.0, 0.25]);
/// assert_eq!(data.block(1), None);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Mapped<'a, T, F> {
    slice: &'a [T],
    convert: F,
}

impl<'a, T, F> Mapped<'a, T, F> {
    /// `convert` is called once per point and pass.
    pub fn new<O>(slice: &'a [T], convert: F) -> Mapped<'a, T, F>
    where
        F: Fn(&T) -> O,
    {
        Mapped { slice, convert }
    }
}

impl<T, O: Copy, F: Fn(&T) -> O> Observations<O> for Mapped<'_, T, F> {
    #[cfg_attr(wide, inline(always))]
    fn len(&self) -> usize {
        self.slice.len()
    }
    #[cfg_attr(wide, inline(always))]
    fn block(&self, k: usize) -> Option<[O; LANES]> {
        block(self.slice, k, &self.convert)
    }
}
