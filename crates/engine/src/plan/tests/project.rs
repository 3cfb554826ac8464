//! A small newsroom with rows in a database in memory, and callers who ask it. Every question is asked twice: with the
//! foreign keys indexed and without, which plans differ in and answers must not.

use rusqlite::{Connection, functions::FunctionFlags, types::Value as Cell};
use serde_json::{Value as Json, json};

use crate::{
    Error, Result,
    access::{Access, Action, Permission, Policies, Policy, caller::Caller, policy::Attachment, policy::Role},
    plan::{Plan, read},
    query::{Limits, Query, Var, parse},
    schema::{Accountability, Collection, Column, Deselect, Field, Ident, Kind, Relation, Schema, Special},
    sql::{self, Dialect, Shape},
    value::{Param, time},
};

pub const ADA: &str = "a0000000-0000-4000-8000-000000000001";
pub const BOB: &str = "b0000000-0000-4000-8000-000000000002";
pub const WRITERS: &str = "c0000000-0000-4000-8000-000000000003";
pub const STAFF: &str = "d0000000-0000-4000-8000-000000000004";
pub const PHOTO: &str = "e0000000-0000-4000-8000-000000000005";

/// The key of a request for one item.
pub const NAMED: Param = Param::Int(3);

/// 2024-02-03T04:05:06.000Z.
pub const NOW: i64 = 1_706_933_106_000;

fn field(name: &str, kind: Kind, special: &[Special]) -> Field {
    Field {
        name: name.to_owned(),
        kind,
        special: special.to_vec(),
        column: (kind != Kind::Alias).then(|| Column {
            name: Ident::new(name),
            data_type: String::new(),
            nullable: name != "id",
            default: None,
            default_now: false,
            max_length: None,
            precision: None,
            scale: Some(2),
            unique: name == "id",
            indexed: false,
            primary: name == "id",
            auto_increment: name == "id",
            generated: false,
        }),
        validation: None,
        searchable: name != "unlisted",
        meta: None,
    }
}

fn collection(name: &str, fields: &[(&str, Kind, &[Special])]) -> Collection {
    let fields = fields.iter().map(|(name, kind, special)| field(name, *kind, special));
    Collection {
        name: name.to_owned(),
        table: Ident::new(name),
        key: "id".to_owned(),
        fields: fields.map(|f| (f.name.clone(), f)).collect(),
        singleton: false,
        sort_field: (name == "teams").then(|| "place".to_owned()),
        accountability: Accountability::All,
        system: false,
        managed: true,
    }
}

fn relation(many: &str, many_field: &str, one: &str, one_field: Option<&str>, indexed: bool) -> Relation {
    Relation {
        many: many.to_owned(),
        many_field: many_field.to_owned(),
        one: Some(one.to_owned()),
        one_field: one_field.map(str::to_owned),
        one_collection_field: None,
        one_allowed: Vec::new(),
        junction_field: None,
        sort_field: None,
        deselect: Deselect::Nullify,
        indexed,
        meta: None,
        constraint: None,
    }
}

const ID: (&str, Kind, &[Special]) = ("id", Kind::Integer, &[]);
const KEY: (&str, Kind, &[Special]) = ("id", Kind::Uuid, &[Special::Uuid]);
const M2O: &[Special] = &[Special::M2o];
const O2M: &[Special] = &[Special::O2m];

fn articles() -> Collection {
    collection(
        "articles",
        &[
            ID,
            ("title", Kind::String, &[]),
            ("status", Kind::String, &[]),
            ("price", Kind::Decimal, &[]),
            ("rating", Kind::Float, &[]),
            ("views", Kind::BigInteger, &[]),
            ("likes", Kind::Integer, &[]),
            ("live", Kind::Boolean, &[]),
            ("pinned", Kind::Integer, &[Special::CastBoolean]),
            ("day", Kind::Date, &[]),
            ("hour", Kind::Time, &[]),
            ("starts", Kind::DateTime, &[]),
            ("published", Kind::Timestamp, &[]),
            ("extra", Kind::Json, &[Special::CastJson]),
            ("vault", Kind::Json, &[Special::CastJson, Special::Conceal]),
            ("tags", Kind::Csv, &[Special::CastCsv]),
            ("spot", Kind::GeometryPoint, &[]),
            ("token", Kind::Uuid, &[]),
            ("secret", Kind::String, &[Special::Conceal]),
            ("unlisted", Kind::String, &[]),
            ("odd", Kind::Unknown, &[]),
            ("owner", Kind::Uuid, M2O),
            ("author", Kind::Integer, M2O),
            ("comments", Kind::Alias, O2M),
            ("parts", Kind::Alias, O2M),
            ("divider", Kind::Alias, &[Special::Alias, Special::NoData]),
        ],
    )
}

