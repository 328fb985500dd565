//! The state as bytes, and two slots of memory that survive a power cut.
//!
//! Little-endian. A state of k entries takes [`Controller::STATE_BYTES`] bytes at the most:
//!
//! | bytes | what |
//! |---|---|
//! | 4 | magic "S2RC" |
//! | 2, 1, 1 | version 1; 1 where the weights of the observations are sigmas; 1 where any target is taken |
//! | 4 | length of the whole, checksum included |
//! | 8 | number of the save, from 1 |
//! | 3 x 8, 2 x 8, 3 x 4 | target, confidence, budget (0: none); start, growth; observations (0: none), patience, check period |
//! | 5 x 4, 8 | observed, left out, rejected, merges, remaining (2^32 - 1: no limit); largest n |
//! | 4 x 4, 2 x 8 | finding and its streak, decision and its detail (reason, reached); n of the finding, n of the decision |
//! | 4 | k |
//! | k x (4 x 8 + 4) | n, error, weight, time, count |
//! | 4 | CRC-32 (IEEE 802.3) of all before it |
//!
//! Two slots A and B of that size are written in turn, never the one that holds the newest state: a write that is cut leaves
//! the state before it.
use core::fmt;

use crate::fit::Confidence;
use crate::law::Residual;
use crate::point::{Point, PointError};

use super::goal::{Goal, GoalError};
use super::store::Entry;
use super::{Controller, Decision, Finding, Run};

const MAGIC: [u8; 4] = *b"S2RC";
const VERSION: u16 = 1;
/// Everything before the entries.
const FIXED: usize = 4 + 2 + 2 + 4 + 8 + 5 * 8 + 3 * 4 + 5 * 4 + 8 + 4 * 4 + 2 * 8 + 4;
const ENTRY: usize = 4 * 8 + 4;
const CHECKSUM: usize = 4;
/// Where the byte of what the weights mean stands.
const FLAGS: usize = 4 + 2;
const NO_LIMIT: u32 = u32::MAX;

/// One of the two places for a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// For odd saves.
    A,
    /// For even saves.
    B,
}

/// A state that was put into the buffer and waits for its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Save {
    /// Where it must be written: the slot that does not hold the newest state.
    pub slot: Slot,
    /// How many bytes of the buffer it takes.
    pub bytes: usize,
}

/// Why bytes are no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StateError {
    /// The buffer for the state is too small.
    Buffer {
        /// Bytes that are needed.
        needed: usize,
    },
    /// The bytes do not begin with the magic: a blank slot, or something else.
    Magic,
    /// Another version of the layout.
    Version {
        /// The version found.
        found: u16,
    },
    /// The bytes end before the state does.
    Truncated,
    /// The checksum does not match.
    Checksum,
    /// The state has more entries than this controller.
    Capacity {
        /// The capacity that is needed.
        needed: u32,
    },
    /// The checksum matches, but a value is out of its range: the bytes were not written by this crate.
    Value,
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StateError::Buffer { needed } => write!(f, "the buffer is too small for the state: give it {needed} bytes"),
            StateError::Magic => f.write_str("no state here: a blank slot, or another file"),
            StateError::Version { found } => {
                write!(
                    f,
                    "the state has version {found}, this crate reads {VERSION}: use the crate that wrote it, or start anew"
                )
            }
            StateError::Truncated => f.write_str("the state ends early: take the other slot"),
            StateError::Checksum => f.write_str("the checksum of the state does not match: take the other slot"),
            StateError::Capacity { needed } => {
                write!(f, "the state holds {needed} entries: restore it into a controller of that capacity")
            }
            StateError::Value => f.write_str("the state holds a value out of its range: start anew"),
        }
    }
}

impl core::error::Error for StateError {}

impl From<GoalError> for StateError {
    fn from(_: GoalError) -> StateError {
        StateError::Value
    }
}

impl From<PointError> for StateError {
    fn from(_: PointError) -> StateError {
        StateError::Value
    }
}

/// CRC-32 as in IEEE 802.3, clause 3.2.9 (reflected, polynomial 0x04c11db7): finds every change within 32 neighbouring
/// bits, and others but for one in 2^32.
fn crc32(bytes: impl Iterator<Item = u8>) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

