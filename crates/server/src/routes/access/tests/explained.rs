//! Explanations against what the doors answer.

use aedile_engine::Json;
use axum::http::StatusCode;
use serde_json::json;

use super::project::{ADMIN, EVERYBODY, LONER, Project, READER, WRITER};

/// Where a collection is served.
fn door(collection: &str) -> String {
    match collection.strip_prefix("directus_") {
        Some(name) => format!("/{name}"),
        None => format!("/items/{collection}"),
    }
}

#[tokio::test]
async fn the_verdict_is_what_the_door_answers() {
    let project = Project::new().await;
    for token in EVERYBODY {
        for collection in [
            "articles",
            "authors",
            "directus_users",
            "directus_presets",
            "directus_policies",
            "directus_settings",
            "nowhere",
        ] {
            let answer = project.ask(token, "GET", &door(collection), &Json::Null).await;
            let told = project
                .explained(&project.question(token, json!({ "collection": collection, "action": "read" })))
                .await;
            assert_eq!(
                told["allowed"],
                answer.status == StatusCode::OK,
                "{token:?} {collection}: {told}"
            );
            for field in ["id", "title", "name", "email", "gone"] {
                let answer = project
                    .ask(
                        token,
                        "GET",
                        &format!("{}?fields={field}", door(collection)),
                        &Json::Null,
                    )
                    .await;
                let question = json!({ "collection": collection, "action": "read", "fields": [field] });
                let told = project.explained(&project.question(token, question)).await;
                assert_eq!(
                    told["allowed"],
                    answer.status == StatusCode::OK,
                    "{token:?} {collection}.{field}: {told}"
                );
            }
        }
        let body = json!({ "title": "new", "price": 1 });
        let answer = project.ask(token, "POST", "/items/articles", &body).await;
        let question = json!({ "collection": "articles", "action": "create", "fields": ["title", "price"] });
        let told = project.explained(&project.question(token, question)).await;
        assert_eq!(told["allowed"], answer.status.is_success(), "{token:?}: {told}");
    }
}

#[tokio::test]
async fn the_verdict_on_an_item_is_what_the_door_answers() {
    let project = Project::new().await;
    for token in EVERYBODY {
        for (collection, key) in [
            ("articles", 1),
            ("articles", 2),
            ("articles", 3),
            ("articles", 4),
            ("articles", 99),
            ("authors", 1),
            ("authors", 2),
        ] {
            let path = format!("{}/{key}", door(collection));
            let asked = |action: &str| {
                project.question(
                    token,
                    json!({ "collection": collection, "action": action, "item": key }),
                )
            };
            let told = project.explained(&asked("read")).await;
            let answer = project.ask(token, "GET", &path, &Json::Null).await;
            assert_eq!(
                told["allowed"],
                answer.status == StatusCode::OK,
                "{token:?} {path}: {told}"
            );
            // No cell of the fixture is empty, so what is told as null is hidden, as is what is left out.
            let row = answer.data();
            for field in told["item"]["fields"].as_array().unwrap() {
                let name = field["field"].as_str().unwrap();
                let shown = told["allowed"] == true && field["allowed"] == true;
                assert_eq!(shown, !row[name].is_null(), "{token:?} {path}.{name}: {told}");
                assert_eq!(field["allowed"] == true, field.get("why").is_none());
            }
            let changes = match collection {
                "articles" => vec![("price", json!(5)), ("owner", json!(project.writer))],
                _ => vec![("name", json!("Ada"))],
            };
            for (field, value) in changes {
                let mut question = asked("update");
                question["fields"] = json!([field]);
                let told = project.explained(&question).await;
                // Whoever is let in changes nothing that decides about the others.
                let same = project.ask(Some(ADMIN), "GET", &path, &Json::Null).await.data()[field].clone();
                let value = if same.is_null() { value } else { same };
                let answer = project.ask(token, "PATCH", &path, &json!({ field: value })).await;
                // To administrators a missing item is passed over, and nothing answered (204).
                let passed_over = token == Some(ADMIN) && answer.status == StatusCode::NO_CONTENT;
                let taken = answer.status.is_success() && !passed_over;
                assert_eq!(
                    told["allowed"], taken,
                    "{token:?} {path}.{field}: {told} {}",
                    answer.body
                );
            }
        }
    }
    for token in [None, Some(LONER), Some(READER), Some(WRITER)] {
        for key in 1..=4 {
            let question = json!({ "collection": "articles", "action": "delete", "item": key });
            let told = project.explained(&project.question(token, question)).await;
            let answer = project
                .ask(token, "DELETE", &format!("/items/articles/{key}"), &Json::Null)
                .await;
            assert_eq!(told["allowed"], answer.status.is_success(), "{token:?} {key}: {told}");
        }
    }
}

