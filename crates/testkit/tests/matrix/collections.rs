//! Every system collection, and one of the project's: where it is served, which rows are tried, and what is tried with
//! them. It must name every collection of the system, those included that nobody may reach.

use serde_json::{Value, json};

use super::{
    project::{Caller, Request},
    seed::{ONE, TWO, USER},
};

/// The project's own collection.
const OWN: &str = "articles";

/// One collection.
pub struct Spec {
    pub collection: &'static str,
    /// Its path, or the path it would have.
    pub root: &'static str,
    /// The primary key's name.
    pub key: &'static str,
    /// The app user's row.
    pub one: Value,
    /// The administrator's row.
    pub two: Value,
    /// A new row.
    pub create: Value,
    /// The field that narrow callers may read and change.
    pub field: &'static str,
    /// Another value of that field.
    pub change: Value,
    /// A change of the field that does most harm.
    pub harm: Value,
    /// Nobody reaches it, not even administrators.
    pub sealed: bool,
}

/// One thing to try.
pub struct Action {
    pub name: String,
    collection: &'static str,
    method: &'static str,
    target: String,
    body: Value,
}

impl Action {
    pub fn request(&self, caller: Caller) -> Request {
        Request {
            token: caller.token(self.collection),
            method: self.method,
            target: self.target.clone(),
            body: self.body.clone(),
        }
    }
}

impl Spec {
    /// A collection whose keys are UUIDs.
    fn of(collection: &'static str, create: Value, field: &'static str, change: Value, harm: Value) -> Spec {
        Spec {
            collection,
            root: collection.trim_start_matches("directus_"),
            key: "id",
            one: ONE.into(),
            two: TWO.into(),
            create,
            field,
            change,
            harm,
            sealed: false,
        }
    }

    fn numbered(self) -> Spec {
        self.keyed("id", 1.into(), 2.into())
    }

    fn keyed(mut self, key: &'static str, one: Value, two: Value) -> Spec {
        (self.key, self.one, self.two) = (key, one, two);
        self
    }

    fn sealed(mut self) -> Spec {
        self.sealed = true;
        self
    }

    /// Everything that is tried.
    pub fn actions(&self) -> Vec<Action> {
        let root = format!("/{}", self.root);
        let one = format!("{root}/{}", plain(&self.one));
        let two = format!("{root}/{}", plain(&self.two));
        let both = json!([self.one, self.two]);
        let with_key = |key: &Value| {
            let mut body = self.change.clone();
            body[self.key] = key.clone();
            body
        };
        let mut second = self.create.clone();
        if let Some(email) = second.get_mut("email") {
            *email = "second@example.com".into();
        }
        if let Some(language) = second.get_mut("language") {
            *language = "de-DE".into();
        }
        let all = json!({ "limit": -1 });
        let mut actions = vec![
            self.action("read list", "GET", format!("{root}?limit=-1"), Value::Null),
            self.action("read list by SEARCH", "SEARCH", root.clone(), json!({ "query": all })),
            self.action(
                "read list with relations",
                "GET",
                format!("{root}?fields=*.*.*&limit=-1"),
                Value::Null,
            ),
            self.action("read count", "GET", format!("{root}?aggregate[count]=*"), Value::Null),
            self.action("read one", "GET", one.clone(), Value::Null),
            self.action("read two", "GET", two.clone(), Value::Null),
            self.action("create", "POST", root.clone(), self.create.clone()),
            self.action("create several", "POST", root.clone(), json!([self.create, second])),
            self.action("update one", "PATCH", one.clone(), self.change.clone()),
            self.action("update one, harmfully", "PATCH", one.clone(), self.harm.clone()),
            self.action("update two", "PATCH", two.clone(), self.change.clone()),
            self.action(
                "update both by keys",
                "PATCH",
                root.clone(),
                json!({ "keys": both, "data": self.change }),
            ),
            self.action(
                "update by query",
                "PATCH",
                root.clone(),
                json!({ "query": all, "data": self.change }),
            ),
            self.action(
                "update both as list",
                "PATCH",
                root.clone(),
                json!([with_key(&self.one), with_key(&self.two)]),
            ),
            self.action("delete one", "DELETE", one, Value::Null),
            self.action("delete two", "DELETE", two, Value::Null),
            self.action("delete both", "DELETE", root.clone(), both),
            self.action("delete by query", "DELETE", root, json!({ "query": all })),
        ];
        if self.one == self.two {
            let root = || format!("/{}", self.root);
            actions.push(self.action("update the one row", "PATCH", root(), self.change.clone()));
            actions.push(self.action("update the one row, harmfully", "PATCH", root(), self.harm.clone()));
        }
        if self.collection != OWN {
            actions.extend(self.at_items());
        }
        actions
    }