/// Puts values behind each other; what does not fit is counted, not written.
struct Writer<'a> {
    out: &'a mut [u8],
    at: usize,
}

impl Writer<'_> {
    fn bytes<const K: usize>(&mut self, bytes: [u8; K]) {
        if let Some(place) = self.out.get_mut(self.at..).and_then(|rest| rest.first_chunk_mut()) {
            *place = bytes;
        }
        self.at += K;
    }
    fn u32(&mut self, x: u32) {
        self.bytes(x.to_le_bytes());
    }
    fn f64(&mut self, x: f64) {
        self.bytes(x.to_le_bytes());
    }
}

/// Takes values off the front.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn bytes<const K: usize>(&mut self) -> Result<[u8; K], StateError> {
        let (first, rest) = self.0.split_first_chunk::<K>().ok_or(StateError::Truncated)?;
        self.0 = rest;
        Ok(*first)
    }
    fn u16(&mut self) -> Result<u16, StateError> {
        self.bytes().map(u16::from_le_bytes)
    }
    fn u32(&mut self) -> Result<u32, StateError> {
        self.bytes().map(u32::from_le_bytes)
    }
    fn f64(&mut self) -> Result<f64, StateError> {
        self.bytes().map(f64::from_le_bytes)
    }
}

/// The parts of the bytes whose checksum matches: the number of the save, and what follows it without the checksum.
fn open(bytes: &[u8]) -> Result<(u64, Reader<'_>), StateError> {
    let mut reader = Reader(bytes);
    if reader.bytes()? != MAGIC {
        return Err(StateError::Magic);
    }
    let found = reader.u16()?;
    if found != VERSION {
        return Err(StateError::Version { found });
    }
    reader.u16()?;
    let length = reader.u32()? as usize;
    let body_end = length.checked_sub(CHECKSUM).ok_or(StateError::Truncated)?;
    let (body, mut rest) =
        bytes.split_at_checked(body_end).map(|(b, r)| (b, Reader(r))).ok_or(StateError::Truncated)?;
    if rest.u32()? != crc32(body.iter().copied()) {
        return Err(StateError::Checksum);
    }
    let mut reader = Reader(body.get(12..).ok_or(StateError::Truncated)?);
    let save = reader.bytes().map(u64::from_le_bytes)?;
    Ok((save, reader))
}

impl<const N: usize> Controller<N> {
    /// The bytes of the largest state: the size of a slot.
    pub const STATE_BYTES: usize = FIXED + N * ENTRY + CHECKSUM;

    /// Puts the state into `out` and says into which [`Slot`] it must go. When it is written there, call
    /// [`Controller::saved`]; as long as that is not called, the next save goes to the same slot, so that a failed write
    /// never endangers the other one. Save a new controller before its first observation: from then on there is always a
    /// whole state.
    ///
    /// # Errors
    /// [`StateError::Buffer`] if `out` is too small; [`Controller::STATE_BYTES`] always suffice.
    ///
    /// ```
    /// use syn2real::control::{Controller, Goal, Slot};
    ///
    /// let mut controller = Controller::<16>::new(Goal::new(0.25)?);
    /// let mut slots = [[0; Controller::<16>::STATE_BYTES]; 2];
    /// for (n, error) in [(1_000, 0.60), (2_000, 0.52), (4_000, 0.46)] {
    ///     controller.observe((n, error));
    ///     let mut buffer = [0; Controller::<16>::STATE_BYTES];
    ///     let save = controller.save(&mut buffer)?;
    ///     slots[usize::from(save.slot == Slot::B)] = buffer;
    ///     controller.saved();
    /// }
    /// slots[0][40] ^= 1; // the third save, destroyed
    /// let mut restored = Controller::<16>::restore(&slots[0], &slots[1])?;
    /// assert_eq!(restored.observed(), 2);
    /// restored.observe((4_000, 0.46));
    /// assert_eq!(restored.decision(), controller.decision());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, out: &mut [u8]) -> Result<Save, StateError> {
        self.run().save(out)
    }

    /// The state of the last [`Controller::save`] is safe in its slot.
    pub fn saved(&mut self) {
        self.run.saves = self.run.saves.wrapping_add(1);
    }

    /// Reads one state. Bytes behind it are ignored.
    ///
    /// # Errors
    /// [`StateError`] says what is wrong; no bytes make it panic.
    pub fn from_bytes(bytes: &[u8]) -> Result<Controller<N>, StateError> {
        Head::read(bytes).and_then(Controller::with_head)
    }

    /// Reads the newest state of the two slots; one that is broken, older or blank is passed over.
    ///
    /// # Errors
    /// If neither holds a state: what is wrong with A, or with B if A is blank.
    pub fn restore(a: &[u8], b: &[u8]) -> Result<Controller<N>, StateError> {
        let (a, b) = (Head::read(a), Head::read(b));
        let saves = |head: &Result<Head<'_>, StateError>| head.as_ref().map_or(0, |head| head.saves);
        let is_b_newer = saves(&b) > saves(&a);
        let (newer, older) = if is_b_newer { (b, a) } else { (a, b) };
        newer.and_then(Controller::with_head).or_else(|of_newer| {
            older.and_then(Controller::with_head).map_err(|of_older| {
                let (of_a, of_b) = if is_b_newer { (of_older, of_newer) } else { (of_newer, of_older) };
                if of_a == StateError::Magic { of_b } else { of_a }
            })
        })
    }

    fn with_head(head: Head<'_>) -> Result<Controller<N>, StateError> {
        let mut controller = Controller::new(head.goal);
        controller.run.saves = head.saves;
        controller.run_mut().read(head.rest)?;
        Ok(controller)
    }
}

