//! The NIST StRD problems: data, starts, certified values.
use super::nist_json::Json;

/// A row of data: y, x1, x2 (0 where the problem has one regressor).
pub(crate) type Row = [f64; 3];

/// One problem as certified.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) name: String,
    pub(crate) data: Vec<Row>,
    /// The two starts.
    pub(crate) starts: [Vec<f64>; 2],
    pub(crate) certified: Vec<f64>,
    pub(crate) std_errors: Vec<f64>,
    /// Certified residual sum of squares.
    pub(crate) rss: f64,
}

/// All 27, from the copy of the data in the repository.
pub(crate) fn problems() -> Vec<Problem> {
    let text = include_str!("../data/nist_strd_nls.json");
    Json::parse(text).array().iter().map(problem).collect()
}

fn problem(json: &Json) -> Problem {
    let column = |name| json.key("params").array().iter().map(|p| p.key(name).number()).collect::<Vec<f64>>();
    let row = |r: &Json| {
        let mut row = [0.0; 3];
        for (slot, x) in row.iter_mut().zip(r.array()) {
            *slot = x.number();
        }
        row
    };
    Problem {
        name: json.key("name").text().to_owned(),
        data: json.key("data").array().iter().map(row).collect(),
        starts: [column("start1"), column("start2")],
        certified: column("certified"),
        std_errors: column("std_err"),
        rss: json.key("certified_rss").number(),
    }
}

/// Correct digits: log10 of the inverse relative error, at most 11 (what the certificates print).
#[allow(clippy::disallowed_methods, reason = "a score of a test, not a result")]
pub(crate) fn digits(computed: f64, certified: f64) -> f64 {
    (-((computed - certified) / certified).abs().log10()).clamp(0.0, 11.0)
}
