//! A bar on the standard error, on a terminal only, when a run takes longer than a second.
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shorter runs need no bar.
const PATIENCE: Duration = Duration::from_secs(1);
/// Rows between two looks at the clock: a look takes tens of nanoseconds, a row hundreds.
const ROWS: u32 = 1024;

/// A bar that appears when the patience ends.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    start: Instant,
    steps: u32,
    look_every: u32,
    shown: bool,
}

impl Progress {
    fn new(what: &'static str, length: Option<u64>, units: &str, look_every: u32) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden());
            let template = match length {
                Some(_) => format!("{{msg}} [{{bar:40}}] {units}, {{eta}} left"),
                None => format!("{{msg}} {units}"),
            };
            let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.with_style(style.progress_chars("=> ")).with_message(what)
        });
        Progress { bar, start: Instant::now(), steps: 0, look_every, shown: false }
    }

    /// A bar over bytes; `None` if their number is not known.
    pub(crate) fn bytes(what: &'static str, length: Option<u64>) -> Progress {
        let units = if length.is_some() { "{bytes} of {total_bytes}" } else { "{bytes}" };
        Progress::new(what, length, units, ROWS)
    }

    /// A bar over things.
    pub(crate) fn count(what: &'static str, length: usize) -> Progress {
        Progress::new(what, Some(length as u64), "{human_pos} of {human_len}", 1)
    }

    /// Moves the bar.
    pub(crate) fn at(&mut self, position: u64) {
        self.steps = self.steps.wrapping_add(1);
        let Some(bar) = &self.bar else { return };
        if !self.steps.is_multiple_of(self.look_every) || self.start.elapsed() < PATIENCE {
            return;
        }
        if !self.shown {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            self.shown = true;
        }
        bar.set_position(position);
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
