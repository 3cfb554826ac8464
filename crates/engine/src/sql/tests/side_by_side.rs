//! What the databases are asked, side by side: queries that are data, each compiled for every dialect. A difference in a
//! snapshot is a difference in what some database is asked.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{collection, field, relation};
use crate::{
    Result,
    access::{Access, Action, Caller, Permission, Policies, Policy, policy::Attachment},
    plan::read,
    query::{Limits, parse},
    schema::{Kind, Relation, Schema, Special},
    sql::{Bind, Dialect, Flavour, compile},
    value::Param,
};

/// Topics, and of each the queries: who asks, of which collection, and what.
const QUERIES: &str = include_str!("queries.json");

/// Every dialect, in the order they are shown.
const DIALECTS: [(&str, Dialect); 4] = [
    ("sqlite  ", Dialect::Sqlite),
    ("postgres", Dialect::Postgres),
    ("mariadb ", Dialect::MySql(Flavour::MariaDb)),
    ("mysql   ", Dialect::MySql(Flavour::MySql)),
];

/// Fewer queries than this would not show what they are for.
const LEAST: usize = 200;

fn schema() -> Schema {
    let id = || field("id", Kind::Integer, &[]);
    let name = || field("name", Kind::String, &[]);
    let many = |name: &str| field(name, Kind::Alias, &[Special::O2m]);
    let one = |name: &str| field(name, Kind::Integer, &[Special::M2o]);
    let uuid_key = || field("id", Kind::Uuid, &[Special::Uuid]);
    let kinds = vec![
        id(),
        field("string", Kind::String, &[]),
        field("text", Kind::Text, &[]),
        field("boolean", Kind::Boolean, &[]),
        field("integer", Kind::Integer, &[]),
        field("big", Kind::BigInteger, &[]),
        field("float", Kind::Float, &[]),
        field("decimal", Kind::Decimal, &[]),
        field("date", Kind::Date, &[]),
        field("time", Kind::Time, &[]),
        field("datetime", Kind::DateTime, &[]),
        field("timestamp", Kind::Timestamp, &[]),
        field("json", Kind::Json, &[]),
        field("csv", Kind::Csv, &[Special::CastCsv]),
        field("uuid", Kind::Uuid, &[]),
        field("hash", Kind::Hash, &[Special::Hash]),
        field("odd", Kind::Unknown, &[]),
        field("flag", Kind::Integer, &[Special::CastBoolean]),
    ];
    let things = vec![
        id(),
        name(),
        field("status", Kind::String, &[]),
        field("price", Kind::Decimal, &[]),
        field("made", Kind::Timestamp, &[]),
        field("owner", Kind::Uuid, &[]),
        field("role", Kind::Uuid, &[]),
        field("team", Kind::Integer, &[]),
        field("data", Kind::Json, &[]),
        one("maker"),
        one("wide"),
        many("parts"),
        many("tags"),
    ];
    let wide = (0..60).map(|n| field(&format!("column_{n}"), Kind::Integer, &[]));
    let wide = std::iter::once(id()).chain(wide).collect();
    Schema::new(
        [
            collection("kinds", kinds),
            collection("things", things),
            collection("makers", vec![id(), name(), many("things")]),
            collection("parts", vec![id(), name(), one("thing")]),
            collection("tags", vec![uuid_key(), name()]),
            collection(
                "things_tags",
                vec![id(), one("things_id"), field("tags_id", Kind::Uuid, &[Special::M2o])],
            ),
            collection("loose_makers", vec![id(), name(), many("loose")]),
            collection("loose", vec![id(), name(), one("loose_maker"), one("maker")]),
            collection(
                "blocks",
                vec![
                    id(),
                    field("collection", Kind::String, &[]),
                    field("item", Kind::String, &[]),
                ],
            ),
            collection("notes", vec![uuid_key(), field("title", Kind::String, &[])]),
            collection("labels", vec![field("id", Kind::String, &[]), name()]),
            collection("wide", wide),
            collection(
                "directus_users",
                vec![
                    uuid_key(),
                    field("team", Kind::Integer, &[]),
                    field("title", Kind::String, &[]),
                ],
            ),
            collection("directus_roles", vec![uuid_key(), name()]),
        ],
        vec![
            relation("things", "maker", "makers", "things", true),
            relation("parts", "thing", "things", "parts", true),
            relation("things_tags", "things_id", "things", "tags", true),
            relation("things_tags", "tags_id", "tags", "", true),
            relation("things", "wide", "wide", "", true),
            relation("loose", "loose_maker", "loose_makers", "loose", false),
            relation("loose", "maker", "makers", "", true),
            Relation {
                one: None,
                one_field: None,
                one_collection_field: Some("collection".to_owned()),
                one_allowed: ["makers", "things", "notes", "labels"].map(str::to_owned).to_vec(),
                ..relation("blocks", "item", "", "", false)
            },
        ],
    )
}

