//! The real binary on MariaDB: the demo project on it, every setting that leads to it, and why it cannot be reached; every
//! compiled query is taken, and texts are what is written whatever the database thinks of letters.

use std::{fs, sync::LazyLock};

use aedile_testkit::{
    fixture::{ADMIN, Project, may_where},
    mariadb::MariaDb,
};
use serde_json::json;

use crate::servers::{self, refused};

/// Ends with this process.
pub(crate) static SERVER: LazyLock<MariaDb> = LazyLock::new(|| MariaDb::start().unwrap());

#[test]
fn the_demo_answers_as_on_sqlite() {
    let database = SERVER.database().unwrap();
    let url = database.url();
    servers::the_demo_answers_as_on_sqlite(&[("DB_CLIENT", "mysql"), ("DB_CONNECTION_STRING", url.as_str())]);
}

#[test]
fn what_mysql_is_asked_answers_as_on_sqlite() {
    let database = SERVER.database().unwrap();
    let url = database.rehearsal_url();
    servers::the_demo_answers_as_on_sqlite(&[("DB_CLIENT", "mysql"), ("DB_CONNECTION_STRING", url.as_str())]);
}

#[test]
fn the_audit_finds_the_same_as_on_sqlite() {
    let database = SERVER.database().unwrap();
    let url = database.url();
    servers::the_audit_finds_the_same_as_on_sqlite(&[("DB_CLIENT", "mysql"), ("DB_CONNECTION_STRING", url.as_str())]);
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
        ("DB_SSL__CA", "no certificate"),
    ];
    refused(&encrypted, "DB_SSL__CA");
}

/// The tables that the engine's queries ask, with what decides how their columns are compared.
const TABLES: &str = "create table kinds (id int primary key, `string` varchar(255), `text` longtext, `boolean` boolean, \
    `integer` int, big bigint, `float` double, `decimal` decimal(10, 5), `date` date, `time` time(6), `datetime` datetime(3), \
    `timestamp` datetime(3), `json` json, csv longtext, uuid char(36), hash varchar(255), odd longtext, flag int); \
    create table things (id int primary key, name varchar(255), status varchar(255), price decimal(10, 5), \
    made datetime(3), owner char(36), role char(36), team int, data json, maker int, wide int, key (maker), key (wide)); \
    create table makers (id int primary key, name varchar(255)); \
    create table parts (id int primary key, name varchar(255), thing int, key (thing)); \
    create table tags (id char(36) primary key, name varchar(255)); \
    create table things_tags (id int primary key, things_id int, tags_id char(36), key (things_id), key (tags_id)); \
    create table loose_makers (id int primary key, name varchar(255)); \
    create table loose (id int primary key, name varchar(255), loose_maker int, maker int, key (maker)); \
    create table blocks (id int primary key, collection varchar(255), item varchar(255)); \
    create table notes (id char(36) primary key, title varchar(255)); \
    create table labels (id varchar(255) primary key, name varchar(255)); \
    create table directus_users (id char(36) primary key, team int, title varchar(255)); \
    create table directus_roles (id char(36) primary key, name varchar(255))";

/// What stands before a query for MariaDB and for MySQL where the engine shows its queries side by side.
const SHOWN: [&str; 2] = ["  mariadb   ", "  mysql     "];
/// The collation that has another name on MariaDB.
const EXACT: (&str, &str) = ("utf8mb4_0900_bin", "utf8mb4_nopad_bin");
/// Fewer queries than this would not show what they are for.
const LEAST: usize = 200;

