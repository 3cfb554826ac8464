//! Compact lines, and both ways in which a ledger can be wrong.

use std::collections::BTreeSet;
use std::{env, fs, process};

use super::{Entry, Ledger, parse_ranges, ranges};
use crate::report::{Outcome, Report, StepOutcome};

/// `.` passes, `x` fails, `w` waits and fails, `W` waits and passes.
fn outcome(label: &str, steps: &str) -> Outcome {
    let steps = steps.chars().enumerate().map(|(at, kind)| StepOutcome {
        number: at + 1,
        title: "GET /x as admin".to_owned(),
        waits: "wW".contains(kind),
        differences: if ".W".contains(kind) {
            vec![]
        } else {
            vec!["body: no".to_owned()]
        },
    });
    Outcome {
        label: label.to_owned(),
        steps: steps.collect(),
        started: true,
        trouble: None,
    }
}

fn report(outcomes: &[(&str, &str)], whole: bool) -> Report {
    let scenarios = outcomes.iter().map(|(label, steps)| outcome(label, steps));
    Report {
        scenarios: scenarios.collect(),
        whole,
    }
}

fn ledger(outcomes: &[(&str, &str)]) -> Ledger {
    let mut ledger = Ledger::default();
    ledger.record(&report(outcomes, true));
    ledger
}

#[test]
fn numbers_as_ranges() {
    let cases: [(&[usize], &str); 5] = [
        (&[], "none"),
        (&[7], "7"),
        (&[1, 2], "1-2"),
        (&[1, 2, 3, 5, 7, 8], "1-3,5,7-8"),
        (&[9, 10, 11, 12], "9-12"),
    ];
    for (numbers, text) in cases {
        let set: BTreeSet<usize> = numbers.iter().copied().collect();
        assert_eq!(ranges(&set), text);
        assert_eq!(parse_ranges(text).unwrap(), set);
    }
    for broken in ["", "a", "3-1", "1,,2", "1-"] {
        assert!(parse_ranges(broken).is_err(), "{broken}");
    }
}

#[test]
fn lines() {
    let line = Entry::of(&outcome("a/b", "..x.wW")).line();
    assert_eq!(line, "1-2,4 of 6; waits 5-6");
    assert_eq!(Entry::parse(&line).unwrap(), Entry::of(&outcome("a/b", "..x.ww")));
    assert_eq!(Entry::of(&outcome("a/b", "xx")).line(), "none of 2");
    assert!(Entry::parse("1-2").is_err());
}

#[test]
fn a_ledger_survives_its_file() {
    let path = env::temp_dir().join(format!("aedile-ledger-{}.json", process::id()));
    let ledger = ledger(&[("b/x", "x."), ("a/x", "..w")]);
    ledger.save(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let loaded = Ledger::load(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(text, "{\n  \"a/x\": \"1-2 of 3; waits 3\",\n  \"b/x\": \"2 of 2\"\n}\n");
    assert_eq!(loaded, ledger);
}

#[test]
fn the_ledger_agrees_with_what_it_recorded() {
    let listed = ledger(&[("a/x", ".xw")]);
    listed.compare(&report(&[("a/x", ".xw")], true)).unwrap();
    listed.compare(&report(&[("a/x", ".xW")], true)).unwrap();
}

#[test]
fn both_regress_and_understatement_fail() {
    let listed = ledger(&[("a/x", ".x.")]);
    let lines = listed.compare(&report(&[("a/x", "x..")], true)).unwrap_err();
    assert_eq!(
        lines,
        [
            "a/x step 1 passed, and fails now: GET /x as admin: body: no",
            "a/x step 2 passes, and is not listed: GET /x as admin",
        ]
    );
}

#[test]
fn scenarios_and_steps_are_those_listed() {
    let listed = ledger(&[("a/x", "."), ("a/y", ".")]);
    let lines = listed
        .compare(&report(&[("a/x", ".x"), ("a/z", "x")], true))
        .unwrap_err();
    assert_eq!(
        lines,
        [
            "a/x: its steps are others (`1 of 1`, found `1 of 2`)",
            "a/z: not listed",
            "a/y: listed, but there is no such scenario",
        ]
    );
    listed.compare(&report(&[("a/x", ".")], false)).unwrap();
}

#[test]
fn a_selection_leaves_the_rest_as_it_was() {
    let mut listed = ledger(&[("a/x", "x"), ("a/y", ".")]);
    listed.record(&report(&[("a/x", ".")], false));
    assert_eq!(listed, ledger(&[("a/x", "."), ("a/y", ".")]));
    listed.record(&report(&[("a/x", ".")], true));
    assert_eq!(listed, ledger(&[("a/x", ".")]));
}
