//! `rates`: the exponents of Appendix E.
use crate::run::{results, run};

fn rates(numbers: [&str; 4], more: &[&str]) -> crate::run::Run {
    let [r0, r1, xi, zeta] = numbers;
    run(&[&["rates", "--r0", r0, "--r1", r1, "--xi", xi, "--zeta", zeta][..], more].concat())
}

#[test]
fn json_has_the_promised_shape_and_the_numbers_of_table_1() {
    // II-A: nu = beta = 2 r1/(2 r1 + 1) = 1/2, alpha0 = 2 r0 xi/(2 r0 xi + 1) = 3/4. I-A at zeta = 1/2: beta =
    // 2 (1 - zeta)/2 = 1/2, nu = 1/2 with r0 = r1 = 1, alpha0 = 6/7.
    for (numbers, case, alpha, floor, beta, nu) in [
        (["0.5", "0.5", "3", "0"], "II-A", 0.375, 0.75, 0.5, 0.5),
        (["1", "1", "3", "0.5"], "I-A", 3.0 / 7.0, 6.0 / 7.0, 0.5, 0.5),
    ] {
        let run = rates(numbers, &["--format", "json"]);
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        let json = run.json();
        assert_eq!(results(&json), ["alpha", "alpha_floor", "beta", "case", "nu", "violated"]);
        assert_eq!((json["case"].as_str(), json["violated"].as_array().map(Vec::len)), (Some(case), Some(0)));
        for (name, wanted) in [("alpha", alpha), ("alpha_floor", floor), ("beta", beta), ("nu", nu)] {
            // Some roundings of numbers below 1.
            assert!((json[name].as_f64().expect("a number") - wanted).abs() < 1e-15, "{case} {name}: {json}");
        }
    }
}

#[test]
fn violations_are_listed_unless_relaxed() {
    let numbers = ["0.5", "0.95", "1.2", "0.1"];
    let strict = rates(numbers, &["--format", "json"]).json();
    assert_eq!(strict["violated"].as_array().map(Vec::len), Some(1), "{strict}");
    let relaxed = rates(numbers, &["--relaxed", "--format", "json"]).json();
    assert_eq!((relaxed["violated"].as_array().map(Vec::len), &relaxed["alpha"]), (Some(0), &strict["alpha"]));
    assert!(rates(numbers, &[]).out.contains("not proved"));
}

#[test]
fn values_out_of_range_exit_with_2() {
    for (numbers, name) in [
        (["0.4", "0.5", "2", "0"], "r0"),
        (["0.5", "1.1", "2", "0"], "r1"),
        (["0.5", "0.5", "1", "0"], "xi"),
        (["0.5", "0.5", "2", "1"], "zeta"),
        (["0.5", "0.5", "2", "-0.1"], "zeta"),
        (["NaN", "0.5", "2", "0"], "r0"),
    ] {
        let run = rates(numbers, &[]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{numbers:?}");
        assert!(run.err.contains(name), "{numbers:?}: {}", run.err);
    }
}
