//! The same boundary on PostgreSQL: a server for all tests, a database for each.

use std::{sync::LazyLock, time::Duration};

use aedile_engine::{
    Code, Error, Json,
    schema::{Column, physical::Physical},
    sql::{Dialect, Shape},
    value::Param,
};
use aedile_testkit::postgres::{Database, Postgres};
use serde_json::json;

use super::{shaped, stmt};
use crate::{Counters, Db, PostgresOptions, Server};

/// Ends with this process.
static SERVER: LazyLock<Postgres> = LazyLock::new(|| Postgres::start().unwrap());

pub(super) fn options(database: &Database<'_>) -> PostgresOptions {
    PostgresOptions {
        readers: 2,
        writers: 2,
        ..PostgresOptions::new(Server::parse(&database.url()).unwrap())
    }
}

/// A database made by a script, as if somebody else had written it.
pub(super) async fn given(script: &'static [&'static str]) -> (Database<'static>, Db) {
    // It has a runtime of its own, which must not be made inside of another.
    let database = tokio::task::spawn_blocking(|| SERVER.database().unwrap())
        .await
        .unwrap();
    let db = Db::open_postgres(options(&database)).await.unwrap();
    db.write_ddl(move |tx| {
        Box::pin(async move {
            for text in script {
                tx.execute_ddl(&stmt(text)).await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    (database, db)
}

pub(super) async fn done(database: Database<'static>, db: Db) {
    db.close().await;
    tokio::task::spawn_blocking(move || drop(database)).await.unwrap();
}

async fn count(db: &Db, table: &str) -> i64 {
    let rows = db.fetch(stmt(&format!("select count(*) from {table}")), vec![]).await;
    let Param::Int(count) = rows.unwrap()[0][0] else {
        panic!("no number")
    };
    count
}

async fn write(db: &Db, text: &'static str) -> aedile_engine::Result<u64> {
    db.write(move |tx| Box::pin(async move { tx.execute(&stmt(text), &[]).await }))
        .await
}

#[tokio::test]
async fn values_are_read_by_the_type_that_is_expected() {
    let (database, db) = given(&[
        "create table t (a boolean, b smallint, c bigint, d real, e numeric(10, 3), f text, g uuid, h date, i time, \
         j timestamp, k timestamptz, l json, m bytea, n integer)",
    ])
    .await;
    let values = vec![
        Param::Bool(true),
        Param::Int(-5),
        Param::Int(i64::MAX),
        Param::Real(0.1),
        Param::from("12345.678"),
        Param::from("ä\"\\"),
        Param::from("11111111-2222-4333-8444-555555555555"),
        Param::from("2024-02-29"),
        Param::from("23:59:01.25"),
        Param::Wall(1_709_164_800_000),
        Param::Instant(1_709_164_800_123),
        Param::from(r#"{"a": [1, null]}"#),
        Param::Bytes(vec![0, 255]),
        Param::Null,
    ];
    let told = values.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let insert = stmt("insert into t values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)");
            tx.execute(&insert, &values).await
        })
    })
    .await
    .unwrap();
    let rows = db.fetch(stmt("select * from t"), vec![]).await.unwrap();
    assert_eq!(rows, vec![told]);

    let outputs: Vec<(String, Shape)> = ('a'..='n')
        .map(|name| {
            let raw = matches!(name, 'a' | 'b' | 'd' | 'l' | 'n');
            (name.to_string(), if raw { Shape::Raw } else { Shape::Text })
        })
        .collect();
    let outputs: Vec<(&str, Shape)> = outputs.iter().map(|(name, shape)| (name.as_str(), *shape)).collect();
    let rows = db
        .fetch_json(shaped("select * from t", &outputs), vec![])
        .await
        .unwrap();
    let told: Json = serde_json::from_slice(&rows.bytes).unwrap();
    let expected = json!({
        "a": true, "b": -5, "c": "9223372036854775807", "d": 0.1, "e": "12345.678", "f": "ä\"\\",
        "g": "11111111-2222-4333-8444-555555555555", "h": "2024-02-29", "i": "23:59:01.25",
        "j": "2024-02-29T00:00:00", "k": "2024-02-29T00:00:00.123Z", "l": {"a": [1, null]}, "m": "\u{0}\u{fffd}",
        "n": null,
    });
    assert_eq!(told, expected);
    done(database, db).await;
}

#[tokio::test]
async fn lists_are_bound_as_a_whole() {
    let (database, db) = given(&["create table t (id uuid)"]).await;
    let list = Param::from(r#"["11111111-2222-4333-8444-555555555555"]"#);
    db.write(|tx| {
        Box::pin(async move {
            let insert = stmt("insert into t values ('11111111-2222-4333-8444-555555555555'), (gen_random_uuid())");
            tx.execute(&insert, &[]).await
        })
    })
    .await
    .unwrap();
    let rows = db
        .fetch(stmt("select count(*) from t where id = any($1)"), vec![list])
        .await;
    assert_eq!(rows.unwrap(), vec![vec![Param::Int(1)]]);
    done(database, db).await;
}

#[tokio::test]
async fn text_that_is_no_json_is_told_as_text() {
    let (database, db) = given(&[]).await;
    let outputs = [("a", Shape::Raw), ("b", Shape::Raw)];
    let text = "select cast('[1]' as text), cast('[1' as text)";
    let rows = db.fetch_json(shaped(text, &outputs), vec![]).await.unwrap();
    assert_eq!(String::from_utf8(rows.bytes).unwrap(), r#"{"a":[1],"b":"[1"}"#);
    done(database, db).await;
}

#[tokio::test]
async fn answers_have_a_largest_size_and_statements_a_longest_time() {
    let (database, db) = given(&[]).await;
    db.close().await;
    let db = Db::open_postgres(PostgresOptions {
        answer_limit: 1000,
        statement_limit: Duration::from_millis(100),
        ..options(&database)
    })
    .await
    .unwrap();
    let text = shaped("select repeat('x', $1)", &[("a", Shape::Text)]);
    assert!(db.fetch_json(text.clone(), vec![Param::Int(900)]).await.is_ok());
    let error = db.fetch_json(text, vec![Param::Int(1000)]).await.unwrap_err();
    assert_eq!(error.code(), Code::ContentTooLarge);
    let error = db.fetch(stmt("select pg_sleep(20)"), vec![]).await.unwrap_err();
    assert_eq!(error.code(), Code::OutOfTime);
    let error = write(&db, "select pg_sleep(20)").await.unwrap_err();
    assert_eq!(error.code(), Code::OutOfTime);
    assert!(
        db.fetch(stmt("select 1"), vec![]).await.is_ok(),
        "the next one has its own time"
    );
    done(database, db).await;
}

#[tokio::test]
async fn readers_cannot_write_and_statements_are_counted() {
    let (database, db) = given(&["create table t (a integer)"]).await;
    let error = db.fetch(stmt("insert into t values (1)"), vec![]).await.unwrap_err();
    assert_eq!(error.code(), Code::ServiceUnavailable);
    assert_eq!(write(&db, "insert into t values (1), (2)").await.unwrap(), 2);
    assert_eq!(count(&db, "t").await, 2);
    assert_eq!(db.statements(), Counters { reads: 2, writes: 1 });
    assert_eq!(db.dialect(), Dialect::Postgres);
    done(database, db).await;
}

#[tokio::test]
async fn a_transaction_is_kept_as_a_whole_or_not_at_all() {
    let (database, db) = given(&["create table t (a integer primary key)"]).await;
    // What failed is not kept, even by who goes on regardless.
    let error = db
        .write(|tx| {
            Box::pin(async move {
                tx.execute(&stmt("insert into t values (1)"), &[]).await?;
                let double = tx.execute(&stmt("insert into t values (1)"), &[]).await;
                assert_eq!(double.unwrap_err().code(), Code::RecordNotUnique);
                Ok(())
            })
        })
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::ServiceUnavailable);
    assert_eq!(count(&db, "t").await, 0);
    // A part that fails by itself is undone alone.
    db.write(|tx| {
        Box::pin(async move {
            tx.execute(&stmt("insert into t values (1)"), &[]).await?;
            let part = tx
                .nested(|tx| {
                    Box::pin(async move {
                        tx.execute(&stmt("insert into t values (2)"), &[]).await?;
                        tx.execute(&stmt("insert into t values (2)"), &[]).await
                    })
                })
                .await;
            assert_eq!(part.unwrap_err().code(), Code::RecordNotUnique);
            tx.nested(|tx| Box::pin(async move { tx.execute(&stmt("insert into t values (3)"), &[]).await }))
                .await
        })
    })
    .await
    .unwrap();
    let refused = db
        .write(|tx| {
            Box::pin(async move {
                tx.execute(&stmt("insert into t values (4)"), &[]).await?;
                Err::<(), _>(Error::invalid_payload("no"))
            })
        })
        .await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidPayload);
    let panicked = db
        .write(|tx| {
            Box::pin(async move {
                tx.execute(&stmt("insert into t values (5)"), &[]).await?;
                panic!("meant to")
            })
        })
        .await
        .map(|(): ()| ());
    assert_eq!(panicked.unwrap_err().code(), Code::Internal);
    let rows = db.fetch(stmt("select a from t order by a"), vec![]).await.unwrap();
    assert_eq!(rows, vec![vec![Param::Int(1)], vec![Param::Int(3)]]);
    done(database, db).await;
}

#[tokio::test]
async fn a_transaction_that_has_begun_runs_to_its_end() {
    let (database, db) = given(&["create table t (a integer)"]).await;
    let slow = db.write(|tx| {
        Box::pin(async move {
            tx.fetch(&stmt("select pg_sleep(0.3)"), &[]).await?;
            tx.execute(&stmt("insert into t values (1)"), &[]).await
        })
    });
    assert!(tokio::time::timeout(Duration::from_millis(100), slow).await.is_err());
    let closing = db.clone();
    // Closing waits for what is under way.
    closing.close().await;
    let db = Db::open_postgres(options(&database)).await.unwrap();
    assert_eq!(count(&db, "t").await, 1);
    let refused = write(&closing, "insert into t values (2)").await.unwrap_err();
    assert_eq!(refused.code(), Code::ServiceUnavailable);
    done(database, db).await;
}

#[tokio::test]
async fn constraints_are_told_by_table_and_column() {
    let (database, db) = given(&[
        "create table parent (id integer primary key, name varchar(5) not null unique, \"Size\" integer unique check (\"Size\" > 0))",
        "create table child (id serial primary key, parent integer references parent, a integer, b integer, unique (a, b))",
        "create table folder (id integer primary key, folder integer references folder)",
        "insert into parent values (1, 'x', 1)",
        "insert into child (parent, a, b) values (1, 1, 1)",
    ])
    .await;
    for (text, code, collection, field) in [
        (
            "insert into parent values (2, 'x')",
            Code::RecordNotUnique,
            "parent",
            Some("name"),
        ),
        (
            "insert into parent values (1, 'y')",
            Code::RecordNotUnique,
            "parent",
            Some("id"),
        ),
        (
            "insert into parent values (3, 'z', 1)",
            Code::RecordNotUnique,
            "parent",
            Some("Size"),
        ),
        (
            "insert into child (a, b) values (1, 1)",
            Code::RecordNotUnique,
            "child",
            None,
        ),
        (
            "insert into parent values (2, null)",
            Code::NotNullViolation,
            "parent",
            Some("name"),
        ),
        (
            "insert into child (parent) values (7)",
            Code::InvalidForeignKey,
            "child",
            Some("parent"),
        ),
        (
            "insert into folder values (1, 7)",
            Code::InvalidForeignKey,
            "folder",
            Some("folder"),
        ),
        ("delete from parent", Code::InvalidForeignKey, "", None),
        (
            "insert into parent values (2, 'too long')",
            Code::ValueTooLong,
            "",
            None,
        ),
        (
            "insert into parent values (5000000000, 'y')",
            Code::ValueOutOfRange,
            "",
            None,
        ),
    ] {
        let error = write(&db, text).await.unwrap_err();
        assert_eq!(error.code(), code, "{text}");
        let extensions = &error.faults()[0].extensions;
        assert_eq!(extensions["collection"], collection, "{text}");
        assert_eq!(extensions["field"].as_str(), field, "{text}");
        assert!(extensions["value"].is_null(), "{text}");
    }
    for text in [
        "insert into parent values (2, 'y', 0)",
        "insert into parent (id) values ('z')",
    ] {
        assert_eq!(
            write(&db, text).await.unwrap_err().code(),
            Code::InvalidPayload,
            "{text}"
        );
    }
    let missing = db.fetch(stmt("select nothing from parent"), vec![]).await.unwrap_err();
    assert_eq!(missing.code(), Code::Gone);
    let unfit = db
        .fetch(stmt("select 1 from parent where id = $1"), vec!["abc".into()])
        .await
        .unwrap_err();
    assert_eq!(unfit.code(), Code::InvalidQuery);
    done(database, db).await;
}

#[tokio::test]
async fn what_was_prepared_survives_a_change_of_its_table() {
    let (database, db) = given(&["create table t (a integer)"]).await;
    write(&db, "insert into t values (1)").await.unwrap();
    let read = || db.fetch(stmt("select * from t"), vec![]);
    for _ in 0..4 {
        assert_eq!(read().await.unwrap()[0].len(), 1);
    }
    // Another node's change: this one's connections know nothing of it.
    let other = Db::open_postgres(options(&database)).await.unwrap();
    other
        .write_ddl(|tx| Box::pin(async move { tx.execute_ddl(&stmt("alter table t add column b text")).await }))
        .await
        .unwrap();
    other.close().await;
    for _ in 0..4 {
        assert_eq!(read().await.unwrap()[0].len(), 2);
    }
    done(database, db).await;
}

#[tokio::test]
async fn connections_that_end_are_replaced() {
    let (database, db) = given(&["create table t (a integer)"]).await;
    write(&db, "insert into t values (1)").await.unwrap();
    let end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
    write(&db, end).await.unwrap();
    let error = db
        .write(|tx| {
            Box::pin(async move {
                tx.fetch(&stmt("select pg_terminate_backend(pg_backend_pid())"), &[])
                    .await
            })
        })
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::ServiceUnavailable);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(count(&db, "t").await, 1);
    write(&db, "insert into t values (2)").await.unwrap();
    done(database, db).await;
}

fn column<'a>(physical: &'a Physical, table: &str, name: &str) -> &'a Column {
    let table = physical.tables.iter().find(|t| t.name == table).unwrap();
    table.columns.iter().find(|c| c.name.as_str() == name).unwrap()
}

