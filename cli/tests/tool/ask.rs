//! A file without a command: the whole answer.
use std::process::Command;

use serde_json::Value;

use crate::run::{directory, keys, run, run_with};

/// The shipped example and its columns.
pub(crate) const EXAMPLE: [&str; 5] =
    [concat!(env!("CARGO_MANIFEST_DIR"), "/data/example.csv"), "--n", "images", "--error", "error"];

fn with<'a>(first: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    first.iter().chain(&EXAMPLE).chain(more).copied().collect()
}

fn answers(more: &[&str]) -> Vec<Value> {
    let run = run(&with(&["ask", "--format", "json"], more));
    assert_eq!(run.code, 0, "{}", run.err);
    run.json()["answers"].as_array().expect("a list").clone()
}

fn plans(command: &str, list: &str, more: &[&str]) -> Vec<Value> {
    let run = run(&with(&[command, "--format", "json"], more));
    run.json()[list].as_array().expect("a list").clone()
}

/// The group of a record.
fn model(record: &Value) -> &str {
    record["group"]["model"].as_str().expect("a model")
}

#[test]
fn a_file_without_a_command_is_a_question() {
    let more = ["--by", "model", "--target", "0.25"];
    let (bare, named) = (run(&with(&[], &more)), run(&with(&["ask"], &more)));
    assert_eq!((bare.code, &bare.out), (0, &named.out), "{}", bare.err);
    let first = run(&["--target", "0.25", "--by", "model", EXAMPLE[0], "-n", "images", "-e", "error"]);
    assert_eq!((first.code, &first.out), (0, &named.out), "options first: {}", first.err);
    let short = run(&with(&[], &["-b", "model", "-t", "0.25"]));
    assert_eq!(short.out, named.out);
}

#[test]
fn numbers_are_those_of_plan_next_and_fit() {
    for more in [
        &["--by", "model", "--target", "0.25"][..],
        &["--by", "model", "--target", "0.3", "--budget", "100000", "--level", "0.8"],
        &["--by", "model", "--target", "0.2", "--basis", "forecast"],
        &["--by", "model", "--target", "0.25", "--method", "wald"],
        &["--by", "model", "--target", "0.25", "--residual", "linear", "--fixed-d", "10"],
    ] {
        let (asked, plans) = (answers(more), plans("plan", "plans", more));
        // `next` knows no other method.
        let of_next: Vec<&str> = more.iter().copied().filter(|arg| !["--method", "wald"].contains(arg)).collect();
        let next = self::plans("next", "groups", &of_next);
        assert!(asked.len() == 4 && plans.len() == 4 && next.len() == 4, "{more:?}");
        for (asked, (plan, next)) in asked.iter().zip(plans.iter().zip(&next)) {
            let (got, name) = (&asked["plan"], model(asked));
            assert_eq!(name, model(plan));
            for key in ["verdict", "n", "target", "basis", "basis_reason"] {
                assert_eq!(got[key], plan[key], "{name} {key} {more:?}");
            }
            assert_eq!(got["assured"], plan["assurance"], "{name} {more:?}");
            assert_eq!(asked["check"], plan["check"], "{name} {more:?}");
            assert_eq!(got["next"]["n"], next["n"], "{name} {more:?}");
            assert_eq!(got["next"]["needed"], !next["decided"].as_bool().expect("a bool"), "{name} {more:?}");
        }
    }
    let fits = plans("fit", "fits", &["--by", "model"]);
    for (asked, fit) in answers(&["--by", "model"]).iter().zip(&fits) {
        for name in ["d", "alpha", "c"] {
            assert_eq!(asked["parameters"][name]["estimate"], fit["law"][name], "{name}");
        }
        assert_eq!(asked["class"], fit["class"]);
    }
}

