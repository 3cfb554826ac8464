//! Exports through the door: names, types, parts, and what a narrow policy leaves out of them.

use aedile_engine::Json;
use aedile_platform::{config::Settings, export};
use axum::{Router, http::StatusCode};
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::{
    fixture::{ADMIN, Told, send, state},
    router,
};

/// A project with a hundred things, of which every second is open, and a secret in each.
pub(crate) struct Things {
    pub(crate) router: Router,
    _folder: TempDir,
}

pub(crate) const NARROW: &str = "narrow-static-token";

impl Things {
    pub(crate) const IMPORT_BYTES: usize = 100_000;

    pub(crate) async fn new() -> Things {
        let mut settings = Settings::default();
        settings.limits.export_batch = 7;
        settings.limits.import.file_bytes = Things::IMPORT_BYTES;
        let (state, folder) = state(settings).await;
        let things = Things {
            router: router(state),
            _folder: folder,
        };
        let field = |name: &str, kind: &str, special: &[&str]| json!({"field": name, "type": kind, "meta": {"special": special}, "schema": {}});
        let fields = json!([
            {"field": "id", "type": "integer", "meta": {}, "schema": {"is_primary_key": true, "has_auto_increment": true}},
            field("name", "string", &[]),
            field("open", "boolean", &["cast-boolean"]),
            field("code", "hash", &["hash", "conceal"]),
            field("note", "string", &[]),
        ]);
        let post = async |path: &str, body: Json| {
            let told = things.ask(ADMIN, "POST", path, &body.to_string()).await;
            assert_eq!(told.status, StatusCode::OK, "{}", told.body);
            told.data()
        };
        post(
            "/collections",
            json!({"collection": "things", "meta": {}, "schema": {}, "fields": fields}),
        )
        .await;
        let items: Vec<Json> = (1..=100)
            .map(|n| json!({"name": format!("thing {n}"), "open": n % 2 == 0, "note": "private"}))
            .collect();
        post("/items/things", json!(items)).await;
        post(
            "/items/things",
            json!({"name": "coded", "open": true, "code": "a secret"}),
        )
        .await;
        let policy = post(
            "/policies",
            json!({"name": "narrow", "permissions": {"create": [
                {"collection": "things", "action": "read", "fields": ["id", "name", "code"], "permissions": {"open": {"_eq": true}}},
                {"collection": "things", "action": "read", "fields": ["note"], "permissions": {"id": {"_eq": 4}}},
            ], "update": [], "delete": []}}),
        )
        .await;
        post(
            "/users",
            json!({"email": "narrow@example.com", "token": NARROW, "policies": {"create": [{"policy": policy["id"]}], "update": [], "delete": []}}),
        )
        .await;
        things
    }

    pub(crate) async fn ask(&self, token: &str, method: &str, path: &str, body: &str) -> Told {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        send(&self.router, method, path, &headers, body).await
    }
}

#[tokio::test]
async fn a_long_export_is_what_the_list_is() {
    let things = Things::new().await;
    for token in [ADMIN, NARROW] {
        let list = things
            .ask(token, "GET", "/items/things?limit=-1&sort=-id", "")
            .await
            .data();
        for (name, format) in [
            ("csv", Export::Csv),
            ("csv_utf8", Export::CsvUtf8),
            ("json", Export::Json),
            ("xml", Export::Xml),
            ("yaml", Export::Yaml),
        ] {
            // Seven and a hundred are read at once and in parts.
            for limit in [7, -1] {
                let path = format!("/items/things?limit={limit}&sort=-id&export={name}");
                let told = things.ask(token, "GET", &path, "").await;
                let wanted = list.as_array().unwrap();
                let wanted = &wanted[..if limit < 0 { wanted.len() } else { 7 }];
                assert_eq!(told.body, export::whole(format, &json!(wanted)), "{token} {path}");
                assert_eq!(told.header("content-type"), export::content_type(format));
                assert_eq!(told.headers.contains_key("etag"), limit > 0, "what flows has no tag");
            }
        }
    }
}

#[tokio::test]
async fn an_export_masks_and_leaves_out_what_the_list_does() {
    let things = Things::new().await;
    let told = things
        .ask(NARROW, "GET", "/items/things?limit=-1&sort=-id&export=csv", "")
        .await;
    let lines: Vec<&str> = told.body.lines().collect();
    assert_eq!(lines[0], "\"id\",\"name\",\"code\",\"note\"");
    assert_eq!(
        lines[1], "101,\"coded\",\"**********\",",
        "a secret is masked in parts, too"
    );
    assert_eq!(lines.len(), 1 + 51, "half of the things, and no other");
    assert_eq!(
        told.body.matches("private").count(),
        1,
        "a cell is shown where it is granted"
    );
    for path in [
        "/items/things?limit=-1&export=csv&fields=open",
        "/items/things?limit=-1&export=json&filter[open][_eq]=false",
        "/items/things?limit=-1&export=xml&sort=open",
        "/users?limit=-1&export=csv",
    ] {
        let told = things.ask(NARROW, "GET", path, "").await;
        assert_eq!(
            (told.status, told.code().as_str()),
            (StatusCode::FORBIDDEN, "FORBIDDEN"),
            "{path}"
        );
    }
    let search = json!({"query": {"export": "csv", "limit": -1, "fields": ["id"]}, "keys": [1, 2, 3, 4]}).to_string();
    let told = things.ask(NARROW, "SEARCH", "/items/things", &search).await;
    assert_eq!(told.body, "\"id\"\n2\n4");
}

#[tokio::test]
async fn a_file_is_named_after_its_collection() {
    let reply = file("art\"icles/ö", Export::CsvUtf8, Text::Whole(Vec::new()));
    assert_eq!(
        reply.headers[header::CONTENT_DISPOSITION],
        "attachment; filename=\"art_icles__.csv\""
    );
    assert_eq!(reply.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
}
