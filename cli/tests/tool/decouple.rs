//! `decouple`: the iteration of medians and its fixed point.
use crate::run::{Run, distance, keys, results, rows, run, run_with};

const MEASUREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/finetune_final.csv");

/// The 29 settings as the authors' code fits them.
fn settings29(more: &[&str]) -> Run {
    let mut args = vec!["decouple", MEASUREMENTS, "--n", "n", "--error", "err_last", "--format", "json"];
    args.extend(["--by", "model,ptask,pdata,ftask", "--where", "pscale=64k", "--where", "fratio=1"]);
    args.extend(["--where", "n>0", "--where", "pdata!=imagenet"]);
    args.extend(["--residual", "linear", "--alpha", "0.1,1.5", "--c", "0,1"]);
    args.extend(more);
    run(&args)
}

/// The traces to the six digits to which an independent program computed them, and the fixed point to eight.
#[test]
fn appendix_d_is_reproduced() {
    let from = |more: &[&str], wanted: [(f64, f64); 3]| {
        let run = settings29(more);
        assert_eq!(run.code, 0, "{}", run.err);
        let json = run.json();
        for (k, (d, alpha)) in wanted.into_iter().enumerate() {
            let round = &json["trace"][k];
            for (name, wanted) in [("d", d), ("alpha", alpha)] {
                let value = round[name].as_f64().expect("a number");
                assert!((value - wanted).abs() <= 5.1e-7, "{more:?}, round {}: {name} {value}", k + 1);
            }
        }
        assert!(distance(&json["fixed_point"]["d"], 0.514212853) < 2e-9, "{}", json["fixed_point"]);
        assert!(distance(&json["fixed_point"]["alpha"], 0.507537) < 2e-9, "{}", json["fixed_point"]);
        json
    };
    let far = ["--start-d", "2", "--start-alpha", "0.5"];
    let json = from(&[], [(0.490325, 0.503135), (0.500113, 0.500061), (0.490515, 0.503170)]);
    from(&far, [(0.490325, 0.715393), (1.983180, 0.500061), (0.490515, 0.714122)]);
    from(&["--update", "sequential"], [(0.500113, 0.503135), (0.500226, 0.503170), (0.500338, 0.503206)]);
    let json2 = from(
        &[&far[..], &["--update", "sequential", "--rounds", "3"]].concat(),
        [(1.983180, 0.715393), (1.966581, 0.714122), (1.950199, 0.712857)],
    );
    assert_eq!(json2["trace"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        results(&json),
        ["contraction", "errors", "fits", "fixed_point", "shared", "starts", "stop", "trace", "verdict"],
        "the promised shape"
    );
    assert_eq!((json["stop"].as_str(), json["verdict"].as_str()), (Some("slow"), Some("identified")));
    assert_eq!(json["fits"].as_array().map(Vec::len), Some(29));
    assert_eq!(json["fits"][0]["law"]["d"], json["fixed_point"]["d"], "the fits hold D at the fixed point");
    assert_eq!(keys(&json["starts"][0]), ["alpha", "d", "start_alpha", "start_d"]);
    assert_eq!(keys(&json["shared"]), ["cost", "d", "std_error"]);
    let contraction = json["contraction"].as_f64().expect("a number");
    assert!((0.99..1.0).contains(&contraction), "{contraction}");
}

#[test]
fn a_curve_that_cannot_be_used_leaves_the_others() {
    let csv = format!("g,n,error\n{}{}{}c,1000,oops\n", rows("a,"), rows("b,"), rows("d,"));
    let args = ["decouple", "-", "--n", "n", "--error", "error", "--by", "g"];
    let json = run_with(&[&args[..], &["--format", "json"]].concat(), csv.as_bytes());
    assert_eq!(json.code, 1, "{}", json.err);
    assert_eq!(json.json()["fits"].as_array().map(Vec::len), Some(3));
    assert!(json.errors()[0].1.contains("oops"), "{}", json.out);
    let text = run_with(&args, csv.as_bytes());
    assert!(text.out.contains("3 curves") && text.out.contains("not fitted: c"), "{}", text.out);
}

#[test]
fn wrong_arguments_exit_with_2_and_name_the_option() {
    for (more, part) in [
        (&["--fixed-d", "0.5"][..], "--fixed-d"),
        (&["--start-d", "-1"], "--start-d"),
        (&["--tol", "0"], "--tol"),
        (&["--rounds", "0"], "--rounds"),
    ] {
        let run = settings29(more);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{more:?}: {}", run.err);
        assert!(run.err.contains(part), "{more:?}: {}", run.err);
    }
}

#[test]
fn curves_without_an_answer_exit_with_1_and_print_the_same_shape() {
    let args = ["decouple", "-", "--n", "n", "--error", "error", "--by", "g"];
    let bad = "g,n,error\na,0,0.5\na,1000,0.4\na,2000,0.3\n".to_owned();
    let one = format!("g,n,error\n{}", rows("a,"));
    let rising: String = ["a", "b"].map(|g| (1..8).map(|n| format!("{g},{n},0.{n}\n")).collect::<String>()).concat();
    for (csv, parts, errors) in [
        (bad, &["two curves", "0 of 1", "--by"][..], 2),
        (one, &["two curves", "1 of 1"], 1),
        (format!("g,n,error\n{rising}"), &["no decrease"], 1),
    ] {
        let run = run_with(&[&args[..], &["--format", "json"]].concat(), csv.as_bytes());
        assert_eq!(run.code, 1, "{}", run.err);
        let json = run.json();
        assert_eq!(
            results(&json),
            ["contraction", "errors", "fits", "fixed_point", "shared", "starts", "stop", "trace", "verdict"]
        );
        assert_eq!((json["verdict"].as_str(), json["stop"].is_null()), (Some("not_identified"), true));
        let found = run.errors();
        let (group, error) = found.last().expect("a reason");
        assert_eq!((found.len(), group.as_str()), (errors, "{}"), "{found:?}");
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        let text = run_with(&args, csv.as_bytes());
        assert!(text.code == 1 && text.out.contains(parts[0]), "{} {}", text.out, text.err);
    }
}

#[test]
fn remedies_are_flags_that_there_are() {
    let mut args = vec!["decouple", MEASUREMENTS, "--n", "n", "--error", "err_last", "--by", "model,ptask,pdata,ftask"];
    args.extend(["--where", "pscale=64k", "--where", "fratio=1", "--where", "n>0", "--where", "pdata!=imagenet"]);
    args.extend(["--residual", "linear", "--alpha", "0.1,1.5", "--c", "0,1", "--rounds", "100"]);
    let slow = run(&args);
    assert!(slow.out.contains("slow:") && slow.out.contains("--rounds"), "{}", slow.out);
    assert!(!slow.out.contains("accelerate,"), "{}", slow.out);
}
