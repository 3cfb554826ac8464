//! Random projects: collections with every kind of field and relation, rows, roles, policies and permissions.

use std::{collections::HashMap, sync::Arc};

use aedile_engine::{
    ddl::types,
    schema::{Accountability, Collection, Deselect, Field, Ident, Kind, Link, Relation, Schema, Special, system},
    sql::Dialect,
};
use serde_json::{Map, Value as Json, json};

use super::{
    conditions::{Conditions, Use},
    random::Random,
    values,
};
use crate::world::{Attachment, Caller, Permission, Policy, Row, World};

pub(super) const NAMES: [&str; 5] = ["alpha", "beta", "gamma", "delta", "kappa"];
/// Scalar fields: names, kinds and flags.
const SCALARS: [(&str, Kind, &[Special]); 17] = [
    ("title", Kind::String, &[]),
    ("body", Kind::Text, &[]),
    ("n", Kind::Integer, &[]),
    ("big", Kind::BigInteger, &[]),
    ("flt", Kind::Float, &[]),
    ("dec", Kind::Decimal, &[]),
    ("flag", Kind::Boolean, &[]),
    ("day", Kind::Date, &[]),
    ("clock", Kind::Time, &[]),
    ("wall", Kind::DateTime, &[]),
    ("at", Kind::Timestamp, &[]),
    ("data", Kind::Json, &[]),
    ("tags", Kind::Csv, &[Special::CastCsv]),
    ("ref", Kind::Uuid, &[]),
    ("secret", Kind::String, &[Special::Conceal]),
    ("hash", Kind::Hash, &[Special::Hash]),
    ("sort", Kind::Integer, &[]),
];
pub(super) const USERS: [&str; 3] = [
    "00000011-0000-4000-8000-000000000001",
    "00000012-0000-4000-8000-000000000002",
    "00000013-0000-4000-8000-000000000003",
];
const ROLES: [&str; 3] = [
    "00000021-0000-4000-8000-000000000001",
    "00000022-0000-4000-8000-000000000002",
    "00000023-0000-4000-8000-000000000003",
];
const ADDRESSES: [&str; 3] = ["10.0.0.7", "192.168.1.9", "::1"];
const IP_LISTS: [&[&str]; 5] = [
    &["10.0.0.0/8"],
    &["192.168.1.1-192.168.1.20"],
    &["::1", "10.0.0.7"],
    &["not an address"],
    &["172.16.0.0/12"],
];

/// A field with its column.
fn field(dialect: Dialect, name: &str, kind: Kind, special: &[Special]) -> Field {
    Field {
        name: name.to_owned(),
        kind,
        special: special.to_vec(),
        column: types::column(dialect, name, kind),
        validation: None,
        searchable: true,
        meta: None,
    }
}

fn collection(dialect: Dialect, name: &str, key: Kind) -> Collection {
    let mut id = field(dialect, "id", key, &[]);
    if let Some(column) = &mut id.column {
        (column.primary, column.nullable, column.auto_increment) = (true, false, key == Kind::Integer);
    }
    Collection {
        name: name.to_owned(),
        table: Ident::new(name),
        key: "id".to_owned(),
        fields: [("id".to_owned(), id)].into_iter().collect(),
        singleton: false,
        sort_field: None,
        accountability: Accountability::None,
        system: name.starts_with("directus_"),
        managed: true,
    }
}

/// Whether a collection is one of those made here.
pub(super) fn is_made(name: &str) -> bool {
    NAMES.contains(&name) || matches!(name, "junction" | "blocks")
}

/// A schema under construction.
struct Draft {
    dialect: Dialect,
    collections: Vec<Collection>,
    relations: Vec<Relation>,
}

impl Draft {
    fn add(&mut self, collection: &str, field: Field) {
        if let Some(c) = self.collections.iter_mut().find(|c| c.name == collection) {
            c.fields.insert(field.name.clone(), field);
        }
    }

    fn key_kind(&self, collection: &str) -> Kind {
        self.collections
            .iter()
            .find(|c| c.name == collection)
            .and_then(Collection::key_field)
            .map_or(Kind::Integer, |f| f.kind)
    }

