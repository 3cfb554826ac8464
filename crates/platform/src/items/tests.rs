//! Statements over a real file: what the database does with them, where foreign keys have no index.

use aedile_db::{Db, Options};
use aedile_engine::{
    access::{Access, Caller, Reason},
    plan::read,
    query::{Limits, Query, parse},
    sql::{Dialect, Stmt, compile},
    value::Param,
};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tempfile::TempDir;

use crate::{App, Cx, Origin, app::Passwords, config::Settings, items, model, snapshot};

mod hashed;
mod prepared;

/// A project on a file of its own, gone with it.
pub(crate) struct Project {
    pub(crate) app: App,
    _folder: TempDir,
}

impl Project {
    async fn new() -> Project {
        let folder = TempDir::new().unwrap();
        let db = Db::open(Options::new(folder.path().join("data.db"))).await.unwrap();
        db.install().await.unwrap();
        let passwords = Passwords {
            hash: Arc::new(|password| Box::pin(async move { Ok(format!("hashed {password}")) })),
            accepts: Arc::new(|_, _| true),
            enforces: Arc::new(|_| Ok(())),
        };
        let app = App::load(db, Settings::default(), passwords).await.unwrap();
        Project { app, _folder: folder }
    }

    pub(crate) async fn cx(&self) -> Cx {
        let snapshot = self.app.reload(self.app.version().await.unwrap()).await.unwrap();
        self.app
            .cx(snapshot, Caller::system(Reason::Loading), Origin::default(), 0)
    }

    /// Authors with articles with comments; the foreign keys' indexes are dropped, as in databases made elsewhere.
    pub(crate) async fn filled(indexed: bool) -> Project {
        let project = Project::new().await;
        let key =
            json!({"field": "id", "type": "integer", "schema": {"is_primary_key": true, "has_auto_increment": true}});
        let collections = json!([
            {"collection": "authors", "schema": {}, "meta": {}, "fields": [key, {"field": "name", "type": "string"}, {"field": "articles", "type": "alias", "meta": {"special": ["o2m"]}}]},
            {"collection": "articles", "schema": {}, "meta": {}, "fields": [key, {"field": "title", "type": "string"}, {"field": "author", "type": "integer"}, {"field": "comments", "type": "alias", "meta": {"special": ["o2m"]}}]},
            {"collection": "comments", "schema": {}, "meta": {}, "fields": [key, {"field": "text", "type": "string"}, {"field": "article", "type": "integer"}]},
        ]);
        let relations = [
            json!({"collection": "articles", "field": "author", "related_collection": "authors", "meta": {"one_field": "articles"}}),
            json!({"collection": "comments", "field": "article", "related_collection": "articles", "meta": {"one_field": "comments"}}),
        ];
        project
            .app
            .db()
            .write_ddl(move |tx| {
                Box::pin(async move {
                    let made = model::Request::CreateCollections { input: collections };
                    model::change::carry_out(tx, &made).await?;
                    for input in relations {
                        model::change::carry_out(tx, &model::Request::CreateRelation { input }).await?;
                    }
                    for index in tx.introspect().await?.tables.iter().flat_map(|table| &table.indexes) {
                        let ours = index.columns == ["author"] || index.columns == ["article"];
                        if ours && !indexed {
                            let mut sql = aedile_engine::sql::Sql::new(Dialect::Sqlite);
                            sql.push("drop index ")
                                .ident(&aedile_engine::schema::Ident::new(&index.name));
                            tx.execute_ddl(&sql.finish(Vec::new())).await?;
                        }
                    }
                    Ok(())
                })
            })
            .await
            .unwrap();
        let cx = project.cx().await;
        let articles: Vec<Json> = (1..=8)
            .map(|i| json!({"title": format!("a{i}"), "comments": [{"text": "x"}, {"text": "y"}]}))
            .collect();
        let authors = json!([{"name": "ann", "articles": articles}, {"name": "bob"}]);
        items::create(&cx, "authors", authors, &Query::default()).await.unwrap();
        project
    }
}

/// Reads that follow lists in every way there is.
fn reads() -> Vec<Json> {
    vec![
        json!({"fields": "id,articles.title,articles.comments.text", "limit": 5}),
        json!({"fields": "id,articles", "limit": 5}),
        json!({"fields": "id,count(articles)"}),
        json!({"fields": "id", "filter": {"articles": {"title": {"_eq": "a1"}}}}),
        json!({"fields": "id", "filter": {"articles": {"comments": {"text": {"_eq": "x"}}}}}),
        json!({"fields": "id", "filter": {"articles": {"_none": {"title": {"_eq": "a1"}}}}}),
        json!({"fields": "id", "filter": {"articles": {"_null": true}}}),
        json!({"fields": "id", "filter": {"count(articles)": {"_gt": 3}}}),
        json!({"fields": "id", "sort": "-count(articles)"}),
        json!({"fields": "id", "filter": {"$FOLLOW(articles, author)": {"title": {"_eq": "a1"}}}}),
        json!({"fields": "id,articles.title", "deep": {"articles": {"_limit": 2, "_sort": "-title", "_filter": {"comments": {"text": {"_eq": "y"}}}}}}),
    ]
}

