//! The settings, each fitted and refitted, their intervals and ranks, and the tests of their pairs.
use syn2real::infer::{ConfidenceCurve, Quantity, QuantityInterval};
use syn2real::plan::PlanError;
use syn2real::plan::settings::{Pair, Standing, curve, interval, pairs, pairs_with, refuse_rises, standings};
use syn2real::{Confidence, Parameter, Point, Syn2RealFit, Syn2RealLaw};

use crate::fitting::Task;
use crate::oddity::{Note, oddities};
use crate::parallel::Workers;

use super::args::{CompareArgs, PairsName};

/// A setting that was fitted.
pub(super) struct Setting {
    pub(super) group: usize,
    pub(super) fit: Syn2RealFit,
    /// What is odd about its rows.
    pub(super) odd: Vec<Note>,
    pub(super) points: Vec<Point>,
    laws: Vec<Syn2RealLaw>,
}

impl Setting {
    /// The fit of a group and the refits that it is ranked by.
    pub(super) fn new(args: &CompareArgs, task: &Task<'_>, group: usize) -> Result<Setting, String> {
        let (fit, points) = task.fit_one(group)?;
        let laws = args.bootstrap.laws(task.curves, group, &fit, &points)?;
        let odd = oddities(task, group, &fit, &points);
        Ok(Setting { group, fit, odd, points, laws })
    }
}

/// All that is compared.
pub(super) struct Compared {
    pub(super) at: f64,
    pub(super) alpha: Vec<Option<QuantityInterval>>,
    pub(super) c: Vec<Option<QuantityInterval>>,
    pub(super) standings: Vec<Option<Standing>>,
    /// Pairs with the quantity they compare, those of the better ranks first.
    pub(super) pairs: Vec<(Quantity, Pair)>,
}

impl Compared {
    /// Settings by rank, the best first.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.standings.len()).collect();
        order.sort_by_key(|k| self.rank(*k));
        order
    }

    fn rank(&self, k: usize) -> usize {
        self.standings[k].map_or(usize::MAX, |s| s.rank)
    }
}

/// What is found out about one setting alone.
struct Own {
    /// The intervals of C and alpha.
    intervals: [Option<QuantityInterval>; 2],
    /// The confidence curves of the quantities that are compared.
    curves: [Option<ConfidenceCurve>; 3],
}

/// Compares the settings that were fitted.
pub(super) fn compare(
    args: &CompareArgs,
    confidence: Confidence,
    fitted: &[&Setting],
    workers: &Workers,
    explain: &dyn Fn(PlanError) -> String,
) -> Result<Compared, String> {
    let count = fitted.len();
    if count < 2 {
        return Err(format!(
            "needs at least two settings that can be fitted, has {count}: name other columns with --by, or take more rows"
        ));
    }
    refuse_rises(fitted.iter().map(|s| &s.fit)).map_err(explain)?;
    let largest = fitted.iter().map(|s| s.fit.report().n_max).fold(0.0, f64::max);
    let at = args.at.unwrap_or(largest);
    let method = args.level.method.intervals();
    let quantities =
        [Quantity::Parameter(Parameter::C), Quantity::Parameter(Parameter::Alpha), Quantity::ErrorAt { n: at }];
    let own = workers.map("2 of 3: intervals of C and alpha, confidence curves", count, |k| {
        let Setting { fit, points, .. } = fitted[k];
        let of = |parameter| interval(fit, points, parameter, count, confidence, method);
        let intervals = [of(Parameter::C)?, of(Parameter::Alpha)?];
        let [c, alpha, error] = quantities.map(|quantity| curve(fit, points, quantity));
        Ok(Own { intervals, curves: [c?, alpha?, error?] })
    });
    let own: Vec<Own> = own.into_iter().collect::<Result<_, PlanError>>().map_err(explain)?;
    let laws: Vec<(Syn2RealLaw, &[Syn2RealLaw])> = fitted.iter().map(|s| (s.fit.law(), s.laws.as_slice())).collect();
    let mut found = vec![None; count];
    standings(&laws, at, confidence, &mut found).map_err(explain)?;
    let [c, alpha] = [0, 1].map(|k| own.iter().map(|own| own.intervals[k]).collect());
    let mut compared = Compared { at, alpha, c, standings: found, pairs: Vec::new() };
    let best = compared.order()[0];
    let tested = workers.map("3 of 3: pairs", quantities.len(), |k| {
        let of: Vec<Option<ConfidenceCurve>> = own.iter().map(|own| own.curves[k]).collect();
        let mut out = match args.pairs(count) {
            PairsName::Best => vec![Pair::default(); count - 1],
            PairsName::All => vec![Pair::default(); count * (count - 1) / 2],
        };
        match args.pairs(count) {
            PairsName::Best => pairs_with(&of, best, &mut out)?,
            PairsName::All => pairs(&of, &mut out)?,
        };
        Ok(out)
    });
    for (quantity, tested) in quantities.into_iter().zip(tested) {
        compared.pairs.extend(tested.map_err(explain)?.into_iter().map(|pair| (quantity, pair)));
    }
    let mut all = std::mem::take(&mut compared.pairs);
    // Stable: the quantities of a pair stay in their order.
    all.sort_by_key(|(_, pair)| {
        let ranks = [compared.rank(pair.a), compared.rank(pair.b)];
        (ranks[0].min(ranks[1]), ranks[0].max(ranks[1]))
    });
    compared.pairs = all;
    Ok(compared)
}
