//! What is stored of hashed fields is a hash, whoever says the value: the body, a permission's preset, or the field's default.

use aedile_engine::{
    Code, Error,
    access::Caller,
    query::Query,
    sql::{Dialect, Sql},
    value::Param,
};
use serde_json::{Value as Json, json};
use std::sync::Arc;

use super::Project;
use crate::{
    Cx, Origin,
    import::{Format, Import},
    items, model,
};

/// Safes with a code and boxes in them, each with a pin that has a default.
async fn project() -> Project {
    let project = Project::new().await;
    let key = json!({"field": "id", "type": "integer", "schema": {"is_primary_key": true, "has_auto_increment": true}});
    let hash = |name: &str, default: Json| json!({"field": name, "type": "hash", "meta": {"special": ["hash"]}, "schema": {"default_value": default}});
    let collections = json!([
        {"collection": "safes", "schema": {}, "meta": {}, "fields": [key, {"field": "name", "type": "string"}, hash("code", Json::Null), {"field": "boxes", "type": "alias", "meta": {"special": ["o2m"]}}]},
        {"collection": "boxes", "schema": {}, "meta": {}, "fields": [key, {"field": "safe", "type": "integer"}, hash("pin", json!("0000"))]},
    ]);
    let relation =
        json!({"collection": "boxes", "field": "safe", "related_collection": "safes", "meta": {"one_field": "boxes"}});
    project
        .app
        .db()
        .write_ddl(move |tx| {
            Box::pin(async move {
                let made = model::Request::CreateCollections { input: collections };
                model::change::carry_out(tx, &made).await?;
                let made = model::Request::CreateRelation { input: relation };
                model::change::carry_out(tx, &made).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    project
}

/// A user whose permissions fill codes and pins in.
async fn keeper(project: &Project, code: &str) -> Cx {
    let cx = project.cx().await;
    let may = |collection: &str, action: &str, presets: Json| json!({"collection": collection, "action": action, "permissions": {}, "fields": ["id", "name", "boxes", "safe"], "presets": presets});
    let permissions = json!([
        may("safes", "read", Json::Null),
        may("boxes", "read", Json::Null),
        may("safes", "create", json!({"code": code})),
        may("safes", "update", json!({"code": "changed"})),
        may("boxes", "create", Json::Null),
        may("boxes", "update", json!({"pin": "moved"})),
    ]);
    let policy = json!({"name": "keeping", "permissions": {"create": permissions, "update": [], "delete": []}});
    let user = json!({"first_name": "Ann", "policies": [{"policy": policy}]});
    let made = items::create(&cx, "directus_users", user, &Query::default())
        .await
        .unwrap();
    let made: Json = serde_json::from_slice(&made.data.unwrap()).unwrap();
    let id = made["id"].as_str().unwrap().to_owned();
    let caller = Caller::User {
        id,
        role: None,
        ip: None,
    };
    let snapshot = project.cx().await.snapshot;
    project.app.cx(snapshot, caller, Origin::default(), 0)
}

/// What is stored.
async fn stored(project: &Project, text: &'static str) -> Vec<Option<String>> {
    let mut sql = Sql::new(Dialect::Sqlite);
    sql.push(text);
    let rows = project
        .app
        .db()
        .fetch(Arc::new(sql.finish(Vec::new())), Vec::new())
        .await
        .unwrap();
    rows.into_iter()
        .map(|row| match row.into_iter().next() {
            Some(Param::Text(text)) => Some(text),
            _ => None,
        })
        .collect()
}

async fn codes(project: &Project) -> Vec<Option<String>> {
    stored(project, "select code from safes order by id").await
}

async fn pins(project: &Project) -> Vec<Option<String>> {
    stored(project, "select pin from boxes order by id").await
}

fn hashed(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| Some(format!("hashed {value}"))).collect()
}

async fn make(cx: &Cx, collection: &str, item: Json) -> Result<(), Error> {
    items::create(cx, collection, item, &Query::default()).await.map(drop)
}

#[tokio::test]
async fn presets_are_hashed_however_an_item_is_written() {
    let project = project().await;
    let cx = keeper(&project, "sesame").await;
    make(&cx, "safes", json!({"name": "a"})).await.unwrap();
    make(&cx, "safes", json!([{"name": "b"}, {"name": "c"}])).await.unwrap();
    assert_eq!(codes(&project).await, hashed(&["sesame"; 3]));
    // Within another item, on either side of the relation.
    make(&cx, "boxes", json!({"safe": {"name": "d"}})).await.unwrap();
    assert_eq!(codes(&project).await, hashed(&["sesame"; 4]));
    let one = json!({"name": "a!"});
    items::update_one(&cx, "safes", "1", one, &Query::default())
        .await
        .unwrap();
    assert_eq!(
        codes(&project).await,
        hashed(&["changed", "sesame", "sesame", "sesame"])
    );
    let all = json!({"query": {"filter": {"name": {"_in": ["b", "c"]}}}, "data": {"name": "e"}});
    items::update_many(&cx, "safes", all, &Query::default()).await.unwrap();
    let each = json!([{"id": 4, "name": "f"}]);
    items::update_many(&cx, "safes", each, &Query::default()).await.unwrap();
    assert_eq!(codes(&project).await, hashed(&["changed"; 4]));
    let mut import = Import::begin(&cx, "safes").unwrap();
    import.take(b"name\ng\nh\n").unwrap();
    import.run(Format::Csv).await.unwrap();
    assert_eq!(codes(&project).await[4..], hashed(&["sesame"; 2]));
}

#[tokio::test]
async fn presets_of_items_that_are_named_by_their_keys_are_hashed() {
    let project = project().await;
    let cx = keeper(&project, "sesame").await;
    make(&cx, "boxes", json!([{}, {}])).await.unwrap();
    make(&cx, "safes", json!({"name": "a", "boxes": [1, 2]})).await.unwrap();
    assert_eq!(pins(&project).await, hashed(&["moved"; 2]));
    make(
        &cx,
        "safes",
        json!({"name": "b", "boxes": {"create": [{}], "update": [{"id": 1}], "delete": []}}),
    )
    .await
    .unwrap();
    assert_eq!(pins(&project).await, hashed(&["moved", "moved", "0000"]));
    items::update_one(&cx, "safes", "2", json!({"boxes": []}), &Query::default())
        .await
        .unwrap();
    assert_eq!(pins(&project).await, hashed(&["moved"; 3]));
}

#[tokio::test]
async fn defaults_and_everything_that_is_sent_are_hashed() {
    let project = project().await;
    let cx = project.cx().await;
    make(&cx, "boxes", json!([{}, {"pin": "1"}, {"pin": 12}, {"pin": true}]))
        .await
        .unwrap();
    make(&cx, "safes", json!({"name": "a", "boxes": {"create": [{}]}}))
        .await
        .unwrap();
    assert_eq!(pins(&project).await, hashed(&["0000", "1", "12", "true", "0000"]));
    make(&cx, "boxes", json!([{"pin": null}, {"pin": ""}])).await.unwrap();
    assert_eq!(pins(&project).await[5..], [None, None]);
    for pin in [json!(["1"]), json!({"a": 1})] {
        let refused = make(&cx, "boxes", json!({"pin": pin})).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidPayload);
    }
    assert_eq!(codes(&project).await, [None]);
    assert_eq!(pins(&project).await.len(), 7);
}

#[tokio::test]
async fn what_cannot_be_hashed_beforehand_is_not_stored() {
    let project = project().await;
    for code in ["$CURRENT_USER", "$NOW", "$CURRENT_USER.first_name"] {
        let cx = keeper(&project, code).await;
        let refused = make(&cx, "safes", json!({"name": "a"})).await.unwrap_err();
        assert_eq!(refused.code(), Code::UnprocessableContent, "{code}");
    }
    assert!(codes(&project).await.is_empty());
}
