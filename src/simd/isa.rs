//! The choice of instruction set: detection without std, one trampoline per set. The only file with unsafe code.
#![allow(unsafe_code, reason = "calls of #[target_feature] functions: an `Isa` proves that the machine has those")]

use super::Kernel;

/// An instruction set that this machine has: only [`Isa::detect`] and [`Isa::available`] make one above the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Isa(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Level {
    Baseline,
    Avx2,
    Avx512,
}

impl Isa {
    /// What the crate was compiled for: SSE2 on x86_64, NEON on aarch64.
    pub const BASELINE: Isa = Isa(Level::Baseline);

    /// The best instruction set of this machine that the crate was compiled for; asks the processor once.
    pub fn detect() -> Isa {
        #[cfg(copies)]
        return Isa(x86::detect());
        #[cfg(not(copies))]
        Isa::BASELINE
    }

    /// All instruction sets of this machine, the baseline first.
    pub fn available() -> impl Iterator<Item = Isa> + Clone {
        let best = Isa::detect().0;
        [Level::Baseline, Level::Avx2, Level::Avx512].into_iter().filter(move |level| *level <= best).map(Isa)
    }

    /// `baseline`, `avx2` or `avx512`.
    pub const fn name(self) -> &'static str {
        match self.0 {
            Level::Baseline => "baseline",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
        }
    }

    /// Runs the kernel compiled for this instruction set. The result does not depend on the set, bit for bit.
    #[inline]
    pub fn dispatch<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            // SAFETY: this level comes from `x86::detect` alone, which found the features of the trampoline.
            #[cfg(copies)]
            Level::Avx2 => unsafe { x86::run_avx2(kernel) },
            // SAFETY: as above.
            #[cfg(copies)]
            Level::Avx512 => unsafe { x86::run_avx512(kernel) },
            _ => kernel.run(),
        }
    }
}

/// Where lanes that do not depend on each other run, and how many of them go side by side.
pub(crate) trait Lanes<const N: usize>: Copy {
    /// Runs a kernel of `N` lanes.
    fn dispatch<K: Kernel>(self, kernel: K) -> K::Output;
}

/// One lane, on any machine.
#[derive(Clone, Copy)]
pub(crate) struct One;

impl Lanes<1> for One {
    /// Out of line: one copy of a kernel that is asked for in several places.
    #[inline(never)]
    fn dispatch<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run()
    }
}

/// Eight lanes, on machines that gain by them: those of x86 with SSE2 alone, and those without SIMD of f64, take one. Only
/// [`Isa::eight`] makes one.
#[derive(Clone, Copy)]
pub(crate) struct Eight(Set);

#[derive(Clone, Copy)]
enum Set {
    #[cfg(copies)]
    Avx2,
    #[cfg(copies)]
    Avx512,
    #[cfg(all(wide, not(target_feature = "sse2")))]
    Baseline,
}

impl Isa {
    /// Eight lanes, where they are worth their text.
    pub(crate) fn eight(self) -> Option<Eight> {
        match self.0 {
            #[cfg(copies)]
            Level::Avx2 => Some(Eight(Set::Avx2)),
            #[cfg(copies)]
            Level::Avx512 => Some(Eight(Set::Avx512)),
            #[cfg(all(wide, not(target_feature = "sse2")))]
            Level::Baseline => Some(Eight(Set::Baseline)),
            _ => None,
        }
    }
}

impl Lanes<8> for Eight {
    #[cfg_attr(not(wide), allow(unused_variables, reason = "there is no such value"))]
    #[cfg_attr(not(copies), allow(unused_variables, reason = "there is no such value"))]
    fn dispatch<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            // SAFETY: the field is private: only `Isa::eight` makes this, of a level that comes from `x86::detect` alone.
            #[cfg(copies)]
            Set::Avx2 => unsafe { x86::run_avx2(kernel) },
            // SAFETY: as above.
            #[cfg(copies)]
            Set::Avx512 => unsafe { x86::run_avx512(kernel) },
            #[cfg(all(wide, not(target_feature = "sse2")))]
            Set::Baseline => kernel.run(),
        }
    }
}

impl core::fmt::Display for Isa {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}

/// Square root of a lane, correctly rounded: core has none and libm's does not vectorise.
#[inline(always)]
pub(super) fn sqrt(x: f64) -> f64 {
    // SAFETY: the crate is compiled for SSE2.
    #[cfg(all(target_feature = "sse2", not(any(miri, target_env = "sgx"))))]
    return unsafe { x86::arch::_mm_cvtsd_f64(x86::arch::_mm_sqrt_pd(x86::arch::_mm_set1_pd(x))) };
    #[cfg(not(all(target_feature = "sse2", not(any(miri, target_env = "sgx")))))]
    crate::math::sqrt(x)
}

// Not where SSE2 is missing (soft float), and where cpuid cannot be asked.
#[cfg(all(target_feature = "sse2", not(any(miri, target_env = "sgx"))))]
#[cfg_attr(not(copies), allow(dead_code, reason = "only the square root is used"))]
mod x86 {
    use super::{Kernel, Level};
    #[cfg(target_arch = "x86")]
    pub(super) use core::arch::x86 as arch;
    #[cfg(target_arch = "x86_64")]
    pub(super) use core::arch::x86_64 as arch;
    use core::sync::atomic::{AtomicU8, Ordering};

    #[target_feature(enable = "avx2")]
    pub(super) fn run_avx2<K: Kernel>(kernel: K) -> K::Output {
        kernel.run()
    }

    #[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl,avx512bw")]
    pub(super) fn run_avx512<K: Kernel>(kernel: K) -> K::Output {
        kernel.run()
    }

    pub(super) fn detect() -> Level {
        static CACHE: AtomicU8 = AtomicU8::new(0); // 0: not asked yet; else 1 + level
        match CACHE.load(Ordering::Relaxed) {
            1 => Level::Baseline,
            2 => Level::Avx2,
            3 => Level::Avx512,
            _ => {
                let level = ask();
                CACHE.store(1 + level as u8, Ordering::Relaxed);
                level
            }
        }
    }

    /// Whether the processor has the instructions and the system saves their registers: Intel SDM vol. 1, 14.3 and 15.2.
    fn ask() -> Level {
        const OSXSAVE_AVX: u32 = 1 << 27 | 1 << 28; // leaf 1 ecx
        const AVX2: u32 = 1 << 5; // leaf 7 ebx
        const AVX512: u32 = AVX2 | 1 << 16 | 1 << 17 | 1 << 30 | 1 << 31; // leaf 7 ebx: F, DQ, BW, VL
        const YMM: u64 = 0b110; // XCR0: SSE, AVX
        const ZMM: u64 = YMM | 0b1110_0000; // XCR0: opmask, upper halves of zmm0-15, zmm16-31
        let asks = arch::__cpuid(0).eax >= 7 && arch::__cpuid(1).ecx & OSXSAVE_AVX == OSXSAVE_AVX;
        let has = if asks { arch::__cpuid_count(7, 0).ebx } else { 0 };
        // SAFETY: OSXSAVE says that xgetbv may be used and that register 0 exists.
        let saved = if asks { unsafe { arch::_xgetbv(0) } } else { 0 };
        match (has & AVX512 == AVX512 && saved & ZMM == ZMM, has & AVX2 == AVX2 && saved & YMM == YMM) {
            (true, _) => Level::Avx512,
            (_, true) => Level::Avx2,
            _ => Level::Baseline,
        }
    }
}
