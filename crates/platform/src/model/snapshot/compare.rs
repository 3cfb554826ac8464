//! What would have to change for the model to be as a snapshot says. What a snapshot does not say stays as it is; what has
//! no metadata never goes.

use aedile_engine::{
    Error, Json, Object, Result,
    schema::{Kind, system},
    sql::Dialect,
};
use indexmap::IndexMap;
use serde_json::json;

use super::{
    deep, hash,
    parse::{Names, Wanted},
    take,
};
use crate::model::{Model, column};

/// The way from the model to a snapshot.
#[derive(Clone, Debug)]
pub struct Difference {
    /// What the model was when it was compared.
    pub hash: String,
    /// The entries, by collections, fields, system fields and relations.
    pub diff: Json,
}

/// Parts of a column that a snapshot decides, whatever its type.
const DECIDED: [&str; 4] = ["is_nullable", "is_unique", "is_indexed", "is_primary_key"];

/// Members of metadata that name what it is about: they follow from where it stands.
const NAMES: [&str; 5] = ["collection", "field", "many_collection", "many_field", "one_collection"];

/// Compares; none where nothing differs.
pub(in crate::model) fn compare(model: &Model, dialect: Dialect, wanted: &Wanted) -> Result<Option<Difference>> {
    let taken = take(model, dialect)?;
    let now = Wanted::parse(&taken)?;
    let collections = collections(&now, wanted);
    let fields = fields(&now, wanted, dialect)?;
    let system_fields = system_fields(&now, wanted);
    let relations = relations(&now, wanted)?;
    let same = [&collections, &fields, &system_fields, &relations]
        .iter()
        .all(|list| list.is_empty());
    Ok((!same).then(|| Difference {
        hash: hash(&taken),
        diff: json!({
            "collections": collections,
            "fields": fields,
            "systemFields": system_fields,
            "relations": relations,
        }),
    }))
}

/// The entry of a part that comes or goes.
fn whole(kind: &str, part: &Object) -> Vec<Json> {
    let side = if kind == "N" { "rhs" } else { "lhs" };
    vec![json!({"kind": kind, side: part})]
}

fn collections(now: &Wanted, wanted: &Wanted) -> Vec<Json> {
    let told = |name: &String, diff: Vec<Json>| (!diff.is_empty()).then(|| json!({"collection": name, "diff": diff}));
    let known = now.collections.iter().filter_map(|(name, before)| {
        let diff = match wanted.collections.get(name) {
            None => whole("D", before),
            Some(said) => differences(before, &collection(before, said)),
        };
        told(name, diff)
    });
    let new = wanted
        .collections
        .iter()
        .filter(|(name, _)| !now.collections.contains_key(*name))
        .filter_map(|(name, said)| told(name, whole("N", said)));
    known.chain(new).collect()
}

fn differences(before: &Object, after: &Object) -> Vec<Json> {
    deep::differences(&before.clone().into(), &after.clone().into())
}

fn collection(before: &Object, said: &Object) -> Object {
    let mut after = before.clone();
    described(&mut after, said);
    let schema = object(said, "schema");
    match (object(before, "schema"), schema) {
        (Some(_), None) => drop(after.shift_remove("schema")),
        (None, Some(schema)) => drop(after.insert("schema".to_owned(), schema.clone().into())),
        _ => {}
    }
    after
}

/// Takes over what is said of metadata; what is not known here is passed over.
fn described(after: &mut Object, said: &Object) {
    let Some(said) = object(said, "meta") else { return };
    match after.get_mut("meta") {
        Some(Json::Object(meta)) => {
            for (name, value) in meta.iter_mut().filter(|(name, _)| !NAMES.contains(&name.as_str())) {
                if let Some(said) = said.get(name) {
                    value.clone_from(said);
                }
            }
        }
        _ => {
            let mut said = said.clone();
            said.shift_remove("id");
            after.insert("meta".to_owned(), said.into());
        }
    }
}

fn object<'o>(part: &'o Object, name: &str) -> Option<&'o Object> {
    part.get(name).and_then(Json::as_object)
}

/// Whether the fields and relations of a collection are compared one by one: it is there before and after, or the system's.
fn stays(wanted: &Wanted, collection: &str) -> bool {
    system::is_system(collection) || wanted.collections.contains_key(collection)
}

fn fields(now: &Wanted, wanted: &Wanted, dialect: Dialect) -> Result<Vec<Json>> {
    let mut told = Vec::new();
    let mut tell = |(collection, field): &Names, diff: Vec<Json>| {
        if !diff.is_empty() {
            told.push(json!({"collection": collection, "field": field, "diff": diff}));
        }
    };
    for (names, before) in now.fields.iter().filter(|(names, _)| stays(wanted, &names.0)) {
        match wanted.fields.get(names) {
            Some(said) => tell(names, differences(before, &field(before, said, dialect))),
            None if object(before, "meta").is_some() => tell(names, whole("D", before)),
            None => {}
        }
    }
    for (names, said) in wanted
        .fields
        .iter()
        .filter(|(names, _)| !now.fields.contains_key(*names))
    {
        if !stays(wanted, &names.0) {
            return Err(Error::invalid_payload(format!(
                "the snapshot has the field \"{}\" of \"{}\", but not that collection",
                names.1, names.0
            )));
        }
        tell(names, whole("N", said));
    }
    Ok(told)
}