    /// A foreign key, with or without a list on the other side.
    fn relate(&mut self, many: &str, name: &str, one: &str, list: Option<&str>, indexed: bool) -> usize {
        self.add(many, field(self.dialect, name, self.key_kind(one), &[Special::M2o]));
        if let Some(list) = list {
            self.add(one, field(self.dialect, list, Kind::Alias, &[Special::O2m]));
        }
        self.relations.push(Relation {
            many: many.to_owned(),
            many_field: name.to_owned(),
            one: Some(one.to_owned()),
            one_field: list.map(str::to_owned),
            one_collection_field: None,
            one_allowed: Vec::new(),
            junction_field: None,
            sort_field: None,
            deselect: Deselect::Nullify,
            indexed,
            meta: None,
            constraint: None,
        });
        self.relations.len() - 1
    }
}

/// A random project with the columns that a database gives its fields, and who may ask.
pub fn world(random: &mut Random, dialect: Dialect, now: i64) -> (World, Vec<Caller>) {
    let schema = schema(random, dialect);
    let mut world = World {
        rows: HashMap::new(),
        policies: Vec::new(),
        attachments: Vec::new(),
        permissions: Vec::new(),
        minimum: Arc::new(minimum()),
        now,
        schema: Arc::new(schema),
    };
    people(random, &mut world);
    rows(random, &mut world);
    policies(random, &mut world);
    let ip = |random: &mut Random| {
        random
            .one(&ADDRESSES)
            .and_then(|ip| ip.parse().ok())
            .filter(|_| random.chance(95))
    };
    let user = USERS.get(1).filter(|_| random.chance(60));
    let callers = [USERS.first(), user].map(|user| Caller {
        user: user.map(|id| (*id).to_owned()),
        ip: ip(random),
    });
    (world, callers.to_vec())
}

fn schema(random: &mut Random, dialect: Dialect) -> Schema {
    let mut draft = Draft {
        dialect,
        collections: vec![
            collection(dialect, "directus_users", Kind::Uuid),
            collection(dialect, "directus_roles", Kind::Uuid),
        ],
        relations: Vec::new(),
    };
    for (name, kind, special) in [
        ("first_name", Kind::String, &[][..]),
        ("level", Kind::Integer, &[]),
        ("token", Kind::Hash, &[Special::Conceal]),
    ] {
        draft.add("directus_users", field(dialect, name, kind, special));
    }
    let mut name = field(dialect, "name", Kind::String, &[]);
    name.column.iter_mut().for_each(|column| column.nullable = false);
    draft.add("directus_roles", name);
    // Lists of the system are there on every server.
    let indexed = random.chance(50);
    draft.relate("directus_users", "role", "directus_roles", Some("users"), indexed);
    draft.relate(
        "directus_users",
        "boss",
        "directus_users",
        Some("staff").filter(|_| random.chance(50)),
        random.chance(50),
    );
    draft.relate("directus_roles", "parent", "directus_roles", Some("children"), false);
    let names: Vec<&str> = NAMES.into_iter().take(random.between(2, 4)).collect();
    for name in &names {
        let key = random
            .one(&[Kind::Integer, Kind::Integer, Kind::Integer, Kind::Uuid, Kind::String])
            .copied()
            .unwrap_or(Kind::Integer);
        draft.collections.push(collection(dialect, name, key));
        for (scalar, kind, special) in &SCALARS {
            if random.chance(45) {
                let mut field = field(dialect, scalar, *kind, special);
                if let Some(column) = field.column.as_mut().filter(|_| random.chance(15)) {
                    column.nullable = false;
                }
                field.searchable = random.chance(90);
                draft.add(name, field);
            }
        }
    }
    relations(random, &mut draft, &names);
    for c in &mut draft.collections {
        c.sort_field = Some("sort".to_owned()).filter(|name| c.fields.contains_key(name) && random.chance(40));
        c.singleton = !c.system && random.chance(8);
    }
    Schema::new(draft.collections, draft.relations)
}

