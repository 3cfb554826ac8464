//! Introspection, installation, and Aedile's own migrations.

use aedile_engine::{
    Code, Json,
    schema::{
        Column,
        physical::{ForeignKey, Physical, Table},
    },
    value::Param,
};
use serde_json::json;

use super::{Folder, count, given, outside, stmt};
use crate::{Db, Options};

fn table<'a>(physical: &'a Physical, name: &str) -> &'a Table {
    physical.tables.iter().find(|table| table.name == name).unwrap()
}

fn column<'a>(physical: &'a Physical, name: &str, column: &str) -> &'a Column {
    let mut columns = table(physical, name).columns.iter();
    columns.find(|c| c.name.as_str() == column).unwrap()
}

async fn installed(folder: &Folder) -> Db {
    let db = Db::open(folder.options()).await.unwrap();
    assert!(db.install().await.unwrap());
    db
}

#[tokio::test]
async fn system_tables_are_installed_once() {
    let folder = Folder::new();
    let db = installed(&folder).await;
    assert!(!db.install().await.unwrap());
    let physical = db.introspect().await.unwrap();
    assert_eq!(physical.tables.len(), 29);
    assert!(physical.tables.iter().all(|table| table.name.starts_with("directus_")));
    assert_eq!(count(&db, "directus_migrations").await, 101);
    let version = db
        .fetch(stmt("SELECT value FROM aedile_meta WHERE key = 'version'"), vec![])
        .await
        .unwrap();
    assert_eq!(version, vec![vec![Param::Int(1)]]);
    assert!(db.pending().await.unwrap().is_empty());
    db.close().await;
    Db::open(folder.options()).await.unwrap();
}

#[tokio::test]
async fn every_reference_of_the_system_tables_leads_somewhere() {
    let folder = Folder::new();
    let physical = installed(&folder).await.introspect().await.unwrap();
    let mut keys = 0;
    for key in physical.tables.iter().flat_map(|table| &table.foreign_keys) {
        assert!(column(&physical, &key.table, &key.target).unique, "{key:?}");
        keys += 1;
    }
    assert_eq!(keys, 47);
}

#[tokio::test]
async fn system_columns_are_described() {
    let folder = Folder::new();
    let physical = installed(&folder).await.introspect().await.unwrap();

    let id = column(&physical, "directus_activity", "id");
    assert!(id.primary && id.auto_increment && id.unique && !id.nullable);
    let at = column(&physical, "directus_activity", "timestamp");
    assert!(at.default_now && at.indexed && at.default.is_none() && !at.nullable);
    assert_eq!(at.data_type, "datetime");

    let key = column(&physical, "directus_access", "id");
    assert!(key.primary && key.unique && !key.nullable && !key.auto_increment);
    assert_eq!((key.data_type.as_str(), key.max_length), ("char", Some(36)));

    let email = column(&physical, "directus_users", "email");
    assert!(email.unique && !email.indexed && email.nullable);
    let parent = column(&physical, "directus_revisions", "parent");
    assert!(parent.indexed && !parent.unique);
    let external = column(&physical, "directus_deployment_projects", "external_id");
    assert!(!external.unique, "unique only together with another");

    let default = |table, name| column(&physical, table, name).default.clone();
    assert_eq!(default("directus_collections", "hidden"), Some(json!(false)));
    assert_eq!(default("directus_settings", "auth_login_attempts"), Some(json!(25)));
    assert_eq!(default("directus_settings", "project_color"), Some(json!("#6644FF")));
    assert_eq!(default("directus_settings", "mcp_prompts_collection"), None::<Json>);

    let flows = table(&physical, "directus_flows");
    assert_eq!(flows.primary_key, ["id"]);
    assert_eq!(flows.indexes.len(), 1);
    assert_eq!(
        flows.foreign_keys,
        [ForeignKey {
            name: None,
            column: "user_created".into(),
            table: "directus_users".into(),
            target: "id".into(),
            on_update: "NO ACTION".into(),
            on_delete: "SET NULL".into(),
        }]
    );
}

