//! Columns that are found, meant, and missed.
use super::{accuracy, assert_read, assert_refused, assert_same, lines};

fn table(header: &str) -> String {
    format!("{header}\n{}", lines(|n, e| format!("{n},{e}")))
}

#[test]
fn plain_names_need_no_options() {
    assert_read(&table("n,error"), &[], &[]);
    assert_read(&table("N,Error"), &[], &[]);
    for (header, said) in [
        ("images,err", ["\"images\"", "\"err\""]),
        ("n_images,test_error", ["\"n_images\"", "\"test_error\""]),
        ("Dataset Size,Val Loss", ["\"Dataset Size\"", "\"Val Loss\""]),
        ("num-samples,1-acc", ["\"num-samples\"", "\"1-acc\""]),
        ("pretrain_size,top1_err", ["\"pretrain_size\"", "\"top1_err\""]),
        ("data,WER", ["\"data\"", "\"WER\""]),
    ] {
        assert_read(&table(header), &[], &said);
    }
    for name in ["acc", "top1", "mIoU", "F1", "AUC", "val/acc", "Top-1 Accuracy"] {
        let text = format!("images,{name}\n{}", lines(|n, e| format!("{n},{}", accuracy(e))));
        assert_read(&text, &[], &["where higher is better"]);
    }
}

#[test]
fn names_are_taken_without_regard_to_case_and_signs() {
    let text = table("N Images,Val/Err");
    assert_same(text.as_bytes(), &["--n", "n_images", "--error", "val_err"], 1);
    assert_same(text.as_bytes(), &["--n", "1", "--error", "2"], 1);
    assert_same(text.as_bytes(), &["--n", "n-images"], 1);
    assert_refused(text.as_bytes(), &["--n", "images2"], &["no column \"images2\"", "N Images, Val/Err"]);
    assert_refused(text.as_bytes(), &["--n", "N Imgaes"], &["did you mean \"N Images\"?"]);
    assert_refused(text.as_bytes(), &["--error", "Val/Er"], &["did you mean \"Val/Err\"?"]);
    assert_refused(table("a b,a_b").as_bytes(), &["--n", "ab", "--error", "2"], &["more than one column \"ab\""]);
}

#[test]
fn columns_that_are_not_plain_are_asked_for() {
    let text = format!("images,loss,accuracy\n{}", lines(|n, e| format!("{n},{e},{}", accuracy(e))));
    assert_refused(text.as_bytes(), &[], &["which column is the error", "--error loss", "--score accuracy"]);
    assert_same(text.as_bytes(), &["--score", "accuracy"], 1);
    assert_same(text.as_bytes(), &["--error", "loss"], 1);
    assert_refused(table("x,y").as_bytes(), &[], &["which column is n", "x, y", "--n x"]);
    assert_refused(table("n,y").as_bytes(), &[], &["--error y, or --score y where higher is better"]);
    assert_refused(table("images,samples").as_bytes(), &[], &["which column is n", "images, samples"]);
    assert_refused(b"", &[], &["is empty"]);
    assert_refused(b"n,error\n", &[], &["header but no rows"]);
    assert_refused(b"hello\n", &[], &["which column is n"]);
}

/// Counters of a run were suggested as sizes, as errors and as runs.
#[test]
fn counters_are_not_suggested() {
    for name in ["_step", "epoch", "Iteration", "_runtime", "_timestamp", "seed"] {
        let text = format!("{name},metric,x\n{}", super::lines(|n, e| format!("{n},{e},1")));
        let run = super::fit(text.as_bytes(), &[]);
        assert!(run.code == 2 && run.err.contains("--n metric"), "{}", run.err);
        let text = format!("n,a - {name},b - {name},c,d\n{}", super::lines(|n, e| format!("{n},1,2,{e},{e}")));
        let run = super::fit(text.as_bytes(), &[]);
        assert!(run.code == 2 && run.err.contains("--error c, or --error d"), "{}", run.err);
        assert!(!run.err.contains(&format!("- {name}$")) && !run.err.contains(&format!("'a - {name}'")), "{}", run.err);
    }
}
