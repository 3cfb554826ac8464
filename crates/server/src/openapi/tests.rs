//! The description: whole for administrators, and for others nothing of what they may not reach.

use std::collections::BTreeSet;

use aedile_engine::Json;
use aedile_platform::config::Settings;
use axum::http::StatusCode;
use serde_json::json;

use crate::{
    export::tests::{NARROW, Things},
    fixture::{ADMIN, send, state},
    router,
};

const PATH: &str = "/server/specs/oas";

async fn told(things: &Things, token: &str) -> Json {
    let told = if token.is_empty() {
        send(&things.router, "GET", PATH, &[], "").await
    } else {
        things.ask(token, "GET", PATH, "").await
    };
    assert_eq!(told.status, StatusCode::OK);
    told.json()
}

fn paths(told: &Json) -> BTreeSet<&str> {
    told["paths"].as_object().unwrap().keys().map(String::as_str).collect()
}

fn methods(told: &Json, path: &str) -> String {
    let methods = told["paths"][path]
        .as_object()
        .map(|methods| methods.keys().cloned().collect::<Vec<_>>());
    methods.unwrap_or_default().join(" ")
}

/// Calls `each` with every object of a document.
fn walk(value: &Json, each: &mut dyn FnMut(&aedile_engine::Object)) {
    match value {
        Json::Object(object) => {
            each(object);
            object.values().for_each(|value| walk(value, each));
        }
        Json::Array(list) => list.iter().for_each(|value| walk(value, each)),
        _ => {}
    }
}

/// What tools choke on: references to nothing, and operations that share a name.
fn check(told: &Json) {
    let (mut references, mut operations) = (Vec::new(), Vec::new());
    walk(told, &mut |object| {
        references.extend(object.get("$ref").and_then(Json::as_str).map(str::to_owned));
        operations.extend(object.get("operationId").and_then(Json::as_str).map(str::to_owned));
    });
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(told.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let different: BTreeSet<&String> = operations.iter().collect();
    assert_eq!(different.len(), operations.len(), "{operations:?}");
    assert!(!operations.is_empty());
}

#[tokio::test]
async fn an_administrator_is_told_everything_that_is_served() {
    let things = Things::new().await;
    // Names that become one word in one way or another.
    for name in ["blog_posts", "blogPosts", "blog__posts"] {
        let body = json!({"collection": name, "meta": {"singleton": name == "blogPosts"}, "schema": {}});
        let made = things.ask(ADMIN, "POST", "/collections", &body.to_string()).await;
        assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    }
    let told = told(&things, ADMIN).await;
    check(&told);
    assert_eq!(methods(&told, "/items/things"), "delete get patch post");
    assert_eq!(methods(&told, "/items/things/{id}"), "delete get patch");
    assert_eq!(
        (
            methods(&told, "/items/blogPosts").as_str(),
            methods(&told, "/items/blogPosts/{id}").as_str()
        ),
        ("get patch", "")
    );
    for path in [
        "/users",
        "/permissions/{id}",
        "/collections/{collection}",
        "/utils/audit",
        "/utils/cache/clear",
        "/access/explain",
        "/auth/login",
    ] {
        assert!(paths(&told).contains(path), "{path}");
    }
}

#[tokio::test]
async fn others_are_told_what_they_may_do_and_no_more() {
    let things = Things::new().await;
    let hidden = json!({"collection": "plans", "meta": {}, "schema": {}});
    things.ask(ADMIN, "POST", "/collections", &hidden.to_string()).await;
    let narrow = told(&things, NARROW).await;
    check(&narrow);
    assert_eq!(methods(&narrow, "/items/things"), "get");
    assert_eq!(methods(&narrow, "/items/things/{id}"), "get");
    let fields = narrow["components"]["schemas"]["ItemsThings"]["properties"]
        .as_object()
        .unwrap();
    let fields: Vec<&str> = fields.keys().map(String::as_str).collect();
    assert_eq!(fields, ["id", "name", "code", "note"], "not `open`");
    let public = told(&things, "").await;
    check(&public);
    assert!(public["components"]["schemas"].get("ItemsThings").is_none());
    for (told, who) in [(&narrow, "narrow"), (&public, "public")] {
        let text = told.to_string();
        for word in [
            "plans",
            "Plans",
            "directus_",
            "cache",
            "/access/",
            "/extensions",
            "permissions\"",
            "/users\"",
            "/users/{id}",
        ] {
            assert!(!text.contains(word), "{who} is told of {word}");
        }
        for (path, methods) in told["paths"].as_object().unwrap() {
            let writes = methods.as_object().unwrap().keys().any(|method| method != "get");
            let open = [
                "/auth/",
                "/users/me",
                "/users/invite/accept",
                "/users/register",
                "/utils/hash",
                "/utils/export",
                "/server/setup",
            ];
            assert!(
                !writes || open.iter().any(|start| path.starts_with(start)),
                "{who} is told to write to {path}"
            );
        }
    }
    assert!(
        !public.to_string().contains("hings"),
        "the public may do nothing with things"
    );
    assert!(paths(&narrow).contains("/users/me") && !paths(&public).contains("/users/me"));
}

#[tokio::test]
async fn the_description_can_be_switched_off() {
    let settings = Settings {
        openapi: false,
        ..Settings::default()
    };
    let (state, _folder) = state(settings).await;
    let told = send(&router(state), "GET", PATH, &[], "").await;
    assert_eq!(
        (told.status, told.code().as_str()),
        (StatusCode::NOT_FOUND, "ROUTE_NOT_FOUND")
    );
}
