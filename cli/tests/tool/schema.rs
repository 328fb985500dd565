//! What the commands print with --format json, held against docs/output.schema.json by a validator of its own.
use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

use crate::run::{rows, run_with};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/output.schema.json");

struct Shape {
    schemas: Schemas,
    root: SchemaIndex,
}

impl Shape {
    fn new() -> Shape {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let root = compiler.compile(FILE, &mut schemas).expect("a valid schema");
        Shape { schemas, root }
    }

    /// What is wrong with an output, if anything.
    fn fault(&self, output: &Value) -> Option<String> {
        self.schemas.validate(output, self.root).err().map(|e| format!("{e:#}"))
    }
}

/// Curves of which one cannot be fitted and one is flat, with n = 0 nowhere, and a scale.
fn curves() -> String {
    let flat: String = (0..6).map(|k| format!("flat,{},0.4{}\n", 1000 << k, k % 2)).collect();
    format!("g,n,error\n{}{}{flat}bad,1000,0.5\nbad,x,0.4\n", rows("a,"), rows("b,"))
}

fn grid() -> String {
    let mut text = "n,s,error\n".to_owned();
    for (i, s) in [1e3, 4e3, 16e3, 64e3_f64].into_iter().enumerate() {
        for k in 0..6 {
            let n = 1000.0 * 2.0_f64.powi(k);
            let noise = 1.0 + 0.002 * f64::from((7 * k + 3 * i as i32) % 5 - 2);
            text += &format!("{n},{s},{}\n", 8.0 * (0.5 + n.powf(-0.4)) * s.powf(-0.3) * noise);
        }
    }
    text
}

#[test]
fn every_command_prints_what_the_schema_says() {
    let shape = Shape::new();
    let (curves, grid) = (curves(), grid());
    let one = format!("g,n,error\n{}", rows("a,"));
    let of = ["-", "--n", "n", "--error", "error", "--by", "g"];
    let over_both = ["-", "--n", "n", "--s", "s", "--error", "error"];
    let calls: Vec<(&str, &[&str], &[&str], &str)> = vec![
        ("ask", &of, &[], &curves),
        ("ask", &of, &["--target", "0.27", "--budget", "1e6"], &curves),
        ("fit", &of, &[], &curves),
        ("fit", &of, &["--fixed-d", "3", "--residual", "linear", "--alpha", "0.6,1"], &curves),
        ("fit", &of, &["--law", "rectified"], &curves),
        ("fit", &of, &["--law", "bent"], &curves),
        ("fit", &of, &["--law", "best"], &curves),
        ("plan", &of, &["--target", "0.27"], &curves),
        ("plan", &of, &["--target", "0.27", "--budget", "1e6", "--probability", "0.9", "--replicates", "99"], &curves),
        ("plan", &of, &["--target", "0.27", "--basis", "forecast"], &curves),
        ("plan", &of, &["--target", "0.27", "--method", "bootstrap", "--replicates", "99"], &curves),
        ("next", &of, &["--target", "0.27"], &one),
        ("next", &of, &["--aim", "c"], &one),
        ("compare", &of, &["--at", "1e6", "--replicates", "99"], &curves),
        ("compare", &of, &["--replicates", "99"], &one),
        ("extrapolate", &of, &["--train-max", "16000"], &curves),
        ("extrapolate", &of, &["--train-max", "16000", "--law", "all", "--mean-by", "g"], &curves),
        ("decouple", &of, &[], &curves),
        ("decouple", &of, &[], &one),
        ("full", &over_both, &[], &grid),
        ("full", &over_both, &["--by", "s", "--bends"], &grid),
        ("allocate", &over_both, &["--target-error", "0.9", "--per-real", "0.5"], &grid),
        ("rates", &[], &["--r0", "0.5", "--r1", "0.5", "--xi", "3", "--zeta", "0"], ""),
        ("entropy", &["-"], &[], "a,b\n1,2\n2,1\n3,5\n0,1\n"),
    ];
    for (command, columns, more, csv) in calls {
        let args = [&[command], columns, more, &["--format", "json"]].concat();
        let run = run_with(&args, csv.as_bytes());
        assert!(run.code < 2, "{args:?}: {}", run.err);
        let json = run.json();
        assert_eq!(json["command"], command);
        assert_eq!(shape.fault(&json), None, "{args:?}");
    }
}

/// A schema that takes everything would pass all of the above.
#[test]
fn what_the_schema_does_not_know_is_a_fault() {
    let shape = Shape::new();
    let csv = format!("g,n,error\n{}", rows("a,"));
    let run = run_with(&["fit", "-", "--n", "n", "--error", "error", "--format", "json"], csv.as_bytes());
    let good = run.json();
    assert_eq!(shape.fault(&good), None);
    let mut extra = good.clone();
    extra["fits"][0]["surprise"] = 1.into();
    let mut missing = good.clone();
    missing.as_object_mut().expect("an object").remove("read");
    let mut wrong = good;
    wrong["fits"][0]["rms"] = "small".into();
    for (kind, json) in [("a new name", extra), ("no read", missing), ("a text for a number", wrong)] {
        assert!(shape.fault(&json).is_some(), "{kind} passes");
    }
}
