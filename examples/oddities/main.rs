//! How often curves that follow the law are called odd, and how often what is odd is found.
//!
//! ```text
//! cargo run --release --example oddities [replicates]
//! ```
//! False alarms are to be at most 1 % of each kind; another sample of a share of .01 of 2000 lies below .0145 in 97.5 % of cases.
#![allow(clippy::disallowed_methods, reason = "an example is not core")]
#[allow(dead_code, reason = "the other examples use more of it")]
#[path = "../verdicts/simulate.rs"]
mod normal;
mod simulate;

use normal::Normal;
use simulate::{KINDS, NOISES, SIZES, found, is_named, kinds, measure, rectified, sizes, slip, turned};
use syn2real::infer::Oddity;

fn main() {
    let replicates = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(2000_u64).max(1);
    false_alarms(replicates);
    let few = (replicates / 5).max(1);
    slips(few);
    shapes(few);
}

fn false_alarms(replicates: u64) {
    println!(
        "kind        sizes x each   outlier  turn     plateau   (worst of the noises {NOISES:?}), of {replicates}"
    );
    let mut worst = [0.0_f64; 3];
    for (name, law) in KINDS {
        for (count, each) in SIZES {
            let n = sizes(count, each);
            let mut most = [0.0_f64; 3];
            for noise in NOISES {
                let mut normal = Normal::new(count as u64 * 7 + each as u64);
                let mut alarms = [0_u64; 3];
                for _ in 0..replicates {
                    let points = measure(&n, &|n| law.error_at(n), noise, &mut normal);
                    let odd = kinds(&found(&points));
                    alarms.iter_mut().zip(odd).for_each(|(count, is)| *count += u64::from(is));
                }
                for (most, count) in most.iter_mut().zip(alarms) {
                    *most = most.max(count as f64 / replicates as f64);
                }
            }
            println!("{name:10}  {count:3} x {each}        {:.4}   {:.4}   {:.4}", most[0], most[1], most[2]);
            worst.iter_mut().zip(most).for_each(|(worst, most)| *worst = worst.max(most));
        }
    }
    println!("worst                    {:.4}   {:.4}   {:.4}\n", worst[0], worst[1], worst[2]);
}

/// A decimal point that slipped, anywhere in the curve.
fn slips(replicates: u64) {
    println!("power: slips named with the point and the number that was meant, noise .01, of {replicates}");
    println!("kind        points  error/10  error*10  n/10   n*10   two errors/10");
    for (name, law) in KINDS.into_iter().take(5) {
        for count in [5, 6, 7, 10, 16, 32] {
            let n = sizes(count, 1);
            let mut normal = Normal::new(count as u64);
            let mut shares = [0_u64; 5];
            for k in 0..replicates {
                let points = measure(&n, &|n| law.error_at(n), 0.01, &mut normal);
                let at = k as usize % count;
                for (share, (factor, of_size)) in
                    shares.iter_mut().zip([(0.1, false), (10.0, false), (0.1, true), (10.0, true)])
                {
                    let mut points = points.clone();
                    let made = slip(&mut points, at, factor, of_size);
                    *share += u64::from(is_named(&found(&points), &made));
                }
                let mut points = points.clone();
                let made = [at, (at + count / 2) % count].map(|at| slip(&mut points, at, 0.1, false));
                let found = found(&points);
                shares[4] += u64::from(made.iter().all(|made| is_named(&found, made)));
            }
            let [a, b, c, d, e] = shares.map(|share| share as f64 / replicates as f64);
            println!("{name:10}  {count:4}    {a:.3}     {b:.3}     {c:.3}  {d:.3}  {e:.3}");
        }
    }
    println!();
}

/// Turns and plateaus.
fn shapes(replicates: u64) {
    println!(
        "power: a rise behind the middle by 5 or 10 deviations of the noise; the rectified law with its knee at 4,000 or 16,000, noise .003"
    );
    println!("points  rise 5  rise 10  knee 4e3  knee 16e3   other findings: rise 10, knee 16e3");
    let (_, law) = KINDS[1];
    let steep = syn2real::Syn2RealLaw { d: 2000.0, alpha: 0.9, c: 0.1 };
    for count in [7, 10, 16, 32, 64] {
        let n = sizes(count, 1);
        let mut normal = Normal::new(count as u64);
        let mut shares = [0_u64; 6];
        for _ in 0..replicates {
            let noise = 0.003;
            let is_turn = |o: &Oddity| matches!(o, Oddity::Turn { .. });
            let is_plateau = |o: &Oddity| matches!(o, Oddity::Plateau { .. });
            let a = found(&measure(&n, &turned(law, 5.0 * noise), noise, &mut normal));
            let b = found(&measure(&n, &turned(law, 10.0 * noise), noise, &mut normal));
            let c = found(&measure(&n, &rectified(steep, 4e3), noise, &mut normal));
            let d = found(&measure(&n, &rectified(steep, 16e3), noise, &mut normal));
            shares[0] += u64::from(a.iter().any(is_turn));
            shares[1] += u64::from(b.iter().any(is_turn));
            shares[2] += u64::from(c.iter().any(is_plateau));
            shares[3] += u64::from(d.iter().any(is_plateau));
            shares[4] += u64::from(b.iter().any(|o| !is_turn(o)));
            shares[5] += u64::from(d.iter().any(|o| !is_plateau(o)));
        }
        let [a, b, c, d, e, f] = shares.map(|share| share as f64 / replicates as f64);
        println!("{count:4}    {a:.3}   {b:.3}    {c:.3}     {d:.3}       {e:.3} {f:.3}");
    }
}