#[tokio::test]
async fn system_tables_are_installed_once_with_the_references_types() {
    let (database, db) = given(&[]).await;
    assert!(db.install().await.unwrap());
    assert!(!db.install().await.unwrap());
    assert!(db.pending().await.unwrap().is_empty());
    assert_eq!(db.migrate_down().await.unwrap(), Some("spent-answers"));
    assert_eq!(db.pending().await.unwrap(), ["spent-answers"]);
    assert_eq!(db.migrate_latest().await.unwrap(), ["spent-answers"]);
    let physical = db.introspect().await.unwrap();
    assert_eq!(physical.tables.len(), 29);
    assert!(physical.tables.iter().all(|table| table.name.starts_with("directus_")));
    assert_eq!(count(&db, "directus_migrations").await, 101);
    let keys: Vec<_> = physical.tables.iter().flat_map(|table| &table.foreign_keys).collect();
    assert_eq!(keys.len(), 47);
    for key in keys {
        assert!(column(&physical, &key.table, &key.target).unique, "{key:?}");
    }
    let id = column(&physical, "directus_activity", "id");
    assert!(id.primary && id.auto_increment && id.unique && !id.nullable);
    let at = column(&physical, "directus_activity", "timestamp");
    assert!(at.default_now && at.indexed && !at.nullable);
    assert_eq!(at.data_type, "timestamp with time zone");
    let email = column(&physical, "directus_users", "email");
    assert!(email.unique && !email.indexed && email.nullable);
    assert_eq!(
        (email.data_type.as_str(), email.max_length),
        ("character varying", Some(128))
    );
    let default = |table, name| column(&physical, table, name).default.clone();
    assert_eq!(default("directus_collections", "hidden"), Some(json!(false)));
    assert_eq!(default("directus_collections", "accountability"), Some(json!("all")));
    assert_eq!(default("directus_settings", "auth_login_attempts"), Some(json!(25)));
    done(database, db).await;
}

