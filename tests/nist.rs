//! NIST.
mod common {
    pub mod nist;
    pub mod nist_json;
    pub mod nist_laws;
}
use common::nist::{digits, problems};
use syn2real::solve::{SolveOptions, solve};

#[test]
fn certified() {
    let knobs: Vec<Option<f64>> = std::env::var("K").unwrap_or_default().split(',').map(|s| s.parse().ok()).collect();
    let lam: f64 = std::env::var("LAM").ok().and_then(|s| s.parse().ok()).unwrap_or(1e-3);
    let quiet = std::env::var("Q").is_ok();
    let (mut bad, mut total) = (vec![], 0);
    for p in problems() {
        for (s, start) in p.starts.iter().enumerate() {
            macro_rules! run {
                ($law:expr, $p:literal) => {{
                    let mut o = SolveOptions::<$p>::default();
                    o.initial_damping = lam;
                    for (k, v) in o.k.iter_mut().zip(&knobs) {
                        if let Some(v) = v {
                            *k = *v
                        }
                    }
                    let sol = solve(&$law, p.data.as_slice(), start.as_slice().try_into().unwrap(), &o);
                    let lre = sol.theta.iter().zip(&p.certified).map(|(a, b)| digits(*a, *b)).fold(11.0, f64::min);
                    let se = sol
                        .std_errors()
                        .iter()
                        .zip(&p.std_errors)
                        .map(|(a, b)| digits(a.unwrap(), *b))
                        .fold(11.0, f64::min);
                    if !quiet {
                        println!(
                            "{:10} {} {lre:5.1} {se:5.1} {:.10e} {:3} {:3} {:?} cond {:.1e}",
                            p.name,
                            s + 1,
                            sol.cost * 2.0,
                            sol.iterations,
                            sol.evaluations,
                            sol.termination,
                            sol.condition()
                        );
                    }
                    total += sol.evaluations;
                    if lre < 8.0 {
                        bad.push(format!("{}/{}:{lre:.1}", p.name, s + 1));
                    }
                }};
            }
            with_nist_law!(p.name.as_str(), run);
        }
    }
    println!("bad {} total {total} {bad:?}", bad.len());
}