fn schema(indexed: bool) -> Schema {
    let collections = [
        articles(),
        collection(
            "authors",
            &[
                ID,
                ("name", Kind::String, &[]),
                ("active", Kind::Boolean, &[]),
                ("team", Kind::Integer, M2O),
                ("articles", Kind::Alias, O2M),
            ],
        ),
        collection(
            "comments",
            &[
                ID,
                ("text", Kind::Text, &[]),
                ("approved", Kind::Boolean, &[]),
                ("place", Kind::Integer, &[]),
                ("article", Kind::Integer, M2O),
                ("by", Kind::Uuid, M2O),
            ],
        ),
        collection(
            "teams",
            &[
                ID,
                ("name", Kind::String, &[]),
                ("region", Kind::String, &[]),
                ("place", Kind::Integer, &[]),
                ("until", Kind::Timestamp, &[]),
                ("since", Kind::Date, &[]),
                ("authors", Kind::Alias, O2M),
            ],
        ),
        collection(
            "parts",
            &[
                ID,
                ("article", Kind::Integer, M2O),
                ("item", Kind::String, &[]),
                ("collection", Kind::String, &[]),
            ],
        ),
        collection("pages", &[ID, ("heading", Kind::String, &[])]),
        collection("images", &[KEY, ("alt", Kind::String, &[])]),
        collection("attic", &[ID, ("heading", Kind::String, &[])]),
        collection(
            "memberships",
            &[ID, ("user", Kind::Uuid, M2O), ("team", Kind::Integer, M2O)],
        ),
        collection(
            "directus_users",
            &[
                KEY,
                ("name", Kind::String, &[]),
                ("password", Kind::Hash, &[Special::Hash, Special::Conceal]),
                ("level", Kind::Integer, &[]),
                ("team", Kind::Integer, M2O),
                ("role", Kind::Uuid, M2O),
                ("memberships", Kind::Alias, O2M),
            ],
        ),
        collection(
            "directus_roles",
            &[
                KEY,
                ("name", Kind::String, &[]),
                ("parent", Kind::Uuid, M2O),
                ("users", Kind::Alias, O2M),
            ],
        ),
    ];
    let own = |many: &str, field: &str, one: &str, list: Option<&str>| relation(many, field, one, list, indexed);
    let relations = vec![
        own("articles", "owner", "directus_users", None),
        own("articles", "author", "authors", Some("articles")),
        Relation {
            sort_field: Some("place".to_owned()),
            ..own("comments", "article", "articles", Some("comments"))
        },
        own("comments", "by", "directus_users", None),
        own("authors", "team", "teams", Some("authors")),
        own("parts", "article", "articles", Some("parts")),
        Relation {
            one: None,
            one_collection_field: Some("collection".to_owned()),
            one_allowed: vec!["pages".to_owned(), "images".to_owned()],
            ..own("parts", "item", "", None)
        },
        own("memberships", "user", "directus_users", Some("memberships")),
        own("memberships", "team", "teams", None),
        own("directus_users", "team", "teams", None),
        own("directus_users", "role", "directus_roles", Some("users")),
        own("directus_roles", "parent", "directus_roles", None),
    ];
    Schema::new(collections, relations)
}

