//! Views against what the viewed caller gets with its own token.

use aedile_engine::Json;
use axum::http::StatusCode;
use serde_json::json;

use super::project::{ADMIN, LONER, OTHER_ADMIN, Project, READER, WRITER};

/// Reading of every kind.
const READING: [(&str, &str); 26] = [
    ("GET", "/items/articles"),
    ("GET", "/items/articles?fields=id,price&sort=-price&meta=*"),
    ("GET", "/items/articles?filter[price][_eq]=5"),
    ("GET", "/items/articles?aggregate[count]=*"),
    ("GET", "/items/articles?search=one&export=csv"),
    ("GET", "/items/articles/1"),
    ("GET", "/items/articles/2"),
    ("GET", "/items/articles/4"),
    ("GET", "/items/authors?fields=*"),
    ("GET", "/items/nowhere"),
    ("SEARCH", "/items/articles"),
    ("HEAD", "/items/articles"),
    ("GET", "/users"),
    ("GET", "/users/me"),
    ("GET", "/roles/me"),
    ("GET", "/permissions/me"),
    ("GET", "/permissions/me/articles/1"),
    ("GET", "/policies/me/globals"),
    ("GET", "/permissions"),
    ("GET", "/collections"),
    ("GET", "/fields/articles"),
    ("GET", "/relations"),
    ("GET", "/server/info"),
    ("GET", "/access"),
    ("GET", "/activity?fields=action,collection&filter[action][_neq]=view"),
    ("GET", "/settings"),
];

#[tokio::test]
async fn a_view_answers_what_the_viewed_caller_gets() {
    let project = Project::new().await;
    for token in [Some(WRITER), Some(READER), Some(LONER), Some(OTHER_ADMIN), None] {
        let who = if token == Some(OTHER_ADMIN) {
            json!({ "user": "other@example.com" })
        } else {
            project.who(token)
        };
        let view = project.view(&who).await;
        for (method, path) in READING {
            let body = if method == "SEARCH" {
                json!({ "query": { "fields": ["title", "owner"] } })
            } else {
                Json::Null
            };
            let own = project.ask(token, method, path, &body).await;
            let seen = project.seen(ADMIN, &view, method, path, &body).await;
            assert_eq!(
                (own.status, &own.body),
                (seen.status, &seen.body),
                "{token:?} {method} {path}"
            );
        }
    }
    // Anybody of a role owns nothing, and sees what the role's rules say.
    let view = project.view(&json!({ "role": "Writers" })).await;
    let seen = project
        .seen(ADMIN, &view, "GET", "/items/articles?fields=id", &Json::Null)
        .await;
    assert_eq!(seen.data(), json!([{ "id": 1 }, { "id": 3 }]));
}

#[tokio::test]
async fn drafts_are_seen_before_they_are_stored() {
    let project = Project::new().await;
    let draft = json!({ "name": "Draft", "permissions": [{ "collection": "articles", "action": "read", "permissions": { "id": { "_lt": 3 } }, "fields": ["id"] }] });
    let view = project.view(&json!({ "policies": [draft] })).await;
    let seen = project.seen(ADMIN, &view, "GET", "/items/articles", &Json::Null).await;
    assert_eq!(seen.data(), json!([{ "id": 1 }, { "id": 2 }]));
    // The public policy counts for a user without a role, and the draft for the public where it is meant.
    assert_eq!(
        project
            .seen(ADMIN, &view, "GET", "/items/authors", &Json::Null)
            .await
            .data(),
        json!([{ "name": "Ada" }])
    );
    let view = project.view(&json!({ "public": true, "policies": [draft] })).await;
    assert_eq!(
        project
            .seen(ADMIN, &view, "GET", "/items/articles", &Json::Null)
            .await
            .data(),
        json!([{ "id": 1 }, { "id": 2 }])
    );
    assert_eq!(
        project.ask(None, "GET", "/items/articles", &Json::Null).await.code(),
        "FORBIDDEN"
    );
    let office = project.view(&json!({ "user": project.reader, "ip": "10.0.0.1" })).await;
    assert_eq!(
        project
            .seen(ADMIN, &office, "GET", "/items/authors", &Json::Null)
            .await
            .status,
        StatusCode::OK
    );
    let wrong = json!({ "policies": [{ "permissions": [{ "collection": "a", "action": "read", "permissions": { "x": "$OOPS" } }] }] });
    assert_eq!(
        project.ask(Some(ADMIN), "POST", "/access/views", &wrong).await.code(),
        "INVALID_PAYLOAD"
    );
}

