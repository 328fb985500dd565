//! `reproduce`: the paper's curves refitted from its authors' measurements, which are part of the program.
use std::fmt::Write as _;
use std::io::{Write, stdout};

use syn2real::{Bounds, FitOptions, Parameter, Point, Residual, Syn2RealFit};

use crate::args::ReproduceArgs;
use crate::errors::Error;
use crate::fitting::fit_groups;
use crate::group::Curves;
use crate::identify::unknown;
use crate::output::table::FitTable;
use crate::progress::Progress;
use crate::report::figure::{Estimate, Estimates, Figure, Legend, LogLog, Panel};
use crate::report::html::Page;
use crate::report::page::{series, write};
use crate::report::settings;
use crate::table::{Columns, read_from};

/// One row per setting and n; source and licence stand beside it in data/README.md.
const MEASUREMENTS: &str = include_str!("../data/finetune_final.csv");
/// Source and licence notice of the measurements, shown with them.
const NOTICE: &str = include_str!("../data/README.md");

/// D of the paper: the median over its settings (section 4.1, Appendix D). n counts images.
const PAPER_D: f64 = 0.48;
/// Bounds in the authors' released code.
const PAPER_ALPHA: Bounds = Bounds::new(0.1, 1.5);
/// Bounds in the authors' released code.
const PAPER_C: Bounds = Bounds::new(0.0, 1.0);

const FINE_TUNING: [(&str, &str); 3] = [("objdet", "MS-COCO"), ("semseg", "ADE20K"), ("sinclass", "ImageNet")];
const PRE_TRAINING: [&str; 4] = ["mulclass", "objdet", "semseg", "normal"];

/// A set of curves of the measurements.
struct Selection {
    curves: Curves,
    columns: Columns,
}

impl Selection {
    fn read(by: &str, filters: &[&str]) -> Result<Selection, Error> {
        let columns = Columns {
            values: vec!["n".into(), "err_last".into()],
            weight: None,
            by: by.split(',').map(String::from).collect(),
            filters: filters.iter().map(|f| f.parse()).collect::<Result<_, _>>().map_err(Error::Shipped)?,
            delimiter: b',',
        };
        let bar = Progress::bytes("reading", None);
        let curves = read_from("the shipped measurements", MEASUREMENTS.as_bytes(), &columns, bar)?;
        Ok(Selection { curves, columns })
    }

    /// The rows that each filter leaves out.
    fn left_out(&self) -> String {
        let mut text = format!("{} rows; left out:", self.curves.rows_read);
        for (filter, rows) in self.columns.filters.iter().zip(&self.curves.filtered) {
            let _ = write!(text, " {rows} that fail {filter},");
        }
        text.trim_end_matches(',').into()
    }

    fn fit(&self, options: &FitOptions) -> Result<Fitted, Error> {
        let mut table = FitTable::new(&self.curves);
        let mut fits = Vec::new();
        fit_groups(&self.curves, &self.columns.values, options, |outcome| {
            table.outcome(&self.curves, &outcome);
            if let Ok(fit) = outcome.result {
                let group = self.curves.group(outcome.group).map(|(_, value)| value.to_owned()).collect();
                fits.push(Curve { group, points: outcome.points.to_vec(), fit });
            }
            Ok(())
        })?;
        Ok(Fitted { options: *options, table, fits })
    }
}

struct Curve {
    group: Vec<String>,
    points: Vec<Point>,
    fit: Syn2RealFit,
}

struct Fitted {
    options: FitOptions,
    table: FitTable,
    fits: Vec<Curve>,
}

fn authors(residual: Residual) -> FitOptions {
    FitOptions { residual, fixed_d: Some(PAPER_D), alpha: PAPER_ALPHA, c: PAPER_C, ..FitOptions::default() }
}

fn free(residual: Residual) -> FitOptions {
    FitOptions { residual, ..FitOptions::default() }
}

/// A part of the output: a heading, its explanation and its table.
struct Part {
    heading: String,
    explanation: String,
    fitted: Fitted,
}

