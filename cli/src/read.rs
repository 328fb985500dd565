//! What was read, and what was assumed to read it: the `read` of every JSON, and the line above a table.
use serde::Serialize;

/// Rows that were left out, by the reason.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LeftOut {
    /// Rows that fail a condition of --where.
    pub(crate) filtered: u64,
    /// Rows of weight 0.
    pub(crate) weightless: u64,
}

/// What was read.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Read {
    pub(crate) file: String,
    /// The columns by what they are taken for; those of the groups in their order.
    pub(crate) columns: Named,
    /// Rows of the file, without the header.
    pub(crate) rows: u64,
    /// Rows whose numbers are used.
    pub(crate) used: u64,
    pub(crate) left_out: LeftOut,
    /// What was taken for granted without having been asked for, a sentence each.
    pub(crate) assumed: Vec<String>,
}

/// The names of the columns.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Named {
    /// The value columns: n, the error, and what there is beyond.
    pub(crate) values: Vec<String>,
    pub(crate) by: Vec<String>,
}
