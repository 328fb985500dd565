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

/// Runs one input; names it in hexadecimal digits if it panics or is slow. True if it does neither.
fn run(name: &str, data: &[u8], fuzz_one: fn(&[u8])) -> bool {
    let start = Instant::now();
    let outcome = std::panic::catch_unwind(|| fuzz_one(data));
    let elapsed = start.elapsed();
    if outcome.is_ok() && elapsed < SLOWEST {
        return true;
    }
    let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    eprintln!("{name}: {} after {elapsed:?}; again with --hex {hex}", if outcome.is_ok() { "slow" } else { "panic" });
    false
}

fn usage(name: &str) -> ExitCode {
    eprintln!("usage: {name} [--seconds N] [--seed N] [--faults N] [--hex DIGITS]");
    ExitCode::from(2)
}

/// The bytes of a text of hexadecimal digits.
fn from_hex(digits: &str) -> Option<Vec<u8>> {
    (0..digits.len() / 2).map(|i| u8::from_str_radix(digits.get(2 * i..2 * i + 2)?, 16).ok()).collect()
}

/// The program: random inputs for `--seconds N` (default 5) from `--seed N` (default 1), ended by fault number
/// `--faults N` (default 1); or one input by `--hex DIGITS`, which is described as well.
pub fn main(name: &str, fuzz_one: fn(&[u8]), describe: fn(&[u8]) -> String) -> ExitCode {
    let (mut seconds, mut seed, mut most) = (5, 1, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let Some(value) = arguments.next() else { return usage(name) };
        match (flag.as_str(), value.parse::<u64>()) {
            ("--seconds", Ok(number)) => seconds = number,
            ("--seed", Ok(number)) => seed = number,
            ("--faults", Ok(number)) => most = number,
            ("--hex", _) => {
                let Some(data) = from_hex(&value) else { return usage(name) };
                println!("{}", describe(&data));
                return if run(name, &data, fuzz_one) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
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
    let (mut random, start, mut count, mut faults) = (Random(seed), Instant::now(), 0, 0);
    for data in &seeds {
        faults += u64::from(!run(name, data, fuzz_one));
    }
    while faults < most && start.elapsed() < Duration::from_secs(seconds) {
        faults += u64::from(!run(name, &input(&mut random, &seeds), fuzz_one));
        count += 1;
    }
    println!("{name}: {} seeds and {count} random inputs (seed {seed}), {faults} faults", seeds.len());
    if faults == 0 && !seeds.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
