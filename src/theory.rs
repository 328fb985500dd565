//! Exponents of the law from theory: Appendix E of the paper, a two-layer network under averaged stochastic gradient
//! descent, pre-trained on n samples and fine-tuned on T1 = s of them.
//!
//! The synthetic target has smoothness r0, what the real target adds to it r1 (both in the range of that power of the
//! kernel's integral operator), the kernel's eigenvalues fall like l^-xi, the fine-tuning step is T1^-zeta. Then the
//! error is bounded by eps + const R0^nu T1^-beta, where R0 ~ n^-alpha0 is the error after pre-training; so
//! alpha = nu alpha0, or alpha0 where a floor of R0 dominates. Table 1 of the paper, re-derived; m = min(r0, r1):
//!
//! | case | order | zeta | beta | nu | lambda1 |
//! |---|---|---|---|---|---|
//! | I-A | r0 >= r1 | m/(2m+1) <= zeta < 1 | 2m (1-zeta)/(m+1) | m/(m+1) | T1^-((1-zeta)/(m+1)) R0^(1/(2(m+1))) |
//! | I-B | r0 < r1 | the same, and zeta >= ((2 r1 - r0) xi + 1 - xi)/(2 r1 xi + 1) | as I-A | as I-A | as I-A |
//! | II-A | r0 >= r1 | 0 <= zeta <= m/(2m+1) | 2m/(2m+1) | 2m/(2m+1) | (R0/T1)^(1/(2m+1)) |
//! | II-B | r0 < r1 <= r0 + (xi-1)/(2 xi) | the same | as II-A | as II-A | as II-A |
//!
//! The second conditions of I-B and II-B come only from the paper's writing its regime (17),
//! lambda1 >> T1^(-xi/(2 r xi + 1)), with r = r1; with r = m they hold for every xi > 1.
use core::fmt;

use crate::math;

/// Relative width of what counts as an end of a closed range of r or zeta: four roundings, as many as `rates` and
/// [`admissible`] spend on computing that end.
const AT_END: f64 = 4.0 * f64::EPSILON;

/// Which reading of the paper's regime (17) applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Conditions {
    /// As printed, with r1.
    #[default]
    Strict,
    /// With min(r0, r1): the conditions that the derivation of the case needs.
    Relaxed,
}

/// A row of Table 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Small fine-tuning step, r0 >= r1.
    IA,
    /// Small fine-tuning step, r0 < r1.
    IB,
    /// Large fine-tuning step, r0 >= r1.
    IIA,
    /// Large fine-tuning step, r0 < r1.
    IIB,
}

impl Case {
    /// All four.
    pub const ALL: [Case; 4] = [Case::IA, Case::IB, Case::IIA, Case::IIB];
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Case::IA => "I-A",
            Case::IB => "I-B",
            Case::IIA => "II-A",
            Case::IIB => "II-B",
        })
    }
}

/// A condition of the case that the arguments violate, so that the bound is not proved.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Condition {
    /// I-B, strict: zeta >= ((2 r1 - r0) xi + 1 - xi)/(2 r1 xi + 1).
    ZetaAtLeast {
        /// The right-hand side, in (0, 1).
        bound: f64,
    },
    /// II-B, strict: r1 <= r0 + (xi - 1)/(2 xi).
    R1AtMost {
        /// The right-hand side, above r0.
        bound: f64,
    },
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::ZetaAtLeast { bound } => {
                write!(f, "case I-B needs zeta >= {bound:.6}: take a smaller step or the relaxed conditions")
            }
            Condition::R1AtMost { bound } => {
                write!(f, "case II-B needs r1 <= {bound:.6}: take a larger zeta (case I-B) or the relaxed conditions")
            }
        }
    }
}

/// An argument out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TheoryError {
    /// r0 outside [1/2, 1].
    R0,
    /// r1 outside [1/2, 1].
    R1,
    /// xi not above 1, or not finite.
    Xi,
    /// zeta outside [0, 1).
    Zeta,
}

