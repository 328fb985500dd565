//! The controller's bytes: whatever happens to them is a typed error, and a power cut costs one observation at most.
use syn2real::control::{Controller, Decision, Goal, Slot, StateError};
use syn2real::{Confidence, Syn2RealLaw};

type Small = Controller<12>;
const BYTES: usize = Small::STATE_BYTES;

const LAW: Syn2RealLaw = Syn2RealLaw { d: 5.0, alpha: 0.4, c: 0.2 };

fn goal() -> Goal {
    Goal::new(0.25)
        .and_then(|g| g.with_sizes(500.0, 3.0))
        .and_then(|g| g.with_budget(1e7))
        .and_then(|g| g.with_observations(50))
        .and_then(|g| g.with_patience(4))
        .and_then(|g| g.with_check_every(5))
        .expect("in range")
        .with_confidence(Confidence::P90)
}

/// A controller after `count` observations.
fn after(count: u32) -> Small {
    let mut controller = Small::new(goal());
    controller.set_remaining(Some(40));
    (0..count).for_each(|_| step(&mut controller));
    controller
}

/// Does what was decided; noise of a percent by the number of the observation.
fn step(controller: &mut Small) {
    let noise = 0.02 * (f64::from(controller.observed() % 101 * 7919 % 101) / 101.0 - 0.5);
    let n = match controller.decision() {
        Decision::MeasureMore { at: n } | Decision::Generate { up_to: n } => n,
        _ => 750.0,
    };
    controller.observe((n, LAW.error_at(n) * (1.0 + noise)));
}

fn bytes(controller: &Small) -> ([u8; BYTES], usize) {
    let mut buffer = [0; BYTES];
    let save = controller.save(&mut buffer).expect("the buffer is large enough");
    (buffer, save.bytes)
}

#[test]
fn what_is_read_goes_on_as_what_was_written() {
    for count in 0..40 {
        let mut original = after(count);
        let (buffer, len) = bytes(&original);
        original.saved();
        let mut read = Small::from_bytes(&buffer[..len]).expect("whole");
        assert_eq!(read, original, "after {count} observations");
        for _ in 0..3 {
            step(&mut original);
            step(&mut read);
        }
        assert_eq!(read, original, "three observations on, from {count}");
    }
}

/// The layout of version 1: a change of it must change the version.
#[test]
fn the_layout_is_that_of_version_1() {
    let (buffer, len) = bytes(&after(2));
    assert_eq!(&buffer[..6], b"S2RC\x01\x00");
    // 12 bytes, the number of the save, 52 of goal, 28 + 32 of run, the count of entries, two entries, the checksum.
    assert_eq!(len, 12 + 8 + 52 + 28 + 32 + 4 + 2 * 36 + 4);
    assert_eq!(buffer[8..12], (len as u32).to_le_bytes());
    assert_eq!(buffer[12..20], 1_u64.to_le_bytes());
    assert_eq!(buffer[20..28], 0.25_f64.to_le_bytes());
    assert_eq!(buffer[136..144], 500.0_f64.to_le_bytes(), "n of the first entry");
}

#[test]
fn a_state_that_ends_early_is_an_error() {
    let (buffer, len) = bytes(&after(20));
    for end in 0..len {
        let error = Small::from_bytes(&buffer[..end]).expect_err("cut short");
        assert!(matches!(error, StateError::Truncated), "{end} of {len}: {error:?}");
    }
}

#[test]
fn every_flipped_bit_is_an_error() {
    let (buffer, len) = bytes(&after(20));
    for bit in 0..8 * len {
        let mut wrong = buffer;
        wrong[bit / 8] ^= 1 << (bit % 8);
        let error = Small::from_bytes(&wrong[..len]).expect_err("a bit is wrong");
        assert!(!matches!(error, StateError::Value | StateError::Capacity { .. }), "bit {bit}: {error:?}");
    }
    let mut newer = buffer;
    newer[4] = 2;
    assert_eq!(Small::from_bytes(&newer), Err(StateError::Version { found: 2 }));
    newer[0] = 0xff;
    assert_eq!(Small::from_bytes(&newer), Err(StateError::Magic));
}

