//! The Studio's page and files over the door, and what it begins with for those who may know little.

use aedile_platform::config::Settings;
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{accepts, base};
use crate::{
    fixture::{ADMIN, Told, send, state},
    router,
};

async fn get(settings: Settings, path: &str) -> Told {
    let (state, _folder) = state(settings).await;
    send(&router(state), "GET", path, &[], "").await
}

#[tokio::test]
async fn every_address_below_it_answers_with_the_page() {
    for path in ["/admin", "/admin/", "/admin/content/posts/1"] {
        let told = get(Settings::default(), path).await;
        assert_eq!(told.status, StatusCode::OK, "{path}");
        assert!(told.header("content-type").starts_with("text/html"), "{path}");
        assert_eq!(told.header("cache-control"), "no-cache", "{path}");
        let policy = told.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
    }
}

#[tokio::test]
async fn a_file_that_is_missing_is_no_page() {
    let told = get(Settings::default(), "/admin/assets/none.js").await;
    assert_eq!(
        (told.status, told.code().as_str()),
        (StatusCode::NOT_FOUND, "ROUTE_NOT_FOUND")
    );
}

#[tokio::test]
async fn switched_off_it_is_not_there() {
    let settings = Settings {
        serve_app: false,
        ..Settings::default()
    };
    let told = get(settings, "/admin").await;
    assert_eq!(
        (told.status, told.code().as_str()),
        (StatusCode::NOT_FOUND, "ROUTE_NOT_FOUND")
    );
}

#[test]
fn encodings_are_taken_only_by_who_asks_for_them() {
    assert!(accepts("gzip, deflate, br", "br"));
    assert!(accepts("BR;q=0.5", "br"));
    assert!(!accepts("br;q=0", "br"));
    assert!(!accepts("gzip, brotli", "br"));
    assert!(!accepts("*", "br"));
}

#[test]
fn it_stands_where_the_public_address_leads() {
    for (public, wanted) in [
        ("/", "/admin/"),
        ("https://cms.example", "/admin/"),
        ("https://cms.example/base", "/base/admin/"),
        ("https://cms.example/a/b/", "/a/b/admin/"),
    ] {
        assert_eq!(base(public), wanted, "{public}");
    }
}

/// A router, and how it is asked with a token.
async fn boot_of(policy: Option<Value>) -> (Value, Value) {
    let (state, _folder) = state(Settings::default()).await;
    let router = router(state);
    let bearer = format!("Bearer {ADMIN}");
    let admin = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    for (path, body) in [
        (
            "/collections",
            json!({ "collection": "open", "meta": {}, "schema": {} }),
        ),
        (
            "/collections",
            json!({ "collection": "shut", "meta": {}, "schema": {} }),
        ),
        (
            "/users",
            json!({ "token": "narrow-token", "policies": policy.map(|policy| json!([{ "policy": policy }])).unwrap_or(json!([])) }),
        ),
    ] {
        let told = send(&router, "POST", path, &admin, &body.to_string()).await;
        assert!(told.status.is_success(), "{path}: {}", told.body);
    }
    let boot = async |token: &str| {
        let bearer = format!("Bearer {token}");
        send(
            &router,
            "GET",
            "/studio/boot",
            &[("authorization", bearer.as_str())],
            "",
        )
        .await
        .data()
    };
    (boot("narrow-token").await, boot(ADMIN).await)
}

#[tokio::test]
async fn the_public_is_told_nothing() {
    let told = get(Settings::default(), "/studio/boot").await;
    assert_eq!(
        (told.status, told.code().as_str()),
        (StatusCode::FORBIDDEN, "FORBIDDEN")
    );
}

#[tokio::test]
async fn who_has_no_policy_learns_that_they_are_somebody() {
    let (told, _) = boot_of(None).await;
    for (part, wanted) in [
        ("collections", json!([])),
        ("fields", json!([])),
        ("relations", json!([])),
        ("permissions", json!({})),
        ("user", Value::Null),
        ("settings", Value::Null),
        ("presets", Value::Null),
        ("roles", json!([])),
        (
            "globals",
            json!({ "app_access": false, "admin_access": false, "enforce_tfa": false }),
        ),
    ] {
        assert_eq!(told[part], wanted, "{part}");
    }
}

#[tokio::test]
async fn who_reads_one_collection_is_told_of_that_one() {
    let policy = json!({ "name": "narrow", "app_access": true,
        "permissions": [{ "collection": "open", "action": "read", "fields": ["id"], "permissions": {} }] });
    let (told, whole) = boot_of(Some(policy)).await;
    let names = |told: &Value, part: &str, key: &str| -> Vec<String> {
        told[part]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry[key].as_str().unwrap().to_owned())
            .collect()
    };
    let collections = names(&told, "collections", "collection");
    assert!(collections.contains(&"open".to_owned()) && !collections.contains(&"shut".to_owned()));
    assert!(names(&whole, "collections", "collection").contains(&"shut".to_owned()));
    assert!(!names(&told, "fields", "collection").contains(&"shut".to_owned()));
    assert!(told["permissions"].get("shut").is_none() && told["permissions"].get("open").is_some());
    assert_eq!(told["globals"]["app_access"], json!(true));
    assert!(!told.to_string().contains("shut"));
}

