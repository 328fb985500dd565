//! A controller allocates nothing: observing, deciding, merging, its bytes.
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use syn2real::control::{Controller, Decision, Goal};
use syn2real::{Point, Syn2RealLaw};

struct Counting;

thread_local! {
    // Per thread: the test runner allocates on others.
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call goes to `System` unchanged; the counter is a thread-local cell without a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|c| c.set(c.get() + 1));
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: `pointer` came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of this thread while `work` runs.
fn allocations<T>(work: impl FnOnce() -> T) -> u64 {
    let before = COUNT.with(Cell::get);
    black_box(work());
    COUNT.with(Cell::get) - before
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| 1 + 1), 0, "arithmetic");
    assert_eq!(allocations(|| Box::new(black_box(1))), 1, "a box");
}

#[test]
fn a_controller_allocates_nothing() {
    const BYTES: usize = Controller::<64>::STATE_BYTES;
    let law = Syn2RealLaw { d: 5.0, alpha: 0.4, c: 0.2 };
    let mut controller = Controller::<64>::new(Goal::new(0.205).expect("a target"));
    let mut seen = 0;
    for i in 0..150_u32 {
        let n = 1000.0 * f64::from(1 + i * 37 % 101);
        let noise = 1.0 + 0.01 * (f64::from(i * 7919 % 101) / 101.0 - 0.5);
        let used = allocations(|| controller.observe((n, law.error_at(n) * noise)));
        assert_eq!(used, 0, "observation {i}, {} entries", controller.entries().len());
        seen += usize::from(matches!(controller.decision(), Decision::MeasureMore { .. }));
    }
    assert!(controller.merges() > 80 && seen > 0, "it was full: {} merges", controller.merges());
    assert_eq!(allocations(|| controller.observe(Point::new(-1.0, 0.5))), 0, "a point that is refused");
    let mut buffer = [0; BYTES];
    assert_eq!(allocations(|| controller.save(&mut buffer)), 0, "save");
    controller.saved();
    assert!(Controller::<64>::from_bytes(&buffer).is_ok_and(|c| c == controller), "the state was written");
    assert_eq!(allocations(|| Controller::<64>::restore(&buffer, &buffer[..100])), 0, "restore");
    assert_eq!(allocations(|| (controller.drift(), controller.fit(), controller.clone())), 0, "drift, fit, clone");
}
