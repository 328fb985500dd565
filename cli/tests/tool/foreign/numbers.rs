//! Numbers as people write them.
use super::{accuracy, assert_read, assert_refused, assert_same, fit, lines, percent};

/// A number with a sign between its thousands.
fn grouped(n: u32, sign: &str) -> String {
    let text = n.to_string();
    let (before, behind) = text.split_at(text.len() - 3);
    format!("{before}{sign}{behind}")
}

#[test]
fn sizes_with_letters_powers_and_separators() {
    for k in ["k", "K", " k"] {
        assert_read(&format!("n,error\n{}", lines(|n, e| format!("{}{k},{e}", n / 1000))), &[], &[]);
    }
    assert_read(&format!("n,error\n{}", lines(|n, e| format!("{:e},{e}", f64::from(n)))), &[], &[]);
    assert_read(&format!("n,error\n{}", lines(|n, e| format!("{}e+03,{e}", n / 1000))), &[], &[]);
    assert_read(&format!("n,error\n{}", lines(|n, e| format!("{}x10^3,{e}", n / 1000))), &[], &[]);
    assert_read(&format!("n,error\n{}", lines(|n, e| format!("0.{:03}M,{e}", n / 1000))), &[], &[]);
    for sign in ["_", "'", " ", "\u{a0}", "\u{202f}"] {
        assert_read(&format!("n,error\n{}", lines(|n, e| format!("{},{e}", grouped(n, sign)))), &[], &[]);
    }
    assert_read(&format!("n,error\n{}", lines(|n, e| format!("\"{}\",{e}", grouped(n, ",")))), &[], &[]);
    let german = lines(|n, e| format!("{};{}", grouped(n, "."), e.replace('.', ",")));
    assert_read(&format!("n;error\n{german}"), &[], &["comma"]);
    let powers = "n,error\n2^10,0.5\n2**11,0.4\n10^4,0.3\n";
    let plain = "n,error\n1024,0.5\n2048,0.4\n10000,0.3\n";
    assert_eq!(fit(powers.as_bytes(), &[]).fits(), fit(plain.as_bytes(), &[]).fits());
    let million = "n,error\n1.28M,0.5\n2G,0.4\n3B,0.3\n";
    let plain = "n,error\n1280000,0.5\n2000000000,0.4\n3000000000,0.3\n";
    assert_eq!(fit(million.as_bytes(), &[]).fits(), fit(plain.as_bytes(), &[]).fits());
}

#[test]
fn what_may_be_two_numbers_is_asked() {
    let whole = |sign: &str| format!("n;error\n{}", lines(|n, e| format!("{};{}", grouped(n, sign), &e[2..4])));
    assert_refused(whole(",").as_bytes(), &[], &["the comma in \"1,000\"", "--decimal"]);
    assert_refused(whole(".").as_bytes(), &[], &["the point in \"1.000\"", "--decimal"]);
    let n_max = |text: &str, decimal: &str| fit(text.as_bytes(), &["--decimal", decimal]).fits()[0]["n_max"].clone();
    assert_eq!((n_max(&whole(","), "."), n_max(&whole(","), ",")), (64000.0.into(), 64.0.into()));
    assert_eq!((n_max(&whole("."), ","), n_max(&whole("."), ".")), (64000.0.into(), 64.0.into()));
    let both = "n;error\n1000;0,5\n2000;0.4\n4000;0.3\n";
    assert_refused(both.as_bytes(), &[], &["\"0.4\" has a decimal point and \"0,5\" a decimal comma"]);
}

#[test]
fn percent_signs_are_the_unit() {
    let text = format!("n,error\n{}", lines(|n, e| format!("{n},{}%", percent(e))));
    let read = fit(text.as_bytes(), &[]).json()["read"].clone();
    assert_eq!((&read["units"], &read["assumed"][0]), (&"percent".into(), &"\"error\" is in percent".into()));
    let plain = format!("n,error\n{}", lines(|n, e| format!("{n},{}", percent(e))));
    assert_eq!(fit(text.as_bytes(), &[]).fits(), fit(plain.as_bytes(), &[]).fits());
    let mixed = text.replace("31.66%", "0.3166");
    assert_refused(mixed.as_bytes(), &[], &["percent sign on line 2 and none on line 3"]);
    let sizes = "n,error\n10%,0.5\n20%,0.4\n30%,0.3\n";
    assert_refused(sizes.as_bytes(), &[], &["line 2", "\"n\"", "percent sign"]);
}

