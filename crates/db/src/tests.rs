//! The database boundary, tried on real files.

mod mariadb;
mod postgres;
mod read_back;
mod schema;
mod streams;
mod tls;
mod together;
mod transactions;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use aedile_engine::{
    Code,
    sql::{Output, Shape, Stmt},
    value::Param,
};
use tempfile::TempDir;

use crate::{Counters, Db, Options};

/// A folder that is gone after the test.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Folder(TempDir::new().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("data.db")
    }

    fn options(&self) -> Options {
        Options {
            readers: 2,
            ..Options::new(self.file())
        }
    }
}

/// A database made by a script, as if somebody else had written it.
async fn given(folder: &Folder, script: &str) -> Db {
    outside(&folder.file()).execute_batch(script).unwrap();
    Db::open(folder.options()).await.unwrap()
}

/// Another process' look at the file.
fn outside(path: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).unwrap()
}

fn stmt(text: &str) -> Arc<Stmt> {
    shaped(text, &[])
}

fn shaped(text: &str, outputs: &[(&str, Shape)]) -> Arc<Stmt> {
    let output = |(name, shape): &(&str, Shape)| Output {
        name: (*name).to_owned(),
        shape: *shape,
    };
    Arc::new(Stmt {
        text: text.to_owned(),
        binds: Vec::new(),
        outputs: outputs.iter().map(output).collect(),
    })
}

async fn count(db: &Db, table: &str) -> i64 {
    let rows = db
        .fetch(stmt(&format!("SELECT count(*) FROM {table}")), vec![])
        .await
        .unwrap();
    let Param::Int(count) = rows[0][0] else {
        panic!("no number")
    };
    count
}

#[tokio::test]
async fn rows_come_with_their_storage_classes() {
    let folder = Folder::new();
    let db = Db::open(folder.options()).await.unwrap();
    let given = vec![
        Param::Null,
        Param::Bool(true),
        Param::Int(i64::MAX),
        Param::Real(1.5),
        Param::from("ä"),
        Param::Instant(1_700_000_000_123),
        Param::Wall(-1),
        Param::Bytes(vec![0, 255]),
    ];
    let rows = db.fetch(stmt("SELECT ?, ?, ?, ?, ?, ?, ?, ?"), given).await.unwrap();
    let expected = vec![
        Param::Null,
        Param::Int(1),
        Param::Int(i64::MAX),
        Param::Real(1.5),
        Param::from("ä"),
        Param::Int(1_700_000_000_123),
        Param::Int(-1),
        Param::Bytes(vec![0, 255]),
    ];
    assert_eq!(rows, vec![expected]);
}

#[tokio::test]
async fn json_rows_follow_the_outputs() {
    let folder = Folder::new();
    let db = given(
        &folder,
        "CREATE TABLE t (a integer, b text); INSERT INTO t VALUES (1, 'x\"'), (2, NULL)",
    )
    .await;
    let text = "SELECT a, b, json_array(a) FROM t ORDER BY a";
    let outputs = [("a", Shape::Raw), ("b", Shape::Text), ("c", Shape::Raw)];
    let rows = db.fetch_json(shaped(text, &outputs), vec![]).await.unwrap();
    assert_eq!(
        String::from_utf8(rows.bytes).unwrap(),
        r#"{"a":1,"b":"x\"","c":[1]},{"a":2,"b":null,"c":[2]}"#
    );
    assert_eq!(rows.count, 2);

    let none = db
        .fetch_json(shaped("SELECT 1 WHERE 0", &[("a", Shape::Raw)]), vec![])
        .await
        .unwrap();
    assert_eq!((none.bytes.len(), none.count), (0, 0));

    let wrong = db.fetch_json(shaped(text, &outputs[..2]), vec![]).await.unwrap_err();
    assert_eq!(wrong.code(), Code::Internal);
}

#[tokio::test]
async fn answers_have_a_largest_size() {
    let folder = Folder::new();
    let options = Options {
        answer_limit: 1000,
        ..folder.options()
    };
    let db = Db::open(options).await.unwrap();
    let text = shaped("SELECT printf('%.*c', ?, 'x')", &[("a", Shape::Text)]);
    assert!(db.fetch_json(Arc::clone(&text), vec![Param::Int(900)]).await.is_ok());
    let error = db.fetch_json(text, vec![Param::Int(1000)]).await.unwrap_err();
    assert_eq!(error.code(), Code::ContentTooLarge);
}

#[tokio::test]
async fn fold_lowers_every_script() {
    let folder = Folder::new();
    let db = Db::open(folder.options()).await.unwrap();
    let rows = db
        .fetch(
            stmt("SELECT fold('ÄÖ STRASSE Σ'), fold('ABC'), fold(NULL), fold(5)"),
            vec![],
        )
        .await
        .unwrap();
    let expected = vec![
        Param::from("äö strasse σ"),
        Param::from("abc"),
        Param::Null,
        Param::Int(5),
    ];
    assert_eq!(rows, vec![expected]);
}

