//! Which law over n and s the authors' grid asks for: `cargo run --release --example grid_laws`.
//!
//! AICc is comparable on the same rows and in the same residual space alone: the 63 rows with n > 0, which every law takes,
//! and all 72, which need a law that is finite at n = 0. Held out: the root mean square of ln L at the largest two n,
//! predicted by fits to the smaller ones.
#![allow(clippy::disallowed_methods, reason = "examples are not core")]
use syn2real::compare::{self, Scored};
use syn2real::{
    AdditiveLaw, AdditiveOptions, Bend, FitError, FullBentLaw, FullBentOptions, FullLaw, FullOptions, Residual,
};

type Row = (f64, f64, f64);

/// What is printed of a law.
struct Line {
    parameters: usize,
    cost: f64,
    aicc: Option<f64>,
    held_out: Option<f64>,
    text: String,
}

fn main() {
    let all = grid();
    let trained: Vec<Row> = all.iter().copied().filter(|row| row.0 > 0.0).collect();
    for residual in [Residual::Log, Residual::Linear] {
        for rows in [&trained, &all] {
            println!("{} rows, {residual} residual", rows.len());
            println!("{:<28} {:>2} {:>10} {:>9} {:>9}  optimum", "law", "k", "cost", "AICc", "held out");
            for (name, line) in laws(rows, residual) {
                match line {
                    Ok(Line { parameters, cost, aicc, held_out, text }) => {
                        let (aicc, held_out) = (aicc.unwrap_or(f64::NAN), held_out.unwrap_or(f64::NAN));
                        println!("{name:<28} {parameters:>2} {cost:>10.4e} {aicc:>9.2} {held_out:>9.4}  {text}");
                    }
                    Err(why) => println!("{name:<28} {why}"),
                }
            }
            println!();
        }
    }
}

fn laws(rows: &[Row], residual: Residual) -> Vec<(&'static str, Result<Line, FitError>)> {
    let full = |fixed_n0, fixed_e| {
        let options = FullOptions { residual, fixed_n0, fixed_e, ..FullOptions::default() };
        line(
            rows,
            |rows| FullLaw::fit_with(rows, &options),
            |fit, n, s| fit.law().error_at(n, s),
            |fit| {
                let l = fit.law();
                format!("alpha {:.3} beta {:.3} n0 {:.4} E {:.3}, {}", l.alpha, l.beta, l.n0, l.e, fit.report().class)
            },
        )
    };
    let bent = |bend, fixed_e| {
        let options = FullBentOptions { bend, residual, fixed_e, ..FullBentOptions::default() };
        line(
            rows,
            |rows| FullBentLaw::fit_with(rows, &options),
            |fit, n, s| fit.law().error_at(n, s),
            |fit| {
                let l = fit.law();
                let class = fit.report().class;
                format!("alpha {:.3} beta {:.3} n_h {:.4e} b {:.3}, {class}", l.alpha, l.beta, l.n_h, l.sharpness)
            },
        )
    };
    let additive = || {
        let options = AdditiveOptions { residual, ..AdditiveOptions::default() };
        line(
            rows,
            |rows| AdditiveLaw::fit_with(rows, &options),
            |fit, n, s| fit.law().error_at(n, s),
            |fit| {
                let l = fit.law();
                format!("alpha {:.3} beta {:.3} E {:.3}, {}", l.alpha, l.beta, l.e, fit.report().class)
            },
        )
    };
    vec![
        ("full, eq. (2)", full(Some(0.0), Some(0.0))),
        ("full with E", full(Some(0.0), None)),
        ("full with n0", full(None, Some(0.0))),
        ("rectified", bent(Bend::Rectified, Some(0.0))),
        ("bent", bent(Bend::Bent, Some(0.0))),
        ("bent with E", bent(Bend::Bent, None)),
        ("additive", additive()),
    ]
}

fn line<F: Scored>(
    rows: &[Row],
    fit: impl Fn(&[Row]) -> Result<F, FitError>,
    error_at: impl Fn(&F, f64, f64) -> f64,
    text: impl Fn(&F) -> String,
) -> Result<Line, FitError> {
    let whole = fit(rows)?;
    let score = whole.score();
    let (known, ahead): (Vec<Row>, Vec<Row>) = rows.iter().copied().partition(|row| row.0 < 32_000.0);
    let held_out = fit(&known).ok().map(|fit| {
        let square = |&(n, s, error): &Row| (error_at(&fit, n, s) / error).ln().powi(2);
        (ahead.iter().map(square).sum::<f64>() / ahead.len() as f64).sqrt()
    });
    let aicc = compare::aicc(&whole);
    Ok(Line { parameters: score.parameters, cost: score.cost, aicc, held_out, text: text(&whole) })
}

/// n, s as percent of 1,281,167 images, and the error of the last evaluation.
fn grid() -> Vec<Row> {
    let text = include_str!("../tests/data/grid_n_s_r50_mulclass_imagenet.csv");
    let number = |field: Option<&str>| field.and_then(|f| f.parse::<f64>().ok()).expect("a number");
    let row = |line: &str| {
        let mut fields = line.split(',');
        let (n, percent) = (number(fields.next()), number(fields.next()));
        (n, percent * 12_811.67, number(fields.nth(1)))
    };
    text.lines().skip(1).map(row).collect()
}
