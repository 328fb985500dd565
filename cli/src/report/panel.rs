//! The panels that figures are made of.
pub(super) mod bars;
pub(super) mod estimates;
pub(super) mod heat;
pub(super) mod plot;
