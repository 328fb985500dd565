//! Numbers that JSON and its like have no word for go as nothing (`null`), and come back: serde's `None` stands for the rate of
//! a flat law and for an end of bounds that is none.
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A module for `#[serde(with)]` of an f64 for which `None` stands for this value.
macro_rules! nothing_for {
    ($($name:ident, $value:expr;)*) => { $(
        pub(crate) mod $name {
            use super::*;

            pub(crate) fn serialize<S: Serializer>(x: &f64, to: S) -> Result<S::Ok, S::Error> {
                let nothing: f64 = $value;
                Some(*x).filter(|x| x.to_bits() != nothing.to_bits()).serialize(to)
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
                Ok(Option::deserialize(from)?.unwrap_or($value))
            }
        }
    )* };
}
nothing_for! {
    undefined, crate::law::UNDEFINED;
    below_all, f64::NEG_INFINITY;
    above_all, f64::INFINITY;
}
