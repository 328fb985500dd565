//! Work split by group over threads, its results taken in the order of the groups: what is printed does not depend on the
//! number of threads.
use std::ops::Range;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::errors::Error;
use crate::progress::Progress;

/// Batches for each thread between two looks at the results: enough that a slow batch does not leave a thread idle for long,
/// few enough that what waits to be printed stays below some megabytes.
const AHEAD: usize = 16;

/// Threads for work on groups.
pub(crate) struct Workers {
    pool: ThreadPool,
}

impl Workers {
    /// So many threads; `None` for one on each processor.
    pub(crate) fn new(threads: Option<u16>) -> Result<Workers, Error> {
        let threads = threads.map_or(0, usize::from);
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|e| Error::Option(format!("--threads: {e}: ask for fewer")))?;
        Ok(Workers { pool })
    }

    /// Runs `work` on every batch of groups and hands the results to `each` in the order of the batches, on this thread,
    /// while the next ones are worked on. Ends at the first error of `each`.
    pub(crate) fn in_order<T: Send>(
        &self,
        what: &'static str,
        batches: &[Range<usize>],
        work: impl Fn(Range<usize>) -> T + Sync,
        mut each: impl FnMut(T) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let groups = batches.last().map_or(0, |batch| batch.end);
        let mut progress = Progress::count(what, groups);
        let mut ready: Vec<T> = Vec::new();
        // One round more than there are windows: the last one only takes results.
        let windows = batches.chunks(AHEAD * self.pool.current_num_threads()).map(Some).chain([None]);
        for window in windows {
            let mut coming = Vec::new();
            let taken = self.pool.in_place_scope(|scope| {
                if let Some(window) = window {
                    let (coming, work) = (&mut coming, &work);
                    scope.spawn(move |_| *coming = window.par_iter().map(|batch| work(batch.clone())).collect());
                }
                ready.drain(..).try_for_each(&mut each)
            });
            taken?;
            ready = coming;
            if let Some(last) = window.and_then(<[_]>::last) {
                progress.at(last.end as u64);
            }
        }
        progress.finish();
        Ok(())
    }

    /// `work` on every group, its results in their order.
    pub(crate) fn map<T: Send>(&self, what: &'static str, groups: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
        let batches: Vec<Range<usize>> = (0..groups).map(|group| group..group + 1).collect();
        let mut results = Vec::with_capacity(groups);
        let taken = self.in_order(
            what,
            &batches,
            |batch| work(batch.start),
            |result| {
                results.push(result);
                Ok(())
            },
        );
        debug_assert!(taken.is_ok(), "pushing to a vector does not fail");
        results
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_from_any_number_of_threads() {
        for threads in [1, 2, 5] {
            let workers = Workers::new(Some(threads)).expect("threads");
            let squares = workers.map("squaring", 1000, |group| group * group);
            assert_eq!(squares, (0..1000).map(|group| group * group).collect::<Vec<_>>(), "{threads} threads");
        }
    }

    #[test]
    fn an_error_ends_the_run() {
        let workers = Workers::new(Some(2)).expect("threads");
        let batches: Vec<Range<usize>> = (0..1000).map(|group| group..group + 1).collect();
        let mut taken = 0;
        let result = workers.in_order(
            "counting",
            &batches,
            |batch| batch.start,
            |group| {
                taken += 1;
                if group == 70 { Err(Error::Option("full".into())) } else { Ok(()) }
            },
        );
        assert!(result.is_err() && taken == 71, "{taken} results were taken");
    }
}
