//! The shipped measurements, and sets of curves taken from them.
use std::fmt::Write as _;

use syn2real::{Bounds, FitOptions, Point, Residual, Syn2RealFit};

use crate::details::Wanted;
use crate::errors::Error;
use crate::fitting::Task;
use crate::group::Curves;
use crate::laws::{self, LawName};
use crate::output::table::FitTable;
use crate::table::{self, Columns};

/// One row per setting and n; source and licence stand beside it in data/README.md.
const MEASUREMENTS: &str = include_str!("../../data/finetune_final.csv");
/// The grid of pre-training and fine-tuning sizes of Appendix C.2.
const GRID: &str = include_str!("../../data/grid_n_s_r50_mulclass_imagenet.csv");
/// What the library's example `transfer_simulation` prints: the two-layer network of the paper's theory, simulated.
const SIMULATION: &str = include_str!("../../data/transfer_simulation.csv");
/// Source and licence notice of the measurements, shown with them.
pub(super) const NOTICE: &str = include_str!("../../data/README.md");

/// D of the paper: the median over its settings (section 4.1, Appendix D). n counts images.
pub(super) const PAPER_D: f64 = 0.48;
/// Bounds in the authors' released code.
pub(super) const PAPER_ALPHA: Bounds = Bounds::new(0.1, 1.5);
/// Bounds in the authors' released code.
pub(super) const PAPER_C: Bounds = Bounds::new(0.0, 1.0);

/// A set of curves of the measurements.
pub(super) struct Selection {
    pub(super) curves: Curves,
    columns: Columns,
}

/// A curve with its fit.
pub(super) struct Curve {
    /// Values of the group columns.
    pub(super) group: Vec<String>,
    pub(super) points: Vec<Point>,
    pub(super) fit: Syn2RealFit,
}

/// The fits of a selection.
pub(super) struct Fitted {
    pub(super) options: FitOptions,
    pub(super) table: FitTable,
    pub(super) fits: Vec<Curve>,
}

impl Selection {
    /// Curves of the main file: a group for each combination of the columns `by`.
    pub(super) fn read(by: &str, filters: &[&str]) -> Result<Selection, Error> {
        Selection::of(MEASUREMENTS, &["n", "err_last"], by, filters)
    }

    /// The grid of Appendix C.2, with these value columns.
    pub(super) fn grid(values: &[&str], by: &str, filters: &[&str]) -> Result<Selection, Error> {
        Selection::of(GRID, values, by, filters)
    }

    /// The simulated transfer experiment.
    pub(super) fn simulation(values: &[&str], by: &str) -> Result<Selection, Error> {
        Selection::of(SIMULATION, values, by, &[])
    }

    fn of(text: &'static str, values: &[&str], by: &str, filters: &[&str]) -> Result<Selection, Error> {
        let mut columns = Columns {
            values: values.iter().map(|name| (*name).to_owned()).collect(),
            by: by.split(',').filter(|name| !name.is_empty()).map(String::from).collect(),
            filters: filters.iter().map(|f| f.parse()).collect::<Result<_, _>>().map_err(Error::Shipped)?,
            ..Columns::default()
        };
        let curves = table::read_text("the shipped measurements", text, &mut columns)?;
        Ok(Selection { curves, columns })
    }

    /// The rows that each filter leaves out.
    pub(super) fn left_out(&self) -> String {
        let mut text = format!("{} rows; left out:", self.curves.rows_read);
        for (filter, rows) in self.columns.filters.iter().zip(&self.curves.filtered) {
            let _ = write!(text, " {rows} that fail {filter},");
        }
        text.trim_end_matches(',').into()
    }

    /// Fits every curve.
    pub(super) fn fit(&self, options: &FitOptions) -> Result<Fitted, Error> {
        let mut table = FitTable::new(&self.curves, LawName::Law1, &Wanted::std_errors());
        let mut fits = Vec::new();
        let task = Task { curves: &self.curves, columns: &self.columns.values, options };
        for outcome in task.fit(LawName::Law1, 0..self.curves.len()).outcomes() {
            table.outcome(&self.curves, &outcome);
            if let Ok(laws::Fitted::Straight(fit)) = *outcome.result {
                let group = self.curves.group(outcome.group).map(|(_, value)| value.to_owned()).collect();
                fits.push(Curve { group, points: outcome.points.to_vec(), fit });
            }
        }
        Ok(Fitted { options: *options, table, fits })
    }
}

/// What the authors' released code does: D fixed, bounds.
pub(super) fn authors(residual: Residual) -> FitOptions {
    FitOptions { residual, fixed_d: Some(PAPER_D), alpha: PAPER_ALPHA, c: PAPER_C, ..FitOptions::default() }
}

/// All three parameters free.
pub(super) fn free(residual: Residual) -> FitOptions {
    FitOptions { residual, ..FitOptions::default() }
}
