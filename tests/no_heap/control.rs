//! A controller allocates nothing: observing, deciding, merging, its bytes.

use syn2real::control::{Controller, Decision, Goal};
use syn2real::{Point, Syn2RealLaw};

use crate::allocations;

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
