//! Every route with a path of its own, and what is sent to it: a request that would succeed for whoever may make it, and
//! the ones that must not. Resources that are served like collections are tried elsewhere.

use serde_json::{Value, json};

use super::seed::{ONE, TWO};

/// One request.
pub struct Attempt {
    pub method: &'static str,
    /// The route's pattern.
    path: &'static str,
    /// What is asked for.
    pub target: &'static str,
    /// `Null` for none.
    pub body: Value,
    /// What tells it from others at the same address.
    note: &'static str,
}

impl Attempt {
    /// Method and pattern of the route.
    pub fn route(&self) -> (String, String) {
        (self.method.to_owned(), self.path.to_owned())
    }

    /// What the line is called: no ids.
    pub fn title(&self) -> String {
        let target = self.target.replace(ONE, ":one").replace(TWO, ":two");
        let note = if self.note.is_empty() {
            String::new()
        } else {
            format!(" ({})", self.note)
        };
        format!("{} {target}{note}", self.method)
    }
}

fn at(method: &'static str, path: &'static str, target: &'static str, body: Value, note: &'static str) -> Attempt {
    Attempt {
        method,
        path,
        target,
        body,
        note,
    }
}

fn get(path: &'static str) -> Attempt {
    at("GET", path, path, Value::Null, "")
}

fn get_at(path: &'static str, target: &'static str) -> Attempt {
    at("GET", path, target, Value::Null, "")
}

fn post(path: &'static str, body: Value, note: &'static str) -> Attempt {
    at("POST", path, path, body, note)
}

/// All of them, in the order of the server's table.
pub fn all() -> Vec<Attempt> {
    let mut all = server();
    all.extend(authentication());
    all.extend(oneself());
    all.extend(people());
    all.extend(hidden_tables());
    all.extend(model());
    all.extend(services());
    all
}

fn server() -> Vec<Attempt> {
    vec![
        get("/"),
        get("/robots.txt"),
        get("/server/ping"),
        get("/server/info"),
        get("/server/health"),
    ]
}

fn authentication() -> Vec<Attempt> {
    let login = |password: &str| json!({ "email": "admin@example.com", "password": password });
    let reset = json!({ "token": "none", "password": "a-new-password" });
    vec![
        get("/auth"),
        post("/auth/login", login("password"), "as the administrator"),
        post("/auth/login", login("wrong"), "wrong password"),
        post(
            "/auth/refresh",
            json!({ "mode": "json", "refresh_token": "none" }),
            "unknown token",
        ),
        post(
            "/auth/logout",
            json!({ "mode": "json", "refresh_token": "none" }),
            "unknown token",
        ),
        post("/auth/password/request", json!({ "email": "admin@example.com" }), ""),
        post("/auth/password/reset", reset, "unknown token"),
    ]
}

fn oneself() -> Vec<Attempt> {
    let me = |body: Value, note| at("PATCH", "/users/me", "/users/me", body, note);
    let tfa = json!({ "secret": "JBSWY3DPEHPK3PXP", "otp": "000000", "password": "password" });
    vec![
        get("/users/me"),
        me(json!({ "first_name": "Changed" }), "name"),
        me(json!({ "role": TWO }), "role"),
        me(json!({ "policies": [{ "policy": TWO }] }), "policies"),
        at(
            "PATCH",
            "/users/me/track/page",
            "/users/me/track/page",
            json!({ "last_page": "/content" }),
            "",
        ),
        post("/users/me/tfa/generate", json!({ "password": "password" }), ""),
        post("/users/me/tfa/enable", tfa.clone(), "wrong code"),
        post("/users/me/tfa/disable", tfa, "wrong code"),
        get("/permissions/me"),
        get_at("/permissions/me/:collection", "/permissions/me/articles"),
        get_at("/permissions/me/:collection/:key", "/permissions/me/articles/1"),
        get_at(
            "/permissions/me/:collection/:key",
            "/permissions/me/directus_sessions/x",
        ),
        get("/policies/me/globals"),
        get("/roles/me"),
    ]
}

fn people() -> Vec<Attempt> {
    let invite = |role: &str| json!({ "email": "invited@example.com", "role": role });
    let user = "/users/11111111-1111-4111-8111-111111111111/tfa/disable";
    vec![
        at("POST", "/users/:id/tfa/disable", user, Value::Null, ""),
        post("/users/invite", invite(ONE), "to a role"),
        post("/users/invite", invite(TWO), "to the administrators"),
        post(
            "/users/invite/accept",
            json!({ "token": "none", "password": "a-new-password" }),
            "unknown token",
        ),
        post(
            "/users/register",
            json!({ "email": "new@example.com", "password": "a-password" }),
            "switched off",
        ),
        get_at(
            "/users/register/verify-email",
            "/users/register/verify-email?token=none",
        ),
        get_at(
            "/users/register/verify-email/:token",
            "/users/register/verify-email/none",
        ),
    ]
}

