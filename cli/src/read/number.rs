//! A number as people write it: `64k`, `1.28M`, `10^6`, `1 234 567`, `0,445`, `44.62%`, or none at all: `NA`.

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// A number.
    Number(f64),
    /// A number with a percent sign, in percent.
    Percent(f64),
    /// Nothing was measured.
    Missing,
    /// What it is instead of a number, with the remedy.
    Wrong(String),
}

/// What stands for "not measured", in small letters.
const MISSING: [&str; 24] = [
    "", "-", "--", ".", "na", "n/a", "n.a.", "<na>", "#n/a", "#na", "#div/0!", "#value!", "#ref!", "#num!", "nan",
    "-nan", "null", "none", "nil", "inf", "+inf", "-inf", "infinity", "missing",
];

/// Powers of ten by their letters; `B`, as in billions of tokens, is `G`.
const POWERS: [(char, u32); 6] = [('k', 3), ('K', 3), ('M', 6), ('G', 9), ('B', 9), ('T', 12)];

/// A cell is quoted in messages up to this many characters.
const QUOTED: usize = 40;

/// How numbers are written in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// The decimal sign, a point or a comma; the other one separates thousands. `None` is a point as long as no cell has a
    /// comma.
    pub(crate) decimal: Option<u8>,
}

/// What a cell tells of the decimal sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It has neither point nor comma.
    Silent,
    /// The decimal sign is a point.
    Point,
    /// It is a comma.
    Comma,
    /// A point or a comma before three digits: either a decimal sign or one of thousands.
    EitherPoint,
    EitherComma,
}

impl Numbers {
    /// What stands in a cell; sizes may have a power of ten as a letter.
    pub(crate) fn cell(self, cell: &[u8], is_size: bool) -> Cell {
        let Ok(text) = std::str::from_utf8(cell) else {
            return Cell::Wrong(format!("{} is not a number: mend the cell or leave the row out", quoted(cell)));
        };
        // Most cells; `inf` and `nan` are words, for std they are numbers.
        if self.decimal != Some(b',')
            && let Ok(value) = text.parse::<f64>()
            && (value.is_finite() || text.contains(|c: char| c.is_ascii_digit()))
        {
            return Cell::Number(value);
        }
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if MISSING.iter().any(|word| text.eq_ignore_ascii_case(word)) || ["—", "–"].contains(&text) {
            return Cell::Missing;
        }
        match self.number(text, is_size) {
            Ok((value, true)) => Cell::Percent(value),
            Ok((value, false)) => Cell::Number(value),
            Err(reason) => Cell::Wrong(format!("{} {reason}", quoted(cell))),
        }
    }

    /// The number, and whether it is in percent; else what is wrong.
    fn number(self, text: &str, is_size: bool) -> Result<(f64, bool), String> {
        if text.starts_with(['<', '>', '~', '≈', '≤', '≥']) {
            return Err("is a bound and not a number: measure it, or leave the row out with --where".into());
        }
        if text.contains('±') || text.contains("+/-") || text.contains("+-") || has_digits_in_brackets(text) {
            return Err("is a number with its uncertainty: write that into a column of its own, for --sigma".into());
        }
        if text.ends_with(['‰', '°']) {
            return Err("has a unit that is not known: write fractions, or percent with a % sign".into());
        }
        let stripped = text.strip_suffix('%').map(str::trim_end);
        let (text, is_percent) = (stripped.unwrap_or(text), stripped.is_some());
        if let Some(value) = power(text) {
            return Ok((value, is_percent));
        }
        let power = POWERS.iter().find(|(letter, _)| text.ends_with(*letter)).filter(|_| !is_percent);
        let (digits, exponent) = match power {
            Some((letter, _)) if !is_size => {
                return Err(format!("has the letter {letter} of a size: write the number out"));
            }
            Some((letter, exponent)) => (text.trim_end_matches(*letter).trim_end(), *exponent),
            None => (text, 0),
        };
        if exponent == 0 && is_size && digits.len() > 1 && digits.ends_with('m') {
            return Err("has a small m: write M for millions".into());
        }
        let plain = self.plain(digits)?;
        // The exponent goes into the text, so that 1.28M is 1.28e6 to the last bit.
        let text = match plain.split_once(['e', 'E']) {
            Some(_) if exponent > 0 => None,
            _ if exponent > 0 => Some(format!("{plain}e{exponent}")),
            _ => Some(plain),
        };
        let value = text.and_then(|text| text.parse::<f64>().ok()).ok_or_else(not_a_number)?;
        Ok((value, is_percent))
    }