#[tokio::test]
async fn odd_tables_are_described_as_they_are() {
    let folder = Folder::new();
    let db = given(
        &folder,
        "CREATE TABLE plain (a integer, b integer, c decimal(8,2) DEFAULT 1.5, PRIMARY KEY (b, a));
         CREATE TABLE odd (
            id INTEGER PRIMARY KEY, twice integer GENERATED ALWAYS AS (id * 2) STORED, x REFERENCES odd,
            y REFERENCES plain (a), p, q, FOREIGN KEY (p, q) REFERENCES plain (a, b));
         CREATE UNIQUE INDEX partly ON odd (x) WHERE x > 0;
         CREATE INDEX computed ON odd (lower(y), y);
         CREATE INDEX led ON odd (p, q);
         CREATE TABLE sealed (id integer PRIMARY KEY) WITHOUT ROWID;
         CREATE TABLE aedile_secret (id integer);
         CREATE VIEW seen AS SELECT 1 AS one;
         CREATE VIRTUAL TABLE found USING fts5 (text);",
    )
    .await;
    let physical = db.introspect().await.unwrap();
    let names: Vec<&str> = physical.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["odd", "plain", "sealed"]);

    assert_eq!(table(&physical, "plain").primary_key, ["b", "a"]);
    let c = column(&physical, "plain", "c");
    assert_eq!(
        (c.precision, c.scale, &c.default),
        (Some(8), Some(2), &Some(json!(1.5)))
    );
    assert!(!column(&physical, "plain", "a").auto_increment);
    assert!(!column(&physical, "sealed", "id").auto_increment);

    let odd = table(&physical, "odd");
    assert!(column(&physical, "odd", "twice").generated);
    assert!(!column(&physical, "odd", "x").unique);
    assert!(column(&physical, "odd", "p").indexed && !column(&physical, "odd", "q").indexed);
    let keys: Vec<_> = odd
        .foreign_keys
        .iter()
        .map(|key| (key.column.as_str(), key.target.as_str()))
        .collect();
    assert_eq!(keys, [("x", "id"), ("y", "a")]);
    assert_eq!(odd.indexes.len(), 1);
}

#[tokio::test]
async fn a_transaction_sees_its_own_changes() {
    let folder = Folder::new();
    let db = given(&folder, "").await;
    let tables = db
        .write_ddl(|tx| {
            Box::pin(async move {
                tx.execute_ddl(&stmt("CREATE TABLE t (a)")).await?;
                tx.introspect().await
            })
        })
        .await
        .unwrap();
    assert_eq!(tables.tables.len(), 1);
    assert_eq!(db.introspect().await.unwrap().tables.len(), 1);
}

#[tokio::test]
async fn migrations_go_up_and_down() {
    let folder = Folder::new();
    let db = given(&folder, "CREATE TABLE mine (a)").await;
    assert!(db.install().await.unwrap());
    assert_eq!(db.migrate_up().await.unwrap(), None);
    let mut all = Vec::new();
    while let Some(name) = db.migrate_down().await.unwrap() {
        all.insert(0, name);
    }
    assert!(all.len() > 1);
    assert_eq!(db.pending().await.unwrap(), all);
    assert_eq!(db.migrate_latest().await.unwrap(), all);
    while db.migrate_down().await.unwrap().is_some() {}
    assert_eq!(db.migrate_up().await.unwrap(), all.first().copied());
    let left = outside(&folder.file());
    let own: i64 = left
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'aedile%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert!(own >= 2);
}

#[tokio::test]
async fn other_versions_are_refused() {
    for script in [
        "CREATE TABLE directus_users (id)",
        "CREATE TABLE directus_migrations (version, name); INSERT INTO directus_migrations VALUES ('20990101A', 'own')",
        "CREATE TABLE aedile_migrations (number, name); INSERT INTO aedile_migrations VALUES (9999, 'later')",
    ] {
        let folder = Folder::new();
        outside(&folder.file()).execute_batch(script).unwrap();
        let Err(error) = Db::open(folder.options()).await else {
            panic!("opened: {script}")
        };
        assert_eq!(error.code(), Code::ServiceUnavailable);
    }
}

#[tokio::test]
async fn hidden_tables_are_not_told_of_but_pointed_at() {
    let folder = Folder::new();
    let made = given(
        &folder,
        "CREATE TABLE secrets (id integer PRIMARY KEY);
         CREATE TABLE notes (id integer PRIMARY KEY, secret REFERENCES secrets);",
    )
    .await;
    made.close().await;
    let options = Options {
        hidden_tables: vec!["SECRETS".into()],
        ..folder.options()
    };
    let physical = Db::open(options).await.unwrap().introspect().await.unwrap();
    let names: Vec<&str> = physical.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(names, ["notes"]);
    let keys = &table(&physical, "notes").foreign_keys;
    let key = keys.first().unwrap();
    assert_eq!((key.table.as_str(), key.target.as_str()), ("secrets", "id"));
}