#[test]
fn json_has_one_record_for_each_group() {
    let more = ["--by", "model", "--target", "0.25", "--at", "1e5"];
    for asked in answers(&more) {
        let wanted = [
            "answer",
            "at",
            "at_basis",
            "check",
            "class",
            "determined",
            "group",
            "level",
            "n_max",
            "n_min",
            "parameters",
            "plan",
            "points",
            "rank",
        ];
        assert_eq!(keys(&asked), wanted);
        assert_eq!(
            keys(&asked["plan"]),
            ["assured", "basis", "basis_reason", "n", "next", "reason", "target", "verdict"]
        );
        let at = asked["at"].as_array().expect("a list");
        assert_eq!(at.len(), 1);
        let [lower, error, upper] = ["lower", "error", "upper"].map(|key| at[0][key].as_f64().expect("a number"));
        assert!(at[0]["n"] == 1e5 && lower < error && error < upper, "{at:?}");
    }
    let ranks: Vec<(u64, String)> =
        answers(&more).iter().map(|a| (a["rank"].as_u64().expect("a rank"), model(a).to_owned())).collect();
    // Reached, within reach, open, never: the verdicts of `plan` for the laws that the example was made of.
    let wanted = [(4, "resnet18"), (2, "resnet50"), (1, "convnext"), (3, "vit")].map(|(k, m)| (k, m.to_owned()));
    assert_eq!(ranks, wanted);
}

