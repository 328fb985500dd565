//! The tables of docs/forecast.md are what the commands above them print.
use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::Value;

use crate::run::{Run, run};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/forecast.md");

/// Predictors in the order of the tables, and their headings.
const PREDICTORS: [(&str, &str); 7] = [
    ("power", "power"),
    ("law", "law (1)"),
    ("rectified", "rectified"),
    ("shifted", "shifted"),
    ("bent", "bent"),
    ("last_value", "last value"),
    ("best", "best"),
];

fn page() -> String {
    std::fs::read_to_string(PAGE).expect("docs/forecast.md")
}

/// Commands of the page in the section of this heading.
fn commands(page: &str, heading: &str) -> Vec<Vec<String>> {
    let section = page.split("\n## ").find(|section| section.starts_with(heading)).expect("the section");
    let lines = section.lines().filter_map(|line| line.strip_prefix("syn2real "));
    lines.map(|line| line.replace('\'', "").split_whitespace().map(String::from).collect()).collect()
}

/// Runs a command of the page, as JSON; its files are named from the root of the repository.
fn json(command: &[String]) -> Value {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    let of_root =
        |word: &String| if word.ends_with(".csv") { root.join(word).display().to_string() } else { word.clone() };
    let words: Vec<String> = command.iter().map(of_root).collect();
    let mut args: Vec<&str> = words.iter().map(String::as_str).collect();
    args.extend(["--format", "json"]);
    let run: Run = run(&args);
    assert_eq!(run.code, 0, "{command:?}: {}", run.err);
    run.json()
}

/// What the commands of the first section print.
fn benchmark() -> &'static [Value] {
    static RUNS: OnceLock<Vec<Value>> = OnceLock::new();
    let run = || commands(&page(), "Errors beyond the data").iter().map(|command| json(command)).collect();
    RUNS.get_or_init(run)
}

/// The kind of curves in words.
fn kind(mean: &Value) -> Option<&'static str> {
    let (_, value) = mean["group"].as_object()?.iter().next()?;
    Some(match value.as_str()? {
        "IC" => "ImageNet, few-shot",
        "NMT" => "translation",
        "LM" => "language models",
        "flan" => "fine-tuning, FLAN",
        "wmt19" => "fine-tuning, WMT19",
        "64k" => "the paper, 1k to 64k",
        "1280k" => "the paper, 20k to 1280k",
        _ => "others",
    })
}

/// The means by kind of several runs.
fn means(runs: &[Value]) -> Vec<(&'static str, Value)> {
    let all = runs.iter().flat_map(|run| run["means"].as_array().expect("means").clone());
    all.filter_map(|mean| Some((kind(&mean)?, mean))).collect()
}

/// Three significant digits.
fn three(x: &Value) -> String {
    let Some(x) = x.as_f64() else { return "-".into() };
    let digits = (2.0 - x.abs().log10().floor()).clamp(0.0, 9.0) as usize;
    format!("{x:.digits$}")
}

fn row(cells: impl IntoIterator<Item = String>) -> String {
    cells.into_iter().fold(String::from("|"), |row, cell| format!("{row} {cell} |")) + "\n"
}

fn head(names: &[&str]) -> String {
    let rule = names.iter().map(|_| "---".to_owned());
    row(names.iter().map(|name| (*name).to_owned())) + &row(rule)
}

/// The lowest error of a row is set in bold.
fn errors(runs: &[Value]) -> String {
    let names: Vec<&str> = ["curves"].into_iter().chain(PREDICTORS.map(|(_, heading)| heading)).collect();
    let mut text = head(&names);
    for (kind, mean) in means(runs) {
        let values = PREDICTORS.map(|(name, _)| mean["rmse_log"][name].clone());
        let least = values.iter().filter_map(Value::as_f64).fold(f64::INFINITY, f64::min);
        let cell = |(value, (name, _)): (&Value, &(&str, &str))| {
            let missing = mean["missing"][name].as_u64().map_or(String::new(), |count| format!(" (without {count})"));
            let text = three(value);
            if value.as_f64() == Some(least) { format!("**{text}**{missing}") } else { text + &missing }
        };
        let first = format!("{kind}, {}", mean["groups"]);
        text += &row([first].into_iter().chain(values.iter().zip(&PREDICTORS).map(cell)));
    }
    text
}

fn bands(runs: &[Value]) -> String {
    let names =
        ["curves", "rows up to 4 n_max", "inside", "width", "rows up to 16 n_max", "inside", "width", "L(n): inside"];
    let mut text = head(&names);
    let share = |x: &Value| x.as_f64().map_or("-".into(), |x| format!("{:.1} %", 100.0 * x));
    for (kind, mean) in means(runs) {
        for (bands, law) in [(&mean, "best"), (&mean["law_bands"], "law (1)")] {
            // Without --law-bands there are none of law (1).
            let Some(within) = bands["within"].as_array() else { continue };
            let cells = within.iter().flat_map(|within| {
                [within["points"].to_string(), share(&within["coverage"]["new"]), three(&within["width"]["new"])]
            });
            text +=
                &row([format!("{kind}, {law}")].into_iter().chain(cells).chain([share(&bands["coverage"]["mean"])]));
        }
    }
    text
}

