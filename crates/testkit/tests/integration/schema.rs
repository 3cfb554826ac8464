//! The data model as a file and changes that are shown before they are made, with the real binary, on every database: what
//! is shown changes nothing at all, what is applied is what was shown, and who reads meanwhile sees the one model or the
//! other.

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

use aedile_testkit::{
    fixture::{self, ADMIN, Project},
    postgres::Database,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::postgres::SERVER;

/// How often the model changes under its readers.
const CHANGES: usize = 24;
/// Readers at the same time.
const READERS: usize = 3;

/// Every table's rows and every definition of a PostgreSQL database, as one text.
const EVERYTHING: &str = r"(
    select string_agg(c.relname || md5(cast(query_to_xml(format('select * from %I t order by cast(t as text)', c.relname), true, false, '') as text)), '|' order by c.relname)
    from pg_class c where c.relkind = 'r' and c.relnamespace = cast('public' as regnamespace)
) || (
    select string_agg(c.relname || a.attname || format_type(a.atttypid, a.atttypmod) || cast(a.attnotnull as text) || coalesce(pg_get_expr(d.adbin, d.adrelid), ''), '|' order by c.relname, a.attnum)
    from pg_class c join pg_attribute a on a.attrelid = c.oid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = cast('public' as regnamespace) and a.attnum > 0
) || (
    select string_agg(conname || pg_get_constraintdef(oid), '|' order by conname) from pg_constraint where connamespace = cast('public' as regnamespace)
)";

/// What a database holds, to be compared with what it holds later.
enum Held<'d> {
    Sqlite(aedile_testkit::fixture::Contents),
    Postgres(&'d Database<'d>),
}

impl<'d> Held<'d> {
    fn now(project: &Project, database: Option<&'d Database<'d>>) -> Held<'d> {
        let Some(database) = database else {
            return Held::Sqlite(project.contents());
        };
        let keep = format!(
            "create schema if not exists kept; drop table if exists kept.held; create table kept.held as select {EVERYTHING} as all_of_it"
        );
        database.run(&keep).unwrap();
        Held::Postgres(database)
    }

    #[track_caller]
    fn is_still_so(&self, project: &Project, what: &str) {
        match self {
            Held::Sqlite(contents) => assert_eq!(project.contents(), *contents, "{what}"),
            Held::Postgres(database) => {
                let same = format!("select 1 / (case when all_of_it = {EVERYTHING} then 1 else 0 end) from kept.held");
                assert!(database.run(&same).is_ok(), "{what}: the database has changed");
            }
        }
    }
}

