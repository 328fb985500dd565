//! Conditions on the rows: `--where COL=VALUE`.
use std::str::FromStr;

use crate::read::number::{Cell, Numbers};

/// How the cell is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// In the order in which they are looked for: the longer before its own prefix.
const COMPARISONS: [(&str, Comparison); 6] = [
    ("!=", Comparison::NotEqual),
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("=", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

/// A condition on one column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filter {
    /// Name of the column.
    pub(crate) column: String,
    /// How it is compared.
    pub(crate) comparison: Comparison,
    /// With what.
    pub(crate) value: String,
    /// The value as a number, if it is one.
    number: Option<f64>,
}

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Filter, String> {
        let usage = || format!("{text:?} is no condition: write COL=VALUE, or !=, <, <=, >, >= for =");
        let at = text.find(['=', '!', '<', '>']).ok_or_else(usage)?;
        let (column, rest) = text.split_at(at);
        let (sign, comparison) = COMPARISONS.into_iter().find(|(sign, _)| rest.starts_with(sign)).ok_or_else(usage)?;
        let value = rest[sign.len()..].trim();
        let number = match Numbers::default().cell(value.as_bytes(), true) {
            Cell::Number(number) => Some(number),
            _ => None,
        };
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if column.trim().is_empty() || (ordered && number.is_none_or(f64::is_nan)) {
            return Err(format!(
                "{text:?} is no condition: write a column name first, and a number after <, <=, >, >="
            ));
        }
        Ok(Filter { column: column.trim().into(), comparison, value: value.into(), number })
    }
}

impl std::fmt::Display for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = COMPARISONS.iter().find(|(_, c)| *c == self.comparison).map_or("=", |(sign, _)| sign);
        write!(f, "{}{sign}{}", self.column, self.value)
    }
}

impl Filter {
    /// Whether a cell passes, in a file with such numbers. Text is compared first and then numbers, so that n=1000 passes the
    /// cell 1000.0.
    pub(crate) fn passes(&self, cell: &[u8], numbers: Numbers) -> bool {
        let number = || match numbers.cell(cell, true) {
            Cell::Number(number) | Cell::Percent(number) => Some(number),
            _ => None,
        };
        let equal = || cell == self.value.as_bytes() || self.number.is_some_and(|v| number() == Some(v));
        let ordered = |holds: fn(&f64, &f64) -> bool| match (number(), self.number) {
            (Some(cell), Some(value)) => holds(&cell, &value),
            _ => false,
        };
        match self.comparison {
            Comparison::Equal => equal(),
            Comparison::NotEqual => !equal(),
            Comparison::Less => ordered(f64::lt),
            Comparison::LessOrEqual => ordered(f64::le),
            Comparison::Greater => ordered(f64::gt),
            Comparison::GreaterOrEqual => ordered(f64::ge),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_first_then_numbers() {
        let filter: Filter = "n=1000".parse().expect("a condition");
        let passes = |filter: &Filter, cell: &[u8]| filter.passes(cell, Numbers::default());
        assert!(passes(&filter, b"1000.0") && passes(&filter, b"1e3") && passes(&filter, b"1k"), "numbers are equal");
        assert!(!passes(&filter, b"10000") && !passes(&filter, b""), "another number is not");
        assert!(filter.passes(b"1.000", Numbers { decimal: Some(b',') }), "in the file's own signs");
        let text: Filter = "model = r50".parse().expect("a condition");
        assert!(passes(&text, b"r50") && !passes(&text, b"r5"), "text is compared whole");
    }

    #[test]
    fn every_comparison() {
        let passes = |text: &str, cell: &str| {
            text.parse::<Filter>().expect("a condition").passes(cell.as_bytes(), Numbers::default())
        };
        assert!(passes("n>0", "1") && !passes("n>0", "0") && !passes("n>0", "abc"), ">");
        assert!(passes("n>=1", "1") && !passes("n>=1", "0.5"), ">=");
        assert!(passes("n<2", "1") && !passes("n<2", "2"), "<");
        assert!(passes("n<=2", "2") && !passes("n<=2", "3"), "<=");
        assert!(passes("a!=x", "y") && !passes("a!=x", "x") && !passes("a!=1", "1.0"), "!=");
    }

    #[test]
    fn wrong_conditions_are_refused() {
        for text in ["n", "=3", "n>abc", "n!3", ""] {
            assert!(text.parse::<Filter>().is_err(), "{text:?} passed as a condition");
        }
    }
}