#[tokio::test]
async fn nothing_is_written_in_a_view() {
    let project = Project::new().await;
    // As another administrator, to whom everything would be allowed.
    let view = project.view(&json!({ "user": "other@example.com" })).await;
    let state = || async {
        let mut whole = Vec::new();
        for path in [
            "/items/articles",
            "/items/authors",
            "/users?limit=-1",
            "/permissions?limit=-1",
            "/collections",
            "/activity?aggregate[count]=*",
            "/settings",
        ] {
            whole.push(project.ask(Some(ADMIN), "GET", path, &Json::Null).await.body);
        }
        whole
    };
    let before = state().await;
    let own = format!("/access/views/{view}");
    for path in [
        "/items/articles",
        "/items/articles/1",
        "/items/authors",
        "/users",
        "/users/me",
        "/users/me/track/page",
        "/users/register",
        "/users/invite",
        "/permissions",
        "/collections",
        "/collections/articles",
        "/fields/articles",
        "/settings",
        "/utils/hash/generate",
        "/utils/sort/articles",
        "/utils/cache/clear",
        "/auth/login",
        "/auth/logout",
        "/auth/refresh",
        "/access/explain",
        "/access/views",
        &own,
        "/nowhere",
        "/server/ping",
    ] {
        for method in ["POST", "PATCH", "PUT", "DELETE"] {
            let told = project
                .seen(
                    ADMIN,
                    &view,
                    method,
                    path,
                    &json!({ "title": "written", "last_page": "/x" }),
                )
                .await;
            assert_eq!(
                (told.status, told.code().as_str()),
                (StatusCode::FORBIDDEN, "FORBIDDEN"),
                "{method} {path}"
            );
        }
    }
    let verify = project
        .seen(ADMIN, &view, "GET", "/users/register/verify-email?token=x", &Json::Null)
        .await;
    assert_eq!(verify.code(), "FORBIDDEN");
    assert_eq!(before, state().await);
    let allowed = project
        .seen(ADMIN, &view, "OPTIONS", "/items/articles", &Json::Null)
        .await;
    assert_eq!(allowed.status, StatusCode::OK);
}

