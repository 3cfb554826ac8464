//! Every route with a path of its own, and what is sent to it: a request that would succeed for whoever may make it, and
//! the ones that must not. Resources that are served like collections are tried elsewhere.

use serde_json::{Value, json};

use super::seed::{ONE, TWO};

/// One request.
pub struct Attempt {
    pub method: &'static str,
    /// What is asked for.
    pub target: &'static str,
    /// `Null` for none.
    pub body: Value,
    /// What tells it from others at the same address.
    note: &'static str,
}

impl Attempt {
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

fn at(method: &'static str, target: &'static str, body: Value, note: &'static str) -> Attempt {
    Attempt {
        method,
        target,
        body,
        note,
    }
}

fn get(target: &'static str) -> Attempt {
    at("GET", target, Value::Null, "")
}

fn post(target: &'static str, body: Value, note: &'static str) -> Attempt {
    at("POST", target, body, note)
}

/// All of them, in the order of the server's table.
pub fn all() -> Vec<Attempt> {
    let mut all = server();
    all.extend(authentication());
    all.extend(oneself());
    all.extend(studio());
    all.extend(people());
    all.extend(hidden_tables());
    all.extend(model());
    all.extend(schema());
    all.extend(services());
    all.extend(files());
    all
}

fn server() -> Vec<Attempt> {
    vec![
        get("/"),
        get("/robots.txt"),
        get("/server/ping"),
        get("/server/info"),
        get("/server/health"),
        get("/server/specs/oas"),
        post("/server/setup", json!({ "project_owner": "x@example.com" }), ""),
    ]
}

fn authentication() -> Vec<Attempt> {
    let login = |password: &str| json!({ "email": "admin@example.com", "password": password });
    let reset = json!({ "token": "none", "password": "a-new-password" });
    vec![
        get("/auth"),
        get("/auth/login/none"),
        get("/auth/login/none/callback?code=x&state=y"),
        at("POST", "/auth/login/none/callback", Value::Null, ""),
        get("/auth/login/none/metadata"),
        at("POST", "/auth/login/none/acs", Value::Null, ""),
        at("POST", "/auth/login/none/logout", Value::Null, ""),
        post(
            "/auth/login/none",
            json!({ "identifier": "ann", "password": "x" }),
            "no directory",
        ),
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
    let me = |body: Value, note| at("PATCH", "/users/me", body, note);
    let tfa = json!({ "secret": "JBSWY3DPEHPK3PXP", "otp": "000000", "password": "password" });
    vec![
        get("/users/me"),
        me(json!({ "first_name": "Changed" }), "name"),
        me(json!({ "role": TWO }), "role"),
        me(json!({ "policies": [{ "policy": TWO }] }), "policies"),
        at("PATCH", "/users/me/track/page", json!({ "last_page": "/content" }), ""),
        post("/users/me/tfa/generate", json!({ "password": "password" }), ""),
        post("/users/me/tfa/enable", tfa.clone(), "wrong code"),
        post("/users/me/tfa/disable", tfa.clone(), "wrong code"),
        get("/users/me/tfa/recovery-codes"),
        post("/users/me/tfa/recovery-codes", tfa, "wrong code"),
        get("/users/me/sessions"),
        at("DELETE", "/users/me/sessions/none", Value::Null, ""),
        at("DELETE", "/users/me/sessions", Value::Null, ""),
        get("/permissions/me"),
        get("/permissions/me/articles"),
        get("/permissions/me/articles/1"),
        get("/permissions/me/directus_sessions/x"),
        get("/policies/me/globals"),
        get("/roles/me"),
    ]
}

/// The Studio: its page and files are everybody's, what it begins with is what each may know.
fn studio() -> Vec<Attempt> {
    vec![
        get("/admin"),
        get("/admin/content/articles"),
        get("/admin/assets/none.js"),
        get("/studio/boot"),
        get("/studio/changes"),
        get("/studio/system"),
    ]
}

fn people() -> Vec<Attempt> {
    let invite = |role: &str| json!({ "email": "invited@example.com", "role": role });
    let user = "/users/11111111-1111-4111-8111-111111111111/tfa/disable";
    let sessions = "/users/11111111-1111-4111-8111-111111111111/sessions";
    vec![
        at("POST", user, Value::Null, ""),
        get(sessions),
        at(
            "DELETE",
            "/users/11111111-1111-4111-8111-111111111111/sessions/none",
            Value::Null,
            "",
        ),
        at("DELETE", sessions, Value::Null, ""),
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
        get("/users/register/verify-email?token=none"),
        get("/users/register/verify-email/none"),
    ]
}

/// Tables of Aedile itself and of the database behind every door that takes a name.
fn hidden_tables() -> Vec<Attempt> {
    let item = json!({ "key": "version", "value": "9" });
    let list = json!({ "keys": ["version"], "data": { "value": "9" } });
    vec![
        get("/items/aedile_meta"),
        at("SEARCH", "/items/aedile_meta", json!({ "query": {} }), ""),
        at("POST", "/items/aedile_meta", item.clone(), ""),
        at("PATCH", "/items/aedile_meta", list, ""),
        at("DELETE", "/items/aedile_meta", json!(["version"]), ""),
        get("/items/aedile_meta/version"),
        at("PATCH", "/items/aedile_meta/version", item, ""),
        at("DELETE", "/items/aedile_meta/version", Value::Null, ""),
        get("/items/aedile_migrations"),
        get("/items/sqlite_schema"),
        get("/items/sqlite_sequence"),
        get("/collections/aedile_meta"),
        get("/fields/aedile_meta"),
        get("/relations/aedile_meta"),
        at("DELETE", "/collections/aedile_meta", Value::Null, ""),
        at("DELETE", "/collections/directus_users", Value::Null, ""),
        at("DELETE", "/fields/directus_users/email", Value::Null, ""),
        at("DELETE", "/fields/aedile_meta/value", Value::Null, ""),
    ]
}

fn model() -> Vec<Attempt> {
    let meta = json!({ "meta": { "note": "Changed" } });
    let made = json!({ "collection": "made", "meta": {}, "schema": {} });
    let relation = json!({ "collection": "articles", "field": "note", "related_collection": "notes", "schema": null });
    vec![
        get("/collections"),
        post("/collections", made, ""),
        at(
            "PATCH",
            "/collections",
            json!([{ "collection": "articles", "meta": { "note": "x" } }]),
            "",
        ),
        get("/collections/articles"),
        at("PATCH", "/collections/articles", meta.clone(), ""),
        at("DELETE", "/collections/notes", Value::Null, ""),
        get("/fields"),
        get("/fields/articles"),
        at(
            "POST",
            "/fields/articles",
            json!({ "field": "made", "type": "string" }),
            "",
        ),
        at(
            "PATCH",
            "/fields/articles",
            json!([{ "field": "title", "meta": { "note": "x" } }]),
            "",
        ),
        get("/fields/articles/title"),
        at("PATCH", "/fields/articles/title", meta, ""),
        at("DELETE", "/fields/articles/title", Value::Null, ""),
        get("/relations"),
        post("/relations", relation, "there already"),
        get("/relations/articles"),
        get("/relations/articles/note"),
        at(
            "PATCH",
            "/relations/articles/note",
            json!({ "meta": { "one_deselect_action": "delete" } }),
            "",
        ),
        at("DELETE", "/relations/articles/note", Value::Null, ""),
    ]
}

/// Changes that are shown, and the model as a file.
fn schema() -> Vec<Attempt> {
    let made = json!({ "collection": "made", "meta": {}, "schema": {} });
    let nothing = json!({ "collections": [], "fields": [], "relations": [] });
    let mut snapshot = nothing.clone();
    snapshot["version"] = json!(1);
    snapshot["directus"] = json!("11.17.4");
    snapshot["vendor"] = json!("sqlite");
    let gone = json!([{ "kind": "D", "lhs": {} }]);
    let mut diff = nothing.clone();
    diff["fields"] = json!([{ "collection": "articles", "field": "title", "diff": gone }]);
    let apply = json!({ "hash": "x", "diff": diff });
    vec![
        post("/collections?dry_run", made, "shown"),
        at("DELETE", "/collections/notes?dry_run", Value::Null, "shown"),
        at(
            "PATCH",
            "/fields/articles/title?dry_run",
            json!({ "meta": { "note": "x" } }),
            "shown",
        ),
        at("DELETE", "/relations/articles/note?dry_run", Value::Null, "shown"),
        get("/schema/snapshot"),
        get("/schema/snapshot?export=yaml"),
        post("/schema/diff", snapshot, ""),
        post("/schema/diff", json!({}), "no snapshot"),
        post("/schema/apply", apply.clone(), "of another schema"),
        post("/schema/apply?force&dry_run", apply.clone(), "shown"),
        post("/schema/apply?force", apply, "a field goes"),
    ]
}

fn services() -> Vec<Attempt> {
    let hash = "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    let question = json!({ "user": ONE, "collection": "articles", "action": "read" });
    let one = "/extensions/11111111-1111-4111-8111-111111111111";
    vec![
        get("/utils/random/string"),
        post("/utils/hash/generate", json!({ "string": "text" }), ""),
        post("/utils/hash/verify", json!({ "string": "text", "hash": hash }), ""),
        at("POST", "/utils/sort/articles", json!({ "item": 1, "to": 2 }), ""),
        at(
            "POST",
            "/utils/sort/directus_users",
            json!({ "item": ONE, "to": TWO }),
            "",
        ),
        post("/utils/cache/clear", Value::Null, ""),
        get("/utils/audit"),
        post("/utils/audit/fix", json!({ "findings": [] }), ""),
        post("/utils/revert/1", Value::Null, ""),
        post("/utils/revert/9999", Value::Null, "no such revision"),
        post("/access/explain", question, ""),
        post("/access/views", json!({ "user": ONE }), ""),
        at("DELETE", "/access/views/none", Value::Null, "unknown view"),
        get("/extensions"),
        at("PATCH", one, json!({ "meta": { "enabled": false } }), ""),
        at("DELETE", one, Value::Null, ""),
        get("/extensions/registry"),
    ]
}

/// Items in and out as files.
fn files() -> Vec<Attempt> {
    let csv = |text: &str| json!({ "form": { "file": { "name": "a.csv", "type": "text/csv", "text": text } } });
    let export = |fields: &str| json!({ "format": "csv", "query": { "fields": [fields] }, "file": {} });
    vec![
        post("/utils/import/articles", csv("title\nMade\n"), "new"),
        post("/utils/import/articles", csv("id,title\n1,Changed\n"), "one"),
        post("/utils/import/articles", csv("id,title\n2,Changed\n"), "two"),
        post("/utils/import/directus_users", csv("email\nmade@example.com\n"), ""),
        post("/utils/import/directus_sessions", csv("token\nmade\n"), ""),
        post(
            "/utils/import/directus_fields",
            csv("collection,field\narticles,made\n"),
            "",
        ),
        post("/utils/import/aedile_meta", csv("key,value\na,b\n"), ""),
        post("/utils/export/articles", export("title"), "a field"),
        post("/utils/export/articles", export("secret"), "a secret"),
        post("/utils/export/directus_users", export("email"), ""),
        get("/items/articles?export=csv&limit=-1"),
        get("/users?export=json&limit=-1"),
        get("/users?export=csv&limit=-1&filter[password][_starts_with]=$argon2"),
    ]
}
