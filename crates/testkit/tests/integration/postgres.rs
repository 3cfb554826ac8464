//! The real binary on PostgreSQL: the demo project on it, every setting that leads to it, and why it cannot be reached.

use std::{collections::BTreeMap, env, fs, process::Output, sync::LazyLock};

use aedile_testkit::{
    command,
    fixture::{self, ADMIN, PUBLIC, Project},
    postgres::{Database, Postgres},
};
use serde_json::json;

/// Ends with this process.
static SERVER: LazyLock<Postgres> = LazyLock::new(|| Postgres::start().unwrap());

/// Runs the binary to its end, in an empty folder of its own.
fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let name = format!("aedile-pg-{}-{:?}", std::process::id(), std::thread::current().id());
    let folder = env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    let mut command = command(fixture::binary(), &folder, &BTreeMap::new());
    let output = command.args(arguments).envs(settings.iter().copied()).output().unwrap();
    let left = fs::read_dir(&folder).unwrap().count();
    fs::remove_dir_all(&folder).ok();
    assert_eq!(left, 0, "nothing is written beside the database");
    output
}

/// The value of a word in `host=.. user=.. dbname=..`; none in a URL.
fn part(database: &Database<'_>, word: &str) -> Option<String> {
    let url = database.url();
    let found = url
        .split(' ')
        .find_map(|part| part.strip_prefix(word)?.strip_prefix('='));
    found.map(str::to_owned)
}

/// What is asked of the demo, on both databases.
const QUESTIONS: [&str; 8] = [
    "/items/posts?fields=id,title,author.name,category.name,tags.tags_id.name&sort=title&limit=-1",
    "/items/posts?fields=title&search=the&sort=-published_at,title",
    "/items/posts?fields=title,year(published_at),count(comments)&filter[published_at][_gte]=2025-01-01&sort=title",
    "/items/posts?fields=title,comments.body&filter[tags][tags_id][name][_icontains]=a&deep[comments][_limit]=2&sort=title",
    "/items/posts?aggregate[count]=*&groupBy=status",
    "/items/categories?fields=name,posts.title&sort=name",
    "/items/page_analytics?aggregate[sum]=views&aggregate[count]=*",
    "/items/pages?fields=*&sort=id",
];

#[test]
fn the_demo_answers_as_on_sqlite() {
    let database = SERVER.database().unwrap();
    let url = database.url();
    let settings = [("DB_CLIENT", "pg"), ("DB_CONNECTION_STRING", url.as_str())];
    let loaded = run(&["demo"], &settings);
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    let here = Project::with(&settings);
    let there = Project::prepared(&[], &|folder| {
        let output = command(fixture::binary(), folder, &BTreeMap::new())
            .arg("demo")
            .output()?;
        assert!(output.status.success());
        Ok(())
    });
    let mut told = 0;
    for token in [ADMIN, PUBLIC] {
        for question in QUESTIONS {
            let (one, other) = (here.get(token, question), there.get(token, question));
            assert_eq!((one.status, one.at("")), (other.status, other.at("")), "{question}");
            told += one.at("").as_array().map_or(0, Vec::len);
        }
    }
    assert!(told > 100, "{told} rows");
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
    let refused = |settings: &[(&str, &str)], word: &str| {
        let output = run(&["start"], settings);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains(word), "{told}");
        assert!(!told.contains("the-password"), "{told}");
    };
    refused(&[("DB_CLIENT", "mysql")], "MySQL");
    refused(&[("DB_CLIENT", "pg")], "DB_CONNECTION_STRING");
    let string = "postgres://me:the-password@127.0.0.1:1/data";
    refused(
        &[("DB_CLIENT", "pg"), ("DB_CONNECTION_STRING", string)],
        "not available",
    );
    let encrypted = [
        ("DB_CLIENT", "pg"),
        ("DB_CONNECTION_STRING", string),
        ("DB_SSL", "true"),
    ];
    refused(&encrypted, "TLS");
}
