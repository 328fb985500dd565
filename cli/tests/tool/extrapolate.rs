//! `extrapolate`: fitted to small n, scored on large n.
use crate::run::{directory, distance, keys, results, rows, run, run_with};

const MEASUREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/finetune_final.csv");

/// The window of figure 5: 1k to 32k of the 64k series, 80k to 1280k of the 1280k series.
#[test]
fn figure_5_to_the_digits_given() {
    let mut args = vec!["extrapolate", MEASUREMENTS, "--n", "n", "--error", "err_last", "--by", "model"];
    let filters = ["pdata=bop", "ptask=objdet", "ftask=objdet", "fratio=1", "n>0", "n!=64000", "n!=20000", "n!=40000"];
    args.extend(filters.iter().chain(&["model!=r18", "model!=r34"]).flat_map(|filter| ["--where", filter]));
    args.extend(["--train-max", "32000", "--format", "json"]);
    let scores = |more: &[&str]| {
        let run = run(&[&args[..], more].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        let json = run.json();
        assert_eq!(results(&json), ["errors", "groups"]);
        assert_eq!(json["errors"].as_array().map(Vec::len), Some(0));
        json["groups"].as_array().expect("groups").clone()
    };
    for (more, wanted) in [
        (&["--fixed-d", "0.48"][..], [("r50", 0.0016, 0.0094), ("r101", 0.0018, 0.0116), ("r152", 0.0035, 0.0093)]),
        (&[], [("r50", 0.0011, 0.0094), ("r101", 0.0018, 0.0116), ("r152", 0.0034, 0.0093)]),
    ] {
        let groups = scores(more);
        for (model, law, power) in wanted {
            let group = groups.iter().find(|g| g["group"]["model"] == model).expect("the model");
            assert_eq!(keys(group), ["group", "rmse", "rmse_log", "test_points", "train_points"]);
            assert_eq!((group["train_points"].as_u64(), group["test_points"].as_u64()), (Some(6), Some(5)));
            assert_eq!(keys(&group["rmse"]), ["last_value", "law", "power"]);
            for (name, wanted) in [("law", law), ("power", power)] {
                let value = group["rmse"][name].as_f64().expect("a number");
                assert!((value - wanted).abs() <= 5e-5, "{model} {name}: {value}");
            }
        }
    }
}

#[test]
fn an_exact_curve_is_foretold() {
    let args = ["extrapolate", "-", "--n", "n", "--error", "error", "--train-max", "16000"];
    let csv = format!("n,error\n{}", rows(""));
    let json = run_with(&[&args[..], &["--format", "json"]].concat(), csv.as_bytes()).json();
    let group = &json["groups"][0];
    assert!(group["rmse"]["law"].as_f64().expect("a number") < 1e-10, "{group}");
    // The last value is that of n = 16000; the others are those of 32000 and 64000.
    let law = |n: f64| 3.0 * n.powf(-0.5) + 0.25;
    let wanted = ((law(32e3) - law(16e3)).powi(2) / 2.0 + (law(64e3) - law(16e3)).powi(2) / 2.0).sqrt();
    // Printed to 17 digits and subtracted: errors of 1e-16 in differences of 1e-2.
    assert!(distance(&group["rmse"]["last_value"], wanted) < 1e-12, "{group}");
    let rows = run_with(&[&args[..], &["--format", "csv"]].concat(), csv.as_bytes());
    assert!(rows.out.starts_with("train_points,test_points,rmse_law,rmse_power,rmse_last_value"), "{}", rows.out);
    let text = run_with(&args, csv.as_bytes());
    assert!(text.out.contains("fitted: n <= 16000") && text.out.contains("log residual"), "{}", text.out);
}

#[test]
fn nothing_to_score_fails_the_group_only() {
    let csv = format!("g,n,error\n{}b,1000,0.5\nb,2000,0.4\nb,4000,0.3\n", rows("a,"));
    let args = ["extrapolate", "-", "--n", "n", "--error", "error", "--by", "g", "--train-max", "16000"];
    let run = run_with(&[&args[..], &["--format", "json"]].concat(), csv.as_bytes());
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(run.json()["groups"].as_array().map(Vec::len), Some(1));
    assert!(run.errors()[0].1.contains("scored"), "{:?}", run.errors());
    for size in ["-1", "0", "nan"] {
        let run = run_with(&["extrapolate", "-", "--n", "n", "--error", "error", "--train-max", size], csv.as_bytes());
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{size}");
        assert!(run.err.contains("above 0"), "{size}: {}", run.err);
    }
    assert_eq!(run_with(&args[..8], csv.as_bytes()).code, 2, "--train-max is needed");
}

const FINE_TUNING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/ft_learning_curves.csv");

/// The predictors of `--law all`.
const ALL: [&str; 7] = ["bent", "best", "last_value", "law", "power", "rectified", "shifted"];

#[test]
fn all_laws_are_scored_on_the_rows_that_a_column_holds_out() {
    let args = ["extrapolate", FINE_TUNING, "--n", "n", "--error", "loss", "--by", "task,model", "--law", "all"];
    let whole = [&args[..], &["--train-where", "is_train=1", "--mean-by", "task", "--format", "json"]].concat();
    let run = run(&whole);
    assert_eq!(run.code, 0, "{}", run.err);
    let json = run.json();
    assert_eq!(results(&json), ["errors", "groups", "means"]);
    let groups = json["groups"].as_array().expect("groups");
    assert_eq!(groups.len(), 60);
    for group in groups {
        assert_eq!((&group["train_points"], &group["test_points"]), (&11.into(), &4.into()));
        assert_eq!((keys(&group["rmse"]), keys(&group["rmse_log"])), (ALL.to_vec(), ALL.to_vec()));
        assert_eq!((keys(&group["coverage"]), keys(&group["width"])), (vec!["mean", "new"], vec!["mean", "new"]));
        // All of these curves have a row of n = 0.
        assert!(group["notes"][0].as_str().is_some_and(|note| note.ends_with("power, law1, best")), "{group}");
    }
    let means = json["means"].as_array().expect("means");
    let of: Vec<_> = means.iter().map(|mean| (mean["group"]["task"].as_str(), mean["groups"].as_u64())).collect();
    assert_eq!(of, [(Some("flan"), Some(30)), (Some("wmt19"), Some(30)), (None, Some(60))]);
    for (mean, task) in means.iter().zip(["flan", "wmt19", ""]) {
        for name in ALL {
            let of_task = groups.iter().filter(|group| task.is_empty() || group["group"]["task"] == task);
            let values: Vec<f64> = of_task.filter_map(|group| group["rmse_log"][name].as_f64()).collect();
            let wanted = values.iter().sum::<f64>() / values.len() as f64;
            // Both sum the same numbers, in the same order.
            assert!(distance(&mean["rmse_log"][name], wanted) < 1e-15, "{task} {name}");
        }
    }
    // Half of the four sizes that are scored lie within four times the largest fitted, all within sixteen times; the shares
    // of a mean are those of all rows of its groups.
    let pooled = |mean: &serde_json::Value| -> Vec<u64> {
        mean["within"].as_array().expect("two").iter().filter_map(|within| within["points"].as_u64()).collect()
    };
    assert_eq!(means.iter().map(pooled).collect::<Vec<_>>(), [[60, 120], [60, 120], [120, 240]]);
    let shares = groups.iter().filter_map(|group| group["coverage"]["new"].as_f64());
    assert!(distance(&means[2]["coverage"]["new"], shares.sum::<f64>() / 60.0) < 1e-12, "{}", means[2]);
    // What scipy found from several starts on these rows, to the digits given.
    let flan = &means[0]["rmse_log"];
    for (name, wanted) in [("power", 0.1101), ("law", 0.1105), ("last_value", 0.1984)] {
        assert!((flan[name].as_f64().expect("a number") - wanted).abs() <= 5e-5, "{name}: {flan}");
    }
}

#[test]
fn sizes_split_as_a_column_does() {
    let of = |more: &[&str]| {
        let args =
            ["extrapolate", FINE_TUNING, "--n", "n", "--error", "loss", "--by", "task,model", "--format", "json"];
        let run = run(&[&args[..], &["--law", "shifted"], more].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        run.json()
    };
    let by_column = of(&["--train-where", "is_train=1"]);
    assert_eq!(by_column["groups"], of(&["--train-max", "102400"])["groups"]);
    assert_eq!(keys(&by_column["groups"][0]["rmse"]), ["last_value", "shifted"]);
    // Far sizes alone: two of the four.
    let far = of(&["--train-max", "102400", "--test-min", "800000"]);
    assert_eq!(far["groups"][0]["test_points"], 2);
    assert_ne!(far["groups"][0]["rmse"], by_column["groups"][0]["rmse"]);
    let near = of(&["--train-max", "102400", "--test-max", "500000"]);
    assert_eq!(near["groups"][0]["test_points"], 2);
    assert_ne!(near["groups"][0]["rmse"], far["groups"][0]["rmse"]);
}

#[test]
fn a_law_that_cannot_be_fitted_is_null_and_a_note_says_why() {
    let csv = format!("n,error\n{}", rows(""));
    let args = ["extrapolate", "-", "--n", "n", "--error", "error", "--train-max", "8000", "--format", "json"];
    let json = run_with(&[&args[..], &["--law", "all"]].concat(), csv.as_bytes()).json();
    let group = &json["groups"][0];
    assert!(group["rmse_log"]["bent"].is_null() && group["rmse_log"]["rectified"].is_f64(), "{group}");
    assert!(group["notes"][0].as_str().is_some_and(|note| note.contains("at least 5 distinct n")), "{group}");
    assert_eq!(json["means"][0]["missing"], serde_json::json!({ "bent": 1 }));
    // Asked for alone, it fails the group.
    let run = run_with(&[&args[..], &["--law", "bent"]].concat(), csv.as_bytes());
    assert_eq!(run.code, 1, "{}", run.out);
    assert!(run.errors()[0].1.contains("at least 5 distinct n"), "{:?}", run.errors());
}

#[test]
fn wrong_windows_are_refused() {
    let csv = format!("g,n,error\n{}", rows("a,"));
    let args = ["extrapolate", "-", "--n", "n", "--error", "error"];
    let cases: [(&[&str], &str); 6] = [
        (&[], "--train-max"),
        (&["--train-max", "8000", "--train-where", "g=a"], "cannot be used with"),
        (&["--train-where", "h=1"], "no column \"h\""),
        (&["--train-max", "8000", "--mean-by", "g"], "--by"),
        (&["--train-max", "8000", "--test-min", "9", "--test-max", "8"], "--test-max"),
        (&["--train-max", "8000", "--law", "all", "--fixed-d", "1"], "has no D"),
    ];
    for (more, part) in cases {
        let run = run_with(&[&args[..], more].concat(), csv.as_bytes());
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{more:?}");
        assert!(run.err.contains(part), "{more:?}: {}", run.err);
    }
    for least in ["-5", "nan"] {
        let run = run_with(&[&args[..], &["--train-max", "8000", "--test-min", least]].concat(), csv.as_bytes());
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{least}");
        assert!(run.err.starts_with("error: --test-min: ") && run.err.contains("is no size"), "{}", run.err);
    }
    for more in [&["--train-where", "g=a"][..], &["--train-max", "8000", "--test-min", "1e9"]] {
        let run = run_with(&[&args[..], more, &["--format", "json"]].concat(), csv.as_bytes());
        assert_eq!(run.code, 1, "{more:?}");
        assert!(run.errors()[0].1.contains("--test-min"), "{more:?}: {:?}", run.errors());
    }
}

#[test]
fn a_held_out_row_that_cannot_be_used_fails_its_group() {
    let csv = format!("n,error\n{}", rows("")).replace("64000,0.", "64000,-0.");
    for law in ["law1", "all"] {
        let args = ["extrapolate", "-", "--n", "n", "--error", "error", "--train-max", "16000", "--law", law];
        let run = run_with(&[&args[..], &["--format", "json"]].concat(), csv.as_bytes());
        assert_eq!(run.code, 1, "{}", run.out);
        assert!(run.errors()[0].1.starts_with("line 8, column \"error\""), "{:?}", run.errors());
    }
}

#[test]
fn the_page_has_the_tables_and_a_figure_for_each_group() {
    let dir = directory("extrapolate_all");
    let path = dir.to_str().expect("UTF-8");
    let csv = format!("g,n,error\n{}{}", rows("a,"), rows("b,"));
    let args = ["extrapolate", "-", "--n", "n", "--error", "error", "--by", "g", "--train-max", "16000"];
    let run = run_with(&[&args[..], &["--law", "all", "--report", path]].concat(), csv.as_bytes());
    assert_eq!(run.code, 0, "{}", run.err);
    let page = std::fs::read_to_string(dir.join("index.html")).expect("a page");
    assert_eq!(page.matches("role=\"img\"").count(), 2);
    for part in ["rectified", "shifted", "bent", "fitted up to here", "mean rmse log", "95 % band"] {
        assert!(page.contains(part), "{part} is missing");
    }
    assert!(!page.contains("NaN"), "a number is none");
}

#[test]
fn the_forecast_is_of_ln_error_with_all_parameters_free() {
    let csv = format!("n,error\n{}", rows(""));
    let args = ["extrapolate", "-", "--n", "n", "--error", "error", "--train-max", "16000", "--format", "json"];
    let best = run_with(&[&args[..], &["--law", "best"]].concat(), csv.as_bytes()).json();
    assert_eq!(keys(&best["groups"][0]["rmse_log"]), ["best", "last_value"]);
    for option in [&["--residual", "linear"][..], &["--loss", "huber"], &["--fixed-c", "0.1"], &["--alpha", "0.1,1"]] {
        let alone = run_with(&[&args[..], &["--law", "best"], option].concat(), csv.as_bytes());
        assert_eq!((alone.code, alone.out.as_str()), (2, ""), "{option:?}");
        assert!(alone.err.contains(option[0]), "{}", alone.err);
        // Among all laws it is left out, and a note says why.
        let all = run_with(&[&args[..], &["--law", "all"], option].concat(), csv.as_bytes()).json();
        let group = &all["groups"][0];
        assert!(group["rmse_log"]["best"].is_null() && group["rmse_log"]["rectified"].is_f64(), "{group}");
        assert!(group["notes"].to_string().contains(option[0]), "{group}");
    }
}

#[test]
fn a_csv_has_the_bands_of_the_forecast() {
    let csv = format!("n,error\n{}", rows(""));
    for (law, has_bands) in [("best", true), ("all", true), ("law1", false)] {
        let ask = |format: &str| {
            let args = ["extrapolate", "-", "--n", "n", "--error", "error", "--train-max", "16000", "--law", law];
            run_with(&[&args[..], &["--format", format]].concat(), csv.as_bytes())
        };
        let text = ask("csv").out;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().expect("a header").clone();
        let row = reader.records().next().expect("a row").expect("a row of that width");
        let cell = |name: &str| header.iter().position(|column| column == name).map(|k| row[k].to_owned());
        let group = ask("json").json()["groups"][0].clone();
        for (kind, of) in [("coverage", "mean"), ("coverage", "new"), ("width", "mean"), ("width", "new")] {
            let wanted = has_bands.then(|| group[kind][of].as_f64().expect("a number"));
            let printed = cell(&format!("{kind}_{of}")).map(|cell| cell.parse::<f64>().expect("a number"));
            assert_eq!(printed, wanted, "{law} {kind} {of}");
        }
    }
}

#[test]
fn the_last_line_says_what_the_forecast_used() {
    let csv = format!("n,error\n{}", rows(""));
    let said = |law: &str, more: &[&str]| {
        let args = ["extrapolate", "-", "--n", "n", "--error", "error", "--train-max", "16000", "--law", law];
        let out = run_with(&[&args[..], more].concat(), csv.as_bytes()).out;
        ["square loss", "bands of its own"].map(|part| out.contains(part))
    };
    assert_eq!(said("law1", &[]), [true, false]);
    assert_eq!(said("best", &[]), [false, true]);
    assert_eq!(said("all", &[]), [true, true]);
    assert_eq!(said("all", &["--fixed-c", "0.1"]), [true, false]);
}
