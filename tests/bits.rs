//! The same bits on every instruction set, and from one version to the next unless CHANGELOG says so under "Numerics".
//!
//! A stage is a set of fits; its hash covers every field of every fit. After a change of the numbers that is meant:
//! `SYN2REAL_BLESS=1 cargo test --test bits` rewrites `tests/data/fit_bits.csv`.
#![allow(clippy::disallowed_methods, reason = "tests are not core")]
mod common;

use common::{data, dense::Problem, workload};
use syn2real::simd::Isa;
use syn2real::{Class, Confidence, FitOptions, Loss, Parameter, Point, Residual, Side, Syn2RealLaw};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fit_bits.csv");

/// FNV-1a, 64 bits.
#[derive(Clone, Copy, PartialEq)]
struct Hash(u64);

impl Hash {
    const START: Hash = Hash(0xcbf2_9ce4_8422_2325);

    fn word(&mut self, word: u64) {
        for byte in word.to_le_bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn float(&mut self, x: f64) {
        self.word(x.to_bits());
    }

    fn maybe(&mut self, x: Option<f64>) {
        self.word(u64::from(x.is_some()));
        self.float(x.unwrap_or(0.0));
    }
}

fn class(class: Class) -> u64 {
    let side = |side: Side| u64::from(side == Side::Upper);
    match class {
        Class::Interior => 0,
        Class::NoGap => 1,
        Class::Flat => 2,
        Class::AlphaMax => 3,
        Class::AtBound { parameter: Parameter::D, side: s } => 4 + side(s),
        Class::AtBound { parameter: Parameter::Alpha, side: s } => 6 + side(s),
        Class::AtBound { parameter: Parameter::C, side: s } => 8 + side(s),
        _ => 99,
    }
}

/// Hash of everything that a fit tells.
fn hash_of(points: &[Point], options: &FitOptions) -> u64 {
    let mut h = Hash::START;
    let fit = match Syn2RealLaw::fit_with(points, options) {
        Ok(fit) => fit,
        Err(why) => {
            why.to_string().bytes().for_each(|b| h.word(u64::from(b)));
            return h.0;
        }
    };
    let (law, report) = (fit.law(), fit.report());
    for x in [law.d, law.alpha, law.c, report.cost, report.rms, report.n_min, report.n_max] {
        h.float(x);
    }
    for x in fit.std_errors() {
        h.maybe(x);
    }
    h.maybe(report.condition);
    h.maybe(report.huber_delta);
    for n in [class(report.class), report.termination as u64, report.points as u64, report.degrees_of_freedom as u64] {
        h.word(n);
    }
    for n in [report.iterations, report.evaluations, report.minima_found] {
        h.word(u64::from(n));
    }
    for m in fit.minima() {
        for x in [m.law.d, m.law.alpha, m.law.c, m.cost] {
            h.float(x);
        }
        h.word(class(m.class));
    }
    for parameter in [Parameter::D, Parameter::Alpha, Parameter::C] {
        let interval = fit.interval(parameter, Confidence::P95);
        h.maybe(interval.and_then(|i| i.lower));
        h.maybe(interval.and_then(|i| i.upper));
    }
    h.0
}

/// Points of a generated problem; n and errors rounded to multiples of 2^-24, so that another libm under the generator
/// gives the same data (a straddle has a chance of about 1e-8 for each number).
fn points(problem: &Problem) -> Vec<Point> {
    let round = |x: f64| (x * 16_777_216.0).round() / 16_777_216.0;
    (0..problem.n.len())
        .map(|i| Point::new(round(problem.n[i]), round(problem.error[i])).with_weight(round(problem.weight[i])))
        .collect()
}

fn with(residual: Residual, loss: Loss) -> FitOptions {
    FitOptions { residual, loss, ..FitOptions::default() }
}

/// A stage: its name and the problems of it.
type Stage = (&'static str, Vec<(Vec<Point>, FitOptions)>);

fn stages() -> Vec<Stage> {
    let space = |log: bool| if log { Residual::Log } else { Residual::Linear };
    let seed = workload::SEEDS[0];
    let authors = data::free_fits().into_iter().map(|f| {
        let points = f.points.iter().map(|&p| p.into()).collect();
        (points, with(space(f.log), Loss::Square))
    });
    let fixed_d = data::fixed_d_fits().into_iter().map(|f| {
        let points = f.points.iter().map(|&p| p.into()).collect();
        (points, FitOptions { fixed_d: Some(0.48), alpha: (0.0, 1.5).into(), ..with(space(f.log), Loss::Square) })
    });
    let common = |log: bool, count: usize| {
        (0..count)
            .map(move |i| (points(&workload::common(seed, i, log)), with(space(log), Loss::Square)))
            .collect::<Vec<_>>()
    };
    let irregular = (0..2000).map(|i| {
        let log = i % 4 < 2;
        (points(&workload::irregular(seed, i, log)), with(space(log), Loss::Square))
    });
    let huber = (0..500).map(|i| {
        let log = i % 2 == 0;
        (points(&workload::outliers(seed, i, log)), with(space(log), Loss::Huber { k: 1.345 }))
    });
    vec![
        ("the 114 of the authors", authors.collect()),
        ("the 58 with D fixed", fixed_d.collect()),
        ("20000 of seven points, log", common(true, 20_000)),
        ("4000 of seven points, linear", common(false, 4000)),
        ("2000 irregular", irregular.collect()),
        ("500 Huber", huber.collect()),
    ]
}

fn hash_points(problems: &[(Vec<Point>, FitOptions)]) -> u64 {
    let mut h = Hash::START;
    for p in problems.iter().flat_map(|(points, _)| points) {
        for x in [p.n, p.error, p.weight] {
            h.float(x);
        }
    }
    h.0
}

#[test]
fn every_instruction_set_and_every_version() {
    let bless = std::env::var_os("SYN2REAL_BLESS").is_some_and(|v| v == "1");
    let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    let sets: Vec<Isa> = Isa::available().collect();
    let mut lines = String::from("stage,inputs,fits\n");
    let mut wrong = Vec::new();
    for (name, problems) in stages() {
        let on = |isa: Isa| {
            common::parallel(problems.len(), |i| hash_of(&problems[i].0, &FitOptions { isa, ..problems[i].1 }))
        };
        let first = on(sets[0]);
        for &isa in &sets[1..] {
            let other = on(isa);
            let differing: Vec<usize> = (0..first.len()).filter(|&i| first[i] != other[i]).collect();
            if let Some(&i) = differing.first() {
                wrong.push(format!(
                    "{name}: {} of {} differ on {isa:?}, first {i}: {:?}",
                    differing.len(),
                    first.len(),
                    problems[i]
                ));
            }
        }
        let mut all = Hash::START;
        first.iter().for_each(|h| all.word(*h));
        let (inputs, fits) = (format!("{:016x}", hash_points(&problems)), format!("{:016x}", all.0));
        println!("{name}: inputs {inputs}, fits {fits}, {} problems on {} instruction sets", first.len(), sets.len());
        lines += &format!("{},{inputs},{fits}\n", name.replace(',', ""));
        let known = data_line(&golden, &name.replace(',', ""));
        match known {
            _ if bless => {}
            Some((i, _)) if i != inputs => {
                wrong.push(format!("{name}: the generator made other inputs here ({inputs}, not {i})"))
            }
            Some((_, f)) if f == fits => {}
            known => wrong.push(format!("{name}: hash {fits}, kept {known:?}: see the head of this file")),
        }
    }
    if bless {
        std::fs::write(GOLDEN, lines).expect("tests/data can be written");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// (inputs, fits) of a stage in the kept file.
fn data_line(golden: &str, stage: &str) -> Option<(String, String)> {
    let row = golden.lines().find(|l| l.split(',').next() == Some(stage))?;
    let mut fields = row.split(',').skip(1).map(str::to_string);
    Some((fields.next()?, fields.next()?))
}

/// The hash sees every field: a point moved by four ulp gives another. (The inverse of an error may round one ulp away.)
#[test]
fn the_hash_sees_four_ulp() {
    let mut points: Vec<Point> = data::free_fits()[0].points.iter().map(|&p| p.into()).collect();
    let options = FitOptions::default();
    let before = hash_of(&points, &options);
    assert_eq!(before, hash_of(&points, &options), "the same fit twice");
    points[3].error = f64::from_bits(points[3].error.to_bits() + 4);
    assert_ne!(before, hash_of(&points, &options), "an error moved by four ulp");
}