#[test]
fn every_query_is_taken() {
    let shown = concat!(env!("CARGO_MANIFEST_DIR"), "/../engine/src/sql/tests/snapshots");
    let shown = fs::read_dir(shown)
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
    let shown: String = shown.collect();
    let wide: Vec<String> = (0..60).map(|n| format!("column_{n} int")).collect();
    // What new tables have, what adopted ones may have, and what older servers gave them.
    for letters in [
        "utf8mb4 collate utf8mb4_bin",
        "utf8mb4 collate utf8mb4_general_ci",
        "latin1",
    ] {
        let database = SERVER.database().unwrap();
        let wide = format!("create table wide (id int primary key, {})", wide.join(", "));
        database
            .run(&format!(
                "set names utf8mb4; alter database character set {letters}; {TABLES}; {wide}"
            ))
            .unwrap();
        let queries = SHOWN.map(|server| shown.lines().filter_map(move |line| line.strip_prefix(server)));
        let queries: Vec<&str> = queries.into_iter().flatten().collect();
        assert!(queries.len() > SHOWN.len() * LEAST, "{}", queries.len());
        for query in queries {
            let said = query.replace(EXACT.0, EXACT.1).replace('\'', "''");
            let taken = database.run(&format!(
                "set names utf8mb4 collate utf8mb4_bin; prepare asked from '{said}'"
            ));
            assert!(taken.is_ok(), "{letters}: {query}\n{:?}", taken.err());
        }
    }
}

