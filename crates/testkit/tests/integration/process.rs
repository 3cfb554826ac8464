//! The real binary as a process: it starts on what it left, keeps what it acknowledged even when it is killed, and says
//! clearly why it cannot start.

use std::{fs, net::TcpListener, path::Path};

use aedile_testkit::fixture::{self, ADMIN, PUBLIC, Project, text};
use serde_json::json;
use tempfile::TempDir;

fn copy_database(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().starts_with("data.db") {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let project = Project::new();
    project.collection("things", &[("name", "string")]);
    for number in 0..50 {
        let thing = json!({ "name": number.to_string() });
        project.post(ADMIN, "/items/things", thing).is(200);
    }
    // Only what is on the disk now is taken along; the first process gets no chance to tidy up.
    let again = Project::prepared(&[], &|folder| {
        copy_database(project.folder(), folder);
        Ok(())
    });
    drop(project);
    let counted = again.get(ADMIN, "/items/things?aggregate[count]=*").ok();
    assert_eq!(text(&counted.at("/0/count")), "50", "{}", counted.text);
}

#[test]
fn a_port_that_is_taken_is_said_in_one_line() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = TempDir::new().unwrap();
    let (code, _, told) = fixture::run(folder.path(), &[("PORT", &port)], &["start"]);
    assert_eq!(code, 1, "{told}");
    let last = told.lines().last().unwrap_or_default();
    assert!(last.contains(&port) && last.contains("PORT"), "{told}");
}

#[test]
fn a_new_password_ends_the_old_one() {
    let project = Project::new();
    let log_in = |password: &str| {
        let form = json!({ "email": "admin@example.com", "password": password });
        project.post(PUBLIC, "/auth/login", form).status
    };
    let old = log_in("password");
    let words = [
        "users",
        "passwd",
        "--email",
        "admin@example.com",
        "--password",
        "a-new-password",
    ];
    let (code, _, told) = fixture::run(project.folder(), &[], &words);
    assert_eq!(code, 0, "{told}");
    assert_eq!((old, log_in("password"), log_in("a-new-password")), (200, 401, 200));
}
