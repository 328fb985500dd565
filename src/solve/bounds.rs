//! Box bounds and the steps that respect them.

/// A closed interval; infinite ends are none.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bounds {
    /// Lower end.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::below_all"))]
    pub lower: f64,
    /// Upper end.
    #[cfg_attr(feature = "serde", serde(with = "crate::exchange::above_all"))]
    pub upper: f64,
}

/// Which end of a [`Bounds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Side {
    /// The lower end.
    Lower,
    /// The upper end.
    Upper,
}

impl Bounds {
    /// No bounds.
    pub const FREE: Bounds = Bounds { lower: f64::NEG_INFINITY, upper: f64::INFINITY };
    /// [lower, upper].
    pub const fn new(lower: f64, upper: f64) -> Bounds {
        Bounds { lower, upper }
    }
    /// [value, value], inside of a solve.
    pub(crate) const fn held_at(value: f64) -> Bounds {
        Bounds { lower: value, upper: value }
    }
    /// Whether lower <= upper, so that there is a point between them.
    pub(crate) fn is_valid(self) -> bool {
        self.lower <= self.upper && self.lower < f64::INFINITY && self.upper > f64::NEG_INFINITY
    }
    /// The nearest point of the interval; NaN stays NaN.
    pub(crate) fn clamp(self, x: f64) -> f64 {
        if x < self.lower {
            self.lower
        } else if x > self.upper {
            self.upper
        } else {
            x
        }
    }
}

impl From<(f64, f64)> for Bounds {
    fn from((lower, upper): (f64, f64)) -> Bounds {
        Bounds { lower, upper }
    }
}

/// The bounds that hold `theta`: it lies on them and the cost decreases beyond them. Fixed parameters are held.
pub(crate) fn held<const P: usize>(theta: &[f64; P], gradient: &[f64; P], bounds: &[Bounds; P]) -> [Option<Side>; P] {
    let mut sides = [None; P];
    for (((side, theta), gradient), Bounds { lower, upper }) in sides.iter_mut().zip(theta).zip(gradient).zip(bounds) {
        if theta <= lower && (*gradient > 0.0 || lower == upper) {
            *side = Some(Side::Lower);
        } else if theta >= upper && *gradient < 0.0 {
            *side = Some(Side::Upper);
        }
    }
    sides
}

/// A step inside the box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Boxed<const P: usize> {
    /// Where it ends, inside the bounds.
    pub(crate) theta: [f64; P],
    /// The step.
    pub(crate) delta: [f64; P],
    /// The parameters that no bound stopped.
    pub(crate) free: [bool; P],
}

/// The step that `solve(free, shift)` proposes for the free parameters, where the others move by `shift`.
///
/// The parameter that leaves its interval first along the step is put on the bound and the rest is solved again, so that
/// a step that runs into a face goes on along it (at most P rounds). Only the first: with a convex model every round
/// then still descends, which stopping several at once does not guarantee.
#[cfg_attr(wide, inline(always))]
pub(crate) fn step_in_box<const P: usize>(
    theta: &[f64; P],
    bounds: &[Bounds; P],
    held: &[Option<Side>; P],
    mut solve: impl FnMut(&[bool; P], &[f64; P]) -> [f64; P],
) -> Boxed<P> {
    let mut boxed = Boxed { theta: *theta, delta: [0.0; P], free: held.map(|side| side.is_none()) };
    for _ in 0..=P {
        let step = solve(&boxed.free, &boxed.delta);
        let (mut first, mut share, mut on) = (P, 1.0, 0.0);
        for j in 0..P {
            let to = theta[j] + step[j];
            let inside = bounds[j].clamp(to);
            // NaN is not "outside": it shows in the step.
            if boxed.free[j] && inside != to && !to.is_nan() {
                let reached = (inside - theta[j]) / step[j];
                if first == P || reached < share {
                    (first, share, on) = (j, reached, inside);
                }
            }
        }
        for j in 0..P {
            if first == P && boxed.free[j] {
                (boxed.theta[j], boxed.delta[j]) = (theta[j] + step[j], step[j]);
            } else if j == first {
                (boxed.theta[j], boxed.delta[j], boxed.free[j]) = (on, on - theta[j], false);
            }
        }
        if first == P {
            break;
        }
    }
    boxed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_holds_only_against_the_descent() {
        let bounds = [Bounds::new(0.0, 1.0), Bounds::new(0.0, 1.0), Bounds::new(0.0, 1.0), Bounds::new(1.0, 1.0)];
        let theta = [0.0, 0.0, 1.0, 1.0];
        assert_eq!(
            held(&theta, &[1.0, -1.0, -1.0, -1.0], &bounds),
            [Some(Side::Lower), None, Some(Side::Upper), Some(Side::Lower)]
        );
        assert_eq!(held(&theta, &[0.0; 4], &bounds), [None, None, None, Some(Side::Lower)], "no slope, not held");
    }

    #[test]
    fn a_step_goes_on_along_the_face_it_meets() {
        // Minimum of (x - 2)^2 + (y - x)^2 at (2, 2); with x <= 1 at (1, 1).
        let bounds = [Bounds::new(0.0, 1.0), Bounds::FREE];
        let step = step_in_box(
            &[0.0, 0.0],
            &bounds,
            &[None; 2],
            |free, shift| {
                if free[0] { [2.0, 2.0] } else { [0.0, shift[0]] }
            },
        );
        assert_eq!(step, Boxed { theta: [1.0, 1.0], delta: [1.0, 1.0], free: [false, true] });
    }

    #[test]
    fn valid_intervals() {
        assert!(Bounds::FREE.is_valid() && Bounds::new(2.0, 2.0).is_valid());
        for (lower, upper) in [(1.0, 0.0), (f64::NAN, 0.0), (0.0, f64::NAN), (f64::INFINITY, f64::INFINITY)] {
            assert!(!Bounds::new(lower, upper).is_valid(), "{lower} {upper}");
        }
    }
}