/// Runs the command; the path of the page is the last line printed.
pub(crate) fn run(args: &ReproduceArgs) -> Result<bool, Error> {
    let settings29 =
        Selection::read("model,ptask,pdata,ftask,fdata", &["pscale=64k", "fratio=1", "pdata!=imagenet", "n>0"])?;
    let curves57 = Selection::read("pdata,pscale,model,ptask,ftask,fdata,fratio", &["pdata!=imagenet", "n>0"])?;
    let mut parts = Vec::new();
    for residual in [Residual::Linear, Residual::Log] {
        let whose = if residual == Residual::Linear {
            "This is what the authors' released code does."
        } else {
            "This is the residual that the paper's text names."
        };
        let fitted = settings29.fit(&authors(residual))?;
        parts.push(Part {
            heading: format!("The paper's {} settings, D fixed, {residual} residual", fitted.fits.len()),
            explanation: format!("{whose} {}. {}.", settings(&fitted.options), settings29.left_out()),
            fitted,
        });
    }
    for residual in [Residual::Log, Residual::Linear] {
        let fitted = curves57.fit(&free(residual))?;
        parts.push(Part {
            heading: format!("All {} curves of 7 points, D free, {residual} residual", fitted.fits.len()),
            explanation: format!("{}. {}.", settings(&fitted.options), curves57.left_out()),
            fitted,
        });
    }
    print_tables(&parts).map_err(Error::stdout)?;
    let path = write_page(&args.out, &parts, &settings29)?;
    let mut out = stdout().lock();
    writeln!(out, "{path}").and_then(|()| out.flush()).map_err(Error::stdout)?;
    Ok(true)
}

