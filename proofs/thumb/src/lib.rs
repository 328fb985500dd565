//! A Cortex-M4F under qemu: start, output and exit by semihosting, and the stack that a call really used. No indexing
//! and no formatting, so that whatever can panic in a program comes from what it calls.
#![no_std]

use core::arch::{asm, global_asm};

global_asm!(
    ".section .vectors, \"a\"",
    ".word stack_top",
    ".word reset",
    ".rept 14",
    ".word fault",
    ".endr",
    ".text",
    ".thumb",
    ".global reset",
    ".type reset, %function",
    "reset:",
    // CPACR: full access to coprocessors 10 and 11, the floating-point unit (ARMv7-M, B3.2.20).
    "ldr r0, =0xE000ED88",
    "ldr r1, =0x00F00000",
    "str r1, [r0]",
    "dsb",
    "isb",
    "bl start",
    "fault:",
    "bl fail",
);

unsafe extern "Rust" {
    /// The program.
    safe fn program();
}

// Operations of Arm semihosting ("Semihosting for AArch32 and AArch64", 2.0).
const SYS_OPEN: usize = 0x01;
const SYS_WRITE: usize = 0x05;
const SYS_EXIT: usize = 0x18;
const APPLICATION_EXIT: usize = 0x2_0026;
const RUN_TIME_ERROR: usize = 0x2_0023;

fn semihost(operation: usize, argument: usize) -> usize {
    let result;
    // SAFETY: the debugger, here qemu, reads what `argument` points to and changes r0 alone.
    unsafe { asm!("bkpt 0xAB", inlateout("r0") operation => result, in("r1") argument) };
    result
}

/// Ends the program; qemu exits with 0 or 1.
pub fn exit(success: bool) -> ! {
    semihost(SYS_EXIT, if success { APPLICATION_EXIT } else { RUN_TIME_ERROR });
    #[allow(clippy::empty_loop, reason = "the machine has ended; nothing is left to do")]
    loop {}
}

#[unsafe(no_mangle)]
extern "C" fn start() -> ! {
    program();
    exit(true)
}

#[unsafe(no_mangle)]
extern "C" fn fail() -> ! {
    write("FAULT\n");
    exit(false)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    write("PANIC\n");
    exit(false)
}

/// Writes to the standard output of qemu.
pub fn write(text: &str) {
    // The name of the console, opened for writing (mode 4).
    let console = [c":tt".as_ptr() as usize, 4, 3];
    let handle = semihost(SYS_OPEN, console.as_ptr() as usize);
    let request = [handle, text.as_ptr() as usize, text.len()];
    semihost(SYS_WRITE, request.as_ptr() as usize);
}

/// Writes `name hexbits`, the bits in 16 digits.
pub fn write_bits(name: &str, bits: u64) {
    let mut digits = [0_u8; 16];
    for (digit, shift) in digits.iter_mut().zip((0..64).step_by(4).rev()) {
        let nibble = ((bits >> shift) & 15) as u8;
        *digit = if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    }
    write(name);
    write(" ");
    write(core::str::from_utf8(&digits).unwrap_or("?"));
    write("\n");
}

/// Writes `name number`.
pub fn write_number(name: &str, number: u32) {
    let mut digits = [b' '; 10];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    write(name);
    write(" ");
    write(core::str::from_utf8(&digits).unwrap_or("?").trim_start());
    write("\n");
}

/// Bytes below the stack pointer that are painted. A call that uses all of them is reported with this number.
pub const PAINTED: u32 = 1 << 20;

/// Bytes of stack that `call` used: the memory below the stack pointer is painted, and read again afterwards. The frame
/// of `call` itself counts.
#[inline(never)]
pub fn stack_used(call: fn()) -> u32 {
    let lowest: u32;
    // SAFETY: the memory below the stack pointer is the stack's own and holds nothing: there are no interrupts. 4 MiB of
    // it are there, of which the program has used less than 3.
    unsafe {
        asm!(
            "sub {at}, sp, {bytes}",
            "2:",
            "cmp {at}, sp",
            "bhs 3f",
            "str {paint}, [{at}], #4",
            "b 2b",
            "3:",
            at = out(reg) _,
            bytes = in(reg) PAINTED,
            paint = in(reg) 0xA5A5_5A5A_u32,
            options(nostack),
        );
    }
    core::hint::black_box(call)();
    // SAFETY: as above; reads only.
    unsafe {
        asm!(
            "sub {at}, sp, {bytes}",
            "2:",
            "cmp {at}, sp",
            "bhs 3f",
            "ldr {word}, [{at}]",
            "cmp {word}, {paint}",
            "bne 3f",
            "add {at}, {at}, #4",
            "b 2b",
            "3:",
            "sub {at}, sp, {at}",
            at = out(reg) lowest,
            bytes = in(reg) PAINTED,
            paint = in(reg) 0xA5A5_5A5A_u32,
            word = out(reg) _,
            options(nostack, readonly),
        );
    }
    lowest
}

/// The authors' sizes and the errors of the curve in the README.
pub static POINTS: [(f64, f64); 7] = [
    (1000.0, 0.9575),
    (2000.0, 0.9534),
    (4000.0, 0.9471),
    (8000.0, 0.9455),
    (16_000.0, 0.9432),
    (32_000.0, 0.9403),
    (64_000.0, 0.9377),
];

/// Errors that follow no law.
pub static ROUGH: [(f64, f64); 7] =
    [(1000.0, 0.9), (2000.0, 0.2), (4000.0, 0.7), (8000.0, 0.1), (16_000.0, 0.5), (32_000.0, 0.05), (64_000.0, 0.3)];

// SysTick (ARMv7-M, B3.3), which counts 25 MHz of the processor clock down from 2^24 - 1.
const SYST_CSR: *mut u32 = 0xE000_E010 as *mut u32;
const SYST_RVR: *mut u32 = 0xE000_E014 as *mut u32;
const SYST_CVR: *mut u32 = 0xE000_E018 as *mut u32;
const WRAP: u32 = 0x00FF_FFFF;

/// Nanoseconds of a tick, and so instructions where qemu counts one for each (`-icount shift=0`).
const TICK: u32 = 40;

/// Instructions that `call` executed, to some 40: at most 671 million, and only under `-icount shift=0`.
#[inline(never)]
pub fn instructions(call: fn()) -> u32 {
    // SAFETY: registers of the core that nothing else here uses.
    let start = unsafe {
        SYST_CSR.write_volatile(0);
        SYST_RVR.write_volatile(WRAP);
        SYST_CVR.write_volatile(0);
        // The processor's clock, without interrupts.
        SYST_CSR.write_volatile(0b101);
        SYST_CVR.read_volatile()
    };
    core::hint::black_box(call)();
    // SAFETY: as above.
    let end = unsafe { SYST_CVR.read_volatile() };
    (start.wrapping_sub(end) & WRAP).wrapping_mul(TICK)
}
