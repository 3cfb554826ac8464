//! Each tool's own words are counted right, and silence is refused.

use super::{Tally, of_cargo_test, of_nextest, of_ours, of_tap, of_vitest};

fn tally(passed: u64, failed: u64) -> Tally {
    Tally { passed, failed }
}

#[test]
fn nextest_tells_it_in_one_line() {
    let quiet = "     Summary [   0.021s] 34 tests run: 34 passed, 2 skipped\n";
    let loud = "     Summary [   3.1s] 5 tests run: 2 passed (1 slow), 1 failed, 1 timed out, 1 exec failed, 0 skipped\nerror: test run failed\n";
    let one = "     Summary [   0.021s] 1 test run: 1 passed, 0 skipped\n";
    assert_eq!(of_nextest(quiet).unwrap(), tally(34, 0));
    assert_eq!(of_nextest(loud).unwrap(), tally(2, 3));
    assert_eq!(of_nextest(one).unwrap(), tally(1, 0));
    assert!(of_nextest("error: could not compile").is_err());
}

#[test]
fn cargo_test_tells_it_for_each_binary() {
    let text = "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                test result: FAILED. 10 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
    assert_eq!(of_cargo_test(text).unwrap(), tally(13, 2));
    assert!(of_cargo_test("").is_err());
}

#[test]
fn node_tells_it_in_tap() {
    assert_eq!(
        of_tap("# tests 3\n# pass 2\n# fail 1\n# skipped 0\n").unwrap(),
        tally(2, 1)
    );
    assert!(of_tap("TAP version 13\n").is_err());
}

#[test]
fn vitest_tells_it_at_its_end() {
    let text = " Test Files  1 failed | 2 passed (3)\n      Tests  2 failed | 12 passed (14)\n   Start at  10:00:00\n";
    assert_eq!(of_vitest(text).unwrap(), tally(12, 2));
    assert_eq!(
        of_vitest(" Test Files  1 passed (1)\n      Tests  3 passed (3)\n").unwrap(),
        tally(3, 0)
    );
    // A file that broke before its first test.
    assert_eq!(
        of_vitest(" Test Files  1 failed | 1 passed (2)\n      Tests  3 passed (3)\n").unwrap(),
        tally(3, 1)
    );
    assert!(of_vitest("Tests are fun\n").is_err());
}

#[test]
fn our_own_last_line_counts() {
    assert_eq!(
        of_ours("1 passed, 0 failed\nitems 3\n12 passed, 4 failed\n").unwrap(),
        tally(12, 4)
    );
    assert!(of_ours("12 passed\n").is_err());
}