/// Tables of Aedile itself and of the database behind every door that takes a name.
fn hidden_tables() -> Vec<Attempt> {
    let item = json!({ "key": "version", "value": "9" });
    let list = json!({ "keys": ["version"], "data": { "value": "9" } });
    let items = "/items/:collection";
    let one = "/items/:collection/:key";
    vec![
        get_at(items, "/items/aedile_meta"),
        at("SEARCH", items, "/items/aedile_meta", json!({ "query": {} }), ""),
        at("POST", items, "/items/aedile_meta", item.clone(), ""),
        at("PATCH", items, "/items/aedile_meta", list, ""),
        at("DELETE", items, "/items/aedile_meta", json!(["version"]), ""),
        get_at(one, "/items/aedile_meta/version"),
        at("PATCH", one, "/items/aedile_meta/version", item, ""),
        at("DELETE", one, "/items/aedile_meta/version", Value::Null, ""),
        get_at(items, "/items/aedile_migrations"),
        get_at(items, "/items/sqlite_schema"),
        get_at(items, "/items/sqlite_sequence"),
        get_at("/collections/:collection", "/collections/aedile_meta"),
        get_at("/fields/:collection", "/fields/aedile_meta"),
        get_at("/relations/:collection", "/relations/aedile_meta"),
        at(
            "DELETE",
            "/collections/:collection",
            "/collections/aedile_meta",
            Value::Null,
            "",
        ),
        at(
            "DELETE",
            "/collections/:collection",
            "/collections/directus_users",
            Value::Null,
            "",
        ),
        at(
            "DELETE",
            "/fields/:collection/:field",
            "/fields/directus_users/email",
            Value::Null,
            "",
        ),
        at(
            "DELETE",
            "/fields/:collection/:field",
            "/fields/aedile_meta/value",
            Value::Null,
            "",
        ),
    ]
}

fn model() -> Vec<Attempt> {
    let meta = json!({ "meta": { "note": "Changed" } });
    let made = json!({ "collection": "made", "meta": {}, "schema": {} });
    let relation = json!({ "collection": "articles", "field": "note", "related_collection": "notes", "schema": null });
    let collection = "/collections/:collection";
    let fields = "/fields/:collection";
    let field = "/fields/:collection/:field";
    let link = "/relations/:collection/:field";
    vec![
        get("/collections"),
        post("/collections", made, ""),
        at(
            "PATCH",
            "/collections",
            "/collections",
            json!([{ "collection": "articles", "meta": { "note": "x" } }]),
            "",
        ),
        get_at(collection, "/collections/articles"),
        at("PATCH", collection, "/collections/articles", meta.clone(), ""),
        at("DELETE", collection, "/collections/notes", Value::Null, ""),
        get("/fields"),
        get_at(fields, "/fields/articles"),
        at(
            "POST",
            fields,
            "/fields/articles",
            json!({ "field": "made", "type": "string" }),
            "",
        ),
        at(
            "PATCH",
            fields,
            "/fields/articles",
            json!([{ "field": "title", "meta": { "note": "x" } }]),
            "",
        ),
        get_at(field, "/fields/articles/title"),
        at("PATCH", field, "/fields/articles/title", meta, ""),
        at("DELETE", field, "/fields/articles/title", Value::Null, ""),
        get("/relations"),
        post("/relations", relation, "there already"),
        get_at("/relations/:collection", "/relations/articles"),
        get_at(link, "/relations/articles/note"),
        at(
            "PATCH",
            link,
            "/relations/articles/note",
            json!({ "meta": { "one_deselect_action": "delete" } }),
            "",
        ),
        at("DELETE", link, "/relations/articles/note", Value::Null, ""),
    ]
}

fn services() -> Vec<Attempt> {
    let hash = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    let id = "/extensions/:id";
    let question = json!({ "user": ONE, "collection": "articles", "action": "read" });
    let one = "/extensions/11111111-1111-4111-8111-111111111111";
    vec![
        get("/utils/random/string"),
        post("/utils/hash/generate", json!({ "string": "text" }), ""),
        post("/utils/hash/verify", json!({ "string": "text", "hash": hash }), ""),
        at(
            "POST",
            "/utils/sort/:collection",
            "/utils/sort/articles",
            json!({ "item": 1, "to": 2 }),
            "",
        ),
        at(
            "POST",
            "/utils/sort/:collection",
            "/utils/sort/directus_users",
            json!({ "item": ONE, "to": TWO }),
            "",
        ),
        post("/utils/cache/clear", Value::Null, ""),
        post("/access/explain", question, ""),
        post("/access/views", json!({ "user": ONE }), ""),
        at(
            "DELETE",
            "/access/views/:id",
            "/access/views/none",
            Value::Null,
            "unknown view",
        ),
        get("/extensions"),
        at("PATCH", id, one, json!({ "meta": { "enabled": false } }), ""),
        at("DELETE", id, one, Value::Null, ""),
        get("/extensions/registry"),
    ]
}
