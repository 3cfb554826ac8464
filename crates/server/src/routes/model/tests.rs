//! Changes of the model through the door: what history keeps of them.

use aedile_engine::Json;
use axum::http::StatusCode;
use serde_json::json;

use crate::{
    export::tests::{NARROW, Things},
    fixture::ADMIN,
};

/// What history has of the model since the beginning: action, collection, item, delta.
async fn history(things: &Things) -> Vec<Json> {
    let path = "/activity?limit=-1&sort=id&fields=action,collection,item,revisions.delta,user.email\
                &filter[collection][_in]=directus_collections,directus_fields,directus_relations";
    let told = things.ask(ADMIN, "GET", path, "").await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    told.data().as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn changes_of_the_model_are_remembered_and_refused_ones_are_not() {
    let things = Things::new().await;
    let begun = history(&things).await;
    let made = begun.iter().filter(|row| row["action"] == "create");
    assert_eq!(made.count(), 6, "a collection and its five fields: {begun:?}");
    assert!(begun.iter().all(|row| row["user"]["email"] == "admin@example.com"));
    for (token, method, path, body) in [
        (NARROW, "PATCH", "/fields/things/name", json!({"meta": {"note": "x"}})),
        (ADMIN, "PATCH", "/fields/nothing/name", json!({"meta": {"note": "x"}})),
        (
            ADMIN,
            "POST",
            "/collections",
            json!([{"collection": "other", "meta": {}, "schema": {}}, {"collection": "things", "meta": {}, "schema": {}}]),
        ),
    ] {
        let told = things.ask(token, method, path, &body.to_string()).await;
        assert!(told.status.is_client_error(), "{path}: {}", told.status);
    }
    assert_eq!(history(&things).await, begun);
    let body = json!({"meta": {"note": "Told"}}).to_string();
    things.ask(ADMIN, "PATCH", "/fields/things/name", &body).await;
    things.ask(ADMIN, "DELETE", "/fields/things/note", "").await;
    let more = history(&things).await.split_off(begun.len());
    let brief: Vec<Json> = more
        .iter()
        .map(|row| json!([row["action"], row["collection"], row["revisions"][0]["delta"]]))
        .collect();
    assert_eq!(
        brief,
        [
            json!(["update", "directus_fields", {"note": "Told"}]),
            json!(["delete", "directus_fields", null]),
        ]
    );
}
