//! Axes over any finite values: what is drawn in places along them, ticks and their labels.
use super::ticks::{self, Tick};

/// How an axis is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scale {
    #[default]
    Log,
    Linear,
}

/// Where an axis is drawn: how long, and whether its labels stand side by side or on top of each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) pixels: f64,
    pub(super) side_by_side: bool,
}

/// Pixels that a character takes, of a text of this size: the widest digits of common fonts.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().count() as f64 * size * 0.6
}

/// Pixels from one tick to the next, where labels do not ask for more.
const APART: f64 = 40.0;
/// Pixels between labels side by side, and from line to line.
const GAP: f64 = 9.0;
const LINE: f64 = 18.0;

impl Room {
    /// Ticks that look well.
    fn wanted(self) -> usize {
        let apart = if self.side_by_side { 1.4 * APART } else { APART };
        (self.pixels / apart).clamp(2.0, 12.0) as usize
    }

    /// Whether labels at these shares of the axis stay apart.
    fn holds(self, labels: &[(f64, String)]) -> bool {
        labels.windows(2).all(|pair| {
            let distance = (pair[1].0 - pair[0].0).abs() * self.pixels;
            let of = |k: usize| width(&pair[k].1, 12.0);
            distance >= if self.side_by_side { 0.5 * (of(0) + of(1)) + GAP } else { LINE }
        })
    }
}

/// An axis: its ends, its ticks and their labels.
///
/// Values are compared as what their scale makes of them, log10 or a share of the power of ten of the largest: the ends,
/// which lie beyond the values, may be no numbers of f64.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    scale: Scale,
    /// Of a linear axis: values are shares of this power of ten.
    power: i32,
    ends: (f64, f64),
    ticks: Vec<(f64, String)>,
}

/// Share of the axis left free beyond the data at each end.
const MARGIN: f64 = 0.05;
/// Values that differ by less than this share of them are drawn as equal ones.
const EQUAL: f64 = 1e-6;
/// Logarithmic axes over more than this factor have multiples of powers of ten, others of a round step.
const DECADES: f64 = 3.0;

/// A value times a power of ten, which may be no number itself.
fn shifted(value: f64, power: i32) -> f64 {
    let half = power / 2;
    value * 10_f64.powi(half) * 10_f64.powi(power - half)
}

impl Axis {
    /// An axis over all values that have a place on it; its ticks are the preferred values where these are few and apart,
    /// else round.
    pub(super) fn over(
        scale: Scale,
        values: impl Iterator<Item = f64>,
        preferred: impl Iterator<Item = f64>,
        room: Room,
    ) -> Axis {
        let has_place = |v: &f64| v.is_finite() && (scale == Scale::Linear || *v > 0.0);
        let (mut low, mut high) =
            values.filter(has_place).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low > high {
            (low, high) = if scale == Scale::Log { (1.0, 10.0) } else { (0.0, 1.0) };
        }
        let power = ticks::power_of(low.abs().max(high.abs()));
        let mut axis = Axis { scale, power, ends: (0.0, 1.0), ticks: Vec::new() };
        let ends = (axis.scaled(low), axis.scaled(high));
        axis.ends = match scale {
            // Equal values, or nearly, have room to both sides.
            Scale::Log if ends.1 - ends.0 <= EQUAL => (ends.0 - 0.18, ends.1 + 0.18),
            Scale::Linear if ends.1 - ends.0 <= EQUAL * ends.0.abs().max(ends.1.abs()) => {
                let room = if low == 0.0 { 0.5 } else { 0.2 * ends.1.abs() };
                (ends.0 - room, ends.1 + room)
            }
            _ => {
                let margin = (ends.1 - ends.0) * MARGIN;
                (ends.0 - margin, ends.1 + margin)
            }
        };
        let mut preferred: Vec<f64> = preferred.filter(has_place).collect();
        preferred.sort_by(f64::total_cmp);
        preferred.dedup();
        axis.ticks = axis.divided(&preferred, room);
        axis
    }

    /// A linear axis with these ends and no margin.
    pub(super) fn exactly((low, high): (f64, f64), room: Room) -> Axis {
        let power = ticks::power_of(low.abs().max(high.abs()));
        let mut axis = Axis { scale: Scale::Linear, power, ends: (0.0, 1.0), ticks: Vec::new() };
        axis.ends = (axis.scaled(low), axis.scaled(high));
        axis.ticks = axis.divided(&[], room);
        axis
    }

