//! What was read, and what was assumed to read it: the `read` of every JSON, and the line above a table.
pub(crate) mod bytes;
mod clean;
pub(crate) mod columns;
pub(crate) mod dialect;
mod json;
pub(crate) mod limited;
pub(crate) mod names;
pub(crate) mod number;
pub(crate) mod records;
pub(crate) mod unit;

use serde::Serialize;

use crate::errors::Error;

use unit::Unit;

/// Rows that were left out, by the reason.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LeftOut {
    /// Rows that fail a condition of --where.
    pub(crate) filtered: u64,
    /// Rows in which a value is missing: empty, NA, null, inf and the like.
    pub(crate) missing: u64,
    /// Rows of weight 0.
    pub(crate) weightless: u64,
}

/// What was read.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Read {
    pub(crate) file: String,
    /// `csv`, `json lines` or `json`.
    pub(crate) format: &'static str,
    pub(crate) encoding: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compression: Option<&'static str>,
    /// What separates the cells, in words where it is no visible sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) delimiter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decimal: Option<char>,
    /// The columns by what they are taken for; those of the groups in their order.
    pub(crate) columns: Named,
    /// `fraction`, `percent` or `number`.
    pub(crate) units: &'static str,
    /// The largest score, where the column holds scores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) score_max: Option<f64>,
    /// Rows of the file, without the header.
    pub(crate) rows: u64,
    /// Rows whose numbers are used.
    pub(crate) used: u64,
    pub(crate) left_out: LeftOut,
    /// What was taken for granted without having been asked for, a sentence each.
    pub(crate) assumed: Vec<String>,
    /// What the values are.
    #[serde(skip)]
    pub(crate) unit: Unit,
    /// Why the values can be no errors, by the name of their column or their course.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) doubt: Option<String>,
}

/// The names of the columns.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Named {
    /// The value columns: n, the error or score, and what there is beyond.
    pub(crate) values: Vec<String>,
    pub(crate) by: Vec<String>,
}

impl Read {
    /// Name of the column of n, for axes and messages.
    pub(crate) fn n(&self) -> &str {
        self.columns.values.first().map_or("n", String::as_str)
    }

    /// What the errors are, for axes: the column, or `1 - accuracy`.
    pub(crate) fn error_label(&self) -> String {
        self.unit.label()
    }

    /// A target in the words of the column: "0.25", "accuracy 0.75 (error 0.25)".
    pub(crate) fn target(&self, error: f64) -> String {
        let text = self.unit.both(error);
        if self.unit.score_max.is_none() { text.trim_start_matches("error ").into() } else { text }
    }

    /// The lines above a table; none where nothing was assumed.
    pub(crate) fn lines(&self) -> Vec<String> {
        let assumed = (!self.assumed.is_empty()).then(|| format!("read: {}", self.assumed.join("; ")));
        assumed.into_iter().chain(self.doubt.iter().map(|doubt| format!("note: {doubt}"))).collect()
    }

    /// Refuses verdicts on values that can be no errors, unless `any` takes them as they are.
    pub(crate) fn verdicts(&self, any: bool) -> Result<(), Error> {
        match &self.doubt {
            Some(doubt) if !any => Err(Error::Option(format!("{doubt}; --any-target takes the values as they are"))),
            _ => Ok(()),
        }
    }
}
