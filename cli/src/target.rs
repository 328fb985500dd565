//! `--target` in the units of the column.
use std::sync::{Arc, OnceLock};

use clap::Args;

use crate::errors::Error;
use crate::read::Read;
use crate::read::number::value;
use crate::read::unit::Spelling;

/// A number and whether it has a percent sign.
type Given = (f64, bool);

/// The value to reach, in one of three spellings; other options refer to them as `to_reach`.
#[derive(Clone, Debug, Default, Args)]
#[group(id = "to_reach", multiple = false)]
pub(crate) struct TargetArgs {
    /// The value to reach, in the units of the column: an error such as 0.25 or 25%, with --score a score.
    #[arg(long, value_name = "X", value_parser = value, allow_negative_numbers = true, help_heading = "Question")]
    target: Option<Given>,
    /// The error to reach, whatever the column holds.
    #[arg(long, value_name = "X", value_parser = value, allow_negative_numbers = true, help_heading = "Question")]
    target_error: Option<Given>,
    /// The score to reach, whatever the column holds.
    #[arg(long, value_name = "X", value_parser = value, allow_negative_numbers = true, help_heading = "Question")]
    target_score: Option<Given>,
    /// The error that it stands for, once the file is read; copies share it.
    #[arg(skip)]
    error: Arc<OnceLock<f64>>,
}

impl TargetArgs {
    fn given(&self) -> Option<(Spelling, Given)> {
        let of = |spelling, given: Option<Given>| given.map(|given| (spelling, given));
        of(Spelling::Plain, self.target)
            .or(of(Spelling::Error, self.target_error))
            .or(of(Spelling::Score, self.target_score))
    }

    /// Whether there is one.
    pub(crate) fn is_given(&self) -> bool {
        self.given().is_some()
    }

    /// Refuses, before a file is read, what is no target in any unit.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.given() {
            Some((_, (x, _))) if !(x > 0.0 && x < f64::INFINITY) => {
                Err(Error::Option(format!("--target: {x} is no error: give a fraction above 0, such as 0.25")))
            }
            _ => Ok(()),
        }
    }

    /// Refuses that there is none.
    pub(crate) fn require(&self) -> Result<(), Error> {
        match self.is_given() {
            true => self.check(),
            false => Err(Error::Option(
                "--target: give the value to reach, in the units of the column, such as 0.25 or 25%".into(),
            )),
        }
    }

    /// Finds the error that the target stands for in what was read; `any` takes it as it is.
    pub(crate) fn resolve(&self, read: &Read, any: bool) -> Result<(), Error> {
        read.verdicts(any)?;
        let error = |(spelling, (x, is_percent))| read.unit.target(spelling, x, is_percent, any);
        if let Some(error) = self.given().map(error).transpose().map_err(Error::Option)? {
            // A second file does not change it.
            let _ = self.error.set(error);
        }
        Ok(())
    }

    /// The error to reach after [`Self::resolve`], what was given before; `None` without a target.
    pub(crate) fn error(&self) -> Option<f64> {
        self.error.get().copied().or_else(|| self.given().map(|(_, (x, _))| x))
    }
}
