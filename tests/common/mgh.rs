//! The least-squares problems of Moré, Garbow and Hillstrom (1981), "Testing unconstrained optimization software", ACM
//! TOMS 7, 17-41, with up to 9 parameters: residuals, standard starts, known minima. Derivatives by dual numbers, or by
//! differences as a user would take them.
#![allow(clippy::disallowed_methods, reason = "a user's own law may use what its author likes")]
#![allow(clippy::needless_range_loop, reason = "sums over parameters read like the formulas")]
use std::f64::consts::PI;
use std::ops::{Add, Div, Mul, Neg, Sub};
use syn2real::Law;
use syn2real::simd::{F64x8, LANES};

/// What the residuals are written in: f64, or f64 with its derivatives.
pub(crate) trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
{
    fn of(x: f64) -> Self;
    fn value(self) -> f64;
    /// f(x) from f and f' at the value.
    fn chain(self, f: f64, slope: f64) -> Self;
    fn exp(self) -> Self {
        let e = self.value().exp();
        self.chain(e, e)
    }
    fn ln(self) -> Self {
        self.chain(self.value().ln(), 1.0 / self.value())
    }
    fn sin(self) -> Self {
        self.chain(self.value().sin(), self.value().cos())
    }
    fn cos(self) -> Self {
        self.chain(self.value().cos(), -self.value().sin())
    }
    fn sqrt(self) -> Self {
        let r = self.value().sqrt();
        self.chain(r, 0.5 / r)
    }
    fn atan(self) -> Self {
        self.chain(self.value().atan(), 1.0 / (1.0 + self.value() * self.value()))
    }
    fn abs(self) -> Self {
        self.chain(self.value().abs(), self.value().signum())
    }
    fn square(self) -> Self {
        self * self
    }
}

impl Number for f64 {
    fn of(x: f64) -> f64 {
        x
    }
    fn value(self) -> f64 {
        self
    }
    fn chain(self, f: f64, _: f64) -> f64 {
        f
    }
}

/// A value and its derivatives by P parameters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dual<const P: usize>(f64, [f64; P]);

impl<const P: usize> Dual<P> {
    fn with(self, o: Self, value: f64, by_self: f64, by_other: f64) -> Self {
        // Written out so that a factor of 0 takes an infinite derivative away.
        let times = |a: f64, d: f64| if d == 0.0 { 0.0 } else { a * d };
        Dual(value, std::array::from_fn(|j| times(by_self, self.1[j]) + times(by_other, o.1[j])))
    }
}
impl<const P: usize> Add for Dual<P> {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        self.with(o, self.0 + o.0, 1.0, 1.0)
    }
}
impl<const P: usize> Sub for Dual<P> {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        self.with(o, self.0 - o.0, 1.0, -1.0)
    }
}
impl<const P: usize> Mul for Dual<P> {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        self.with(o, self.0 * o.0, o.0, self.0)
    }
}
impl<const P: usize> Div for Dual<P> {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        self.with(o, self.0 / o.0, 1.0 / o.0, -self.0 / (o.0 * o.0))
    }
}
impl<const P: usize> Neg for Dual<P> {
    type Output = Self;
    fn neg(self) -> Self {
        self.chain(-self.0, -1.0)
    }
}
impl<const P: usize> Add<f64> for Dual<P> {
    type Output = Self;
    fn add(self, o: f64) -> Self {
        Dual(self.0 + o, self.1)
    }
}
impl<const P: usize> Sub<f64> for Dual<P> {
    type Output = Self;
    fn sub(self, o: f64) -> Self {
        Dual(self.0 - o, self.1)
    }
}
impl<const P: usize> Mul<f64> for Dual<P> {
    type Output = Self;
    fn mul(self, o: f64) -> Self {
        self.chain(self.0 * o, o)
    }
}
impl<const P: usize> Number for Dual<P> {
    fn of(x: f64) -> Self {
        Dual(x, [0.0; P])
    }
    fn value(self) -> f64 {
        self.0
    }
    fn chain(self, f: f64, slope: f64) -> Self {
        Dual(f, self.1.map(|d| if d == 0.0 { 0.0 } else { slope * d }))
    }
}

/// One problem with P parameters.
pub(crate) trait Mgh<const P: usize>: Copy {
    const NAME: &'static str;
    /// Residuals.
    const ROWS: usize;
    const START: [f64; P];
    /// Sums of squares of the known local minima (and infima at infinity), as the paper prints them; 0.0385 of Gulf is the
    /// plateau without exponentials, sum t_i^2; those of Trigonometric (the paper has n = 10) are scipy's from 400 starts.
    const MINIMA: &'static [f64];
    /// Residual `i` (from 1).
    fn residual<T: Number>(x: &[T; P], i: usize) -> T;
}