/// Every row, by its columns' names; columns that are left out are null. Moments are milliseconds.
fn rows() -> Vec<(&'static str, Json)> {
    let mut rows: Vec<(&str, Json)> = vec![
        (
            "teams",
            json!({"id": 1, "name": "North", "region": "EU", "place": 2, "until": NOW + 86_400_000, "since": "2024-02-03"}),
        ),
        (
            "teams",
            json!({"id": 2, "name": "South", "region": "US", "place": 1, "until": NOW - 86_400_000}),
        ),
        ("teams", json!({"id": 3, "name": "Void"})),
        (
            "directus_roles",
            json!({"id": WRITERS, "name": "Writers", "parent": STAFF}),
        ),
        ("directus_roles", json!({"id": STAFF, "name": "Staff"})),
        (
            "directus_users",
            json!({"id": ADA, "name": "Ada", "password": "x", "level": 8, "team": 1, "role": WRITERS}),
        ),
        ("directus_users", json!({"id": BOB, "name": "Bob", "role": STAFF})),
        ("memberships", json!({"id": 1, "user": ADA, "team": 1})),
        ("memberships", json!({"id": 2, "user": ADA, "team": 3})),
        ("memberships", json!({"id": 3, "user": BOB, "team": 2})),
        // Of a team that is gone.
        ("memberships", json!({"id": 4, "user": BOB, "team": 7})),
        ("authors", json!({"id": 1, "name": "Ann", "active": true, "team": 1})),
        ("authors", json!({"id": 2, "name": "Ben", "active": false, "team": 2})),
        ("authors", json!({"id": 3, "name": "Cat", "active": true})),
        (
            "comments",
            json!({"id": 1, "text": "first", "approved": true, "place": 2, "article": 1, "by": BOB}),
        ),
        (
            "comments",
            json!({"id": 2, "text": "second", "approved": false, "place": 1, "article": 1}),
        ),
        (
            "comments",
            json!({"id": 3, "text": "third", "approved": true, "article": 2, "by": ADA}),
        ),
        (
            "comments",
            json!({"id": 4, "text": "fourth", "approved": false, "article": 3}),
        ),
        ("comments", json!({"id": 5, "text": "stray", "approved": true})),
        ("pages", json!({"id": 1, "heading": "One"})),
        ("pages", json!({"id": 2, "heading": "Two"})),
        ("images", json!({"id": PHOTO, "alt": "Photo"})),
        ("attic", json!({"id": 1, "heading": "Dust"})),
        (
            "parts",
            json!({"id": 1, "article": 1, "item": "1", "collection": "pages"}),
        ),
        (
            "parts",
            json!({"id": 2, "article": 1, "item": PHOTO, "collection": "images"}),
        ),
        (
            "parts",
            json!({"id": 3, "article": 2, "item": "2", "collection": "pages"}),
        ),
        (
            "parts",
            json!({"id": 4, "article": 3, "item": "1", "collection": "attic"}),
        ),
        (
            "parts",
            json!({"id": 5, "article": 3, "item": "01", "collection": "pages"}),
        ),
    ];
    rows.extend([
        (
            "articles",
            json!({
                "id": 1, "title": "Alpha", "status": "published", "price": "5.00", "rating": 1.5, "views": 10,
                "likes": 3, "live": true, "pinned": 1, "day": "2024-01-31", "hour": "10:20:30",
                "starts": NOW, "published": NOW - 86_400_000, "extra": "{\"a\":[1,2]}", "vault": "[1,2,3]",
                "tags": "red,blue", "spot": "{\"type\":\"Point\",\"coordinates\":[1,2]}",
                "token": PHOTO, "secret": "hush", "unlisted": "needle", "owner": ADA, "author": 1
            }),
        ),
        (
            "articles",
            json!({
                "id": 2, "title": "Beta", "status": "draft", "price": "7.50", "views": 20, "likes": 3,
                "live": false, "pinned": 0, "day": "2023-12-01", "hour": "23:00:00", "starts": NOW - 86_400_000,
                "published": NOW + 86_400_000, "extra": "[1,2,3]", "tags": "", "secret": "hush", "unlisted": "",
                "owner": ADA, "author": 2
            }),
        ),
        (
            "articles",
            json!({
                "id": 3, "title": "gamma", "status": "published", "price": "9.00", "rating": 2.5, "views": 10,
                "likes": 7, "secret": "loud", "owner": BOB, "author": 1
            }),
        ),
        (
            "articles",
            json!({"id": 4, "title": "Delta 3", "status": "draft", "owner": BOB}),
        ),
    ]);
    rows
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn filled(schema: &Schema) -> Connection {
    let db = Connection::open_in_memory().unwrap();
    db.create_scalar_function("fold", 1, FunctionFlags::SQLITE_UTF8, |context| {
        Ok(context.get::<Option<String>>(0)?.map(|text| text.to_lowercase()))
    })
    .unwrap();
    for c in schema.collections() {
        let columns = c.fields.values().filter(|f| f.column.is_some()).map(|f| {
            let of = match f.kind {
                Kind::Integer | Kind::BigInteger | Kind::Boolean => "integer",
                Kind::DateTime | Kind::Timestamp => "timestamp",
                Kind::Decimal => "decimal(10, 2)",
                Kind::Float => "float",
                _ => "text",
            };
            format!("{} {of}", quoted(&f.name))
        });
        let columns: Vec<String> = columns.collect();
        db.execute_batch(&format!("create table {} ({})", quoted(&c.name), columns.join(", ")))
            .unwrap();
    }
    for (table, row) in rows() {
        let row = row.as_object().unwrap();
        let names: Vec<String> = row.keys().map(|name| quoted(name)).collect();
        let marks = vec!["?"; names.len()].join(", ");
        let values = row.values().map(|value| match value {
            Json::Bool(b) => Cell::Integer(i64::from(*b)),
            Json::Number(n) => n
                .as_i64()
                .map_or_else(|| Cell::Real(n.as_f64().unwrap()), Cell::Integer),
            Json::String(text) => Cell::Text(text.clone()),
            _ => Cell::Null,
        });
        let text = format!("insert into {} ({}) values ({marks})", quoted(table), names.join(", "));
        db.execute(&text, rusqlite::params_from_iter(values)).unwrap();
    }
    db
}

thread_local! {
    /// Indexed, and not: one of each for a test's questions, which change nothing.
    static PROJECTS: [Project; 2] = [true, false].map(Project::new);
}

/// A schema and its rows.
pub struct Project {
    pub schema: Schema,
    pub limits: Limits,
    db: Connection,
}

impl Project {
    pub fn new(indexed: bool) -> Project {
        let schema = schema(indexed);
        let db = filled(&schema);
        Project {
            schema,
            limits: Limits::default(),
            db,
        }
    }

    /// What the database answers to a plan: rows as objects; how many rows a write has changed.
    pub fn run(&self, plan: &Plan, who: &Who) -> Json {
        let statement = sql::compile(Dialect::Sqlite, plan);
        let params = sql::rows::fill_keyed(&statement.binds, &NAMED, &mut |var, shape| who.variable(var, shape));
        let params = rusqlite::params_from_iter(params.into_iter().map(cell));
        let mut prepared = self
            .db
            .prepare(&statement.text)
            .unwrap_or_else(|error| panic!("{error}: {}", statement.text));
        if statement.outputs.is_empty() && prepared.column_count() == 0 {
            return prepared.execute(params).unwrap().into();
        }
        let mut rows = prepared.query(params).unwrap();
        let mut told = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let members = statement.outputs.iter().enumerate().map(|(i, output)| {
                let value = match (row.get::<_, Cell>(i).unwrap(), output.shape) {
                    (Cell::Null, _) => Json::Null,
                    (Cell::Integer(n), Shape::Raw) => n.into(),
                    (Cell::Integer(n), _) => n.to_string().into(),
                    (Cell::Real(n), Shape::Raw) => n.into(),
                    (Cell::Real(n), _) => n.to_string().into(),
                    (Cell::Text(text), Shape::Raw) => serde_json::from_str(&text).unwrap_or_else(|_| text.into()),
                    (Cell::Text(text), _) => text.into(),
                    (Cell::Blob(_), _) => "bytes".into(),
                };
                (output.name.clone(), value)
            });
            told.push(Json::Object(members.collect()));
        }
        told.into()
    }
}

