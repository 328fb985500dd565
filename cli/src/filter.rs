//! Conditions on the rows: `--where COL=VALUE`.
use std::str::FromStr;

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
        let number = value.parse().ok();
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
    /// Whether a cell passes. Text is compared first and then numbers, so that n=1000 passes the cell 1000.0.
    pub(crate) fn passes(&self, cell: &[u8]) -> bool {
        let number = || std::str::from_utf8(cell).ok()?.parse::<f64>().ok();
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
        assert!(filter.passes(b"1000.0") && filter.passes(b"1e3") && filter.passes(b"1000"), "numbers are equal");
        assert!(!filter.passes(b"10000") && !filter.passes(b""), "another number is not");
        let text: Filter = "model = r50".parse().expect("a condition");
        assert!(text.passes(b"r50") && !text.passes(b"r5"), "text is compared whole");
    }

    #[test]
    fn every_comparison() {
        let passes = |text: &str, cell: &str| text.parse::<Filter>().expect("a condition").passes(cell.as_bytes());
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
