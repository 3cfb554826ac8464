//! What MySQL would be asked: insertions that answer nothing, whose keys are known all the same.

use aedile_engine::{
    Code, Result,
    schema::Ident,
    sql::{Dialect, Flavour, Sql, Stmt},
    value::Param,
};

use super::{SERVER, count, done};
use crate::{Db, MySqlOptions, MySqlServer, Row};

const TABLES: &str = "create table counted (id int auto_increment primary key, name text); \
    create table made (id char(36) primary key default (uuid()), name text)";

async fn opened() -> (aedile_testkit::mariadb::Database<'static>, Db) {
    let database = tokio::task::spawn_blocking(|| {
        let database = SERVER.database().unwrap();
        database.run(TABLES).unwrap();
        database
    });
    let database = database.await.unwrap();
    let server = MySqlServer::parse(&database.rehearsal_url()).unwrap();
    let db = Db::open_mysql(MySqlOptions::new(server)).await.unwrap();
    assert_eq!(db.dialect(), Dialect::MySql(Flavour::Rehearsal));
    (database, db)
}

/// Inserts a name, and a key where one is given.
fn insertion(db: &Db, table: &str, key: Option<Param>) -> (Stmt, Vec<Param>) {
    let mut sql = Sql::new(db.dialect());
    sql.push("insert into ").ident(&Ident::new(table)).push(" (name");
    sql.push(if key.is_some() { ", id" } else { "" });
    sql.push(") values (").param("x");
    let given = key.is_some().then_some(1);
    let params: Vec<Param> = [Param::from("x")].into_iter().chain(key.clone()).collect();
    if let Some(key) = key {
        sql.push(", ").param(key);
    }
    sql.push(")");
    let told = sql.returning(&Ident::new("id"), given);
    let stmt = sql.finish(vec![told]);
    assert!(!stmt.text.contains("returning"), "{}", stmt.text);
    (stmt, params)
}

async fn insert(db: &Db, table: &str, key: Option<Param>) -> Result<Vec<Row>> {
    let (stmt, params) = insertion(db, table, key);
    db.write(move |tx| Box::pin(async move { tx.fetch(&stmt, &params).await }))
        .await
}

#[tokio::test]
async fn keys_are_those_that_were_given_or_counted() {
    let (database, db) = opened().await;
    assert_eq!(insert(&db, "counted", None).await.unwrap(), [[Param::Int(1)]]);
    assert_eq!(insert(&db, "counted", Some(7.into())).await.unwrap(), [[Param::Int(7)]]);
    assert_eq!(insert(&db, "counted", None).await.unwrap(), [[Param::Int(8)]]);
    let id = Param::from("11111111-2222-4333-8444-555555555555");
    assert_eq!(insert(&db, "made", Some(id.clone())).await.unwrap(), [[id.clone()]]);
    let double = insert(&db, "made", Some(id)).await.unwrap_err();
    assert_eq!(double.code(), Code::RecordNotUnique);
    done(database, db).await;
}

#[tokio::test]
async fn a_key_that_nobody_is_told_is_refused_and_nothing_is_kept() {
    let (database, db) = opened().await;
    let error = insert(&db, "made", None).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidPayload);
    assert_eq!(count(&db, "made").await, 0);
    // Nor by who goes on regardless.
    let (stmt, params) = insertion(&db, "made", None);
    let kept = db.write(move |tx| {
        Box::pin(async move {
            assert!(tx.fetch(&stmt, &params).await.is_err());
            Ok(())
        })
    });
    assert_eq!(kept.await.unwrap_err().code(), Code::ServiceUnavailable);
    assert_eq!(count(&db, "made").await, 0);
    done(database, db).await;
}

#[tokio::test]
async fn numbers_stay_where_a_change_of_the_schema_comes_between() {
    let (database, db) = opened().await;
    let (stmt, params) = insertion(&db, "counted", None);
    let told = db.write_ddl(move |tx| {
        Box::pin(async move {
            let first = tx.fetch(&stmt, &params).await?;
            tx.execute_ddl(&super::stmt("alter table counted add column more int"))
                .await?;
            let second = tx.fetch(&stmt, &params).await?;
            Ok((first, second))
        })
    });
    let (first, second) = told.await.unwrap();
    assert_eq!((first, second), (vec![vec![Param::Int(1)]], vec![vec![Param::Int(2)]]));
    let rows = db
        .fetch(super::stmt("select id from counted order by id"), vec![])
        .await;
    assert_eq!(rows.unwrap(), [[Param::Int(1)], [Param::Int(2)]]);
    done(database, db).await;
}