fn cell(param: Param) -> Cell {
    match param {
        Param::Null => Cell::Null,
        Param::Bool(b) => Cell::Integer(i64::from(b)),
        Param::Int(n) | Param::Instant(n) | Param::Wall(n) => Cell::Integer(n),
        Param::Real(n) => Cell::Real(n),
        Param::Text(text) | Param::Geometry(text) => Cell::Text(text),
        Param::Bytes(bytes) => Cell::Blob(bytes),
    }
}

/// Somebody who asks.
pub struct Who {
    pub caller: Caller,
    pub access: Access,
}

impl Who {
    /// One who may do everything.
    pub fn admin() -> Who {
        let caller = ada();
        let access = Access::full();
        Who { caller, access }
    }

    /// Ada, a writer, who may read what these permissions say: a collection, a rule, fields.
    pub fn reader(permissions: &[(&str, Json, Json)]) -> Who {
        Who::with(ada(), "read", permissions)
    }

    /// This caller with permissions for one action.
    pub fn with(caller: Caller, action: &str, permissions: &[(&str, Json, Json)]) -> Who {
        let permissions = permissions.iter().map(|(collection, rule, fields)| {
            Permission::parse(collection, action, rule, &Json::Null, &Json::Null, fields).unwrap()
        });
        let policy = Policy {
            id: "p".to_owned(),
            name: "Policy".to_owned(),
            admin: false,
            app: false,
            enforce_tfa: false,
            ip: None,
            permissions: permissions.collect(),
        };
        let role = |id: &str, parent: Option<&str>| Role {
            id: id.to_owned(),
            name: String::new(),
            parent: parent.map(str::to_owned),
        };
        let attachment = Attachment {
            user: caller.user().map(str::to_owned),
            role: None,
            policy: "p".to_owned(),
        };
        let roles = [role(WRITERS, Some(STAFF)), role(STAFF, None)];
        let access = Access::of(&Policies::new([policy], roles, [attachment]), &caller);
        Who { caller, access }
    }

