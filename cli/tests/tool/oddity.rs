//! A slipped decimal point, values that rise again, a late fall: named with the line, whatever the command.
use serde_json::Value;

use crate::run::{Run, run_with};

/// Rows of a curve, from line 2 on.
fn rows(curve: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    // Off by a few parts in a thousand, so that there is a noise.
    let off = [1.0, -1.5, 0.5, 1.2, -0.8, -0.6, 1.4, -1.1, 0.4, 0.7];
    let n = |k: usize| (1e3 * 2f64.powf(0.75 * k as f64)).round();
    off.iter().enumerate().map(|(k, off)| (n(k), curve(n(k)) * (1.0 + 2e-3 * off))).collect()
}

fn csv(rows: &[(f64, f64)]) -> String {
    let lines: String = rows.iter().map(|(n, error)| format!("{n},{error:.4}\n")).collect();
    format!("images,err\n{lines}")
}

fn ask(command: &[&str], csv: &str, format: &str) -> Run {
    let args = [&command[..1], &["-", "--n", "images", "--error", "err", "--format", format], &command[1..]].concat();
    run_with(&args, csv.as_bytes())
}

const COMMANDS: [&[&str]; 4] = [&["fit"], &["plan", "--target", "0.3"], &["next", "--aim", "c"], &["ask", "--no-plot"]];

fn notes(json: &Value) -> Vec<String> {
    let notes = json["notes"].as_array().expect("notes");
    notes.iter().map(|note| note.as_str().expect("a sentence").to_owned()).collect()
}

#[test]
fn a_slipped_decimal_point_is_named_with_its_line() {
    let law = |n: f64| 3.0 * n.powf(-0.4) + 0.25;
    for (k, of_size) in [(0, false), (4, false), (9, false), (5, true)] {
        let mut rows = rows(law);
        let (name, wrong, meant) = if of_size {
            let meant = rows[k].0;
            rows[k].0 *= 10.0;
            ("images", rows[k].0.to_string(), meant.to_string())
        } else {
            let meant = format!("{:.4}", rows[k].1);
            rows[k].1 = meant.parse::<f64>().expect("a number") / 10.0;
            ("err", format!("{:.4}", rows[k].1), meant.trim_end_matches('0').to_owned())
        };
        // As many decimals as the others have: the tenth has been cut off.
        let text = csv(&rows);
        let line = format!("line {}: slipped decimal point: {name} ", k + 2);
        for command in COMMANDS {
            let json = ask(command, &text, "json").json();
            let found = notes(&json);
            assert!(
                found.iter().any(|note| note.starts_with(&line)),
                "{command:?}: {found:?}, not {line}{wrong} {meant}"
            );
            let table = ask(command, &text, "table");
            assert!(table.out.contains(&line), "{command:?}: {}", table.out);
        }
    }
}

#[test]
fn a_rise_and_a_late_fall_are_named_with_their_lines() {
    // A U: from line 6 on the errors rise by a tenth.
    let turned = csv(&rows(|n| {
        let turn = 8000.0_f64;
        (3.0 * n.min(turn).powf(-0.4) + 0.25) * (n.max(turn) / turn).powf(0.04)
    }));
    // The fall begins at line 6.
    let late = csv(&rows(|n| 0.2 + 20.0 * n.max(8000.0).powf(-0.5)));
    for command in COMMANDS {
        let found = notes(&ask(command, &turned, "json").json());
        // The size of least error, or one beside it.
        let near = |note: &String, what: &str| (5..=7).any(|line| note.starts_with(&format!("line {line}: {what}")));
        let is_named = |note: &String| near(note, "the values rise from images = ");
        assert!(found.iter().any(is_named), "{command:?}: {found:?}");
        let found = notes(&ask(command, &late, "json").json());
        let is_named = |note: &String| near(note, "the fall begins behind images = ");
        assert!(found.iter().any(is_named), "{command:?}: {found:?}");
    }
}

#[test]
fn the_group_stands_before_the_line() {
    let both = |wrong: bool| {
        let lines = |group: &str, wrong: bool| -> String {
            let mut rows = rows(|n| 3.0 * n.powf(-0.4) + 0.25);
            rows[3].1 *= if wrong { 10.0 } else { 1.0 };
            rows.iter().map(|(n, error)| format!("{group},{n},{error:.4}\n")).collect()
        };
        format!("g,images,err\n{}{}", lines("a", false), lines("b", wrong))
    };
    for command in [&["compare", "--by", "g"][..], &["fit", "--by", "g"]] {
        let found = notes(&ask(command, &both(true), "json").json());
        assert!(found.len() == 1 && found[0].starts_with("b: line 15: slipped decimal point: err "), "{found:?}");
        assert_eq!(notes(&ask(command, &both(false), "json").json()), Vec::<String>::new(), "{command:?}");
    }
}
