//! Numbers as people read them.
use syn2real::infer::QuantityInterval;

/// A number to four significant digits.
pub(crate) fn short(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{x}");
    }
    let exponent = x.abs().log10().floor();
    if !(-4.0..6.0).contains(&exponent) {
        return format!("{x:.1e}");
    }
    format!("{x:.*}", (3.0 - exponent).max(0.0) as usize)
}

/// A number to three significant digits; one that rounds up to the next power of ten has no digit more.
fn three(x: f64) -> String {
    let decimals = (2.0 - (x.abs() * (1.0 + 5e-4)).log10().floor()).max(0.0) as usize;
    format!("{x:.decimals$}")
}

/// A size below 1000 to three significant digits, whole numbers as they are: sizes are counts, or counts in a larger unit.
fn few(n: f64) -> String {
    match n {
        n if n == n.trunc() => format!("{n}"),
        n if n < 1e-4 => format!("{n:.2e}"),
        n => three(n),
    }
}

/// A place to measure at: a number that can be typed, to three digits, whole from 1000 on.
pub(crate) fn place(n: f64) -> String {
    let text = if n < 1e3 { few(n) } else { format!("{n:.0}") };
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        text
    }
}

/// A number in a sentence or on an axis: without the zeros at its end.
pub(crate) fn plain(text: &str) -> String {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number };
    format!("{number}{unit}")
}

/// A count to three significant digits, in thousands, millions or a power of ten.
pub(crate) fn counted(n: f64) -> String {
    match n {
        n if n < 999.5 => few(n),
        n if n < 999.5e3 => format!("{}k", three(n / 1e3)),
        n if n < 999.5e6 => format!("{}M", three(n / 1e6)),
        n => format!("{n:.2e}"),
    }
}

/// An estimate with its standard error, cut where the error has two significant digits: "0.439 (0.011)".
pub(crate) fn with_error(x: f64, error: f64) -> String {
    if !(error > 0.0 && error.is_finite() && x.is_finite()) {
        return short(x);
    }
    let decimals = 1.0 - error.log10().floor();
    if !(0.0..=12.0).contains(&decimals) || x.abs() >= 1e6 {
        return format!("{} ({})", short(x), short(error));
    }
    format!("{x:.0$} ({error:.0$})", decimals as usize)
}

/// "3.64e5 [1.2e5, 8e6]"; an open end where there is no limit.
pub(crate) fn interval(interval: Option<QuantityInterval>, number: fn(f64) -> String) -> String {
    let Some(interval) = interval else { return "-".into() };
    let estimate = interval.estimate.map_or("-".into(), number);
    let lower = interval.lower.map_or("(-".into(), |x| format!("[{}", number(x)));
    let upper = interval.upper.map_or("-)".into(), |x| format!("{}]", number(x)));
    format!("{estimate} {lower}, {upper}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_cut_where_their_error_begins() {
        assert_eq!(with_error(0.438713, 0.010725), "0.439 (0.011)");
        assert_eq!(with_error(0.935255, 0.0010677), "0.9353 (0.0011)");
        assert_eq!(with_error(3118.558, 5203.1), "3119 (5203)");
        assert_eq!(with_error(0.5, 0.0), "0.5000");
        assert_eq!(short(3118.558), "3119");
        assert_eq!(short(0.00012345), "0.0001234");
        assert_eq!(short(1.5e-9), "1.5e-9");
        assert_eq!(short(0.0), "0");
        let counts = [0.0, 0.4, 999.0, 12_812.0, 999_999.0, 2.53e6, 32e6, 5e9].map(counted);
        assert_eq!(counts, ["0", "0.400", "999", "12.8k", "1.00M", "2.53M", "32.0M", "5.00e9"]);
        // Fractions and millions: never 0.
        let sizes = [0.0248123, 0.0000248, 0.9996, 1.5, 64.0, 64.25, 99.96, 999.7].map(counted);
        assert_eq!(sizes, ["0.0248", "2.48e-5", "1.00", "1.50", "64", "64.2", "100", "1.00k"]);
        assert_eq!(
            ["64.0k", "0.2500", "1.0e-5", "640", "1.28M", "0"].map(plain),
            ["64k", "0.25", "1e-5", "640", "1.28M", "0"]
        );
        assert_eq!([0.064, 64.25, 999.7, 35_918.4].map(place), ["0.064", "64.2", "1000", "35918"]);
    }
}
