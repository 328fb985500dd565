//! prototype
#![allow(clippy::disallowed_methods, reason = "an example is not core")]
use syn2real::*;
struct Rng(u64);
impl Rng {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
    }
    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}
fn main() {
    let reps: u64 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(500);
    // power on the case
    let ks = [1., 2., 3., 4., 5., 6., 8., 10., 12., 15., 20., 25., 30., 40., 50., 60.];
    let curve = |k: f64| 0.59 - 0.00125 * k + 0.38 / k;
    let exact: Vec<Point> = ks.iter().map(|k| Point::new(1000.0 * k, curve(*k))).collect();
    let fit = Syn2RealLaw::fit(&exact).unwrap();
    println!("case {:?} {:?} rms {}", fit.law(), fit.check(&exact), fit.report().rms);
    let mis = fit.report().rms;
    for count in [7usize, 8, 10, 12, 16] {
        for share in [0.0, 0.2, 0.4] {
            let mut hit = 0;
            let mut rng = Rng(count as u64);
            for _ in 0..reps {
                let pts: Vec<Point> = (0..count)
                    .map(|i| {
                        let k = ks[i * (ks.len() - 1) / (count - 1)];
                        Point::new(1000.0 * k, curve(k) * (mis * share * rng.normal()).exp())
                    })
                    .collect();
                let fit = Syn2RealLaw::fit(&pts).unwrap();
                hit += u32::from(!fit.check(&pts).unwrap().describes());
            }
            println!("power {count} noise/misfit {share}: {:.3}", hit as f64 / reps as f64);
        }
    }

    let mut hits = 0;
    for count in [5usize, 6, 7, 8, 9, 10, 12, 16, 24, 40, 60] {
        for (name, f) in [
            ("case", &(|k: f64| 0.59 - 0.00125 * k + 0.38 / k) as &dyn Fn(f64) -> f64),
            ("late fall", &|k: f64| 0.3 + 0.3 / (1.0 + (k / 8.0).powf(2.0))),
            ("two powers", &|k: f64| 0.5 * k.powf(-0.05) * (1.0 + (k / 8.0).powf(3.0)).powf(-0.15)),
            ("double", &|k: f64| 0.2 + 0.3 * (-k).exp() + 0.2 / (1.0 + (k / 20.0).powf(4.0))),
        ] {
            let exact: Vec<Point> = (0..count)
                .map(|i| {
                    let k = 60f64.powf(i as f64 / (count - 1) as f64);
                    Point::new(k * 1000.0, f(k))
                })
                .collect();
            let fit = Syn2RealLaw::fit(&exact).unwrap();
            let c = fit.check(&exact).unwrap();
            let rms = fit.report().rms;
            let mut out = vec![];
            for ratio in [0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0] {
                let mut hit = 0;
                let mut rng = Rng(count as u64);
                for _ in 0..reps {
                    let pts: Vec<Point> =
                        exact.iter().map(|p| Point::new(p.n, p.error * (rms / ratio * rng.normal()).exp())).collect();
                    let fit = Syn2RealLaw::fit(&pts).unwrap();
                    hit += u32::from(!fit.check(&pts).unwrap().describes());
                }
                out.push(format!("{:.2}", hit as f64 / reps as f64));
            }
            hits += 1;
            println!(
                "{count} {name} rms {rms:.4} {:?} d {:.3} p {:.5} | {}",
                fit.report().class,
                c.statistic.unwrap(),
                c.p_value.unwrap(),
                out.join(" ")
            );
        }
    }
    println!("{hits}");
}
