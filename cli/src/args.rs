//! Groups of arguments that commands share.
use std::io::IsTerminal;

use clap::{Args, ValueEnum};
use syn2real::{Bounds, FitOptions, Loss, Residual, Weights};

use crate::errors::Error;
use crate::filter::Filter;
use crate::group::Curves;
use crate::read::number::size;
use crate::table::{self, Columns};

/// The customary Huber constant: 95 % efficiency at the normal (Huber 1981).
pub(crate) const HUBER: f64 = 1.345;

/// How many threads work.
#[derive(Clone, Debug, Args)]
pub(crate) struct ThreadArgs {
    /// Threads that share the groups [default: one for each processor]; the results do not depend on them.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

/// The file and its columns.
#[derive(Clone, Debug, Args)]
pub(crate) struct InputArgs {
    /// A table with a measurement on each row: csv in any dialect, JSON lines, packed with gzip or not; - for the standard
    /// input, which is read, too, where something is piped in and no file is named.
    #[arg(value_name = "FILE")]
    file: Option<String>,
    /// Column of n, the number of synthetic samples, by its name or its number [default: the one with such a name].
    #[arg(long, value_name = "COL", help_heading = "Columns and rows")]
    n: Option<String>,
    /// Column of the error, a fraction such as 1 - accuracy, or a loss [default: the one with such a name].
    #[arg(long, value_name = "COL", conflicts_with = "score", help_heading = "Columns and rows")]
    error: Option<String>,
    /// Column of a score, where higher is better: accuracy, mAP, IoU, F1. The error is the largest score minus this one.
    #[arg(long, value_name = "COL", help_heading = "Columns and rows")]
    score: Option<String>,
    /// The largest score there can be [default: 1 where no score is above, else 100].
    #[arg(long, value_name = "X", value_parser = size, help_heading = "Columns and rows")]
    score_max: Option<f64>,
    /// Columns whose values make a group of rows, each fitted on its own; '' takes all rows as one [default: columns of text
    /// that tell curves apart].
    #[arg(long, value_name = "COL,COL", value_delimiter = ',', help_heading = "Columns and rows")]
    pub(crate) by: Vec<String>,
    /// A regular expression of columns that are a run each, such as '(.*) - val/acc': its first group, or all that it takes,
    /// is the run's name.
    #[arg(long, value_name = "REGEX", value_parser = regex_lite::Regex::new, help_heading = "Columns and rows")]
    wide: Option<regex_lite::Regex>,
    /// Take only rows with this value (also !=, <, <=, >, >=); repeatable: all conditions must hold. Compares text first
    /// and then numbers, so that n=1000 takes 1000.0 too.
    #[arg(long = "where", value_name = "COL=VALUE", help_heading = "Columns and rows")]
    pub(crate) filters: Vec<Filter>,
    /// Separator of the cells: one character, or `tab` [default: the one that makes rows of one length].
    #[arg(long, value_name = "CHAR", value_parser = delimiter, help_heading = "Columns and rows")]
    pub(crate) delimiter: Option<u8>,
    /// Decimal sign, . or , [default: told from the numbers].
    #[arg(long, value_name = "CHAR", value_parser = decimal, help_heading = "Columns and rows")]
    decimal: Option<u8>,
    /// Fail where a value is missing, instead of leaving the row out and counting it.
    #[arg(long, help_heading = "Columns and rows")]
    strict: bool,
}

/// What tells points apart in precision.
#[derive(Clone, Debug, Args)]
pub(crate) struct ScaleArgs {
    /// Column of weights of the squared residuals, known up to a common factor; 0 leaves a row out.
    #[arg(long, value_name = "COL", conflicts_with = "sigma", help_heading = "Columns and rows")]
    pub(crate) weight: Option<String>,
    /// Column of the known standard deviations of the errors; they set the scale of the standard errors.
    #[arg(long, value_name = "COL", help_heading = "Columns and rows")]
    pub(crate) sigma: Option<String>,
}

/// How the law is fitted.
#[derive(Clone, Debug, Args)]
pub(crate) struct LawArgs {
    /// Space of the residual: log, ln(model) - ln(error), or linear, model - error.
    #[arg(long, value_enum, default_value_t = Space::Log, help_heading = "Law")]
    pub(crate) residual: Space,
    /// Hold D at this value (its unit contains the unit of n).
    #[arg(long, value_name = "X", allow_negative_numbers = true, help_heading = "Law")]
    pub(crate) fixed_d: Option<f64>,
    /// Hold alpha at this value.
    #[arg(long, value_name = "X", allow_negative_numbers = true, conflicts_with = "alpha", help_heading = "Law")]
    pub(crate) fixed_alpha: Option<f64>,
    /// Hold C at this value.
    #[arg(long, value_name = "X", allow_negative_numbers = true, conflicts_with = "c", help_heading = "Law")]
    pub(crate) fixed_c: Option<f64>,
    /// Bounds of alpha [default: 0,10].
    #[arg(long, value_name = "LO,HI", value_parser = bounds_of("alpha"), allow_hyphen_values = true, help_heading = "Law")]
    pub(crate) alpha: Option<Bounds>,
    /// Bounds of C [default: 0,inf].
    #[arg(long, value_name = "LO,HI", value_parser = bounds_of("c"), allow_hyphen_values = true, help_heading = "Law")]
    pub(crate) c: Option<Bounds>,
    /// Loss: square, or huber, which counts outliers less.
    #[arg(long, value_enum, default_value_t = LossName::Square, help_heading = "Law")]
    pub(crate) loss: LossName,
}

/// Curves and how each is fitted.
#[derive(Clone, Debug, Args)]
pub(crate) struct CurveArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) scale: ScaleArgs,
    #[command(flatten)]
    pub(crate) law: LawArgs,
}