    fn variable(&self, var: &Var, shape: Shape) -> Param {
        match var {
            Var::User(_) => self.caller.user().map(str::to_owned).into(),
            Var::Role(_) => self.caller.role().map(str::to_owned).into(),
            Var::Roles => json!(self.access.roles).to_string().into(),
            Var::Policies => json!(self.access.policies).to_string().into(),
            Var::Now { ms, months } => {
                let at = time::shift(NOW, *ms, *months);
                match shape {
                    Shape::Instant => Param::Instant(at),
                    Shape::Wall => Param::Wall(at),
                    Shape::Date => time::format_date(at).into(),
                    Shape::Time => time::format_time(at).into(),
                    Shape::Text | Shape::Raw | Shape::Count | Shape::Inserted(_) => time::format_instant(at).into(),
                }
            }
        }
    }

    /// What is answered to a query for a list: rows, or the refusal.
    pub fn list(&self, collection: &str, query: &Json) -> Json {
        self.asked(|project| {
            let query = parsed(query, &project.limits)?;
            read::list(&project.schema, &self.access, &project.limits, collection, &query)
        })
    }

    /// What is answered to a query for the items with these keys.
    pub fn items(&self, collection: &str, keys: &[Param], query: &Json) -> Json {
        self.asked(|project| {
            let query = parsed(query, &project.limits)?;
            read::items(&project.schema, &self.access, &project.limits, collection, keys, &query)
        })
    }

    /// The keys of the listed items: for questions of which rows there are.
    pub fn ids(&self, collection: &str, filter: &Json) -> Json {
        let found = self.list(collection, &json!({"fields": "id", "filter": filter, "sort": "id"}));
        let Json::Array(rows) = found else { return found };
        rows.into_iter().map(|mut row| row["id"].take()).collect()
    }

    /// Which of these rows the caller may treat so, in these fields.
    pub fn covered(&self, collection: &str, action: Action, keys: &[i64], fields: &[&str]) -> Json {
        let keys: Vec<Param> = keys.iter().copied().map(Param::Int).collect();
        self.asked(|project| {
            read::covered(
                &project.schema,
                &self.access,
                &project.limits,
                collection,
                action,
                &keys,
                fields,
            )
        })
    }

    /// The answer to a plan, which must not depend on indexes.
    pub fn asked(&self, plan: impl Fn(&Project) -> Result<Plan>) -> Json {
        let [with, without] = PROJECTS.with(|projects| {
            projects.each_ref().map(|project| match plan(project) {
                Ok(plan) => project.run(&plan, self),
                Err(error) => told(&error),
            })
        });
        assert_eq!(with, without, "indexes change the answer");
        with
    }
}

/// A refusal: its code and its sentence.
pub fn told(error: &Error) -> Json {
    json!({ error.code().as_str(): error.to_string() })
}

pub fn parsed(query: &Json, limits: &Limits) -> Result<Query> {
    parse::parse(query.as_object().unwrap(), limits)
}

pub fn ada() -> Caller {
    user(ADA, Some(WRITERS))
}

pub fn user(id: &str, role: Option<&str>) -> Caller {
    Caller::User {
        id: id.to_owned(),
        role: role.map(str::to_owned),
        ip: None,
    }
}