fn relations(random: &mut Random, draft: &mut Draft, names: &[&str]) {
    for i in 0..random.between(1, 4) {
        let many = random.pick(names);
        let one = if random.chance(15) {
            "directus_users"
        } else {
            random.pick(names)
        };
        let list = format!("list{i}");
        let at = draft.relate(
            many,
            &format!("one{i}"),
            one,
            Some(list.as_str()).filter(|_| random.chance(75)),
            random.chance(50),
        );
        let sorted = draft
            .collections
            .iter()
            .any(|c| c.name == many && c.fields.contains_key("sort"));
        if let Some(relation) = draft.relations.get_mut(at).filter(|_| sorted && random.chance(30)) {
            relation.sort_field = Some("sort".to_owned());
        }
    }
    if random.chance(40) {
        let (left, right) = (random.pick(names), random.pick(names));
        draft
            .collections
            .push(collection(draft.dialect, "junction", Kind::Integer));
        draft.relate("junction", "left", left, Some("rights"), random.chance(50));
        draft.relate("junction", "right", right, Some("lefts"), random.chance(50));
        draft.add("junction", field(draft.dialect, "sort", Kind::Integer, &[]));
    }
    if random.chance(40) {
        let parent = random.pick(names);
        draft
            .collections
            .push(collection(draft.dialect, "blocks", Kind::Integer));
        draft.relate("blocks", "parent", parent, Some("blocks"), random.chance(50));
        draft.add("blocks", field(draft.dialect, "collection", Kind::String, &[]));
        draft.add("blocks", field(draft.dialect, "item", Kind::String, &[Special::M2a]));
        let allowed: Vec<String> = names
            .iter()
            .filter(|_| random.chance(70))
            .map(|name| (*name).to_owned())
            .collect();
        draft.relations.push(Relation {
            many: "blocks".to_owned(),
            many_field: "item".to_owned(),
            one: None,
            one_field: None,
            one_collection_field: Some("collection".to_owned()),
            one_allowed: allowed,
            junction_field: None,
            sort_field: None,
            deselect: Deselect::Nullify,
            indexed: false,
            meta: None,
            constraint: None,
        });
    }
}

fn people(random: &mut Random, world: &mut World) {
    let roles = ROLES.iter().enumerate().map(|(i, id)| {
        let parent = if i > 0 && random.chance(60) {
            ROLES.get(i - 1).copied()
        } else {
            None
        };
        Row::from_iter([
            ("id".into(), (*id).into()),
            ("name".into(), values::cell(random, Kind::String)),
            ("parent".into(), parent.into()),
        ])
    });
    let roles: Vec<Row> = roles.collect();
    let users = USERS.iter().map(|id| {
        let role = random.one(&ROLES).copied().filter(|_| random.chance(75));
        let boss = random.one(&USERS).copied().filter(|_| random.chance(60));
        Row::from_iter([
            ("id".into(), (*id).into()),
            ("first_name".into(), values::cell(random, Kind::String)),
            (
                "level".into(),
                if random.chance(80) {
                    values::cell(random, Kind::Integer)
                } else {
                    Json::Null
                },
            ),
            ("token".into(), token(id).into()),
            ("role".into(), role.into()),
            ("boss".into(), boss.into()),
        ])
    });
    let users: Vec<Row> = users.collect();
    world.rows.insert("directus_roles".into(), roles);
    world.rows.insert("directus_users".into(), users);
}

/// The static token of a user.
pub(super) fn token(user: &str) -> String {
    format!("token-{user}")
}

/// The `n`-th key of a collection, in order.
pub(super) fn key(kind: Kind, n: usize) -> Json {
    match kind {
        Kind::Integer => n.into(),
        Kind::Uuid => values::uuid(n).into(),
        _ => format!("k{n}").into(),
    }
}

/// A key of one of the rows there will be; now and then of none.
fn some_key(random: &mut Random, kind: Kind, users: bool) -> Json {
    if users {
        return random.pick(&USERS).into();
    }
    let n = random.between(1, 7);
    key(kind, n)
}

/// A key of any collection is stored as text.
fn as_text(key: Json) -> Json {
    if key.is_string() { key } else { key.to_string().into() }
}

/// What every user of the Studio may do besides, as stored.
fn minimum() -> Vec<Permission> {
    let permission = |row: &Row| {
        let part = |key: &str| row.get(key).cloned().unwrap_or_default();
        let text = |key: &str| part(key).as_str().unwrap_or_default().to_owned();
        Permission {
            policy: String::new(),
            collection: text("collection"),
            action: text("action"),
            rule: part("permissions"),
            validation: part("validation"),
            presets: part("presets"),
            fields: part("fields"),
        }
    };
    system::permission_rows().iter().map(permission).collect()
}

