//! The server's table of routes, read from its source: so that a route that is added and not tried is noticed. It must
//! never be told which routes there are.

use std::{collections::BTreeSet, fs, path::Path};

use regex::Regex;

const ROUTES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../server/src/routes");

/// Method and path of every route with a path of its own.
pub fn routes() -> BTreeSet<(String, String)> {
    let line = Regex::new(r#"(?m)^\s*(Get|Search|Post|Patch|Delete) "(/[^"]*)" => "#).unwrap();
    let entry = Regex::new(r#"verb: Verb::(\w+),\s*path: "(/[^"]*)""#).unwrap();
    let text = text();
    let found = line.captures_iter(&text).chain(entry.captures_iter(&text));
    let resource = |path: &str| path == "/:key";
    found
        .map(|found| (found[1].to_uppercase(), found[2].to_owned()))
        .filter(|(_, path)| !resource(path))
        .collect()
}

/// Path and collection of every resource that is served like a collection.
pub fn resources() -> BTreeSet<(String, String)> {
    let pair = Regex::new(r#"\("([a-z_/]+)", "(directus_\w+)"\)"#).unwrap();
    let single = Regex::new(r#"add_resource\("([a-z_/]+)", "(directus_\w+)""#).unwrap();
    let text = text();
    let found = pair.captures_iter(&text).chain(single.captures_iter(&text));
    found.map(|found| (found[1].to_owned(), found[2].to_owned())).collect()
}

fn text() -> String {
    let mut text = String::new();
    collect(Path::new(ROUTES), &mut text);
    text
}

fn collect(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, text);
        } else if path.file_name().is_some_and(|name| name != "tests.rs") {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}
