//! A denied write leaves everything untouched (GHSA-p623-wgx3-wxp8, GHSA-6hpw-rhhq-6xq3): every kind of write, refused
//! for every kind of reason, with the whole database compared before and after.

use aedile_testkit::fixture::{ADMIN, PUBLIC, Project, may, may_where};
use serde_json::{Value, json};

/// Articles with an author and a list of comments; titles are unique, comments need a text.
fn press() -> Project {
    let p = Project::new();
    p.collection("authors", &[("name", "string")]);
    p.collection(
        "articles",
        &[("state", "string"), ("secret", "string"), ("rank", "integer")],
    );
    let title =
        json!({ "field": "title", "type": "string", "meta": {}, "schema": { "is_unique": true, "max_length": 20 } });
    p.post(ADMIN, "/fields/articles", title).ok();
    p.relation("articles", "author", "authors", Some("articles"));
    p.collection("comments", &[]);
    let text =
        json!({ "field": "text", "type": "string", "meta": {}, "schema": { "is_nullable": false, "max_length": 20 } });
    p.post(ADMIN, "/fields/comments", text).ok();
    p.relation("comments", "article", "articles", Some("comments"));
    let open = json!({ "state": { "_eq": "open" } });
    let fields = ["id", "title", "state", "author", "comments", "rank"];
    let limit = json!({ "rank": { "_lt": 100 } });
    let limited = |action: &str| {
        let mut permission = may_where("articles", action, &fields, open.clone());
        permission["validation"] = limit.clone();
        permission
    };
    p.user_who(
        "ann",
        json!([
            may_where("articles", "read", &fields, open.clone()),
            limited("create"),
            limited("update"),
            may_where("articles", "delete", &["*"], open),
            may("comments", "read", &["*"]),
            may("comments", "create", &["text", "article"]),
            may("comments", "update", &["text", "article"]),
            may("authors", "read", &["*"]),
            may("authors", "create", &["*"]),
        ]),
    );
    p.post(ADMIN, "/items/authors", json!([{ "name": "A" }, { "name": "B" }]))
        .ok();
    let articles = json!([
        { "title": "one", "state": "open", "author": 1, "comments": [{ "text": "c1" }, { "text": "c2" }] },
        { "title": "two", "state": "closed", "author": 2, "comments": [{ "text": "c3" }] },
        { "title": "three", "state": "open", "author": 1 },
    ]);
    p.post(ADMIN, "/items/articles", articles).ok();
    p
}

/// What makes an otherwise good article one that is refused, and with which status.
fn flaws() -> Vec<(Value, u16)> {
    vec![
        // Forbidden: a field, a related item, a list.
        (json!({ "secret": "x" }), 403),
        (json!({ "absent": "x" }), 403),
        (json!({ "author": { "id": 1, "name": "renamed" } }), 403),
        (json!({ "author": { "name": "new", "articles": [2] } }), 403),
        (
            json!({ "comments": { "create": [{ "text": "good" }], "update": [], "delete": [3] , "more": [] } }),
            400,
        ),
        (
            json!({ "comments": [{ "text": "good" }, { "text": "bad", "absent": 1 }] }),
            403,
        ),
        (
            json!({ "comments": [{ "text": "good" }, { "id": 3, "text": "t", "absent": 1 }] }),
            403,
        ),
        // Invalid: by the permission, by the field's type, by the model.
        (json!({ "rank": 100 }), 400),
        (json!({ "rank": "many" }), 400),
        (json!({ "comments": [{ "text": "good" }, { "text": null }] }), 400),
        (json!({ "comments": [{ "text": "good" }, {}] }), 400),
        (json!({ "comments": "text" }), 400),
        (json!({ "comments": [{ "text": "good" }, true] }), 400),
        (json!({ "author": { "id": "x", "name": "n" } }), 403),
        // Constraints of the database.
        (json!({ "title": "three" }), 400),
        (json!({ "title": "much too long for its column" }), 400),
        (json!({ "author": 99 }), 400),
        (
            json!({ "comments": [{ "text": "good" }, { "text": "much too long for its column" }] }),
            400,
        ),
        (json!({ "author": { "name": "new" }, "title": "three" }), 400),
        (json!({ "comments": [{ "text": "good" }], "title": "three" }), 400),
    ]
}

