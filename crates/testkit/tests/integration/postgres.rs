//! The real binary on PostgreSQL: the demo project on it, every setting that leads to it, and why it cannot be reached.

use std::sync::LazyLock;

use aedile_testkit::{
    fixture::{ADMIN, Project},
    postgres::{Database, Postgres},
};
use serde_json::json;

use crate::servers::{self, refused};

/// Ends with this process.
pub(super) static SERVER: LazyLock<Postgres> = LazyLock::new(|| Postgres::start().unwrap());

/// The value of a word in `host=.. user=.. dbname=..`; none in a URL.
fn part(database: &Database<'_>, word: &str) -> Option<String> {
    let url = database.url();
    let found = url
        .split(' ')
        .find_map(|part| part.strip_prefix(word)?.strip_prefix('='));
    found.map(str::to_owned)
}

#[test]
fn the_demo_answers_as_on_sqlite() {
    let database = SERVER.database().unwrap();
    let url = database.url();
    servers::the_demo_answers_as_on_sqlite(&[("DB_CLIENT", "pg"), ("DB_CONNECTION_STRING", url.as_str())]);
}

#[test]
fn the_audit_finds_the_same_as_on_sqlite() {
    let database = SERVER.database().unwrap();
    let url = database.url();
    servers::the_audit_finds_the_same_as_on_sqlite(&[("DB_CLIENT", "pg"), ("DB_CONNECTION_STRING", url.as_str())]);
}

#[test]
fn a_server_is_named_by_its_parts_and_a_schema_of_its_own_is_used() {
    let database = SERVER.database().unwrap();
    let (Some(host), Some(user), Some(name)) = (
        part(&database, "host"),
        part(&database, "user"),
        part(&database, "dbname"),
    ) else {
        return;
    };
    database
        .run("create schema shop; create table public.elsewhere (id serial primary key)")
        .unwrap();
    let settings = [
        ("DB_CLIENT", "postgres"),
        ("DB_HOST", host.as_str()),
        ("DB_PORT", "5432"),
        ("DB_DATABASE", name.as_str()),
        ("DB_USER", user.as_str()),
        ("DB_PASSWORD", "of no use where everybody is trusted"),
        ("DB_SEARCH_PATH", "shop,public"),
        ("DB_POOL__MAX", "1"),
    ];
    let project = Project::with(&settings);
    project.collection("things", &[("name", "string")]);
    project.post(ADMIN, "/items/things", json!({"name": "x"})).is(200);
    project.get(ADMIN, "/items/elsewhere").is(403);
    drop(project);
    database
        .run("select 1 / count(*) from shop.things, shop.directus_users")
        .unwrap();
}

#[test]
fn what_cannot_be_served_is_said_in_one_line() {
    refused(&[("DB_CLIENT", "pg")], "DB_CONNECTION_STRING");
    let string = "postgres://me:the-password@127.0.0.1:1/data";
    refused(
        &[("DB_CLIENT", "pg"), ("DB_CONNECTION_STRING", string)],
        "not available",
    );
    let encrypted = [
        ("DB_CLIENT", "pg"),
        ("DB_CONNECTION_STRING", string),
        ("DB_SSL__CA", "no certificate"),
    ];
    refused(&encrypted, "DB_SSL__CA is not usable");
}