#[test]
fn missing_values_are_left_out_and_counted() {
    for word in ["", "NA", "N/A", "NaN", "nan", "null", "None", "-", "inf", "#N/A", "-inf"] {
        let text = format!("n,error\n500,{word}\n{}128000,{word}\n", lines(|n, e| format!("{n},{e}")));
        let read = assert_read(&text, &[], &["2 rows are left out: a value is missing"]);
        assert_eq!((&read["left_out"]["missing"], &read["rows"], &read["used"]), (&2.into(), &9.into(), &7.into()));
        assert_refused(text.as_bytes(), &["--strict"], &["line 2", "\"error\"", "--strict"]);
    }
    assert_refused(b"n,error\n1000,NA\n2000,NA\n4000,NA\n", &[], &["3 of 3 are missing"]);
}

#[test]
fn what_is_no_number_is_named_with_its_line() {
    for (cell, part) in [
        ("<0.5", "a bound"),
        ("0.44 ± 0.02", "--sigma"),
        ("0.44+/-0.02", "--sigma"),
        ("0.44(2)", "--sigma"),
        ("abc", "not a number"),
        ("0.4.4", "not a number"),
        ("0.4k", "the letter k"),
        ("12:30", "not a number"),
    ] {
        let text = format!("n,error\n500,{cell}\n{}", lines(|n, e| format!("{n},{e}")));
        assert_refused(text.as_bytes(), &["--n", "n", "--error", "error"], &["line 2", "\"error\"", part]);
    }
    for (cell, part) in [("64m", "write M"), ("1 23", "not a number"), ("ten", "not a number")] {
        let text = format!("n,error\n{cell},0.5\n{}", lines(|n, e| format!("{n},{e}")));
        assert_refused(text.as_bytes(), &["--n", "n", "--error", "error"], &["line 2", "\"n\"", part]);
    }
}

#[test]
fn scores_are_errors_by_their_largest_value() {
    let fractions = format!("n,accuracy\n{}", lines(|n, e| format!("{n},{}", accuracy(e))));
    let read = assert_read(&fractions, &[], &["the score is the column \"accuracy\"", "the error is 1 - accuracy"]);
    assert_eq!((&read["score_max"], &read["units"]), (&1.0.into(), &"fraction".into()));
    assert_read(&fractions, &["--score", "accuracy"], &["the error is 1 - accuracy"]);
    assert_read(&fractions, &["--score", "accuracy", "--score-max", "1"], &[]);
    let points = format!("n,mAP\n{}", lines(|n, e| format!("{n},{}", percent(&accuracy(e)))));
    let in_percent = format!("n,error\n{}", lines(|n, e| format!("{n},{}", percent(e))));
    let same = |text: &str| fit(text.as_bytes(), &[]).fits();
    assert_eq!(same(&points), same(&in_percent), "100 - mAP");
    let signs = format!("n,mAP\n{}", lines(|n, e| format!("{n},{}%", percent(&accuracy(e)))));
    assert_eq!(same(&signs), same(&in_percent), "100 % - mAP");
    assert_same(fractions.replace("accuracy", "Val Acc").as_bytes(), &[], 1);
    for (text, part) in [
        ("n,accuracy\n1000,0.5\n2000,60\n4000,70\n", "from 0.5 to 70"),
        ("n,accuracy\n1000,0.9\n2000,1.02\n4000,1.1\n", "from 0.9 to 1.1"),
        ("n,accuracy\n1000,500\n2000,600\n4000,700\n", "from 500 to 700"),
        ("n,accuracy\n1000,-0.1\n2000,0.2\n4000,0.3\n", "from -0.1 to 0.3"),
        ("n,psnr\n1000,25\n2000,28\n4000,29\n", "no largest value"),
    ] {
        assert_refused(text.as_bytes(), &[], &[part, "--score-max"]);
    }
    assert_refused(fractions.as_bytes(), &["--score", "accuracy", "--score-max", "0.7"], &["line 4", "--score-max"]);
}