    /// The number with a decimal point and without separators of thousands.
    fn plain(self, text: &str) -> Result<String, String> {
        let text = text.replace('\u{2212}', "-");
        let (sign, digits) = match text.strip_prefix(['-', '+']) {
            Some(rest) => (&text[..1], rest),
            None => ("", text.as_str()),
        };
        let (mantissa, exponent) = match digits.find(['e', 'E']) {
            Some(at) => digits.split_at(at),
            None => (digits, ""),
        };
        if !mantissa.starts_with(|c: char| c.is_ascii_digit() || ".,".contains(c)) {
            return Err(not_a_number());
        }
        let Some(decimal) = self.decimal else {
            if mantissa.contains(',') {
                return Err("has a comma: say with --decimal , or --decimal . what it separates".into());
            }
            return Numbers { decimal: Some(b'.') }.plain(&text);
        };
        let (whole, fraction) = match mantissa.split_once(char::from(decimal)) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        if fraction.is_some_and(|digits| !digits.bytes().all(|b| b.is_ascii_digit())) {
            return Err(not_a_number());
        }
        let whole = without_thousands(whole).ok_or_else(not_a_number)?;
        Ok(format!("{sign}{whole}.{}{exponent}", fraction.unwrap_or_default()))
    }
}

fn not_a_number() -> String {
    "is not a number: mend the cell or leave the row out with --where or a weight of 0".into()
}

/// `0.44(2)`.
fn has_digits_in_brackets(text: &str) -> bool {
    let inside = text.strip_suffix(')').and_then(|text| text.split_once('('));
    inside.is_some_and(|(before, inside)| {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b".,".contains(&b));
        is_number(before.trim_end_matches(' ').trim_start_matches('-')) && is_number(inside)
    })
}

/// `10^6`, `2**20`, `3x10^6`.
fn power(text: &str) -> Option<f64> {
    let (before, exponent) = text.split_once('^').or_else(|| text.rsplit_once("**"))?;
    let (factor, base) = match before.rsplit_once(['x', '*', '×', '·']) {
        Some((factor, base)) => (factor.trim().parse::<f64>().ok()?, base),
        None => (1.0, before),
    };
    let base = base.trim().parse::<u32>().ok()?;
    let exponent = exponent.trim().trim_matches(['{', '}', '(', ')']).parse::<u32>().ok().filter(|e| *e <= 60)?;
    if base == 10 {
        return format!("{factor}e{exponent}").parse().ok();
    }
    Some((0..exponent).fold(factor, |product, _| product * f64::from(base)))
}

fn is_separator(c: char) -> bool {
    matches!(c, '.' | ',' | '\'' | '’' | '_') || c.is_whitespace()
}

/// The digits of a whole number whose thousands may be separated, all by the same sign.
fn without_thousands(whole: &str) -> Option<String> {
    let Some(sign) = whole.chars().find(|c| is_separator(*c)) else {
        return whole.bytes().all(|b| b.is_ascii_digit()).then(|| whole.to_owned());
    };
    let mut groups = whole.split(sign);
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()) && !first.starts_with('0'))?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 {
            return None;
        }
        digits.push_str(group);
    }
    digits.bytes().all(|b| b.is_ascii_digit()).then_some(digits)
}

/// What a cell tells of the decimal sign of its file.
pub(crate) fn sign(cell: &[u8]) -> Sign {
    let Ok(text) = std::str::from_utf8(cell) else { return Sign::Silent };
    let text = text
        .trim()
        .trim_start_matches(['-', '+', '\u{2212}'])
        .trim_end_matches(['%', 'k', 'K', 'M', 'G', 'B', 'T', ' ']);
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let is_number = mantissa.starts_with(|c: char| c.is_ascii_digit() || ".,".contains(c))
        && mantissa.chars().all(|c| c.is_ascii_digit() || is_separator(c));
    if !is_number {
        return Sign::Silent;
    }
    let (points, commas) = (mantissa.matches('.').count(), mantissa.matches(',').count());
    let is_thousands = |whole: &str| without_thousands(whole).is_some();
    match (points, commas) {
        (0, 0) => Sign::Silent,
        (1.., 1..) => match mantissa.rsplit_once(['.', ',']) {
            Some((whole, _)) if !is_thousands(whole) => Sign::Silent,
            Some((whole, _)) if whole.contains(',') => Sign::Point,
            _ => Sign::Comma,
        },
        (2.., 0) | (0, 2..) if !is_thousands(mantissa) => Sign::Silent,
        (2.., 0) => Sign::Comma,
        (0, 2..) => Sign::Point,
        (points, _) => {
            let is_point = points == 1;
            let may_be_thousands = without_thousands(mantissa).is_some();
            match (is_point, may_be_thousands) {
                (true, true) => Sign::EitherPoint,
                (true, false) => Sign::Point,
                (false, true) => Sign::EitherComma,
                (false, false) => Sign::Comma,
            }
        }
    }
}

/// A cell for a message.
pub(crate) fn quoted(cell: &[u8]) -> String {
    let text = String::from_utf8_lossy(cell);
    let mut quoted: String = text.chars().take(QUOTED).collect();
    if text.chars().nth(QUOTED).is_some() {
        quoted.push_str("...");
    }
    format!("{quoted:?}")
}

/// Numbers on the command line: with a point, because a comma separates what an option takes.
const TYPED: Numbers = Numbers { decimal: None };

