//! Imports and exports through the door: what each caller may not do, and that a refusal leaves nothing.

use aedile_engine::Json;
use axum::http::StatusCode;
use serde_json::json;

use crate::{
    export::tests::{NARROW, Things},
    fixture::{ADMIN, Told, send},
};

/// A form with one file.
async fn import(things: &Things, token: &str, collection: &str, kind: &str, text: &str) -> Told {
    let body = format!(
        "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\nContent-Type: {kind}\r\n\r\n{text}\r\n--X--\r\n"
    );
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "multipart/form-data; boundary=X"),
    ];
    let headers = if token.is_empty() { &headers[1..] } else { &headers[..] };
    let path = format!("/utils/import/{collection}");
    send(&things.router, "POST", &path, headers, &body).await
}

/// Everything there is, as an administrator sees it.
async fn all(things: &Things) -> Json {
    things
        .ask(ADMIN, "GET", "/items/things?limit=-1&sort=id", "")
        .await
        .data()
}

/// Grants the narrow user one more thing.
async fn grant(things: &Things, permission: Json) {
    let policies = things
        .ask(ADMIN, "GET", "/policies?filter[name][_eq]=narrow", "")
        .await
        .data();
    let mut permission = permission;
    permission["policy"] = policies[0]["id"].clone();
    let told = things.ask(ADMIN, "POST", "/permissions", &permission.to_string()).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
}

#[tokio::test]
async fn an_import_is_judged_like_any_write() {
    let things = Things::new().await;
    let before = all(&things).await;
    let refused = async |token: &str, collection: &str, text: &str| {
        let told = import(&things, token, collection, "text/csv", text).await;
        assert_eq!(
            (told.status, told.code().as_str()),
            (StatusCode::FORBIDDEN, "FORBIDDEN"),
            "{collection}: {text}"
        );
        assert!(!told.body.contains("rows"), "{}", told.body);
    };
    for token in ["", NARROW] {
        for collection in [
            "things",
            "nothing",
            "directus_users",
            "directus_sessions",
            "directus_fields",
        ] {
            refused(token, collection, "name\nx\n").await;
        }
    }
    for closed in [
        "directus_sessions",
        "directus_fields",
        "directus_activity",
        "aedile_meta",
    ] {
        refused(ADMIN, closed, "name\nx\n").await;
    }
    grant(&things, json!({"collection": "things", "action": "create", "fields": ["name", "open"], "validation": {"name": {"_neq": "bad"}}})).await;
    refused(NARROW, "things", "name\nx\n").await;
    grant(
        &things,
        json!({"collection": "things", "action": "update", "fields": ["name"], "permissions": {"id": {"_lte": 4}}}),
    )
    .await;
    // Fields that are not granted and names that are none are alike; so are rows that are not and keys of no row.
    for text in [
        "name,note\nx,y\n",
        "name,nothing\nx,y\n",
        "id,name\n6,x\n",
        "id,name\n4000,x\n",
    ] {
        refused(NARROW, "things", text).await;
    }
    // What came before the row that is refused is not stored, either.
    refused(NARROW, "things", "name,id\nnew,\nchanged,4\nhers,6\n").await;
    assert_eq!(all(&things).await, before);
    let told = import(&things, NARROW, "things", "text/csv", "name,id\nnew,\nchanged,4\n").await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    let after = all(&things).await;
    assert_eq!(after[3]["name"], "changed");
    assert_eq!(
        (after[101]["name"].clone(), after[101]["id"].clone()),
        (json!("new"), json!(102))
    );
}

#[tokio::test]
async fn rows_that_fail_are_told_and_nothing_is_stored() {
    let things = Things::new().await;
    grant(
        &things,
        json!({"collection": "things", "action": "create", "fields": ["*"], "validation": {"name": {"_neq": "bad"}}}),
    )
    .await;
    grant(
        &things,
        json!({"collection": "things", "action": "update", "fields": ["*"]}),
    )
    .await;
    let before = all(&things).await;
    let told = import(
        &things,
        NARROW,
        "things",
        "application/json",
        "[{\"name\":\"bad\"},{\"name\":\"good\"},{\"name\":\"bad\"}]",
    )
    .await;
    assert_eq!(
        (told.status, told.code().as_str()),
        (StatusCode::BAD_REQUEST, "FAILED_VALIDATION")
    );
    assert_eq!(
        told.json()["errors"][0]["extensions"]["rows"],
        json!([{"type": "lines", "rows": [1, 3]}])
    );
    for (kind, text, status, code) in [
        (
            "text/csv",
            "name,open\nx,maybe\n",
            StatusCode::BAD_REQUEST,
            "INVALID_PAYLOAD",
        ),
        ("text/csv", "name\na\nb,c\n", StatusCode::BAD_REQUEST, "INVALID_PAYLOAD"),
        (
            "application/json",
            "[{\"name\":\"a\"}",
            StatusCode::BAD_REQUEST,
            "INVALID_PAYLOAD",
        ),
        (
            "text/plain",
            "name\na\n",
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
    ] {
        for token in [ADMIN, NARROW] {
            let told = import(&things, token, "things", kind, text).await;
            assert_eq!(
                (told.status, told.code().as_str()),
                (status, code),
                "{text}: {}",
                told.body
            );
        }
    }
    assert_eq!(all(&things).await, before);
    let large = format!("name\n{}\n", "x".repeat(Things::IMPORT_BYTES));
    let told = import(&things, ADMIN, "things", "text/csv", &large).await;
    assert_eq!(
        (told.status, told.code().as_str()),
        (StatusCode::PAYLOAD_TOO_LARGE, "CONTENT_TOO_LARGE")
    );
    assert_eq!(all(&things).await, before);
}

#[tokio::test]
async fn what_was_exported_can_be_imported() {
    let things = Things::new().await;
    for (export, kind) in [
        ("csv_utf8", "text/csv"),
        ("csv", "text/csv"),
        ("json", "application/json"),
    ] {
        let before = all(&things).await;
        let file = things
            .ask(ADMIN, "GET", &format!("/items/things?limit=-1&export={export}"), "")
            .await
            .body;
        let told = things
            .ask(
                ADMIN,
                "PATCH",
                "/items/things",
                &json!({"query": {"limit": -1}, "data": {"name": "lost", "open": null}}).to_string(),
            )
            .await;
        assert_eq!(told.status, StatusCode::OK);
        let told = import(&things, ADMIN, "things", kind, &file).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.body);
        assert_eq!(all(&things).await, before, "{export}");
    }
}

#[tokio::test]
async fn an_export_to_nowhere_is_judged_first() {
    let things = Things::new().await;
    let ask = async |token: &str, collection: &str, body: Json| {
        let told = things
            .ask(token, "POST", &format!("/utils/export/{collection}"), &body.to_string())
            .await;
        told.code()
    };
    let of = |fields: &str| json!({"format": "csv", "query": {"fields": [fields]}, "file": {}});
    assert_eq!(ask(ADMIN, "things", of("note")).await, "SERVICE_UNAVAILABLE");
    assert_eq!(ask(NARROW, "things", of("open")).await, "FORBIDDEN");
    assert_eq!(ask(ADMIN, "nothing", of("note")).await, "FORBIDDEN");
    assert_eq!(ask(NARROW, "directus_users", of("email")).await, "FORBIDDEN");
    assert_eq!(
        ask(ADMIN, "things", json!({"format": "csv", "query": {}})).await,
        "INVALID_PAYLOAD"
    );
    assert_eq!(
        ask(ADMIN, "things", json!({"format": "doc", "query": {}, "file": {}})).await,
        "INVALID_QUERY"
    );
}
