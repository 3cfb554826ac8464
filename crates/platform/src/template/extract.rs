//! A project becomes a template: the files that make the same project elsewhere. Secrets are never written: passwords,
//! tokens and whatever else is concealed stay behind.

use aedile_engine::{
    Error, Json, Object, Result,
    access::Access,
    plan::read,
    query::{Leaf, Limits, Path, Query},
    schema::{Collection, system},
};

use super::{COLLECTIONS, CONTENT, SYSTEM};
use crate::{
    Cx,
    model::{self, Everything},
};

/// What changes by itself and is nobody's wish, by collection.
const TRANSIENT: [(&str, &[&str]); 4] = [
    ("directus_users", &["last_access", "last_page", "auth_data"]),
    ("directus_permissions", &["id"]),
    ("directus_presets", &["id"]),
    ("directus_settings", &["project_id"]),
];

/// The files of the project: each with its path below the template's source folder, and its text.
///
/// # Errors
/// What the database answers.
pub async fn extract(cx: &Cx) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let mut write = |path: String, value: &Json| -> Result<()> {
        let text = serde_json::to_string_pretty(value).map_err(|_| Error::internal("a file can not be written"))?;
        files.push((path, text + "\n"));
        Ok(())
    };
    let model = &cx.snapshot.model;
    write(
        COLLECTIONS.to_owned(),
        &own(model::collections::list(model, &Everything), |row| managed(cx, row)),
    )?;
    write(
        "fields.json".to_owned(),
        &own(model::fields::list(model, &Everything, None)?, |row| {
            is_own_field(cx, row)
        }),
    )?;
    write(
        "relations.json".to_owned(),
        &own(model::relations::list(model, &Everything, None)?, |row| {
            is_own_field(cx, row)
        }),
    )?;
    write(
        "schema/snapshot.json".to_owned(),
        &model::snapshot::take(model, cx.app.db().dialect())?,
    )?;
    for (file, collection) in SYSTEM {
        write(file.to_owned(), &rows(cx, collection).await?.into())?;
    }
    let settings = rows(cx, "directus_settings")
        .await?
        .into_iter()
        .next()
        .unwrap_or_default();
    write("settings.json".to_owned(), &settings)?;
    write("extensions.json".to_owned(), &Json::Array(Vec::new()))?;
    let collections: Vec<&Collection> = model.schema.collections().filter(|c| !c.system && c.managed).collect();
    for c in collections {
        let rows = rows(cx, &c.name).await?;
        let content = match c.singleton {
            true => rows.into_iter().next().unwrap_or_default(),
            false => rows.into(),
        };
        write(format!("{CONTENT}{}.json", c.name), &content)?;
    }
    Ok(files)
}

/// A list without what is the system's, and without the numbers that metadata has in this database.
fn own(list: Json, keeps: impl Fn(&Json) -> bool) -> Json {
    let Json::Array(mut list) = list else { return list };
    list.retain(|row| keeps(row));
    for row in &mut list {
        if let Some(meta) = row.get_mut("meta").and_then(Json::as_object_mut) {
            meta.shift_remove("id");
        }
    }
    list.into()
}

fn named<'a>(row: &'a Json, key: &str) -> &'a str {
    row.get(key).and_then(Json::as_str).unwrap_or_default()
}

/// Collections that somebody described; folders are among them.
fn managed(cx: &Cx, row: &Json) -> bool {
    let name = named(row, "collection");
    !system::is_system(name) && cx.snapshot.model.collections.contains_key(name)
}

/// Fields and relations of such collections, and what a project added to the system's.
fn is_own_field(cx: &Cx, row: &Json) -> bool {
    let (collection, field) = (named(row, "collection"), named(row, "field"));
    if system::is_system(collection) {
        return system::field(collection, field).is_none() && !is_system_relation(collection, field);
    }
    cx.snapshot.model.collections.contains_key(collection)
}

fn is_system_relation(collection: &str, field: &str) -> bool {
    system::relations().iter().any(|relation| {
        let is = |key: &str, name: &str| relation.meta.get(key).and_then(Json::as_str) == Some(name);
        is("many_collection", collection) && is("many_field", field)
    })
}

/// All rows of a collection by their keys, own columns alone, secrets empty.
async fn rows(cx: &Cx, collection: &str) -> Result<Vec<Json>> {
    let c = cx
        .schema()
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    let limits = Limits {
        max_limit: None,
        default_limit: u64::from(u32::MAX),
        ..cx.limits().clone()
    };
    let own = c.fields.values().filter(|field| field.column.is_some());
    let query = Query {
        fields: own.map(|field| path(&field.name)).collect(),
        ..Query::default()
    };
    let plan = read::list(cx.schema(), &Access::full(), &limits, collection, &query)?;
    let told = cx.fetch_json(&plan).await?;
    let text = [b"[", told.bytes.as_slice(), b"]"].concat();
    let mut rows: Vec<Object> =
        serde_json::from_slice(&text).map_err(|_| Error::internal("rows are told as no JSON"))?;
    let transient = TRANSIENT
        .iter()
        .find(|(name, _)| *name == collection)
        .map_or(&[][..], |(_, fields)| fields);
    for row in &mut rows {
        row.retain(|name, _| !transient.contains(&name.as_str()));
        for (name, value) in row.iter_mut() {
            if c.field(name).is_some_and(aedile_engine::schema::Field::is_concealed) {
                *value = Json::Null;
            }
        }
    }
    Ok(rows.into_iter().map(Json::Object).collect())
}

fn path(name: &str) -> Path {
    Path {
        steps: Vec::new(),
        leaf: Leaf::Field(name.to_owned()),
    }
}