/// Where the Jacobian comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Derivatives {
    Exact,
    /// (r(x + h) - r(x)) / h with h = sqrt(eps) |x_j|, as MINPACK's fdjac2 (sqrt(eps) at 0).
    Forward,
    /// (r(x + h) - r(x - h)) / 2h with h = cbrt(eps) |x_j| (cbrt(eps) at 0).
    Central,
}

/// A problem as a law: the observation is the number of the residual.
pub(crate) struct Posed<M>(pub(crate) M, pub(crate) Derivatives);

impl<M: Mgh<P>, const P: usize> Law<P> for Posed<M> {
    type Observation = usize;
    fn rows(&self, t: &[f64; P], block: &[usize; LANES], r: &mut F64x8, jacobian: Option<&mut [F64x8; P]>) {
        for (lane, &i) in block.iter().enumerate() {
            r.0[lane] = M::residual(t, i);
        }
        let Some(columns) = jacobian else { return };
        if self.1 == Derivatives::Exact {
            let x: [Dual<P>; P] =
                std::array::from_fn(|j| Dual(t[j], std::array::from_fn(|k| if j == k { 1.0 } else { 0.0 })));
            for (lane, &i) in block.iter().enumerate() {
                let d = M::residual(&x, i);
                for j in 0..P {
                    columns[j].0[lane] = d.1[j];
                }
            }
            return;
        }
        for j in 0..P {
            let relative = if self.1 == Derivatives::Forward { f64::EPSILON.sqrt() } else { f64::EPSILON.cbrt() };
            let h = if t[j] == 0.0 { relative } else { relative * t[j].abs() };
            let (mut up, mut down) = (*t, *t);
            up[j] += h;
            if self.1 == Derivatives::Central {
                down[j] -= h;
            }
            for (lane, &i) in block.iter().enumerate() {
                columns[j].0[lane] = (M::residual(&up, i) - M::residual(&down, i)) / (up[j] - down[j]);
            }
        }
    }
}

macro_rules! problems {
    ($($name:ident $p:literal $rows:literal $start:expr, $minima:expr; $residual:expr)*) => {
        $(
            #[derive(Clone, Copy)]
            pub(crate) struct $name;
            impl Mgh<$p> for $name {
                const NAME: &'static str = stringify!($name);
                const ROWS: usize = $rows;
                const START: [f64; $p] = $start;
                const MINIMA: &'static [f64] = $minima;
                // Called at five places, for eight lanes each: once is enough to compile.
                #[inline(never)]
                fn residual<T: Number>(x: &[T; $p], i: usize) -> T {
                    let f: fn(&[T; $p], usize) -> T = $residual;
                    f(x, i)
                }
            }
        )*
        /// Calls `$run!(problem, P)` for every problem.
        #[allow(clippy::crate_in_macro_def, reason = "used in this crate only")]
        macro_rules! each_mgh_problem {
            ($run:ident) => { $( $run!($crate::common::mgh::$name, $p); )* };
        }
    };
}

/// Number i of a list, from 1; 0 past its end.
fn at(list: &[f64], i: usize) -> f64 {
    i.checked_sub(1).and_then(|k| list.get(k)).copied().unwrap_or(0.0)
}

