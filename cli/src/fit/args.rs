//! What `fit` is told.
use clap::Args;

use crate::args::{CurveArgs, Format, ThreadArgs};
use crate::details::DetailArgs;
use crate::earlier::EarlierArgs;
use crate::group::Curves;
use crate::laws::Asked;
use crate::table::Columns;

/// Arguments of `fit`.
#[derive(Debug, Args)]
pub(crate) struct FitArgs {
    #[command(flatten)]
    pub(crate) data: CurveArgs,
    #[command(flatten)]
    pub(crate) threads: ThreadArgs,
    /// The law; all but law1 and power are finite at n = 0, rows without pre-training are data of theirs. --alpha and
    /// --fixed-alpha are those of beta in the rectified law, of kappa beta in the bent one.
    /// `best` compares all of them on the rows with n > 0 and foretells larger sizes, taking none for granted.
    #[arg(long, value_enum, default_value_t, help_heading = "Law")]
    pub(crate) law: Asked,
    #[command(flatten)]
    pub(crate) earlier: EarlierArgs,
    #[command(flatten)]
    pub(crate) details: DetailArgs,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t = Format::Table, help_heading = "Output")]
    pub(crate) format: Format,
    /// Write DIR/index.html with the table and a figure for each group.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) report: Option<String>,
}

/// How many rows the conditions left out.
pub(super) fn left_out(columns: &Columns, curves: &Curves) -> Option<String> {
    let by_filter = columns.filters.iter().zip(&curves.filtered);
    let by_filter: Vec<String> = by_filter.map(|(filter, rows)| format!("{rows} rows fail {filter}")).collect();
    (!by_filter.is_empty()).then(|| format!("{} of {} rows left out", by_filter.join(", "), curves.rows_read))
}
