//! Which classes of weaknesses there are, and that each has a test that carries its id in its name. A class that is added
//! here and not tested fails.

use std::{fs, path::Path};

/// What a reference server was seen to leak or get wrong around access.
const LEAKS: [(&str, &str); 13] = [
    (
        "leak_01",
        "a filter sees the values of a field in rows where it is masked",
    ),
    (
        "leak_02",
        "a filter or sort through a relation sees rows that the rule hides",
    ),
    ("leak_03", "a change by query finds rows by fields that may not be read"),
    ("leak_04", "a permission without fields answers bare keys"),
    (
        "leak_05",
        "a row of any collection is told by its key when the rest was left out",
    ),
    ("leak_06", "what was sent or saved ends in an internal error"),
    ("leak_07", "`_nbetween` in a validation fails for everything"),
    ("leak_08", "a stored change of a singleton is answered as forbidden"),
    ("leak_09", "permissions are answered that nobody asked for"),
    ("leak_10", "masks and words without a meaning are stored as values"),
    (
        "leak_11",
        "a stored view is put before everybody by who can not take it away",
    ),
    ("leak_12", "a policy lists attachments that are not its own"),
    (
        "leak_13",
        "an address that is taken is told in another form than it was sent in",
    ),
];

/// The classes of published advisories, by their usual abbreviations.
const CLASSES: [(&str, &str); 16] = [
    ("class_fo", "oracles on fields and rows that may not be read"),
    ("class_pb", "second paths to the same rows"),
    ("class_na", "callers that are missing and so may do everything"),
    ("class_in", "rules that are evaluated incompletely"),
    ("class_se", "effects before the check"),
    ("class_ck", "answers kept for others"),
    ("class_ss", "requests that the server is made to send"),
    ("class_ex", "secrets in logs, history and errors"),
    ("class_au", "tokens and sessions that outlive what they rest on"),
    ("class_en", "answers that tell who or what is there"),
    ("class_do", "work without an end"),
    ("class_xs", "what is stored is shown as a page"),
    ("class_fs", "paths into the storage"),
    ("class_rd", "links that lead elsewhere"),
    ("class_sq", "text taken for a statement"),
    ("class_cf", "what is open unless it is closed"),
];

#[test]
fn every_class_has_a_test_of_its_name() {
    let tests = tests();
    for (id, what) in LEAKS.iter().chain(&CLASSES) {
        let found = tests
            .iter()
            .any(|name| name.starts_with(id) || name.contains(&format!("_{id}_")));
        assert!(found, "{id} has no test: {what}");
    }
    for name in &tests {
        let known = |id: &str| LEAKS.iter().chain(&CLASSES).any(|(known, _)| id.starts_with(known));
        let id = name.starts_with("leak_") || name.starts_with("class_");
        assert!(!id || known(name), "{name} carries an id that is not listed");
    }
}

/// The names of all tests beside this file.
fn tests() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/advisories");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut lines = text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            if line == "#[test]" {
                let name = lines.next().and_then(|line| line.strip_prefix("fn "));
                found.extend(name.and_then(|name| name.split('(').next()).map(str::to_owned));
            }
        }
    }
    assert!(found.len() > 40, "the tests are not where they were");
    found
}
