//! What users do wrong, and what they are told.
use crate::run::{directory, fit_text, rows, run, run_with};

/// A good group b beside a group a with this row (line 9) added.
fn beside(row: &str) -> String {
    format!("g,n,error,w\n{}a,{row}\n{}", rows("a,").replace('\n', ",1\n"), rows("b,").replace('\n', ",1\n"))
}

/// The error of group a; group b must be fitted.
fn error_of(row: &str, more: &[&str]) -> String {
    let mut args = vec!["--by", "g"];
    args.extend(more);
    let run = fit_text(&beside(row), &args);
    assert_eq!(run.code, 1, "{row}: {} {}", run.out, run.err);
    let fits = run.fits();
    assert_eq!((fits.len(), fits[0]["group"]["g"].as_str()), (1, Some("b")), "{row}: the other group is fitted");
    let errors = run.errors();
    assert_eq!((errors.len(), errors[0].0.as_str()), (1, r#"{"g":"a"}"#), "{row}");
    errors[0].1.clone()
}

fn assert_names(error: &str, parts: &[&str]) {
    for part in parts {
        assert!(error.contains(part), "{error:?} does not name {part:?}");
    }
}

/// The message of a run that must stop with 2 and print nothing.
fn refused(args: &[&str], input: &[u8]) -> String {
    let run = run_with(args, input);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}: {}", run.err);
    run.err
}

const FIT: [&str; 6] = ["fit", "-", "--n", "n", "--error", "error"];

#[test]
fn a_bad_cell_fails_its_group_and_names_line_and_column() {
    assert_names(&error_of("abc,0.5,1", &[]), &["line 9", "\"n\"", "\"abc\"", "not a number"]);
    assert_names(&error_of("500,,1", &["--strict"]), &["line 9", "\"error\"", "empty"]);
    for n in ["0", "-5", "1e999"] {
        assert_names(&error_of(&format!("{n},0.5,1"), &[]), &["line 9", "\"n\"", "above 0"]);
    }
    assert_names(&error_of("0,0.5,1", &[]), &["--where 'n>0'"]);
    for missing in ["nan", "inf", "-inf"] {
        for row in [format!("500,{missing},1"), format!("{missing},0.5,1")] {
            assert_names(&error_of(&row, &["--strict"]), &["line 9", missing, "no measurement", "--strict"]);
        }
    }
    for error in ["0", "-0.5"] {
        assert_names(&error_of(&format!("500,{error},1"), &[]), &["line 9", "\"error\"", "--residual linear"]);
    }
    for weight in ["-1", "1e999"] {
        let error = error_of(&format!("500,0.5,{weight}"), &["--weight", "w"]);
        assert_names(&error, &["line 9", "\"w\"", "not negative"]);
    }
    for sigma in ["0", "-1"] {
        let error = error_of(&format!("500,0.5,{sigma}"), &["--sigma", "w"]);
        assert_names(&error, &["line 9", "\"w\"", "sigma must be finite and above 0", "--where 'w>0'"]);
    }
}

#[test]
fn a_line_number_counts_quoted_line_ends_and_empty_lines() {
    let csv = "g,n,error\n\n\"a\nb\",500,0.5\n\n \nc,x,1\nd,1,y";
    for csv in [csv.to_owned(), csv.replace('\n', "\r\n"), format!("{csv}\n")] {
        let run = fit_text(&csv, &["--by", "g"]);
        let errors = run.errors();
        assert_eq!(errors.len(), 3, "{csv:?}");
        assert_names(&errors[1].1, &["line 7,"]);
        assert_names(&errors[2].1, &["line 8,"]);
    }
    assert_names(&refused(&FIT, b"n,error\r\nx,1\r\n"), &["line 2,"]);
}

#[test]
fn a_ragged_row_fails_its_group() {
    assert_names(&error_of("500,0.5", &[]), &["line 9", "3 cells", "header has 4"]);
    assert_names(&error_of("500,0,5,1", &[]), &["line 9", "5 cells"]);
}

#[test]
fn a_row_that_does_not_tell_its_group_is_an_error_beside_the_fits() {
    let csv = format!("n,error,g\n1000,0.5\n{}", rows("").replace('\n', ",a\n"));
    for more in [&["--by", "g"][..], &["--by", "g", "--where", "g=a"]] {
        let run = fit_text(&csv, more);
        assert_eq!((run.code, run.fits().len()), (1, 1), "{more:?}: {}", run.err);
        let (group, error) = run.errors().remove(0);
        assert_eq!(group, r#"{"g":""}"#, "the cell that tells the group is missing");
        assert_names(&error, &["line 2", "2 cells", "header has 3"]);
    }
}

#[test]
fn a_group_column_named_twice_is_refused() {
    let error = refused(&[&FIT[..], &["--by", "g,g"]].concat(), b"n,error,g\n1000,0.5,a\n");
    assert_names(&error, &["--by", "\"g\" twice"]);
}

#[test]
fn weights_of_zero_leave_too_few_points() {
    let csv = format!("n,error,w\n{}", rows("").replace('\n', ",0\n"));
    let run = fit_text(&csv, &["--weight", "w"]);
    assert_eq!(run.code, 1);
    assert_names(&run.errors()[0].1, &["at least 3 distinct", "--fixed-d", "7 rows have weight 0"]);
}

#[test]
fn too_few_sizes_fail_the_group() {
    let csv = format!("g,n,error\n{}b,1000,0.5\nb,1000,0.6\nb,2000,0.4\n", rows("a,"));
    let run = fit_text(&csv, &["--by", "g"]);
    assert_eq!((run.code, run.fits().len()), (1, 1));
    assert_names(&run.errors()[0].1, &["3 distinct n", "got 2", "--fixed-d"]);
    let run = fit_text(&csv, &["--by", "g", "--fixed-d", "3"]);
    assert_eq!((run.code, run.fits().len()), (0, 2), "two sizes do with D fixed: {}", run.out);
}

#[test]
fn a_missing_column_is_named_with_those_there_are() {
    let error = refused(&["fit", "-", "--n", "size", "--error", "error"], b"n,error\n1,2\n");
    assert_names(&error, &["\"size\"", "n, error"]);
    for more in [["--by", "x"], ["--where", "x=1"], ["--weight", "x"], ["--sigma", "x"]] {
        assert_names(&refused(&[&FIT[..], &more].concat(), b"n,error\n1,2\n"), &["\"x\"", "n, error"]);
    }
    assert_names(&refused(&FIT, b"n,error,n\n1,2,3\n"), &["more than one column \"n\""]);
}

#[test]
fn files_without_measurements_are_refused() {
    assert_names(&refused(&FIT, b""), &["is empty"]);
    assert_names(&refused(&FIT, b"n,error\n"), &["header but no rows"]);
    let filtered = [&FIT[..], &["--where", "n>5", "--where", "error=3"]].concat();
    assert_names(&refused(&filtered, b"n,error\n1,2\n"), &["none of the 1 rows", "n>5 --where error=3"]);
    assert_names(
        &refused(&["fit", "no-such.csv", "--n", "n", "--error", "error"], b""),
        &["no-such.csv", "cannot open"],
    );
    let folder = directory("folder");
    let folder = folder.to_str().expect("UTF-8");
    assert_names(&refused(&["fit", folder, "--n", "n", "--error", "error"], b""), &["is a directory"]);
}

#[test]
fn a_file_that_is_no_csv_is_refused_at_its_start() {
    assert_names(&refused(&FIT, b"\x1f\x8b\x08\x00\xff\xfe\n\x00"), &["cannot read", "damaged or cut short"]);
    assert_names(&refused(&FIT, b"\x00\x01\x02n,error\n"), &["not text in UTF-8, UTF-16 or Latin-1"]);
    // 64 MiB without a line end, and a quote that is never closed: the reader must stop long before their ends.
    let endless = vec![b'x'; 64 << 20];
    assert_names(&refused(&FIT, &endless), &["longer than 1 MiB"]);
    let mut open = b"n,error\n1,\"".to_vec();
    open.extend(std::iter::repeat_n(b"2,3\n", 4 << 20).flatten());
    assert_names(&refused(&FIT, &open), &["longer than 1 MiB", "quote"]);
}

#[test]
fn usage_errors_exit_with_2() {
    let csv = format!("n,error\n{}", rows(""));
    for more in [
        &["--alpha", "2,1"][..],
        &["--alpha", "1"],
        &["--alpha", "-1,1"],
        &["--c", "nan,1"],
        &["--fixed-d", "-1"],
        &["--fixed-d", "nan"],
        &["--fixed-alpha", "0.5", "--alpha", "0,1"],
        &["--fixed-d", "1", "--fixed-alpha", "1", "--fixed-c", "0"],
        &["--weight", "n", "--sigma", "n"],
        &["--where", "n"],
        &["--residual", "cubic"],
        &["--unknown"],
        &["--fixed-d", "0.48", "--alpha", "0.5,0.5", "--c", "0.3,0.3"],
        &["--threads", "0"],
    ] {
        let error = refused(&[&FIT[..], more].concat(), csv.as_bytes());
        assert!(error.starts_with("error: "), "{more:?}: {error}");
    }
    let held = ["--fixed-d", "1", "--fixed-alpha", "1", "--fixed-c", "0"];
    let error = refused(&[&FIT[..], &held].concat(), csv.as_bytes());
    assert_names(&error, &["--fixed-d, --fixed-alpha and --fixed-c leave no parameter free"]);
    // A parameter is held in one way, and that is said.
    for (bounds, remedy) in [(["--alpha", "1,1"], "--fixed-alpha 1"), (["--c", "0.3,0.3"], "--fixed-c 0.3")] {
        assert_names(&refused(&[&FIT[..], &bounds].concat(), csv.as_bytes()), &["equal", remedy]);
    }
    assert_eq!(run(&["fit"]).code, 2);
    assert_eq!(run(&[]).code, 2);
}