/// What stands before the run, of bytes whose checksum matches.
struct Head<'a> {
    saves: u64,
    goal: Goal,
    rest: Reader<'a>,
}

impl Run<[Entry]> {
    fn save(&self, out: &mut [u8]) -> Result<Save, StateError> {
        let entries = self.store.as_slice();
        let needed = FIXED + entries.len() * ENTRY + CHECKSUM;
        let Some(out) = out.get_mut(..needed) else { return Err(StateError::Buffer { needed }) };
        let number = self.saves.wrapping_add(1);
        let mut w = Writer { out, at: 0 };
        w.bytes(MAGIC);
        w.bytes(VERSION.to_le_bytes());
        w.bytes([u8::from(self.goal.sigmas), u8::from(self.goal.any_target)]);
        w.u32(needed as u32);
        w.bytes(number.to_le_bytes());
        self.write_goal(&mut w);
        self.write_run(&mut w);
        w.u32(entries.len() as u32);
        for Entry { point: Point { n, error, weight }, time, count } in entries {
            [*n, *error, *weight, *time].into_iter().for_each(|x| w.f64(x));
            w.u32(*count);
        }
        let checksum = crc32(w.out.iter().copied().take(w.at));
        w.u32(checksum);
        Ok(Save { slot: if number & 1 == 1 { Slot::A } else { Slot::B }, bytes: needed })
    }

    fn write_goal(&self, w: &mut Writer<'_>) {
        let goal = &self.goal;
        let budget = goal.budget.unwrap_or(0.0);
        for x in [goal.target, goal.confidence.level(), budget, goal.start, goal.growth] {
            w.f64(x);
        }
        for x in [goal.observations.unwrap_or(0), goal.patience, goal.check_every] {
            w.u32(x);
        }
    }

    fn write_run(&self, w: &mut Writer<'_>) {
        let remaining = self.remaining.unwrap_or(NO_LIMIT);
        for x in [self.observed, self.left_out, self.rejected, self.store.merges(), remaining] {
            w.u32(x);
        }
        w.f64(self.largest);
        let (kind, detail, n) = match self.decision {
            Decision::MeasureMore { at } => (0, 0, at),
            Decision::Generate { up_to } => (1, 0, up_to),
            Decision::ChangeSetting { reason } => (2, Finding::Change(reason).code(), 0.0),
            Decision::Stop { reached } => (3, u32::from(reached), 0.0),
            // Never kept: a rejected point changes nothing.
            Decision::Reject { .. } => (4, 0, 0.0),
        };
        for x in [self.finding.code(), self.streak, kind, detail] {
            w.u32(x);
        }
        w.f64(self.finding.size());
        w.f64(n);
    }