#[tokio::test]
async fn a_view_opens_nothing_to_anybody_else() {
    let project = Project::new().await;
    let view = project.view(&json!({ "user": project.writer })).await;
    let path = "/items/articles";
    assert_eq!(
        project
            .send("GET", path, &[("aedile-view", &view)], &Json::Null)
            .await
            .code(),
        "FORBIDDEN"
    );
    for token in [WRITER, READER, LONER, OTHER_ADMIN] {
        assert_eq!(
            project.seen(token, &view, "GET", path, &Json::Null).await.code(),
            "FORBIDDEN",
            "{token}"
        );
        let ended = project
            .ask(Some(token), "DELETE", &format!("/access/views/{view}"), &Json::Null)
            .await;
        assert_eq!(ended.code(), "FORBIDDEN", "{token}");
    }
    assert_eq!(
        project.seen("wrong", &view, "GET", path, &Json::Null).await.code(),
        "INVALID_CREDENTIALS"
    );
    for unknown in ["", "x", "00000000-0000-4000-8000-000000000000", "' or 1=1 --"] {
        assert_eq!(
            project.seen(ADMIN, unknown, "GET", path, &Json::Null).await.code(),
            "FORBIDDEN",
            "{unknown}"
        );
    }
    let bearer = format!("Bearer {ADMIN}");
    let twice = [
        ("authorization", bearer.as_str()),
        ("aedile-view", &view),
        ("aedile-view", &view),
    ];
    assert_eq!(project.send("GET", path, &twice, &Json::Null).await.code(), "FORBIDDEN");
    // The id is no token either.
    assert_eq!(
        project.ask(Some(&view), "GET", path, &Json::Null).await.code(),
        "INVALID_CREDENTIALS"
    );
    assert_eq!(
        project.seen(ADMIN, &view, "GET", path, &Json::Null).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_view_ends() {
    let project = Project::new().await;
    let path = "/items/articles";
    let told = project
        .ask(Some(ADMIN), "POST", "/access/views", &project.who(Some(WRITER)))
        .await;
    assert!(told.data()["expires"].as_str().unwrap().ends_with('Z'));
    let view = told.data()["id"].as_str().unwrap().to_owned();
    let ended = project
        .ask(Some(ADMIN), "DELETE", &format!("/access/views/{view}"), &Json::Null)
        .await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    assert_eq!(
        project.seen(ADMIN, &view, "GET", path, &Json::Null).await.code(),
        "FORBIDDEN"
    );
    let again = project
        .ask(Some(ADMIN), "DELETE", &format!("/access/views/{view}"), &Json::Null)
        .await;
    assert_eq!(again.code(), "FORBIDDEN");

    let view = project.view(&project.who(Some(WRITER))).await;
    let user = format!("/users/{}", project.writer);
    project
        .ask(Some(ADMIN), "PATCH", &user, &json!({ "status": "suspended" }))
        .await;
    assert_eq!(
        project.seen(ADMIN, &view, "GET", path, &Json::Null).await.code(),
        "FORBIDDEN"
    );
    let refused = project
        .ask(Some(ADMIN), "POST", "/access/views", &project.who(Some(WRITER)))
        .await;
    assert_eq!(refused.code(), "INVALID_PAYLOAD");
    let told = project
        .explained(&project.question(Some(WRITER), json!({ "collection": "articles", "action": "read" })))
        .await;
    assert_eq!(told["allowed"], false);

    let view = project.view(&project.who(Some(READER))).await;
    assert_eq!(
        project.seen(ADMIN, &view, "GET", path, &Json::Null).await.status,
        StatusCode::OK
    );
    project.execute("update aedile_views set expires = 1").await;
    assert_eq!(
        project.seen(ADMIN, &view, "GET", path, &Json::Null).await.code(),
        "FORBIDDEN"
    );
}

#[tokio::test]
async fn an_administrator_no_more_looks_no_more() {
    let project = Project::new().await;
    let made = project
        .ask(Some(OTHER_ADMIN), "POST", "/access/views", &project.who(Some(WRITER)))
        .await;
    let view = made.data()["id"].as_str().unwrap().to_owned();
    let path = "/items/articles";
    assert_eq!(
        project.seen(OTHER_ADMIN, &view, "GET", path, &Json::Null).await.status,
        StatusCode::OK
    );
    let other = project
        .ask(Some(OTHER_ADMIN), "GET", "/users/me?fields=id", &Json::Null)
        .await
        .data()["id"]
        .clone();
    let user = format!("/users/{}", other.as_str().unwrap());
    project
        .ask(Some(ADMIN), "PATCH", &user, &json!({ "role": project.writers }))
        .await;
    assert_eq!(
        project.seen(OTHER_ADMIN, &view, "GET", path, &Json::Null).await.code(),
        "FORBIDDEN"
    );
}

#[tokio::test]
async fn the_history_tells_who_looked_as_whom() {
    let project = Project::new().await;
    let view = project.view(&project.who(Some(WRITER))).await;
    let path = "/activity?filter[action][_eq]=view&fields=user,collection,item,revisions.data";
    let rows = project.ask(Some(ADMIN), "GET", path, &Json::Null).await.data();
    let admin = project
        .ask(Some(ADMIN), "GET", "/users/me?fields=id", &Json::Null)
        .await
        .data()["id"]
        .clone();
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (&rows[0]["user"], &rows[0]["collection"], &rows[0]["item"]),
        (&admin, &json!("directus_users"), &json!(view))
    );
    assert_eq!(rows[0]["revisions"][0]["data"]["user"], json!(project.writer));
}