#[tokio::test]
async fn an_explanation_tells_what_decides() {
    let project = Project::new().await;
    let question =
        json!({ "user": project.writer, "collection": "articles", "action": "read", "item": 3, "ip": "203.0.113.9" });
    let told = project.explained(&question).await;
    assert_eq!(
        told["rows"]["words"],
        "(status is \"published\") or (owner is the current user)"
    );
    assert_eq!(told["rows"]["sql"]["text"], "(t0.\"status\" = ? or t0.\"owner\" is ?)");
    assert_eq!(
        told["rows"]["sql"]["binds"],
        json!([{ "value": "published" }, { "variable": "$CURRENT_USER" }])
    );
    let office = told["policies"]
        .as_array()
        .unwrap()
        .iter()
        .find(|policy| policy["name"] == "Office")
        .unwrap();
    assert_eq!(
        office["removed"],
        json!({ "reason": "address", "addresses": "10.0.0.0/8" })
    );
    let via = office["via"][0].as_object().unwrap();
    assert_eq!(
        (&via["type"], &via["name"], &via["above"]),
        (&json!("role"), &json!("Staff"), &json!(1))
    );
    let price = told["item"]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .find(|field| field["field"] == "price")
        .unwrap();
    assert!(
        price["why"]
            .as_str()
            .unwrap()
            .starts_with("the rule of policy \"Writing\" (permission "),
        "{price}"
    );
    let inside = json!({ "user": project.writer, "collection": "authors", "action": "read", "ip": "10.9.8.7" });
    assert_eq!(project.explained(&inside).await["allowed"], true);
    let creating = json!({ "role": "Writers", "collection": "articles", "action": "create" });
    let told = project.explained(&creating).await;
    assert_eq!(told["permissions"][0]["presets"][0]["words"], "the current user");
    assert_eq!(told["permissions"][0]["validation"], "title has a value");
    let presets = json!({ "role": project.writers, "collection": "directus_presets", "action": "read" });
    assert_eq!(
        project.explained(&presets).await["permissions"][0]["policy"],
        Json::Null
    );
    let draft = json!({ "policies": [{ "permissions": [{ "collection": "articles", "action": "read", "fields": ["title"] }] }], "collection": "articles", "action": "read" });
    assert_eq!(project.explained(&draft).await["scope"], "all");
}

#[tokio::test]
async fn only_administrators_ask_and_only_well() {
    let project = Project::new().await;
    let question = project.question(None, json!({ "collection": "articles", "action": "read" }));
    for token in [Some(WRITER), Some(READER), Some(LONER), None] {
        for (path, body) in [
            ("/access/explain", &question),
            ("/access/views", &json!({ "public": true })),
        ] {
            assert_eq!(
                project.ask(token, "POST", path, body).await.code(),
                "FORBIDDEN",
                "{token:?} {path}"
            );
        }
    }
    for wrong in [
        json!({}),
        json!({ "public": true, "user": project.writer, "collection": "articles", "action": "read" }),
        json!({ "user": "nobody@example.com", "collection": "articles", "action": "read" }),
        json!({ "public": true, "collection": "articles", "action": "sell" }),
        json!({ "public": true, "collection": "articles", "action": "create", "item": 1 }),
        json!({ "public": true, "collection": "articles", "action": "read", "ip": "here" }),
        json!({ "policies": [{ "permissions": [{ "collection": "a", "action": "read", "permissions": { "x": "$OOPS" } }] }], "collection": "a", "action": "read" }),
    ] {
        assert_eq!(
            project.ask(Some(ADMIN), "POST", "/access/explain", &wrong).await.code(),
            "INVALID_PAYLOAD",
            "{wrong}"
        );
    }
    // The collection of attachments is still served beside.
    assert_eq!(
        project.ask(Some(ADMIN), "GET", "/access", &Json::Null).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_rule_that_does_not_fit_covers_nothing_and_is_told() {
    let project = Project::new().await;
    let permission =
        |rule: Json| json!({ "collection": "articles", "action": "read", "permissions": rule, "fields": ["*"] });
    let draft = json!({ "permissions": [permission(json!({ "gone": { "_eq": 1 } })), permission(json!({ "id": { "_eq": 1 } }))] });
    let question = json!({ "policies": [draft], "collection": "articles", "action": "read", "item": 2 });
    let told = project.explained(&question).await;
    let problem = told["permissions"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("\"gone\""), "{problem}");
    assert_eq!(told["permissions"][0]["rule"]["sql"]["text"], "1 = 0");
    assert_eq!(told["permissions"][1]["problem"], Json::Null);
    assert_eq!(
        (&told["item"]["covered"], &told["reason"]),
        (&json!(false), &json!("no rule covers this row"))
    );
}
