//! Secrets in items, on every database: what is written of them is a hash, whoever says the value.

use aedile_testkit::fixture::{ADMIN, Project};
use serde_json::json;

use super::{mariadb, postgres};

/// Runs a test on a project on each database.
fn on_every_database(test: impl Fn(&Project)) {
    test(&Project::new());
    let database = postgres::SERVER.database().unwrap();
    let url = database.url();
    test(&Project::with(&[("DB_CLIENT", "pg"), ("DB_CONNECTION_STRING", &url)]));
    let database = mariadb::SERVER.database().unwrap();
    let url = database.url();
    test(&Project::with(&[
        ("DB_CLIENT", "mysql"),
        ("DB_CONNECTION_STRING", &url),
    ]));
}

/// A database writes a new column's default into the rows that are there, as it is.
#[test]
fn a_secret_with_a_default_is_no_field_to_be_added_to_rows() {
    on_every_database(|p| {
        p.collection("notes", &[("title", "string")]);
        p.post(ADMIN, "/items/notes", json!({ "title": "one" })).ok();
        let before = p.get(ADMIN, "/fields/notes").json();
        let schema = json!({ "default_value": "plain-1" });
        for special in [json!(["conceal", "hash"]), json!("conceal, hash")] {
            let field = json!({ "field": "pin", "type": "string", "meta": { "special": special }, "schema": schema });
            for target in ["/fields/notes?dry_run", "/fields/notes"] {
                let refused = p.post(ADMIN, target, field.clone()).is(422);
                assert_eq!(refused.code(), "UNPROCESSABLE_CONTENT");
                assert_eq!(refused.json()["errors"][0]["extensions"]["rows"], 1);
            }
        }
        assert_eq!(p.get(ADMIN, "/fields/notes").json(), before);
        // As the refusal says: first the field, then its default.
        let field = json!({ "field": "pin", "type": "string", "meta": { "special": ["hash"] }, "schema": {} });
        p.post(ADMIN, "/fields/notes", field.clone()).ok();
        p.patch(ADMIN, "/fields/notes/pin", json!({ "schema": schema })).ok();
        let made = p.post(ADMIN, "/items/notes", json!({ "title": "two" })).ok();
        assert_eq!(made.at("/pin"), "**********");
        let empty = p.get(ADMIN, "/items/notes?fields=title&filter[pin][_null]=true").ok();
        assert_eq!(empty.at(""), json!([{ "title": "one" }]));
        // Nobody's row is filled where there is none.
        p.collection("empty", &[("title", "string")]);
        let mut field = field;
        field["schema"] = schema;
        p.post(ADMIN, "/fields/empty", field).ok();
        let made = p.post(ADMIN, "/items/empty", json!({ "title": "three" })).ok();
        assert_eq!(made.at("/pin"), "**********");
    });
}

/// What is stored is not hashed afterwards: it would be told as a secret, and be none.
#[test]
fn a_field_that_holds_plain_values_is_no_secret_to_be() {
    on_every_database(|p| {
        p.collection(
            "notes",
            &[("title", "string"), ("pin", "string"), ("number", "integer")],
        );
        p.post(
            ADMIN,
            "/items/notes",
            json!({ "title": "one", "pin": "plain-1", "number": 7 }),
        )
        .ok();
        p.post(ADMIN, "/items/notes", json!({ "title": "two" })).ok();
        let fields = p.get(ADMIN, "/fields/notes").json();
        for (name, special) in [
            ("pin", json!(["conceal", "hash"])),
            ("pin", json!("hash")),
            ("number", json!(["hash"])),
        ] {
            let change = json!({ "meta": { "special": special } });
            let path = format!("/fields/notes/{name}");
            for target in [format!("{path}?dry_run"), path.clone()] {
                let refused = p.patch(ADMIN, &target, change.clone()).is(422);
                assert_eq!(refused.code(), "UNPROCESSABLE_CONTENT");
                let told = refused.json()["errors"][0].clone();
                assert_eq!(told["extensions"]["rows"], 1, "{told}");
                assert!(!told.to_string().contains("plain-1"), "{told}");
            }
            let mut listed = change.clone();
            listed["field"] = json!(name);
            p.patch(ADMIN, "/fields/notes", json!([listed])).is(422);
        }
        assert_eq!(p.get(ADMIN, "/fields/notes").json(), fields);
        let kept = p.get(ADMIN, "/items/notes?fields=pin,number&sort=title").ok();
        assert_eq!(
            kept.at(""),
            json!([{ "pin": "plain-1", "number": 7 }, { "pin": null, "number": null }])
        );
        // Nothing is in the way of what holds nothing, nor of what holds hashes.
        p.patch(ADMIN, "/items/notes/1", json!({ "pin": null })).ok();
        let secret = json!({ "meta": { "special": ["hash"] } });
        p.patch(ADMIN, "/fields/notes/pin", secret.clone()).ok();
        p.patch(ADMIN, "/items/notes/1", json!({ "pin": "plain-2" })).ok();
        p.patch(ADMIN, "/fields/notes/pin", json!({ "meta": { "special": null } }))
            .ok();
        let hash = p.get(ADMIN, "/items/notes/1?fields=pin").ok().at("/pin");
        assert!(hash.as_str().unwrap().starts_with("$argon2"), "{hash}");
        p.patch(ADMIN, "/fields/notes/pin", secret).ok();
        assert_eq!(p.get(ADMIN, "/items/notes/1?fields=pin").ok().at("/pin"), "**********");
    });
}
