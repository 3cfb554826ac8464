//! Statements that PostgreSQL is sent together: what each of them answers, and what is kept where one of them fails.

use aedile_engine::{
    Code, Result,
    sql::{Dialect, Shape, Sql},
    value::Param,
};

use super::{
    postgres::{done, given},
    shaped, stmt,
};
use crate::Db;

const TABLES: &[&str] = &[
    "create table t (id integer primary key, name text)",
    "insert into t values (1, 'a'), (2, 'b')",
    "create table aside (n integer unique)",
];

async fn names(db: &Db) -> String {
    let rows = db.fetch(stmt("select string_agg(name, ',' order by id) from t"), vec![]);
    match rows.await.unwrap()[0][0].clone() {
        Param::Text(names) => names,
        _ => String::new(),
    }
}

#[tokio::test]
async fn each_statement_has_its_own_answer() {
    let (database, db) = given(TABLES).await;
    let last = shaped(
        "select id, name from t where id = $1",
        &[("id", Shape::Raw), ("name", Shape::Text)],
    );
    let rows = vec![
        (stmt("select 7"), vec![]),
        (stmt("select name from t order by id"), vec![]),
    ];
    let (told, json) = db.fetch_together(rows, (last, vec![Param::Int(2)])).await.unwrap();
    assert_eq!(told[0], [[Param::Int(7)]]);
    assert_eq!(told[1], [[Param::from("a")], [Param::from("b")]]);
    assert_eq!(json.bytes, br#"{"id":2,"name":"b"}"#);
    let broken = (stmt("select 1 / (count(*) - 2) from t"), vec![]);
    assert!(
        db.fetch_together(vec![broken], (stmt("select 1"), vec![]))
            .await
            .is_err()
    );
    done(database, db).await;
}

#[tokio::test]
async fn a_row_stands_behind_another_or_is_missing() {
    let (database, db) = given(TABLES).await;
    let data = shaped(
        "select name, id from t where id = $1",
        &[("name", Shape::Text), ("id", Shape::Raw)],
    );
    let data = aedile_engine::sql::Stmt {
        binds: vec![aedile_engine::sql::Bind::Const(Param::Null)],
        ..(*data).clone()
    };
    let mut first = Sql::new(Dialect::Postgres);
    first
        .push("select 'who', n from (values (5)) of (n) where n = ")
        .param(0);
    let both = std::sync::Arc::new(data.behind(first));
    let ask = async |id, n| {
        db.fetch_behind((both.clone(), vec![Param::Int(id), Param::Int(n)]), 2)
            .await
            .unwrap()
    };
    let who = Some(vec![Param::from("who"), Param::Int(5)]);
    let (told, rows) = ask(2, 5).await;
    assert_eq!(
        (told, rows.bytes.as_slice(), rows.count),
        (who.clone(), br#"{"name":"b","id":2}"#.as_slice(), 1)
    );
    let (told, rows) = ask(3, 5).await;
    assert_eq!((told, rows.count), (who, 0));
    let (told, rows) = ask(2, 4).await;
    assert_eq!((told, rows.count), (None, 0));
    done(database, db).await;
}

#[tokio::test]
async fn what_was_slow_is_planned_for_what_it_binds() {
    let (database, db) = given(TABLES).await;
    let plans = async |text: &str| match db.fetch(stmt(text), vec![]).await.unwrap()[0][0].clone() {
        Param::Text(plans) => plans,
        other => format!("{other:?}"),
    };
    assert_eq!(
        plans("select current_setting('plan_cache_mode')").await,
        "force_generic_plan"
    );
    let slow = "select current_setting('plan_cache_mode') from pg_sleep(0.05)";
    assert_eq!(plans(slow).await, "force_generic_plan");
    assert_eq!(plans(slow).await, "auto");
    done(database, db).await;
}

/// A transaction that changes a name, and does something later that may fail.
async fn changed(db: &Db, later: &'static str, then: bool) -> Result<String> {
    let write = db.write_then(
        move |tx| {
            Box::pin(async move {
                tx.execute(&stmt("update t set name = 'c' where id = 1"), &[]).await?;
                tx.later(&stmt(later), vec![]).await?;
                if then {
                    tx.fetch(&stmt("select 1"), &[]).await?;
                }
                Ok(())
            })
        },
        |()| {
            Some((
                shaped("select name from t where id = 1", &[("name", Shape::Text)]),
                vec![],
            ))
        },
    );
    let ((), read) = write.await?;
    Ok(String::from_utf8_lossy(&read.unwrap()?.bytes).into_owned())
}

#[tokio::test]
async fn what_was_left_for_later_fails_everything_where_it_fails() {
    let (database, db) = given(TABLES).await;
    for then in [false, true] {
        let twice = changed(&db, "insert into aside values (1), (1)", then).await;
        assert_eq!(twice.unwrap_err().code(), Code::RecordNotUnique);
        assert_eq!(names(&db).await, "a,b");
    }
    for then in [false, true] {
        let kept = changed(&db, "insert into aside select count(*) from aside", then).await;
        assert_eq!(kept.unwrap(), r#"{"name":"c"}"#);
    }
    assert_eq!(names(&db).await, "c,b");
    let rows = db.fetch(stmt("select n from aside order by n"), vec![]).await.unwrap();
    assert_eq!(rows, [[Param::Int(0)], [Param::Int(1)]]);
    done(database, db).await;
}

#[tokio::test]
async fn a_part_that_is_undone_takes_along_what_it_left_for_later() {
    let (database, db) = given(TABLES).await;
    let written = db.write(|tx| {
        Box::pin(async move {
            tx.later(&stmt("insert into aside values (1)"), vec![]).await?;
            let part: Result<()> = tx
                .nested(|tx| {
                    Box::pin(async move {
                        tx.later(&stmt("insert into aside values (2)"), vec![]).await?;
                        Err(aedile_engine::Error::forbidden())
                    })
                })
                .await;
            assert!(part.is_err());
            let late: Result<()> = tx
                .nested(|tx| Box::pin(async move { tx.later(&stmt("insert into aside values (1)"), vec![]).await }))
                .await;
            assert_eq!(late.unwrap_err().code(), Code::RecordNotUnique);
            tx.later(&stmt("insert into aside values (3)"), vec![]).await
        })
    });
    written.await.unwrap();
    let rows = db.fetch(stmt("select n from aside order by n"), vec![]).await.unwrap();
    assert_eq!(rows, [[Param::Int(1)], [Param::Int(3)]]);
    done(database, db).await;
}
