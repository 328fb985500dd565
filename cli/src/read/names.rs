//! Names of columns: found without regard to case and signs, told apart by what they usually hold, and close misses.
use std::cmp::Reverse;

/// Names of columns of sizes, the surer ones first; as [`plain`] writes them.
const SIZES: [&[&str]; 3] = [
    &["n"],
    &[
        "nsamples",
        "numsamples",
        "samples",
        "samplecount",
        "nimages",
        "numimages",
        "images",
        "nimgs",
        "numimgs",
        "imgs",
        "imagecount",
        "nexamples",
        "numexamples",
        "examples",
        "datasetsize",
        "datasize",
        "ndata",
        "numdata",
        "trainsize",
        "trainingsize",
        "trainsetsize",
        "trainingsetsize",
        "ntrain",
        "numtrain",
        "trainsamples",
        "ntrainsamples",
        "numtrainsamples",
        "numtrainexamples",
        "trainingsamples",
        "trainimages",
        "ntrainimages",
        "numtrainimages",
        "pretrainsize",
        "pretrainingsize",
        "npretrain",
        "numpretrain",
        "pretrainsamples",
        "pretrainingsamples",
        "npretrainsamples",
        "numpretrainsamples",
        "pretrainimages",
        "nsynthetic",
        "numsynthetic",
        "nsyn",
        "syntheticsamples",
        "syntheticimages",
        "numsyntheticsamples",
        "samplesseen",
        "tokens",
        "ntokens",
        "numtokens",
    ],
    &["size", "data", "synthetic", "train", "pretrain"],
];

/// Words of a value that falls as a model gets better.
const ERRORS: [&str; 22] = [
    "error",
    "errors",
    "err",
    "loss",
    "losses",
    "errorrate",
    "errrate",
    "wer",
    "cer",
    "per",
    "mae",
    "mse",
    "rmse",
    "nll",
    "ppl",
    "perplexity",
    "bpb",
    "bpc",
    "fid",
    "crossentropy",
    "xent",
    "eer",
];

/// Words of a value that rises as a model gets better.
const SCORES: [&str; 36] = [
    "acc",
    "accuracy",
    "accs",
    "map",
    "ap",
    "miou",
    "iou",
    "f1",
    "f1score",
    "fscore",
    "auc",
    "auroc",
    "rocauc",
    "auprc",
    "prauc",
    "dice",
    "precision",
    "recall",
    "sensitivity",
    "specificity",
    "bleu",
    "rouge",
    "psnr",
    "ssim",
    "kappa",
    "mcc",
    "ndcg",
    "mrr",
    "r2",
    "em",
    "passrate",
    "successrate",
    "top1",
    "top5",
    "score",
    "reward",
];

/// Scores without a largest value that could be guessed.
const OPEN: [&str; 5] = ["psnr", "reward", "elo", "score", "bleu"];

/// Words around them that change nothing.
const AROUND: [&str; 27] = [
    "val",
    "valid",
    "validation",
    "test",
    "testing",
    "eval",
    "evaluation",
    "dev",
    "final",
    "best",
    "top",
    "top1",
    "top5",
    "1",
    "5",
    "mean",
    "avg",
    "average",
    "macro",
    "micro",
    "balanced",
    "overall",
    "downstream",
    "transfer",
    "finetune",
    "50",
    "95",
];

/// What a column holds by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// The number of samples; the rank is lower for a surer name.
    Size(usize),
    /// A value that falls as the model gets better.
    Error,
    /// One that rises.
    Score,
    /// Anything else.
    Other,
}

