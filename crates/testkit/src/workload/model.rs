//! The model, as requests to the API, and the rows, as SQL.

use serde_json::{Value, json};

/// Fills the tables; the sizes are read from `temp.size`.
pub const FILL: &str = include_str!("../../../../bench/fill.sql");

/// The same for PostgreSQL; the sizes stand for `$articles` and so on.
pub const FILL_POSTGRES: &str = include_str!("../../../../bench/fill.postgres.sql");

/// The static token of the restricted user.
pub const READER_TOKEN: &str = "token-of-the-reader";

const ROLE: &str = "5c0a7a0e-0b2c-4a43-9d53-0e1f5f5b7d01";
/// The policy of the restricted user.
pub const READER_POLICY: &str = "5c0a7a0e-0b2c-4a43-9d53-0e1f5f5b7d02";
const USER: &str = "5c0a7a0e-0b2c-4a43-9d53-0e1f5f5b7d03";

/// How many rows there are.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Articles; each has three tags.
    pub articles: u32,
    /// Authors.
    pub authors: u32,
    /// Tags.
    pub tags: u32,
    /// Comments.
    pub comments: u32,
}

impl Sizes {
    /// What is measured.
    pub const FULL: Sizes = Sizes {
        articles: 10_000,
        authors: 200,
        tags: 100,
        comments: 20_000,
    };

    /// Enough to count statements.
    pub const SMALL: Sizes = Sizes {
        articles: 300,
        authors: 20,
        tags: 20,
        comments: 400,
    };
}

/// The requests that make the model and the restricted user, in their order: path and body, all `POST`.
#[must_use]
pub fn model() -> Vec<(&'static str, Value)> {
    let mut out = vec![
        collection("authors", &[string("name"), string("email"), boolean("active")]),
        collection("tags", &[string("name"), boolean("shown")]),
        collection(
            "articles",
            &[
                string("title"),
                string("slug"),
                string("status"),
                field("body", "text"),
                integer("views"),
                integer("author"),
            ],
        ),
        collection("articles_tags", &[integer("articles_id"), integer("tags_id")]),
        collection(
            "comments",
            &[
                integer("article"),
                string("author_name"),
                field("body", "text"),
                string("status"),
            ],
        ),
        ("/fields/authors", alias("articles", "o2m")),
        ("/fields/articles", alias("tags", "m2m")),
        ("/fields/articles", alias("comments", "o2m")),
        relation("articles", "author", "authors", json!({ "one_field": "articles" })),
        relation("comments", "article", "articles", json!({ "one_field": "comments" })),
        relation(
            "articles_tags",
            "articles_id",
            "articles",
            json!({ "one_field": "tags", "junction_field": "tags_id" }),
        ),
        relation(
            "articles_tags",
            "tags_id",
            "tags",
            json!({ "junction_field": "articles_id" }),
        ),
    ];
    out.extend(reader());
    out
}

/// Who sees published articles, active authors, shown tags and approved comments, and writes articles.
fn reader() -> Vec<(&'static str, Value)> {
    let permission = |collection: &str, action: &str, fields: &[&str], rule: Value| json!({ "policy": READER_POLICY, "collection": collection, "action": action, "fields": fields, "permissions": rule });
    let published = json!({ "status": { "_eq": "published" } });
    let written = ["title", "slug", "status", "body", "views", "author"];
    let read = [
        "id", "title", "slug", "status", "body", "views", "author", "tags", "comments",
    ];
    let permissions = json!([
        permission("articles", "read", &read, published.clone()),
        permission("articles", "create", &written, json!({})),
        permission("articles", "update", &written, published.clone()),
        permission(
            "authors",
            "read",
            &["id", "name", "articles"],
            json!({ "active": { "_eq": true } })
        ),
        permission("tags", "read", &["id", "name"], json!({ "shown": { "_eq": true } })),
        permission(
            "articles_tags",
            "read",
            &["id", "articles_id", "tags_id"],
            json!({ "articles_id": published })
        ),
        permission(
            "comments",
            "read",
            &["id", "article", "author_name", "body"],
            json!({ "status": { "_eq": "approved" } })
        ),
    ]);
    let policy = json!({ "id": READER_POLICY, "name": "Reader", "app_access": false, "admin_access": false });
    vec![
        ("/roles", json!({ "id": ROLE, "name": "Reader" })),
        ("/policies", policy),
        ("/access", json!({ "role": ROLE, "policy": READER_POLICY })),
        ("/permissions", permissions),
        (
            "/users",
            json!({ "id": USER, "first_name": "Reader", "role": ROLE, "token": READER_TOKEN, "status": "active" }),
        ),
    ]
}

pub(crate) fn collection(name: &str, fields: &[Value]) -> (&'static str, Value) {
    let key = json!({ "field": "id", "type": "integer", "meta": {}, "schema": { "is_primary_key": true, "has_auto_increment": true } });
    let fields: Vec<&Value> = std::iter::once(&key).chain(fields).collect();
    (
        "/collections",
        json!({ "collection": name, "meta": {}, "schema": {}, "fields": fields }),
    )
}

pub(crate) fn relation(many: &str, field: &str, one: &str, meta: Value) -> (&'static str, Value) {
    let schema = json!({ "on_delete": "CASCADE" });
    (
        "/relations",
        json!({ "collection": many, "field": field, "related_collection": one, "meta": meta, "schema": schema }),
    )
}

pub(crate) fn alias(name: &str, special: &str) -> Value {
    json!({ "field": name, "type": "alias", "meta": { "special": [special] } })
}

fn field(name: &str, kind: &str) -> Value {
    json!({ "field": name, "type": kind, "meta": {}, "schema": {} })
}

pub(crate) fn string(name: &str) -> Value {
    field(name, "string")
}

pub(crate) fn integer(name: &str) -> Value {
    field(name, "integer")
}

fn boolean(name: &str) -> Value {
    json!({ "field": name, "type": "boolean", "meta": { "special": ["cast-boolean"] }, "schema": {} })
}
