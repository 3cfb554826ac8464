//! What is read after a write on SQLite: where it is read, whom it may hold up, and what its failure leaves standing.

use std::time::Duration;

use aedile_engine::{Code, Result, sql::Shape, value::Param};

use super::{ENDLESS, Folder, count, given, shaped, stmt};
use crate::{Counters, Db, JsonRows};

/// Inserts a value, then reads.
async fn written(db: &Db, value: i64, read: String) -> Result<Result<JsonRows>> {
    let write = db.write_then(
        move |tx| Box::pin(async move { tx.execute(&stmt("INSERT INTO t VALUES (?)"), &[value.into()]).await }),
        move |_| Some((shaped(&read, &[("a", Shape::Raw)]), vec![])),
    );
    let (inserted, read) = write.await?;
    assert_eq!(inserted, 1);
    Ok(read.unwrap())
}

#[tokio::test]
async fn it_is_read_by_the_connection_that_wrote() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a)").await;
    let read = written(&db, 7, "SELECT a FROM t".to_owned()).await.unwrap();
    assert_eq!(read.unwrap().bytes, br#"{"a":7}"#);
    assert_eq!(db.statements(), Counters { reads: 0, writes: 2 });
}

#[tokio::test]
async fn a_long_read_holds_up_no_writer() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a)").await;
    let long = tokio::spawn({
        let db = db.clone();
        async move { written(&db, 1, ENDLESS.to_owned()).await.map(drop) }
    });
    while db.statements().reads == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(!long.is_finished(), "a reader works on it");
    // More than a read may do here: what writes is held to no moment, before and after.
    let many = "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n";
    let more = db.write(move |tx| Box::pin(async move { tx.execute(&stmt(many), &[]).await }));
    let more = tokio::time::timeout(Duration::from_secs(20), more).await;
    assert_eq!(more.unwrap().unwrap(), 199_999);
    assert_eq!(
        count(&db, "t").await,
        200_000,
        "what was written before the read stands"
    );
    long.abort();
}

#[tokio::test]
async fn a_read_that_fails_undoes_nothing() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a)").await;
    let read = written(&db, 1, "SELECT a FROM missing".to_owned()).await.unwrap();
    assert!(read.is_err());
    assert_eq!(count(&db, "t").await, 1);
}

#[tokio::test]
async fn nothing_is_told_of_a_write_that_failed() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a UNIQUE)").await;
    written(&db, 1, "SELECT a FROM t".to_owned()).await.unwrap().unwrap();
    let again = written(&db, 1, "SELECT a FROM t".to_owned()).await;
    assert_eq!(again.unwrap_err().code(), Code::RecordNotUnique);
    let rows = db.fetch(stmt("SELECT a FROM t"), vec![]).await.unwrap();
    assert_eq!(rows, [[Param::Int(1)]]);
}