/// Permissions to read, by who asks.
fn permissions(who: &str) -> Vec<(&'static str, Json, Json)> {
    let things = |rule: Json| vec![("things", rule, json!(["*"]))];
    match who {
        "editor" => vec![
            ("things", json!({"owner": {"_eq": "$CURRENT_USER"}}), json!(["*"])),
            (
                "things",
                json!({"status": {"_eq": "published"}}),
                json!(["id", "name", "status", "maker", "parts"]),
            ),
            ("makers", json!({"name": {"_nnull": true}}), json!(["id", "name"])),
            (
                "parts",
                json!({"thing": {"status": {"_eq": "published"}}}),
                json!(["*"]),
            ),
        ],
        "owner" => things(json!({"owner": {"_eq": "$CURRENT_USER"}})),
        "team" => things(json!({"team": {"_eq": "$CURRENT_USER.team"}})),
        "roles" => things(json!({"role": {"_in": "$CURRENT_ROLES"}})),
        "role_path" => things(json!({"maker": {"name": {"_eq": "$CURRENT_ROLE.name"}}})),
        "mixed" => things(json!({"_or": [
            {"name": {"_eq": "$CURRENT_USER.team"}},
            {"owner": {"_eq": "$CURRENT_USER.title"}},
            {"id": {"_eq": "$CURRENT_USER"}},
        ]})),
        "moments" => things(json!({"made": {"_lte": "$NOW"}})),
        "notlisted" => things(json!({"_and": [
            {"owner": {"_nin": ["$CURRENT_USER"]}},
            {"role": {"_nin": "$CURRENT_POLICIES"}},
        ]})),
        "public_owner" => things(json!({"owner": {"_neq": "$CURRENT_USER"}})),
        other => panic!("nobody is called {other}"),
    }
}

fn access(who: &str) -> Access {
    if who == "admin" {
        return Access::full();
    }
    let parsed = |(collection, rule, fields): &(&str, Json, Json)| {
        Permission::parse(collection, "read", rule, &Json::Null, &Json::Null, fields).unwrap()
    };
    let policy = Policy {
        id: "p".to_owned(),
        name: who.to_owned(),
        admin: false,
        app: false,
        enforce_tfa: false,
        ip: None,
        permissions: permissions(who).iter().map(parsed).collect(),
    };
    let attached = Attachment {
        user: Some("u".to_owned()),
        role: None,
        policy: "p".to_owned(),
    };
    let caller = Caller::User {
        id: "u".to_owned(),
        role: None,
        ip: None,
    };
    Access::of(&Policies::new([policy], [], [attached]), &caller)
}

fn shown(schema: &Schema, who: &str, collection: &str, query: &Json) -> Result<String> {
    let limits = Limits::default();
    let parsed = parse::parse(query.as_object().unwrap(), &limits)?;
    let plan = read::list(schema, &access(who), &limits, collection, &parsed)?;
    let mut out = String::new();
    for (name, dialect) in DIALECTS {
        let stmt = compile(dialect, &plan);
        writeln!(out, "  {name}  {}", stmt.text).unwrap();
        let binds: Vec<String> = stmt.binds.iter().map(bound).collect();
        if !binds.is_empty() {
            writeln!(out, "            {}", binds.join(" | ")).unwrap();
        }
    }
    Ok(out)
}

fn bound(bind: &Bind) -> String {
    match bind {
        Bind::Const(param) => format!("{param:?}"),
        Bind::Var(var, shape) => format!("{var:?} as {shape:?}"),
        Bind::Key(_) => "the key".to_owned(),
    }
}

#[test]
fn every_query_in_every_dialect() {
    let topics: serde_json::Map<String, Json> = serde_json::from_str(QUERIES).unwrap();
    let schema = schema();
    let mut count = 0;
    for (topic, queries) in &topics {
        let mut out = String::new();
        for query in queries.as_array().unwrap() {
            let [who, collection, query] = query.as_array().unwrap().as_slice() else {
                panic!("{query} is not who, collection and query")
            };
            let (who, collection) = (who.as_str().unwrap(), collection.as_str().unwrap());
            let text = shown(&schema, who, collection, query);
            let text = text.unwrap_or_else(|error| panic!("{who} {collection} {query}: {error}"));
            writeln!(out, "{who} {collection} {query}\n{text}").unwrap();
            count += 1;
        }
        insta::assert_snapshot!(topic.as_str(), out);
    }
    assert!(count >= LEAST, "{count} queries");
}

#[test]
fn what_is_judged_before_a_write_is_held() {
    let schema = schema();
    let covered = |action| {
        let keys = [Param::Int(1), Param::Int(2)];
        read::covered(
            &schema,
            &access("owner"),
            &Limits::default(),
            "things",
            action,
            &keys,
            &["name"],
        )
        .unwrap()
    };
    let plan = covered(Action::Read);
    for (name, dialect) in DIALECTS {
        let (plain, held) = (
            compile(dialect, &plan).text,
            compile(dialect, &plan.clone().held()).text,
        );
        let lock = held.strip_prefix(&plain).unwrap();
        match dialect {
            // Its transactions run one after the other.
            Dialect::Sqlite => assert_eq!(lock, "", "{name}"),
            Dialect::Postgres => assert_eq!(lock, " for update of t0", "{name}"),
            Dialect::MySql(_) => assert_eq!(lock, " for update", "{name}"),
        }
    }
}