fn field(before: &Object, said: &Object, dialect: Dialect) -> Object {
    let mut after = before.clone();
    described(&mut after, said);
    let retyped = said.get("type").filter(|said| before.get("type") != Some(said));
    if let Some(kind) = retyped {
        after.insert("type".to_owned(), kind.clone());
    }
    let kind = after.get("type").and_then(Json::as_str).and_then(Kind::parse);
    match (after.get_mut("schema"), object(said, "schema")) {
        (Some(Json::Object(column)), Some(said)) => shaped(column, said, kind, retyped.is_some(), dialect),
        (None, Some(said)) => drop(after.insert("schema".to_owned(), said.clone().into())),
        (Some(_), None) if kind == Some(Kind::Alias) => drop(after.shift_remove("schema")),
        _ => {}
    }
    after
}

/// Takes over what is said of a column, as far as it means something for the field's type.
fn shaped(column: &mut Object, said: &Object, kind: Option<Kind>, retyped: bool, dialect: Dialect) {
    let is_key = column.get("is_primary_key") == Some(&Json::Bool(true));
    let mut decided: Vec<&str> = match kind {
        _ if is_key => vec!["is_primary_key"],
        Some(Kind::String | Kind::Hash) => vec!["max_length"],
        Some(Kind::Decimal) => vec!["numeric_precision", "numeric_scale"],
        _ => Vec::new(),
    };
    if !is_key {
        decided.extend(DECIDED);
    }
    if retyped {
        decided.push("data_type");
    }
    for name in decided {
        if let Some(said) = said.get(name).filter(|said| !said.is_null()) {
            column.insert(name.to_owned(), said.clone());
        }
    }
    let same = |before: &Json, said: &Json| match kind {
        Some(kind) => column::is_same_default(dialect, kind, before, said),
        None => before == said,
    };
    if let (false, Some(default), Some(said)) = (is_key, column.get_mut("default_value"), said.get("default_value"))
        && !same(default, said)
    {
        default.clone_from(said);
    }
}

/// Indexes of system fields come and go where a snapshot says so by name; one that it does not name stays.
fn system_fields(now: &Wanted, wanted: &Wanted) -> Vec<Json> {
    let is_indexed = |part: Option<&Object>| {
        let schema = part.and_then(|part| object(part, "schema"));
        schema
            .and_then(|schema| schema.get("is_indexed"))
            .and_then(Json::as_bool)
    };
    let said = wanted.system_fields.iter();
    said.filter_map(|(names, part)| {
        let before = is_indexed(now.system_fields.get(names)).unwrap_or(false);
        let after = is_indexed(Some(part))?;
        let diff = match (before, after) {
            (false, true) => whole("N", part),
            (true, false) => vec![json!({"kind": "E", "path": ["schema", "is_indexed"], "lhs": true, "rhs": false})],
            _ => return None,
        };
        Some(json!({"collection": names.0, "field": names.1, "diff": diff}))
    })
    .collect()
}

fn relations(now: &Wanted, wanted: &Wanted) -> Result<Vec<Json>> {
    let mut told = Vec::new();
    let mut tell = |(collection, field): &Names, part: &Object, diff: Vec<Json>| {
        if !diff.is_empty() {
            let related = part.get("related_collection");
            told.push(json!({"collection": collection, "field": field, "related_collection": related, "diff": diff}));
        }
    };
    let related = |part: &Object| part.get("related_collection").and_then(Json::as_str).map(str::to_owned);
    let known = |wanted: &IndexMap<Names, Object>, names: &Names| wanted.contains_key(names);
    for (names, before) in &now.relations {
        let gone = related(before).is_some_and(|one| !stays(wanted, &one));
        match wanted.relations.get(names) {
            Some(said) => tell(names, before, differences(before, &relation(before, said))),
            None if gone || !stays(wanted, &names.0) || object(before, "meta").is_none() => {}
            None => tell(names, before, whole("D", before)),
        }
    }
    for (names, said) in wanted
        .relations
        .iter()
        .filter(|(names, _)| !known(&now.relations, names))
    {
        if related(said).is_some_and(|one| !stays(wanted, &one)) || !stays(wanted, &names.0) {
            return Err(Error::invalid_payload(format!(
                "the snapshot has the relation of \"{}.{}\", but not both of its collections",
                names.0, names.1
            )));
        }
        tell(names, said, whole("N", said));
    }
    Ok(told)
}

fn relation(before: &Object, said: &Object) -> Object {
    let mut after = before.clone();
    described(&mut after, said);
    if let Some(related) = said.get("related_collection") {
        after.insert("related_collection".to_owned(), related.clone());
    }
    match (after.get_mut("schema"), object(said, "schema")) {
        (Some(Json::Object(constraint)), Some(said)) => {
            for name in ["foreign_key_table", "foreign_key_column", "on_update", "on_delete"] {
                if let Some(said) = said.get(name).filter(|said| !said.is_null()) {
                    constraint.insert(name.to_owned(), said.clone());
                }
            }
        }
        (None, Some(said)) => drop(after.insert("schema".to_owned(), said.clone().into())),
        (Some(_), None) => drop(after.shift_remove("schema")),
        _ => {}
    }
    after
}
