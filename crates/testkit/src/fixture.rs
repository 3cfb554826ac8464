//! What the tests of the whole begin with: the server's program, a project on a server of its own, who asks there, and
//! whether its database was touched. It must never look into the server but through its answers, its log and its
//! database; and what fails here is a failure of the test that asked, told where it asked.

mod contents;
mod project;
mod reply;

use std::collections::BTreeMap;
use std::env;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::command;

pub use contents::{Contents, SCHEMA, contents, rows};
pub use project::Project;
pub use reply::Reply;

/// Nobody's token: the public asks.
pub const PUBLIC: &str = "";

/// The administrator's token.
pub const ADMIN: &str = crate::ADMIN_TOKEN;

/// The server's program, with all that can be built into it: the one that `AEDILE_BIN` names, or else built as this test is, so
/// that it is never an old one.
///
/// # Panics
/// When it can not be built.
#[must_use]
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| env::var_os("AEDILE_BIN").map_or_else(build, PathBuf::from))
}

/// Builds it beside this test, which is at `<target>/<profile>/deps/<name>`.
fn build() -> PathBuf {
    let test = must(env::current_exe());
    let folder = some(test.ancestors().nth(2), "a test has a folder");
    let target = some(folder.parent(), "a profile's folder has a parent");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--package", "aedile", "--features", "saml"]);
    if folder.ends_with("release") {
        build.arg("--release");
    }
    build
        .arg("--manifest-path")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .arg("--target-dir")
        .arg(target);
    assert!(must(build.status()).success(), "the server can not be built");
    folder.join("aedile")
}

/// Settings as servers take them.
#[must_use]
pub fn settings(given: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    given.iter().map(owned).collect()
}

/// The exit status of a command of the binary in this folder, whose database is its own, and what it wrote to standard
/// output and standard error.
///
/// # Panics
/// When it does not end by itself, or tells what is no text.
#[must_use]
#[track_caller]
pub fn run(folder: &Path, given: &[(&str, &str)], arguments: &[&str]) -> (i32, String, String) {
    let output = must(command(binary(), folder, &settings(given)).args(arguments).output());
    let code = some(output.status.code(), "a command ends by itself");
    (
        code,
        must(String::from_utf8(output.stdout)),
        must(String::from_utf8(output.stderr)),
    )
}

/// A permission on all rows.
#[must_use]
pub fn may(collection: &str, action: &str, fields: &[&str]) -> Value {
    json!({ "collection": collection, "action": action, "fields": fields })
}

/// A permission on the rows of a rule.
#[must_use]
pub fn may_where(collection: &str, action: &str, fields: &[&str], rule: Value) -> Value {
    json!({ "collection": collection, "action": action, "fields": fields, "permissions": rule })
}

/// The id of what an answer tells.
#[must_use]
pub fn id(reply: &Reply) -> String {
    text(&reply.at("/id"))
}

/// A value as it stands in a path.
#[must_use]
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What has to work for the test to mean anything.
#[track_caller]
fn must<T, E: Debug>(done: Result<T, E>) -> T {
    match done {
        Ok(value) => value,
        #[expect(clippy::panic, reason = "what a test is made of fails the test")]
        Err(error) => panic!("{error:?}"),
    }
}

/// What has to be there for the test to mean anything.
#[track_caller]
fn some<T>(value: Option<T>, what: &str) -> T {
    must(value.ok_or(what))
}
