//! The operations: every route that is served, if it is for the reader, with the collections that its reader may ask for.

use aedile_engine::{Json, Object, access::Action, schema::Collection};
use serde_json::json;

use super::{Reader, names::pascal};
use crate::router::Pattern;

/// Paths under which the project's collections are.
const ITEMS: &str = "/items/:collection";
/// Parameters of lists, as they are referred to.
const OF_LISTS: [&str; 7] = ["Fields", "Limit", "Meta", "Offset", "Sort", "Filter", "Search"];
/// Parameters of single items.
const OF_ITEMS: [&str; 2] = ["Fields", "Meta"];

/// Whom a route is for that stands for no collection.
enum Audience {
    Everybody,
    Users,
    /// Who may do this with any of the project's collections.
    Any(Action),
    /// Who may do this with a collection of the system.
    Of(&'static str, Action),
    Administrators,
    Nobody,
}

/// Whom routes are for, by method and the beginning of the path; the first that fits counts.
const AUDIENCES: [(&str, &str, Audience); 22] = [
    ("", "/auth", Audience::Everybody),
    ("", "/server", Audience::Everybody),
    ("", "/robots.txt", Audience::Nobody),
    ("", "/admin", Audience::Nobody),
    ("", "/studio", Audience::Users),
    ("", "/utils/random", Audience::Everybody),
    ("", "/utils/hash", Audience::Everybody),
    ("", "/utils/sort", Audience::Any(Action::Update)),
    ("", "/utils/import", Audience::Any(Action::Create)),
    ("", "/utils/export", Audience::Any(Action::Read)),
    ("", "/utils/revert", Audience::Of("directus_revisions", Action::Read)),
    ("", "/users/me", Audience::Users),
    ("", "/users/register", Audience::Everybody),
    ("", "/users/invite/accept", Audience::Everybody),
    ("", "/users/invite", Audience::Of("directus_users", Action::Create)),
    ("", "/permissions/me", Audience::Users),
    ("", "/policies/me", Audience::Users),
    ("", "/roles/me", Audience::Users),
    ("GET", "/collections", Audience::Any(Action::Read)),
    ("GET", "/fields", Audience::Any(Action::Read)),
    ("GET", "/relations", Audience::Any(Action::Read)),
    ("", "/", Audience::Administrators),
];

/// Paths, methods and operations.
pub fn all(reader: &Reader<'_>, patterns: &[Pattern]) -> Vec<(String, &'static str, Json)> {
    let mut found = Vec::new();
    for pattern in patterns {
        let Some((method, action)) = method(pattern.method) else {
            continue;
        };
        match (pattern.path.strip_prefix(ITEMS), pattern.collection) {
            (Some(rest), _) => {
                let own = reader
                    .collections()
                    .filter(|c| !c.system && reader.may(&c.name, action));
                found.extend(own.filter(|c| !c.singleton || serves(method, rest)).map(|c| {
                    let path = format!("/items/{}{}", c.name, braced(rest));
                    (path, method, of_items(reader, c, method, rest))
                }));
            }
            (None, Some(name)) => {
                let c = reader.cx.schema().collection(name);
                if let Some(c) = c.filter(|_| reader.may(name, action)) {
                    found.push((braced(&pattern.path), method, of_resource(reader, c, pattern, method)));
                }
            }
            (None, None) if is_for(reader, pattern) => {
                found.push((braced(&pattern.path), method, of_fixed(pattern, method)));
            }
            (None, None) => {}
        }
    }
    found
}

/// What a singleton serves.
fn serves(method: &str, rest: &str) -> bool {
    rest.is_empty() && matches!(method, "get" | "patch")
}

/// The methods that the format knows, and what each does with items.
fn method(verb: &str) -> Option<(&'static str, Action)> {
    Some(match verb {
        "GET" => ("get", Action::Read),
        "POST" => ("post", Action::Create),
        "PATCH" => ("patch", Action::Update),
        "DELETE" => ("delete", Action::Delete),
        _ => return None,
    })
}

fn is_for(reader: &Reader<'_>, pattern: &Pattern) -> bool {
    let fits = |(method, start, _): &&(&str, &str, Audience)| {
        let rest = pattern.path.strip_prefix(start);
        let whole = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || *start == "/");
        whole && (method.is_empty() || *method == pattern.method)
    };
    match AUDIENCES.iter().find(fits).map(|(.., audience)| audience) {
        Some(Audience::Everybody) => true,
        Some(Audience::Users) => reader.is_known(),
        Some(Audience::Any(action)) => reader.may_with_any(*action),
        Some(Audience::Of(collection, action)) => reader.may(collection, *action),
        Some(Audience::Administrators) => reader.is_admin() && pattern.path != "/",
        Some(Audience::Nobody) | None => false,
    }
}

