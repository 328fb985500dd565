//! The authors' measurements and the reference optima, from `tests/data`.
use std::collections::HashMap;

/// A table: one map of column to text for each row.
pub fn table(text: &str) -> Vec<HashMap<String, String>> {
    let mut lines = text.lines();
    let header = fields(lines.next().expect("a header line"));
    lines
        .filter(|line| !line.is_empty())
        .map(|line| {
            let row = fields(line);
            assert_eq!(row.len(), header.len(), "ragged row: {line}");
            header.iter().cloned().zip(row).collect()
        })
        .collect()
}

/// Fields of a line; double quotes protect commas.
fn fields(line: &str) -> Vec<String> {
    let (mut all, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for ch in line.chars() {
        match ch {
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(std::mem::take(&mut field)),
            _ => field.push(ch),
        }
    }
    all.push(field);
    all
}

/// A number in a column.
pub fn number(row: &HashMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("column {column} holds {:?}", row[column]))
}

/// The curves of `finetune_final.csv` by id (pdata_pscale_model_ptask_ftask_fdata_sFRATIO): (n, err_last), without the
/// rows without pre-training (n = 0).
pub fn curves() -> HashMap<String, Vec<(f64, f64)>> {
    let mut all: HashMap<String, Vec<(f64, f64)>> = HashMap::new();
    for row in table(include_str!("../data/finetune_final.csv")) {
        let n = number(&row, "n");
        if n > 0.0 {
            let key = ["pdata", "pscale", "model", "ptask", "ftask", "fdata"].map(|c| row[c].as_str()).join("_");
            all.entry(format!("{key}_s{}", row["fratio"])).or_default().push((n, number(&row, "err_last")));
        }
    }
    all
}

/// One row of `law1_reference.csv`: free D, domain D >= 0, C >= 0, alpha in [0, 10].
pub struct Free {
    pub id: String,
    pub log: bool,
    pub points: Vec<(f64, f64)>,
    pub cost: f64,
    pub rms: f64,
    pub d: f64,
    pub alpha: f64,
    pub c: f64,
    pub class: String,
    /// What may be compared: all, or a list of columns.
    pub compare: String,
}

/// The 114 fits with D free.
pub fn free_fits() -> Vec<Free> {
    let curves = curves();
    table(include_str!("../data/law1_reference.csv"))
        .iter()
        .map(|row| Free {
            id: row["curve_id"].clone(),
            log: row["residual"] == "log",
            points: curves[&row["curve_id"]].clone(),
            cost: number(row, "cost"),
            rms: number(row, "rms"),
            d: number(row, "d"),
            alpha: number(row, "alpha"),
            c: number(row, "c"),
            class: row["class"].clone(),
            compare: row["compare"].clone(),
        })
        .collect()
}

/// One row of `fixed_d_reference.csv`: D = 0.48, alpha in [0.1, 1.5], C in [0, 1], the 64k series at 1 %.
pub struct FixedD {
    pub id: String,
    pub log: bool,
    pub points: Vec<(f64, f64)>,
    pub cost: f64,
    pub alpha: f64,
    pub c: f64,
    pub class: String,
    pub se_alpha: Option<f64>,
    pub se_c: Option<f64>,
    /// Standard error of C with alpha held at its bound, 6 degrees of freedom.
    pub se_c_alpha_held: Option<f64>,
}

/// The 58 fits with D = 0.48.
pub fn fixed_d_fits() -> Vec<FixedD> {
    let curves = curves();
    table(include_str!("../data/fixed_d_reference.csv"))
        .iter()
        .map(|row| {
            let [model, ptask, pdata, ftask, fdata] =
                ["model", "ptask", "pdata", "ftask", "fdata"].map(|c| row[c].as_str());
            let id = format!("{pdata}_64k_{model}_{ptask}_{ftask}_{fdata}_s1");
            let optional = |c: &str| (!row[c].is_empty()).then(|| number(row, c));
            FixedD {
                log: row["residual"] == "log",
                points: curves[&id].clone(),
                id,
                cost: number(row, "cost"),
                alpha: number(row, "alpha"),
                c: number(row, "c"),
                class: row["class"].clone(),
                se_alpha: optional("se_alpha"),
                se_c: optional("se_c"),
                se_c_alpha_held: optional("se_c_alpha_held_dof6"),
            }
        })
        .collect()
}
