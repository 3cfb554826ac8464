//! Compact lines, both ways in which a ledger can be wrong, and what it may not say at all.

use std::collections::BTreeSet;
use std::fs;

use tempfile::TempDir;

use super::class::Class;
use super::entry::{Entry, parse_ranges, ranges};
use super::{Ledger, found};
use crate::report::{Outcome, Report, StepOutcome};

/// `.` passes, `x` fails, `w` fails and is about files.
fn outcome(label: &str, steps: &str) -> Outcome {
    let steps = steps.chars().enumerate().map(|(at, kind)| StepOutcome {
        number: at + 1,
        title: "GET /x as admin".to_owned(),
        feature: (kind == 'w').then_some("files"),
        differences: if kind == '.' {
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

/// A ledger of these lines.
fn lines(lines: &[(&str, &str)]) -> Ledger {
    let entries = lines
        .iter()
        .map(|(label, line)| ((*label).to_owned(), Entry::parse(line).unwrap()));
    Ledger {
        entries: entries.collect(),
        mariadb: false,
    }
}

#[test]
fn what_only_mariadb_cannot_passes_elsewhere() {
    let listed = || lines(&[("a/x", "1 of 2; mariadb: no such moments 2")]);
    let (passes, fails) = (report(&[("a/x", "..")], true), report(&[("a/x", ".x")], true));
    assert_eq!(listed().compare(&passes), Ok(()));
    assert!(listed().compare(&fails).is_err());
    assert_eq!(listed().on_mariadb(true).compare(&fails), Ok(()));
    assert!(listed().on_mariadb(true).compare(&passes).is_err());
    // Blessed elsewhere, it stays listed.
    let mut blessed = listed();
    blessed.record(&passes);
    assert_eq!(blessed, listed());
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
fn a_line_is_read_as_it_is_written() {
    for line in [
        "1-3 of 3",
        "none of 2; waiting: files 1-2",
        "1-2,4 of 8; waiting: GraphQL 5; waiting: files 3,7; differs: Secrets stay secret 6; other: a b, c 8",
        "1 of 3; todo: schema 2",
    ] {
        assert_eq!(Entry::parse(line).unwrap().line(), line);
    }
    for broken in [
        "1-2",
        "1-2 of x",
        "1-2 of 3; files 3",
        "1-2 of 3; later: files 3",
        "1-2 of 3; waiting: 3",
        "1-2 of 3; waiting: files",
        "1-2 of 3; waiting: files 2-3",
        "1 of 3; waiting: files 2; todo: x 2",
        "1-2 of 3; waiting: files 4",
        "1-4 of 3",
        "0-3 of 3",
    ] {
        assert!(Entry::parse(broken).is_err(), "{broken}");
    }
}

#[test]
fn a_ledger_survives_its_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ledger.json");
    let ledger = ledger(&[("b/x", "x."), ("a/x", "..w")]);
    ledger.save(&path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let loaded = Ledger::load(&path).unwrap();
    assert_eq!(
        text,
        "{\n  \"a/x\": \"1-2 of 3; waiting: files 3\",\n  \"b/x\": \"2 of 2\"\n}\n"
    );
    assert_eq!(loaded, ledger);
}

#[test]
fn the_ledger_agrees_with_what_it_recorded() {
    let listed = ledger(&[("a/x", ".xw")]);
    listed.compare(&report(&[("a/x", ".xw")], true)).unwrap();
}

#[test]
fn both_regress_and_understatement_fail() {
    let listed = ledger(&[("a/x", ".x.w")]);
    let told = listed.compare(&report(&[("a/x", "x...")], true)).unwrap_err();
    assert_eq!(
        told,
        [
            "a/x step 1 passed, and fails now: GET /x as admin: body: no",
            "a/x step 2 passes, and is not listed: GET /x as admin",
            "a/x step 4 passes, and is listed as `waiting: files`: GET /x as admin",
        ]
    );
}

#[test]
fn scenarios_and_steps_are_those_listed() {
    let listed = ledger(&[("a/x", "."), ("a/y", ".")]);
    let told = listed
        .compare(&report(&[("a/x", ".x"), ("a/z", "x")], true))
        .unwrap_err();
    assert_eq!(
        told,
        [
            "a/x: its steps are others (1 listed, 2 found)",
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

#[test]
fn reasons_stay_while_the_step_fails() {
    let known = Entry::parse("1 of 4; differs: Secrets stay secret 2-3; todo: x 4").unwrap();
    let told = found(&outcome("a/x", "xx.w"), Some(known.clone()), false);
    assert_eq!(told.line(), "3 of 4; differs: Secrets stay secret 2; todo: x 4");
    assert_eq!(told.unclassified(), BTreeSet::from([1]));
    let others = found(&outcome("a/x", "xx.wx"), Some(known), false);
    assert_eq!(others.line(), "3 of 5; waiting: files 4", "its steps are others now");
}

const DOCUMENT: &str = "\
# Differences

## One
Recorded steps: `access/a` 1; `graphql/b` 2-3

## Two
Nothing.
";

const ARCHITECTURE: &str = "1. **One.** Why.\n2. **Two.**\n";

#[test]
fn every_failing_step_has_a_known_reason() {
    let right = lines(&[
        ("access/a", "2 of 3; differs: One 1; waiting: files 3"),
        ("graphql/b", "1 of 4; differs: One 2-3; todo: a thing 4"),
    ]);
    assert!(
        right.complaints(DOCUMENT, ARCHITECTURE).is_empty(),
        "{:?}",
        right.complaints(DOCUMENT, ARCHITECTURE)
    );
    let wrong = lines(&[
        ("access/a", "none of 5; differs: One 1; waiting: files 3"),
        (
            "graphql/b",
            "1 of 5; differs: One 2-3; waiting: better times 4; differs: Two 5",
        ),
        ("items/c", "1 of 2; differs: Three 2"),
    ]);
    assert_eq!(
        wrong.complaints(DOCUMENT, ARCHITECTURE),
        [
            "access/a: failing without a reason: 2,4-5 (write `differs: ...`, `other: ...` or `todo: ...`)",
            "graphql/b: `waiting: better times`: there is no such feature",
            "ARCHITECTURE.md has no invariant `Three`",
            "docs/differences.md has no section `## Three`",
            "docs/differences.md, `## Two`, has no line `Recorded steps: `graphql/b` 5`",
        ]
    );
    let fewer = lines(&[("access/a", "2-3 of 3; differs: One 1")]);
    assert_eq!(
        fewer.complaints(DOCUMENT, ARCHITECTURE),
        ["docs/differences.md, `## One`, has no line `Recorded steps: `access/a` 1`"]
    );
    assert_eq!(
        Ledger::default().complaints(DOCUMENT, ARCHITECTURE),
        ["docs/differences.md, `## One`, lists steps, and the ledger none"]
    );
}

#[test]
fn a_finished_area_has_few_exceptions() {
    let todo = lines(&[("access/a", "1 of 2; todo: a thing 2")]);
    assert_eq!(
        todo.complaints("", ARCHITECTURE),
        ["access/a: `todo: a thing`: access/ leaves nothing to do"]
    );
    let many = |kind: &str, steps: usize| {
        let parts = (1..=steps).map(|step| format!("; {kind}: {step} {step}"));
        let line = format!("none of {steps}{}", parts.collect::<String>());
        lines(&[("access/a", line.as_str())]).complaints("", ARCHITECTURE)
    };
    assert_eq!(many("other", 10), [""; 0]);
    assert_eq!(
        many("other", 11),
        ["the finished areas have 11 other steps that fail, of 10 at most"]
    );
    let two = lines(&[
        ("access/a", "none of 6; other: x 1-6"),
        ("items/a", "none of 5; other: y 1-5"),
    ]);
    assert_eq!(two.complaints("", ARCHITECTURE).len(), 1, "they are counted together");
    let excess = |steps| many("differs", steps).iter().any(|line| line.contains("of 10 at most"));
    assert_eq!((excess(10), excess(11)), (false, true));
    assert_eq!(
        lines(&[("graphql/a", "none of 2; todo: a thing 1-2")]).complaints("", ARCHITECTURE),
        [""; 0]
    );
}

#[test]
fn the_committed_ledger_is_in_order() {
    let ledger = Ledger::load(&Ledger::path()).unwrap();
    assert_eq!(ledger.review().unwrap(), [""; 0]);
    let text = fs::read_to_string(Ledger::path()).unwrap();
    let folder = TempDir::new().unwrap();
    let rewritten = folder.path().join("ledger.json");
    ledger.save(&rewritten).unwrap();
    let again = fs::read_to_string(&rewritten).unwrap();
    assert_eq!(text, again);
}

#[test]
fn reasons_are_read_as_they_are_told() {
    for text in [
        "waiting: files",
        "differs: No leaks",
        "other: a reason",
        "todo: all of it",
    ] {
        assert_eq!(Class::parse(text).unwrap().to_string(), text);
    }
    for broken in ["files", "waiting:files", "waiting: ", "later: x", "other: a;b"] {
        assert!(Class::parse(broken).is_none(), "{broken}");
    }
}
