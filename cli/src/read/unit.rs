//! What the values are: errors or scores, fractions or percent; and what a target means among them.

/// How a target was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// `--target`: in the units of the column.
    Plain,
    /// `--target-error`.
    Error,
    /// `--target-score`.
    Score,
}

/// The unit of the values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unit {
    /// Name of the column.
    pub(crate) name: String,
    /// The largest score there can be, where the column holds scores: the error is that minus the score.
    pub(crate) score_max: Option<f64>,
    /// Whether the cells have percent signs.
    pub(crate) percent: bool,
    /// The least and the largest error in use.
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// How many digits there are behind the decimal point of the shortest text of a number.
fn decimals(x: f64) -> i32 {
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format(x);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let behind = mantissa.split_once('.').map_or("", |(_, behind)| behind);
    let behind = if behind == "0" { 0 } else { behind.len() as i32 };
    (behind - exponent.parse::<i32>().unwrap_or(0)).max(0)
}

/// `most - x` as one computes it by hand: the number next to the difference of the decimals, so that 1 - 0.7 is 0.3.
pub(crate) fn complement(most: f64, x: f64) -> f64 {
    let places = decimals(x).max(decimals(most));
    if places > 14 {
        return most - x;
    }
    let scale = (0..places).fold(1.0, |scale, _| 10.0 * scale);
    ((most - x) * scale).round() / scale
}

/// A number for a sentence.
pub(crate) fn shown(x: f64) -> String {
    let rounded: f64 = format!("{x:.5e}").parse().unwrap_or(x);
    if (1e-4..1e15).contains(&rounded.abs()) || rounded == 0.0 { format!("{rounded}") } else { format!("{rounded:e}") }
}

impl Unit {
    /// The error of a value.
    pub(crate) fn error(&self, value: f64) -> f64 {
        self.score_max.map_or(value, |most| complement(most, value))
    }

    /// What 100 % is among the values, if that is known.
    fn whole(&self) -> Option<f64> {
        match self.score_max {
            _ if self.percent => Some(100.0),
            Some(most) => Some(most).filter(|most| *most == 1.0 || *most == 100.0),
            None => (self.most <= 1.0).then_some(1.0),
        }
    }

