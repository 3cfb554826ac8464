//! What the reference got wrong around access, one test for each entry of the list that the recordings left out on
//! purpose. Those that are oracles stand with the oracles.

use aedile_testkit::fixture::{ADMIN, Project, id, may, may_where, text};
use serde_json::{Value, json};

fn notes() -> Project {
    let p = Project::new();
    p.collection("notes", &[("text", "string"), ("rank", "integer"), ("at", "timestamp")]);
    p.post(
        ADMIN,
        "/items/notes",
        json!([{ "text": "one", "rank": 1, "at": "2024-05-06T07:08:09Z" }, { "text": "two", "rank": 5 }]),
    )
    .ok();
    p
}

/// A permission without a field tells no key, and neither does a path that leads nowhere.
#[test]
fn leak_04_rows_never_collapse_to_bare_keys() {
    let p = notes();
    p.relation("notes", "by", "directus_users", Some("notes"));
    p.user_who("none", json!([may("notes", "read", &[])]));
    p.user_who(
        "lone",
        json!([
            may("notes", "read", &["by", "text"]),
            may("directus_users", "read", &["first_name"])
        ]),
    );
    for query in [
        "",
        "fields=*",
        "fields=by.first_name",
        "fields=../../x",
        "fields=nothing.x",
        "fields=text.x",
        "fields=by.by.x",
        "fields=policies",
    ] {
        for token in ["none-token", "lone-token"] {
            for target in ["/items/notes", "/items/notes/1", "/users", "/users/me"] {
                let told = p.get(token, &format!("{target}?{query}"));
                assert!(told.status < 500, "{target}?{query}");
                let data = told.at("");
                let rows = data.as_array().cloned().unwrap_or_else(|| vec![data]);
                assert!(
                    rows.iter().all(|row| row.is_object() || row.is_null()),
                    "{token} {target}?{query}: {}",
                    told.text
                );
            }
        }
        let told = p.get("none-token", &format!("/items/notes?{query}")).text;
        assert!(!told.contains("\"id\""), "{query}: {told}");
    }
}

/// What a relation to any leads to is not told by its key when the rest was left out.
#[test]
fn leak_05_a_row_of_any_collection_is_not_told_by_its_key() {
    let p = notes();
    p.collection("pages", &[("title", "string")]);
    p.collection("blocks", &[("collection", "string"), ("item", "string")]);
    let relation = json!({
        "collection": "blocks", "field": "item", "related_collection": null, "schema": null,
        "meta": { "many_collection": "blocks", "many_field": "item", "one_collection_field": "collection",
            "one_allowed_collections": ["notes", "pages"] },
    });
    p.post(ADMIN, "/relations", relation).ok();
    p.patch(ADMIN, "/fields/blocks/item", json!({ "meta": { "special": ["m2a"] } }))
        .ok();
    p.post(ADMIN, "/items/pages", json!({ "title": "page" })).ok();
    p.post(
        ADMIN,
        "/items/blocks",
        json!([{ "collection": "notes", "item": "2" }, { "collection": "pages", "item": "1" }]),
    )
    .ok();
    let ann = json!([
        may("blocks", "read", &["id", "collection", "item"]),
        may_where("notes", "read", &["text"], json!({ "rank": { "_lt": 3 } }))
    ]);
    p.user_who("ann", ann);
    for query in [
        "fields=item:notes.text",
        "fields=item:pages.title",
        "fields=item:notes.by.x",
        "fields=id,item:pages.*",
    ] {
        let told = p.get("ann-token", &format!("/items/blocks?{query}"));
        assert!(told.status < 500, "{query}");
        let rows = told.at("");
        for row in rows.as_array().into_iter().flatten() {
            assert!(
                row.get("item").is_none_or(|item| item.is_null() || item.is_object()),
                "{query}: {}",
                told.text
            );
        }
        assert!(
            !told.text.contains("two") && !told.text.contains("page\""),
            "{query}: {}",
            told.text
        );
    }
}

/// Nothing that a caller can send or an administrator can save makes the server fail.
#[test]
fn leak_06_nothing_ends_in_an_internal_error() {
    let p = notes();
    for rule in [
        json!({ "_and": [] }),
        json!({ "_or": [] }),
        json!({ "_and": [{ "_or": [] }] }),
    ] {
        let policy = json!({ "name": "p", "permissions": [may_where("notes", "read", &["*"], rule)] });
        let made = p.post(ADMIN, "/policies", policy);
        assert!(made.status < 500, "{}", made.text);
        if made.status == 200 {
            let name = format!("u{}", p.stored("select count(*) from directus_users"));
            p.user(&name, &[&id(&made)]);
            assert!(p.get(&format!("{name}-token"), "/items/notes").status < 500);
        }
    }
    for function in ["year", "month", "week", "day", "weekday", "hour", "minute", "second"] {
        p.get(
            ADMIN,
            &format!("/items/notes?fields={function}(at)&filter[{function}(at)][_gt]=0"),
        )
        .ok();
        p.get(
            ADMIN,
            &format!("/items/notes?groupBy={function}(at)&aggregate[count]=*"),
        )
        .ok();
    }
    p.collection("kept", &[("name", "string")]);
    let field = json!({ "field": "kept", "type": "integer", "meta": { "special": ["m2o"] }, "schema": {} });
    p.post(ADMIN, "/fields/notes", field).ok();
    let relation = json!({ "collection": "notes", "field": "kept", "related_collection": "kept", "meta": {}, "schema": { "on_delete": "NO ACTION" } });
    p.post(ADMIN, "/relations", relation).ok();
    p.post(ADMIN, "/items/kept", json!({ "name": "k" })).ok();
    p.patch(ADMIN, "/items/notes/1", json!({ "kept": 1 })).ok();
    p.denied(ADMIN, "DELETE", "/items/kept/1", Value::Null);
    p.denied(ADMIN, "DELETE", "/users", json!(["text"]));
    assert!(
        p.ask(ADMIN, "SEARCH", "/items/notes", json!({ "query": "text" }))
            .status
            < 500
    );
    assert!(p.get(ADMIN, "/items/notes/1%ZZ").status < 500);
    for target in [
        "/items/notes/%00",
        "/items/notes/%FF",
        "/users/x",
        "/roles/x",
        "/permissions/x",
        "/activity/x",
        "/revisions/x",
        "/presets/x",
    ] {
        assert!(p.get(ADMIN, target).status < 500, "{target}");
    }
}

