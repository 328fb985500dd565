//! `ask`: fit, check, plan and next in one answer, with a plot for the terminal.
mod answer;
mod args;
mod order;
mod print;
mod record;
mod sentence;

use syn2real::plan::PlanOptions;

use crate::args::Form;
use crate::errors::Error;
use crate::fitting::{self, Task};
use crate::next::{self, NextArgs};
use crate::oddity::{oddities, sentences};
use crate::output::{announce, done};
use crate::parallel::Workers;
use crate::plan::{self, PlanArgs};
use crate::question::{Refused, answered_by};

pub(crate) use args::AskArgs;

use answer::{Answer, Questions};
use print::Printed;
#[cfg(test)]
pub(crate) use record::Record as Answers;
use sentence::{Speaker, things};

/// Answers for every group; tells whether all have an answer.
pub(crate) fn run(args: &AskArgs) -> Result<bool, Error> {
    let options = fitting::options(&args.data)?;
    let questions = questions(args)?;
    let workers = Workers::new(args.threads.threads)?;
    let (columns, curves) = args.data.read()?;
    args.target.resolve(&curves.read, args.any.any_target)?;
    announce(&curves.read, args.format)?;
    let task = Task { curves: &curves, columns: &columns.values, options: &options };
    let refused = Refused::default();
    let answer = |group| answer::answer(args, &questions, &task, &refused, group);
    let results = workers.map("answering", curves.len(), answer);
    let notes = match &questions.asked {
        Some((plan_args, ..)) => {
            let by = answered_by(done(&results).filter_map(|(_, answer): (_, &Answer)| answer.verdict()));
            plan::notes(plan_args, &curves, &questions.options, &options, by)
        }
        None => vec![crate::report::settings(&options)],
    };
    let odd = done(&results).flat_map(|(group, answer): (_, &Answer)| {
        let notes = oddities(&task, group, &answer.fit, &answer.points);
        sentences(&curves, group, &notes).collect::<Vec<_>>()
    });
    let odd: Vec<String> = odd.collect();
    let things = things(curves.read.n());
    let target = args.target.error().map(|error| curves.read.target(error));
    let speaker = Speaker { things, confidence: questions.options.confidence, target };
    let printed =
        Printed { args, questions: &questions, curves: &curves, results: &results, odd: &odd, notes: &notes, speaker };
    let written = match args.format {
        Form::Json => printed.json(),
        Form::Table => printed.text(),
    };
    written.map_err(Error::stdout)?;
    let all = results.iter().all(Result::is_ok);
    if let Some(dir) = &args.report {
        let path = match &questions.asked {
            Some((plan_args, ..)) => {
                let planned: Vec<_> = results.into_iter().map(|result| result.and_then(Answer::planned)).collect();
                plan::write_page(dir, plan_args, &questions.options, &curves, &planned, &notes)?
            }
            None => crate::fit::write_page(dir, &task, &notes)?,
        };
        Error::note(&format!("report: {path}"));
    }
    refused.or(all)
}

/// Checks what is asked before a long file is read.
fn questions(args: &AskArgs) -> Result<Questions, Error> {
    let Some(posed) = args.posed() else {
        let options = PlanOptions {
            confidence: args.level.confidence()?,
            method: args.level.method.intervals(),
            basis: args.basis.basis(),
            ..PlanOptions::default()
        };
        return Ok(Questions { asked: None, options });
    };
    let plan_args = PlanArgs::of(args.data.clone(), posed.clone(), args.report.clone());
    let next_args = NextArgs::of(args.data.clone(), posed);
    let options = plan::question(&plan_args)?;
    let next_options = next::question(&next_args)?;
    Ok(Questions { asked: Some((plan_args, next_args, next_options)), options })
}