    /// A linear axis from 0 to the largest value and some more.
    pub(super) fn from_zero(values: impl Iterator<Item = f64>, room: Room) -> Axis {
        let high = values.filter(|v| v.is_finite()).fold(0.0, f64::max);
        let power = ticks::power_of(high);
        let mut axis = Axis { scale: Scale::Linear, power, ends: (0.0, 1.0), ticks: Vec::new() };
        axis.ends = (0.0, if high > 0.0 { axis.scaled(high) * (1.0 + 2.0 * MARGIN) } else { 1.0 });
        axis.ticks = axis.divided(&[], room);
        axis
    }

    /// An axis of names from the lower end to the upper one, one beside the other.
    pub(super) fn names(names: impl ExactSizeIterator<Item = String>) -> Axis {
        let count = names.len().max(1) as f64;
        let ticks = names.enumerate().map(|(k, name)| (k as f64 + 0.5, name)).collect();
        Axis { scale: Scale::Linear, power: 0, ends: (0.0, count), ticks }
    }

    /// What the scale makes of a value.
    fn scaled(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Log => value.log10(),
            Scale::Linear => shifted(value, -self.power),
        }
    }

    fn divided(&self, preferred: &[f64], room: Room) -> Vec<(f64, String)> {
        let labelled = |ticks: Vec<Tick>| -> Vec<(f64, String)> {
            let places = ticks.iter().map(|tick| match self.scale {
                Scale::Log => tick.log10(),
                Scale::Linear => tick.shifted(-self.power),
            });
            places.zip(ticks::labels(&ticks)).filter(|(at, _)| (self.ends.0..=self.ends.1).contains(at)).collect()
        };
        let shares = |ticks: &[(f64, String)]| -> Vec<(f64, String)> {
            ticks.iter().map(|(at, label)| (self.share_of(*at), label.clone())).collect()
        };
        let wanted = room.wanted();
        if preferred.len() > 2 && preferred.len() <= wanted + 4 {
            let places = preferred.iter().map(|v| self.scaled(*v)).zip(ticks::labels_of(preferred));
            let own: Vec<_> = places.collect();
            // A point far from the others leaves an axis without ticks.
            let all = shares(&own);
            let reaches = all.first().is_some_and(|t| t.0 < 0.25) && all.last().is_some_and(|t| t.0 > 0.75);
            if reaches && room.holds(&all) {
                return own;
            }
        }
        let of = |wanted: usize| {
            labelled(match self.scale {
                Scale::Log if self.ends.1 - self.ends.0 > DECADES.log10() => ticks::decades(self.ends, wanted),
                Scale::Log => {
                    let power = self.ends.1.floor() as i32;
                    let of = |end: f64| 10_f64.powf(end - f64::from(power));
                    ticks::round((of(self.ends.0), of(self.ends.1)), power, wanted)
                }
                Scale::Linear => ticks::round(self.ends, self.power, wanted),
            })
        };
        // Fewer and fewer, until their labels stay apart.
        let mut all = (1..=wanted).rev().map(of).filter(|ticks| !ticks.is_empty());
        all.find(|ticks| room.holds(&shares(ticks))).unwrap_or_else(|| {
            // A third of the axis is more than a round step: there is one.
            let some = of(3);
            some.get(some.len() / 2).cloned().into_iter().collect()
        })
    }

    fn share_of(&self, scaled: f64) -> f64 {
        (scaled - self.ends.0) / (self.ends.1 - self.ends.0)
    }

    /// The share of the axis at which a value lies; what lies outside stays near, and what has no place lies below.
    pub(super) fn share(&self, value: f64) -> f64 {
        let share = self.share_of(self.scaled(value));
        if share.is_nan() { -1.0 } else { share.clamp(-1.0, 2.0) }
    }

    /// The ticks as shares of the axis, and their labels.
    pub(super) fn ticks(&self) -> impl Iterator<Item = (f64, &str)> {
        self.ticks.iter().map(|(at, label)| (self.share_of(*at), label.as_str()))
    }

    /// Pixels that the longest label takes.
    pub(super) fn widest(&self) -> f64 {
        self.ticks.iter().map(|(_, label)| width(label, 12.0)).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    const ACROSS: Room = Room { pixels: 340.0, side_by_side: true };
    const UP: Room = Room { pixels: 210.0, side_by_side: false };

    /// What a label says.
    fn said(label: &str) -> f64 {
        let (number, unit) = match label.strip_suffix(['k', 'M']) {
            Some(number) => (number, if label.ends_with('k') { 1e3 } else { 1e6 }),
            None => (label, 1.0),
        };
        number.parse::<f64>().unwrap_or_else(|e| panic!("{label}: {e}")) * unit
    }

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks().map(|(_, label)| label).collect()
    }

    /// What has to hold of every axis.
    fn judge(scale: Scale, values: &[f64], room: Room) {
        let axis = Axis::over(scale, values.iter().copied(), values.iter().copied(), room);
        let what = || format!("{scale:?} {values:?} {axis:?}");
        let ticks: Vec<(f64, &str)> = axis.ticks().collect();
        assert!(!ticks.is_empty() && ticks.len() <= 16, "{}", what());
        assert!(ticks.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 != pair[1].1), "{}", what());
        let texts: Vec<(f64, String)> = ticks.iter().map(|(at, label)| (*at, (*label).to_owned())).collect();
        assert!(ticks.len() == 1 || room.holds(&texts), "{}", what());
        for (at, label) in ticks {
            assert!((0.0..=1.0).contains(&at) && label.chars().count() <= 15, "{}", what());
            // A label has three digits at least where values span more than their thousandth; less cannot be said in it.
            let off = (axis.share(said(label)) - at).abs();
            assert!(off <= 0.02 || said(label).abs() < 1e-300 || said(label).is_infinite(), "{label} {off} {}", what());
        }
        let has_place = |v: &&f64| v.is_finite() && (scale == Scale::Linear || **v > 0.0);
        let mut placed: Vec<f64> = values.iter().filter(has_place).copied().collect();
        placed.sort_by(f64::total_cmp);
        let shares: Vec<f64> = placed.iter().map(|v| axis.share(*v)).collect();
        assert!(shares.iter().all(|share| (0.02..=0.98).contains(share)), "{shares:?} {}", what());
        assert!(shares.windows(2).all(|pair| pair[0] <= pair[1]), "{shares:?} {}", what());
    }

    /// Every pair and every single one of values from the whole of f64, on both scales, each in a millisecond.
    #[test]
    fn every_finite_range_has_an_axis() {
        let sizes = [5e-324, 1e-320, 1e-300, 4e-7, 0.0999, 0.9377, 3.0, 999.5, 12_812.0, 1.5e9, 1e308, f64::MAX];
        let up = |v: f64, ulps: u64| f64::from_bits(v.to_bits() + ulps);
        let near = sizes.into_iter().filter(|v| *v < 1e308).map(|v| up(v, 2));
        let positive: Vec<f64> = sizes.into_iter().chain(near).collect();
        let mut values: Vec<f64> = positive.iter().flat_map(|v| [*v, -v]).collect();
        values.extend([up(0.5, 1 << 30), up(0.5, 1 << 44), 0.0, -0.0, f64::NAN, f64::INFINITY]);
        let (mut count, start) = (0_u32, Instant::now());
        for room in [UP, Room { pixels: 60.0, ..ACROSS }] {
            for a in &values {
                judge(Scale::Linear, &[*a], room);
                judge(Scale::Log, &[*a], room);
                for b in &values {
                    judge(Scale::Linear, &[*a, *b], room);
                    judge(Scale::Log, &[*a, *b, *b], room);
                    judge(Scale::Log, &[*a, a * 2.0, a * 4.0, *b], room);
                    count += 3;
                }
            }
        }
        assert!(count > 5_000 && start.elapsed() < Duration::from_millis(1) * count, "{:?}", start.elapsed());
    }

    #[test]
    fn sizes_of_a_curve_are_their_own_ticks() {
        let sizes = || (0..7).map(|i| 1000.0 * f64::from(1 << i));
        let axis = Axis::over(Scale::Log, sizes(), sizes(), ACROSS);
        assert_eq!(labels(&axis), ["1k", "2k", "4k", "8k", "16k", "32k", "64k"]);
        let counts = || [12_812.0, 51_247.0, 409_973.0, 1_281_167.0].into_iter();
        assert_eq!(labels(&Axis::over(Scale::Log, counts(), counts(), ACROSS)), ["12.8k", "51.2k", "410k", "1.28M"]);
    }

    #[test]
    fn round_ticks_are_plain_numbers() {
        let of = |low: f64, high: f64, room| {
            let axis = Axis::over(Scale::Log, [low, high].into_iter(), std::iter::empty(), room);
            labels(&axis).join(" ")
        };
        assert_eq!(of(0.9377, 0.9575, UP), "0.940 0.945 0.950 0.955");
        assert_eq!(of(1e-6, 1e-2, Room { pixels: 240.0, ..UP }), "1e-6 1e-5 1e-4 0.001 0.01");
        assert_eq!(of(0.02, 0.9, UP), "0.02 0.05 0.1 0.2 0.5 1");
        assert_eq!(of(900.0, 2e9, ACROSS), "1k 10k 100k 1M 10M 100M 1e9");
    }
}
