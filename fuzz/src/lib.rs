//! What the fuzz targets check, apart from what drives them: libFuzzer, or [`plain`] on the stable toolchain.
pub mod bytes;
pub mod fit;
pub mod plain;
pub mod state;
