//! Writing: what is kept, what is undone, who is told.

use std::{sync::mpsc, time::Duration};

use aedile_engine::{Code, Error, value::Param};

use super::{ENDLESS, Folder, count, given, outside, stmt};
use crate::{Db, Options};

async fn insert(db: &Db, value: i64) -> aedile_engine::Result<u64> {
    db.write(move |tx| Box::pin(async move { tx.execute(&stmt("INSERT INTO t VALUES (?)"), &[value.into()]).await }))
        .await
}

/// Keeps the writer busy until the sender it answers is used or dropped.
async fn hold(db: &Db) -> mpsc::Sender<()> {
    let (release, held) = mpsc::channel::<()>();
    let (begun, started) = tokio::sync::oneshot::channel();
    let db = db.clone();
    tokio::spawn(async move {
        db.write(move |_| {
            Box::pin(async move {
                begun.send(()).ok();
                held.recv().ok();
                Ok(())
            })
        })
        .await
    });
    started.await.unwrap();
    release
}

/// Hands jobs over while the writer is held, so that they share a commit.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[tokio::test]
async fn jobs_that_wait_share_a_commit() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a)").await;
    let release = hold(&db).await;
    let jobs: Vec<_> = (0..5)
        .map(|i| {
            let db = db.clone();
            tokio::spawn(async move { insert(&db, i).await })
        })
        .collect();
    settle().await;
    let path = folder.file();
    let last = tokio::spawn({
        let db = db.clone();
        async move {
            db.write(move |tx| {
                Box::pin(async move {
                    let inside = tx.fetch(&stmt("SELECT count(*) FROM t"), &[]).await?;
                    let seen = outside(&path).query_row("SELECT count(*) FROM t", [], |row| row.get(0));
                    let outside: i64 = seen.unwrap();
                    Ok((inside, outside))
                })
            })
            .await
        }
    });
    settle().await;
    drop(release);
    let (inside, outside) = last.await.unwrap().unwrap();
    assert_eq!(inside, vec![vec![Param::Int(5)]], "the transaction is shared");
    assert_eq!(outside, 0, "nothing was committed before");
    for job in jobs {
        assert_eq!(job.await.unwrap().unwrap(), 1);
    }
    assert_eq!(count(&db, "t").await, 5);
}

#[tokio::test]
async fn a_job_is_withdrawn_when_nobody_waits() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a)").await;
    let release = hold(&db).await;
    let waited = tokio::time::timeout(Duration::from_millis(20), insert(&db, 1)).await;
    assert!(waited.is_err());
    drop(release);
    insert(&db, 2).await.unwrap();
    assert_eq!(count(&db, "t").await, 1);
}

#[tokio::test]
async fn a_failing_job_is_undone_alone() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a)").await;
    let release = hold(&db).await;
    let good = tokio::spawn({
        let db = db.clone();
        async move { insert(&db, 1).await }
    });
    let bad = tokio::spawn({
        let db = db.clone();
        async move {
            db.write(|tx| {
                Box::pin(async move {
                    tx.execute(&stmt("INSERT INTO t VALUES (2)"), &[]).await?;
                    Err::<(), _>(Error::invalid_payload("no"))
                })
            })
            .await
        }
    });
    let panicking = tokio::spawn({
        let db = db.clone();
        async move {
            db.write(|tx| {
                Box::pin(async move {
                    tx.execute(&stmt("INSERT INTO t VALUES (3)"), &[]).await?;
                    tx.nested(|tx| {
                        Box::pin(async move {
                            tx.execute(&stmt("INSERT INTO t VALUES (4)"), &[]).await?;
                            panic!("meant to")
                        })
                    })
                    .await
                })
            })
            .await
            .map(|(): ()| ())
        }
    });
    settle().await;
    let after = tokio::spawn({
        let db = db.clone();
        async move { insert(&db, 5).await }
    });
    settle().await;
    drop(release);
    good.await.unwrap().unwrap();
    assert_eq!(bad.await.unwrap().unwrap_err().code(), Code::InvalidPayload);
    assert_eq!(panicking.await.unwrap().unwrap_err().code(), Code::Internal);
    after.await.unwrap().unwrap();
    let rows = db.fetch(stmt("SELECT a FROM t ORDER BY a"), vec![]).await.unwrap();
    assert_eq!(rows, vec![vec![Param::Int(1)], vec![Param::Int(5)]]);
}

