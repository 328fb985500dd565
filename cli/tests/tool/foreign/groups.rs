//! Curves that nobody told apart.
use super::{assert_refused, assert_same, fit, lines};

/// The curve for each of these beginnings of a row.
fn curves(header: &str, starts: &[&str]) -> String {
    let rows: String = starts.iter().map(|start| lines(|n, e| format!("{start},{n},{e}"))).collect();
    format!("{header},n,error\n{rows}")
}

#[test]
fn text_that_comes_back_makes_a_curve_each() {
    let models = curves("model", &["r18", "r50"]);
    let read = assert_same(models.as_bytes(), &[], 2);
    assert_eq!(read["assumed"][0], "a curve for each model (--by model)");
    let both = curves("model,task", &["r18,det", "r18,seg", "r50,det"]);
    let read = assert_same(both.as_bytes(), &[], 3);
    assert_eq!(read["columns"]["by"], serde_json::json!(["model", "task"]));
    assert_same(curves("model,date", &["r18,2026-01-02", "r50,2026-01-03"]).as_bytes(), &[], 2);
    // One value is no setting, one for each row is a name.
    assert_same(curves("model", &["r18"]).as_bytes(), &[], 1);
    let names = format!("id,n,error\n{}", lines(|n, e| format!("run-{n},{n},{e}")));
    assert_same(names.as_bytes(), &[], 1);
}

#[test]
fn curves_are_not_pooled_unsaid() {
    // Also where the sizes of the two are not the same.
    let apart = "model,n,error\nr18,1000,0.5\nr18,2000,0.4\nr50,4000,0.7\nr50,8000,0.6\n";
    assert_refused(apart.as_bytes(), &[], &["differ in model", "--by model", "--by ''"]);
    let depths = curves("depth", &["18", "50"]);
    assert_refused(depths.as_bytes(), &[], &["depth tells those rows apart", "--by depth", "--by ''"]);
    assert_same(depths.as_bytes(), &["--by", "depth"], 2);
    assert_eq!(fit(depths.as_bytes(), &["--by", ""]).fits()[0]["points"], 14);
    let both = curves("model,depth", &["a,18", "a,50", "b,18", "b,50"]);
    assert_refused(both.as_bytes(), &[], &["--by model,depth", "--by model "]);
    // Seeds repeat a measurement.
    assert_eq!(fit(curves("seed", &["0", "1"]).as_bytes(), &[]).fits()[0]["points"], 14);
}

/// Settings with decimals and suffixes were pooled without a word, where whole numbers were refused.
#[test]
fn settings_of_any_numbers_are_not_pooled_unsaid() {
    for (name, one, other) in [
        ("params", "11M", "44M"),
        ("model_size", "7B", "13B"),
        ("lr", "0.1", "0.01"),
        ("lr", "1e-3", "3e-4"),
        ("width", "0.5", "1"),
        ("noise", "10%", "20%"),
        ("dropout", "", "0.5"),
        ("params", "11,5", "44,5"),
    ] {
        let text = curves(name, &[one, other]);
        let text = if one.contains(',') {
            text.replace(one, &format!("\"{one}\"")).replace(other, &format!("\"{other}\""))
        } else {
            text
        };
        let by = format!("--by {name} ");
        assert_refused(text.as_bytes(), &[], &[&format!("{name} tells those rows apart"), &by, "--by ''"]);
        assert_same(text.as_bytes(), &["--by", name], 2);
        // A curve that has just begun hides nothing.
        let begun = format!("{text}0.25,1000,0.4\n");
        assert_refused(begun.as_bytes(), &[], &[&by]);
    }
    // Two settings that cross are both named, one that only follows the other is not.
    let crossed = curves("lr,width,params", &["0.1,0.5,1M", "0.1,1,2M", "0.01,0.5,1M", "0.01,1,2M"]);
    assert_refused(crossed.as_bytes(), &[], &["lr, width tell those rows apart", "--by lr,width "]);
    assert_same(crossed.as_bytes(), &["--by", "lr,width"], 4);
    // What came out of the runs, and their number, is no setting.
    for name in ["std", "runtime", "train_loss", "seed", "epoch", "_step"] {
        assert_eq!(fit(curves(name, &["0.5", "0.25"]).as_bytes(), &[]).fits()[0]["points"], 14, "{name}");
    }
    let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/data/finetune_final.csv")).expect("a file");
    let columns = ["--n", "n", "--error", "err_last"];
    let refused = fit(&file, &columns).err;
    let by = refused.split("such as --by ").nth(1).and_then(|rest| rest.split(' ').next()).expect("an option");
    let by = by.trim_end_matches(',');
    assert!(by.contains("fratio") && by.contains("pscale"), "{refused}");
    // The hint leaves no size twice.
    let text = String::from_utf8(file).expect("text");
    let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
    let places: Vec<usize> =
        by.split(',').chain(["n"]).map(|name| header.iter().position(|x| *x == name).expect("a column")).collect();
    let mut seen = std::collections::HashSet::new();
    for row in text.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        assert!(seen.insert(places.iter().map(|k| cells[*k]).collect::<Vec<_>>()), "{by}: {row}");
    }
}
