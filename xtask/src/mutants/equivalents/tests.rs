//! What the list may say, and what it must not hide.

use serde_json::{Value, json};

use super::*;

const ONE: &str = "[[equivalent]]\nfile = \"x.rs\"\nline = \"a && b\"\nchange = \"replace && with || in f\"\n\
                   reason = \"Both are the same.\"\n";

/// So many mutants of a line each, the first with this verdict, the others noticed.
fn census(count: usize, first: Option<Verdict>) -> Census {
    let listed: Vec<Value> = (1..=count)
        .map(|line| json!({"name": format!("x.rs:{line}:1: replace && with || in f"), "file": "x.rs", "span": {"start": {"line": line}}}))
        .collect();
    let mut source = String::from("a && b\n");
    for line in 1..count {
        source.push_str(&format!("line {line}\n"));
    }
    let mut census = Census::from(&listed, &HashMap::from([("x.rs".to_owned(), source)])).unwrap();
    for (i, mutant) in census.mutants.iter_mut().enumerate() {
        mutant.verdict = if i == 0 { first } else { Some(Verdict::Engine) };
    }
    census
}

fn judged(list: &str, census: &Census) -> Vec<String> {
    Equivalents::parse(list).unwrap().judge(census)
}

#[test]
fn a_survivor_needs_a_reason_and_a_reason_a_survivor() {
    assert_eq!(judged(ONE, &census(20, Some(Verdict::Survived))), [""; 0]);
    assert_eq!(
        judged("", &census(20, Some(Verdict::Survived))),
        ["survives: x.rs:1:1: replace && with || in f"]
    );
    assert_eq!(judged("", &census(20, Some(Verdict::Proofs))), [""; 0]);
    let noticed = "xtask/mutants.toml lists what is noticed: x.rs: replace && with || in f";
    assert_eq!(judged(ONE, &census(20, Some(Verdict::Engine))), [noticed]);
    assert_eq!(judged(ONE, &census(20, Some(Verdict::Unviable)))[0], noticed);
    let gone = ONE.replace("a && b", "a && c");
    assert_eq!(
        judged(&gone, &census(20, Some(Verdict::Survived))),
        [
            "survives: x.rs:1:1: replace && with || in f",
            "xtask/mutants.toml lists what is not there: x.rs: replace && with || in f",
        ]
    );
    assert_eq!(
        judged("", &census(20, None)),
        ["not tried: x.rs:1:1: replace && with || in f"]
    );
}

#[test]
fn no_more_than_one_in_twenty_is_listed() {
    let findings = judged(ONE, &census(19, Some(Verdict::Survived)));
    assert_eq!(
        findings,
        ["xtask/mutants.toml lists 1 of 19 mutants that compile (19 in all): at most one in 20"]
    );
}

#[test]
fn an_entry_that_is_not_whole_is_refused() {
    for part in ["file", "line", "change", "reason"] {
        let cut: String = ONE
            .lines()
            .filter(|line| !line.starts_with(part))
            .collect::<Vec<_>>()
            .join("\n");
        let error = Equivalents::parse(&cut).unwrap_err().to_string();
        assert!(error.contains(&format!("without `{part}`")), "{error}");
    }
    assert!(Equivalents::parse(&ONE.replace("Both are the same.", " ")).is_err());
    assert!(Equivalents::parse("equivalent = 1").is_err());
    assert!(Equivalents::parse("nonsense").is_err());
}