#[tokio::test]
async fn odd_tables_are_described_as_they_are() {
    let (database, db) = given(&[
        "create table plain (a integer, b integer, c numeric(8, 2) default 1.5, d bigint generated always as identity, primary key (b, a))",
        "create table odd (id serial primary key, twice integer generated always as (id) stored, x integer references odd, tags text[])",
        "create unique index partly on odd (x) where x > 0",
        "create index computed on odd (abs(x), id)",
        "create table aedile_secret (id integer)",
        "create table secrets (id integer)",
        "create view seen as select 1 as one",
    ])
    .await;
    db.close().await;
    let db = Db::open_postgres(PostgresOptions {
        hidden_tables: vec!["SECRETS".into()],
        ..options(&database)
    })
    .await
    .unwrap();
    let physical = db.introspect().await.unwrap();
    let names: Vec<&str> = physical.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["odd", "plain"]);
    assert_eq!(physical.tables[1].primary_key, ["b", "a"]);
    let c = column(&physical, "plain", "c");
    assert_eq!(
        (c.precision, c.scale, &c.default),
        (Some(8), Some(2), &Some(json!(1.5)))
    );
    assert!(column(&physical, "plain", "d").auto_increment && !column(&physical, "plain", "a").auto_increment);
    assert!(column(&physical, "odd", "twice").generated);
    assert!(!column(&physical, "odd", "x").unique && physical.tables[0].indexes.is_empty());
    assert_eq!(column(&physical, "odd", "tags").data_type, "text[]");
    done(database, db).await;
}

#[tokio::test]
async fn other_versions_are_refused() {
    for script in [
        &["create table directus_users (id integer)"][..],
        &[
            "create table aedile_migrations (number bigint, name text)",
            "insert into aedile_migrations values (9999, 'later')",
        ],
    ] {
        let (database, db) = given(script).await;
        db.close().await;
        let Err(error) = Db::open_postgres(options(&database)).await else {
            panic!("opened: {script:?}")
        };
        assert_eq!(error.code(), Code::ServiceUnavailable);
        done(database, db).await;
    }
}

#[tokio::test]
async fn what_cannot_be_reached_is_unavailable() {
    let nowhere = Server::new("/nowhere", 5432, "x", "x", None);
    let Err(error) = Db::open_postgres(PostgresOptions::new(nowhere)).await else {
        panic!("opened")
    };
    assert_eq!(error.code(), Code::ServiceUnavailable);
    assert!(Server::parse("not://a-server").is_err());
    assert!(Server::parse("postgres://me@somewhere/data?sslmode=prefer").is_ok());
    assert!(Server::parse("postgres://me@somewhere/data?sslmode=require").is_ok());
}