#[tokio::test]
async fn readers_cannot_write() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a)").await;
    let error = db.fetch(stmt("INSERT INTO t VALUES (1)"), vec![]).await.unwrap_err();
    assert_eq!(error.code(), Code::ServiceUnavailable);
    assert_eq!(count(&db, "t").await, 0);
}

#[tokio::test]
async fn a_misspelt_name_is_an_error() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a); INSERT INTO t VALUES (1)").await;
    let error = db.fetch(stmt(r#"SELECT "nope" FROM t"#), vec![]).await.unwrap_err();
    // As missing as a table that another request has just dropped.
    assert_eq!(error.code(), Code::Gone);
}

/// A statement that never ends by itself.
const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

#[tokio::test]
async fn a_statement_runs_out_of_time() {
    let folder = Folder::new();
    let options = Options {
        statement_limit: Duration::from_millis(50),
        ..folder.options()
    };
    let db = Db::open(options).await.unwrap();
    let error = db.fetch(stmt(ENDLESS), vec![]).await.unwrap_err();
    assert_eq!(error.code(), Code::OutOfTime);
    assert!(
        db.fetch(stmt("SELECT 1"), vec![]).await.is_ok(),
        "the next one has its own time"
    );
}

#[tokio::test]
async fn a_statement_stops_when_nobody_waits() {
    let folder = Folder::new();
    let options = Options {
        readers: 1,
        statement_limit: Duration::from_secs(60),
        ..folder.options()
    };
    let db = Db::open(options).await.unwrap();
    let waited = tokio::time::timeout(Duration::from_millis(50), db.fetch(stmt(ENDLESS), vec![])).await;
    assert!(waited.is_err());
    let begun = Instant::now();
    assert!(db.fetch(stmt("SELECT 1"), vec![]).await.is_ok());
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "the only reader is free again"
    );
}

#[tokio::test]
async fn a_full_queue_refuses() {
    let folder = Folder::new();
    let options = Options {
        readers: 1,
        queue_limit: 1,
        ..folder.options()
    };
    let db = Db::open(options).await.unwrap();
    let endless = || {
        let db = db.clone();
        tokio::spawn(async move { db.fetch(stmt(ENDLESS), vec![]).await })
    };
    let first = endless();
    while db.statements().reads == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let second = endless();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let error = db.fetch(stmt(ENDLESS), vec![]).await.unwrap_err();
    assert_eq!(error.code(), Code::ServiceUnavailable);
    let short = db.fetch(stmt("SELECT 1"), vec![]).await;
    assert!(short.is_ok(), "what takes a moment does not wait for what takes long");
    first.abort();
    second.abort();
}

#[tokio::test]
async fn a_long_statement_does_not_hold_its_thread_up() {
    let folder = Folder::new();
    let db = Db::open(folder.options()).await.unwrap();
    // One thread for all tasks: this one goes on only because the other has let go of it.
    let long = tokio::spawn({
        let db = db.clone();
        async move { db.fetch(stmt(ENDLESS), vec![]).await }
    });
    while db.statements().reads == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(!long.is_finished());
    assert_eq!(db.statements().reads, 1, "tried twice, it is one statement");
    long.abort();
}

#[tokio::test]
async fn statements_are_counted() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a)").await;
    assert_eq!(db.statements(), Counters::default());
    db.fetch(stmt("SELECT 1"), vec![]).await.unwrap();
    db.fetch_json(stmt("SELECT 1"), vec![]).await.unwrap();
    db.introspect().await.unwrap();
    db.write(|tx| {
        Box::pin(async move {
            tx.execute(&stmt("INSERT INTO t VALUES (1)"), &[]).await?;
            tx.nested(|tx| Box::pin(async move { tx.fetch(&stmt("SELECT 1"), &[]).await }))
                .await?;
            tx.execute_ddl(&stmt("CREATE TABLE u (a)")).await
        })
    })
    .await
    .unwrap();
    assert_eq!(db.statements(), Counters { reads: 2, writes: 2 });
}

#[tokio::test]
async fn a_closed_database_refuses_and_leaves_one_file() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a)").await;
    db.write(|tx| Box::pin(async move { tx.execute(&stmt("INSERT INTO t VALUES (1)"), &[]).await }))
        .await
        .unwrap();
    db.close().await;
    let read = db.fetch(stmt("SELECT 1"), vec![]).await.unwrap_err();
    let write = db.write(|_| Box::pin(async { Ok(()) })).await.unwrap_err();
    assert_eq!(
        (read.code(), write.code()),
        (Code::ServiceUnavailable, Code::ServiceUnavailable)
    );
    assert_eq!(
        std::fs::read_dir(folder.0.path()).unwrap().count(),
        1,
        "the journal is folded into the file"
    );
    db.close().await;
}

#[tokio::test]
async fn what_cannot_be_opened_is_unavailable() {
    let folder = Folder::new();
    std::fs::write(
        folder.file(),
        "this is no database, though long enough to be read as one".repeat(20),
    )
    .unwrap();
    let Err(error) = Db::open(folder.options()).await else {
        panic!("opened")
    };
    assert_eq!(error.code(), Code::ServiceUnavailable);
}
