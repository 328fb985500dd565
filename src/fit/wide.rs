//! As many lanes as the target works on at a time: eight, or one where it has no SIMD of f64 and eight would be subroutines
//! over memory. What goes eight in step is then eight groups of one.
#[cfg(wide)]
use crate::simd::Mask8;
use crate::simd::{F64x8, LANES};
#[cfg(not(wide))]
use crate::simd::{F64xN, MaskN};

pub(crate) const WIDTH: usize = if cfg!(wide) { LANES } else { 1 };
pub(crate) const GROUPS: usize = LANES / WIDTH;
#[cfg(wide)]
pub(crate) type Wide = F64x8;
#[cfg(wide)]
pub(crate) type WideMask = Mask8;
#[cfg(not(wide))]
pub(crate) type Wide = F64xN<1>;
#[cfg(not(wide))]
pub(crate) type WideMask = MaskN<1>;

/// Group `g` of eight values.
#[cfg_attr(wide, inline(always))]
pub(crate) fn group(v: &F64x8, g: usize) -> Wide {
    let mut out = Wide::splat(0.0);
    for i in 0..WIDTH {
        out.0[i] = v.0[(g * WIDTH + i) & 7];
    }
    out
}

/// Sets group `g` of eight values.
#[cfg_attr(wide, inline(always))]
pub(crate) fn set_group(v: &mut F64x8, g: usize, group: Wide) {
    for i in 0..WIDTH {
        v.0[(g * WIDTH + i) & 7] = group.0[i];
    }
}
