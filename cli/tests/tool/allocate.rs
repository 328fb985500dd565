//! `allocate`: by which law, how surely, in how many rounds.
use serde_json::Value;

use crate::run::run_with;

/// A grid that follows the full law, or the additive one, with an alternating error of .2 %.
fn grid(is_sum: bool) -> String {
    let mut csv = String::from("n,s,err\n");
    for k in 0..20 {
        let (n, s) = (1e3 * 4f64.powi(k % 5), 1e4 * 4f64.powi(k / 5));
        let error = match is_sum {
            true => 5.0 * n.powf(-0.5) + 20.0 * s.powf(-0.4) + 0.01,
            false => 42.0 * (0.02 + n.powf(-0.5)) * s.powf(-0.3),
        };
        let sign = if (k * 7) % 3 == 0 { 1.002 } else { 0.999 };
        csv += &format!("{n},{s},{}\n", error * sign);
    }
    csv
}

#[test]
fn allocate_answers_by_the_law_that_the_data_prefer_and_says_so() {
    let ask = |is_sum, more: &[&str], format| {
        let args = ["allocate", "-", "--n", "n", "--s", "s", "--error", "err", "--target", "0.1", "--format", format];
        let run = run_with(&[&args[..], more].concat(), grid(is_sum).as_bytes());
        assert_eq!(run.code, 0, "{}", run.err);
        run
    };
    for (is_sum, name, other) in [(false, "full", "additive"), (true, "additive", "full")] {
        let plan = ask(is_sum, &[], "json").json()["plans"][0].clone();
        let difference = plan["aicc_difference"].as_f64().expect("20 points have an AICc");
        assert_eq!((plan["law"].as_str(), difference > 0.0), (Some(name), is_sum), "{plan}");
        let text = ask(is_sum, &[], "table").out;
        let sentence = format!("the {name} law: its AICc is {:.1} below that of the {other} law", difference.abs());
        assert!(text.contains(&sentence) && plan["law_reason"] == sentence.as_str(), "{text}");
        let forced = ask(is_sum, &["--law", other], "json").json()["plans"][0].clone();
        assert_eq!(forced["law"], other, "{forced}");
        assert!(forced["law_reason"].as_str().is_some_and(|r| r.contains("asked for")), "{forced}");
        assert_eq!(forced["aicc_difference"], plan["aicc_difference"], "told all the same");
    }
}

#[test]
fn probabilities_and_rounds_reach_the_tool() {
    let ask = |more: &[&str], format| {
        let args = ["allocate", "-", "--n", "n", "--s", "s", "--error", "err", "--target", "0.015", "--format", format];
        let run = run_with(&[&args[..], more].concat(), grid(false).as_bytes());
        assert_eq!(run.code, 0, "{}", run.err);
        run
    };
    let few = ["--replicates", "60", "--law", "full"];
    let number = |plan: &Value, name: &str| plan[name].as_f64().unwrap_or_else(|| panic!("{name} of {plan}"));
    let even = ask(&[&few[..], &["--rounds", "2"]].concat(), "json").json()["plans"][0].clone();
    let sure = ask(&[&few[..], &["--probability", "0.9", "--rounds", "3"]].concat(), "json").json()["plans"][0].clone();
    // The estimate is about the middle of the refits, and safety costs more.
    assert!((0.2..0.8).contains(&number(&even, "p_reached")), "{even}");
    assert!(number(&sure, "p_reached") >= 0.9 && number(&sure, "cost") > number(&even, "cost"), "{sure}");
    let rounds = sure["rounds"].as_array().expect("rounds").clone();
    assert_eq!((rounds.len(), even["rounds"].as_array().map(Vec::len)), (3, Some(2)), "{sure}");
    let reached: Vec<f64> = rounds.iter().map(|r| number(r, "reached")).collect();
    assert!(reached.is_sorted() && (reached[2] + number(&sure, "rounds_miss") - 1.0).abs() < 1e-12, "{sure}");
    let again =
        ask(&[&few[..], &["--probability", "0.9", "--rounds", "3"]].concat(), "json").json()["plans"][0].clone();
    assert_eq!(again, sure, "the same seed");
    let text = ask(&[&few[..], &["--probability", "0.9", "--rounds", "3"]].concat(), "table").out;
    assert!(text.contains("of 60 refits reach the target") && text.contains("in rounds at this s"), "{text}");
    for (more, part) in [
        (&["--probability", "1.5"][..], "--probability"),
        (&["--probability", "nan"], "--probability"),
        (&["--seed", "3"], "--seed"),
        (&["--probability", "0.999", "--replicates", "60"], "--replicates"),
        (&["--rounds", "2", "--n0", "free"], "--n0"),
        (&["--rounds", "2", "--penalty", "-1"], "--penalty"),
    ] {
        let args = ["allocate", "-", "--n", "n", "--s", "s", "--error", "err", "--target", "0.015"];
        let run = run_with(&[&args[..], more].concat(), grid(false).as_bytes());
        assert!(run.code == 2 && run.err.contains(part), "{more:?}: {}", run.err);
    }
}

#[test]
fn scores_over_both_sizes_have_no_allocation() {
    let scores: String = grid(false)
        .lines()
        .map(|line| match line.rsplit_once(',').map(|(sizes, e)| (sizes, e.parse::<f64>())) {
            Some((sizes, Ok(e))) => format!("{sizes},{}\n", 1.0 - e),
            _ => "n,s,err\n".into(),
        })
        .collect();
    for (csv, target, says) in [(&scores, "0.9", "error = 1 - score"), (&grid(false), "10", "give 0.1")] {
        let args = ["allocate", "-", "--n", "n", "--s", "s", "--error", "err", "--target", target];
        let run = run_with(&args, csv.as_bytes());
        assert_eq!(run.code, 2, "{} {}", run.out, run.err);
        assert!(run.err.contains(says), "{}", run.err);
    }
    let args = ["allocate", "-", "--n", "n", "--s", "s", "--error", "err", "--target", "10", "--any-target"];
    assert_eq!(run_with(&args, grid(false).as_bytes()).code, 0, "any target");
}
