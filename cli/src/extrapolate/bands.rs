//! How often the 95 % bands of the forecast held, and how wide they were.
use syn2real::forecast::Forecast;
use syn2real::{Confidence, Point};

/// Multiples of the largest size fitted up to which the rows are counted by themselves.
pub(super) const TIMES: [f64; 2] = [4.0, 16.0];

/// Counts over rows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    /// Rows.
    pub(super) points: usize,
    /// Rows inside the band of L(n), and of a new measurement.
    inside: [usize; 2],
    /// Sums of ln(upper / lower).
    width: [f64; 2],
}

/// Counts over all rows, and over those up to each of [`TIMES`].
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bands {
    pub(super) all: Count,
    pub(super) within: [Count; 2],
}

impl Count {
    /// Shares of the rows inside the band of L(n), and of a new measurement; `None` without rows.
    pub(super) fn coverage(&self) -> [Option<f64>; 2] {
        self.inside.map(|inside| (self.points > 0).then(|| inside as f64 / self.points as f64))
    }

    /// Mean of ln(upper / lower) of both.
    pub(super) fn width(&self) -> [Option<f64>; 2] {
        self.width.map(|sum| (self.points > 0).then(|| sum / self.points as f64))
    }

    fn add(&mut self, other: &Count) {
        self.points += other.points;
        for k in 0..2 {
            self.inside[k] += other.inside[k];
            self.width[k] += other.width[k];
        }
    }
}

impl Bands {
    /// Of one forecast.
    pub(super) fn of(forecast: &Forecast, test: &[Point]) -> Bands {
        let mut bands = Bands::default();
        let [_, largest] = forecast.sizes();
        for point in test {
            let there = forecast.at(point.n, Confidence::P95);
            let ends = [there.curve, there.measurement];
            let one = Count {
                points: 1,
                inside: ends.map(|[lower, upper]| usize::from(lower <= point.error && point.error <= upper)),
                width: ends.map(|[lower, upper]| (upper / lower).ln()),
            };
            bands.all.add(&one);
            for (count, times) in bands.within.iter_mut().zip(TIMES) {
                if point.n <= times * largest {
                    count.add(&one);
                }
            }
        }
        bands
    }

    /// Of all rows of some groups.
    pub(super) fn sum<'a>(of: impl Iterator<Item = &'a Bands>) -> Bands {
        of.fold(Bands::default(), |mut sum, bands| {
            sum.all.add(&bands.all);
            sum.within.iter_mut().zip(&bands.within).for_each(|(sum, count)| sum.add(count));
            sum
        })
    }
}
