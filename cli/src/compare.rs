//! `compare`: change the setting or go on: groups against each other by rate, gap, and error at a size.
mod args;
mod page;
mod print;
mod settings;

use syn2real::plan::PlanError;

use crate::errors::Error;
use crate::fitting::{self, Task};
use crate::output::announce;
use crate::parallel::Workers;
use crate::question::{MethodName, Refused};

pub(crate) use args::CompareArgs;
use args::PairsName;
#[cfg(test)]
pub(crate) use print::Record as Comparisons;
use settings::{Setting, compare};

/// Settings that can be compared: the refits of one, by which they are ranked, take 48 kB.
const MOST: usize = 4000;
/// Settings of which all pairs can be compared: more have a million pairs.
const MOST_IN_PAIRS: usize = 1000;

/// Compares all groups; tells whether all could be.
pub(crate) fn run(args: &CompareArgs) -> Result<bool, Error> {
    let options = fitting::options(&args.data)?;
    let confidence = args.level.confidence()?;
    args.bootstrap.check(confidence)?;
    if args.level.method == MethodName::Bootstrap {
        return Err(Error::Option(
            "--method: C and alpha are compared by profile or wald; errors and ranks are bootstrapped in any case"
                .into(),
        ));
    }
    if let Some(at) = args.at.filter(|n| !(*n > 0.0 && *n <= syn2real::plan::LARGEST_COUNT)) {
        return Err(Error::Option(format!("--at: {at} is no number of samples: give one above 0 and up to 2^53")));
    }
    let workers = Workers::new(args.threads.threads)?;
    let (columns, curves) = args.data.read()?;
    curves.read.verdicts(args.any.any_target)?;
    announce(&curves.read, args.format)?;
    if curves.by.is_empty() {
        return Err(Error::Option("--by: name the columns that tell the settings apart".into()));
    }
    let found = curves.len();
    if found > MOST {
        return Err(Error::Option(format!(
            "{found} settings are more than the {MOST} that can be compared: choose with --where"
        )));
    }
    if found > MOST_IN_PAIRS && args.pairs(found) == PairsName::All {
        return Err(Error::Option(format!(
            "--pairs all: {found} settings have {} pairs: choose up to {MOST_IN_PAIRS} with --where, or take --pairs best",
            found * (found - 1) / 2
        )));
    }
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let results = workers.map("1 of 3: fits and their refits", found, |group| Setting::new(args, &task, group));
    let fitted: Vec<&Setting> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
    let refused = Refused::default();
    let explain = |error| {
        // The setting that rises, if that is why.
        let rises =
            |s: &&&Setting| matches!(error, PlanError::ErrorsRise { rise } if s.fit.report().rise == Some(rise));
        refused.explain(&curves, fitted.iter().find(rises).map_or(0, |s| s.group), error)
    };
    let compared = compare(args, confidence, &fitted, &workers, &explain);
    let all = compared.is_ok() && results.iter().all(Result::is_ok);
    let law = crate::report::settings(&options);
    print::print(args, confidence, &curves, &results, &compared, &law).map_err(Error::stdout)?;
    if let Some(dir) = &args.report {
        let path = page::write(dir, (args, confidence), &curves, &results, &compared, &workers, &law)?;
        Error::note(&format!("report: {path}"));
    }
    refused.or(all)
}
