//! The two-layer network of the paper's eq. (5), its averaged stochastic gradient descent, eqs (6)-(9), and the task.
use crate::rng::Rng;

/// Coordinates of an input: a point of the unit sphere of R^3.
const INPUTS: usize = 3;
/// Harmonics of the target functions; beyond, what they add to the squared error is below 1e-4 of it.
const HARMONICS: usize = 32;

/// sqrt(2) times a smooth rectifier, (u + sqrt(u^2 + w^2))/2: Appendix E.3 asks for two derivatives, and the kernel keeps
/// the rectifier's slowly falling eigenvalues for harmonics below 1/w. Returns the value and the derivative.
fn activation(u: f64) -> (f64, f64) {
    const WIDTH: f64 = 0.05;
    let root = (u * u + WIDTH * WIDTH).sqrt();
    (0.5 * (u + root), 0.5 * (1.0 + u / root))
}

/// A point of the circle at latitude 45 degrees: (cos t, sin t, 1)/sqrt(2). The third coordinate plays the bias, without
/// which the kernel of a rectifier has no odd harmonics.
fn input(angle: f64) -> [f64; INPUTS] {
    let r = std::f64::consts::FRAC_1_SQRT_2;
    [r * angle.cos(), r * angle.sin(), r]
}

/// A function on the circle: sum_k k^-decay (a_k cos k t + b_k sin k t) with fixed signs, scaled.
pub(crate) struct Target {
    coefficients: [[f64; 2]; HARMONICS],
}

impl Target {
    /// phi = Sigma^r of a function of equal coefficients, with eigenvalues k^-xi: coefficients k^-(xi r), and k^-1/2 so
    /// that their squares just have a finite sum (Appendix E.3). `size` is the root mean square.
    pub(crate) fn new(rng: &mut Rng, xi: f64, r: f64, size: f64) -> Target {
        let mut coefficients = [[0.0; 2]; HARMONICS];
        for (k, pair) in coefficients.iter_mut().enumerate() {
            let scale = ((k + 1) as f64).powf(-(xi * r + 0.5));
            let phase = std::f64::consts::TAU * rng.unit();
            *pair = [scale * phase.cos(), scale * phase.sin()];
        }
        let square: f64 = coefficients.iter().flatten().map(|c| 0.5 * c * c).sum();
        coefficients.iter_mut().flatten().for_each(|c| *c *= size / square.sqrt());
        Target { coefficients }
    }

    pub(crate) fn at(&self, angle: f64) -> f64 {
        let (s, c) = angle.sin_cos();
        // (cos k t, sin k t) by rotation.
        let (mut ck, mut sk, mut sum) = (1.0, 0.0, 0.0);
        for [a, b] in self.coefficients {
            (ck, sk) = (ck * c - sk * s, sk * c + ck * s);
            sum += a * ck + b * sk;
        }
        sum
    }
}

/// The parameters Theta: a and b of every hidden unit, unit by unit within each of the four arrays.
#[derive(Clone)]
pub(crate) struct Network {
    a: Vec<f64>,
    b: [Vec<f64>; INPUTS],
}

/// What a run of descent is told.
pub(crate) struct Descent {
    pub(crate) steps: usize,
    /// eta, constant over the run.
    pub(crate) step_size: f64,
    /// lambda of eq. (7): the pull to the parameters of the start.
    pub(crate) regularisation: f64,
}

impl Network {
    /// b uniform on the sphere, a = +1 and -1 for pairs of equal b, so that the network starts at 0. `hidden` is even.
    pub(crate) fn new(rng: &mut Rng, hidden: usize) -> Network {
        let (mut a, mut b) = (Vec::with_capacity(hidden), [const { Vec::new() }; INPUTS]);
        for _ in 0..hidden / 2 {
            let direction: [f64; INPUTS] = std::array::from_fn(|_| rng.normal());
            let norm = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
            for sign in [1.0, -1.0] {
                a.push(sign);
                b.iter_mut().zip(direction).for_each(|(b, x)| b.push(x / norm));
            }
        }
        Network { a, b }
    }

    /// g(x) = 1/sqrt(M) sum_r a_r sigma(b_r . x); writes sigma and sigma' of each unit.
    fn forward(&self, x: [f64; INPUTS], values: &mut [f64], slopes: &mut [f64]) -> f64 {
        let [b0, b1, b2] = &self.b;
        let units = self.a.iter().zip(b0).zip(b1).zip(b2);
        let mut sums = [0.0; 8];
        for (i, ((((a, b0), b1), b2), (value, slope))) in
            units.zip(values.iter_mut().zip(slopes.iter_mut())).enumerate()
        {
            (*value, *slope) = activation(b0 * x[0] + b1 * x[1] + b2 * x[2]);
            sums[i & 7] += a * *value;
        }
        sums.iter().sum::<f64>() / (self.a.len() as f64).sqrt()
    }

    /// `steps` steps of eq. (9) from here, each with a new sample of `target`; returns the average of the iterates, eq. (6).
    pub(crate) fn averaged_descent(&self, target: impl Fn(f64) -> f64, rng: &mut Rng, descent: &Descent) -> Network {
        let Descent { steps, step_size, regularisation } = *descent;
        let hidden = self.a.len();
        let (mut now, mut sum) = (self.clone(), self.clone());
        let (mut values, mut slopes) = (vec![0.0; hidden], vec![0.0; hidden]);
        let decay = 1.0 - step_size * regularisation;
        for _ in 0..steps {
            let angle = std::f64::consts::TAU * rng.unit();
            let x = input(angle);
            let error = now.forward(x, &mut values, &mut slopes) - target(angle);
            let push = step_size * error / (hidden as f64).sqrt();
            for (((b, start), total), x) in now.b.iter_mut().zip(&self.b).zip(&mut sum.b).zip(x) {
                for ((((b, start), total), a), slope) in
                    b.iter_mut().zip(start).zip(total.iter_mut()).zip(&now.a).zip(&slopes)
                {
                    *b = start + decay * (*b - start) - push * x * a * slope;
                    *total += *b;
                }
            }
            for (((a, start), total), value) in now.a.iter_mut().zip(&self.a).zip(&mut sum.a).zip(&values) {
                *a = start + decay * (*a - start) - push * value;
                *total += *a;
            }
        }
        let share = 1.0 / (steps as f64 + 1.0);
        sum.b.iter_mut().flatten().chain(&mut sum.a).for_each(|x| *x *= share);
        sum
    }

    /// Mean squared error over `count` equally spaced angles: the integral over the input's distribution.
    pub(crate) fn squared_error(&self, target: impl Fn(f64) -> f64, count: usize) -> f64 {
        let (mut values, mut slopes) = (vec![0.0; self.a.len()], vec![0.0; self.a.len()]);
        let mut angles = (0..count).map(|i| std::f64::consts::TAU * i as f64 / count as f64);
        let sum = angles
            .by_ref()
            .map(|t| (self.forward(input(t), &mut values, &mut slopes) - target(t)).powi(2))
            .sum::<f64>();
        sum / count as f64
    }
}