    /// The door of the project's collections, which has to be shut for the system's.
    fn at_items(&self) -> [Action; 4] {
        let root = format!("/items/{}", self.collection);
        let one = format!("{root}/{}", plain(&self.one));
        [
            self.action("read at /items", "GET", root.clone(), Value::Null),
            self.action("create at /items", "POST", root, self.create.clone()),
            self.action("update at /items", "PATCH", one.clone(), self.change.clone()),
            self.action("delete at /items", "DELETE", one, Value::Null),
        ]
    }

    fn action(&self, name: &str, method: &'static str, target: String, body: Value) -> Action {
        Action {
            name: name.to_owned(),
            collection: self.collection,
            method,
            target,
            body,
        }
    }
}

fn plain(key: &Value) -> String {
    key.as_str().map_or_else(|| key.to_string(), str::to_owned)
}

/// All of them, by name.
pub fn all() -> Vec<Spec> {
    let mut all = people();
    all.extend(content());
    all.extend(model());
    all.extend(unreachable());
    all.sort_by_key(|spec| spec.collection);
    all
}

/// Who may do what.
fn people() -> Vec<Spec> {
    vec![
        Spec::of(
            "directus_access",
            json!({ "user": USER, "policy": ONE }),
            "sort",
            json!({ "sort": 7 }),
            json!({ "policy": TWO }),
        ),
        Spec::of(
            "directus_permissions",
            json!({ "policy": ONE, "collection": "articles", "action": "read", "fields": ["*"] }),
            "fields",
            json!({ "fields": ["*"] }),
            json!({ "collection": "directus_users" }),
        )
        .numbered(),
        Spec::of(
            "directus_policies",
            json!({ "name": "Made", "admin_access": true }),
            "description",
            json!({ "description": "Changed" }),
            json!({ "admin_access": true }),
        ),
        Spec::of(
            "directus_roles",
            json!({ "name": "Made", "parent": TWO }),
            "description",
            json!({ "description": "Changed" }),
            json!({ "parent": TWO }),
        ),
        Spec::of(
            "directus_users",
            json!({ "email": "made@example.com", "role": TWO }),
            "first_name",
            json!({ "first_name": "Changed" }),
            json!({ "role": TWO }),
        ),
        Spec::of(
            "directus_shares",
            json!({ "name": "Made", "collection": "articles", "item": "1" }),
            "name",
            json!({ "name": "Changed" }),
            json!({ "role": TWO }),
        ),
        Spec::of(
            "directus_presets",
            json!({ "collection": "articles", "user": ONE }),
            "bookmark",
            json!({ "bookmark": "Changed" }),
            json!({ "user": TWO }),
        )
        .numbered(),
        Spec::of(
            "directus_notifications",
            json!({ "recipient": USER, "subject": "Made" }),
            "status",
            json!({ "status": "archived" }),
            json!({ "recipient": TWO }),
        )
        .numbered(),
        Spec::of(
            "directus_settings",
            json!({ "project_name": "Made" }),
            "project_descriptor",
            json!({ "project_descriptor": "Changed" }),
            json!({ "public_registration": true, "public_registration_role": TWO }),
        )
        .keyed("id", 1.into(), 1.into()),
    ]
}