/// The forecast without and with what the other curves of its kind make plausible.
fn with_others(runs: &[Value]) -> String {
    let names = ["curves", "last value", "best", "inside", "width", "with the others", "inside", "width"];
    let mut text = head(&names);
    let share = |x: &Value| x.as_f64().map_or("-".into(), |x| format!("{:.1} %", 100.0 * x));
    let [alone, others] = runs else { panic!("two commands") };
    for ((kind, alone), (_, others)) in
        means(std::slice::from_ref(alone)).iter().zip(means(std::slice::from_ref(others)))
    {
        let cells = [alone, &others].map(|mean| {
            [three(&mean["rmse_log"]["best"]), share(&mean["coverage"]["new"]), three(&mean["width"]["new"])]
        });
        let first = [format!("{kind}, {}", alone["groups"]), three(&alone["rmse_log"]["last_value"])];
        text += &row(first.into_iter().chain(cells.into_iter().flatten()));
    }
    text
}

/// Which laws the groups of a fit by `--law best` ask for.
fn evidence(fit: &Value) -> String {
    let summary = &fit["summary"];
    let groups = summary["groups"].as_u64().expect("a count");
    let mut text = head(&["law", "preferred", "mean weight"]);
    for (name, heading) in PREDICTORS.iter().filter(|(name, _)| !["last_value", "best"].contains(name)) {
        let name = if *name == "law" { "law1" } else { name };
        let preferred = summary["preferred"][name].as_u64().unwrap_or_default();
        let weight = summary["mean_weight"][name].as_f64().expect("a share");
        text += &row([(*heading).into(), format!("{preferred} of {groups}"), format!("{weight:.2}")]);
    }
    let count = |name: &str| summary[name].as_u64().expect("a count");
    format!(
        "{text}\nNo law is preferred in {} of {groups}. Law (1) is refused (p < .01) in {} of the {} that can test it.\n",
        count("undecided"),
        count("refuse_law1"),
        count("tested")
    )
}

/// Puts the table between its marks, or tells whether it stands there.
fn keep(name: &str, table: &str) {
    let page = page();
    let start = format!("<!-- {name} -->\n");
    let at = page.find(&start).unwrap_or_else(|| panic!("no mark {name:?} in docs/forecast.md")) + start.len();
    let length = page[at..].find("<!-- end -->").expect("the end of a table");
    if std::env::var_os("SYN2REAL_BLESS").is_some() {
        std::fs::write(PAGE, format!("{}{table}{}", &page[..at], &page[at + length..])).expect("docs/forecast.md");
        return;
    }
    assert_eq!(&page[at..at + length], table, "docs/forecast.md is stale: run scripts/forecast.sh");
}

/// One test, because all of it may be written.
#[test]
fn the_tables_of_the_page_are_what_its_commands_print() {
    let runs = benchmark();
    assert_eq!(means(runs).len(), 5, "kinds of curves");
    keep("errors", &errors(runs));
    keep("bands", &bands(runs));
    let untrained: Vec<Value> = commands(&page(), "Rows with n = 0").iter().map(|command| json(command)).collect();
    keep("untrained", &errors(&untrained));
    let others: Vec<Value> =
        commands(&page(), "A prior from other curves").iter().map(|command| json(command)).collect();
    keep("others", &with_others(&others[..2]));
    keep("four points", &with_others(&others[2..]));
    let calibrated: Vec<Value> =
        commands(&page(), "Bands from other curves").iter().map(|command| json(command)).collect();
    keep("calibrated", &bands(&calibrated));
    let paper: Vec<Value> = commands(&page(), "The paper's curves").iter().map(|command| json(command)).collect();
    let [fit, extrapolated @ ..] = paper.as_slice() else { panic!("no commands") };
    for (kind, mean) in means(extrapolated) {
        let of = |name: &str| mean["rmse_log"][name].as_f64().expect("a number");
        for name in ["rectified", "shifted", "bent", "best"] {
            assert!(of("law") < of(name), "{kind}: the page says that law (1) is better than {name}");
        }
    }
    keep("evidence", &evidence(fit));
    keep("paper", &errors(extrapolated));
    keep("paper bands", &bands(extrapolated));
}

/// The forecast does not know which kind of curves it sees, and is to be as good as what is best for each: as every law and
/// the last value in the same table, and, to the digits given, as the numbers that were set before it was made.
#[test]
fn the_forecast_is_as_good_as_the_best_single_law_of_each_kind() {
    let wanted = [(0.039, 3), (0.0008, 4), (0.009, 3), (0.045, 3), (0.050, 3)];
    for ((kind, mean), (wanted, digits)) in means(benchmark()).iter().zip(wanted) {
        let of = |name: &str| mean["rmse_log"][name].as_f64().expect("a number");
        let best = of("best");
        for (name, _) in PREDICTORS {
            assert!(best <= of(name), "{kind}: best {best}, {name} {}", of(name));
        }
        let rounded = (best * 10_f64.powi(digits)).round() / 10_f64.powi(digits);
        assert!(rounded <= wanted, "{kind}: {best}");
        let new = mean["within"][0]["coverage"]["new"].as_f64().expect("a share");
        assert!(new >= 0.9, "{kind}: {new} of the rows within four times the largest size are in the band");
    }
}
