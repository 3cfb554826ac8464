//! The OpenAPI description of what its reader may do: made of the routes that are served and of the reader's access. Must
//! never name a collection, a field or an action that the reader may not reach: what nobody has judged is for
//! administrators alone.

mod names;
mod operations;
mod schemas;

use aedile_engine::{Json, Object, access::Action, schema::Collection};
use aedile_platform::Cx;
use serde_json::json;

use self::names::Names;
use crate::router::Pattern;

/// The version of the format, as clients know it.
const FORMAT: &str = "3.0.1";
/// The version of this description, not of the server: which one runs is nobody's business.
const VERSION: &str = "1.0.0";

/// What a reader may do with which collections.
pub struct Reader<'c> {
    cx: &'c Cx,
    names: Names,
}

impl<'c> Reader<'c> {
    /// By the access of a request.
    pub fn new(cx: &'c Cx) -> Reader<'c> {
        let mut reader = Reader {
            cx,
            names: Names::default(),
        };
        reader.names = Names::of(reader.collections());
        reader
    }

    /// The collections that it may do anything with, with the system's.
    fn collections(&self) -> impl Iterator<Item = &'c Collection> + use<'c> {
        let cx = self.cx;
        let any = move |c: &&Collection| {
            [Action::Read, Action::Create, Action::Update, Action::Delete]
                .into_iter()
                .any(|action| may(cx, &c.name, action))
        };
        cx.schema().collections().filter(any)
    }

    fn may(&self, collection: &str, action: Action) -> bool {
        may(self.cx, collection, action)
    }

    /// Whether it may do this with any of the project's collections.
    fn may_with_any(&self, action: Action) -> bool {
        self.collections().any(|c| !c.system && self.may(&c.name, action))
    }

    fn is_admin(&self) -> bool {
        self.cx.access.admin
    }

    fn is_known(&self) -> bool {
        self.cx.caller.user().is_some()
    }
}

fn may(cx: &Cx, collection: &str, action: Action) -> bool {
    cx.access.grant(collection, action).is_some()
}

/// The whole description.
pub fn describe(cx: &Cx, patterns: &[Pattern], public_url: &str) -> Json {
    let reader = Reader::new(cx);
    let mut paths = Object::new();
    for (path, method, operation) in operations::all(&reader, patterns) {
        let entry = paths.entry(path).or_insert_with(|| Json::Object(Object::new()));
        if let Json::Object(methods) = entry {
            methods.insert(method.to_owned(), operation);
        }
    }
    json!({
        "openapi": FORMAT,
        "info": {"title": "Dynamic API Specification", "description": "What you may do with this project.", "version": VERSION},
        "servers": [{"url": public_url}],
        "security": [{"Auth": []}, {"KeyAuth": []}],
        "tags": operations::tags(&reader),
        "paths": paths,
        "components": {
            "parameters": operations::parameters(),
            "responses": operations::responses(),
            "schemas": schemas::all(&reader),
            "securitySchemes": {
                "KeyAuth": {"type": "apiKey", "in": "query", "name": "access_token"},
                "Auth": {"type": "apiKey", "in": "header", "name": "Authorization"},
            },
        },
    })
}

#[cfg(test)]
mod tests;
