//! The same boundary on MariaDB: a server for all tests, a database for each.

mod changes;
mod cut_off;
mod rehearsal;

use std::{sync::LazyLock, time::Duration};

use aedile_engine::{
    Code, Error, Json,
    schema::{Column, physical::Physical},
    sql::{Dialect, Flavour, Shape},
    value::Param,
};
use aedile_testkit::mariadb::{Database, MariaDb};
use serde_json::json;

use super::{shaped, stmt};
use crate::{Counters, Db, MySqlOptions, MySqlServer};

/// Ends with this process.
static SERVER: LazyLock<MariaDb> = LazyLock::new(|| MariaDb::start().unwrap());

pub(super) fn options(database: &Database<'_>) -> MySqlOptions {
    MySqlOptions {
        readers: 2,
        writers: 2,
        ..MySqlOptions::new(MySqlServer::parse(&database.url()).unwrap())
    }
}

/// A database made by a script, as if somebody else had written it.
pub(super) async fn given(script: &'static [&'static str]) -> (Database<'static>, Db) {
    // It has a runtime of its own, which must not be made inside of another.
    let database = tokio::task::spawn_blocking(|| SERVER.database().unwrap())
        .await
        .unwrap();
    let db = Db::open_mysql(options(&database)).await.unwrap();
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
async fn values_come_back_by_the_type_of_their_column() {
    let (database, db) = given(&[
        "alter database character set utf8mb4",
        "create table t (a boolean, b smallint, c bigint, d double, e decimal(10, 3), f text, g char(36), h date, \
         i time(2), j datetime, k timestamp(3) null, l json, m blob, n integer, o float, p bigint unsigned)",
    ])
    .await;
    let values = vec![
        Param::Bool(true),
        Param::Int(-5),
        Param::Int(i64::MAX),
        Param::Real(0.1),
        Param::from("12345.678"),
        Param::from("ä\"\\\u{1f600}"),
        Param::from("11111111-2222-4333-8444-555555555555"),
        Param::from("2024-02-29"),
        Param::from("23:59:01.25"),
        Param::Wall(1_709_164_800_000),
        Param::Instant(1_709_164_800_123),
        Param::from(r#"{"a": [1, null]}"#),
        Param::Bytes(vec![0, 255]),
        Param::Null,
        Param::Real(0.1),
        Param::from("18446744073709551615"),
    ];
    let told = values.clone();
    db.write(move |tx| {
        Box::pin(async move {
            let insert = stmt("insert into t values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
            tx.execute(&insert, &values).await
        })
    })
    .await
    .unwrap();
    let rows = db.fetch(stmt("select * from t"), vec![]).await.unwrap();
    assert_eq!(rows, vec![told]);

    let outputs: Vec<(String, Shape)> = ('a'..='p')
        .map(|name| {
            let raw = matches!(name, 'a' | 'b' | 'd' | 'l' | 'n' | 'o');
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
        "a": true, "b": -5, "c": "9223372036854775807", "d": 0.1, "e": "12345.678", "f": "ä\"\\\u{1f600}",
        "g": "11111111-2222-4333-8444-555555555555", "h": "2024-02-29", "i": "23:59:01.25",
        "j": "2024-02-29T00:00:00", "k": "2024-02-29T00:00:00.123Z", "l": {"a": [1, null]}, "m": "\u{0}\u{fffd}",
        "n": null, "o": 0.1, "p": "18446744073709551615",
    });
    assert_eq!(told, expected);
    done(database, db).await;
}

#[tokio::test]
async fn texts_are_unique_letter_by_letter() {
    let (database, db) = given(&[]).await;
    db.install().await.unwrap();
    db.write_ddl(|tx| Box::pin(async move { tx.execute_ddl(&stmt("create table t (a varchar(3) unique)")).await }))
        .await
        .unwrap();
    for text in ["abc", "ABC", "äbc", "ab", "\\n", "\u{1f600}"] {
        db.write(move |tx| {
            Box::pin(async move { tx.execute(&stmt("insert into t values (?)"), &[text.into()]).await })
        })
        .await
        .unwrap();
    }
    let found = db.fetch(stmt("select a from t where a = ?"), vec!["ab".into()]).await;
    assert_eq!(found.unwrap(), vec![vec![Param::from("ab")]]);
    let found = db
        .fetch(stmt(r"select 'a\n' = ?, 'a' || 'b'"), vec![r"a\n".into()])
        .await;
    assert_eq!(found.unwrap(), vec![vec![Param::Int(1), Param::from("ab")]]);
    done(database, db).await;
}

#[tokio::test]
async fn text_that_is_no_json_is_told_as_text() {
    let (database, db) = given(&[]).await;
    let outputs = [("a", Shape::Raw), ("b", Shape::Raw)];
    let rows = db
        .fetch_json(shaped("select '[1]', '[1'", &outputs), vec![])
        .await
        .unwrap();
    assert_eq!(String::from_utf8(rows.bytes).unwrap(), r#"{"a":[1],"b":"[1"}"#);
    done(database, db).await;
}

#[tokio::test]
async fn answers_have_a_largest_size_and_statements_a_longest_time() {
    let (database, db) = given(&[]).await;
    db.close().await;
    let db = Db::open_mysql(MySqlOptions {
        answer_limit: 1000,
        statement_limit: Duration::from_millis(100),
        ..options(&database)
    })
    .await
    .unwrap();
    let text = shaped("select repeat('x', ?)", &[("a", Shape::Text)]);
    assert!(db.fetch_json(text.clone(), vec![Param::Int(900)]).await.is_ok());
    let error = db.fetch_json(text, vec![Param::Int(1000)]).await.unwrap_err();
    assert_eq!(error.code(), Code::ContentTooLarge);
    let error = db.fetch(stmt("select sleep(20)"), vec![]).await.unwrap_err();
    assert_eq!(error.code(), Code::OutOfTime);
    let error = db
        .write(|tx| Box::pin(async move { tx.fetch(&stmt("select sleep(20)"), &[]).await }))
        .await
        .unwrap_err();
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
    assert_eq!(db.dialect(), Dialect::MySql(Flavour::MariaDb));
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
            tx.fetch(&stmt("select sleep(0.3)"), &[]).await?;
            tx.execute(&stmt("insert into t values (1)"), &[]).await
        })
    });
    assert!(tokio::time::timeout(Duration::from_millis(100), slow).await.is_err());
    let closing = db.clone();
    // Closing waits for what is under way.
    closing.close().await;
    let db = Db::open_mysql(options(&database)).await.unwrap();
    assert_eq!(count(&db, "t").await, 1);
    let refused = write(&closing, "insert into t values (2)").await.unwrap_err();
    assert_eq!(refused.code(), Code::ServiceUnavailable);
    done(database, db).await;
}

