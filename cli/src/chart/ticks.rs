//! Round values along an axis, and their labels.

/// Round values between two ends, `most` at most: multiples of 1, 2 or 5 times a power of ten.
pub(super) fn nice(low: f64, high: f64, most: usize) -> Vec<f64> {
    let exponent = ((high - low) / most as f64).log10().floor() as i32;
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * 10.0_f64.powi(exponent));
    let ends = |step: f64| ((low / step).ceil(), (high / step).floor());
    let fits = |step: &f64| ends(*step).1 - ends(*step).0 < most as f64;
    let Some(step) = steps.into_iter().find(fits) else { return Vec::new() };
    let (first, last) = ends(step);
    (0..most).map(|k| (first + k as f64) * step).filter(|v| *v <= (last + 0.5) * step && *v > 0.0).collect()
}

/// Places and texts of the values; where two share a place, or lie next to the kept one, the kept one or the first has it.
pub(super) fn labelled(
    values: Vec<f64>,
    kept: Option<f64>,
    place: impl Fn(f64) -> Option<usize>,
    text: impl Fn(f64) -> String,
) -> Vec<(usize, String)> {
    let mut labels: Vec<(usize, String)> = Vec::new();
    for value in kept.into_iter().chain(values) {
        let Some(at) = place(value) else { continue };
        if labels.iter().all(|(other, _)| *other != at) {
            labels.push((at, text(value)));
        }
    }
    labels.sort_unstable();
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        for (low, high) in [(0.2, 0.93), (0.9283, 0.9576), (3.0, 4e3), (1e-9, 2e-9), (0.5, 0.5001)] {
            let ticks = nice(low, high, 5);
            assert!((2..=5).contains(&ticks.len()), "{low} to {high}: {ticks:?}");
            assert!(ticks.iter().all(|t| *t >= low * (1.0 - 1e-12) && *t <= high * (1.0 + 1e-12)), "{ticks:?}");
        }
    }
}