#[tokio::test]
async fn a_panicking_reader_lives_on() {
    let folder = Folder::new();
    let Db::Sqlite(db) = given(&folder, "").await else {
        panic!("another database")
    };
    for _ in 0..4 {
        let result: aedile_engine::Result<()> = db.read(|_| panic!("meant to")).await;
        assert_eq!(result.unwrap_err().code(), Code::Internal);
    }
    assert!(Db::Sqlite(db).fetch(stmt("SELECT 1"), vec![]).await.is_ok());
}

#[tokio::test]
async fn waiting_for_anything_else_is_refused() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a)").await;
    let result = db
        .write(|tx| {
            Box::pin(async move {
                tx.execute(&stmt("INSERT INTO t VALUES (1)"), &[]).await?;
                tokio::task::yield_now().await;
                Ok(())
            })
        })
        .await;
    assert_eq!(result.unwrap_err().code(), Code::Internal);
    assert_eq!(count(&db, "t").await, 0);
    assert!(insert(&db, 1).await.is_ok());
}

#[tokio::test]
async fn a_lost_transaction_keeps_nothing() {
    let folder = Folder::new();
    outside(&folder.file()).execute_batch("CREATE TABLE t (a)").unwrap();
    let options = Options {
        statement_limit: Duration::from_millis(50),
        ..folder.options()
    };
    let db = Db::open(options).await.unwrap();
    let release = hold(&db).await;
    let neighbour = tokio::spawn({
        let db = db.clone();
        async move { insert(&db, 1).await }
    });
    settle().await;
    let slow = tokio::spawn({
        let db = db.clone();
        async move {
            db.write(|tx| {
                Box::pin(async move {
                    let first = tx.execute(&stmt(&format!("INSERT INTO t {ENDLESS}")), &[]).await;
                    // A job that goes on regardless must not write outside of a transaction.
                    let second = tx.execute(&stmt("INSERT INTO t VALUES (2)"), &[]).await;
                    Ok((first, second))
                })
            })
            .await
        }
    });
    settle().await;
    drop(release);
    assert_eq!(neighbour.await.unwrap().unwrap_err().code(), Code::ServiceUnavailable);
    assert_eq!(slow.await.unwrap().unwrap_err().code(), Code::ServiceUnavailable);
    assert_eq!(count(&db, "t").await, 0);
    insert(&db, 3).await.unwrap();
    assert_eq!(count(&db, "t").await, 1);
}

#[tokio::test]
async fn readers_see_the_last_commit_while_a_writer_works() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a)").await;
    let (go, gate) = mpsc::channel::<()>();
    let (begun, started) = tokio::sync::oneshot::channel();
    let writing = tokio::spawn({
        let db = db.clone();
        async move {
            db.write(move |tx| {
                Box::pin(async move {
                    tx.execute(&stmt("INSERT INTO t VALUES (1)"), &[]).await?;
                    begun.send(()).ok();
                    gate.recv().ok();
                    Ok(())
                })
            })
            .await
        }
    });
    started.await.unwrap();
    assert_eq!(count(&db, "t").await, 0);
    drop(go);
    writing.await.unwrap().unwrap();
    assert_eq!(count(&db, "t").await, 1);
}

#[tokio::test]
async fn a_nested_part_fails_alone() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE t (a)").await;
    db.write(|tx| {
        Box::pin(async move {
            tx.execute(&stmt("INSERT INTO t VALUES (1)"), &[]).await?;
            let part = tx
                .nested(|tx| {
                    Box::pin(async move {
                        tx.execute(&stmt("INSERT INTO t VALUES (2)"), &[]).await?;
                        Err::<(), _>(Error::invalid_payload("no"))
                    })
                })
                .await;
            assert!(part.is_err());
            tx.nested(|tx| Box::pin(async move { tx.execute(&stmt("INSERT INTO t VALUES (3)"), &[]).await }))
                .await
        })
    })
    .await
    .unwrap();
    let rows = db.fetch(stmt("SELECT a FROM t ORDER BY a"), vec![]).await.unwrap();
    assert_eq!(rows, vec![vec![Param::Int(1)], vec![Param::Int(3)]]);
}