problems! {
    Rosenbrock 2 2 [-1.2, 1.0], &[0.0]; |x, i| if i == 1 { (x[1] - x[0].square()) * 10.0 } else { -x[0] + 1.0 }
    FreudensteinRoth 2 2 [0.5, -2.0], &[0.0, 48.9842]; |x, i| if i == 1 {
        x[0] - 13.0 + ((-x[1] + 5.0) * x[1] - 2.0) * x[1]
    } else {
        x[0] - 29.0 + ((x[1] + 1.0) * x[1] - 14.0) * x[1]
    }
    PowellBadlyScaled 2 2 [0.0, 1.0], &[0.0]; |x, i| if i == 1 {
        x[0] * x[1] * 1e4 - 1.0
    } else {
        (-x[0]).exp() + (-x[1]).exp() - 1.0001
    }
    BrownBadlyScaled 2 3 [1.0, 1.0], &[0.0]; |x, i| match i {
        1 => x[0] - 1e6,
        2 => x[1] - 2e-6,
        _ => x[0] * x[1] - 2.0,
    }
    Beale 2 3 [1.0, 1.0], &[0.0, 0.452052]; |x, i| {
        let mut p = x[1];
        for _ in 1..i {
            p = p * x[1];
        }
        x[0] * (-p + 1.0) * -1.0 + at(&[1.5, 2.25, 2.625], i)
    }
    JennrichSampson 2 10 [0.3, 0.4], &[124.362, 259.58]; |x, i| {
        let t = i as f64;
        -((x[0] * t).exp() + (x[1] * t).exp()) + (2.0 + 2.0 * t)
    }
    HelicalValley 3 3 [-1.0, 0.0, 0.0], &[0.0]; |x, i| {
        let turn = (x[1] / x[0]).atan() * (0.5 / PI);
        let theta = if x[0].value() > 0.0 { turn } else { turn + 0.5 };
        match i {
            1 => (x[2] - theta * 10.0) * 10.0,
            2 => ((x[0].square() + x[1].square()).sqrt() - 1.0) * 10.0,
            _ => x[2],
        }
    }
    Bard 3 15 [1.0, 1.0, 1.0], &[8.21487e-3, 17.4286]; |x, i| {
        const Y: [f64; 15] =
            [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39];
        let (u, v) = (i as f64, 16.0 - i as f64);
        let w = u.min(v);
        -(x[0] + T::of(u) / (x[1] * v + x[2] * w)) + at(&Y, i)
    }
    Gaussian 3 15 [0.4, 1.0, 0.0], &[1.12793e-8]; |x, i| {
        const Y: [f64; 8] = [0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989];
        let t = (8.0 - i as f64) / 2.0;
        let z = -x[2] + t;
        x[0] * (x[1] * z.square() * -0.5).exp() - at(&Y, i.min(16 - i))
    }
    Meyer 3 16 [0.02, 4000.0, 250.0], &[87.9458]; |x, i| {
        const Y: [f64; 16] = [
            34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0, 8261.0, 7030.0, 6005.0, 5147.0,
            4427.0, 3820.0, 3307.0, 2872.0,
        ];
        x[0] * (x[1] / (x[2] + (45.0 + 5.0 * i as f64))).exp() - at(&Y, i)
    }
    Gulf 3 10 [5.0, 2.5, 0.15], &[0.0, 0.0385]; |x, i| {
        let t = i as f64 / 100.0;
        let y = 25.0 + (-50.0 * t.ln()).powf(2.0 / 3.0);
        let z = (-x[1] + y).abs();
        (-((z.ln() * x[2]).exp() / x[0])).exp() - t
    }
    Box3 3 10 [0.0, 10.0, 20.0], &[0.0, 0.0755887]; |x, i| {
        let t = 0.1 * i as f64;
        (x[0] * -t).exp() - (x[1] * -t).exp() - x[2] * ((-t).exp() - (-10.0 * t).exp())
    }
    PowellSingular 4 4 [3.0, -1.0, 0.0, 1.0], &[0.0]; |x, i| match i {
        1 => x[0] + x[1] * 10.0,
        2 => (x[2] - x[3]) * 5.0_f64.sqrt(),
        3 => (x[1] - x[2] * 2.0).square(),
        _ => (x[0] - x[3]).square() * 10.0_f64.sqrt(),
    }
    Wood 4 6 [-3.0, -1.0, -3.0, -1.0], &[0.0]; |x, i| match i {
        1 => (x[1] - x[0].square()) * 10.0,
        2 => -x[0] + 1.0,
        3 => (x[3] - x[2].square()) * 90.0_f64.sqrt(),
        4 => -x[2] + 1.0,
        5 => (x[1] + x[3] - 2.0) * 10.0_f64.sqrt(),
        _ => (x[1] - x[3]) * (1.0 / 10.0_f64.sqrt()),
    }
    KowalikOsborne 4 11 [0.25, 0.39, 0.415, 0.39], &[3.07505e-4, 1.02734e-3]; |x, i| {
        const Y: [f64; 11] = [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246];
        const U: [f64; 11] = [4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625];
        let u = at(&U, i);
        -(x[0] * (x[1] * u + u * u) / (x[2] * u + x[3] + u * u)) + at(&Y, i)
    }
    BrownDennis 4 20 [25.0, 5.0, -5.0, -1.0], &[85822.2]; |x, i| {
        let t = i as f64 / 5.0;
        (x[0] + x[1] * t - t.exp()).square() + (x[2] + x[3] * t.sin() - t.cos()).square()
    }
    Osborne1 5 33 [0.5, 1.5, -1.0, 0.01, 0.02], &[5.46489e-5, 1.10604]; |x, i| {
        const Y: [f64; 33] = [
            0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685, 0.658, 0.628,
            0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420,
            0.414, 0.411, 0.406,
        ];
        let t = 10.0 * (i as f64 - 1.0);
        -(x[0] + x[1] * (x[3] * -t).exp() + x[2] * (x[4] * -t).exp()) + at(&Y, i)
    }
    BiggsExp6 6 13 [1.0, 2.0, 1.0, 1.0, 1.0, 1.0], &[0.0, 5.65565e-3, 0.30636677]; |x, i| {
        let t = 0.1 * i as f64;
        let y = (-t).exp() - 5.0 * (-10.0 * t).exp() + 3.0 * (-4.0 * t).exp();
        x[2] * (x[0] * -t).exp() - x[3] * (x[1] * -t).exp() + x[5] * (x[4] * -t).exp() - y
    }
    Watson6 6 31 [0.0; 6], &[2.28767e-3]; |x, i| watson(x, i)
    Watson9 9 31 [0.0; 9], &[1.39976e-6]; |x, i| watson(x, i)
    ExtendedRosenbrock 8 8 [-1.2, 1.0, -1.2, 1.0, -1.2, 1.0, -1.2, 1.0], &[0.0]; |x, i| {
        let k = (i - 1) / 2 * 2;
        if i % 2 == 1 { (x[k + 1] - x[k].square()) * 10.0 } else { -x[k] + 1.0 }
    }
    ExtendedPowell 8 8 [3.0, -1.0, 0.0, 1.0, 3.0, -1.0, 0.0, 1.0], &[0.0]; |x, i| {
        let k = (i - 1) / 4 * 4;
        match (i - 1) % 4 {
            0 => x[k] + x[k + 1] * 10.0,
            1 => (x[k + 2] - x[k + 3]) * 5.0_f64.sqrt(),
            2 => (x[k + 1] - x[k + 2] * 2.0).square(),
            _ => (x[k] - x[k + 3]).square() * 10.0_f64.sqrt(),
        }
    }
    Penalty1 4 5 [1.0, 2.0, 3.0, 4.0], &[2.24997e-5]; |x, i| {
        if i <= 4 { (x[i - 1] - 1.0) * 1e-5_f64.sqrt() } else { sum(x.iter().map(|v| v.square())) - 0.25 }
    }
    Penalty2 4 8 [0.5; 4], &[9.37629e-6]; |x, i| {
        let a = 1e-5_f64.sqrt();
        match i {
            1 => x[0] - 0.2,
            2..=4 => {
                let y = (i as f64 / 10.0).exp() + ((i - 1) as f64 / 10.0).exp();
                ((x[i - 1] * 0.1).exp() + (x[i - 2] * 0.1).exp() - y) * a
            }
            5..=7 => ((x[i - 4] * 0.1).exp() - (-0.1_f64).exp()) * a,
            _ => sum(x.iter().enumerate().map(|(j, v)| v.square() * (4 - j) as f64)) - 1.0,
        }
    }
    VariablyDimensioned 8 10 [0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0.0], &[0.0]; |x, i| {
        if i <= 8 {
            return x[i - 1] - 1.0;
        }
        let s = sum(x.iter().enumerate().map(|(j, v)| (*v - 1.0) * (j + 1) as f64));
        if i == 9 { s } else { s.square() }
    }
    Trigonometric 8 8 [0.125; 8], &[0.0, 1.106099e-5, 1.356472e-4, 1.836348e-3]; |x, i| {
        let cosines = sum(x.iter().map(|v| v.cos()));
        -cosines + 8.0 + (-x[i - 1].cos() + 1.0) * i as f64 - x[i - 1].sin()
    }
    BrownAlmostLinear 8 8 [0.5; 8], &[0.0, 1.0]; |x, i| {
        if i < 8 {
            x[i - 1] + sum(x.iter().copied()) - 9.0
        } else {
            x.iter().fold(T::of(1.0), |p, v| p * *v) - 1.0
        }
    }
    DiscreteBoundary 8 8 discrete_start(), &[0.0]; |x, i| {
        let (h, near) = (1.0 / 9.0, neighbours(x, i));
        let t = h * i as f64;
        let u = x[i - 1] + (t + 1.0);
        x[i - 1] * 2.0 - near.0 - near.1 + u * u * u * (h * h / 2.0)
    }
    DiscreteIntegral 8 8 discrete_start(), &[0.0]; |x, i| {
        let h = 1.0 / 9.0;
        let t = h * i as f64;
        let mut total = x[i - 1];
        for j in 1..=8 {
            let tj = h * j as f64;
            let u = x[j - 1] + (tj + 1.0);
            let weight = if j <= i { (1.0 - t) * tj } else { t * (1.0 - tj) };
            total = total + u * u * u * (h * weight / 2.0);
        }
        total
    }
    BroydenTridiagonal 8 8 [-1.0; 8], &[0.0]; |x, i| {
        let near = neighbours(x, i);
        (-(x[i - 1] * 2.0) + 3.0) * x[i - 1] - near.0 - near.1 * 2.0 + 1.0
    }
    BroydenBanded 8 8 [-1.0; 8], &[0.0]; |x, i| {
        let mut total = x[i - 1] * (x[i - 1].square() * 5.0 + 2.0) + 1.0;
        for j in i.saturating_sub(5).max(1)..=(i + 1).min(8) {
            if j != i {
                total = total - x[j - 1] * (x[j - 1] + 1.0);
            }
        }
        total
    }
    LinearFullRank 5 10 [1.0; 5], &[5.0]; |x, i| {
        let s = sum(x.iter().copied()) * 0.2 + 1.0;
        if i <= 5 { x[i - 1] - s } else { -s }
    }
    // m (m - 1) / (2 (2 m + 1)).
    LinearRank1 5 10 [1.0; 5], &[2.142857142857143]; |x, i| {
        sum(x.iter().enumerate().map(|(j, v)| *v * (j + 1) as f64)) * i as f64 - 1.0
    }
    // (m^2 + 3 m - 6) / (2 (2 m - 3)).
    LinearRank1ZeroColumns 5 10 [1.0; 5], &[3.6470588235294117]; |x, i| {
        if i == 1 || i == 10 {
            return T::of(-1.0);
        }
        (x[1] * 2.0 + x[2] * 3.0 + x[3] * 4.0) * (i - 1) as f64 - 1.0
    }
    Chebyquad8 8 8 [1.0 / 9.0, 2.0 / 9.0, 3.0 / 9.0, 4.0 / 9.0, 5.0 / 9.0, 6.0 / 9.0, 7.0 / 9.0, 8.0 / 9.0],
        &[3.51687e-3]; |x, i| chebyquad(x, i)
    Chebyquad9 9 9 [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], &[0.0, 0.00289761]; |x, i| chebyquad(x, i)
}

