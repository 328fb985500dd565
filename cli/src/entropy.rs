//! `entropy`: how complex the activations of a data set are.
use std::io::{Write, stdout};

use clap::Args;
use serde::Serialize;
use syn2real::complexity::{ComplexityError, Covariance, Entropy, EntropyOptions, Normalisation, RankPolicy};

use crate::activations;
use crate::args::Form;
use crate::errors::Error;
use crate::output::{Head, short};
use crate::read::Read;

/// Rows that are handed to the covariance at once: it works best on blocks of 64.
const ROWS: usize = 256;

/// Arguments of `entropy`.
#[derive(Debug, Args)]
pub(crate) struct EntropyArgs {
    /// Activations, a row for each sample and a column for each unit: .npy (float32 or float64, C order) or csv; - for the
    /// standard input.
    #[arg(value_name = "FILE")]
    file: String,
    /// The first line of the csv is a sample: it names no columns.
    #[arg(long)]
    no_header: bool,
    /// Separator of the cells of a csv: one character, or `tab`.
    #[arg(long, value_name = "CHAR", default_value = ",", value_parser = crate::args::delimiter)]
    delimiter: u8,
    /// Shrink the covariance towards a multiple of the identity by this share, in (0, 1], so that it has full rank.
    #[arg(long, value_name = "X", allow_negative_numbers = true, conflicts_with = "pseudo")]
    shrinkage: Option<f64>,
    /// Where the rank is not full, take the entropy within the subspace of the data.
    #[arg(long)]
    pseudo: bool,
    /// Divide by N (maximum likelihood) instead of N - 1.
    #[arg(long)]
    maximum_likelihood: bool,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
}

/// The JSON.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Entropy"))]
pub(crate) struct Record {
    dimension: usize,
    samples: u64,
    rank: usize,
    entropy: f64,
    negative_entropy: f64,
}

/// Prints the entropy.
pub(crate) fn run(args: &EntropyArgs) -> Result<bool, Error> {
    let options = EntropyOptions {
        normalisation: if args.maximum_likelihood { Normalisation::MaximumLikelihood } else { Normalisation::Unbiased },
        rank: match (args.shrinkage, args.pseudo) {
            (Some(lambda), _) => RankPolicy::Shrinkage(lambda),
            (None, true) => RankPolicy::PseudoDeterminant,
            (None, false) => RankPolicy::Strict,
        },
    };
    if args.shrinkage.is_some_and(|lambda| !(lambda > 0.0 && lambda <= 1.0)) {
        return Err(Error::Option(format!("--shrinkage: {}", ComplexityError::Shrinkage)));
    }
    let entropy = accumulate(args, &options)?;
    let record = Record {
        dimension: entropy.dimension,
        samples: entropy.samples,
        rank: entropy.rank,
        entropy: entropy.entropy,
        negative_entropy: entropy.negative_entropy(),
    };
    let write = || {
        if args.format == Form::Json {
            let rows = entropy.samples;
            let read =
                Read { file: args.file.clone(), format: "csv", encoding: "UTF-8", rows, used: rows, ..Read::default() };
            return Head::new("entropy", Some(&read), &[settings(&options)]).print(&record, &[]);
        }
        let mut out = stdout().lock();
        writeln!(out, "dimension         {}", record.dimension)?;
        writeln!(out, "samples           {}", record.samples)?;
        writeln!(out, "rank              {}", record.rank)?;
        writeln!(
            out,
            "entropy           {}  nats, of the Gaussian with the covariance of the samples",
            short(record.entropy)
        )?;
        writeln!(out, "negative entropy  {}  what the paper plots as complexity", short(record.negative_entropy))
    };
    write().map_err(Error::stdout)?;
    Ok(true)
}

/// How the covariance is made, in a sentence.
fn settings(options: &EntropyOptions) -> String {
    let divisor = match options.normalisation {
        Normalisation::MaximumLikelihood => "N",
        _ => "N - 1",
    };
    let rank = match options.rank {
        RankPolicy::Shrinkage(lambda) => format!("shrunk by {lambda}"),
        RankPolicy::PseudoDeterminant => "within the subspace of the data".into(),
        _ => "of full rank".into(),
    };
    format!("covariance divided by {divisor}, {rank}")
}

/// Streams the file through the covariance, whose memory is taken when the first row tells the dimension.
fn accumulate(args: &EntropyArgs, options: &EntropyOptions) -> Result<Entropy, Error> {
    let refuse = |e: ComplexityError| {
        let remedy = match e {
            ComplexityError::RankDeficient { .. } => " (--shrinkage 0.01, or --pseudo)",
            _ => "",
        };
        Error::Activations { file: args.file.clone(), reason: format!("{e}{remedy}") }
    };
    let mut block: Vec<f64> = Vec::new();
    let (mut mean, mut packed) = (Vec::new(), Vec::new());
    let mut first = Vec::new();
    let mut source = activations::Activations::open(&args.file, !args.no_header, args.delimiter)?;
    if source.next(&mut first)? {
        mean = vec![0.0; first.len()];
        packed = vec![0.0; first.len() * (first.len() + 1) / 2];
    }
    let mut covariance = Covariance::new(&mut mean, &mut packed).map_err(refuse)?;
    block.append(&mut first);
    let full = ROWS * covariance.dimension();
    loop {
        let more = source.next(&mut block)?;
        if !more || block.len() >= full {
            covariance.push_rows(&block).map_err(refuse)?;
            block.clear();
        }
        if !more {
            break;
        }
    }
    covariance.entropy(options).map_err(refuse)
}