#[tokio::test]
async fn a_lock_held_elsewhere_is_unavailable() {
    let folder = Folder::new();
    outside(&folder.file()).execute_batch("CREATE TABLE t (a)").unwrap();
    let options = Options {
        busy_limit: Duration::from_millis(20),
        ..folder.options()
    };
    let db = Db::open(options).await.unwrap();
    let other = outside(&folder.file());
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(insert(&db, 1).await.unwrap_err().code(), Code::ServiceUnavailable);
    other.execute_batch("COMMIT").unwrap();
    assert!(insert(&db, 1).await.is_ok());
}

const FAMILY: &str = "
    CREATE TABLE parent (id integer PRIMARY KEY, name text NOT NULL UNIQUE, size integer CHECK (size > 0));
    CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES parent (id), a, b, UNIQUE (a, b));
    INSERT INTO parent (id, name) VALUES (1, 'x');
    INSERT INTO child (id, parent, a, b) VALUES (1, 1, 1, 1);";

#[tokio::test]
async fn constraints_are_told_by_table_and_column() {
    let folder = Folder::new();
    let db = given(&folder, FAMILY).await;
    for (text, code, collection, field) in [
        (
            "INSERT INTO parent (name) VALUES ('x')",
            Code::RecordNotUnique,
            "parent",
            Some("name"),
        ),
        (
            "INSERT INTO parent (id, name) VALUES (1, 'y')",
            Code::RecordNotUnique,
            "parent",
            Some("id"),
        ),
        (
            "INSERT INTO child (a, b) VALUES (1, 1)",
            Code::RecordNotUnique,
            "child",
            None,
        ),
        (
            "INSERT INTO parent (name) VALUES (NULL)",
            Code::NotNullViolation,
            "parent",
            Some("name"),
        ),
        (
            "INSERT INTO child (parent) VALUES (7)",
            Code::InvalidForeignKey,
            "",
            None,
        ),
        ("DELETE FROM parent", Code::InvalidForeignKey, "", None),
    ] {
        let error = db
            .write(move |tx| Box::pin(async move { tx.execute(&stmt(text), &[]).await }))
            .await
            .unwrap_err();
        assert_eq!(error.code(), code, "{text}");
        let extensions = &error.faults()[0].extensions;
        assert_eq!(extensions["collection"], collection, "{text}");
        assert_eq!(extensions["field"].as_str(), field, "{text}");
    }
    for text in [
        "INSERT INTO parent (name, size) VALUES ('y', 0)",
        "INSERT INTO parent (id, name) VALUES ('z', 'y')",
    ] {
        let error = db
            .write(move |tx| Box::pin(async move { tx.execute(&stmt(text), &[]).await }))
            .await
            .unwrap_err();
        assert_eq!(error.code(), Code::InvalidPayload, "{text}");
    }
}

#[tokio::test]
async fn rebuilding_a_table_leaves_references_whole() {
    let folder = Folder::new();
    let db = given(&folder, FAMILY).await;
    let rebuild = |copied: &'static str| {
        let db = db.clone();
        async move {
            db.write_ddl(move |tx| {
                Box::pin(async move {
                    tx.execute_ddl(&stmt("CREATE TABLE new (id integer PRIMARY KEY, name text)"))
                        .await?;
                    tx.execute(&stmt(copied), &[]).await?;
                    tx.execute_ddl(&stmt("DROP TABLE parent")).await?;
                    tx.execute_ddl(&stmt("ALTER TABLE new RENAME TO parent")).await
                })
            })
            .await
        }
    };
    let error = rebuild("INSERT INTO new SELECT id, name FROM parent WHERE 0")
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::InvalidForeignKey);
    assert_eq!(count(&db, "parent").await, 1, "undone as a whole");

    rebuild("INSERT INTO new SELECT id, name FROM parent").await.unwrap();
    assert_eq!(count(&db, "child JOIN parent ON parent.id = child.parent").await, 1);
    let orphan = db
        .write(|tx| Box::pin(async move { tx.execute(&stmt("DELETE FROM parent"), &[]).await }))
        .await;
    assert_eq!(
        orphan.unwrap_err().code(),
        Code::InvalidForeignKey,
        "references are enforced again"
    );
}

#[tokio::test]
async fn what_was_broken_before_hinders_no_change() {
    let folder = Folder::new();
    let script = format!("PRAGMA foreign_keys = OFF; {FAMILY} INSERT INTO child (parent) VALUES (99);");
    let db = given(&folder, &script).await;
    db.write_ddl(|tx| Box::pin(async move { tx.execute_ddl(&stmt("ALTER TABLE child ADD COLUMN c")).await }))
        .await
        .unwrap();
}
