//! Provisional: baseline only.

/// A computation that is compiled once per instruction set.
pub trait Kernel {
    /// What it returns.
    type Output;
    /// The computation; must be `#[inline(always)]`, and so must all it calls.
    fn run(self) -> Self::Output;
}

/// Proof that the machine has an instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa(());

impl Isa {
    /// The best instruction set of this machine.
    pub fn detect() -> Isa {
        Isa(())
    }
    /// Run the kernel compiled for this instruction set.
    #[inline(always)]
    pub fn dispatch<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run()
    }
}
