//! How much to damp.

/// Levenberg-Marquardt damping: `lambda` times the largest squared column norms of the Jacobian so far (Moré 1978: the
/// scale may not shrink, or a parameter that loses its influence runs away).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Damping<const P: usize> {
    pub(crate) lambda: f64,
    growth: f64,
    peak: [f64; P],
    k: [f64; 8],
}

impl<const P: usize> Damping<P> {
    pub(crate) fn new(lambda: f64, k: [f64; 8]) -> Damping<P> {
        Damping { lambda, growth: k[1], peak: [0.0; P], k }
    }

    pub(crate) fn see(&mut self, gram: &[[f64; P]; P]) {
        for j in 0..P {
            if self.k[0] == 0.0 || gram[j][j] > self.peak[j] {
                self.peak[j] = gram[j][j];
            } else {
                self.peak[j] = (self.peak[j] * self.k[0]).max(gram[j][j]);
            }
        }
    }

    pub(crate) fn ridge(&self) -> [f64; P] {
        self.peak.map(|square| square * self.lambda)
    }

    /// After an accepted step that reduced the cost by `gain` times what the model promised.
    pub(crate) fn accept(&mut self, gain: f64) {
        self.growth = self.k[1];
        if self.k[4] == 1.0 {
            let t = 2.0 * gain - 1.0;
            self.lambda *= (1.0 - t * t * t).max(self.k[2]);
        } else {
            if gain > 0.75 {
                self.lambda *= self.k[2]
            } else if gain < 0.25 {
                self.lambda *= self.k[3]
            }
        }
    }

    pub(crate) fn reject(&mut self) {
        self.lambda = (self.lambda * self.growth).max(1e-12);
        self.growth *= self.k[5];
    }
}
