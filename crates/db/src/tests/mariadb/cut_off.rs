//! Changes of the schema that fail or are cut off in the midst: tables and rows are as before, whoever looks next.

use std::time::Duration;

use aedile_engine::{
    Error,
    ddl::{self, Change},
    value::Param,
};

use super::{super::stmt, count, done, given, options};
use crate::Db;

const SCRIPT: &[&str] = &[
    "create table t (id integer auto_increment primary key, name varchar(20) not null, data json, key by_name (name))",
    "create table points (id integer auto_increment primary key, t integer, constraint points_t_foreign foreign key (t) references t (id))",
    "create table old (id integer primary key)",
];

/// Drops a column with its index, a table, and makes another; a row is written between. Then `end` is run.
async fn change(db: &Db, end: Option<&'static str>) -> aedile_engine::Result<()> {
    let mut physical = db.introspect().await?;
    let made = ddl::find(&physical, "old").cloned();
    let table = |name: &str| name.to_owned();
    let changes = vec![
        Change::DropColumn {
            table: table("t"),
            column: table("name"),
        },
        Change::DropTable { table: table("t") },
        Change::CreateTable(ddl_table(made, "new")),
        Change::DropTable { table: table("old") },
    ];
    let steps = ddl::compile(db.dialect(), &mut physical, changes)?.steps;
    db.write_ddl(move |tx| {
        Box::pin(async move {
            tx.execute(&stmt("insert into points (t) values (null)"), &[]).await?;
            for step in &steps {
                tx.execute_step(step).await?;
            }
            match end {
                Some(text) => tx.execute(&stmt(text), &[]).await.map(drop),
                None => Ok(()),
            }
        })
    })
    .await
}

fn ddl_table(
    from: Option<aedile_engine::schema::physical::Table>,
    name: &str,
) -> aedile_engine::schema::physical::Table {
    let mut table = from.unwrap_or_default();
    name.clone_into(&mut table.name);
    table
}

/// Everything that the database says of its tables, and the rows.
async fn everything(db: &Db) -> String {
    let physical = db.introspect().await.unwrap();
    let tables: Vec<String> = physical.tables.iter().map(|table| format!("{table:?}")).collect();
    let rows = db.fetch(stmt("select name, data from t"), vec![]).await;
    format!("{tables:#?} {:?} {}", rows.unwrap(), count(db, "points").await)
}

/// Tables that are put aside, and notes that are left.
async fn left(db: &Db) -> i64 {
    let aside = "(select count(*) from information_schema.columns where table_schema = database() \
        and (left(table_name, 12) = 'aedile_gone_' or left(column_name, 12) = 'aedile_gone_'))";
    let rows = db
        .fetch(
            stmt(&format!("select {aside} + count(*) from aedile_unfinished")),
            vec![],
        )
        .await;
    match rows.unwrap()[0][0] {
        Param::Int(left) => left,
        _ => panic!("no number"),
    }
}

#[tokio::test]
async fn what_was_dropped_comes_back_where_the_rest_fails() {
    let (database, db) = given(SCRIPT).await;
    super::write(&db, "insert into t (name, data) values ('x', '[1]')")
        .await
        .unwrap();
    let before = everything(&db).await;
    let refused = change(&db, Some("insert into points (nothing) values (1)")).await;
    assert!(refused.is_err());
    assert_eq!(everything(&db).await, before);
    assert_eq!(left(&db).await, 0);
    done(database, db).await;
}

#[tokio::test]
async fn what_was_dropped_is_gone_in_the_end() {
    let (database, db) = given(SCRIPT).await;
    change(&db, None).await.unwrap();
    let physical = db.introspect().await.unwrap();
    let names: Vec<&str> = physical.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["new", "points"]);
    assert_eq!(left(&db).await, 0);
    done(database, db).await;
}

#[tokio::test]
async fn a_change_whose_connection_ends_is_taken_back() {
    let (database, db) = given(SCRIPT).await;
    super::write(&db, "insert into t (name, data) values ('x', '[1]')")
        .await
        .unwrap();
    let before = everything(&db).await;
    change(&db, Some("kill connection_id()")).await.unwrap_err();
    // Nobody asks for it.
    for _ in 0..200 {
        if left(&db).await == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(everything(&db).await, before);
    // The next start would have done it as well, and before it answers.
    change(&db, Some("kill connection_id()")).await.unwrap_err();
    let other = Db::open_mysql(options(&database)).await.unwrap();
    assert_eq!(left(&other).await, 0);
    assert_eq!(everything(&other).await, before);
    change(&other, None).await.unwrap();
    other.close().await;
    done(database, db).await;
}

#[tokio::test]
async fn what_is_left_for_last_is_done_by_the_next_start() {
    let (database, db) = given(SCRIPT).await;
    change(&db, Some("insert into points (nothing) values (1)"))
        .await
        .unwrap_err();
    super::write(
        &db,
        "insert into aedile_unfinished values (7, true, 'drop table old'), (8, true, 'drop table old')",
    )
    .await
    .unwrap();
    let only_looks = crate::MySqlOptions {
        look_only: true,
        ..options(&database)
    };
    Db::open_mysql(only_looks).await.unwrap().close().await;
    assert_eq!(left(&db).await, 2, "who only looks changes nothing");
    let other = Db::open_mysql(options(&database)).await.unwrap();
    assert_eq!(left(&db).await, 0);
    assert!(ddl::find(&other.introspect().await.unwrap(), "old").is_none());
    other.close().await;
    done(database, db).await;
}

#[tokio::test]
async fn a_step_that_is_refused_is_not_taken_back() {
    let (database, db) = given(SCRIPT).await;
    let refused = db
        .write_ddl(|tx| {
            Box::pin(async move {
                let (text, back) = (stmt("create table old (a integer)"), stmt("drop table old"));
                tx.execute_step(&ddl::Step {
                    stmt: (*text).clone(),
                    back: vec![(*back).clone()],
                    last: None,
                })
                .await
            })
        })
        .await;
    assert!(refused.is_err_and(|error: Error| !error.to_string().is_empty()));
    assert_eq!(count(&db, "old").await, 0, "it was there before");
    assert_eq!(left(&db).await, 0);
    done(database, db).await;
}
