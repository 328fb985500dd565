//! Round numbers and how they are written. A tick is a whole number times a power of ten, so that it is exact whatever its
//! size, and its label has no digit that it has not.

/// A whole number times a power of ten.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tick {
    digits: i64,
    power: i32,
}

/// Round steps between ticks, times a power of ten.
const STEPS: [i64; 4] = [1, 2, 5, 10];
/// Powers of ten from one tick to the next on a long logarithmic axis.
const STRIDES: [i32; 9] = [1, 2, 3, 5, 10, 20, 50, 100, 200];
/// Numbers of f64 have no more digits than this before the point, in ticks of an axis.
const MOST: f64 = 1e15;

/// The power of ten of a number: that of the first digit of it.
pub(super) fn power_of(x: f64) -> i32 {
    if x > 0.0 && x.is_finite() { x.log10().floor() as i32 } else { 0 }
}

impl Tick {
    /// log10 of it.
    pub(super) fn log10(self) -> f64 {
        (self.digits as f64).log10() + f64::from(self.power)
    }

    /// It times another power of ten.
    pub(super) fn shifted(self, power: i32) -> f64 {
        self.digits as f64 * 10_f64.powi(self.power + power)
    }

    /// Without zeros at its end.
    fn short(self) -> Tick {
        let Tick { mut digits, mut power } = self;
        if digits == 0 {
            return Tick { digits, power: 0 };
        }
        while digits % 10 == 0 {
            (digits, power) = (digits / 10, power + 1);
        }
        Tick { digits, power }
    }

    /// The power of ten of its first digit.
    fn magnitude(self) -> i32 {
        self.digits.unsigned_abs().checked_ilog10().map_or(0, |log| log as i32) + self.power
    }
}

/// Multiples 1, 2, 5 (or 1, 3, or most) of the powers of ten, or every so many of these, whichever gives the count nearest to the one
/// wanted; the ends are logarithms.
pub(super) fn decades((low, high): (f64, f64), wanted: usize) -> Vec<Tick> {
    let powers = low.floor() as i32..=high.ceil() as i32;
    let multiples = [&[1, 2, 3, 4, 5, 6, 8][..], &[1, 2, 5], &[1, 3]].map(|multiples| {
        let all = powers.clone().flat_map(|power| multiples.iter().map(move |digits| Tick { digits: *digits, power }));
        all.collect::<Vec<_>>()
    });
    let strides = STRIDES.map(|stride| {
        let all = powers.clone().filter(|power| power.rem_euclid(stride) == 0);
        all.map(|power| Tick { digits: 1, power }).collect()
    });
    let inside = |ticks: Vec<Tick>| ticks.into_iter().filter(|t| (low..=high).contains(&t.log10())).collect::<Vec<_>>();
    let candidates = multiples.into_iter().chain(strides).map(inside).filter(|ticks| !ticks.is_empty());
    candidates.min_by_key(|ticks| ticks.len().abs_diff(wanted)).unwrap_or_default()
}

/// Multiples of a round step; the ends are in units of a power of ten.
pub(super) fn round((low, high): (f64, f64), power: i32, wanted: usize) -> Vec<Tick> {
    let raw = (high - low) / wanted.max(1) as f64;
    let place = raw.log10().floor() as i32;
    let unit = 10_f64.powi(place);
    let step = STEPS.into_iter().find(|step| *step as f64 * unit >= raw * (1.0 - 1e-9)).unwrap_or(10);
    let apart = step as f64 * unit;
    let (first, last) = ((low / apart).ceil().max(-MOST) as i64, (high / apart).floor().min(MOST) as i64);
    (first..=last).take(4 * wanted + 4).map(|k| Tick { digits: k * step, power: power + place }).collect()
}

/// Labels of ticks, with as many decimals as the finest of them has.
pub(super) fn labels(ticks: &[Tick]) -> Vec<String> {
    let short: Vec<Tick> = ticks.iter().map(|tick| tick.short()).collect();
    let finest = short.iter().filter(|tick| tick.digits != 0).map(|tick| tick.power).min().unwrap_or(0);
    let largest = short.iter().map(|tick| tick.magnitude()).max().unwrap_or(0);
    // Numbers from thousandths to less than a thousand are written out.
    let is_plain = (-4..3).contains(&largest) && finest >= -8;
    // On a logarithmic axis 0.01 stands beside 100: no zeros behind the latter.
    let wide = short.iter().map(|tick| tick.magnitude()).min().is_some_and(|least| largest - least >= 1);
    let one = |tick: &Tick| match tick.magnitude() {
        _ if tick.digits == 0 => "0".into(),
        3..9 => with_unit(*tick, finest),
        -3..3 if is_plain && !wide => decimal(*tick, -finest.min(0)),
        -3..3 if finest >= -8 => decimal(*tick, -tick.power.min(0)),
        _ => exponent(*tick),
    };
    short.iter().map(one).collect()
}

/// A number with so many decimals.
fn decimal(tick: Tick, decimals: i32) -> String {
    let decimals = decimals.max(-tick.power).max(0);
    let Some(digits) =
        10_i64.checked_pow((tick.power + decimals).max(0) as u32).and_then(|f| tick.digits.checked_mul(f))
    else {
        return exponent(tick);
    };
    let text = format!("{:01$}", digits.unsigned_abs(), decimals as usize + 1);
    let (whole, part) = text.split_at(text.len() - decimals as usize);
    let sign = if digits < 0 { "-" } else { "" };
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// Thousands and millions.
fn with_unit(tick: Tick, finest: i32) -> String {
    let (power, unit) = if tick.magnitude() < 6 { (3, "k") } else { (6, "M") };
    let text = decimal(Tick { power: tick.power - power, ..tick }, 0);
    // More digits than a unit is good for: 1234.5 and not 1.2345k.
    if text.len() > 7 && finest >= -6 { decimal(tick, 0) } else { text + unit }
}

/// A power of ten: 1.5e9.
fn exponent(tick: Tick) -> String {
    let magnitude = tick.magnitude();
    format!("{}e{magnitude}", decimal(Tick { power: tick.power - magnitude, ..tick }, 0))
}

/// Labels of values as they are: to three digits, or to more where that does not tell them apart.
pub(super) fn labels_of(values: &[f64]) -> Vec<String> {
    let rounded = |digits: usize| {
        // "1.28e6" has the digits that are wanted, correctly rounded.
        let one = |x: &f64| {
            let text = format!("{x:.*e}", digits - 1);
            let (number, power) = text.split_once('e').unwrap_or((&text, "0"));
            let whole: i64 = number.replace('.', "").parse().unwrap_or(0);
            let power: i32 = power.parse().unwrap_or(0);
            let tick = Tick { digits: whole, power: power - digits as i32 + 1 }.short();
            labels(&[tick]).pop().unwrap_or_default()
        };
        values.iter().map(one).collect::<Vec<_>>()
    };
    let differ = |labels: &Vec<String>| labels.windows(2).all(|pair| pair[0] != pair[1]);
    [3, 4, 5].map(rounded).into_iter().find(differ).unwrap_or_else(|| rounded(6))
}