#[test]
fn leak_07_what_is_not_between_is_outside() {
    let p = notes();
    let mut create = may("notes", "create", &["*"]);
    create["validation"] = json!({ "rank": { "_nbetween": [2, 4] } });
    p.user_who("ann", json!([create]));
    for (rank, status) in [(1, 204), (5, 204), (2, 400), (3, 400), (4, 400)] {
        p.post("ann-token", "/items/notes", json!({ "rank": rank })).is(status);
    }
}

#[test]
fn leak_08_a_singleton_can_be_written_by_who_may_not_read_it() {
    let p = Project::new();
    let key =
        json!({ "field": "id", "type": "integer", "schema": { "is_primary_key": true, "has_auto_increment": true } });
    let text_field = json!({ "field": "text", "type": "string", "meta": {}, "schema": {} });
    p.post(
        ADMIN,
        "/collections",
        json!({ "collection": "home", "meta": { "singleton": true }, "schema": {}, "fields": [key, text_field] }),
    )
    .ok();
    p.user_who(
        "ann",
        json!([may("home", "update", &["text"]), may("home", "create", &["text"])]),
    );
    for value in ["first", "second"] {
        p.patch("ann-token", "/items/home", json!({ "text": value })).is(204);
        assert_eq!(p.stored("select text from home"), value);
    }
}

#[test]
fn leak_09_permissions_answer_with_what_was_asked_for() {
    let p = notes();
    let policy = p.policy(
        "p",
        json!([may("notes", "read", &["*"]), may("notes", "update", &["*"])]),
    );
    p.get(ADMIN, "/permissions/999999").forbidden();
    let own = p
        .get(ADMIN, &format!("/permissions?filter[policy][_eq]={policy}&fields=id"))
        .ok()
        .at("");
    let keys: Vec<Value> = own.as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    assert_eq!(keys.len(), 2);
    let told = p
        .patch(
            ADMIN,
            "/permissions",
            json!({ "keys": keys, "data": { "fields": ["id"] } }),
        )
        .ok();
    assert_eq!(told.at("").as_array().map(Vec::len), Some(2), "{}", told.text);
    assert_eq!(
        p.get(ADMIN, &format!("/permissions?filter[policy][_eq]={policy}&limit=1"))
            .ok()
            .at("")
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[test]
fn leak_10_statuses_and_actions_are_known_ones() {
    let p = notes();
    let user = p.user("ann", &[]);
    p.denied(ADMIN, "PATCH", &format!("/users/{user}"), json!({ "status": "asleep" }))
        .is(400);
    p.denied(
        ADMIN,
        "POST",
        "/users",
        json!({ "email": "x@example.com", "status": "" }),
    )
    .is(400);
    let policy = p.policy("p", json!([]));
    p.denied(
        ADMIN,
        "POST",
        "/permissions",
        json!({ "policy": policy, "collection": "notes", "action": "READ", "fields": ["*"] }),
    )
    .is(400);
}

/// A policy's users and roles are the rows of users and of roles, and no others.
#[test]
fn leak_12_a_policy_lists_its_own_holders() {
    let p = notes();
    let policy = p.policy("p", json!([]));
    let user = p.user("ann", &[&policy]);
    let role = p.role("readers", &[&policy]);
    let told = p
        .get(
            ADMIN,
            &format!("/policies/{policy}?fields=users.user,users.role,roles.role,roles.user"),
        )
        .ok();
    for (list, field, key) in [("/users", "user", &user), ("/roles", "role", &role)] {
        let rows = told.at(list);
        let named: Vec<String> = rows.as_array().unwrap().iter().map(|row| text(&row[field])).collect();
        assert!(named.contains(key), "{}", told.text);
    }
}

#[test]
fn leak_13_an_address_that_is_taken_is_told_as_it_was_sent() {
    let p = notes();
    p.user("ann", &[]);
    let told = p.denied(ADMIN, "POST", "/users", json!({ "email": "ann@example.com" }));
    assert_eq!(told.code(), "RECORD_NOT_UNIQUE");
    assert_eq!(
        told.json().pointer("/errors/0/extensions/value"),
        Some(&json!("ann@example.com"))
    );
}
