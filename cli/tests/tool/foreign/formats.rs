//! Records, wide tables, and formats that are refused by name.
use serde_json::Value;

use super::{accuracy, assert_read, assert_refused, assert_same, fit, lines};

#[test]
fn records_of_json() {
    let records = lines(|n, e| format!("{{\"n\": {n}, \"error\": {e}}}"));
    let read = assert_read(&records, &[], &[]);
    assert_eq!(read["format"], "json lines");
    let array = format!("[{}]", records.trim_end().replace('\n', ",\n "));
    assert_eq!(assert_read(&array, &[], &[])["format"], "json");
    assert_read(&format!("{{\"results\": {array}, \"version\": 3}}"), &[], &[]);
    let column = |of: fn(u32, &str) -> String| lines(of).trim_end().replace('\n', ",");
    let (sizes, errors) = (column(|n, _| n.to_string()), column(|_, e| e.to_owned()));
    assert_read(&format!("{{\"n\": [{sizes}], \"error\": [{errors}]}}"), &[], &[]);
    let nested = lines(|n, e| format!("{{\"config\": {{\"n\": {n}}}, \"summary\": {{\"val/error\": {e}}}}}"));
    assert_read(&nested, &["--n", "config.n", "--error", "summary.val/error"], &[]);
    let texts = lines(|n, e| format!("{{\"n\": \"{}k\", \"error\": \"{e}\"}}", n / 1000));
    assert_read(&texts, &[], &[]);
    let missing = format!("{records}{{\"n\": 5, \"error\": NaN}}\n{{\"n\": 6, \"error\": null}}\n{{\"n\": 7}}\n");
    assert_read(&missing, &[], &["3 rows are left out"]);
    let cut = format!("{records}{{\"n\": 5, \"err");
    assert_refused(cut.as_bytes(), &[], &["line 8", "no JSON"]);
    assert_refused(b"[[1000, 0.5], [2000, 0.4]]", &[], &["array of objects"]);
}

/// Runs of Weights & Biases, with the columns of extremes that its export has.
fn exported(runs: &[&str]) -> String {
    let head: Vec<String> =
        runs.iter().flat_map(|run| ["", "__MIN", "__MAX"].map(|end| format!("\"{run} - val/acc{end}\""))).collect();
    let row = |n: u32, e: &str| {
        let cells: Vec<String> = runs.iter().flat_map(|_| [(); 3].map(|()| format!("\"{}\"", accuracy(e)))).collect();
        format!("\"{n}\",{}", cells.join(","))
    };
    format!("\"Step\",{}\n{}", head.join(","), lines(row))
}

#[test]
fn wide_tables_are_runs() {
    let text = exported(&["run-a", "run-b"]);
    let args = ["--n", "Step", "--wide", "^(.*) - val/acc$"];
    let read = assert_same(text.as_bytes(), &args, 2);
    assert_eq!((&read["columns"]["values"][1], &read["columns"]["by"][0]), (&"val/acc".into(), &"run".into()));
    let groups: Vec<Value> = fit(text.as_bytes(), &args).fits().iter().map(|fit| fit["group"]["run"].clone()).collect();
    assert_eq!(groups, ["run-a", "run-b"]);
    assert_same(text.as_bytes(), &["--n", "Step", "--wide", "(.*) - val/acc"], 2);
    // Without a pattern it is asked for; one that takes nothing, or two values, is refused.
    assert_refused(text.as_bytes(), &["--n", "Step"], &["--wide '^(.*) - val/acc$'"]);
    assert_refused(text.as_bytes(), &["--n", "Step", "--wide", "loss"], &["no column", "run-a - val/acc"]);
    let sparse = text.replace("\"1000\",", "\"500\",\"\",\"\",\"\",\"\",\"\",\"\"\n\"1000\",");
    assert_same(sparse.as_bytes(), &args, 2);
    let plain = format!("n,r18,r50\n{}", lines(|n, e| format!("{n},{e},{e}")));
    assert_refused(plain.as_bytes(), &[], &["--wide '^(r18|r50)$'"]);
    assert_same(plain.as_bytes(), &["--wide", "^r[0-9]+$", "--error", "error"], 2);
    assert_refused(plain.as_bytes(), &["--wide", "^r[0-9]+$"], &["--wide", "--error error", "--score accuracy"]);
    let one = format!("Wall time,Step,Value\n{}", lines(|n, e| format!("1700000000.5,{n},{e}")));
    assert_refused(one.as_bytes(), &[], &["TensorBoard", "--n Step --error Value"]);
    assert_same(one.as_bytes(), &["--n", "Step", "--error", "Value"], 1);
}

#[test]
fn other_formats_are_named() {
    let zip = |name: &str| [b"PK\x03\x04\x14\x00\x00\x00\x08\x00", name.as_bytes(), &[0; 40]].concat();
    for (bytes, parts) in [
        (b"PAR1\x15\x04\x15\x00".to_vec(), ["Parquet", "duckdb"]),
        (b"ARROW1\x00\x00".to_vec(), ["Arrow", "pandas"]),
        (zip("xl/workbook.xml"), ["Excel", "save the sheet as csv"]),
        (zip("runs.csv"), ["zip", "unzip -p"]),
        (b"\x93NUMPY\x01\x00v\x00".to_vec(), ["NumPy", "savetxt"]),
        (b"\x89HDF\r\n\x1a\n".to_vec(), ["HDF5", "pandas"]),
        (b"\x80\x04\x95\x10\x00".to_vec(), ["pickle", "pandas"]),
        (b"\x28\xb5\x2f\xfd\x00".to_vec(), ["zstd", "zstdcat"]),
        (b"\xfd7zXZ\x00".to_vec(), ["xz", "xzcat"]),
        (b"BZh91AY".to_vec(), ["bzip2", "bzcat"]),
        (b"SQLite format 3\x00".to_vec(), ["SQLite", "sqlite3"]),
        (b"%PDF-1.7\n".to_vec(), ["PDF", "csv"]),
        (b"<!DOCTYPE html>\n<html><table>".to_vec(), ["web page", "csv"]),
        (b"\x00\x01\x02\x03".to_vec(), ["not text", "convert"]),
        (b"\x1f\x8b\x08\x00abc".to_vec(), ["cannot read", "damaged"]),
    ] {
        assert_refused(&bytes, &[], &parts);
    }
}