fn with(base: Value, flaw: &Value) -> Value {
    let mut object = base;
    object
        .as_object_mut()
        .unwrap()
        .extend(flaw.as_object().unwrap().clone());
    object
}

#[test]
fn class_se_ghsa_p623_wgx3_wxp8_ghsa_6hpw_rhhq_6xq3_a_refused_write_leaves_everything() {
    let p = press();
    for (flaw, status) in flaws() {
        let new = || with(json!({ "title": "new", "state": "open", "rank": 1 }), &flaw);
        let good = json!({ "title": "good", "state": "open" });
        for (method, target, body) in [
            ("POST", "/items/articles", new()),
            ("POST", "/items/articles", json!([good, new()])),
            (
                "POST",
                "/items/authors",
                json!({ "name": "C", "articles": [good, new()] }),
            ),
            ("POST", "/items/comments", json!({ "text": "t", "article": new() })),
            ("PATCH", "/items/articles/1", with(json!({ "state": "open" }), &flaw)),
            (
                "PATCH",
                "/items/articles",
                json!([{ "id": 3, "rank": 5 }, with(json!({ "id": 1, "rank": 5 }), &flaw)]),
            ),
            (
                "PATCH",
                "/items/articles",
                json!({ "keys": [1], "data": with(json!({ "state": "open" }), &flaw) }),
            ),
            (
                "PATCH",
                "/items/articles",
                json!({ "query": { "filter": { "id": { "_eq": 1 } } }, "data": flaw }),
            ),
            (
                "PATCH",
                "/items/comments/1",
                json!({ "text": "changed", "article": with(json!({ "id": 1 }), &flaw) }),
            ),
        ] {
            // A list names the author of its items itself.
            if target == "/items/authors" && flaw.get("author").is_some() {
                continue;
            }
            let told = p.denied("ann-token", method, target, body.clone());
            assert_eq!(told.status, status, "{method} {target} {body}: {}", told.text);
        }
    }
}

#[test]
fn a_write_of_rows_that_may_not_be_written_leaves_everything() {
    let p = press();
    for (method, target, body) in [
        ("PATCH", "/items/articles/2", json!({ "rank": 1 })),
        ("PATCH", "/items/articles/99", json!({ "rank": 1 })),
        ("PATCH", "/items/articles/x", json!({ "rank": 1 })),
        (
            "PATCH",
            "/items/articles",
            json!({ "keys": [1, 2, 3], "data": { "rank": 1 } }),
        ),
        (
            "PATCH",
            "/items/articles",
            json!({ "keys": [1, 99], "data": { "rank": 1 } }),
        ),
        (
            "PATCH",
            "/items/articles",
            json!([{ "id": 1, "rank": 1 }, { "id": 2, "rank": 1 }]),
        ),
        ("DELETE", "/items/articles/2", Value::Null),
        ("DELETE", "/items/articles", json!([1, 2])),
        ("DELETE", "/items/articles", json!({ "keys": [3, 99] })),
        ("DELETE", "/items/comments/1", Value::Null),
        ("DELETE", "/items/authors", json!([1])),
        ("PATCH", "/items/authors/1", json!({ "name": "x" })),
        (
            "POST",
            "/items/comments",
            json!({ "text": "t", "article": { "id": 2, "rank": 1 } }),
        ),
        ("POST", "/items/authors", json!({ "name": "C", "articles": [1, 2] })),
    ] {
        p.refused("ann-token", method, target, body.clone());
        p.refused(PUBLIC, method, target, body);
    }
}

