//! Values read from arbitrary bytes.

/// Reads from the front; beyond the end everything is zero, so that every input is valid.
pub struct Bytes<'a>(&'a [u8]);

/// Numbers that meet the edges of a fit more often than random bits do.
const SPECIAL: [f64; 24] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.0,
    7.0,
    1000.0,
    64_000.0,
    0.48,
    0.9353,
    1e-3,
    1e-300,
    1e300,
    9_007_199_254_740_993.0,
    f64::MIN_POSITIVE,
    f64::from_bits(1),
    f64::EPSILON,
    1.0 + f64::EPSILON,
    f64::MAX,
    f64::MIN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

impl<'a> Bytes<'a> {
    pub fn new(data: &'a [u8]) -> Bytes<'a> {
        Bytes(data)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    /// Any f64: a special one, a small whole number, one of ordinary size, or arbitrary bits.
    pub fn number(&mut self) -> f64 {
        let kind = self.byte();
        match kind % 4 {
            0 => SPECIAL[usize::from(self.byte()) % SPECIAL.len()],
            1 => f64::from(self.byte()),
            // [0, 1) times 2^(0, 4, .. 60).
            2 => {
                let scale = 2.0_f64.powi(i32::from(kind >> 4) * 4);
                scale * f64::from(u32::from_le_bytes(self.array())) / 2.0_f64.powi(32)
            }
            _ => f64::from_bits(u64::from_le_bytes(self.array())),
        }
    }

    /// `None` three times in four.
    pub fn optional(&mut self) -> Option<f64> {
        self.byte().is_multiple_of(4).then(|| self.number())
    }
}