/// A path's variable parts as the format writes them; a single item's is told as `id`.
fn braced(path: &str) -> String {
    let segment = |part: &str| match part.strip_prefix(':') {
        Some("key") => "{id}".to_owned(),
        Some(name) => format!("{{{name}}}"),
        None => part.to_owned(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

fn of_items(reader: &Reader<'_>, c: &Collection, method: &str, rest: &str) -> Json {
    let name = reader.names.get(&c.name).unwrap_or_default();
    let single = c.singleton || !rest.is_empty();
    let verb = match method {
        "get" => "read",
        "post" => "create",
        "patch" => "update",
        other => other,
    };
    let id = format!("{verb}{}{name}", if rest.is_empty() { "" } else { "Single" });
    operation(reader, c, method, id, &["Items", name], single, rest)
}

fn of_resource(reader: &Reader<'_>, c: &Collection, pattern: &Pattern, method: &str) -> Json {
    let name = reader.names.get(&c.name).unwrap_or_default();
    let keyed = pattern.path.contains(':');
    let verb = match method {
        "post" => "create",
        "patch" => "update",
        other => other,
    };
    let id = format!("{verb}{}{name}", if keyed { "Single" } else { "" });
    let rest = if keyed { "/:key" } else { "" };
    operation(reader, c, method, id, &[name], keyed || c.singleton, rest)
}

/// An operation on the items of a collection.
fn operation(
    reader: &Reader<'_>,
    c: &Collection,
    method: &str,
    id: String,
    tags: &[&str],
    single: bool,
    rest: &str,
) -> Json {
    let reference = reader.names.reference(&c.name).unwrap_or_default();
    let item = json!({"type": "object", "$ref": reference});
    let data = if single {
        item.clone()
    } else {
        json!({"type": "array", "items": item})
    };
    let mut answer = Object::from_iter([("data".to_owned(), data)]);
    let mut parameters: Vec<Json> = Vec::new();
    if !rest.is_empty() {
        parameters.push(json!({"$ref": "#/components/parameters/Id"}));
    }
    if method == "get" {
        let named: &[&str] = if single { &OF_ITEMS } else { &OF_LISTS };
        parameters.extend(
            named
                .iter()
                .map(|name| json!({"$ref": format!("#/components/parameters/{name}")})),
        );
        answer.insert("meta".to_owned(), json!({"$ref": "#/components/schemas/x-metadata"}));
    }
    let success = if method == "delete" {
        json!({"204": {"description": "Removed."}})
    } else {
        let schema = json!({"type": "object", "properties": answer});
        json!({"200": {"description": "What you may read of it.", "content": {"application/json": {"schema": schema}}}})
    };
    let mut told = told(id, tags, parameters, success);
    if method == "post" || method == "patch" {
        told.insert("requestBody".to_owned(), body(method, item, single));
    } else if method == "delete" && rest.is_empty() {
        let keys = json!({"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "integer"}]}});
        told.insert(
            "requestBody".to_owned(),
            json!({"content": {"application/json": {"schema": keys}}}),
        );
    }
    Json::Object(told)
}

fn body(method: &str, item: Json, single: bool) -> Json {
    let list = json!({"type": "array", "items": item});
    let schema = match (method, single) {
        (_, true) => item,
        ("post", false) => json!({"oneOf": [item, list]}),
        _ => json!({"oneOf": [list, {"type": "object", "properties": {
            "keys": {"type": "array", "items": {}}, "query": {"type": "object"}, "data": item,
        }}]}),
    };
    json!({"content": {"application/json": {"schema": schema}}})
}

/// A route that stands for no collection.
fn of_fixed(pattern: &Pattern, method: &str) -> Json {
    let mut segments = pattern.path.split('/').filter(|part| !part.is_empty());
    let first = segments.next().unwrap_or_default();
    let variables: Vec<&str> = pattern
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix(':'))
        .collect();
    let parameters = variables
        .iter()
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}));
    let tag = match first {
        "auth" => "Authentication".to_owned(),
        other => pascal(other),
    };
    let success = json!({"200": {"description": "Done."}});
    Json::Object(told(fixed_id(pattern, method), &[&tag], parameters.collect(), success))
}

/// `login` of `POST /auth/login`, `ping` of `GET /server/ping`; others are told with their method and path.
fn fixed_id(pattern: &Pattern, method: &str) -> String {
    let rest = ["/auth/", "/server/"]
        .into_iter()
        .find_map(|start| pattern.path.strip_prefix(start));
    let word = pascal(&pattern.path.replace("/:", "/by-"));
    match rest.filter(|rest| !rest.contains(':')) {
        Some(rest) => {
            let word = pascal(rest);
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_ascii_lowercase().to_string() + letters.as_str()
            })
        }
        None => format!("{method}{word}"),
    }
}