    /// The unit in a word.
    pub(crate) fn name(&self) -> &'static str {
        match self.whole() {
            Some(100.0) => "percent",
            Some(_) => "fraction",
            None => "number",
        }
    }

    /// What the errors are, for an axis: the column, or what it lacks to its largest value.
    pub(crate) fn label(&self) -> String {
        let percent = if self.percent { " (%)" } else { "" };
        match self.score_max {
            Some(most) => format!("{} - {}{percent}", shown(most), self.name),
            None => format!("{}{percent}", self.name),
        }
    }

    /// An error in the words of the column: "accuracy 0.8 (error 0.2)", "error 0.2".
    pub(crate) fn both(&self, error: f64) -> String {
        let sign = if self.percent { "%" } else { "" };
        match self.score_max {
            Some(most) => {
                format!("{} {}{sign} (error {}{sign})", self.name, shown(complement(most, error)), shown(error))
            }
            None => format!("error {}{sign}", shown(error)),
        }
    }

    /// The error that a target stands for; what is wrong with it otherwise. `any` takes it as it is.
    pub(crate) fn target(&self, spelling: Spelling, given: f64, is_percent: bool, any: bool) -> Result<f64, String> {
        let option = match spelling {
            Spelling::Plain => "--target",
            Spelling::Error => "--target-error",
            Spelling::Score => "--target-score",
        };
        let (name, sign) = (&self.name, if is_percent { "%" } else { "" });
        if !(given > 0.0 && given < f64::INFINITY) {
            let what = if self.score_max.is_some() { "score" } else { "error" };
            return Err(format!("{option}: {given} is no {what}: give a number above 0, such as 0.25 or 25%"));
        }
        let whole = self.whole();
        let value = match (is_percent, whole) {
            (false, _) => given,
            (true, Some(100.0)) => given,
            (true, Some(_)) => given / 100.0,
            (true, None) => {
                return Err(format!(
                    "{option} {given}%: the values of {name:?} have no % sign and go up to {}: give the target as they are written",
                    shown(self.most)
                ));
            }
        };
        if !is_percent && whole == Some(100.0) && value <= 1.0 && !any {
            return Err(format!(
                "{option} {given}: the values of {name:?} are in percent: write {option} {}% for that fraction, or {option} {given}% for less than one percent",
                shown(100.0 * given)
            ));
        }
        if !is_percent && whole == Some(1.0) && self.score_max.is_none() && value > 1.0 && self.least > 0.0 && !any {
            let fraction = shown(value / 100.0);
            return Err(format!(
                "{option}: {given} is outside of what the values can be: give {fraction} or {given}%, or add --any-target if \
                 it is meant"
            ));
        }
        if !is_percent && whole.is_none() && spelling == Spelling::Plain && value < 1.0 && !any {
            // The library knows this unit by the values of each curve.
            return Ok(value);
        }
        let is_score = spelling == Spelling::Score || (spelling == Spelling::Plain && self.score_max.is_some());
        let error = match self.score_max.or(whole) {
            Some(most) if is_score && value < most => complement(most, value),
            Some(most) if is_score => {
                let instead = if most == 1.0 {
                    format!(": write {option} {}% if it is in percent", shown(given))
                } else {
                    String::new()
                };
                return Err(format!("{option} {given}{sign}: a score of {name:?} is below {}{instead}", shown(most)));
            }
            None if is_score => {
                return Err(format!(
                    "{option}: the largest score is not known: read the column with --score, or give --target-error"
                ));
            }
            _ => value,
        };
        if spelling == Spelling::Plain && !any && error >= self.most {
            let (worst, other) = match self.score_max {
                Some(most) => (format!("{name} is {} at least", shown(complement(most, self.most))), "error"),
                None => (format!("{name} is {} at most", shown(self.most)), "score"),
            };
            let same = if is_score { "score" } else { "error" };
            let meant = match whole {
                Some(_) => format!(
                    "write --target-{other} {given}{sign} if the {other} is meant, --target-{same} {given}{sign} if the {same} is"
                ),
                None => format!("write --target-error {given}{sign} if it is meant"),
            };
            return Err(format!("{option} {given}{sign}: every measurement is beyond it already ({worst}): {meant}"));
        }
        Ok(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(score_max: Option<f64>, percent: bool, least: f64, most: f64) -> Unit {
        Unit { name: "x".into(), score_max, percent, least, most }
    }

    #[test]
    fn complements_are_those_of_the_decimals() {
        for (most, x, expected) in
            [(1.0, 0.7, 0.3), (1.0, 0.5538, 0.4462), (100.0, 55.38, 44.62), (1.0, 1.0, 0.0), (1.0, 1e-7, 0.9999999)]
        {
            assert_eq!(complement(most, x), expected, "{most} - {x}");
        }
        assert_eq!(complement(1.0, 1.0 / 3.0), 1.0 - 1.0 / 3.0, "no short decimals");
    }

    #[test]
    fn targets_are_in_the_units_of_the_column() {
        let [errors, percent, accuracy, points] = [
            unit(None, false, 0.2, 0.45),
            unit(None, true, 20.0, 45.0),
            unit(Some(1.0), false, 0.2, 0.45),
            unit(Some(100.0), false, 20.0, 45.0),
        ];
        let plain = |unit: &Unit, x: f64, sign: bool| unit.target(Spelling::Plain, x, sign, false);
        assert_eq!((plain(&errors, 0.25, false), plain(&errors, 25.0, true)), (Ok(0.25), Ok(0.25)));
        assert_eq!((plain(&percent, 25.0, false), plain(&percent, 25.0, true)), (Ok(25.0), Ok(25.0)));
        assert_eq!((plain(&accuracy, 0.8, false), plain(&accuracy, 80.0, true)), (Ok(0.2), Ok(0.2)));
        assert_eq!((plain(&points, 80.0, false), plain(&points, 80.0, true)), (Ok(20.0), Ok(20.0)));
        assert_eq!(accuracy.target(Spelling::Error, 0.2, false, false), Ok(0.2));
        assert_eq!(errors.target(Spelling::Score, 0.8, false, false), Ok(0.2));
        for (unit, x, part) in [
            (&percent, 0.25, "25%"),
            (&points, 0.8, "80%"),
            (&accuracy, 80.0, "80%"),
            (&accuracy, 0.2, "--target-error 0.2"),
            (&errors, 0.8, "--target-score 0.8"),
            (&errors, -1.0, "above 0"),
        ] {
            let refused = plain(unit, x, false);
            assert!(refused.as_ref().is_err_and(|text| text.contains(part)), "{x}: {refused:?}");
        }
        assert_eq!(errors.target(Spelling::Error, 0.8, false, false), Ok(0.8), "spelled out, it is meant");
    }
}
