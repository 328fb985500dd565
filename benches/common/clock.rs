//! Time of this thread alone: what other processes take of a shared machine does not count.
#![allow(dead_code, reason = "each bench takes the part that it needs")]
use std::time::Duration;

use cpu_time::ThreadTime;
use criterion::Criterion;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use syn2real::FitOptions;
use syn2real::simd::Isa;

/// CPU time of the measuring thread, printed as criterion prints time.
pub(crate) struct ThreadClock(WallTime);

impl Measurement for ThreadClock {
    type Intermediate = ThreadTime;
    type Value = Duration;

    fn start(&self) -> ThreadTime {
        ThreadTime::now()
    }

    fn end(&self, start: ThreadTime) -> Duration {
        start.elapsed()
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self.0.formatter()
    }
}

/// A second for each figure: 20 samples, of which the median is read. A fit takes the same steps each time.
pub(crate) fn short() -> Criterion<ThreadClock> {
    Criterion::default()
        .with_measurement(ThreadClock(WallTime))
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(700))
        .without_plots()
}

/// The default options on each instruction set of this machine, the fastest last.
pub(crate) fn on_each_isa() -> impl Iterator<Item = (&'static str, FitOptions)> {
    Isa::available().map(|isa| (isa.name(), FitOptions { isa, ..FitOptions::default() }))
}