/// A number of samples on the command line: `64000`, `64k`, `1M`, `10^6`.
pub(crate) fn size(text: &str) -> Result<f64, String> {
    // What std takes for a number is judged where the range is known.
    match text.trim().parse::<f64>().map_or_else(|_| TYPED.cell(text.as_bytes(), true), Cell::Number) {
        Cell::Number(value) => Ok(value),
        Cell::Percent(_) => Err("a number of samples has no percent: write it out, such as 64000 or 64k".into()),
        Cell::Missing => Err("it is no number of samples: write one such as 64000, 64k or 1M".into()),
        Cell::Wrong(reason) => Err(reason.replace(
            "mend the cell or leave the row out with --where or a weight of 0",
            "write one such as 64000, 64k or 1M",
        )),
    }
}

/// A value on the command line and whether it is in percent: `0.25`, `25%`.
pub(crate) fn value(text: &str) -> Result<(f64, bool), String> {
    match text.trim().parse::<f64>().map_or_else(|_| TYPED.cell(text.as_bytes(), false), Cell::Number) {
        Cell::Number(value) => Ok((value, false)),
        Cell::Percent(value) => Ok((value, true)),
        Cell::Missing | Cell::Wrong(_) => Err("it is no number: write one such as 0.25 or 25%".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(decimal: Option<u8>, text: &str) -> Cell {
        Numbers { decimal }.cell(text.as_bytes(), true)
    }

    #[test]
    fn numbers_of_people() {
        for (text, value) in [
            ("64k", 64e3),
            ("1.28M", 1.28e6),
            ("2G", 2e9),
            ("2B", 2e9),
            ("1e6", 1e6),
            ("1e+06", 1e6),
            ("10^6", 1e6),
            ("2**20", 1048576.0),
            ("3x10^6", 3e6),
            ("1_000_000", 1e6),
            ("1 234 567", 1234567.0),
            ("1'234", 1234.0),
            ("1\u{a0}234", 1234.0),
            ("+5", 5.0),
            (".5", 0.5),
            ("64 k", 64e3),
            ("\u{2212}3", -3.0),
        ] {
            for decimal in [None, Some(b'.')] {
                assert_eq!(read(decimal, text), Cell::Number(value), "{text}");
            }
        }
        assert_eq!(read(Some(b'.'), "1,234,567.5"), Cell::Number(1234567.5));
        assert_eq!(read(Some(b','), "1.234.567,5"), Cell::Number(1234567.5));
        assert_eq!(read(Some(b','), "0,445"), Cell::Number(0.445));
        assert_eq!(read(Some(b','), "1.000"), Cell::Number(1000.0));
        assert_eq!(read(None, "44.62 %"), Cell::Percent(44.62));
        for text in ["", "NA", "n/a", "NaN", "null", "None", "-", "inf", "-Inf", "#N/A", " "] {
            assert_eq!(read(None, text), Cell::Missing, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_with_the_remedy() {
        for (decimal, text, part) in [
            (None, "<0.5", "a bound"),
            (None, "0.44 ± 0.02", "--sigma"),
            (None, "0.44(2)", "--sigma"),
            (None, "abc", "not a number"),
            (None, "1,234", "--decimal"),
            (Some(b'.'), "0,445", "not a number"),
            (Some(b','), "0.445", "not a number"),
            (Some(b'.'), "1,23", "not a number"),
            (None, "64m", "write M"),
            (None, "1 23", "not a number"),
            (None, "0x10", "not a number"),
            (None, "1.5.2", "not a number"),
            (None, "12:30", "not a number"),
            (None, "2024-01-01", "not a number"),
            (None, "1e6k", "not a number"),
            (None, "k", "not a number"),
        ] {
            let cell = read(decimal, text);
            assert!(matches!(&cell, Cell::Wrong(reason) if reason.contains(part)), "{text}: {cell:?}");
        }
        let letter = Numbers { decimal: None }.cell(b"0.4k", false);
        assert!(matches!(&letter, Cell::Wrong(reason) if reason.contains("the letter k")), "{letter:?}");
    }

    #[test]
    fn a_cell_tells_the_decimal_sign() {
        for (text, expected) in [
            ("12", Sign::Silent),
            ("1,234,567", Sign::Point),
            ("1.234,5", Sign::Comma),
            ("0,445", Sign::Comma),
            ("0.445", Sign::Point),
            ("1,234", Sign::EitherComma),
            ("1.234", Sign::EitherPoint),
            ("1,5", Sign::Comma),
            ("44,62%", Sign::Comma),
            ("r50,a", Sign::Silent),
            ("1,28M", Sign::Comma),
        ] {
            assert_eq!(sign(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn sizes_and_values_on_the_command_line() {
        assert_eq!((size("1M"), size("64000"), size("2^10")), (Ok(1e6), Ok(64e3), Ok(1024.0)));
        assert_eq!((value("25%"), value("0.25")), (Ok((25.0, true)), Ok((0.25, false))));
        for text in ["25%", "many", "1,000", ""] {
            assert!(size(text).is_err(), "{text}");
        }
        assert!(value("0,25").is_err() && value("4k").is_err(), "no value");
    }
}
