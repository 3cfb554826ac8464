//! Rows handed out in parts, and statements whose callers have left: on both databases.

use std::time::{Duration, Instant};

use aedile_engine::{Code, sql::Shape, value::Param};

use super::{ENDLESS, Folder, postgres, shaped, stmt};
use crate::{Db, JsonRows, Options, PostgresOptions, Rows, stream::AT_ONCE};

const MANY: &str = "create table t (a integer)";
const THOUSAND_SQLITE: &str =
    "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n";
const THOUSAND_POSTGRES: &str = "insert into t select i from generate_series(1, 1000) i";

async fn all(mut rows: Rows) -> Result<Vec<JsonRows>, Code> {
    let mut parts = Vec::new();
    while let Some(part) = rows.next().await {
        parts.push(part.map_err(|error| error.code())?);
    }
    assert!(rows.next().await.is_none(), "after the end there is nothing");
    Ok(parts)
}

fn total(parts: &[JsonRows]) -> usize {
    parts.iter().map(|part| part.count).sum()
}

async fn stream(db: &Db, text: &str, part: usize) -> Rows {
    db.stream_json(shaped(text, &[("a", Shape::Raw)]), vec![], part)
        .await
        .unwrap()
}

async fn write(db: &Db, text: &'static str) {
    db.write(move |tx| Box::pin(async move { tx.execute(&stmt(text), &[]).await }))
        .await
        .unwrap();
}

async fn parts_are_of_one_state(db: &Db) {
    assert!(
        all(stream(db, "select a from t where a < 0", 100).await)
            .await
            .unwrap()
            .is_empty()
    );
    let parts = all(stream(db, "select a from t order by a", 300).await).await.unwrap();
    let counts: Vec<usize> = parts.iter().map(|part| part.count).collect();
    assert_eq!(counts, [300, 300, 300, 100]);
    assert!(parts[1].bytes.starts_with(b"{\"a\":301},{\"a\":302}"));
    // What others write meanwhile is of another state.
    let mut rows = stream(db, "select a from t order by a", 100).await;
    let first = rows.next().await.unwrap().unwrap();
    assert_eq!(first.count, 100);
    write(db, "delete from t where a > 150").await;
    write(db, "insert into t values (5000)").await;
    assert_eq!(total(&all(rows).await.unwrap()), 900);
    assert_eq!(total(&all(stream(db, "select a from t", 1).await).await.unwrap()), 151);
}

#[tokio::test]
async fn sqlite_hands_rows_out_in_parts_of_one_state() {
    let folder = Folder::new();
    let db = super::given(&folder, &format!("{MANY}; {THOUSAND_SQLITE}")).await;
    parts_are_of_one_state(&db).await;
    // The sum of these overflows at the end: what came before it is no whole answer.
    let rows = stream(
        &db,
        "select abs(case when a > 100 then -9223372036854775807 - 1 else a end) as a from t",
        50,
    )
    .await;
    assert_eq!(all(rows).await.unwrap_err(), Code::ValueOutOfRange);
}

#[tokio::test]
async fn postgres_hands_rows_out_in_parts_of_one_state() {
    let (database, db) = postgres::given(&[MANY, THOUSAND_POSTGRES]).await;
    parts_are_of_one_state(&db).await;
    let rows = stream(
        &db,
        "select (2147483647 + (a - 100)::int8)::int4 as a from t order by 1",
        50,
    )
    .await;
    assert_eq!(all(rows).await.unwrap_err(), Code::ValueOutOfRange);
    postgres::done(database, db).await;
}

#[tokio::test]
async fn a_large_row_is_a_part_of_its_own() {
    let folder = Folder::new();
    let db = super::given(&folder, &format!("{MANY}; {THOUSAND_SQLITE}")).await;
    let rows = db
        .stream_json(
            shaped(
                "select hex(zeroblob(200000)) as a from t where a <= 3",
                &[("a", Shape::Text)],
            ),
            vec![],
            1000,
        )
        .await
        .unwrap();
    let counts: Vec<usize> = all(rows).await.unwrap().iter().map(|part| part.count).collect();
    assert_eq!(counts, [1, 1, 1]);
}

