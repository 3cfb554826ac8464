//! Child processes, played by the shell: what they are given, and what they leave behind.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;

use super::Server;

/// An executable script in a folder of its own.
fn script(text: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("server.sh");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    (folder, path)
}

#[test]
fn a_server_that_ends_tells_its_last_lines() {
    let (_folder, path) = script("echo \"$1 $DB_CLIENT $EXTRA $HOME.\"; echo broken >&2; exit 3");
    let env = BTreeMap::from([("EXTRA".to_owned(), "extra".to_owned())]);
    let error = Server::start(&path, &env).err().unwrap().to_string();
    assert!(error.starts_with("the server ended (exit status: 3)"), "{error}");
    assert!(error.ends_with("| start sqlite3 extra .\n       | broken"), "{error}");
}