fn print_tables(parts: &[Part]) -> std::io::Result<()> {
    let mut out = stdout().lock();
    for part in parts {
        writeln!(out, "{}\n{}\n\n{}\n", part.heading, part.explanation, part.fitted.table.text())?;
        for line in part.fitted.table.below() {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

fn write_page(dir: &str, parts: &[Part], settings29: &Selection) -> Result<String, Error> {
    let mut page = Page::new("A Scaling Law for Syn2real Transfer: the curves refitted");
    page.paragraph(
        "How much is pre-training on synthetic images worth, and would more of them help? The law of Mikami et al. \
         (arXiv 2108.11018) says L(n) = D n^-alpha + C: the error after pre-training on n synthetic images falls at the \
         pre-training rate alpha towards the transfer gap C, which no number of images removes.",
    );
    page.paragraph(
        "Every curve here is fitted by a complete search for the global optimum. Residual space and settings stand \
         beside each figure and table, since the estimates depend on them; what the data do not determine is marked and \
         not drawn.",
    );
    let free_pairs = settings29.fit(&free(Residual::Log))?;
    let variants = [("a", &parts[0].fitted), ("b", &free_pairs)];
    page.heading("Figure 1: twelve task pairs");
    for (letter, fitted) in variants {
        let (figure, unknown) = figure1(fitted);
        let svg = figure.svg()?;
        write(dir, &format!("figure1{letter}.svg"), &svg)?;
        let caption = format!(
            "Error after fine-tuning against pre-training images for four pre-training tasks, ResNet-50, 1 % of the \
             fine-tuning set; dots are measurements (7 for each pair, {} in all), lines the fitted law. Settings: {}. {unknown}",
            points(fitted),
            settings(&fitted.options)
        );
        page.figure(&svg, &format!("Figure 1{letter}."), &caption);
    }
    page.heading("Figure 8: rate and gap of the twelve pairs");
    for (letter, fitted) in variants {
        let figure = figure8(fitted);
        let svg = figure.svg()?;
        write(dir, &format!("figure8{letter}.svg"), &svg)?;
        let caption = format!(
            "Estimates of alpha and C with one standard error each side, from 7 points for each pair ({} in all). An \
             estimate at a bound, without a standard error, or with one above 1 is not identified and not drawn. \
             Settings: {}.",
            points(fitted),
            settings(&fitted.options)
        );
        page.figure(&svg, &format!("Figure 8{letter}."), &caption);
    }
    for part in parts {
        page.heading(&part.heading);
        page.note(&part.explanation);
        page.table(&part.fitted.table);
    }
    page.heading("Source and licence of the measurements");
    page.folded("Notice", |page| page.command(NOTICE));
    let version = format!("Made by syn2real {} with `syn2real reproduce`.", env!("CARGO_PKG_VERSION"));
    write(dir, "index.html", &page.html(&[&version]))
}

/// The twelve pairs: ResNet-50, rendering bop, the three benchmarks of the paper.
fn pair<'a>(fitted: &'a Fitted, ptask: &str, ftask: &str) -> Option<&'a Curve> {
    fitted.fits.iter().find(|curve| {
        let [model, p, pdata, f, _] = curve.group.as_slice() else { return false };
        model == "r50" && pdata == "bop" && p == ptask && f == ftask
    })
}

/// The pairs in the order of the figures: number of the pre-training task, names, curve.
fn pairs(fitted: &Fitted) -> impl Iterator<Item = (usize, &'static str, &'static str, &Curve)> {
    let names =
        FINE_TUNING.into_iter().flat_map(|(f, _)| PRE_TRAINING.into_iter().enumerate().map(move |(k, p)| (k, p, f)));
    names.filter_map(|(k, p, f)| Some((k, p, f, pair(fitted, p, f)?)))
}

fn points(fitted: &Fitted) -> usize {
    pairs(fitted).map(|(.., curve)| curve.points.len()).sum()
}

/// Figure 1 and a sentence on what is not identified in it.
fn figure1(fitted: &Fitted) -> (Figure, String) {
    let panels = FINE_TUNING.into_iter().map(|(ftask, data)| {
        let series =
            pairs(fitted).filter(|(.., f, _)| *f == ftask).map(|(k, .., curve)| series(&curve.points, &curve.fit, k));
        Panel::LogLog(LogLog {
            title: format!("fine-tuning: {ftask} ({data})"),
            x_label: "pre-training images n".into(),
            y_label: "test error".into(),
            series: series.collect(),
        })
    });
    let mut legend: Vec<Legend> = PRE_TRAINING
        .into_iter()
        .enumerate()
        .map(|(k, task)| Legend::Points(k, format!("pre-training: {task}")))
        .collect();
    legend.push(Legend::Line { dashed: false, text: "fitted law".into() });
    let dashed = pairs(fitted).filter(|(k, .., curve)| series(&curve.points, &curve.fit, *k).lines[0].dashed);
    let dashed: Vec<String> = dashed.map(|(_, p, f, _)| format!("{p}\u{2192}{f}")).collect();
    let sentence = if dashed.is_empty() {
        "All fitted parameters are identified.".into()
    } else {
        legend.push(Legend::Line { dashed: true, text: "a parameter not identified".into() });
        format!("Dashed, with a parameter that the data do not determine: {}.", dashed.join(", "))
    };
    let title = "Figure 1: test error against pre-training images for twelve task pairs".into();
    (Figure { title, panels: panels.collect(), columns: 3, panel: (390, 340), legend }, sentence)
}

fn figure8(fitted: &Fitted) -> Figure {
    let panel = |parameter: Parameter, title: &str, x_label: &str| {
        let rows = pairs(fitted).map(|(k, p, f, curve)| {
            let place = if parameter == Parameter::Alpha { 1 } else { 2 };
            let law = curve.fit.law();
            let estimate = if place == 1 { law.alpha } else { law.c };
            let value = match (unknown(&curve.fit, parameter), curve.fit.std_errors()[place]) {
                (None, Some(error)) => Ok((estimate, error)),
                (Some(reason), _) => Err(reason.to_string()),
                (None, None) => Err("without a standard error".into()),
            };
            Estimate { name: format!("{p} \u{2192} {f}"), style: k, value }
        });
        Panel::Estimates(Estimates { title: title.into(), x_label: x_label.into(), rows: rows.collect() })
    };
    let panels = vec![
        panel(Parameter::Alpha, "pre-training rate", "alpha"),
        panel(Parameter::C, "transfer gap", "C (test error that remains)"),
    ];
    let legend =
        PRE_TRAINING.into_iter().enumerate().map(|(k, task)| Legend::Points(k, format!("pre-training: {task}")));
    let title = "Figure 8: alpha and C with standard errors for twelve task pairs".into();
    Figure { title, panels, columns: 2, panel: (560, 400), legend: legend.collect() }
}
