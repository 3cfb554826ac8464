//! The aedile binary.
fn main() {}
