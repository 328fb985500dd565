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