/// The name in small letters, without blanks and signs.
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Its words: split at signs, and where a capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphanumeric(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What a column of this name usually holds.
pub(crate) fn holds(name: &str) -> Holds {
    let whole = plain(name);
    if let Some(rank) = SIZES.iter().position(|names| names.contains(&whole.as_str())) {
        return Holds::Size(rank);
    }
    let words = words(name);
    // "1 - acc", "100-mAP".
    let complement = name.split_once(['-', '\u{2212}']).filter(|(most, _)| ["1", "100", "1.0"].contains(&most.trim()));
    if let Some((_, rest)) = complement {
        return if is_made_of(&self::words(rest), &SCORES) { Holds::Error } else { Holds::Other };
    }
    // "mAP" and "mIoU" are one word each.
    let is = |list: &[&str]| list.contains(&whole.as_str()) || is_made_of(&words, list);
    match (is(&ERRORS), is(&SCORES)) {
        (true, false) => Holds::Error,
        (false, true) => Holds::Score,
        _ => Holds::Other,
    }
}

/// Whether the words are one of the list, or two that make one, and others that change nothing.
fn is_made_of(words: &[String], list: &[&str]) -> bool {
    let rest: Vec<&str> = words.iter().map(String::as_str).filter(|word| !AROUND.contains(word)).collect();
    // "top1" alone is a score, not what stands around one.
    let joined = if rest.is_empty() { words.concat() } else { rest.concat() };
    !joined.is_empty() && list.contains(&joined.as_str())
}

/// Whether a score of this name has no largest value that could be told from its range.
pub(crate) fn is_open(name: &str) -> bool {
    words(name).iter().any(|word| OPEN.contains(&word.as_str()))
}

/// Whether a column numbers repetitions of a measurement, or rows.
pub(crate) fn is_repetition(name: &str) -> bool {
    let name = plain(name);
    let words = [
        "seed",
        "rep",
        "repeat",
        "repetition",
        "replicate",
        "trial",
        "fold",
        "run",
        "index",
        "idx",
        "id",
        "row",
        "epoch",
        "step",
        "iter",
        "iteration",
        "split",
        "weight",
        "w",
    ];
    name.is_empty()
        || words.iter().any(|word| name == *word || name == format!("{word}s") || name == format!("random{word}"))
        || name.ends_with("seed")
        || name.starts_with("unnamed")
}

/// Whether a column counts the steps or the time of a run, by the last word of its name: neither a size nor a value.
pub(crate) fn is_progress(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    ["step", "steps", "epoch", "epochs", "iteration", "iterations", "time", "runtime", "timestamp", "seed"]
        .contains(&last)
}

/// Whether a column holds what came out of a run, by its name, and no setting of it.
pub(crate) fn is_measured(name: &str) -> bool {
    let words = words(name);
    let is = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let last = words.last().map_or("", String::as_str);
    matches!(holds(name), Holds::Error | Holds::Score)
        || is(&["std", "sd", "stdev", "stddev", "stderr", "sem", "variance", "ci95"])
        || is(&["time", "runtime", "walltime", "timestamp", "duration", "seconds", "hours"])
        || ["loss", "acc", "accuracy"].contains(&last)
}

/// The column that is meant by a name, by the same letters and digits, or by its number from 1; all that are if it is not one.
pub(crate) fn find(header: &[String], name: &str) -> Vec<usize> {
    let all = |is: &dyn Fn(&str) -> bool| -> Vec<usize> { (0..header.len()).filter(|k| is(&header[*k])).collect() };
    let name = name.trim();
    let exact = all(&|column| column == name);
    if !exact.is_empty() {
        return exact;
    }
    let (meant, signs) = (plain(name), |text: &str| text.contains('%'));
    let alike = all(&|column| !meant.is_empty() && plain(column) == meant && signs(column) == signs(name));
    if !alike.is_empty() {
        return alike;
    }
    let alike = all(&|column| !meant.is_empty() && plain(column) == meant);
    match name.parse::<usize>() {
        _ if !alike.is_empty() => alike,
        Ok(number) if (1..=header.len()).contains(&number) => vec![number - 1],
        _ => Vec::new(),
    }
}

/// The column whose name is a few letters off.
pub(crate) fn close<'a>(header: &'a [String], name: &str) -> Option<&'a str> {
    let meant = plain(name);
    let near = header.iter().filter(|column| !column.is_empty()).map(|column| {
        let plain = plain(column);
        let longer = meant.chars().count().max(plain.chars().count());
        let holds_it = meant.len() >= 3 && (plain.contains(&meant) || (plain.len() >= 3 && meant.contains(&plain)));
        (column, distance(&meant, &plain), longer, holds_it)
    });
    let near = near.filter(|(_, distance, longer, holds_it)| *holds_it || distance * 5 <= 2 * *longer);
    near.min_by_key(|(_, distance, _, holds_it)| (*distance, Reverse(*holds_it))).map(|(column, ..)| column.as_str())
}

/// Insertions, deletions and replacements of letters from one to the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let cost = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = cost;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_columns_hold() {
        for name in
            ["n", "N", "images", "n_images", "Num Samples", "dataset_size", "pretrain-size", "data", "trainSize"]
        {
            assert!(matches!(holds(name), Holds::Size(_)), "{name}");
        }
        for name in [
            "error",
            "err",
            "loss",
            "test_error",
            "val/loss",
            "Val Loss",
            "1-acc",
            "1 - accuracy",
            "top1_err",
            "Top-1 error (%)",
            "WER",
            "error_rate",
        ] {
            assert_eq!(holds(name), Holds::Error, "{name}");
        }
        for name in [
            "acc",
            "Accuracy",
            "top1_acc",
            "val/acc",
            "mAP",
            "mIoU",
            "IoU",
            "F1",
            "f1_score",
            "AUC",
            "test_accuracy",
            "Top-1 Acc (%)",
            "valAcc",
            "mAP@50",
        ] {
            assert_eq!(holds(name), Holds::Score, "{name}");
        }
        for name in
            ["acc_std", "std_err", "train_loss", "step", "model", "seed", "", "epoch", "acc_err", "weight", "1-x"]
        {
            assert_eq!(holds(name), Holds::Other, "{name}");
        }
    }

    #[test]
    fn columns_are_found_without_regard_to_case_and_signs() {
        let header: Vec<String> = ["Model", "N Images", "val/acc", "err", "err%"].map(String::from).into();
        assert_eq!(find(&header, "model"), [0]);
        assert_eq!(find(&header, "n_images"), [1]);
        assert_eq!(find(&header, "val_acc"), [2]);
        assert_eq!((find(&header, "err"), find(&header, "ERR%")), (vec![3], vec![4]));
        assert_eq!((find(&header, "2"), find(&header, "9"), find(&header, "x")), (vec![1], vec![], vec![]));
        assert_eq!(
            (close(&header, "n_image"), close(&header, "modle"), close(&header, "zzz")),
            (Some("N Images"), Some("Model"), None)
        );
    }
}
