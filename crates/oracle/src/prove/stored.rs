//! A world as a server stores it: rows of the system's tables.

use aedile_engine::{
    schema::{Field, Ident, Kind, Schema},
    sql::{Dialect, Sql, Stmt},
    value::Param,
};
use serde_json::Value as Json;

use super::{
    ground::{Statements, bound},
    values,
};
use crate::world::World;

/// A row of a system table.
fn row(dialect: Dialect, table: &str, values: &[(&str, Param)]) -> (Stmt, Vec<Param>) {
    let mut sql = Sql::new(dialect);
    sql.push("insert into ")
        .ident(&Ident::new(table))
        .push(" (")
        .list(values, |sql, (name, _)| {
            sql.ident(&Ident::new(*name));
        });
    sql.push(") values (").list(values, |sql, (_, value)| {
        sql.param(value.clone());
    });
    sql.push(")");
    bound(sql)
}

/// Collections, fields and relations of a world, as rows of the system's tables.
pub(super) fn metadata(dialect: Dialect, schema: &Schema, statements: &mut Statements) {
    for c in schema.collections() {
        if !c.system {
            statements.writes.push(row(
                dialect,
                "directus_collections",
                &[
                    ("collection", c.name.as_str().into()),
                    ("singleton", c.singleton.into()),
                    ("sort_field", c.sort_field.clone().into()),
                    ("accountability", Param::Null),
                ],
            ));
        }
        for field in c.fields.values().filter(|field| !c.system || field.name == "staff") {
            let special = special(field);
            statements.writes.push(row(
                dialect,
                "directus_fields",
                &[
                    ("collection", c.name.as_str().into()),
                    ("field", field.name.as_str().into()),
                    ("special", special.into()),
                    ("searchable", field.searchable.into()),
                ],
            ));
        }
    }
    for relation in schema
        .relations()
        .iter()
        .filter(|r| !matches!(r.many_field.as_str(), "role" | "parent") || !r.many.starts_with("directus_"))
    {
        statements.writes.push(row(
            dialect,
            "directus_relations",
            &[
                ("many_collection", relation.many.as_str().into()),
                ("many_field", relation.many_field.as_str().into()),
                ("one_collection", relation.one.clone().into()),
                ("one_field", relation.one_field.clone().into()),
                ("one_collection_field", relation.one_collection_field.clone().into()),
                (
                    "one_allowed_collections",
                    if relation.one.is_none() {
                        relation.one_allowed.join(",").into()
                    } else {
                        Param::Null
                    },
                ),
                ("sort_field", relation.sort_field.clone().into()),
            ],
        ));
    }
}

/// Policies, where they are attached, and permissions.
pub(super) fn rights(dialect: Dialect, world: &World, statements: &mut Statements) {
    for policy in &world.policies {
        statements.writes.push(row(
            dialect,
            "directus_policies",
            &[
                ("id", policy.id.as_str().into()),
                ("name", "p".into()),
                ("ip_access", policy.ip.as_ref().map(|list| list.join(",")).into()),
                ("enforce_tfa", false.into()),
                ("admin_access", policy.admin.into()),
                ("app_access", policy.app.into()),
            ],
        ));
    }
    for (n, attachment) in world.attachments.iter().enumerate() {
        statements.writes.push(row(
            dialect,
            "directus_access",
            &[
                ("id", values::uuid(500 + n).into()),
                ("user", attachment.user.clone().into()),
                ("role", attachment.role.clone().into()),
                ("policy", attachment.policy.as_str().into()),
            ],
        ));
    }
    for permission in &world.permissions {
        let json = |json: &Json| {
            if json.is_null() {
                Param::Null
            } else {
                json.to_string().into()
            }
        };
        let fields = match &permission.fields {
            Json::Array(list) => list.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(","),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        statements.writes.push(row(
            dialect,
            "directus_permissions",
            &[
                ("policy", permission.policy.as_str().into()),
                ("collection", permission.collection.as_str().into()),
                ("action", permission.action.as_str().into()),
                ("permissions", json(&permission.rule)),
                ("validation", json(&permission.validation)),
                ("presets", json(&permission.presets)),
                ("fields", fields.into()),
            ],
        ));
    }
}

/// The flags of a field.
fn special(field: &Field) -> Option<&'static str> {
    match field.kind {
        Kind::Alias => Some("o2m"),
        Kind::Csv => Some("cast-csv"),
        Kind::Json => Some("cast-json"),
        Kind::Boolean => Some("cast-boolean"),
        Kind::Hash => Some("hash"),
        _ if field.name == "secret" => Some("conceal"),
        _ => None,
    }
}
