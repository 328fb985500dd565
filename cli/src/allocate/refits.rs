//! What refits of a bootstrap say of an allocation.
use clap::Args;
use syn2real::infer::bootstrap::{BootstrapOptions, replicate_grid};
use syn2real::plan::PlanError;
use syn2real::plan::allocate::{
    AllocateOptions, Allocation, AllocationRound, Cheapest, Rounds, RoundsOptions, cheapest_with_probability, rounds,
};
use syn2real::{FullOptions, GridFit, GridLaw, GridPoint, Syn2RealLaw};

use crate::errors::Error;

/// Refits that are drawn unless --replicates says otherwise: a share is known to 1 % or so.
const REPLICATES: u32 = 499;

/// How sure an allocation has to be, and in how many rounds samples are collected.
#[derive(Debug, Args)]
pub(crate) struct RefitArgs {
    /// The cheapest numbers that this share of the refits of a bootstrap calls enough for the target.
    #[arg(long, value_name = "P", allow_negative_numbers = true, help_heading = "Question")]
    pub(super) probability: Option<f64>,
    /// Collect the synthetic samples in so many rounds, measuring after each, at the s of the answer.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=100), help_heading = "Question")]
    rounds: Option<u16>,
    /// What it costs to miss the target after the last round, in the unit of the prices [default: 1e6].
    #[arg(long, value_name = "X", allow_negative_numbers = true, requires = "rounds", help_heading = "Prices")]
    penalty: Option<f64>,
    /// Seed of the random stream of the refits [default: 0].
    #[arg(long, value_name = "N", help_heading = "Question")]
    seed: Option<u64>,
    /// Refits of the bootstrap of residuals [default: 499].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000), help_heading = "Question")]
    replicates: Option<u32>,
}

/// What the refits say.
pub(super) struct Told {
    /// How many there are.
    pub(super) count: usize,
    /// The share that reaches the target.
    pub(super) reached: f64,
    pub(super) rounds: Vec<AllocationRound>,
    pub(super) plan: Option<Rounds>,
}

/// The cheapest pair that the share `p` of the laws calls enough; a law that cannot be priced reaches no target.
pub(super) fn safe<L: GridLaw>(
    laws: &[L],
    target: f64,
    p: f64,
    options: &AllocateOptions,
) -> Result<Cheapest, PlanError> {
    cheapest_with_probability(laws, target, p, options, &mut vec![0.0; laws.len()])
}

impl RefitArgs {
    /// Whether refits are needed.
    pub(super) fn is_asked(&self) -> bool {
        self.probability.is_some() || self.rounds.is_some()
    }

    /// Checks what is asked before a long file is read.
    pub(super) fn check(&self, has_target: bool, options: &FullOptions) -> Result<(), Error> {
        let wrong = |text: String| Err(Error::Option(text));
        if let Some(flag) = self.seed.map(|_| "--seed").or(self.replicates.map(|_| "--replicates"))
            && !self.is_asked()
        {
            return wrong(format!(
                "{flag}: only --probability and --rounds draw anything: add one or leave {flag} out"
            ));
        }
        if self.is_asked() && !has_target {
            return wrong("--probability and --rounds ask for a --target: add it".into());
        }
        if let Some(p) = self.probability {
            if !(p > 0.0 && p < 1.0) {
                return wrong(format!("--probability: {p} is none: give a number between 0 and 1, such as 0.9"));
            }
            let needed = 1.0 / (1.0 - p).min(p);
            if f64::from(self.replicates.unwrap_or(REPLICATES)) < needed {
                return wrong(format!("--replicates: the probability {p} needs at least {needed:.0}: raise it"));
            }
        }
        if self.rounds.is_some() && options.fixed_n0 != Some(0.0) {
            return wrong("--rounds counts samples from 0: leave --n0 at 0".into());
        }
        if let Some(penalty) = self.penalty.filter(|x| !(*x > 0.0 && *x < f64::INFINITY)) {
            return wrong(format!("--penalty: {penalty} is none: give a finite sum above 0"));
        }
        Ok(())
    }

    /// The laws of the refits, in the order of n and s whatever that of the rows; none unless asked for.
    pub(super) fn laws<L: GridLaw, const P: usize>(
        &self,
        fit: &GridFit<L, P>,
        points: &[GridPoint],
    ) -> Result<Vec<L>, String> {
        if !self.is_asked() {
            return Ok(Vec::new());
        }
        let mut points = points.to_vec();
        points.sort_by(|a, b| {
            a.n.total_cmp(&b.n)
                .then(a.s.total_cmp(&b.s))
                .then(a.error.total_cmp(&b.error))
                .then(a.weight.total_cmp(&b.weight))
        });
        let options = BootstrapOptions { seed: self.seed.unwrap_or(0), ..BootstrapOptions::default() };
        let mut laws = vec![fit.law(); self.replicates.unwrap_or(REPLICATES) as usize];
        replicate_grid(fit, &points, &[], &options, &mut laws).map_err(|e| e.to_string())?;
        laws.retain(|law| law.floor().is_finite());
        Ok(laws)
    }

    /// What the refits say of an allocation; `None` unless asked for.
    pub(super) fn told<L: GridLaw>(
        &self,
        laws: &[L],
        target: f64,
        a: &Allocation,
        options: &AllocateOptions,
    ) -> Result<Option<Told>, String> {
        if !self.is_asked() {
            return Ok(None);
        }
        // The pair of one of the laws meets the target to rounding.
        let met = laws.iter().filter(|law| law.value_at(a.n, a.s) <= target * (1.0 + 1e-12)).count();
        let mut told =
            Told { count: laws.len(), reached: met as f64 / laws.len() as f64, rounds: Vec::new(), plan: None };
        if let Some(count) = self.rounds {
            let over_n: Vec<Syn2RealLaw> = laws.iter().map(|law| law.over_n(a.s)).collect();
            let default = RoundsOptions::default();
            let ask = RoundsOptions {
                price: options.costs.per_synthetic,
                penalty: self.penalty.unwrap_or(default.penalty),
                already: options.n.lower,
            };
            told.rounds = vec![AllocationRound::default(); count.into()];
            let mut scratch = vec![0.0; (usize::from(count) + 3) * (laws.len() + 1)];
            let plan = rounds(&over_n, target, &ask, &mut told.rounds, &mut scratch);
            told.plan = Some(plan.map_err(|e| e.to_string())?);
        }
        Ok(Some(told))
    }
}