#[test]
fn texts_are_what_is_written_whatever_the_columns_say() {
    let database = SERVER.database().unwrap();
    let url = database.url();
    let project = Project::with(&[("DB_CLIENT", "mysql"), ("DB_CONNECTION_STRING", url.as_str())]);
    project.collection("things", &[("status", "string"), ("tag", "string")]);
    let spelled = ["published", "PUBLISHED", "públished", "published "];
    let things: Vec<_> = spelled.iter().map(|status| json!({ "status": status })).collect();
    project.post(ADMIN, "/items/things", json!(things)).is(200);
    project.user_who(
        "ann",
        json!([may_where(
            "things",
            "read",
            &["*"],
            json!({"status": {"_eq": "published"}})
        )]),
    );
    project.user_who(
        "bob",
        json!([may_where(
            "things",
            "read",
            &["*"],
            json!({"status": {"_in": ["published", "x"]}})
        )]),
    );
    project.user_who(
        "cat",
        json!([may_where(
            "things",
            "read",
            &["*"],
            json!({"status": {"_starts_with": "publ"}})
        )]),
    );
    project.user_who(
        "dan",
        json!([may_where(
            "things",
            "read",
            &["*"],
            json!({"status": {"_eq": "$CURRENT_USER.title"}})
        )]),
    );
    database
        .run("update directus_users set title = 'PUBLISHED' where first_name = 'dan'")
        .unwrap();
    let seen = |token: &str, target: &str| project.get(token, target).ok().at("").to_string();
    for letters in [
        "utf8mb4 collate utf8mb4_bin",
        "utf8mb4 collate utf8mb4_general_ci",
        "latin1",
    ] {
        let tables = format!(
            "alter table things convert to character set {letters}; \
             alter table directus_users modify token varchar(255) character set {letters}, \
             modify title varchar(50) character set {letters}"
        );
        database.run(&tables).unwrap();
        let ids = "/items/things?fields=id&sort=id";
        assert_eq!(seen("ann-token", ids), r#"[{"id":1}]"#, "{letters}");
        assert_eq!(seen("bob-token", ids), r#"[{"id":1}]"#, "{letters}");
        assert_eq!(seen("cat-token", ids), r#"[{"id":1},{"id":4}]"#, "{letters}");
        assert_eq!(seen("dan-token", ids), r#"[{"id":2}]"#, "{letters}");
        let other = seen(ADMIN, &format!("{ids}&filter[status][_neq]=PUBLISHED"));
        assert_eq!(other, r#"[{"id":1},{"id":3},{"id":4}]"#, "{letters}");
        let groups = project
            .get(ADMIN, "/items/things?aggregate[count]=*&groupBy=status")
            .ok();
        assert_eq!(groups.at("").as_array().map(Vec::len), Some(spelled.len()), "{letters}");
        assert_eq!(project.get("ANN-TOKEN", ids).status, 401, "{letters}");
    }
}

#[test]
fn texts_and_numbers_are_never_the_same() {
    let database = SERVER.database().unwrap();
    let url = database.url();
    let project = Project::with(&[("DB_CLIENT", "mysql"), ("DB_CONNECTION_STRING", url.as_str())]);
    project.collection("things", &[("level", "integer"), ("name", "string")]);
    project
        .post(
            ADMIN,
            "/items/things",
            json!([{"level": 0, "name": "abc"}, {"level": 5, "name": "0"}]),
        )
        .is(200);
    // For the database 'abc' is 0 beside a number.
    let by = |field: &str, user: &str| json!([may_where("things", "read", &["*"], json!({field: {"_eq": user}}))]);
    project.user_who("ann", by("level", "$CURRENT_USER.title"));
    project.user_who("bob", by("level", "$CURRENT_USER"));
    project.user_who("cat", by("name", "$CURRENT_USER.level"));
    database.run("update directus_users set title = 'abc'").unwrap();
    let nothing = |token: &str| {
        let told = project.get(token, "/items/things?fields=id").at("").to_string();
        assert!(told == "[]" || told == "null", "{token}: {told}");
    };
    nothing("ann-token");
    nothing("bob-token");
    nothing("cat-token");
}

#[test]
fn moments_of_its_own_type_are_in_utc() {
    let server = MariaDb::start_alone().unwrap();
    if !server.is_own() {
        return;
    }
    let database = server.database().unwrap();
    let url = database.url();
    let settings = [("DB_CLIENT", "mysql"), ("DB_CONNECTION_STRING", url.as_str())];
    drop(Project::with(&settings));
    database
        .run(
            "set global time_zone = '+05:00'; set time_zone = '+05:00'; \
             create table moments (id int auto_increment primary key, at timestamp null default current_timestamp, \
             exact timestamp(3) null, wall datetime null); \
             insert into moments (at, exact, wall) values \
             ('2024-03-01 02:00:00', '2024-03-01 02:00:00.125', '2024-03-01 02:00:00')",
        )
        .unwrap();
    let project = Project::with(&settings);
    let fields =
        ["at", "exact", "wall"].map(|name| project.get(ADMIN, &format!("/fields/moments/{name}")).ok().at("/type"));
    assert_eq!(fields, ["timestamp", "timestamp", "dateTime"]);
    let read = |key: i32| {
        project
            .get(ADMIN, &format!("/items/moments/{key}?fields=at,exact,wall"))
            .ok()
            .at("")
    };
    let first =
        json!({"at": "2024-02-29T21:00:00.000Z", "exact": "2024-02-29T21:00:00.125Z", "wall": "2024-03-01T02:00:00"});
    assert_eq!(read(1), first);
    let written =
        json!({"at": "2025-06-01T12:00:00.000Z", "exact": "2025-06-01T12:00:00.250Z", "wall": "2025-06-01T12:00:00"});
    project.post(ADMIN, "/items/moments", written.clone()).is(200);
    assert_eq!(read(2), written);
    let held = database.rows("select unix_timestamp(at), unix_timestamp(exact), wall from moments where id = 2");
    assert_eq!(held.unwrap(), ["|'1748779200'|'1748779200.250'|'2025-06-01 12:00:00'"]);
    let found = project
        .get(ADMIN, "/items/moments?filter[at][_gt]=2024-02-29T21:00:01Z&fields=id")
        .ok();
    assert_eq!(found.at(""), json!([{"id": 2}]));
    // What the database fills in is now, in UTC.
    project.post(ADMIN, "/items/moments", json!({})).is(200);
    let recent = project.get(
        ADMIN,
        "/items/moments?filter[at][_gt]=$NOW(-1 hour)&filter[at][_lt]=$NOW(+1 hour)&fields=id",
    );
    assert_eq!(recent.ok().at(""), json!([{"id": 3}]));
}