    /// Reads what follows the goal into a controller that has taken nothing.
    fn read(&mut self, mut r: Reader<'_>) -> Result<(), StateError> {
        let merges = self.read_run(&mut r)?;
        let len = r.u32()?;
        if len as usize > self.store.places() {
            return Err(StateError::Capacity { needed: len });
        }
        let mut last = 0.0;
        for _ in 0..len {
            let [n, error, weight, time] = [r.f64()?, r.f64()?, r.f64()?, r.f64()?];
            let entry = Entry { point: Point { n, error, weight }, time, count: r.u32()? };
            entry.point.check(Residual::Log)?;
            let counted = entry.count > 0 && time >= 0.0 && time < f64::INFINITY;
            if !(n >= last && weight > 0.0 && counted) {
                return Err(StateError::Value);
            }
            last = n;
            self.store.push(entry);
        }
        self.store.set_merges(merges);
        Ok(())
    }

    /// Reads what `write_run` wrote; gives the merges, which the store takes last.
    fn read_run(&mut self, r: &mut Reader<'_>) -> Result<u32, StateError> {
        [self.observed, self.left_out, self.rejected] = [r.u32()?, r.u32()?, r.u32()?];
        let merges = r.u32()?;
        self.remaining = Some(r.u32()?).filter(|x| *x != NO_LIMIT);
        self.largest = r.f64()?;
        let (code, streak, kind, detail) = (r.u32()?, r.u32()?, r.u32()?, r.u32()?);
        self.finding = Finding::from_code(code, r.f64()?).ok_or(StateError::Value)?;
        self.streak = streak;
        let n = r.f64()?;
        let size = n > 0.0 && n < f64::INFINITY;
        self.decision = match (kind, detail) {
            (0, 0) if size => Decision::MeasureMore { at: n },
            (1, 0) if size => Decision::Generate { up_to: n },
            (2, _) => match Finding::from_code(detail, 0.0) {
                Some(Finding::Change(reason)) => Decision::ChangeSetting { reason },
                _ => return Err(StateError::Value),
            },
            (3, 0 | 1) => Decision::Stop { reached: detail == 1 },
            _ => return Err(StateError::Value),
        };
        if !(self.largest >= 0.0 && self.largest < f64::INFINITY) {
            return Err(StateError::Value);
        }
        Ok(merges)
    }
}

impl Head<'_> {
    fn read(bytes: &[u8]) -> Result<Head<'_>, StateError> {
        let (saves, mut r) = open(bytes)?;
        let [target, level, budget, start, growth] = [r.f64()?, r.f64()?, r.f64()?, r.f64()?, r.f64()?];
        let [observations, patience, check_every] = [r.u32()?, r.u32()?, r.u32()?];
        let confidence = Confidence::new(level).map_err(|_| StateError::Value)?;
        let goal = Goal::new(target)?
            .with_confidence(confidence)
            .with_sizes(start, growth)?
            .with_patience(patience)?
            .with_check_every(check_every)?;
        let goal = if budget == 0.0 { goal } else { goal.with_budget(budget)? };
        let goal = if observations == 0 { goal } else { goal.with_observations(observations)? };
        let [sigmas, any_target] = [FLAGS, FLAGS + 1].map(|at| bytes.get(at) == Some(&1));
        Ok(Head { saves, goal: Goal { sigmas, any_target, ..goal }, rest: r })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        // The check value that catalogues of CRCs give for CRC-32/ISO-HDLC.
        assert_eq!(crc32(b"123456789".iter().copied()), 0xcbf4_3926);
    }

    #[test]
    fn the_head_is_as_long_as_the_table_says() {
        let controller = Controller::<4>::new(Goal::new(0.5).expect("a target"));
        let mut out = [0; Controller::<4>::STATE_BYTES];
        assert_eq!(controller.save(&mut out), Ok(Save { slot: Slot::A, bytes: FIXED + CHECKSUM }));
        assert_eq!(open(&out).map(|(save, rest)| (save, rest.0.len())), Ok((1, FIXED - 20)));
        assert_eq!(Controller::<4>::from_bytes(&out).map(|c| c.decision()), Ok(controller.decision()));
    }
}