/// CRC-32 of IEEE 802.3, written a second time: the tests forge states with it.
fn seal(buffer: &mut [u8; BYTES], len: usize) {
    let mut crc = !0_u32;
    for byte in &buffer[..len - 4] {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    buffer[len - 4..len].copy_from_slice(&(!crc).to_le_bytes());
}

/// Bytes with a right checksum and wrong values: an error, or a controller that works; never a panic.
#[test]
fn forged_values_do_no_harm() {
    let (buffer, len) = bytes(&after(20));
    let edges = [0.0, -1.0, f64::NAN, f64::INFINITY, f64::MAX, 5e-324, -0.0, 1e300, 0.5];
    let (mut refused, mut taken) = (0, 0);
    for at in 20..len - 4 {
        for edge in edges.iter().map(|x| x.to_le_bytes()).chain([[0xff; 8], [1; 8]]) {
            let mut forged = buffer;
            let end = (at + 8).min(len - 4);
            forged[at..end].copy_from_slice(&edge[..end - at]);
            seal(&mut forged, len);
            match Small::from_bytes(&forged[..len]) {
                Ok(mut controller) => {
                    taken += 1;
                    assert!(controller.entries().len() <= 12);
                    // Sizes like 1e300 beside 1e3 make a fit slow, 0.2 s: a share of them.
                    if taken % 50 == 0 {
                        step(&mut controller);
                    }
                }
                Err(error) => {
                    refused += 1;
                    assert!(!error.to_string().is_empty());
                }
            }
        }
    }
    assert!(refused > 1000 && taken > 100, "{refused} refused, {taken} taken: is the forger broken?");
}

#[test]
fn a_small_controller_refuses_a_large_state() {
    let (buffer, len) = bytes(&after(12));
    assert_eq!(Controller::<8>::from_bytes(&buffer[..len]), Err(StateError::Capacity { needed: 12 }));
    assert!(
        Controller::<64>::from_bytes(&buffer[..len]).is_ok_and(|c| c.entries().len() == 12),
        "a larger one takes it"
    );
    assert_eq!(after(12).save(&mut [0; 100]), Err(StateError::Buffer { needed: len }));
}

/// Two slots of a device, written byte by byte.
struct Memory {
    slots: [[u8; BYTES]; 2],
}

impl Memory {
    /// Writes a state; the power fails before byte `cut`. A flash page is erased first: what is not written is 0xff.
    fn write(&mut self, controller: &Small, cut: usize, erase: bool) -> usize {
        let mut buffer = [0; BYTES];
        let save = controller.save(&mut buffer).expect("the buffer is large enough");
        let slot = &mut self.slots[usize::from(save.slot == Slot::B)];
        if erase {
            slot.fill(0xff);
        }
        let end = cut.min(save.bytes);
        slot[..end].copy_from_slice(&buffer[..end]);
        save.bytes
    }

    fn restore(&self) -> Result<Small, StateError> {
        Small::restore(&self.slots[0], &self.slots[1])
    }
}

/// The power fails at every byte of a write, at the beginning of a run, when it is full, and in between.
#[test]
fn a_power_cut_loses_the_last_observation_at_most() {
    for (count, erase) in [(0, false), (0, true), (1, true), (2, true), (9, false), (9, true), (30, false), (30, true)]
    {
        let mut memory = Memory { slots: [[0xff; BYTES]; 2] };
        let mut controller = after(0);
        memory.write(&controller, BYTES, erase);
        controller.saved();
        for _ in 0..count {
            step(&mut controller);
            memory.write(&controller, BYTES, erase);
            controller.saved();
        }
        let safe = controller.clone();
        step(&mut controller);
        let bytes = Memory { slots: memory.slots }.write(&controller, 0, erase);
        for cut in 0..=bytes {
            let mut after_cut = Memory { slots: memory.slots };
            after_cut.write(&controller, cut, erase);
            let mut restored = after_cut.restore().expect("one slot is whole");
            let mut whole = controller.clone();
            whole.saved();
            if restored == safe {
                // The lost observation is made again, and saved: the slot that was whole is not touched.
                step(&mut restored);
                after_cut.write(&restored, BYTES, erase);
                restored.saved();
                assert_eq!(after_cut.restore(), Ok(restored.clone()), "cut at {cut}, then on");
            }
            assert_eq!(restored, whole, "cut at {cut} of {bytes}, after {count}");
            assert!(cut < bytes || after_cut.restore() == Ok(whole), "a whole write is read");
        }
    }
}

/// A write that fails while the power stays on goes to the same slot again.
#[test]
fn a_failed_write_never_endangers_the_other_slot() {
    let mut memory = Memory { slots: [[0; BYTES]; 2] };
    let mut controller = after(6);
    memory.write(&controller, BYTES, true);
    controller.saved();
    let safe = controller.clone();
    for _ in 0..5 {
        step(&mut controller);
        memory.write(&controller, 50, true);
        assert_eq!(memory.restore(), Ok(safe.clone()));
    }
}

#[test]
fn without_a_state_the_error_is_of_the_slot_that_has_something() {
    let blank = [0xff; BYTES];
    assert_eq!(Small::restore(&blank, &blank), Err(StateError::Magic));
    let (mut broken, len) = bytes(&after(5));
    broken[60] ^= 4;
    assert_eq!(Small::restore(&blank, &broken), Err(StateError::Checksum));
    assert_eq!(Small::restore(&broken[..len - 1], &blank), Err(StateError::Truncated));
    assert_eq!(Small::restore(&[], &[]), Err(StateError::Truncated));
}
