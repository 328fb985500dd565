//! Axes with ticks that are given: the logarithmic axis of the plotting library labels powers of ten only, and the errors
//! of a curve span a few percent.
/// An axis: its ends, its ticks and their labels.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    logarithmic: bool,
    ends: (f64, f64),
    ticks: Vec<(f64, String)>,
}

/// Share of the axis left free beyond the data at each end.
const MARGIN: f64 = 0.05;

/// Round steps between ticks, times a power of ten.
const STEPS: [f64; 4] = [1.0, 2.0, 5.0, 10.0];

impl Axis {
    /// A logarithmic axis over positive values, with about `wanted` ticks. If the values are few, they are the ticks.
    pub(super) fn log(values: impl Iterator<Item = f64>, wanted: usize) -> Axis {
        let mut values: Vec<f64> = values.filter(|v| *v > 0.0 && v.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let (low, high) = match (values.first(), values.last()) {
            (Some(&low), Some(&high)) if low < high => (low, high),
            (Some(&one), _) => (one / 1.5, one * 1.5),
            _ => (1.0, 10.0),
        };
        let span = high.ln() - low.ln();
        let margin = span * MARGIN;
        // Sizes near the ends of f64 leave no room for a margin.
        let ends = ((low * (-margin).exp()).max(f64::from_bits(1)), (high * margin.exp()).min(f64::MAX));
        let apart = span / (wanted as f64 * 1.5);
        let spaced = values.windows(2).all(|pair| (pair[1] / pair[0]).ln() >= apart);
        let ticks = if values.len() <= wanted + 2 && values.len() > 2 && spaced {
            values
        } else if high / low > 8.0 {
            decades(ends, wanted)
        } else {
            round(ends, wanted)
        };
        Axis { logarithmic: true, ends, ticks: labelled(ticks) }
    }

    /// A logarithmic axis whose ticks are round numbers even where the values are few.
    pub(super) fn log_round(values: impl Iterator<Item = f64> + Clone, wanted: usize) -> Axis {
        let mut axis = Axis::log(values, 0);
        let ticks = if axis.ends.1 / axis.ends.0 > 8.0 { decades(axis.ends, wanted) } else { round(axis.ends, wanted) };
        axis.ticks = labelled(ticks);
        axis
    }

    /// A linear axis with about `wanted` ticks.
    pub(super) fn linear(values: impl Iterator<Item = f64>, wanted: usize) -> Axis {
        let (low, high) = values
            .filter(|v| v.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = if low < high {
            (low, high)
        } else if low.is_finite() {
            (low - 0.5, low + 0.5)
        } else {
            (0.0, 1.0)
        };
        let margin = (high - low) * MARGIN;
        let ends = (low - margin, high + margin);
        Axis { logarithmic: false, ends, ticks: labelled(round(ends, wanted)) }
    }

    /// An axis of names, the first on top.
    pub(super) fn names(names: &[String]) -> Axis {
        let count = names.len();
        let ticks = names.iter().enumerate().map(|(i, name)| ((count - i) as f64 - 0.5, name.clone())).collect();
        Axis { logarithmic: false, ends: (0.0, count as f64), ticks }
    }

    /// An axis of names from left to right.
    pub(super) fn columns(names: &[String]) -> Axis {
        let ticks = names.iter().enumerate().map(|(i, name)| (i as f64 + 0.5, name.clone())).collect();
        Axis { logarithmic: false, ends: (0.0, names.len().max(1) as f64), ticks }
    }

    /// The same axis with other ends; round ticks if its own do not reach into the outer thirds of them.
    pub(super) fn between(self, ends: (f64, f64), wanted: usize) -> Axis {
        let third = (ends.1 / ends.0).ln() / 3.0;
        let reaches = |tick: Option<&(f64, String)>, end: f64| tick.is_some_and(|(t, _)| (t / end).ln().abs() < third);
        if reaches(self.ticks.first(), ends.0) && reaches(self.ticks.last(), ends.1) {
            return Axis { ends, ..self };
        }
        let ticks = if ends.1 / ends.0 > 8.0 { decades(ends, wanted) } else { round(ends, wanted) };
        Axis { ends, ticks: labelled(ticks), ..self }
    }

    /// The same axis with these ends, without ticks beyond them.
    pub(super) fn exactly(mut self, ends: (f64, f64)) -> Axis {
        self.ticks.retain(|(tick, _)| (ends.0..=ends.1).contains(tick));
        Axis { ends, ..self }
    }

    /// The same axis from this value on.
    pub(super) fn starting_at(self, low: f64) -> Axis {
        let high = self.ends.1;
        self.exactly((low, high))
    }

    /// Lower and upper end.
    pub(super) fn ends(&self) -> (f64, f64) {
        self.ends
    }

    /// The ticks and their labels.
    pub(super) fn ticks(&self) -> &[(f64, String)] {
        &self.ticks
    }

    /// Where a value lies between two pixels, which stand for the lower and the upper end.
    pub(super) fn pixel(&self, value: f64, (from, to): (i32, i32)) -> i32 {
        let (low, high) = self.ends;
        let share = if self.logarithmic {
            (value.ln() - low.ln()) / (high.ln() - low.ln())
        } else {
            (value - low) / (high - low)
        };
        // Values outside stay near: a float that does not fit a pixel number would land at its end.
        from + (f64::from(to - from) * share.clamp(-1.0, 2.0)).round() as i32
    }

    /// Number of characters of the longest label.
    pub(super) fn widest(&self) -> usize {
        self.ticks.iter().map(|(_, label)| label.chars().count()).max().unwrap_or(0)
    }
}

/// Multiples 1, 2, 5 (or 1, 3, or 1) of the powers of ten, whichever gives the count nearest to the one wanted.
fn decades((low, high): (f64, f64), wanted: usize) -> Vec<f64> {
    let candidates = [&[1.0][..], &[1.0, 3.0], &[1.0, 2.0, 5.0]].map(|multiples| {
        let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
        let all = powers.flat_map(|power| multiples.iter().map(move |m| m * 10_f64.powi(power)));
        all.filter(|tick| (low..=high).contains(tick)).collect::<Vec<f64>>()
    });
    candidates.into_iter().min_by_key(|ticks| ticks.len().abs_diff(wanted)).unwrap_or_default()
}

/// Multiples of a round step.
fn round((low, high): (f64, f64), wanted: usize) -> Vec<f64> {
    let raw = (high - low) / wanted.max(1) as f64;
    let power = 10_f64.powf(raw.log10().floor());
    let step = STEPS.iter().map(|s| s * power).find(|s| *s >= raw).unwrap_or(raw);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    // Division by a whole number where the step is below 1: 0.94 and not 0.9400000000000001.
    let tick = |k: i64| if step < 1.0 { k as f64 / (1.0 / step).round() } else { k as f64 * step };
    (first..=last).map(tick).collect()
}

/// The same number of decimals for all ticks below 1000; thousands and millions as k and M, to three digits where that
/// tells the ticks apart; powers of ten where there are ticks below a thousandth.
fn labelled(ticks: Vec<f64>) -> Vec<(f64, String)> {
    let decimals = ticks.iter().map(|tick| {
        let text = format!("{:.8}", tick.abs());
        text.trim_end_matches('0').split_once('.').map_or(0, |(_, decimals)| decimals.len())
    });
    let decimals = decimals.max().unwrap_or(0).min(6);
    let small = ticks.iter().any(|tick| *tick != 0.0 && tick.abs() < 0.9e-3);
    let label = |x: f64, rounded: fn(f64) -> f64| match x.abs() {
        a if a >= 1e6 => format!("{}M", rounded(x / 1e6)),
        a if a >= 1e3 => format!("{}k", rounded(x / 1e3)),
        _ if small => format!("{x:e}"),
        _ => format!("{x:.decimals$}"),
    };
    let all = |rounded: fn(f64) -> f64| ticks.iter().map(|tick| label(*tick, rounded)).collect::<Vec<_>>();
    let short = all(three_digits);
    let labels = if short.windows(2).all(|pair| pair[0] != pair[1]) { short } else { all(thousandths) };
    ticks.into_iter().zip(labels).collect()
}

fn three_digits(x: f64) -> f64 {
    let unit = 10_f64.powf(2.0 - x.abs().log10().floor());
    (x * unit).round() / unit
}

fn thousandths(x: f64) -> f64 {
    (x * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_at_the_ends_of_f64_have_finite_axes() {
        for values in [[1e3, 1e300], [1e3, f64::MAX], [5e-324, 1e3], [5e-324, f64::MAX]] {
            let axis = Axis::log(values.into_iter(), 5);
            let (low, high) = axis.ends();
            assert!(low > 0.0 && low < high && high.is_finite(), "{values:?}: {low} to {high}");
            // One tick for each decade at most.
            assert!(axis.ticks().len() <= 3 * 640, "{values:?}");
            let pixels = values.map(|value| axis.pixel(value, (0, 1000)));
            assert!((0..=1000).contains(&pixels[0]) && pixels[0] <= pixels[1] && pixels[1] <= 1000, "{pixels:?}");
        }
    }

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn sizes_of_a_curve_are_their_own_ticks() {
        let axis = Axis::log((0..7).map(|i| 1000.0 * f64::from(1 << i)), 7);
        assert_eq!(labels(&axis), ["1k", "2k", "4k", "8k", "16k", "32k", "64k"]);
    }

    #[test]
    fn a_few_percent_have_plain_ticks() {
        let axis = Axis::log_round([0.9377, 0.9575].into_iter(), 5);
        assert_eq!(labels(&axis), ["0.940", "0.945", "0.950", "0.955"]);
    }

    #[test]
    fn counts_have_three_digits_and_small_numbers_exponents() {
        let axis = Axis::log([12_812.0, 51_247.0, 409_973.0, 1_281_167.0].into_iter(), 8);
        assert_eq!(labels(&axis), ["12.8k", "51.2k", "410k", "1.28M"]);
        let axis = Axis::log_round([1e-6, 1e-2].into_iter(), 4);
        assert_eq!(labels(&axis), ["1e-6", "1e-5", "1e-4", "1e-3", "1e-2"]);
    }

    #[test]
    fn many_decades_have_few_ticks() {
        let axis = Axis::log((0..200).map(|i| 1.2_f64.powi(i) * 10.0), 6);
        assert!((3..=17).contains(&labels(&axis).len()), "{:?}", labels(&axis));
    }

    #[test]
    fn no_values_and_equal_values_have_an_axis() {
        for values in [vec![], vec![3.0], vec![3.0, 3.0], vec![f64::NAN]] {
            for axis in [Axis::log(values.iter().copied(), 5), Axis::linear(values.iter().copied(), 5)] {
                let (low, high) = axis.ends();
                assert!(low < high && !axis.ticks.is_empty(), "{values:?}: {axis:?}");
            }
        }
    }
}