impl fmt::Display for TheoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TheoryError::R0 => "r0 must lie in [1/2, 1]: take 1/2 for a rougher, 1 for a smoother synthetic target",
            TheoryError::R1 => {
                "r1 must lie in [1/2, 1]: take 1/2 for a rougher, 1 for a smoother difference to the real target"
            }
            TheoryError::Xi => {
                "xi must be finite and above 1: eigenvalues that fall no faster than 1/l have no finite sum"
            }
            TheoryError::Zeta => {
                "zeta must lie in [0, 1): 0 is a constant step, and from 1 on the regularisation would not vanish"
            }
        })
    }
}

impl core::error::Error for TheoryError {}

/// The regularisation that attains the bound: lambda1 ~ T1^`samples` R0^`pretraining`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regularisation {
    /// Exponent of the fine-tuning size T1, negative.
    pub samples: f64,
    /// Exponent of the error R0 after pre-training, positive.
    pub pretraining: f64,
}

/// What the theory says of one setting.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rates {
    /// Row of Table 1.
    pub case: Case,
    /// Exponent of n while n^-alpha0 dominates R0: nu times `alpha_floor`, in (1/6, 2/3).
    pub alpha: f64,
    /// Exponent of n once a floor dominates R0 (c + n^-alpha0 to the power nu is then linear in n^-alpha0), and the
    /// exponent of R0 itself: alpha0 = 2 r0 xi/(2 r0 xi + 1), in (1/2, 1).
    pub alpha_floor: f64,
    /// Exponent of the fine-tuning size s, in (0, 2/3].
    pub beta: f64,
    /// Exponent of R0 in the bound, in [1/3, 2/3].
    pub nu: f64,
    /// Regularisation of the fine-tuning.
    pub lambda1: Regularisation,
    violated: Option<Condition>,
}

impl Rates {
    /// Conditions of the case that do not hold: with any, the exponents are what the row says, without its proof. At
    /// most one, since the rows I-A and II-A have none beyond the range of zeta; empty with [`Conditions::Relaxed`].
    pub fn violated(&self) -> &[Condition] {
        self.violated.as_slice()
    }
}

/// Exponents of the error bound for smoothness `r0` of the synthetic target and `r1` of what the real one adds (both in
/// [1/2, 1]), eigenvalue decay `xi` > 1 and step exponent `zeta` in [0, 1).
///
/// At zeta = m/(2m+1), up to four roundings, both cases hold: beta and lambda1's exponent of T1 are continuous there,
/// nu jumps, and the answer is Case I with the smaller nu.
///
/// # Errors
/// [`TheoryError`] names the first argument out of its range.
///
/// ```
/// use syn2real::theory::{self, Case, Conditions};
///
/// let rates = theory::rates(0.75, 0.5, 2.0, 0.0, Conditions::Strict)?;
/// assert_eq!((rates.case, rates.beta, rates.nu), (Case::IIA, 0.5, 0.5));
/// assert_eq!((rates.alpha, rates.alpha_floor), (0.375, 0.75));
/// assert!(rates.violated().is_empty());
/// # Ok::<(), theory::TheoryError>(())
/// ```
pub fn rates(r0: f64, r1: f64, xi: f64, zeta: f64, conditions: Conditions) -> Result<Rates, TheoryError> {
    let smooth = |r: f64| (0.5..=1.0).contains(&r);
    if !smooth(r0) {
        return Err(TheoryError::R0);
    }
    if !smooth(r1) {
        return Err(TheoryError::R1);
    }
    if !(xi > 1.0 && xi < f64::INFINITY) {
        return Err(TheoryError::Xi);
    }
    if !(0.0..1.0).contains(&zeta) {
        return Err(TheoryError::Zeta);
    }
    let (m, small_step) = (r0.min(r1), zeta >= boundary(r0.min(r1)) * (1.0 - AT_END));
    let case = match (small_step, r0 >= r1) {
        (true, true) => Case::IA,
        (true, false) => Case::IB,
        (false, true) => Case::IIA,
        (false, false) => Case::IIB,
    };
    let (beta, nu, lambda1) = if small_step {
        let samples = -(1.0 - zeta) / (m + 1.0);
        (-2.0 * m * samples, m / (m + 1.0), Regularisation { samples, pretraining: 0.5 / (m + 1.0) })
    } else {
        let rate = 2.0 * m / (2.0 * m + 1.0);
        (rate, rate, Regularisation { samples: -1.0 / (2.0 * m + 1.0), pretraining: 1.0 / (2.0 * m + 1.0) })
    };
    let alpha_floor = pretraining_rate(r0, xi);
    let violated = match conditions {
        Conditions::Strict => violation(case, [r0, r1, xi, zeta]),
        Conditions::Relaxed => None,
    };
    Ok(Rates { case, alpha: nu * alpha_floor, alpha_floor, beta, nu, lambda1, violated })
}

