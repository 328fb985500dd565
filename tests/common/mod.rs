//! What several test files share: the authors' data, the workloads, the independent dense search.
#![allow(dead_code, reason = "every test file is its own crate and uses a part of this")]
#![allow(
    unreachable_pub,
    missing_docs,
    reason = "modules of a test are reached by that test alone; names and module docs say what they are"
)]
#![allow(clippy::disallowed_methods, reason = "the oracle is not core: std's mathematics is the independent one")]

pub mod data;
pub mod dense;
pub mod line;
pub mod product;
pub mod rng;
pub mod workload;

/// Maps `f` over 0..count on the threads of the machine; the results do not depend on their number.
pub fn parallel<T: Send, F: Fn(usize) -> T + Sync>(count: usize, f: F) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get()).min(8);
    let mut all: Vec<(usize, T)> = std::thread::scope(|scope| {
        let f = &f;
        let workers: Vec<_> = (0..threads)
            .map(|k| scope.spawn(move || (k..count).step_by(threads).map(|i| (i, f(i))).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|w| w.join().expect("a worker panicked")).collect()
    });
    all.sort_by_key(|(i, _)| *i);
    all.into_iter().map(|(_, t)| t).collect()
}

/// Whether the long versions were asked for (`SYN2REAL_FULL=1`).
pub fn full() -> bool {
    std::env::var_os("SYN2REAL_FULL").is_some_and(|v| v == "1")
}
