//! A slice of the proofs, and that the evaluator stays what it is: plain, short, and a stranger to what it judges.

use std::{fs, path::PathBuf, process::Command};

use aedile_testkit::backend::Backend;
use serde_json::Value as Json;

use crate::prove::{self, Options};

/// Lines of code the evaluator may have: more could not be read beside the documentation.
const MOST_LINES: usize = 1_000;
/// What the evaluator may use of the product: parsed queries and the description of the schema. Its values are JSON.
const SHARED: [&str; 2] = ["query", "schema"];
/// What it shares with the proofs: worlds, questions spelt out, moments. Data and syntax; held to the same.
const VOCABULARY: [&str; 3] = ["world.rs", "shape.rs", "moment.rs"];

fn crate_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn evaluator_sources() -> Vec<String> {
    let folder = crate_folder().join("src");
    let mut files = vec![folder.join("evaluator.rs")];
    files.extend(
        fs::read_dir(folder.join("evaluator"))
            .unwrap()
            .map(|entry| entry.unwrap().path()),
    );
    assert!(files.len() > 4);
    files.iter().map(|file| fs::read_to_string(file).unwrap()).collect()
}

/// Every path below `aedile_engine` that a source names, nested `use` lists spelt out.
fn named(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in source.match_indices("aedile_engine::") {
        let rest = &source[at + "aedile_engine::".len()..];
        if let Some(inner) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut part = String::new();
            for c in inner.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 || (depth == 1 && c == ',') {
                    found.push(std::mem::take(&mut part).split_whitespace().collect());
                } else {
                    part.push(c);
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            found.push(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == ':' || *c == '_')
                    .collect(),
            );
        }
    }
    found.retain(|path: &String| !path.is_empty());
    found
}

#[test]
fn the_evaluator_shares_queries_values_and_schema_with_the_product_and_nothing_else() {
    let mut some = 0;
    let vocabulary = VOCABULARY.map(|name| fs::read_to_string(crate_folder().join("src").join(name)).unwrap());
    for source in evaluator_sources().into_iter().chain(vocabulary) {
        assert!(
            ![
                "aedile_db",
                "aedile_platform",
                "aedile_auth",
                "aedile_server",
                "crate::prove"
            ]
            .iter()
            .any(|other| source.contains(other))
        );
        for path in named(&source) {
            some += 1;
            let allowed = SHARED
                .iter()
                .any(|shared| path == *shared || path.starts_with(&format!("{shared}::")));
            assert!(allowed, "the evaluator uses {path}");
        }
    }
    assert!(some > 8, "the sources were not read");
}

#[test]
fn names_are_found_in_use_lists() {
    let source =
        "use aedile_engine::{\n    query::{Filter, Limits},\n    plan,\n};\nfn f(x: aedile_engine::access::Case) {}";
    assert_eq!(named(source), ["query::{Filter,Limits}", "plan", "access::Case"]);
}

#[test]
fn the_evaluator_stays_short() {
    let code = |source: &String| {
        source
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("//"))
            .count()
    };
    let lines: usize = evaluator_sources().iter().map(code).sum();
    assert!(lines <= MOST_LINES, "the evaluator has {lines} lines");
}

#[test]
fn nothing_depends_on_the_oracle() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(crate_folder())
        .output()
        .unwrap();
    let metadata: Json = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let mut seen = false;
    for package in packages {
        let names: Vec<&str> = package["dependencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|d| d["name"].as_str())
            .collect();
        if package["name"] == "aedile-oracle" {
            seen = true;
            assert!(names.contains(&"aedile-engine"));
        } else if package["name"] != "xtask" {
            assert!(
                !names.contains(&"aedile-oracle"),
                "{} depends on the oracle",
                package["name"]
            );
        }
    }
    assert!(seen);
}

#[test]
fn a_slice_of_the_proofs_finds_nothing_and_asks_enough() {
    slice("sqlite", 12_000, 1_500);
}

#[test]
fn a_slice_of_the_proofs_finds_nothing_on_postgres_either() {
    slice("pg", 3_000, 300);
}

#[test]
fn a_slice_of_the_proofs_finds_nothing_on_mariadb_either() {
    slice("mysql", 2_400, 250);
}

#[test]
fn a_slice_of_the_proofs_finds_nothing_in_what_mysql_is_asked() {
    slice("mysql8", 2_400, 250);
}

fn slice(database: &str, cases: u64, writes: u64) {
    let leak = cases * 2 / 3;
    let backend = Backend::start(database).unwrap().unwrap();
    let report = prove::run(&Options {
        backend: &backend,
        cases,
        leak,
        writes,
        seed: 20,
        world: None,
        threads: 2,
    })
    .unwrap();
    assert!(report.is_clean(), "{report}");
    assert!(report.cases >= cases && report.leak >= leak, "{report}");
    assert!(prove::share(report.rows, report.cases) >= 25, "{report}");
    assert!(prove::share(report.malformed, report.cases) >= 3, "{report}");
    assert!(report.masked > cases / 40, "{report}");
    assert!(prove::share(report.near, report.leak) >= 30, "{report}");
    assert!(
        report.writes >= writes * 9 / 10 && prove::share(report.written, report.writes) >= 25,
        "{report}"
    );
    assert!(prove::share(report.telling, report.leak) >= 30, "{report}");
    assert!(prove::share(report.strong, report.leak) >= 33, "{report}");
}
