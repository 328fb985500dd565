//! A program that calls nothing.
fn main() {}