#[tokio::test]
async fn streams_that_are_left_make_room() {
    let folder = Folder::new();
    let options = Options {
        statement_limit: Duration::from_secs(60),
        ..folder.options()
    };
    let db = Db::open(options).await.unwrap();
    let begun = Instant::now();
    for _ in 0..3 * AT_ONCE {
        let mut rows = stream(&db, ENDLESS, 10).await;
        let waited = tokio::time::timeout(Duration::from_millis(10), rows.next()).await;
        assert!(waited.is_err());
    }
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_part_has_the_time_of_a_statement() {
    let folder = Folder::new();
    let options = Options {
        statement_limit: Duration::from_millis(50),
        ..folder.options()
    };
    let db = Db::open(options).await.unwrap();
    assert_eq!(all(stream(&db, ENDLESS, 10).await).await.unwrap_err(), Code::OutOfTime);
}

/// Statements of the project that run on the server, `pg_sleep` among their words.
async fn sleeping(db: &Db) -> i64 {
    let text = "select count(*) from pg_stat_activity where datname = current_database() and state = 'active' \
                and pid <> pg_backend_pid() and query like '%pg_sleep%'";
    let rows = db.fetch(stmt(text), vec![]).await.unwrap();
    let Param::Int(count) = rows[0][0] else {
        panic!("no number")
    };
    count
}

/// Waits until so many statements sleep.
async fn until_sleeping(db: &Db, wanted: i64) {
    let begun = Instant::now();
    while sleeping(db).await != wanted {
        assert!(begun.elapsed() < Duration::from_secs(10), "not {wanted} at last");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_cancels_what_nobody_waits_for() {
    let (database, looking) = postgres::given(&[]).await;
    let db = Db::open_postgres(PostgresOptions {
        readers: 1,
        ..postgres::options(&database)
    })
    .await
    .unwrap();
    let long = |seconds: &'static str| {
        let db = db.clone();
        tokio::spawn(async move {
            db.fetch(stmt(&format!("select 1 from pg_sleep({seconds})")), vec![])
                .await
        })
    };
    let first = long("20");
    until_sleeping(&looking, 1).await;
    // Behind it on the same connection: one that is left before its turn has come, and one that is waited for.
    let (left, waited) = (long("21"), long("0.1"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    left.abort();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(sleeping(&looking).await, 1, "it is not the first one's turn that ends");
    let begun = Instant::now();
    first.abort();
    assert!(waited.await.unwrap().is_ok());
    until_sleeping(&looking, 0).await;
    assert!(begun.elapsed() < Duration::from_secs(10));

    let stream = db
        .stream_json(
            shaped("select 1 as a from pg_sleep(20)", &[("a", Shape::Raw)]),
            vec![],
            10,
        )
        .await
        .unwrap();
    until_sleeping(&looking, 1).await;
    drop(stream);
    until_sleeping(&looking, 0).await;
    looking.close().await;
    postgres::done(database, db).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_is_cancelled_in_the_place_of_another_is_asked_again() {
    let (database, looking) = postgres::given(&[]).await;
    let db = Db::open_postgres(PostgresOptions {
        readers: 1,
        ..postgres::options(&database)
    })
    .await
    .unwrap();
    let asked = tokio::spawn({
        let db = db.clone();
        async move { db.fetch(stmt("select 1 from pg_sleep(0.3)"), vec![]).await }
    });
    until_sleeping(&looking, 1).await;
    let cancel = "select pg_cancel_backend(pid) from pg_stat_activity where query like '%pg_sleep(0.3)%' and pid <> pg_backend_pid()";
    looking.fetch(stmt(cancel), vec![]).await.unwrap();
    assert!(asked.await.unwrap().is_ok());
    looking.close().await;
    postgres::done(database, db).await;
}