/// A value for a field of a row: of its kind, or a key of what it leads to.
pub fn cell(random: &mut Random, schema: &Schema, c: &Collection, field: &Field) -> Json {
    let nullable = field.column.as_ref().is_some_and(|column| column.nullable);
    if nullable && random.chance(20) {
        return Json::Null;
    }
    match schema.link(&c.name, &field.name) {
        Some(Link::One { target, .. }) => some_key(
            random,
            target.key_field().map_or(Kind::Integer, |f| f.kind),
            target.name == "directus_users",
        ),
        Some(Link::Any { .. }) => {
            let kind = *random
                .one(&[Kind::Integer, Kind::Integer, Kind::Uuid, Kind::String])
                .unwrap_or(&Kind::Integer);
            as_text(key(kind, random.between(1, 6)))
        }
        _ if c.name == "blocks" && field.name == "collection" => random.pick(&NAMES[..4]).into(),
        _ if field.is_concealed() => random.pick(&["s1", "s2", "s3"]).into(),
        _ => values::cell(random, field.kind),
    }
}

fn rows(random: &mut Random, world: &mut World) {
    for c in world.schema.collections().filter(|c| !c.system) {
        let kind = c.key_field().map_or(Kind::Integer, |f| f.kind);
        let count = if random.chance(6) { 0 } else { random.between(2, 6) };
        let mut make = |n: usize| {
            let others = c.fields.values().filter(|f| f.column.is_some() && f.name != c.key);
            let mut row: Row = others
                .map(|f| (f.name.clone(), cell(random, &world.schema, c, f)))
                .collect();
            row.insert(c.key.clone(), key(kind, n));
            if let Some(Json::String(of)) = row.get("collection")
                && let Some(target) = world.schema.collection(of)
            {
                // Mostly a key of its collection; now and then of another kind.
                let item = some_key(random, target.key_field().map_or(Kind::Integer, |f| f.kind), false);
                row.insert("item".to_owned(), as_text(item));
            }
            row
        };
        let rows: Vec<Row> = (1..=count).map(&mut make).collect();
        world.rows.insert(c.name.clone(), rows);
    }
}

fn policies(random: &mut Random, world: &mut World) {
    for n in 0..random.between(2, 4) {
        let id = values::uuid(100 + n);
        world.policies.push(Policy {
            id: id.clone(),
            admin: random.chance(3),
            app: random.chance(15),
            ip: random
                .one(&IP_LISTS)
                .filter(|_| random.chance(12))
                .map(|list| list.iter().map(|ip| (*ip).to_owned()).collect()),
        });
        for _ in 0..random.between(1, 3) {
            let (user, role) = match random.below(10) {
                0..3 => (None, None),
                3..7 => (random.one(&USERS[..2]), None),
                7..10 => (None, random.one(&ROLES)),
                _ => (random.one(&USERS), random.one(&ROLES)),
            };
            world.attachments.push(Attachment {
                user: user.map(|id| (*id).to_owned()),
                role: role.map(|id| (*id).to_owned()),
                policy: id.clone(),
            });
        }
        let names: Vec<String> = world.schema.collections().map(|c| c.name.clone()).collect();
        for name in names {
            let often = if name.starts_with("directus_") { 30 } else { 80 };
            for _ in 0..2 {
                if random.chance(often) {
                    let permission = permission(random, world, &id, &name);
                    world.permissions.push(permission);
                }
                if !random.chance(55) {
                    break;
                }
            }
        }
    }
}

pub(super) fn permission(random: &mut Random, world: &World, policy: &str, collection: &str) -> Permission {
    let mut rule = Json::Null;
    let mut fields = json!(["*"]);
    if let Some(c) = world.schema.collection(collection) {
        if random.chance(65) {
            rule = Conditions::new(random, world, Use::Rule).filter(c, 0);
        } else if random.chance(30) {
            rule = Json::Object(Map::new());
        }
        if random.chance(65) {
            let share = random.between(30, 95);
            let key = random.chance(85);
            let names = c
                .fields
                .keys()
                .filter(|name| if **name == c.key { key } else { random.chance(share) });
            fields = names.cloned().collect();
            if random.chance(10) {
                let names: Vec<&str> = fields
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Json::as_str)
                    .collect();
                fields = names.join(",").into();
            }
        }
    }
    let action = if random.chance(96) {
        "read"
    } else {
        random.pick(&["create", "update", "delete", "share", "nothing"])
    };
    Permission {
        policy: policy.to_owned(),
        collection: collection.to_owned(),
        action: action.to_owned(),
        rule,
        validation: if random.chance(2) {
            json!({"title": {"_eq": "$NOBODY"}})
        } else {
            Json::Null
        },
        presets: Json::Null,
        fields,
    }
}
