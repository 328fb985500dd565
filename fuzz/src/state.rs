//! A controller and its bytes on arbitrary points and bytes. Whatever the input: no panic, finite decisions, every point
//! counted; bytes that are taken describe a controller that writes the same bytes again.
use syn2real::Point;
use syn2real::control::{Controller, Decision, Goal};

use crate::bytes::Bytes;

type Small = Controller<8>;
const BYTES: usize = Small::STATE_BYTES;

/// Most observations: a fit over hundreds of powers of ten takes 0.2 s, and an observation takes three.
const OBSERVATIONS: u32 = 6;

/// Half of the inputs are a state, with the checksum set right or not; the others are points.
///
/// # Panics
/// If a promise of the crate is broken.
pub fn fuzz_one(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let kind = bytes.byte();
    if kind & 1 == 0 {
        read(data.get(1..).unwrap_or(&[]), kind & 2 == 0);
    } else {
        drive(&mut bytes);
    }
}

/// The same input for a person.
pub fn describe(data: &[u8]) -> String {
    let rest = data.get(1..).unwrap_or(&[]);
    match data.first() {
        Some(kind) if kind & 1 == 0 => format!("{:#?}", Small::from_bytes(&sealed(rest, kind & 2 == 0))),
        _ => format!("points {rest:?}"),
    }
}

/// CRC-32 of IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// The bytes, as long as a state says and with its checksum, if wanted.
fn sealed(data: &[u8], seal: bool) -> Vec<u8> {
    let mut data = data.to_vec();
    let length = data.len();
    if seal && length >= 16 {
        data[..8].copy_from_slice(b"S2RC\x01\0\0\0");
        data[8..12].copy_from_slice(&(length as u32).to_le_bytes());
        let checksum = crc32(&data[..length - 4]);
        data[length - 4..].copy_from_slice(&checksum.to_le_bytes());
    }
    data
}

fn read(data: &[u8], seal: bool) {
    let data = sealed(data, seal);
    match Small::from_bytes(&data) {
        Ok(mut controller) => {
            let mut again = [0; BYTES];
            let save = controller.save(&mut again).expect("the buffer is large enough");
            controller.saved();
            assert_eq!(Small::from_bytes(&again[..save.bytes]).as_ref(), Ok(&controller), "what is written is read");
            check(&controller, controller.decision());
            let decision = controller.observe((2000, 0.5));
            check(&controller, decision);
        }
        Err(error) => assert!(!error.to_string().is_empty(), "{error:?} has no text"),
    }
    let _ = Small::restore(&data, data.get(7..).unwrap_or(&[]));
}

fn drive(bytes: &mut Bytes<'_>) {
    let Ok(goal) = Goal::new(bytes.number()) else { return };
    let budget = bytes.optional();
    let goal = budget.and_then(|samples| goal.with_budget(samples).ok()).unwrap_or(goal);
    let goal = goal.with_patience(1 + u32::from(bytes.byte() % 3)).expect("1 to 3");
    let mut controller = Small::new(goal);
    let mut given = 0;
    while !bytes.is_empty() && given < OBSERVATIONS {
        let point = Point { n: bytes.number(), error: bytes.number(), weight: bytes.number() };
        let decision = controller.observe(point);
        given += 1;
        check(&controller, decision);
        let kept: u32 = controller.entries().iter().map(|e| e.count).sum();
        assert_eq!(kept + controller.left_out() + controller.rejected(), given, "every point is counted");
        let mut buffer = [0; BYTES];
        let save = controller.save(&mut buffer).expect("the buffer is large enough");
        controller.saved();
        assert_eq!(Small::from_bytes(&buffer[..save.bytes]).as_ref(), Ok(&controller), "the state comes back");
    }
}

fn check(controller: &Small, decision: Decision) {
    assert!(!decision.to_string().is_empty(), "{decision:?} has no text");
    if let Decision::MeasureMore { at: n } | Decision::Generate { up_to: n } = decision {
        assert!(n > 0.0 && n.is_finite(), "{decision:?} of {controller:?}");
    }
    for entry in controller.entries() {
        let p = entry.point;
        assert!(p.n > 0.0 && p.n.is_finite() && p.error > 0.0 && p.error.is_finite(), "{entry:?}");
        assert!(p.weight > 0.0 && p.weight.is_finite() && entry.time.is_finite() && entry.count > 0, "{entry:?}");
    }
}
