//! Cost against size over four decades: the number of problems in a grid, and the number of points of a curve.
use std::hint::black_box;

use plotters::prelude::*;
use syn2real::{FitOptions, Syn2RealLaw};

use crate::watch::{duration, seconds};
use crate::workload::{self, SEEDS, SIZES};

/// Items and nanoseconds of one call.
type Measured = Vec<(f64, f64)>;

/// The least of as many calls as fit into half a second, three at least.
fn least(mut call: impl FnMut()) -> f64 {
    let (mut best, mut spent, mut calls) = (f64::INFINITY, 0.0, 0);
    while calls < 3 || spent < 0.5 {
        let time = seconds(&mut call);
        (best, spent, calls) = (best.min(time), spent + time, calls + 1);
    }
    1e9 * best
}

fn problems() -> Measured {
    let options = FitOptions { covariance: false, ..FitOptions::default() };
    let errors = workload::grid(SEEDS[0], &SIZES, 100_000);
    let time = |count: usize| {
        let errors = &errors[..count * SIZES.len()];
        least(|| _ = Syn2RealLaw::fit_grid(&SIZES, black_box(errors), &options, |_, fit| _ = black_box(fit)))
    };
    [10, 100, 1_000, 10_000, 100_000].into_iter().map(|count| (count as f64, time(count))).collect()
}

fn points() -> Measured {
    let options = FitOptions::default();
    let curve = workload::long(10_000_000);
    let time = |count: usize| least(|| _ = black_box(Syn2RealLaw::fit_with(black_box(&curve[..count]), &options)));
    [1_000, 10_000, 100_000, 1_000_000, 10_000_000].into_iter().map(|count| (count as f64, time(count))).collect()
}

/// Slope of ln time over ln size by least squares: 1 is linear.
fn slope(measured: &Measured) -> f64 {
    let logs: Vec<(f64, f64)> = measured.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / logs.len() as f64;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let product = |a: fn((f64, f64)) -> f64, b: fn((f64, f64)) -> f64| {
        logs.iter().map(|p| a((p.0 - x, p.1 - y)) * b((p.0 - x, p.1 - y))).sum::<f64>()
    };
    product(|d| d.0, |d| d.1) / product(|d| d.0, |d| d.0)
}

fn draw(figure: &str, series: &[(&str, &Measured)]) -> Result<(), Box<dyn std::error::Error>> {
    const COLOURS: [RGBColor; 2] = [RGBColor(0, 114, 178), RGBColor(213, 94, 0)];
    let area = SVGBackend::new(figure, (760, 460)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d((6.0..2e7).log_scale(), (1e3..1e10).log_scale())?;
    let power = |v: &f64| format!("1e{:.0}", v.log10());
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc("size: problems of 7 points in one call, or points of one curve")
        .y_desc("time of the call")
        .x_label_formatter(&power)
        // Ticks are powers of ten.
        .y_label_formatter(&|v| duration(*v).replace(".00", "").replace(".0 ", " "))
        .draw()?;
    for ((name, measured), colour) in series.iter().zip(COLOURS) {
        // Proportional to the size, through the last measurement.
        let (x, y) = measured[measured.len() - 1];
        let proportional = measured.iter().map(|(at, _)| (*at, y / x * at));
        chart.draw_series(LineSeries::new(proportional, colour.mix(0.5)))?;
        let dots = measured.iter().map(|p| Circle::new(*p, 5, colour.filled()));
        chart.draw_series(dots)?.label(*name).legend(move |(x, y)| Circle::new((x, y), 5, colour.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .border_style(BLACK.mix(0.3))
        .background_style(WHITE)
        .draw()?;
    area.present()?;
    Ok(())
}

/// Prints the table and draws the figure.
pub(crate) fn run(figure: &str) -> Result<(), String> {
    let (problems, points) = (problems(), points());
    println!("### Cost against size\n");
    println!("Dots are measured, lines are proportional to the size through the last dot.\n");
    for (what, measured) in [("problems of 7 points, `fit_grid`", &problems), ("points of one curve, `fit`", &points)] {
        println!("| {what} | time | each |\n|---|---|---|");
        for (size, time) in measured {
            println!("| {size:.0} | {} | {} |", duration(*time), duration(time / size));
        }
        println!("\ntime ~ size^{:.3} by least squares over these {}.\n", slope(measured), measured.len());
    }
    let series = [("fit_grid: problems of 7 points, no covariance", &problems), ("fit: points of one curve", &points)];
    draw(figure, &series).map_err(|e| format!("{figure}: {e}"))
}