fn sum<T: Number>(terms: impl Iterator<Item = T>) -> T {
    terms.fold(T::of(0.0), |a, b| a + b)
}

fn neighbours<T: Number, const P: usize>(x: &[T; P], i: usize) -> (T, T) {
    let at = |k: Option<usize>| k.and_then(|k| x.get(k)).copied().unwrap_or(T::of(0.0));
    (at(i.checked_sub(2)), at(Some(i)))
}

const fn discrete_start() -> [f64; 8] {
    let mut start = [0.0; 8];
    let mut j = 0;
    while j < 8 {
        let t = (j + 1) as f64 / 9.0;
        start[j] = t * (t - 1.0);
        j += 1;
    }
    start
}

fn watson<T: Number, const P: usize>(x: &[T; P], i: usize) -> T {
    match i {
        30 => return x[0],
        31 => return x[1] - x[0].square() - 1.0,
        _ => {}
    }
    let t = i as f64 / 29.0;
    let (mut slope, mut value, mut power) = (T::of(0.0), T::of(0.0), 1.0);
    for j in 0..P {
        value = value + x[j] * power;
        if j + 1 < P {
            slope = slope + x[j + 1] * ((j + 1) as f64 * power);
        }
        power *= t;
    }
    slope - value.square() - 1.0
}

/// Mean of the shifted Chebyshev polynomials T_i minus their integrals.
fn chebyquad<T: Number, const P: usize>(x: &[T; P], i: usize) -> T {
    let values = x.iter().map(|v| {
        let u = *v * 2.0 - 1.0;
        let (mut before, mut now) = (T::of(1.0), u);
        for _ in 1..i {
            (before, now) = (now, u * 2.0 * now - before);
        }
        now
    });
    let integral = if i.is_multiple_of(2) { -1.0 / ((i * i) as f64 - 1.0) } else { 0.0 };
    sum(values) * (1.0 / P as f64) - integral
}
