//! Mutants as cargo-mutants lists them, known again after edits.

use tempfile::TempDir;

use super::*;

const SOURCE: &str = "fn f() {\n    a && b && c\n}\nfn g() {\n    a && b && c\n}\n";

fn listed(place: &str, change: &str) -> Value {
    let line: u64 = place.split(':').next().unwrap().parse().unwrap();
    json!({"name": format!("src/x.rs:{place}: {change}"), "file": "src/x.rs", "span": {"start": {"line": line}}})
}

fn census(source: &str, listed: &[Value]) -> Census {
    Census::from(listed, &HashMap::from([("src/x.rs".to_owned(), source.to_owned())])).unwrap()
}

fn five() -> Census {
    census(
        SOURCE,
        &[
            listed("2:7", "replace && with || in f"),
            listed("2:12", "replace && with || in f"),
            listed("2:5", "replace f -> bool with true"),
            listed("5:7", "replace && with || in g"),
            listed("5:5", "replace g -> &'a [T] with Vec::leak(Vec::new())"),
        ],
    )
}

#[test]
fn a_mutant_is_known_by_its_change_its_line_and_which_of_several_it_is() {
    let keys: Vec<(String, u64)> = five().mutants.into_iter().map(|m| (m.key.change, m.key.nth)).collect();
    assert_eq!(
        keys,
        [
            ("replace && with || in f".to_owned(), 1),
            ("replace && with || in f".to_owned(), 2),
            ("replace f -> bool with true".to_owned(), 1),
            ("replace && with || in g".to_owned(), 1),
            ("replace g -> &'a [T] with Vec::leak(Vec::new())".to_owned(), 1),
        ]
    );
    assert!(five().mutants.iter().all(|m| m.key.line == "a && b && c"));
    assert!(Census::from(&[json!({"name": "x"})], &HashMap::new()).is_err());
}

#[test]
fn only_what_survives_the_last_stage_has_survived() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("outcomes.json");
    let outcomes = |told: &[(&str, &str)]| {
        let told = told.iter().map(
            |(name, summary)| json!({"scenario": {"Mutant": {"name": format!("src/x.rs:{name}")}}, "summary": summary}),
        );
        let mut list: Vec<Value> = told.collect();
        list.push(json!({"scenario": "Baseline", "summary": "Success"}));
        fs::write(&path, json!({"outcomes": list}).to_string()).unwrap();
    };
    let mut census = five();
    assert!(census.learn(&path, Verdict::Engine).is_err());
    outcomes(&[
        ("2:7: replace && with || in f", "MissedMutant"),
        ("2:12: replace && with || in f", "CaughtMutant"),
        ("2:5: replace f -> bool with true", "Timeout"),
        ("5:7: replace && with || in g", "MissedMutant"),
        ("5:5: replace g -> &'a [T] with Vec::leak(Vec::new())", "Unviable"),
    ]);
    census.learn(&path, Verdict::Engine).unwrap();
    let waiting = ["2:7: replace && with || in f", "5:7: replace && with || in g"];
    let waiting = waiting.map(|name| ("src/x.rs".to_owned(), format!("src/x.rs:{name}")));
    assert_eq!(census.waiting(), waiting);
    // The second stage notices one; of the other it says nothing, so it is not known to have survived.
    outcomes(&[("2:7: replace && with || in f", "CaughtMutant")]);
    census.learn(&path, Verdict::Proofs).unwrap();
    census.conclude();
    let told: Vec<_> = census.mutants.iter().map(|m| m.verdict).collect();
    let expected = [
        Some(Verdict::Proofs),
        Some(Verdict::Engine),
        Some(Verdict::Timeout),
        None,
        Some(Verdict::Unviable),
    ];
    assert_eq!(told, expected);
    outcomes(&[("5:7: replace && with || in g", "MissedMutant")]);
    census.learn(&path, Verdict::Proofs).unwrap();
    census.conclude();
    assert_eq!(census.mutants[3].verdict, Some(Verdict::Survived));
    let n = census.counts();
    assert_eq!((n.all, n.viable(), n.engine, n.proofs, n.timeout), (5, 4, 1, 1, 1));
    assert_eq!((n.unviable, n.survived, n.unknown), (1, 1, 0));
}

#[test]
fn verdicts_outlive_edits_elsewhere_but_not_edits_of_their_line() {
    let folder = TempDir::new().unwrap();
    let mut first = five();
    for (mutant, verdict) in first
        .mutants
        .iter_mut()
        .zip([Verdict::Engine, Verdict::Survived, Verdict::Unviable])
    {
        mutant.verdict = Some(verdict);
    }
    first.keep(folder.path()).unwrap();
    let moved = format!(
        "// A new line.\n{}",
        SOURCE.replacen("fn g() {\n    a &&", "fn g() {\n    x &&", 1)
    );
    let mut second = census(
        &moved,
        &[
            listed("3:7", "replace && with || in f"),
            listed("3:12", "replace && with || in f"),
            listed("3:5", "replace f -> bool with true"),
            listed("6:7", "replace && with || in g"),
        ],
    );
    second
        .remember(folder.path(), |_, verdict| verdict != Verdict::Survived)
        .unwrap();
    let told: Vec<_> = second.mutants.iter().map(|m| m.verdict).collect();
    assert_eq!(told, [Some(Verdict::Engine), None, Some(Verdict::Unviable), None]);
    let mut nothing = five();
    nothing.remember(&folder.path().join("gone"), |_, _| true).unwrap();
    assert_eq!(nothing.counts().unknown, 5);
}