#[tokio::test]
async fn constraints_are_told_by_table_and_column() {
    let (database, db) = given(&[
        "create table parent (id integer primary key, name varchar(5) not null unique, `Size` integer unique check (`Size` > 0))",
        "create table child (id integer auto_increment primary key, parent integer, a integer, b integer, unique (a, b), \
         foreign key (parent) references parent (id))",
        "create table folder (id integer primary key, folder integer, foreign key (folder) references folder (id))",
    ])
    .await;
    write(&db, "insert into parent values (1, 'x', 1)").await.unwrap();
    write(&db, "insert into child (parent, a, b) values (1, 1, 1)")
        .await
        .unwrap();
    for (text, code, collection, field) in [
        (
            "insert into parent values (2, 'x', null)",
            Code::RecordNotUnique,
            "parent",
            Some("name"),
        ),
        (
            "insert into parent values (1, 'y', null)",
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
            "insert into parent values (2, null, null)",
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
            "insert into parent values (2, 'too long', null)",
            Code::ValueTooLong,
            "parent",
            Some("name"),
        ),
        (
            "insert into parent values (5000000000, 'y', null)",
            Code::ValueOutOfRange,
            "parent",
            Some("id"),
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
        "insert into parent (id, name) values ('z', 'z')",
    ] {
        assert_eq!(
            write(&db, text).await.unwrap_err().code(),
            Code::InvalidPayload,
            "{text}"
        );
    }
    let missing = db.fetch(stmt("select nothing from parent"), vec![]).await.unwrap_err();
    assert_eq!(missing.code(), Code::Gone);
    let unbound = db
        .fetch(stmt("select 1 from parent where id = ?"), vec![])
        .await
        .unwrap_err();
    assert_eq!(unbound.code(), Code::Internal);
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
    let other = Db::open_mysql(options(&database)).await.unwrap();
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
    end_others(&db).await;
    let error = db
        .write(|tx| {
            Box::pin(async move {
                tx.execute(&stmt("insert into t values (7)"), &[]).await?;
                tx.execute(&stmt("kill connection_id()"), &[]).await
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

/// Ends every other connection to the database, as an operator may.
async fn end_others(db: &Db) {
    db.write(|tx| {
        Box::pin(async move {
            let others =
                "select id from information_schema.processlist where db = database() and id <> connection_id()";
            for row in tx.fetch(&stmt(others), &[]).await? {
                let Param::Int(id) = row[0] else { panic!("no number") };
                tx.execute(&stmt(&format!("kill {id}")), &[]).await?;
            }
            Ok(())
        })
    })
    .await
    .unwrap();
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
    assert_eq!(at.data_type, "timestamp");
    let email = column(&physical, "directus_users", "email");
    assert!(email.unique && !email.indexed && email.nullable);
    assert_eq!((email.data_type.as_str(), email.max_length), ("varchar", Some(128)));
    let default = |table, name| column(&physical, table, name).default.clone();
    assert_eq!(default("directus_collections", "hidden"), Some(json!(false)));
    assert_eq!(default("directus_collections", "accountability"), Some(json!("all")));
    assert_eq!(default("directus_settings", "auth_login_attempts"), Some(json!(25)));
    done(database, db).await;
}

#[tokio::test]
async fn odd_tables_are_described_as_they_are() {
    let (database, db) = given(&[
        "create table plain (a integer, b integer, c decimal(8, 2) default 1.5, d integer unsigned auto_increment, \
         e tinyint(1) default 1, f json, g varchar(9) default 'it''s', key (d), primary key (b, a))",
        "create table odd (id integer auto_increment primary key, twice integer as (id2 * 2) stored, id2 integer, x integer, \
         tags text, unique key partly (tags(5)), foreign key (x) references odd (id) on delete cascade)",
        "create table aedile_secret (id integer)",
        "create table secrets (id integer)",
        "create view seen as select 1 as one",
    ])
    .await;
    db.close().await;
    let db = Db::open_mysql(MySqlOptions {
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
    let d = column(&physical, "plain", "d");
    assert!(d.auto_increment && d.indexed && !column(&physical, "plain", "a").auto_increment);
    assert_eq!(d.data_type, "int unsigned");
    let e = column(&physical, "plain", "e");
    assert_eq!((e.data_type.as_str(), &e.default), ("boolean", &Some(json!(true))));
    assert_eq!(column(&physical, "plain", "f").data_type, "json");
    assert_eq!(column(&physical, "plain", "g").default, Some(json!("it's")));
    assert!(column(&physical, "odd", "twice").generated);
    assert!(!column(&physical, "odd", "tags").unique, "only the beginning of it is");
    let key = &physical.tables[0].foreign_keys[0];
    let words = [&key.column, &key.table, &key.target, &key.on_update, &key.on_delete];
    assert_eq!(words, ["x", "odd", "id", "NO ACTION", "CASCADE"]);
    done(database, db).await;
}

#[tokio::test]
async fn other_versions_are_refused() {
    for script in [
        &["create table directus_users (id integer)"][..],
        &[
            "create table aedile_migrations (number bigint, name text)",
            "insert into aedile_migrations values (9999, 'later'); commit",
        ],
    ] {
        let (database, db) = given(script).await;
        db.close().await;
        let Err(error) = Db::open_mysql(options(&database)).await else {
            panic!("opened: {script:?}")
        };
        assert_eq!(error.code(), Code::ServiceUnavailable);
        done(database, db).await;
    }
}

#[tokio::test]
async fn what_cannot_be_reached_is_unavailable() {
    let nowhere = MySqlServer::new("/nowhere", 3306, "x", "x", None);
    let Err(error) = Db::open_mysql(MySqlOptions::new(nowhere)).await else {
        panic!("opened")
    };
    assert_eq!(error.code(), Code::ServiceUnavailable);
    assert!(MySqlServer::parse("not://a-server").is_err());
    assert!(MySqlServer::parse("mariadb://me@somewhere/data").is_ok());
    assert!(MySqlServer::parse("mysql://me:secret@somewhere/data?require_ssl=true").is_ok());
    let odd = MySqlServer::parse("mysql://me:secret@somewhere/data?require_ssl=perhaps").unwrap_err();
    assert!(!odd.to_string().contains("secret"), "{odd}");
}