fn parsed(query: &Json) -> Query {
    parse::parse(query.as_object().unwrap(), &Limits::default()).unwrap()
}

#[tokio::test]
async fn answers_do_not_depend_on_indexes() {
    let (indexed, bare) = (Project::filled(true).await, Project::filled(false).await);
    for query in reads() {
        let there = items::list(&indexed.cx().await, "authors", &parsed(&query))
            .await
            .unwrap();
        let here = items::list(&bare.cx().await, "authors", &parsed(&query)).await.unwrap();
        assert_eq!(
            String::from_utf8(here.data.unwrap()).unwrap(),
            String::from_utf8(there.data.unwrap()).unwrap(),
            "{query}"
        );
    }
}

#[tokio::test]
async fn no_table_is_scanned_again_for_every_row() {
    let project = Project::filled(false).await;
    let cx = project.cx().await;
    for query in reads() {
        let plan = read::list(cx.schema(), &Access::full(), cx.limits(), "authors", &parsed(&query)).unwrap();
        let stmt = compile(Dialect::Sqlite, &plan);
        let params: Vec<Param> = cx.bind(&stmt.binds);
        let explain = Stmt {
            text: format!("explain query plan {}", stmt.text),
            outputs: Vec::new(),
            ..stmt
        };
        let steps = project.app.db().fetch(Arc::new(explain), params).await.unwrap();
        let found = rescanned(&steps);
        assert!(found.is_none(), "{query}: {found:?}\n{steps:#?}");
    }
}

/// A base table that is scanned within a correlated step, and not put aside in a table that is made once.
fn rescanned(steps: &[aedile_db::Row]) -> Option<String> {
    let detail = |i: usize| snapshot::text(steps.get(i).unwrap(), 3).unwrap_or_default();
    let id = |i: usize, cell: usize| snapshot::text(steps.get(i).unwrap(), cell).unwrap_or_default();
    let kept: Vec<String> = (0..steps.len())
        .filter_map(|i| {
            detail(i)
                .strip_prefix("SEARCH ")
                .filter(|text| text.contains("AUTOMATIC"))
                .map(|text| text.split(' ').next().unwrap_or_default().to_owned())
        })
        .collect();
    for i in 0..steps.len() {
        if !detail(i).starts_with("SCAN t") {
            continue;
        }
        let mut at = i;
        while let Some(parent) = (0..steps.len()).find(|p| id(*p, 0) == id(at, 1)) {
            let text = detail(parent);
            let once = text
                .strip_prefix("CO-ROUTINE ")
                .is_some_and(|name| kept.iter().any(|k| k == name));
            if text.starts_with("MATERIALIZE") || text.starts_with("LIST SUBQUERY") || once {
                break;
            }
            if text.starts_with("CORRELATED") {
                return Some(detail(i));
            }
            at = parent;
        }
    }
    None
}

#[tokio::test]
async fn large_queries_are_answered_or_refused() {
    let project = Project::filled(true).await;
    let cx = project.cx().await;
    let many: Vec<Json> = (0..2_000).map(|i| json!({"name": {"_eq": format!("n{i}")}})).collect();
    let answer = items::list(
        &cx,
        "authors",
        &parsed(&json!({"filter": {"_or": many}, "fields": "id"})),
    )
    .await
    .unwrap();
    assert_eq!(answer.data.unwrap(), b"[]");
    let related: Vec<Json> = (0..500)
        .map(|i| json!({"articles": {"title": {"_eq": format!("n{i}")}}}))
        .collect();
    let error = items::list(&cx, "authors", &parsed(&json!({"filter": {"_or": related}})))
        .await
        .unwrap_err();
    assert_eq!(error.code(), aedile_engine::Code::InvalidQuery);
    for depth in 1..=10 {
        let fields = vec!["*"; depth].join(".");
        match items::list(&cx, "directus_users", &parsed(&json!({ "fields": fields }))).await {
            Ok(_) => {}
            Err(error) => assert_eq!(error.code(), aedile_engine::Code::InvalidQuery, "{depth}: {error}"),
        }
    }
}