/// Runs a test on a project on SQLite, and on one on PostgreSQL.
fn on_every_database(test: impl Fn(&Project, Option<&Database<'_>>)) {
    test(&Project::new(), None);
    let database = SERVER.database().unwrap();
    let url = database.url();
    let project = Project::with(&[("DB_CLIENT", "pg"), ("DB_CONNECTION_STRING", url.as_str())]);
    test(&project, Some(&database));
}

/// Authors with articles, some rows of each.
fn blog(project: &Project) {
    project.collection("authors", &[("name", "string")]);
    project.collection(
        "articles",
        &[
            ("title", "string"),
            ("rank", "integer"),
            ("price", "decimal"),
            ("code", "string"),
        ],
    );
    project.relation("articles", "author", "authors", Some("articles"));
    let ann =
        json!({"name": "ann", "articles": [{"title": "one", "rank": 1, "code": "12"}, {"title": "one", "code": "x"}]});
    project.post(ADMIN, "/items/authors", ann).ok();
    project.user_who("reader", json!([{"collection": "articles", "action": "read", "fields": ["title", "rank"], "permissions": {"rank": {"_gt": 0}}}]));
}

fn requests() -> Vec<(&'static str, &'static str, Value)> {
    let schema = |schema: Value| json!({"schema": schema});
    vec![
        (
            "POST",
            "/collections",
            json!([{"collection": "tags", "schema": {}, "meta": {}}, {"collection": "box", "meta": {}}]),
        ),
        (
            "PATCH",
            "/collections",
            json!([{"collection": "articles", "meta": {"note": "x"}}]),
        ),
        (
            "PATCH",
            "/collections/articles",
            json!({"meta": {"icon": "x", "sort_field": "rank"}}),
        ),
        (
            "POST",
            "/fields/articles",
            json!({"field": "live", "type": "boolean", "meta": {}, "schema": {"default_value": true, "is_nullable": false}}),
        ),
        (
            "PATCH",
            "/fields/articles",
            json!([{"field": "title", "schema": {"max_length": 40}}, {"field": "rank", "meta": {"note": "x"}}]),
        ),
        (
            "PATCH",
            "/fields/articles/title",
            json!({"type": "text", "schema": {"is_nullable": false, "default_value": "none"}}),
        ),
        ("PATCH", "/fields/articles/author", schema(json!({"is_indexed": true}))),
        (
            "PATCH",
            "/relations/articles/author",
            json!({"schema": {"on_delete": "CASCADE"}}),
        ),
        ("DELETE", "/fields/articles/rank", Value::Null),
        ("DELETE", "/relations/articles/author", Value::Null),
        (
            "POST",
            "/relations",
            json!({"collection": "articles", "field": "author", "related_collection": "authors", "meta": {"one_field": "articles"}}),
        ),
        ("DELETE", "/collections/authors", Value::Null),
    ]
}

#[test]
fn what_is_only_shown_changes_nothing_and_then_happens_as_shown() {
    on_every_database(|project, database| {
        blog(project);
        for (method, path, body) in requests() {
            let held = Held::now(project, database);
            let plan = project
                .ask(ADMIN, method, &format!("{path}?dry_run=true"), body.clone())
                .is(200);
            held.is_still_so(project, path);
            let lines = plan.at("/changes");
            assert!(
                lines.as_array().is_some_and(|lines| !lines.is_empty()),
                "{path}: {lines}"
            );
            let done = project.ask(ADMIN, method, path, body.clone());
            assert!([200, 204].contains(&done.status), "{path}: {}", done.text);
        }
    });
}

#[test]
fn what_stored_values_do_not_fit_is_refused_with_their_rows_and_leaves_everything() {
    on_every_database(|project, database| {
        blog(project);
        let held = Held::now(project, database);
        for (field, change, code, rows, keys) in [
            (
                "rank",
                json!({"schema": {"is_nullable": false}}),
                "CONTAINS_NULL_VALUES",
                1,
                json!([2]),
            ),
            (
                "title",
                json!({"schema": {"is_unique": true}}),
                "RECORD_NOT_UNIQUE",
                2,
                json!([1, 2]),
            ),
            (
                "title",
                json!({"schema": {"max_length": 2}}),
                "VALUE_TOO_LONG",
                2,
                json!([1, 2]),
            ),
            (
                "code",
                json!({"type": "integer", "schema": {}}),
                "INVALID_PAYLOAD",
                1,
                json!([2]),
            ),
            (
                "code",
                json!({"type": "uuid", "schema": {}}),
                "INVALID_PAYLOAD",
                2,
                json!([1, 2]),
            ),
            (
                "code",
                json!({"type": "json", "schema": {}}),
                "INVALID_PAYLOAD",
                1,
                json!([2]),
            ),
        ] {
            for dry in ["?dry_run", ""] {
                let refused = project
                    .patch(ADMIN, &format!("/fields/articles/{field}{dry}"), change.clone())
                    .is(400);
                let told = refused.json()["errors"][0]["extensions"].clone();
                assert_eq!(
                    (refused.code().as_str(), &told["rows"], &told["keys"]),
                    (code, &json!(rows), &keys),
                    "{change}"
                );
                held.is_still_so(project, field);
            }
        }
        let key = project
            .patch(ADMIN, "/fields/articles/id", json!({"type": "string", "schema": {}}))
            .is(400);
        assert_eq!(key.code(), "INVALID_PAYLOAD");
        held.is_still_so(project, "the key");
    });
}

#[test]
fn decimals_are_neither_rounded_nor_cut() {
    on_every_database(|project, database| {
        project.collection("prices", &[("price", "decimal"), ("big", "bigInteger")]);
        project
            .post(ADMIN, "/items/prices", json!({"price": "12.345", "big": "16777217"}))
            .ok();
        let held = Held::now(project, database);
        let decimal =
            |digits: u32, scale: u32| json!({"schema": {"numeric_precision": digits, "numeric_scale": scale}});
        for change in [decimal(10, 2), decimal(4, 3), json!({"type": "integer", "schema": {}})] {
            project.patch(ADMIN, "/fields/prices/price", change).is(400);
        }
        project
            .patch(ADMIN, "/fields/prices/big", json!({"type": "integer", "schema": {}}))
            .is(200);
        if database.is_some() {
            project
                .patch(ADMIN, "/fields/prices/big", json!({"type": "float", "schema": {}}))
                .is(400);
        } else {
            drop(held);
        }
        project.patch(ADMIN, "/fields/prices/price", decimal(5, 3)).is(200);
        let told = project.get(ADMIN, "/items/prices/1").ok();
        assert_eq!(told.at("/price").to_string().trim_matches('"'), "12.345");
    });
}

#[test]
fn a_model_goes_to_another_project_and_comes_back_the_same() {
    on_every_database(|project, database| {
        let empty = project.get(ADMIN, "/schema/snapshot").at("");
        blog(project);
        let full = project.get(ADMIN, "/schema/snapshot").at("");
        project.post(ADMIN, "/schema/diff", full.clone()).is(204);
        let wipe = project.post(ADMIN, "/schema/diff", empty.clone()).is(200).at("");
        let held = Held::now(project, database);
        let plan = project.post(ADMIN, "/schema/apply?dry_run", wipe.clone()).is(200);
        held.is_still_so(project, "a dry run of /schema/apply");
        let lines = plan.at("/changes").to_string();
        assert!(lines.contains("Table articles goes, and 2 rows with it."), "{lines}");
        project.post(ADMIN, "/schema/apply", wipe.clone()).is(204);
        project.get(ADMIN, "/items/articles").is(403);
        project.post(ADMIN, "/schema/apply", wipe).is(400);
        let build = project.post(ADMIN, "/schema/diff", full.clone()).is(200).at("");
        project.post(ADMIN, "/schema/apply", build).is(204);
        assert_eq!(project.get(ADMIN, "/schema/snapshot").at(""), full);
        project
            .post(
                ADMIN,
                "/items/authors",
                json!({"name": "bea", "articles": [{"title": "t"}]}),
            )
            .ok();
        let told = project.get(ADMIN, "/items/articles?fields=title,author.name").at("");
        assert_eq!(told, json!([{"title": "t", "author": {"name": "bea"}}]));
        let permissions = project
            .get(ADMIN, "/permissions?filter[collection][_eq]=articles")
            .at("");
        assert_eq!(permissions, json!([]), "a namesake inherits no right");
    });
}

/// The fields of the first item, or what was answered instead.
fn seen(project: &Project, target: &str) -> Result<BTreeSet<String>, String> {
    let told = project.get(ADMIN, target);
    match (told.status, told.at("/0").as_object()) {
        (200, Some(item)) => Ok(item.keys().cloned().collect()),
        _ => Err(format!("{} {}", told.status, told.text)),
    }
}

#[test]
fn who_reads_while_a_schema_is_applied_sees_the_one_or_the_other() {
    on_every_database(|project, _| {
        project.collection("things", &[("a", "string"), ("b", "string"), ("c", "integer")]);
        for n in 0..50 {
            project
                .post(ADMIN, "/items/things", json!({"a": n.to_string(), "b": "b"}))
                .ok();
        }
        let one = project.get(ADMIN, "/schema/snapshot").at("");
        project.delete(ADMIN, "/fields/things/b", Value::Null).is(204);
        project.delete(ADMIN, "/fields/things/c", Value::Null).is(204);
        for (field, kind) in [("x", "string"), ("y", "json"), ("z", "boolean")] {
            project
                .post(
                    ADMIN,
                    "/fields/things",
                    json!({"field": field, "type": kind, "meta": {}, "schema": {}}),
                )
                .ok();
        }
        let other = project.get(ADMIN, "/schema/snapshot").at("");
        let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let models = [names(&["id", "a", "b", "c"]), names(&["id", "a", "x", "y", "z"])];
        let over = AtomicBool::new(false);
        let reads = AtomicUsize::new(0);
        thread::scope(|scope| {
            for reader in 0..READERS {
                let (over, reads, models) = (&over, &reads, &models);
                let target = [
                    "/items/things?limit=5",
                    "/items/things?sort=a&limit=-1",
                    "/items/things?filter[a][_neq]=0",
                ][reader];
                scope.spawn(move || {
                    while !over.load(Ordering::Relaxed) {
                        match seen(project, target) {
                            Ok(fields) => assert!(models.contains(&fields), "{target}: {fields:?}"),
                            Err(told) => panic!("{target}: {told}"),
                        }
                        reads.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            let changed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                for n in 0..CHANGES {
                    let wanted = if n % 2 == 0 { &one } else { &other };
                    let diff = project.post(ADMIN, "/schema/diff", wanted.clone()).is(200).at("");
                    project.post(ADMIN, "/schema/apply", diff).is(204);
                }
            }));
            over.store(true, Ordering::Relaxed);
            changed.unwrap();
        });
        assert!(reads.load(Ordering::Relaxed) > CHANGES, "somebody read meanwhile");
    });
}

#[test]
fn the_command_line_writes_compares_shows_and_applies() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    assert_eq!(fixture::run(folder, &[], &["demo"]).0, 0);
    let schema = |args: &[&str]| fixture::run(folder, &[], &[&["schema"], args].concat());
    assert_eq!(schema(&["snapshot", "schema.yaml"]).1, "Wrote schema.yaml.\n");
    let text = fs::read_to_string(folder.join("schema.yaml")).unwrap();
    assert_eq!(schema(&["snapshot"]).1, text);
    let (code, _, told) = schema(&["snapshot", "schema.yaml"]);
    assert!(code == 1 && told.contains("no terminal"), "{told}");
    assert_eq!(schema(&["snapshot", "--yes", "--format", "json", "schema.json"]).0, 0);
    for file in ["schema.yaml", "schema.json"] {
        let (code, told, _) = schema(&["diff", file]);
        assert_eq!(
            (code, told.as_str()),
            (0, "The database is as the file says.\n"),
            "{file}"
        );
    }
    let changed = text.replacen("icon: menu_book", "icon: changed", 1);
    assert_ne!(changed, text);
    fs::write(folder.join("changed.yaml"), &changed).unwrap();
    let before = fs::read(folder.join("data.db")).unwrap();
    let (code, told, _) = schema(&["diff", "changed.yaml"]);
    assert!(
        code == 1 && told.starts_with("To be as the file says:\n  Collection "),
        "{told}"
    );
    let (code, told, _) = schema(&["diff", "--format", "json", "changed.yaml"]);
    let diff: Value = serde_json::from_str(&told).unwrap();
    assert!(
        code == 1 && diff["diff"]["collections"][0]["diff"][0]["kind"] == "E",
        "{told}"
    );
    let (code, told, _) = schema(&["apply", "--dry-run", "changed.yaml"]);
    assert!(
        code == 0 && told.ends_with("Nothing was changed: it was only shown.\n"),
        "{told}"
    );
    let (code, _, told) = schema(&["apply", "changed.yaml"]);
    assert!(code == 2 && told.contains("no terminal"), "{told}");
    assert!(same(folder, &before), "nothing has agreed to anything yet");
    let (code, told, _) = schema(&["apply", "--yes", "changed.yaml"]);
    assert!(code == 0 && told.ends_with("\nApplied.\n"), "{told}");
    assert_eq!(schema(&["snapshot"]).1, changed);
    assert_eq!(
        schema(&["apply", "--yes", "changed.yaml"]).1,
        "The database is as the file says.\n"
    );
}

/// Whether the file of a database, whose log is empty, holds these bytes.
fn same(folder: &Path, before: &[u8]) -> bool {
    fs::read(folder.join("data.db")).unwrap() == before
}

#[test]
fn the_command_line_says_what_it_does_not_understand() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    assert_eq!(fixture::run(folder, &[], &["bootstrap"]).0, 0);
    let schema = |args: &[&str]| fixture::run(folder, &[], &[&["schema"], args].concat());
    let text = schema(&["snapshot"]).1;
    for (name, text, reason) in [
        ("broken.yaml", "version: [".to_owned(), "broken.yaml:2"),
        ("broken.json", "{".to_owned(), "not valid JSON"),
        ("none.yaml", "hello".to_owned(), "a snapshot is an object"),
        ("version.yaml", text.replace("11.17.4", "11.0.0"), "\"force\""),
        (
            "vendor.yaml",
            text.replace("vendor: sqlite", "vendor: oracle"),
            "\"oracle\"",
        ),
    ] {
        fs::write(folder.join(name), text).unwrap();
        for command in ["diff", "apply"] {
            let (code, _, told) = schema(&[command, name]);
            assert!(code == 2 && told.contains(reason), "{name}: {code} {told}");
        }
    }
    assert_eq!(schema(&["diff", "--force", "version.yaml"]).0, 0);
    assert_eq!(schema(&["diff", "nowhere.yaml"]).0, 2);
}