fn told(id: String, tags: &[&str], parameters: Vec<Json>, success: Json) -> Object {
    let mut told = Object::new();
    told.insert("operationId".to_owned(), id.into());
    told.insert("tags".to_owned(), json!(tags));
    if !parameters.is_empty() {
        told.insert("parameters".to_owned(), parameters.into());
    }
    let mut responses = match success {
        Json::Object(responses) => responses,
        _ => Object::new(),
    };
    responses.insert("default".to_owned(), json!({"$ref": "#/components/responses/Refused"}));
    told.insert("responses".to_owned(), responses.into());
    told
}

/// One tag for each collection that the reader may do anything with.
pub fn tags(reader: &Reader<'_>) -> Vec<Json> {
    let own = reader.collections().filter_map(|c| {
        let name = reader.names.get(&c.name)?;
        Some(json!({"name": name, "x-collection": c.name}))
    });
    [
        json!({"name": "Authentication"}),
        json!({"name": "Server"}),
        json!({"name": "Items"}),
    ]
    .into_iter()
    .chain(own)
    .collect()
}

/// The parameters that operations refer to.
pub fn parameters() -> Json {
    let query = |name: &str, description: &str, schema: Json| json!({"name": name, "in": "query", "required": false, "description": description, "schema": schema});
    let list = || json!({"type": "array", "items": {"type": "string"}});
    json!({
        "Id": {"name": "id", "in": "path", "required": true, "description": "The key of an item.",
            "schema": {"oneOf": [{"type": "string"}, {"type": "integer"}]}},
        "Fields": query("fields", "Fields that are wanted; dots lead through relations.", list()),
        "Limit": query("limit", "At most so many items; -1 for all.", json!({"type": "integer"})),
        "Meta": query("meta", "Counts beside the items.", json!({"type": "string"})),
        "Offset": query("offset", "After so many items.", json!({"type": "integer"})),
        "Sort": query("sort", "Fields to order by; a hyphen before one turns it round.", list()),
        "Filter": query("filter", "A condition on items, as JSON.", json!({"type": "object"})),
        "Search": query("search", "Text that items have to hold.", json!({"type": "string"})),
    })
}

/// The responses that operations refer to.
pub fn responses() -> Json {
    json!({"Refused": {"description": "Refused, with the reason.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/x-errors"}}}}})
}
