//! How often the 95 % bands of the forecast held, and how wide they were.
use syn2real::forecast::Forecast;
use syn2real::infer::{self, Band, Method};
use syn2real::{Confidence, Point, Syn2RealFit};

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
        let [_, largest] = forecast.sizes();
        let ends = |point: &Point| {
            let there = forecast.at(point.n, Confidence::P95);
            [there.curve, there.measurement]
        };
        Bands::count(largest, test.iter().map(|point| (point, ends(point))))
    }

    /// Of law (1), by its profile intervals; `None` where it has none.
    pub(super) fn of_law_one(fit: &Syn2RealFit, train: &[Point], test: &[Point]) -> Option<Bands> {
        let sizes: Vec<f64> = test.iter().map(|point| point.n).collect();
        let mut bands = vec![Band::default(); sizes.len()];
        infer::band(fit, train, &sizes, Confidence::P95, Method::Profile, &mut bands).ok()?;
        // An end that the data do not limit is anywhere.
        let ends = |[lower, upper]: [Option<f64>; 2]| [lower.unwrap_or(0.0), upper.unwrap_or(f64::INFINITY)];
        let both = bands.iter().map(|band| [ends(band.curve), ends(band.measurement)]);
        Some(Bands::count(fit.report().n_max, test.iter().zip(both)))
    }

    /// Counts the rows by their bands, of L(n) and of a new measurement.
    fn count<'a>(largest: f64, rows: impl Iterator<Item = (&'a Point, [[f64; 2]; 2])>) -> Bands {
        let mut bands = Bands::default();
        for (point, ends) in rows {
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

    /// Of all rows of some groups; `None` of no group.
    pub(super) fn sum<'a>(of: impl Iterator<Item = &'a Bands>) -> Option<Bands> {
        of.copied().reduce(|mut sum, bands| {
            sum.all.add(&bands.all);
            sum.within.iter_mut().zip(&bands.within).for_each(|(sum, count)| sum.add(count));
            sum
        })
    }
}
