//! Roots of monotone functions.

/// Steps after which a bracket of doubles cannot shrink any more: 64 halvings, and as many Newton steps between them.
const STEPS: usize = 128;

/// The root of an increasing function in [low, high], to rounding: Newton's method inside a bracket, which is halved
/// where a step would leave it. `f` gives value and slope. The nearest end if the function has one sign.
pub(super) fn increasing(f: impl Fn(f64) -> (f64, f64), mut low: f64, mut high: f64) -> f64 {
    let mut x = low + 0.5 * (high - low);
    for _ in 0..STEPS {
        let (value, slope) = f(x);
        if value > 0.0 {
            high = x;
        } else if value < 0.0 {
            low = x;
        } else {
            // The root, or NaN: there is no better answer.
            return x;
        }
        let newton = x - value / slope;
        let next = if newton > low && newton < high { newton } else { low + 0.5 * (high - low) };
        // Two units in the last place: the values of `f` are no better.
        if (next - x).abs() <= 2.0 * f64::EPSILON * x.abs() {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_to_rounding() {
        let cube = |x: f64| (x * x * x - 2.0, 3.0 * x * x);
        let root = increasing(cube, 0.0, 2.0);
        assert!((root - 1.259_921_049_894_873_2).abs() <= 4.0 * f64::EPSILON, "{root}");
        // A slope that lies is caught by the bracket.
        let lying = increasing(|x| (x - 0.3, 1e-9), -1.0, 1.0);
        assert!((lying - 0.3).abs() < 1e-15, "{lying}");
    }

    #[test]
    fn one_sign_gives_the_nearest_end() {
        assert!((increasing(|x| (x + 5.0, 1.0), 0.0, 1.0)).abs() < 1e-15, "all above 0: the lower end");
        assert!((increasing(|x| (x - 5.0, 1.0), 0.0, 1.0) - 1.0).abs() < 1e-15, "all below 0: the upper end");
        assert!(increasing(|_| (f64::NAN, 1.0), 0.0, 1.0).is_finite(), "NaN ends the search");
    }
}
