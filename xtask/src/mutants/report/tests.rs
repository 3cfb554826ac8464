//! The report of a small census.

use std::collections::HashMap;

use serde_json::json;

use super::*;

#[test]
fn totals_survivors_and_reasons_are_told() {
    let listed = [
        ("a.rs", 1, "replace && with || in f"),
        ("a.rs", 1, "replace f -> bool with true"),
        ("b.rs", 1, "delete ! in g"),
        ("b.rs", 1, "replace g -> Plan with Default::default()"),
    ];
    let listed = listed.map(|(file, line, change)| {
        json!({"name": format!("{file}:{line}:5: {change}"), "file": file, "span": {"start": {"line": line}}})
    });
    let sources = HashMap::from([
        ("a.rs".to_owned(), "a && b\n".to_owned()),
        ("b.rs".to_owned(), "!a\n".to_owned()),
    ]);
    let mut census = Census::from(&listed, &sources).unwrap();
    let verdicts = [Verdict::Survived, Verdict::Engine, Verdict::Survived, Verdict::Unviable];
    for (mutant, verdict) in census.mutants.iter_mut().zip(verdicts) {
        mutant.verdict = Some(verdict);
    }
    let equivalents = Equivalents::parse(
        "[[equivalent]]\nfile = \"a.rs\"\nline = \"a && b\"\nchange = \"replace && with || in f\"\nreason = \"\"\"\nAlike,\nboth.\"\"\"\n",
    );
    let told = text(&census, &equivalents.unwrap(), "cargo-mutants 1");
    for part in [
        "| Mutants | 4 |\n| of them, do not compile | 1 |\n| noticed by the engine's tests | 1 |\n",
        "| equivalent, see below | 1 |\n| survive | 1 |\n| not tried | 0 |\n",
        "33.3 % of the mutants that compile are equivalent. Made by cargo-mutants 1.\n",
        "| `a.rs` | 2 | 0 | 1 | 0 | 0 | 1 |\n| `b.rs` | 2 | 1 | 0 | 0 | 0 | 1 |\n",
        "## Survivors\n\n- `b.rs:1:5: delete ! in g`\n\n## Equivalent",
        "- `replace && with || in f`, at `a && b` in `a.rs`  \n  Alike, both.\n",
    ] {
        assert!(told.contains(part), "{part}\nis not in\n{told}");
    }
}
