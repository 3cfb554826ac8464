//! Changes of the schema, which MariaDB commits by itself, and transactions and statements that are in each other's way.

use std::time::Duration;

use aedile_engine::{Code, Error, ddl::Step, schema::physical::Physical, sql::Shape, value::Param};

use super::{
    super::{shaped, stmt},
    column, count, done, given, options, write,
};
use crate::{Db, MySqlOptions};

fn step(text: &str, back: &str) -> Step {
    Step {
        stmt: (*stmt(text)).clone(),
        back: vec![(*stmt(back)).clone()],
        last: None,
    }
}

/// Two tables are made and a row written between them; then `end` decides.
async fn change(db: &Db, end: fn() -> aedile_engine::Result<()>) -> aedile_engine::Result<Param> {
    db.write_ddl(move |tx| {
        Box::pin(async move {
            let insert = stmt("insert into t (b) values ('x') returning a");
            tx.execute_step(&step("create table one (a integer)", "drop table one"))
                .await?;
            let number = tx.fetch(&insert, &[]).await?.remove(0).remove(0);
            let part = tx.nested(|tx| {
                Box::pin(async move {
                    tx.execute(&stmt("insert into t (b) values ('part')"), &[]).await?;
                    tx.execute_step(&step("create table inner_one (a integer)", "drop table inner_one"))
                        .await?;
                    Err::<(), _>(Error::invalid_payload("no"))
                })
            });
            assert!(part.await.is_err());
            tx.execute_step(&step("alter table one add b text", "alter table one drop b"))
                .await?;
            let seen = tx.fetch(&stmt("select a, b from t"), &[]).await?;
            assert_eq!(
                seen,
                [[number.clone(), Param::from("x")]],
                "what was written is written again"
            );
            end()?;
            Ok(number)
        })
    })
    .await
}

fn names(physical: &Physical) -> Vec<&str> {
    physical.tables.iter().map(|table| table.name.as_str()).collect()
}

#[tokio::test]
async fn a_change_of_the_schema_is_kept_as_a_whole_or_taken_back() {
    let (database, db) = given(&["create table t (a integer auto_increment primary key, b text)"]).await;
    for end in [|| Err(Error::invalid_payload("no")), || panic!("meant to")] {
        assert!(change(&db, end).await.is_err());
        assert_eq!(names(&db.introspect().await.unwrap()), ["t"]);
        assert_eq!(count(&db, "t").await, 0);
    }
    let number = change(&db, || Ok(())).await.unwrap();
    let physical = db.introspect().await.unwrap();
    assert_eq!(names(&physical), ["one", "t"]);
    column(&physical, "one", "b");
    let rows = db.fetch(stmt("select a, b from t"), vec![]).await.unwrap();
    assert_eq!(rows, [[number, Param::from("x")]]);
    done(database, db).await;
}

#[tokio::test]
async fn what_is_read_before_a_change_does_not_hold_it_up() {
    let (database, db) = given(&["create table t (a integer)"]).await;
    db.write_ddl(|tx| {
        Box::pin(async move {
            tx.fetch(&stmt("select a from t for update"), &[]).await?;
            tx.execute_ddl(&stmt("alter table t add b text")).await
        })
    })
    .await
    .unwrap();
    // Others' transactions do, for a while.
    db.close().await;
    let impatient = MySqlOptions {
        table_limit: Duration::from_secs(1),
        ..options(&database)
    };
    let db = Db::open_mysql(impatient).await.unwrap();
    let other = Db::open_mysql(options(&database)).await.unwrap();
    let held = other.write(|tx| {
        Box::pin(async move {
            tx.fetch(&stmt("select a from t"), &[]).await?;
            tx.fetch(&stmt("select sleep(3)"), &[]).await
        })
    });
    let changed = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        db.write_ddl(|tx| Box::pin(async move { tx.execute_ddl(&stmt("alter table t add c text")).await }))
            .await
    };
    let (held, changed) = tokio::join!(held, changed);
    assert_eq!(changed.unwrap_err().code(), Code::ServiceUnavailable);
    held.unwrap();
    other.close().await;
    done(database, db).await;
}

#[tokio::test]
async fn who_is_in_the_way_of_another_is_told_or_tried_again() {
    let (database, db) = given(&["create table t (a integer primary key, b integer)"]).await;
    write(&db, "insert into t values (1, 0), (2, 0)").await.unwrap();
    let crossing = |first: &'static str, second: &'static str| {
        let db = db.clone();
        async move {
            db.write(move |tx| {
                Box::pin(async move {
                    tx.execute(&stmt(first), &[]).await?;
                    tx.fetch(&stmt("select sleep(0.3)"), &[]).await?;
                    tx.execute(&stmt(second), &[]).await
                })
            })
            .await
        }
    };
    let (one, two) = (
        "update t set b = b + 1 where a = 1",
        "update t set b = b + 1 where a = 2",
    );
    let (first, second) = tokio::join!(crossing(one, two), crossing(two, one));
    let lost = [first, second].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(lost.len(), 1, "of a deadlock one goes on");
    assert_eq!(lost[0].code(), Code::ServiceUnavailable);
    let rows = db.fetch(stmt("select b from t order by a"), vec![]).await.unwrap();
    assert_eq!(rows, [[Param::Int(1)], [Param::Int(1)]], "of the other nothing is kept");
    done(database, db).await;
}

#[tokio::test]
async fn what_nobody_waits_for_is_ended_and_rows_come_in_parts() {
    let (database, db) = given(&["create table t (a integer)"]).await;
    let long = db.fetch(stmt("select sleep(25) as longsleep"), vec![]);
    assert!(tokio::time::timeout(Duration::from_millis(200), long).await.is_err());
    let running = stmt(
        "select count(*) from information_schema.processlist where info like '%longsleep%' and id <> connection_id()",
    );
    let mut left = true;
    for _ in 0..100 {
        left = db.fetch(running.clone(), vec![]).await.unwrap() != [[Param::Int(0)]];
        if !left {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!left, "it runs on");
    write(&db, "insert into t select seq from seq_1_to_1000").await.unwrap();
    let text = shaped("select a from t order by a", &[("a", Shape::Raw)]);
    let mut rows = db.stream_json(text, vec![], 300).await.unwrap();
    let mut counts = Vec::new();
    while let Some(part) = rows.next().await {
        counts.push(part.unwrap().count);
    }
    assert_eq!(counts, [300, 300, 300, 100]);
    done(database, db).await;
}