/// What people make, and what is remembered of it.
fn content() -> Vec<Spec> {
    let owner = || json!({ "user_created": TWO });
    let options = || json!({ "options": { "harm": true } });
    let panel = json!({ "dashboard": ONE, "type": "label", "position_x": 1, "position_y": 1, "width": 1, "height": 1 });
    let operation = json!({ "flow": ONE, "key": "made", "type": "log", "position_x": 1, "position_y": 1 });
    let file = json!({ "storage": "local", "title": "Made", "filename_download": "made.txt", "type": "text/plain" });
    let of_article = |key: &str, value: &str| json!({ "collection": "articles", "item": "1", key: value });
    let note = json!({ "note": "Changed" });
    vec![
        Spec {
            root: "items/articles",
            ..Spec::of(
                OWN,
                json!({ "title": "Made" }),
                "title",
                json!({ "title": "Changed" }),
                json!({ "secret": "x" }),
            )
            .numbered()
        },
        Spec::of(
            "directus_activity",
            of_article("action", "create"),
            "origin",
            json!({ "origin": "x" }),
            json!({ "user": TWO }),
        )
        .numbered(),
        Spec::of(
            "directus_revisions",
            of_article("delta", "{}"),
            "item",
            json!({ "item": "2" }),
            json!({ "data": {} }),
        )
        .numbered(),
        Spec::of(
            "directus_comments",
            of_article("comment", "Made"),
            "comment",
            json!({ "comment": "Changed" }),
            owner(),
        ),
        Spec::of(
            "directus_versions",
            of_article("key", "made"),
            "name",
            json!({ "name": "Changed" }),
            json!({ "delta": { "title": "x" } }),
        ),
        Spec::of(
            "directus_dashboards",
            json!({ "name": "Made" }),
            "note",
            note.clone(),
            owner(),
        ),
        Spec::of("directus_panels", panel, "note", note, options()),
        Spec::of(
            "directus_flows",
            json!({ "name": "Made" }),
            "description",
            json!({ "description": "Changed" }),
            options(),
        ),
        Spec::of(
            "directus_operations",
            operation,
            "name",
            json!({ "name": "Changed" }),
            options(),
        ),
        Spec::of(
            "directus_files",
            file,
            "title",
            json!({ "title": "Changed" }),
            json!({ "filename_disk": "../two.txt" }),
        ),
        Spec::of(
            "directus_folders",
            json!({ "name": "Made" }),
            "name",
            json!({ "name": "Changed" }),
            json!({ "parent": TWO }),
        ),
        Spec::of(
            "directus_translations",
            json!({ "language": "de-DE", "key": "made", "value": "Gemacht" }),
            "value",
            json!({ "value": "Changed" }),
            json!({ "key": "harm" }),
        ),
    ]
}

/// The data model, whose own routes are further down too.
fn model() -> Vec<Spec> {
    let meta = json!({ "meta": { "note": "Changed" } });
    vec![
        Spec::of(
            "directus_collections",
            json!({ "collection": "made", "meta": {}, "schema": {} }),
            "note",
            meta.clone(),
            json!({ "meta": { "accountability": null } }),
        )
        .keyed("collection", "articles".into(), "notes".into()),
        Spec::of(
            "directus_fields",
            json!({ "field": "made", "type": "string" }),
            "note",
            meta.clone(),
            meta.clone(),
        )
        .keyed("collection", "articles".into(), "notes".into()),
        Spec::of(
            "directus_relations",
            json!({ "collection": "articles", "field": "note", "related_collection": "notes" }),
            "sort_field",
            meta.clone(),
            meta,
        )
        .keyed("collection", "articles".into(), "notes".into()),
    ]
}

/// What is behind no door.
fn unreachable() -> Vec<Spec> {
    let name = || json!({ "name": "Changed" });
    vec![
        Spec::of(
            "directus_sessions",
            json!({ "user": ONE }),
            "user",
            json!({ "user": USER }),
            json!({ "user": TWO }),
        )
        .keyed("token", "session-one".into(), "session-two".into())
        .sealed(),
        Spec::of("directus_migrations", json!({ "version": "x" }), "name", name(), name())
            .keyed("version", "20201028A".into(), "20201029A".into())
            .sealed(),
        Spec::of(
            "directus_deployments",
            json!({ "provider": "x" }),
            "provider",
            json!({ "provider": "x" }),
            json!({ "credentials": "x" }),
        )
        .sealed(),
        Spec::of(
            "directus_deployment_projects",
            json!({ "name": "x" }),
            "name",
            name(),
            name(),
        )
        .sealed(),
        Spec::of(
            "directus_deployment_runs",
            json!({ "target": "x" }),
            "status",
            json!({ "status": "x" }),
            json!({ "url": "x" }),
        )
        .sealed(),
        Spec::of(
            "directus_extensions",
            json!({ "folder": "x" }),
            "enabled",
            json!({ "enabled": false }),
            json!({ "folder": "x" }),
        ),
    ]
}
