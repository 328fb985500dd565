//! The robust scale of the residuals.
use crate::law::Residual;
use crate::math;
use crate::point::Point;

use super::curve::Curve;
use super::solver::Local;

/// Median absolute deviation of the residuals about their median, in the units of the curve. Points of weight 0 do not
/// count, other weights do not matter.
pub(crate) fn median_absolute_deviation(
    points: impl Iterator<Item = Point> + Clone,
    curve: &Curve,
    residual: Residual,
    law: &Local,
) -> f64 {
    let residuals = points.filter(|p| p.weight > 0.0).map(|p| {
        let model = law.x * math::exp(-law.alpha * (math::ln(p.n) - curve.ln_n_min)) + law.z;
        let error = p.error / curve.scale;
        match residual {
            Residual::Log => math::ln(model) - math::ln(error),
            Residual::Linear => model - error,
        }
    });
    let centre = median(residuals.clone(), curve.points);
    median(residuals.map(|r| (r - centre).abs()), curve.points)
}

/// Median of `count` numbers, the mean of the middle two if `count` is even; without a buffer.
pub(crate) fn median(values: impl Iterator<Item = f64> + Clone, count: usize) -> f64 {
    let upper = select(values.clone(), count / 2);
    if count % 2 == 1 { upper } else { 0.5 * (select(values, (count / 2).saturating_sub(1)) + upper) }
}

/// The value of the given rank (from 0), by the eight bytes of an order-preserving integer image, highest first.
pub(crate) fn select(values: impl Iterator<Item = f64> + Clone, mut rank: usize) -> f64 {
    const SIGN: u64 = 1 << 63;
    let image = |v: f64| if v.to_bits() & SIGN == 0 { v.to_bits() | SIGN } else { !v.to_bits() };
    let mut prefix = 0;
    for shift in [56, 48, 40, 32, 24, 16, 8, 0] {
        let mut histogram = [0_usize; 256];
        let known = if shift == 56 { 0 } else { u64::MAX << (shift + 8) };
        for key in values.clone().map(image).filter(|key| key & known == prefix) {
            if let Some(bin) = histogram.get_mut((key >> shift) as usize & 0xff) {
                *bin += 1;
            }
        }
        for (byte, &bin) in (0_u64..).zip(&histogram) {
            if rank < bin {
                prefix |= byte << shift;
                break;
            }
            rank -= bin;
        }
    }
    f64::from_bits(if prefix & SIGN == 0 { !prefix } else { prefix & !SIGN })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_of_signed_numbers() {
        let v = [3.0, -1.0, 2.5, -7.0, 0.0];
        assert_eq!(median(v.iter().copied(), 5), 0.0, "odd count");
        assert_eq!(median(v.iter().copied().take(4), 4), 0.75, "even count: mean of -1 and 2.5");
        assert_eq!(median([-2.0, -2.0].iter().copied(), 2), -2.0, "ties");
    }
}
