//! The verbs over a real file: what happens to rows, indexes and everything that speaks of what changes.

mod changed_fields;
mod conversions;
mod plans;
mod related;
mod snapshots;
mod tables;

use aedile_db::{Db, Options, Row};
use aedile_engine::{Code, Error, Json, Result, sql::Stmt, value::Param};
use serde_json::json;
use tempfile::TempDir;

use super::*;

/// A project in a file of its own, removed when the test ends.
pub(super) struct Project {
    db: Db,
    _folder: TempDir,
}

fn raw(text: &str) -> Stmt {
    Stmt {
        text: text.to_owned(),
        binds: Vec::new(),
        outputs: Vec::new(),
    }
}

impl Project {
    pub(super) async fn new() -> Project {
        let folder = TempDir::new().unwrap();
        let db = Db::open(Options::new(folder.path().join("data.db"))).await.unwrap();
        db.install().await.unwrap();
        Project { db, _folder: folder }
    }

    /// Statements as another program would run them.
    pub(super) async fn sql(&self, statements: &[&str]) {
        for text in statements {
            let stmt = raw(text);
            self.db
                .write_ddl(move |tx| Box::pin(async move { tx.execute_ddl(&stmt).await }))
                .await
                .unwrap();
        }
    }

    pub(super) async fn rows(&self, text: &str) -> Vec<Row> {
        self.db.fetch(std::sync::Arc::new(raw(text)), Vec::new()).await.unwrap()
    }

    pub(super) async fn count(&self, text: &str) -> i64 {
        match self.rows(text).await.first().and_then(|row| row.first()) {
            Some(Param::Int(n)) => *n,
            other => panic!("{other:?}"),
        }
    }

    pub(super) async fn model(&self) -> Model {
        load(&self.db).await.unwrap()
    }

    pub(super) async fn ask(&self, request: Request) -> Result<Option<Json>> {
        self.db
            .write_ddl(move |tx| Box::pin(async move { change::carry_out(tx, &request).await }))
            .await
    }

    pub(super) async fn show(&self, request: Request) -> Result<Json> {
        self.db
            .write_ddl(move |tx| Box::pin(async move { change::shown(tx, &request).await }))
            .await
    }

    /// Every table with its rows, and the schema as it is stored.
    pub(super) async fn everything(&self) -> Vec<(String, Vec<Row>)> {
        let schema = "select type, name, sql from sqlite_schema order by 1, 2";
        let mut all = vec![("the schema".to_owned(), self.rows(schema).await)];
        let tables = "select name from sqlite_schema where type = 'table' order by 1";
        for row in self.rows(tables).await {
            let Some(Param::Text(name)) = row.into_iter().next() else {
                panic!("a table without a name")
            };
            // A text of its own: a statement that is kept knows the columns that there were.
            let once = uuid::Uuid::new_v4();
            let rows = self
                .rows(&format!("select * from \"{name}\" order by 1 -- {once}"))
                .await;
            all.push((name, rows));
        }
        all
    }

    pub(super) async fn make(&self, input: Json) -> Result<Json> {
        let made = self.ask(Request::CreateCollections { input }).await;
        made.map(Option::unwrap_or_default)
    }

    pub(super) async fn drop_collection(&self, name: &str) -> Result<()> {
        let collection = name.to_owned();
        self.ask(Request::DeleteCollection { collection }).await.map(drop)
    }

    pub(super) async fn add(&self, collection: &str, input: Json) -> Result<Option<Json>> {
        let collection = collection.to_owned();
        self.ask(Request::CreateField { collection, input }).await
    }

    pub(super) async fn change(&self, collection: &str, field: &str, input: Json) -> Result<Json> {
        let (collection, field) = (collection.to_owned(), field.to_owned());
        let changed = self
            .ask(Request::UpdateField {
                collection,
                field,
                input,
            })
            .await;
        changed.map(Option::unwrap_or_default)
    }

    pub(super) async fn drop_field(&self, collection: &str, field: &str) -> Result<()> {
        let (collection, field) = (collection.to_owned(), field.to_owned());
        self.ask(Request::DeleteField { collection, field }).await.map(drop)
    }

    pub(super) async fn relate(&self, input: Json) -> Result<Json> {
        let made = self.ask(Request::CreateRelation { input }).await;
        made.map(Option::unwrap_or_default)
    }

    /// Authors and articles with a foreign key, and two rows of each.
    pub(super) async fn blog() -> Project {
        let project = Project::new().await;
        let id =
            json!({"field": "id", "type": "integer", "schema": {"is_primary_key": true, "has_auto_increment": true}});
        let made = json!([
            {"collection": "authors", "schema": {}, "meta": {}, "fields": [
                id, {"field": "name", "type": "string", "schema": {"is_unique": true}},
                {"field": "articles", "type": "alias", "meta": {"special": ["o2m"]}}
            ]},
            {"collection": "articles", "schema": {}, "meta": {"sort_field": "rank", "archive_field": "title", "archive_value": "x"}, "fields": [
                id, {"field": "title", "type": "string", "meta": {}}, {"field": "rank", "type": "integer", "schema": {"is_indexed": true}},
                {"field": "author", "type": "integer", "meta": {"special": ["m2o"]}}
            ]}
        ]);
        project.make(made).await.unwrap();
        let relation = json!({"collection": "articles", "field": "author", "related_collection": "authors",
            "meta": {"one_field": "articles"}, "schema": {"on_delete": "SET NULL"}});
        project.relate(relation).await.unwrap();
        project
            .sql(&[
                "insert into authors (name) values ('ann'), ('bob')",
                "insert into articles (title, rank, author) values ('one', 1, 1), ('two', null, 2)",
            ])
            .await;
        project
    }
}

pub(super) fn code<T>(result: Result<T>) -> Code {
    result.map(|_| ()).unwrap_err().code()
}

pub(super) fn extension(error: &Error, key: &str) -> Json {
    error.faults()[0].extensions.get(key).cloned().unwrap_or_default()
}