#[test]
fn a_malformed_write_leaves_everything() {
    let p = press();
    for token in [ADMIN, "ann-token"] {
        for (method, target, body) in [
            ("POST", "/items/articles", json!("text")),
            ("POST", "/items/articles", json!([{ "title": "good" }, 7])),
            ("PATCH", "/items/articles", json!({ "keys": [1] })),
            ("PATCH", "/items/articles", json!({ "keys": 1, "data": { "rank": 1 } })),
            ("PATCH", "/items/articles", json!([{ "rank": 1 }])),
            (
                "PATCH",
                "/items/articles",
                json!({ "query": { "filter": { "rank": { "_what": 1 } } }, "data": { "rank": 1 } }),
            ),
            ("DELETE", "/items/articles", json!("all")),
            ("DELETE", "/items/articles", json!({ "query": "text" })),
            ("DELETE", "/items/articles", json!({ "keys": [{ "id": 1 }] })),
        ] {
            p.denied(token, method, target, body);
        }
    }
    p.denied(ADMIN, "DELETE", "/users", json!(["not a uuid"]));
    p.denied(ADMIN, "PATCH", "/roles", json!([{ "id": "not a uuid", "name": "x" }]));
    p.denied(ADMIN, "POST", "/roles", json!({ "name": "x", "parent": "not a uuid" }));
    p.denied(
        ADMIN,
        "POST",
        "/roles",
        json!({ "name": "x", "parent": "00000000-0000-0000-0000-000000000009" }),
    );
    p.denied(
        ADMIN,
        "POST",
        "/policies",
        json!({ "name": "x", "ip_access": "127.0.0.1" }),
    );
    p.denied(
        ADMIN,
        "POST",
        "/policies",
        json!({ "name": "x", "ip_access": ["127.0.0.1", "somewhere"] }),
    );
    p.denied(
        ADMIN,
        "POST",
        "/policies",
        json!({ "name": "x", "permissions": [{ "collection": "articles", "action": "fly" }] }),
    );
    p.denied(
        ADMIN,
        "POST",
        "/users",
        json!([{ "email": "a@example.com" }, { "email": "no address" }]),
    );
}

/// What is no item has none of the fields that were granted: whoever may write listed fields is told no more than that.
#[test]
fn a_list_with_what_is_no_item_is_forbidden_where_fields_are_listed() {
    let p = press();
    p.user_who(
        "wide",
        json!([
            may("articles", "create", &["*"]),
            may("directus_users", "create", &["*"])
        ]),
    );
    p.user_who(
        "narrow",
        json!([
            may("directus_users", "create", &["email"]),
            may("directus_presets", "create", &["user"])
        ]),
    );
    for odd in [json!("text"), json!(7), json!(null), json!([]), json!(true)] {
        for list in [
            json!([odd]),
            json!([{ "title": "good" }, odd]),
            json!([odd, { "absent": 1 }]),
        ] {
            let to_articles = |token: &str| p.denied(token, "POST", "/items/articles", list.clone());
            to_articles("ann-token").forbidden();
            to_articles("narrow-token").forbidden();
            to_articles(PUBLIC).forbidden();
            assert_eq!(to_articles("wide-token").code(), "INVALID_PAYLOAD", "{list}");
            assert_eq!(to_articles(ADMIN).code(), "INVALID_PAYLOAD", "{list}");
            p.refused("narrow-token", "POST", "/users", list.clone());
            p.refused("narrow-token", "POST", "/presets", list.clone());
            assert_eq!(
                p.denied("wide-token", "POST", "/users", list.clone()).code(),
                "INVALID_PAYLOAD"
            );
        }
        // A list of changes is malformed for whoever may change anything.
        let changes = json!([{ "id": 1, "rank": 1 }, odd]);
        p.denied("ann-token", "PATCH", "/items/articles", changes.clone())
            .is(400);
        p.refused("narrow-token", "PATCH", "/items/articles", changes);
    }
}
