//! How much to damp: from one trial to the next, and when not at all.
use super::stop::Termination;

/// Levenberg-Marquardt damping.
///
/// Parameter j is damped by lambda max(m_j, min(|r|^2 / theta_j^2, 1e6 |J_j|^2)) where m_j is the largest |J_j|^2 so far:
/// - m_j (Moré 1978, "The Levenberg-Marquardt algorithm", section 6): the scale must not shrink where a parameter loses
///   its influence, or the next step throws it away;
/// - |r|^2 / theta_j^2: a parameter whose whole influence |J_j theta_j| is small against the residual moves by at most
///   about theta_j / lambda, or it is thrown onto a plateau by a residual that is not its own (BoxBOD, start 1). The
///   limit 1e6 keeps a parameter that starts near 0 from sticking there.
///
/// Both have the units of |J_j|^2, so the iterates do not depend on the units of parameters and residuals. Every
/// first lambda from 1e-2 to 100 finds the optima of all 54 runs of the NIST problems with both, none without the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Damping<const P: usize> {
    lambda: f64,
    growth: f64,
    peak: [f64; P],
}

/// Largest share of |J_j|^2 that the relative size of a parameter may add.
const RELATIVE_LIMIT: f64 = 1e6;

impl<const P: usize> Damping<P> {
    pub(crate) fn new(lambda: f64) -> Damping<P> {
        Damping { lambda, growth: 2.0, peak: [0.0; P] }
    }

    /// Whether the damping is below the squared column norms.
    pub(crate) fn is_light(&self) -> bool {
        self.lambda <= 1.0
    }

    /// What to add to the diagonal of J'J at `theta`, where `square` = |r|^2.
    #[cfg_attr(wide, inline(always))]
    pub(crate) fn ridge(&mut self, gram: &[[f64; P]; P], square: f64, theta: &[f64; P]) -> [f64; P] {
        let mut ridge = [0.0; P];
        for j in 0..P {
            let now = gram[j][j];
            self.peak[j] = larger(self.peak[j], now);
            // Infinite for theta_j = 0; NaN only where the residual vanishes too.
            let relative = square / (theta[j] * theta[j]);
            let limit = RELATIVE_LIMIT * now;
            let relative = if relative < limit {
                relative
            } else if theta[j] == 0.0 {
                0.0
            } else {
                limit
            };
            ridge[j] = self.lambda * larger(self.peak[j], relative);
        }
        ridge
    }

    /// After an accepted step whose reduction of the cost is `gain` times the promised one: Nielsen 1999 (IMM-REP-1999-05,
    /// eq. 2.4), lambda times max(1/3, 1 - (2 gain - 1)^3).
    pub(crate) fn accept(&mut self, gain: f64) {
        let t = 2.0 * gain - 1.0;
        self.lambda *= larger(1.0 / 3.0, 1.0 - t * t * t);
        self.growth = 2.0;
    }

    /// After a rejected step: lambda times 2, 4, 8, .. From 0 it starts at the rounding level. Not from below that: where the
    /// scale has grown on the way (by 1e114 in MGH10 from start 1), lambda is as small as that, and a jump to the rounding
    /// level would cost dozens of steps.
    pub(crate) fn reject(&mut self) {
        self.lambda = if self.lambda > 0.0 { self.lambda } else { f64::EPSILON } * self.growth;
        self.growth *= 2.0;
    }
}

/// Polishing: steps without damping, from the QR of the Jacobian or, once these have failed or shrink too slowly, with the
/// curvature of the residuals. If both fail, damped steps go on until one is accepted or vanishes; `failure` tells why then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Polish {
    pub(crate) is_on: bool,
    pub(crate) is_curved: bool,
    /// Square of the scaled step below which to begin.
    pub(crate) below: f64,
    pub(crate) failure: Option<Termination>,
}

impl Polish {
    pub(crate) fn below(below: f64) -> Polish {
        Polish { is_on: false, is_curved: false, below, failure: None }
    }

    /// After a step that could not be taken: on with the curvature if it `can` be, else with damped steps.
    pub(crate) fn fail(&mut self, why: Termination, can: bool) {
        if can && !self.is_curved {
            self.is_curved = true;
        } else {
            (self.is_on, self.failure, self.below) = (false, Some(why), self.below * 0.01);
        }
    }
}

#[cfg_attr(wide, inline(always))]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damping_follows_the_gain() {
        let mut d = Damping::<1>::new(1.0);
        d.accept(1.0);
        assert_eq!(d.lambda, 1.0 / 3.0, "a gain of 1 divides by 3");
        d.accept(0.5);
        assert_eq!(d.lambda, 1.0 / 3.0, "a gain of 1/2 keeps");
        d.accept(0.0);
        assert_eq!(d.lambda, 2.0 / 3.0, "no gain doubles");
        d.reject();
        d.reject();
        assert_eq!(d.lambda, 16.0 / 3.0, "rejections in a row multiply by 2, 4, ..");
    }

    #[test]
    fn the_scale_does_not_shrink_and_is_relative_to_the_parameter() {
        let mut d = Damping::<1>::new(1.0);
        assert_eq!(d.ridge(&[[4.0]], 0.0, &[1.0]), [4.0]);
        assert_eq!(d.ridge(&[[1.0]], 0.0, &[1.0]), [4.0], "the largest so far");
        assert_eq!(d.ridge(&[[1.0]], 36.0, &[2.0]), [9.0], "|r|^2 / theta^2");
        assert_eq!(d.ridge(&[[1.0]], 36.0, &[1e-9]), [RELATIVE_LIMIT], "limited near 0");
        assert_eq!(d.ridge(&[[1.0]], 36.0, &[0.0]), [4.0], "no size at 0");
    }
}
