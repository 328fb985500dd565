//! The Huber loss over both sizes.
use super::*;
use syn2real::Loss;

/// Seeded grids with outliers, both laws, spaces and kinds of the loss, weights of 0 among others: no start of
/// `oracles/full_huber.py` finds a lower cost.
#[test]
fn no_random_start_is_lower_in_the_huber_loss() {
    let rows = table(include_str!("../data/full_huber.csv"));
    assert!(rows.len() == 108, "{} rows", rows.len());
    let (mut same, mut lower, mut failures) = (0, 0, Vec::new());
    for row in &rows {
        let what = format!("grid {} {} {} {} {}", row["grid"], row["law"], row["residual"], row["loss"], row["tuning"]);
        let column = |name: &str| numbers(&row[name]);
        let sizes = column("n").into_iter().zip(column("s"));
        let measured = column("error").into_iter().zip(column("weight"));
        let points: Vec<GridPoint> =
            sizes.zip(measured).map(|((n, s), (e, w))| GridPoint::new(n, s, e).with_weight(w)).collect();
        let tuning = number(row, "tuning");
        let loss = if row["loss"] == "k" { Loss::Huber { k: tuning } } else { Loss::HuberAbsolute { delta: tuning } };
        let free = |column: &str| if row[column] == "free" { None } else { Some(0.0) };
        let (residual, fixed_n0, fixed_e) = (residual(&row["residual"]), free("n0"), free("e"));
        let fit = if row["law"] == "full" {
            FullLaw::fit_with(&points, &FullOptions { residual, loss, fixed_n0, fixed_e, ..FullOptions::default() })
                .map(|f| *f.report())
        } else {
            AdditiveLaw::fit_with(&points, &AdditiveOptions { residual, loss, fixed_e, ..AdditiveOptions::default() })
                .map(|f| *f.report())
        };
        let report = match fit {
            Ok(report) => report,
            Err(why) => {
                failures.push(format!("{what}: {why}"));
                continue;
            }
        };
        let (delta, wanted) = (number(row, "delta"), number(row, "cost"));
        // The optimum of the square loss, to 1e-6 of a residual, makes the scale.
        if !report.huber_delta.is_some_and(|d| (d / delta - 1.0).abs() < 1e-4) {
            failures.push(format!("{what}: delta {:?}, oracle {delta}", report.huber_delta));
            continue;
        }
        // Of its own delta.
        let slack = 1e-9 + 2.0 * (report.huber_delta.expect("checked") / delta - 1.0).abs();
        if report.cost > wanted * (1.0 + slack) {
            let excess = report.cost / wanted - 1.0;
            failures.push(format!("{what}: {excess:e} above the random starts, {:?}", report.class));
        }
        same += usize::from((report.cost / wanted - 1.0).abs() < 1e-6);
        lower += usize::from(report.cost < wanted * (1.0 - 1e-6));
    }
    println!("{} problems: {same} the same cost to 1e-6, {lower} lower, {} failures", rows.len(), failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(same * 10 >= rows.len() * 8, "the oracle is too weak: {same} of {} the same", rows.len());
}