/// Measurements over both sizes.
#[derive(Debug, Args)]
pub(crate) struct GridArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Column of s, the number of fine-tuning samples.
    #[arg(long, value_name = "COL", help_heading = "Columns and rows")]
    pub(crate) s: String,
    #[command(flatten)]
    pub(crate) scale: ScaleArgs,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Csv,
}

/// How one result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    Table,
    Json,
}

impl From<Form> for Format {
    fn from(form: Form) -> Format {
        match form {
            Form::Table => Format::Table,
            Form::Json => Format::Json,
        }
    }
}

/// Spaces of the residual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Space {
    Log,
    Linear,
}

/// Names of the losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LossName {
    Square,
    Huber,
}

/// Reads the bounds of the parameter of this name.
pub(crate) fn bounds_of(name: &'static str) -> impl Fn(&str) -> Result<Bounds, String> + Clone + Send + Sync {
    move |text| match bounds(text)? {
        Bounds { lower, upper } if lower == upper => Err(format!("the bounds are equal: write --fixed-{name} {lower}")),
        bounds => Ok(bounds),
    }
}

pub(crate) fn bounds(text: &str) -> Result<Bounds, String> {
    let number = |part: &str| part.trim().parse::<f64>().ok().filter(|x| !x.is_nan());
    let ends = text.split_once(',').and_then(|(lower, upper)| Some((number(lower)?, number(upper)?)));
    match ends {
        Some((lower, upper)) if lower <= upper => Ok(Bounds::new(lower, upper)),
        Some(_) => Err("the bounds are crossed: write the lower one first".into()),
        None => Err("write two numbers with a comma between them, such as 0,1.5 or 0,inf".into()),
    }
}

pub(crate) fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n.".contains(byte) => Ok(*byte),
        _ => Err("write one character such as , or ; or the word tab".into()),
    }
}

/// Reads the decimal sign.
fn decimal(text: &str) -> Result<u8, String> {
    match text {
        "." | "point" => Ok(b'.'),
        "," | "comma" => Ok(b','),
        _ => Err("write . or ,".into()),
    }
}

/// Where n stands among the value columns.
pub(crate) const N: usize = 0;
/// Where the error stands among the value columns.
pub(crate) const ERROR: usize = 1;
/// Where the weight or the sigma stands among the value columns, if there is one.
pub(crate) const SCALE: usize = 2;