#[test]
fn sentence_is_the_first_line_and_says_what_a_person_would() {
    let first = |name: &str, more: &[&str]| {
        let run = run(&[&with(&[], more)[..], &["--where", name]].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        run.out.lines().next().unwrap_or_default().to_owned()
    };
    let of = |model: &str| first(&format!("model={model}"), &["--target", "0.25"]);
    let text = of("resnet50");
    assert!(
        text.starts_with("More synthetic data will reach 0.25: about 128k images, between 104k and 168k (95 %)."),
        "{text}"
    );
    assert!(text.ends_with("You have 64k."), "{text}");
    let text = of("convnext");
    assert!(text.starts_with("Yes, already: 0.25 takes about 11.8k images"), "{text}");
    let text = of("resnet18");
    assert!(text.starts_with("No: even endless images leave a gap of 0.2834 [0.2706, 0.2951], above 0.25"), "{text}");
    let text = of("vit");
    assert!(text.starts_with("Cannot tell yet: ") && text.contains("Measure at 512000 images next."), "{text}");
    let text = first("model=resnet50", &["--target", "0.25", "--budget", "100000"]);
    assert!(text.starts_with("No: 0.25 takes 104k images at least, and the budget is 100k"), "{text}");
    let text = first("model=resnet50", &[]);
    assert!(
        text.contains("at 128k") && text.contains("at 640k") && text.contains("endless images leave 0.2013"),
        "{text}"
    );
}

/// Runs on the example with these variables.
fn drawn(variables: &[(&str, &str)], more: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_syn2real"));
    for name in ["LC_ALL", "LC_CTYPE", "LANG", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    let output = command.envs(variables.iter().copied()).args(with(&[], more)).output().expect("it runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn plot_fits_eighty_columns_and_the_locale() {
    let more = ["--where", "model=resnet50", "--target", "0.25"];
    let plain = drawn(&[], &more);
    assert!(plain.is_ascii(), "no locale is ASCII: {plain}");
    assert!(plain.contains('o') && plain.contains("*") && plain.contains("---"), "{plain}");
    let unicode = drawn(&[("LANG", "C.UTF-8")], &more);
    assert!(unicode.contains('●') && unicode.contains('━') && !unicode.contains('\u{1b}'), "{unicode}");
    assert_eq!(unicode.matches('●').count(), 8 + 1, "eight measurements and the legend: {unicode}");
    // The plot is what stands between the axis above and the one below.
    for line in unicode.lines().filter(|line| line.contains(['│', '┤', '└'])) {
        assert!(line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
    }
    assert_eq!(drawn(&[("LC_ALL", "C"), ("LANG", "C.UTF-8")], &more), plain);
    let colours = |variables: &[(&str, &str)]| drawn(variables, &more).contains('\u{1b}');
    assert!(colours(&[("CLICOLOR_FORCE", "1")]), "colours were asked for");
    assert!(!colours(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), "NO_COLOR goes before all");
    assert!(!drawn(&[("LANG", "C.UTF-8")], &[&more[..], &["--no-plot"]].concat()).contains('●'));
}

#[test]
fn what_is_no_file_and_no_command_is_told_apart() {
    let alone = run(&[]);
    assert_eq!(alone.code, 2);
    assert!(alone.err.contains("syn2real FILE.csv") && alone.err.contains("Examples:"), "{}", alone.err);
    let typo = run(&["paln", "runs.csv", "--target", "0.25"]);
    assert_eq!(typo.code, 2);
    assert!(typo.err.contains("no file or command `paln`: did you mean `syn2real plan`?"), "{}", typo.err);
    let missing = run(&["nosuch.csv", "--target", "0.25"]);
    assert_eq!(missing.code, 2);
    assert!(
        missing.err.contains("there is no file nosuch.csv") && missing.err.contains("--target 0.25"),
        "{}",
        missing.err
    );
    let dir = directory("named_as_a_command");
    std::fs::copy(EXAMPLE[0], dir.join("fit")).expect("a copy");
    let output = Command::new(env!("CARGO_BIN_EXE_syn2real")).current_dir(&dir).args(["fit", "--nonsense"]).output();
    let output = output.expect("it runs");
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2));
    assert!(text.contains("`fit` is a command; for the file of that name write ./fit"), "{text}");
}

#[test]
fn scores_are_refused_and_flat_curves_are_said_to_be_flat() {
    let scores = "n,error\n1000,0.42\n2000,0.5\n4000,0.56\n8000,0.63\n16000,0.7\n";
    for more in [&[][..], &["--target", "0.8"]] {
        let args = [&["ask", "-", "--n", "n", "--error", "error"], more].concat();
        let run = run_with(&args, scores.as_bytes());
        assert_eq!(run.code, 2, "{}{}", run.out, run.err);
        assert!(run.err.contains("rise"), "{}", run.err);
    }
    let flat = "n,error\n1000,0.5\n2000,0.503\n4000,0.498\n8000,0.502\n16000,0.501\n32000,0.503\n";
    let run = run_with(&["ask", "-", "--n", "n", "--error", "error"], flat.as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.starts_with("No decrease is seen: the error is 0.5"), "{}", run.out);
}

/// A sigmoid with little noise is no law (1): with all options that the forecast does not have, nothing is foretold.
#[test]
fn what_no_law_describes_is_not_foretold() {
    let bent: String = (0..12)
        .map(|k| {
            let n = 1000.0 * 2.0_f64.powi(k);
            let error = 0.2 + 0.6 / (1.0 + (n / 4e4).powi(2)) * (1.0 + 1e-3 * f64::from((k * 5) % 7 - 3));
            format!("{n},{error}\n")
        })
        .collect();
    let args = ["ask", "-", "--n", "n", "--error", "error", "--residual", "linear"];
    let run = run_with(&args, format!("n,error\n{bent}").as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.starts_with("Cannot tell: ") && run.out.contains("law"), "{}", run.out);
}

/// A target is told in the units in which it was asked for.
#[test]
fn targets_of_scores_are_scores() {
    let scores: String = (0..8)
        .map(|k| {
            let n = 500.0 * 2.0_f64.powi(k);
            let error = (10.0 * n.powf(-0.45) + 0.2) * (1.0 + 3e-3 * f64::from((k * 5) % 7 - 3));
            format!("{n},{}\n", 1.0 - error)
        })
        .collect();
    let run = run_with(&["ask", "-", "-s", "acc", "-t", "0.75"], format!("images,acc\n{scores}").as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("More synthetic data will reach acc 0.75 (error 0.25): about "), "{}", run.out);
}

#[test]
fn many_groups_are_counted() {
    let mut csv = String::from("g,n,error\n");
    for group in 0..30 {
        for k in 0..7 {
            let n = 1000.0 * 2.0_f64.powi(k);
            let noise = 1.0 + 1e-3 * f64::from((group * 7 + k * 5) % 11 - 5);
            csv += &format!("g{group},{n},{}\n", (3.0 * n.powf(-0.5) + 0.2 + 0.003 * f64::from(group)) * noise);
        }
    }
    let run = run_with(&["ask", "-", "--n", "n", "--error", "error", "--by", "g", "-t", "0.25"], csv.as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.starts_with("0.25 with more samples, of 30 groups: "), "{}", run.out);
    assert!(run.out.contains("10 more groups: --format json has all"), "{}", run.out);
}

#[test]
fn report_is_the_page_of_plan_or_of_fit() {
    let dir = directory("ask_report");
    let dir = dir.to_str().expect("UTF-8");
    for (more, title) in [(&["-t", "0.25"][..], "Would more samples reach 0.25?"), (&[], "Would more samples help?")] {
        let run = run(&with(&[], &[&["-b", "model", "-o", dir], more].concat()));
        assert_eq!(run.code, 0, "{}", run.err);
        let page = std::fs::read_to_string(format!("{dir}/index.html")).expect("a page");
        assert!(page.contains(title) && page.contains("<svg"), "{more:?}");
    }
}
