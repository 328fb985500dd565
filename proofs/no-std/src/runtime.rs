//! What a program needs when there is no C library: an entry, an exit, a panic handler and the memory routines that
//! rustc calls. Linux on x86_64.
use core::arch::{asm, global_asm};

/// Exit status of a panic.
const PANICKED: i32 = 101;

global_asm!(
    ".global _start",
    "_start:",
    "xor ebp, ebp",
    // The ABI wants 16-byte alignment at a call.
    "and rsp, -16",
    "call proof_main",
    "ud2",
);

/// Ends the process: system call 60 of Linux on x86_64.
fn exit(status: i32) -> ! {
    // SAFETY: the system call does not return.
    unsafe { asm!("syscall", in("rax") 60, in("rdi") status, options(noreturn)) }
}

#[unsafe(no_mangle)]
extern "C" fn proof_main() -> ! {
    exit(i32::from(crate::checks()))
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    exit(PANICKED)
}

/// The precompiled `core` is built to unwind and names these two; with panic = "abort" nothing calls them.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    exit(PANICKED)
}

// The memory routines come from compiler_builtins on targets without an operating system and from the C library on
// this one. They are written as string instructions, because a loop would be compiled into a call of itself.

/// # Safety
/// As in C: both regions are valid for `n` bytes and do not overlap.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, n: usize) -> *mut u8 {
    // SAFETY: the caller's promise; the direction flag is clear by the ABI.
    unsafe { asm!("rep movsb", inout("rcx") n => _, inout("rdi") to => _, inout("rsi") from => _) };
    to
}

/// # Safety
/// As in C: both regions are valid for `n` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, n: usize) -> *mut u8 {
    if (to as usize).wrapping_sub(from as usize) >= n {
        // SAFETY: the regions do not overlap, or `to` lies below: copying upwards reads each byte before it is written.
        return unsafe { memcpy(to, from, n) };
    }
    let (last_to, last_from) = (to.wrapping_add(n).wrapping_sub(1), from.wrapping_add(n).wrapping_sub(1));
    // SAFETY: the caller's promise; downwards, and the direction flag is clear again afterwards.
    unsafe {
        asm!("std", "rep movsb", "cld", inout("rcx") n => _, inout("rdi") last_to => _, inout("rsi") last_from => _)
    };
    to
}

/// # Safety
/// As in C: the region is valid for `n` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, value: i32, n: usize) -> *mut u8 {
    // SAFETY: the caller's promise; the direction flag is clear by the ABI.
    unsafe { asm!("rep stosb", inout("rcx") n => _, inout("rdi") to => _, in("al") value as u8) };
    to
}

/// # Safety
/// As in C: both regions are valid for `n` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    for i in 0..n {
        // SAFETY: i < n; volatile, so that the loop does not become a call of memcmp.
        let (x, y) = unsafe { (a.add(i).read_volatile(), b.add(i).read_volatile()) };
        if x != y {
            return i32::from(x) - i32::from(y);
        }
    }
    0
}

/// # Safety
/// As in C: both regions are valid for `n` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { memcmp(a, b, n) }
}