/// zeta between the cases: m/(2m+1).
fn boundary(m: f64) -> f64 {
    m / (2.0 * m + 1.0)
}

/// alpha0 = 2 r0 xi/(2 r0 xi + 1), written so that no finite xi overflows.
fn pretraining_rate(r0: f64, xi: f64) -> f64 {
    1.0 / (1.0 + 0.5 / (r0 * xi))
}

/// Regime (17) as printed, in rows where it is a condition of its own.
fn violation(case: Case, [r0, r1, xi, zeta]: [f64; 4]) -> Option<Condition> {
    match case {
        Case::IA | Case::IIA => None,
        Case::IB => {
            // Numerator and denominator divided by xi, which may be as large as f64 allows.
            let bound = (2.0 * r1 - r0 - 1.0 + 1.0 / xi) / (2.0 * r1 + 1.0 / xi);
            (zeta < bound * (1.0 - AT_END)).then_some(Condition::ZetaAtLeast { bound })
        }
        Case::IIB => {
            let bound = r0 + 0.5 - 0.5 / xi;
            (r1 > bound * (1.0 + AT_END)).then_some(Condition::R1AtMost { bound })
        }
    }
}

/// A setting that has given exponents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// Row of Table 1.
    pub case: Case,
    /// Smoothness of the synthetic target, in [1/2, 1].
    pub r0: f64,
    /// Smoothness of what the real target adds, in [1/2, 1].
    pub r1: f64,
    /// Decay of the eigenvalues, above 1.
    pub xi: f64,
    /// Exponent of the step, in [0, 1).
    pub zeta: f64,
}

/// The rows of Table 1 that can produce a pair (alpha, beta), each with one setting that does.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Admissible {
    settings: [Option<Setting>; 4],
}

impl Admissible {
    /// Whether no row produces the pair.
    pub fn is_empty(&self) -> bool {
        self.settings.iter().all(Option::is_none)
    }

    /// One setting for each row that produces the pair, in the order of [`Case::ALL`]. [`rates`] with
    /// [`Conditions::Strict`] gives the pair back without a violation, within 1e-14 (tests/theory.rs, 300,000 pairs).
    pub fn settings(&self) -> impl Iterator<Item = Setting> + '_ {
        self.settings.iter().flatten().copied()
    }

    /// The setting of one row.
    pub fn setting(&self, case: Case) -> Option<Setting> {
        self.settings().find(|setting| setting.case == case)
    }
}

