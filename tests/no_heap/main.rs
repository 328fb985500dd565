//! Nothing here allocates: a counting allocator, and a test that it counts.
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

mod control;
mod fit;
mod full;
mod infer;
mod plan;

struct Counting;

thread_local! {
    // Per thread: the test runner allocates on others.
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    COUNT.with(|c| c.set(c.get() + 1));
}

// SAFETY: every call goes to `System` unchanged; the counter is a thread-local cell without a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: `pointer` came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: `pointer` came from `System` with this layout.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations of this thread while `work` runs.
pub(crate) fn allocations<T>(work: impl FnOnce() -> T) -> u64 {
    let before = COUNT.with(Cell::get);
    black_box(work());
    COUNT.with(Cell::get) - before
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| 1 + 1), 0, "arithmetic");
    assert_eq!(allocations(|| Box::new(black_box(1))), 1, "a box");
    assert!(allocations(|| (0..100).map(black_box).collect::<Vec<i32>>()) >= 1, "a vector");
    assert_eq!(
        allocations(|| {
            let mut v: Vec<u8> = Vec::with_capacity(1);
            v.extend([1; 64]);
            v
        }),
        2,
        "a vector that grows"
    );
}
