// What has to have the same bits on every machine: exp, ln, and fits under every kind of option.
//
// Needs neither std nor a heap, names no module of the example and holds no inner attribute, so that bare-metal
// programs can include this file as it is (`proofs/thumb` does).
use syn2real::simd::F64x8;
use syn2real::{
    Bounds, Class, FitError, FitOptions, Loss, Minimum, Point, Residual, Syn2RealFit, Syn2RealLaw, Weights,
};

/// Emits each result under its name: `out(name, hash of the bits)`.
pub(crate) fn emit_all(out: &mut dyn FnMut(&str, u64)) {
    emit_elementary(out);
    emit_fits(out);
    emit_many(out);
}

/// Constants of SplitMix64 (Steele, Lea, Flood 2014): the generator and, as its finaliser, the hash.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finaliser of SplitMix64: every bit of the argument moves every bit of the result.
fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }

    /// Uniform in [lower, upper), a multiple of (upper - lower) 2^-53.
    fn uniform(&mut self, lower: f64, upper: f64) -> f64 {
        lower + (upper - lower) * ((self.bits() >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

/// A hash in which the order counts.
struct Hash(u64);

impl Hash {
    fn word(&mut self, bits: u64) {
        self.0 = mix(self.0.wrapping_add(GAMMA) ^ bits);
    }

    /// The bits of the value; all NaN are one, their payload differs between machines.
    fn value(&mut self, x: f64) {
        self.word(if x.is_nan() { u64::MAX } else { x.to_bits() });
    }

    fn optional(&mut self, x: Option<f64>) {
        match x {
            Some(x) => self.value(x),
            None => self.word(1),
        }
    }

    fn minimum(&mut self, m: &Minimum) {
        for x in [m.law.d, m.law.alpha, m.law.c, m.cost] {
            self.value(x);
        }
        self.word(match m.class {
            Class::Interior => 1,
            Class::NoGap => 2,
            Class::Flat => 3,
            Class::AlphaMax => 4,
            Class::AtBound { .. } => 5,
            _ => 6,
        });
    }

    fn fit(&mut self, fit: &Result<Syn2RealFit, FitError>) {
        let Ok(fit) = fit else { return self.word(2) };
        for x in [fit.law().d, fit.law().alpha, fit.law().c] {
            self.value(x);
        }
        let report = fit.report();
        for x in [report.cost, report.rms, report.n_min, report.n_max] {
            self.value(x);
        }
        for x in [report.condition, report.huber_delta].into_iter().chain(fit.std_errors()) {
            self.optional(x);
        }
        for count in [report.iterations, report.evaluations, report.minima_found, u32::from(report.termination as u8)] {
            self.word(u64::from(count));
        }
        for minimum in fit.minima() {
            self.minimum(minimum);
        }
    }
}

/// exp over its finite range and beyond both ends, ln over random bits: subnormals, infinities and NaN among them.
fn emit_elementary(out: &mut dyn FnMut(&str, u64)) {
    let mut random = Random(1);
    let (mut exp, mut ln) = (Hash(0), Hash(0));
    for _ in 0..512 {
        let mut lanes = [0.0; 8];
        for x in &mut lanes {
            *x = random.uniform(-760.0, 720.0);
        }
        for y in F64x8(lanes).exp().0 {
            exp.value(y);
        }
        for x in &mut lanes {
            *x = f64::from_bits(random.bits() >> 1);
        }
        for y in F64x8(lanes).ln().0 {
            ln.value(y);
        }
    }
    out("exp", exp.0);
    out("ln", ln.0);
}

/// Sizes 1000, 2000, ... as in the authors' curves.
const SIZES: [f64; 7] = [1000.0, 2000.0, 4000.0, 8000.0, 16_000.0, 32_000.0, 64_000.0];

/// Seven points of a law with relative noise of up to `noise`; every other point has a weight of its own.
fn curve(law: Syn2RealLaw, noise: f64, weighted: bool, random: &mut Random) -> [Point; 7] {
    let mut points = [Point::new(1.0, 1.0); 7];
    let mut odd = false;
    for (point, n) in points.iter_mut().zip(SIZES) {
        let error = law.error_at(n) * (1.0 + noise * random.uniform(-1.0, 1.0));
        let weight = if weighted && odd { random.uniform(0.25, 4.0) } else { 1.0 };
        *point = Point::new(n, error).with_weight(weight);
        odd = !odd;
    }
    points
}

/// One line per combination of residual, loss and other options; six curves take turns: clean, noisy, weighted, without
/// a gap, flat, rising.
fn emit_fits(out: &mut dyn FnMut(&str, u64)) {
    let mut random = Random(2);
    let law = Syn2RealLaw { d: 0.48, alpha: 0.44, c: 0.9353 };
    let curves = [
        curve(law, 0.0, false, &mut random),
        curve(law, 0.002, false, &mut random),
        curve(Syn2RealLaw { d: 20.0, alpha: 0.7, c: 0.2 }, 0.03, true, &mut random),
        curve(Syn2RealLaw { d: 4.0, alpha: 0.3, c: 0.0 }, 0.01, false, &mut random),
        curve(Syn2RealLaw { d: 0.0, alpha: 0.0, c: 0.5 }, 0.0, false, &mut random),
        curve(Syn2RealLaw { d: 0.1, alpha: -0.2, c: 0.1 }, 0.0, false, &mut random),
    ];
    let default = FitOptions::default();
    let fixed = [
        ("free", default),
        ("fixed_d", FitOptions { fixed_d: Some(0.48), ..default }),
        ("fixed_alpha", FitOptions { fixed_alpha: Some(0.5), ..default }),
        ("fixed_c", FitOptions { fixed_c: Some(0.1), ..default }),
        ("bounded", FitOptions { alpha: Bounds::new(0.1, 0.4), c: Bounds::new(0.05, 1.0), ..default }),
        ("absolute", FitOptions { weights: Weights::Absolute, d: Bounds::new(0.0, 2.0), ..default }),
    ];
    // 1.345 is the customary constant of Huber's loss; 1e-3 the absolute delta of Epoch's Chinchilla fit.
    let kinds = [
        ("log_square_", Residual::Log, Loss::Square),
        ("log_huber_", Residual::Log, Loss::Huber { k: 1.345 }),
        ("log_absolute_huber_", Residual::Log, Loss::HuberAbsolute { delta: 1e-3 }),
        ("linear_square_", Residual::Linear, Loss::Square),
        ("linear_huber_", Residual::Linear, Loss::Huber { k: 1.345 }),
        ("linear_absolute_huber_", Residual::Linear, Loss::HuberAbsolute { delta: 1e-3 }),
    ];
    // A Latin square: every kind and every set of options meets every curve once. All of them with all would take a
    // machine that computes doubles in software minutes.
    for (row, (prefix, residual, loss)) in kinds.into_iter().enumerate() {
        let turned = curves.iter().cycle().skip(row);
        for ((suffix, options), points) in fixed.iter().zip(turned) {
            let mut hash = Hash(0);
            hash.fit(&Syn2RealLaw::fit_with(points, &FitOptions { residual, loss, ..*options }));
            let mut name = Name { text: [0; 40], length: 0 };
            name.push(prefix);
            name.push(suffix);
            out(name.as_str(), hash.0);
        }
    }
}

/// Two short texts put together without a heap.
struct Name {
    text: [u8; 40],
    length: usize,
}

impl Name {
    fn push(&mut self, text: &str) {
        for (slot, byte) in self.text.iter_mut().skip(self.length).zip(text.bytes()) {
            *slot = byte;
        }
        self.length += text.len();
    }

    fn as_str(&self) -> &str {
        self.text.get(..self.length).and_then(|text| core::str::from_utf8(text).ok()).unwrap_or("name too long")
    }
}

/// Eleven problems, so that a block of eight and a remainder occur, by `fit_grid` and `fit_many`: two lines with the
/// same hash.
fn emit_many(out: &mut dyn FnMut(&str, u64)) {
    const PROBLEMS: usize = 11;
    let mut random = Random(3);
    let mut errors = [0.0; 7 * PROBLEMS];
    let mut curves = [[Point::new(1.0, 1.0); 7]; PROBLEMS];
    for (points, row) in curves.iter_mut().zip(errors.chunks_exact_mut(SIZES.len())) {
        let law =
            Syn2RealLaw { d: random.uniform(0.5, 10.0), alpha: random.uniform(0.1, 1.2), c: random.uniform(0.0, 0.9) };
        *points = curve(law, 0.01, false, &mut random);
        for (error, point) in row.iter_mut().zip(points) {
            *error = point.error;
        }
    }
    let options = FitOptions::default();
    let mut hash = Hash(0);
    if Syn2RealLaw::fit_grid(&SIZES, &errors, &options, |_, fit| hash.fit(&fit)).is_err() {
        hash.word(3);
    }
    out("fit_grid", hash.0);
    let mut hash = Hash(0);
    Syn2RealLaw::fit_many(&curves, &options, |_, fit| hash.fit(&fit));
    out("fit_many", hash.0);
}
