//! `extrapolate`: fitted to small n, scored on large n.
use crate::run::{distance, keys, rows, run, run_with};

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
        assert_eq!(keys(&json), ["errors", "groups"]);
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
