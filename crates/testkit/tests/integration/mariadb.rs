//! The real binary on MariaDB: the demo project on it, every setting that leads to it, and why it cannot be reached.

use std::sync::LazyLock;

use aedile_testkit::{
    fixture::{ADMIN, Project},
    mariadb::MariaDb,
};
use serde_json::json;

use crate::servers::{self, refused};

/// Ends with this process.
static SERVER: LazyLock<MariaDb> = LazyLock::new(|| MariaDb::start().unwrap());

#[test]
fn the_demo_answers_as_on_sqlite() {
    let database = SERVER.database().unwrap();
    let url = database.url();
    servers::the_demo_answers_as_on_sqlite(&[("DB_CLIENT", "mysql"), ("DB_CONNECTION_STRING", url.as_str())]);
}

#[test]
fn a_server_is_named_by_its_parts() {
    let database = SERVER.database().unwrap();
    let url = database.url();
    // A given server is named in another way.
    let Some((_, socket)) = url.split_once("?socket=") else {
        return;
    };
    let name = url.split(['/', '?']).nth(3).unwrap();
    let settings = [
        ("DB_CLIENT", "mariadb"),
        ("DB_HOST", socket),
        ("DB_DATABASE", name),
        ("DB_USER", "root"),
        ("DB_POOL__MAX", "1"),
    ];
    let project = Project::with(&settings);
    project.collection("things", &[("name", "string")]);
    project.post(ADMIN, "/items/things", json!({"name": "x"})).is(200);
    drop(project);
    database.run("select 1 from things join directus_users").unwrap();
}

#[test]
fn what_cannot_be_served_is_said_in_one_line() {
    refused(&[("DB_CLIENT", "mysql")], "DB_CONNECTION_STRING");
    let string = "mysql://me:the-password@127.0.0.1:1/data";
    refused(
        &[("DB_CLIENT", "mysql"), ("DB_CONNECTION_STRING", string)],
        "not available",
    );
    let nameless = "mysql://me:the-password@127.0.0.1:1";
    refused(
        &[("DB_CLIENT", "mysql"), ("DB_CONNECTION_STRING", nameless)],
        "no database",
    );
    let encrypted = [
        ("DB_CLIENT", "mysql"),
        ("DB_CONNECTION_STRING", string),
        ("DB_SSL", "true"),
    ];
    refused(&encrypted, "TLS");
}
