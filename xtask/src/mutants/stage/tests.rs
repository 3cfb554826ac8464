//! Names as patterns.

use super::*;

#[test]
fn a_pattern_means_exactly_its_names() {
    let names = [
        "x.rs:1:2: replace Fields::has -> &'a [T] with Some(\"\")",
        "x.rs:1:2: replace || with && in a",
    ];
    assert_eq!(
        pattern(names),
        "^(?:x\\.rs:1:2: replace Fields::has \\-> \\&'a \\[T\\] with Some\\(\"\"\\)|x\\.rs:1:2: replace \\|\\| with \\&\\& in a)$"
    );
}
