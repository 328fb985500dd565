//! A root inside a bracket.

/// A bracket [a, b] of a root: the values at its ends have different signs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bracket {
    /// The better end: x and the value there.
    pub(super) best: (f64, f64),
    /// The other end.
    pub(super) other: (f64, f64),
}

/// Shrinks the bracket until it is not wider than `width` or one end is a root, with at most `evaluations` evaluations of
/// `f`: inverse quadratic interpolation where it can be trusted, bisection elsewhere (Chandrupatla 1997, "A new hybrid
/// quadratic/bisection algorithm for finding the zero of a nonlinear function without using derivatives", Advances in
/// Engineering Software 28). Returns the evaluations used.
pub(super) fn shrink<E>(
    bracket: &mut Bracket,
    width: f64,
    evaluations: u32,
    mut f: impl FnMut(f64) -> Result<f64, E>,
) -> Result<u32, E> {
    let ((mut a, mut fa), (mut b, mut fb)) = (bracket.best, bracket.other);
    let mut share = 0.5_f64;
    let mut used = 0;
    loop {
        let (best, other) = if fa.abs() <= fb.abs() { ((a, fa), (b, fb)) } else { ((b, fb), (a, fa)) };
        *bracket = Bracket { best, other };
        let gap = (b - a).abs();
        if best.1 == 0.0 || gap <= width || used >= evaluations {
            return Ok(used);
        }
        // Half a width from either end at least, so that the bracket closes from both sides.
        let least = 0.5 * width / gap;
        let x = a + share.max(least).min(1.0 - least) * (b - a);
        if x == a || x == b {
            return Ok(used);
        }
        let fx = f(x)?;
        used += 1;
        // (c, fc) is the end that was left.
        let (c, fc);
        if (fx > 0.0) == (fa > 0.0) {
            (c, fc) = (a, fa);
        } else {
            (c, fc) = (b, fb);
            (b, fb) = (a, fa);
        }
        (a, fa) = (x, fx);
        let (xi, phi) = ((a - b) / (c - b), (fa - fb) / (fc - fb));
        let is_trusted = phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi;
        share = 0.5;
        if is_trusted {
            let by = fa / (fb - fa) * (fc / (fb - fc)) + (c - a) / (b - a) * (fa / (fc - fa)) * (fb / (fc - fb));
            if by > 0.0 && by < 1.0 {
                share = by;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(f: impl Fn(f64) -> f64, a: f64, b: f64) -> (f64, u32) {
        let mut bracket = Bracket { best: (a, f(a)), other: (b, f(b)) };
        let used = shrink::<()>(&mut bracket, 1e-13, 100, |x| Ok(f(x))).expect("f does not fail");
        (bracket.best.0, used)
    }

    #[test]
    fn smooth_steep_and_jumping_functions() {
        let (x, used) = find(|x| x * x * x - 2.0, 0.0, 4.0);
        // An error below the width; bisection would need log2(4 / 1e-13) = 46 evaluations.
        assert!((x * x * x - 2.0).abs() < 1e-11 && used < 20, "cube root: {x} after {used}");
        let (x, used) = find(|x| crate::math::exp(-30.0 * x) - 1e-6, 0.0, 10.0);
        assert!((x - 0.460_517_018_598_809_1).abs() < 1e-12 && used < 40, "steep: {x} after {used}");
        let (x, used) = find(|x| if x < 0.3 { 1.0 } else { -1.0 }, 0.0, 1.0);
        assert!((x - 0.3).abs() <= 1e-13 && used < 50, "a jump is bisected: {x} after {used}");
    }
}