#[tokio::test]
async fn changes_are_told_of_what_is_read_whole_and_of_nothing_else() {
    let (state, _folder) = state(Settings::default()).await;
    let router = router(state);
    let as_admin = async |method: &str, path: &str, body: Value| {
        let bearer = format!("Bearer {ADMIN}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let told = send(&router, method, path, &headers, &body.to_string()).await;
        assert!(told.status.is_success(), "{path}: {}", told.body);
    };
    for name in ["whole", "partly", "shut"] {
        let field = json!({ "field": "title", "type": "string", "schema": {}, "meta": {} });
        as_admin(
            "POST",
            "/collections",
            json!({ "collection": name, "meta": {}, "schema": {}, "fields": [field] }),
        )
        .await;
    }
    let read =
        |name: &str, rule: Value| json!({ "collection": name, "action": "read", "fields": ["*"], "permissions": rule });
    let policy = json!({ "name": "narrow", "app_access": true,
        "permissions": [read("whole", json!({})), read("partly", json!({ "title": { "_eq": "mine" } }))] });
    as_admin(
        "POST",
        "/users",
        json!({ "token": "narrow-token", "policies": [{ "policy": policy }] }),
    )
    .await;
    let look = async || {
        send(
            &router,
            "GET",
            "/studio/changes",
            &[("authorization", "Bearer narrow-token")],
            "",
        )
        .await
        .data()
    };
    let before = look().await;
    assert!(before["collections"].get("whole").is_some());
    for hidden in ["partly", "shut", "directus_users", "directus_permissions"] {
        assert!(before["collections"].get(hidden).is_none(), "{hidden}");
    }
    for name in ["partly", "shut"] {
        as_admin("POST", &format!("/items/{name}"), json!({ "title": "theirs" })).await;
    }
    as_admin("POST", "/policies", json!({ "name": "of others" })).await;
    as_admin("PATCH", "/collections/shut", json!({ "meta": { "note": "changed" } })).await;
    assert_eq!(look().await, before, "a change that is not to be known was told");
    as_admin("POST", "/items/whole", json!({ "title": "for all" })).await;
    let after = look().await;
    assert_ne!(after["collections"]["whole"], before["collections"]["whole"]);
    assert_eq!(after["model"], before["model"]);
    as_admin("PATCH", "/collections/whole", json!({ "meta": { "note": "changed" } })).await;
    assert_ne!(look().await["model"], before["model"]);
}

#[tokio::test]
async fn of_changes_the_public_is_told_nothing() {
    let told = get(Settings::default(), "/studio/changes").await;
    assert_eq!(
        (told.status, told.code().as_str()),
        (StatusCode::FORBIDDEN, "FORBIDDEN")
    );
}

#[tokio::test]
async fn an_administrator_sees_the_studio_as_the_public_would_with_what_the_public_reads() {
    let (state, _folder) = state(Settings::default()).await;
    let router = router(state);
    let bearer = format!("Bearer {ADMIN}");
    let admin = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let field = |name: &str| json!({ "field": name, "type": "string", "schema": {}, "meta": {} });
    let mut view = String::new();
    for (path, body) in [
        (
            "/collections",
            json!({ "collection": "open", "meta": {}, "schema": {}, "fields": [field("title"), field("secret")] }),
        ),
        (
            "/collections",
            json!({ "collection": "shut", "meta": {}, "schema": {} }),
        ),
        (
            "/policies",
            json!({ "name": "for all", "roles": [{ "role": null }],
                "permissions": [{ "collection": "open", "action": "read", "fields": ["title"], "permissions": {} }] }),
        ),
        ("/access/views", json!({ "public": true })),
    ] {
        let told = send(&router, "POST", path, &admin, &body.to_string()).await;
        assert!(told.status.is_success(), "{path}: {}", told.body);
        view = told.data()["id"].as_str().unwrap_or_default().to_owned();
    }
    let viewed = [("authorization", bearer.as_str()), ("aedile-view", view.as_str())];
    let boot = send(&router, "GET", "/studio/boot", &viewed, "").await;
    assert_eq!(boot.status, StatusCode::OK, "{}", boot.body);
    let told = boot.data();
    let entries = |part: &str| told[part].as_array().unwrap().clone();
    assert_eq!(entries("collections").len(), 1, "{told}");
    let fields: Vec<Value> = entries("fields").iter().map(|own| own["field"].clone()).collect();
    assert_eq!(fields, [json!("title")]);
    assert_eq!(
        (&told["user"], &told["globals"], &told["settings"]),
        (&Value::Null, &json!({ "app_access": false }), &Value::Null)
    );
    let changes = send(&router, "GET", "/studio/changes", &viewed, "").await.data();
    assert_eq!(changes["collections"], json!({}), "read in part");
    for (path, headers) in [("/studio/boot", &viewed[1..]), ("/collections", &viewed[..])] {
        let told = send(&router, "GET", path, headers, "").await;
        assert_eq!(told.status, StatusCode::FORBIDDEN, "{path}");
    }
}