/// Which cases can produce these exponents (alpha = nu alpha0, so without a floor in R0).
///
/// Necessary and sufficient, strict and relaxed conditions alike: Case II iff beta in [1/2, 2/3] and
/// beta^2 < alpha < beta; Case I iff some m in [1/2, 1] has 2 m^2/((m+1)(2m+1)) < alpha < m/(m+1) and
/// 0 < beta <= 2m/(2m+1). The rows B need m < 1 beside. What is not a number is produced by no case.
///
/// ```
/// use syn2real::theory::{self, Case};
///
/// // What the paper measures in Appendix C.2 follows from no row of its Table 1.
/// assert!(theory::admissible(0.544, 0.322).is_empty());
/// // A slower pre-training rate does.
/// let cases: Vec<Case> = theory::admissible(0.4, 0.322).settings().map(|s| s.case).collect();
/// assert_eq!(cases, [Case::IA, Case::IB]);
/// ```
pub fn admissible(alpha: f64, beta: f64) -> Admissible {
    let mut settings = [None; 4];
    let [ia, ib, iia, iib] = &mut settings;
    if let Some(m) = smoothness_of_case_one(alpha, beta) {
        let xi = decay(m, alpha * (m + 1.0) / m);
        let zeta = (1.0 - beta * (m + 1.0) / (2.0 * m)).max(0.0);
        *ia = xi.map(|xi| Setting { case: Case::IA, r0: m, r1: m, xi, zeta });
        // The largest r1 with which zeta still meets the printed condition of I-B: above m for every xi > 1.
        let limit = |xi: f64| 0.5 * ((m + 1.0) / (1.0 - zeta) - 1.0 / xi);
        *ib = xi.and_then(|xi| above(m, limit(xi)).map(|r1| Setting { case: Case::IB, r0: m, r1, xi, zeta }));
    }
    if let Some(m) = smoothness_of_case_two(alpha, beta) {
        let xi = decay(m, alpha / beta);
        *iia = xi.map(|xi| Setting { case: Case::IIA, r0: m, r1: m, xi, zeta: 0.0 });
        let limit = |xi: f64| m + 0.5 - 0.5 / xi;
        *iib = xi.and_then(|xi| above(m, limit(xi)).map(|r1| Setting { case: Case::IIB, r0: m, r1, xi, zeta: 0.0 }));
    }
    Admissible { settings }
}

/// m = beta/(2 (1 - beta)), from beta = 2m/(2m+1).
fn smoothness(beta: f64) -> f64 {
    0.5 * beta / (1.0 - beta)
}

/// `m` if it lies in [1/2, 1], with ends that rounding missed by a hair put in place.
fn in_range(m: f64) -> Option<f64> {
    (0.5 * (1.0 - AT_END)..=1.0 + AT_END).contains(&m).then(|| {
        let end = |end: f64, m: f64| if (m - end).abs() <= AT_END * end { end } else { m };
        end(0.5, end(1.0, m))
    })
}

fn smoothness_of_case_two(alpha: f64, beta: f64) -> Option<f64> {
    (beta * beta < alpha && alpha < beta && beta < 1.0).then(|| in_range(smoothness(beta))).flatten()
}

/// The middle of the m that produce the pair in Case I.
fn smoothness_of_case_one(alpha: f64, beta: f64) -> Option<f64> {
    if !(alpha > 0.0 && alpha < 0.5 && beta > 0.0 && beta < 1.0) {
        return None;
    }
    // alpha < m/(m+1), and alpha > 2 m^2/((m+1)(2m+1)) solved for m.
    let open_low = alpha / (1.0 - alpha);
    let open_high = (3.0 * alpha + math::sqrt(alpha * alpha + 8.0 * alpha)) / (4.0 * (1.0 - alpha));
    let closed_low = in_range(smoothness(beta).max(0.5))?;
    let (low, high) = (open_low.max(closed_low), open_high.min(1.0));
    let m = 0.5 * (low + high);
    (low <= high && open_low < m && m < open_high).then_some(m)
}

/// xi with alpha0 = 2 r0 xi/(2 r0 xi + 1), if above 1 and finite.
fn decay(r0: f64, alpha0: f64) -> Option<f64> {
    let xi = 0.5 * alpha0 / (r0 * (1.0 - alpha0));
    (xi > 1.0 && xi < f64::INFINITY).then_some(xi)
}

/// Halfway from m to what r1 may be at most, if there is room for r1 > m.
fn above(m: f64, limit: f64) -> Option<f64> {
    let r1 = 0.5 * (m + limit.min(1.0));
    (r1 > m).then_some(r1)
}
