//! Plans tried on rows: a project, a caller's permissions, a question, and what is answered. Every test says what is
//! *not* to be had as well.

mod fields;
mod filters;
mod groups;
mod items;
mod lists;
mod orders;
mod project;
mod shapes;
mod sorts;
mod variables;
mod writes;

use serde_json::{Value as Json, json};

use project::Who;

/// Reads everything of her own articles (1, 2), some fields of published ones (1, 3), active authors (1, 3) by name,
/// approved comments (1, 3, 5) by text.
fn editor() -> Who {
    Who::reader(&[
        ("articles", json!({"owner": {"_eq": "$CURRENT_USER"}}), json!("*")),
        (
            "articles",
            json!({"status": {"_eq": "published"}}),
            json!("id,title,author,comments,parts"),
        ),
        ("authors", json!({"active": {"_eq": true}}), json!("id,name,articles")),
        ("comments", json!({"approved": {"_eq": true}}), json!("id,text,article")),
    ])
}

/// The refusal of a field that is missing or may not be read.
fn no_field(field: &str, collection: &str) -> Json {
    project::told(&crate::Error::forbidden_field(field, collection))
}

/// The refusal of a collection that is missing or may not be read.
fn no_collection(collection: &str) -> Json {
    project::told(&crate::Error::forbidden_collection(collection))
}

/// A refused query.
fn invalid(reason: &str) -> Json {
    project::told(&crate::Error::invalid_query(reason))
}
