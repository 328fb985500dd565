//! `full`: the law over both sizes.
use serde_json::Value;

use crate::run::{distance, keys, results, run, run_with};

const GRID: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/grid_n_s_r50_mulclass_imagenet.csv");

/// The 42 points of Appendix C.2; s in percent, so that only delta depends on how many images a percent has.
const C2: [&str; 17] = [
    "full",
    GRID,
    "--n",
    "n",
    "--s",
    "fratio",
    "--error",
    "err_last",
    "--where",
    "n>0",
    "--where",
    "fratio!=1",
    "--where",
    "fratio!=10",
    "--where",
    "fratio!=100",
    "--format=json",
];

const NAMES: [&str; 6] = ["alpha", "beta", "delta", "e", "gamma", "n0"];

/// The global optima as an independent dense search found them (`full_law_reference.csv` of the library's tests).
#[test]
fn appendix_c2_is_reproduced_in_both_residual_spaces() {
    for (residual, alpha, beta, gamma, cost) in [
        ("linear", 0.54306748501513, 0.31874905624708, 0.48203354094767, 0.00147363501791299),
        ("log", 0.26592790118192, 0.3223576370181, 4.7617435302419, 0.004664179466356327),
    ] {
        let run = run(&[&C2[..], &["--residual", residual]].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        let json = run.json();
        assert_eq!(results(&json), ["class", "comparison", "cost", "errors", "law", "points", "std_errors"]);
        assert_eq!(json["errors"].as_array().map(Vec::len), Some(0));
        assert_eq!((keys(&json["law"]), keys(&json["std_errors"])), (NAMES.to_vec(), NAMES.to_vec()));
        assert_eq!((json["class"].as_str(), json["points"].as_u64()), (Some("interior"), Some(42)));
        for (name, wanted) in [("alpha", alpha), ("beta", beta), ("gamma", gamma)] {
            assert!(distance(&json["law"][name], wanted) < 1e-5, "{residual} {name}: {}", json["law"]);
        }
        assert!(json["cost"].as_f64().expect("a cost") <= cost * (1.0 + 1e-9), "{}", json["cost"]);
        assert_eq!((&json["law"]["n0"], &json["std_errors"]["n0"]), (&Value::from(0.0), &Value::Null));
        let laws: Vec<&str> =
            json["comparison"].as_array().expect("laws").iter().filter_map(|c| c["law"].as_str()).collect();
        assert_eq!(laws, ["full", "additive", "power"]);
        assert_eq!(keys(&json["comparison"][0]), ["aicc", "holdout_rmse", "law"]);
    }
}

#[test]
fn rows_without_pretraining_need_n0() {
    let args = ["full", GRID, "--n", "n", "--s", "s_images", "--error", "err_last", "--format", "json"];
    let refused = run(&args);
    assert_eq!(refused.code, 1);
    let (_, error) = refused.errors().remove(0);
    assert!(error.contains("line 2, column \"n\"") && error.contains("--n0 free"), "{error}");
    assert_eq!(
        results(&refused.json()),
        ["class", "comparison", "cost", "errors", "law", "points", "std_errors"],
        "the same shape as with a fit"
    );
    assert_eq!((&refused.json()["law"], &refused.json()["class"]), (&Value::Null, &Value::Null));
    let fitted = run(&[&args[..], &["--n0", "free", "--e", "0"]].concat());
    assert_eq!(fitted.code, 0, "{}", fitted.err);
    assert!(fitted.json()["law"]["n0"].as_f64().expect("a number") > 0.0);
    assert_eq!(fitted.json()["points"], 72);
}

#[test]
fn one_size_only_names_the_parameter() {
    let csv = "n,s,err\n1000,50,0.5\n2000,50,0.4\n4000,50,0.35\n8000,50,0.32\n16000,50,0.31\n";
    let args = ["full", "-", "--n", "n", "--s", "s", "--error", "err", "--format", "json"];
    let run = run_with(&args, csv.as_bytes());
    assert_eq!(run.code, 1);
    assert!(run.errors()[0].1.contains("beta"), "{:?}", run.errors());
}

#[test]
fn bad_s_names_line_and_column() {
    let csv = "n,s,err\n1000,50,0.5\n2000,-3,0.4\n4000,70,0.35\n";
    let run = run_with(&["full", "-", "--n", "n", "--s", "s", "--error", "err", "--format", "json"], csv.as_bytes());
    assert_eq!(run.code, 1);
    let (_, error) = run.errors().remove(0);
    assert!(error.contains("line 3, column \"s\"") && error.contains("--where 's>0'"), "{error}");
}

#[test]
fn groups_and_formats() {
    let csv: String = (0..2)
        .flat_map(|g| (0..16).map(move |k| (g, [1e3, 4e3, 16e3, 64e3][k % 4], [1e4, 4e4, 16e4, 64e4][k / 4])))
        .map(|(g, n, s): (i32, f64, f64)| {
            let wobble = if (n as i64 + s as i64) % 7 < 3 { 1.001 } else { 0.999 };
            format!("{g},{n},{s},{}\n", wobble * 40.0 * (0.5 + n.powf(-0.5)) * s.powf(-0.3))
        })
        .collect();
    let csv = format!("g,n,s,err\n{csv}");
    let args = ["full", "-", "--n", "n", "--s", "s", "--error", "err", "--by", "g"];
    let json = run_with(&[&args[..], &["--format", "json"]].concat(), csv.as_bytes());
    assert_eq!((json.code, json.fits().len()), (0, 2), "{}", json.err);
    assert_eq!(json.fits()[1]["group"]["g"], "1");
    let rows = run_with(&[&args[..], &["--format", "csv"]].concat(), csv.as_bytes());
    assert_eq!(rows.out.lines().count(), 3);
    assert!(rows.out.starts_with("g,points,excluded,delta,gamma,alpha,beta,n0,e,se_delta"), "{}", rows.out);
    let text = run_with(&args, csv.as_bytes());
    assert!(text.out.contains("mean residual") && text.out.contains("AICc") && text.out.contains("log residual"));
}

#[test]
fn wrong_arguments_exit_with_2() {
    let args = ["full", GRID, "--n", "n", "--s", "s_images", "--error", "err_last"];
    for more in [&["--n0", "many"][..], &["--e=-1"], &["--alpha", "2,1"], &["--beta=-1,2"]] {
        let run = run(&[&args[..], more].concat());
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{more:?}: {}", run.err);
    }
    let run = run(&["full", GRID, "--n", "n", "--s", "size", "--error", "err_last"]);
    assert!(run.code == 2 && run.err.contains("no column \"size\""), "{}", run.err);
}

/// A free E at 0 is at the natural end of its domain, not on a bound that anybody set.
#[test]
fn no_irreducible_error_is_no_bound() {
    let csv: String = (0..16)
        .map(|k| ([1e3, 4e3, 16e3, 64e3][k % 4], [1e4, 4e4, 16e4, 64e4][k / 4]))
        .map(|(n, s): (f64, f64)| {
            // Steeper at large s than any law with E > 0.
            let bend = (-0.01 * (s / 1e4).ln().powi(2)).exp();
            format!("{n},{s},{}\n", bend * 40.0 * (0.5 + n.powf(-0.5)) * s.powf(-0.3))
        })
        .collect();
    let args = ["full", "-", "--n", "n", "--s", "s", "--error", "err", "--e", "free", "--format", "json"];
    let json = run_with(&args, format!("n,s,err\n{csv}").as_bytes()).json();
    assert_eq!((json["class"].as_str(), json["law"]["e"].as_f64()), (Some("no_offset"), Some(0.0)), "{json}");
    assert!(json.get("bound").is_none());
    let bounded = run(&[&C2[..], &["--beta", "0.4,1"]].concat()).json();
    assert_eq!(bounded["class"], "at_bound");
    assert_eq!(bounded["bound"], serde_json::json!({"parameter": "beta", "side": "lower"}));
}

/// All 72 rows of the authors: with those at n = 0 the full law needs n0, which the rectified law does as well (AICc within
/// .1), and a free sharpness does not pay for itself (2.4 for a parameter more). Without `--bends` nothing is added.
#[test]
fn bends_are_compared_where_asked_for() {
    let args = ["full", GRID, "--n", "n", "--s", "s_images", "--error", "err_last", "--n0", "free", "--bends"];
    let json = run(&[&args[..], &["--format=json"]].concat());
    assert_eq!(json.code, 0, "{}", json.err);
    let json = json.json();
    let laws: Vec<(&str, Option<f64>)> = json["comparison"]
        .as_array()
        .expect("laws")
        .iter()
        .map(|c| (c["law"].as_str().expect("a name"), c["aicc"].as_f64()))
        .collect();
    let names: Vec<&str> = laws.iter().map(|law| law.0).collect();
    assert_eq!(names, ["full", "additive", "power", "shifted", "rectified", "bent"]);
    let aicc = |k: usize| laws[k].1.expect("a fit");
    assert_eq!(laws[1].1, None, "the additive law is infinite at n = 0");
    assert!((aicc(0) - aicc(3)).abs() < 1e-6, "shifted is the full law with n0: {laws:?}");
    assert!((aicc(4) - aicc(3)).abs() < 0.1 && aicc(5) - aicc(3) > 2.0, "{laws:?}");
    let csv = run(&[&args[..], &["--format=csv"]].concat());
    let header = csv.out.lines().next().expect("a header");
    assert!(header.contains("aicc_rectified") && header.ends_with("holdout_rmse_bent,error"), "{header}");
}
