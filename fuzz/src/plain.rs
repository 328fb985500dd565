//! Drives a target without libFuzzer: every file of `seeds/TARGET`, then seeded random inputs and mutated seeds until the
//! time is over.
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }
}

/// Longest random input; a point is read from at most 27 bytes, so that 40 points occur.
const LONGEST: usize = 1200;

/// A single input that takes longer than this is a fault: four fits of 64 points take less than 10 ms, the rest is room
/// for a busy machine.
const SLOWEST: Duration = Duration::from_secs(5);

/// A fresh input, or a seed with up to 8 changed bytes.
fn input(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    if seeds.is_empty() || random.below(2) == 0 {
        let length = random.below(LONGEST);
        return (0..length).map(|_| random.bits() as u8).collect();
    }
    let mut data = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(8) {
        if !data.is_empty() {
            let at = random.below(data.len());
            data[at] = random.bits() as u8;
        }
    }
    data
}

/// Runs one input; names it in hexadecimal digits if it panics or is slow.
fn run(name: &str, data: &[u8], fuzz_one: fn(&[u8])) -> Result<(), ()> {
    let start = Instant::now();
    let outcome = std::panic::catch_unwind(|| fuzz_one(data));
    if outcome.is_ok() && start.elapsed() < SLOWEST {
        return Ok(());
    }
    let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    eprintln!(
        "{name}: {} after {:?} on this input:\n{hex}",
        if outcome.is_ok() { "slow" } else { "panic" },
        start.elapsed()
    );
    eprintln!("again: cargo run --release --manifest-path fuzz/Cargo.toml --bin {name} -- --hex DIGITS");
    Err(())
}

fn usage(name: &str) -> ExitCode {
    eprintln!("usage: {name} [--seconds N] [--seed N] [--hex DIGITS]");
    ExitCode::from(2)
}

/// The program: `--seconds N` (default 5), `--seed N` (default 1), or one input by `--hex DIGITS`.
pub fn main(name: &str, fuzz_one: fn(&[u8])) -> ExitCode {
    let (mut seconds, mut seed) = (5, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let Some(value) = arguments.next() else { return usage(name) };
        match (flag.as_str(), value.parse::<u64>()) {
            ("--seconds", Ok(number)) => seconds = number,
            ("--seed", Ok(number)) => seed = number,
            ("--hex", _) => {
                let digits: Option<Vec<u8>> =
                    (0..value.len() / 2).map(|i| u8::from_str_radix(value.get(2 * i..2 * i + 2)?, 16).ok()).collect();
                let Some(data) = digits else { return usage(name) };
                return if run(name, &data, fuzz_one).is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
            }
            _ => return usage(name),
        }
    }

    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
    let mut paths: Vec<_> = match std::fs::read_dir(&directory) {
        Ok(entries) => entries.filter_map(|entry| Some(entry.ok()?.path())).collect(),
        Err(error) => {
            eprintln!("{name}: no seeds: {error}");
            return ExitCode::FAILURE;
        }
    };
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().filter_map(|path| std::fs::read(path).ok()).collect();
    for data in &seeds {
        if run(name, data, fuzz_one).is_err() {
            return ExitCode::FAILURE;
        }
    }
    let (mut random, start, mut count) = (Random(seed), Instant::now(), 0_u64);
    while start.elapsed() < Duration::from_secs(seconds) {
        if run(name, &input(&mut random, &seeds), fuzz_one).is_err() {
            return ExitCode::FAILURE;
        }
        count += 1;
    }
    println!("{name}: {} seeds and {count} random inputs (seed {seed}) without a fault", seeds.len());
    ExitCode::SUCCESS
}
