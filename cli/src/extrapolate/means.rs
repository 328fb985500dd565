//! Means of the scores over groups.
use crate::group::Curves;

use super::bands::Bands;
use super::score::Score;

/// The mean over some groups.
pub(super) struct Mean {
    /// Column and value that the groups have in common; `None` of all groups.
    pub(super) of: Option<(String, String)>,
    /// Groups that were scored.
    pub(super) groups: usize,
    /// In the order of the predictors: the mean of the RMS of ln over the groups that have one, and how many those are.
    pub(super) log: Vec<(Option<f64>, usize)>,
    /// Over the rows of all groups that have a forecast.
    pub(super) bands: Option<Bands>,
    /// The same of law (1).
    pub(super) law_bands: Option<Bands>,
}

impl Mean {
    /// What the groups have in common, in words.
    pub(super) fn title(&self) -> String {
        self.of.as_ref().map_or("all".into(), |(column, value)| format!("{column} {value}"))
    }

    fn of(of: Option<(String, String)>, scores: &[&Score]) -> Mean {
        let predictors = scores.first().map_or(0, |score| score.rms.len());
        let log = (0..predictors).map(|k| mean(scores.iter().filter_map(|score| score.rms[k]?.log)));
        let bands = Bands::sum(scores.iter().filter_map(|score| score.bands.as_ref()));
        let law_bands = Bands::sum(scores.iter().filter_map(|score| score.law_bands.as_ref()));
        Mean { of, groups: scores.len(), log: log.collect(), bands, law_bands }
    }
}

/// The mean of the numbers, and how many they are.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> (Option<f64>, usize) {
    let (sum, count) = values.fold((0.0, 0), |(sum, count), x| (sum + x, count + 1));
    ((count > 0).then(|| sum / count as f64), count)
}

/// The means by each value of each column, in the order of their appearance, and last the mean of all.
pub(super) fn means(curves: &Curves, scores: &[(usize, &Score)], columns: &[String]) -> Vec<Mean> {
    let mut means = Vec::new();
    for column in columns {
        let mut parts: Vec<(&str, Vec<&Score>)> = Vec::new();
        for (group, score) in scores {
            let Some((_, value)) = curves.group(*group).find(|(name, _)| name == column) else { continue };
            match parts.iter_mut().find(|(known, _)| *known == value) {
                Some((_, part)) => part.push(score),
                None => parts.push((value, vec![score])),
            }
        }
        means.extend(parts.iter().map(|(value, part)| Mean::of(Some((column.clone(), (*value).to_owned())), part)));
    }
    let all: Vec<&Score> = scores.iter().map(|(_, score)| *score).collect();
    means.push(Mean::of(None, &all));
    means
}