impl InputArgs {
    /// The columns to read: n, error and, if there is one, the weight or the sigma.
    pub(crate) fn columns(&self, scale: &ScaleArgs) -> Columns {
        let error = self.error.as_ref().or(self.score.as_ref());
        let mut values = vec![self.n.clone().unwrap_or_default(), error.cloned().unwrap_or_default()];
        values.extend(scale.weight.iter().chain(&scale.sigma).cloned());
        Columns {
            values,
            score: error.map(|_| self.score.is_some()),
            score_max: self.score_max,
            weight: scale.weight.as_ref().map(|_| SCALE),
            split: Vec::new(),
            by: self.by.clone(),
            filters: self.filters.clone(),
            delimiter: self.delimiter,
            decimal: self.decimal,
            wide: self.wide.clone(),
            strict: self.strict,
        }
    }

    /// The file, or `-` where something is piped in and none is named.
    pub(crate) fn file(&self) -> Result<&str, Error> {
        match &self.file {
            Some(file) => Ok(file),
            None if !std::io::stdin().is_terminal() => Ok("-"),
            None => Err(Error::Option("name a file with a measurement on each row, or pipe one in".into())),
        }
    }
}

impl CurveArgs {
    /// The columns and what stands in them.
    pub(crate) fn read(&self) -> Result<(Columns, Curves), Error> {
        let mut columns = self.input.columns(&self.scale);
        let curves = table::read(self.input.file()?, &mut columns, None)?;
        Ok((columns, curves))
    }
}

impl GridArgs {
    /// The columns, where s stands among them, and what stands in them.
    pub(crate) fn read(&self) -> Result<(Columns, usize, Curves), Error> {
        let mut columns = self.input.columns(&self.scale);
        let s_column = columns.values.len();
        columns.values.push(self.s.clone());
        let curves = table::read(self.input.file()?, &mut columns, Some(s_column))?;
        Ok((columns, s_column, curves))
    }
}

impl LawArgs {
    /// An option that the forecast does not have, if one is given: it is of ln error, with all parameters free.
    pub(crate) fn without_forecast(&self) -> Option<&'static str> {
        let given = [
            (self.residual == Space::Linear, "--residual linear"),
            (self.loss == LossName::Huber, "--loss huber"),
            (self.fixed_d.is_some(), "--fixed-d"),
            (self.fixed_alpha.is_some(), "--fixed-alpha"),
            (self.fixed_c.is_some(), "--fixed-c"),
            (self.alpha.is_some(), "--alpha"),
            (self.c.is_some(), "--c"),
        ];
        given.into_iter().find(|(is_given, _)| *is_given).map(|(_, option)| option)
    }

    /// The options of the fit.
    pub(crate) fn options(&self, scale: &ScaleArgs) -> FitOptions {
        let default = FitOptions::default();
        FitOptions {
            residual: match self.residual {
                Space::Log => Residual::Log,
                Space::Linear => Residual::Linear,
            },
            loss: match self.loss {
                LossName::Square => Loss::Square,
                LossName::Huber => Loss::Huber { k: HUBER },
            },
            fixed_d: self.fixed_d,
            fixed_alpha: self.fixed_alpha,
            fixed_c: self.fixed_c,
            // A held rate may lie beyond the default bounds, where the law has it.
            alpha: self.alpha.unwrap_or(if self.fixed_alpha.is_some() { Bounds::new(0.0, 1e3) } else { default.alpha }),
            c: self.c.unwrap_or(default.c),
            weights: if scale.sigma.is_some() { Weights::Sigma } else { Weights::Relative },
            ..default
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_two_numbers_in_order() {
        assert_eq!(bounds("0.1, 1.5"), Ok(Bounds::new(0.1, 1.5)));
        assert_eq!(bounds("0,inf"), Ok(Bounds::new(0.0, f64::INFINITY)));
        for text in ["", "1", "1,2,3", "a,b", "nan,1", "2,1"] {
            assert!(bounds(text).is_err(), "{text:?} passed as bounds");
        }
    }
}
