//! What is done behind `/relations`.
//! Changes are planned for whom [`super::change`] has let in; relations of the system are never changed or dropped by them.

use aedile_engine::{
    Error, Json, Object, Result,
    ddl::Change,
    schema::{Field, Kind, Relation, physical::ForeignKey},
    value::Param,
};
use serde_json::json;

use crate::system::permissions::mention::Gone;

use super::{
    Model, Visible,
    change::Subject,
    check,
    collections::{object, part},
    edit::{Edit, not_of_the_system},
    fields::seen,
    follow::{self, holds},
    rows::{RELATIONS, Values, text},
};

/// What may happen to the pointing row.
const RULES: [&str; 5] = ["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"];

/// Columns of a relation's row that follow from what it relates.
const FIXED: [&str; 4] = ["id", "many_collection", "many_field", "one_collection"];

/// Every relation the reader may see, or those whose foreign key one collection holds.
///
/// # Errors
/// `FORBIDDEN` for a collection that is not there, or that the reader may not see.
pub fn list(model: &Model, visible: &dyn Visible, collection: Option<&str>) -> Result<Json> {
    if let Some(name) = collection {
        seen(model, visible, name)?;
    }
    let relations = model.schema.relations().iter();
    Ok(relations
        .filter(|relation| collection.is_none_or(|name| relation.many == name))
        .filter_map(|relation| told(relation, visible))
        .collect())
}

/// One relation.
///
/// # Errors
/// `FORBIDDEN` when there is none, or the reader may not see both its ends.
pub fn one(model: &Model, visible: &dyn Visible, collection: &str, field: &str) -> Result<Json> {
    find(model, collection, field)
        .and_then(|relation| told(relation, visible))
        .ok_or_else(|| Error::forbidden_field(field, collection))
}

fn find<'m>(model: &'m Model, collection: &str, field: &str) -> Option<&'m Relation> {
    model
        .schema
        .relations()
        .iter()
        .find(|relation| relation.many == collection && relation.many_field == field)
}

/// The relation as the reader sees it: what it may point at is cut down to what they see, and so is the way back.
fn told(relation: &Relation, visible: &dyn Visible) -> Option<Json> {
    let both = visible.collection(&relation.many)
        && visible.field(&relation.many, &relation.many_field)
        && relation.one.as_ref().is_none_or(|one| visible.collection(one));
    if !both {
        return None;
    }
    let mut meta = relation.meta.clone();
    if let Some(Json::Object(row)) = &mut meta {
        let allowed: Vec<&String> = relation
            .one_allowed
            .iter()
            .filter(|name| visible.collection(name))
            .collect();
        if allowed.len() < relation.one_allowed.len() {
            if allowed.is_empty() {
                return None;
            }
            row.insert(
                "one_allowed_collections".to_owned(),
                Json::from(allowed.into_iter().cloned().collect::<Vec<_>>()),
            );
        }
        let back = relation.one.as_ref().zip(relation.one_field.as_ref());
        if back.is_some_and(|(one, field)| !visible.field(one, field)) {
            row.insert("one_field".to_owned(), Json::Null);
        }
    }
    Some(json!({
        "collection": relation.many,
        "field": relation.many_field,
        "related_collection": relation.one,
        "schema": relation.constraint,
        "meta": meta,
    }))
}

/// Makes a relation: its metadata, and where it points at one collection, its foreign key with an index.
///
/// # Errors
/// `INVALID_PAYLOAD` for names, rules and types that cannot be; `INVALID_FOREIGN_KEY` where rows point at nothing.
pub(super) async fn create(edit: &mut Edit<'_>, input: &Json) -> Result<Subject> {
    let input = object(input)?;
    let name = |key: &str| {
        text(input, key)
            .filter(|name| !name.is_empty())
            .ok_or_else(|| Error::invalid_payload(format!("\"{key}\" must be a name")))
    };
    let (collection, field) = (name("collection")?, name("field")?);
    let (schema, meta) = (part(input, "schema")?, part(input, "meta")?);
    let rules = Rules::said(schema)?;
    let many = edit
        .model
        .schema
        .collection(collection)
        .ok_or_else(|| Error::invalid_payload(format!("there is no collection \"{collection}\"")))?;
    let pointer = many
        .field(field)
        .filter(|field| field.column.is_some())
        .cloned()
        .ok_or_else(|| {
            Error::invalid_payload(format!(
                "there is no field \"{field}\" with a column in \"{collection}\""
            ))
        })?;
    if find(&edit.model, collection, field).is_some() {
        return Err(Error::invalid_payload(format!(
            "\"{collection}.{field}\" has a relation already"
        )));
    }
    not_of_the_system(collection, field)?;
    let one = match input.get("related_collection") {
        None | Some(Json::Null) => None,
        Some(Json::String(one)) => Some(one.as_str()),
        Some(_) => {
            return Err(Error::invalid_payload("\"related_collection\" must be a name or null"));
        }
    };
    if let Some(one) = one {
        let key = target(edit, &pointer, one)?;
        // `schema: null` asks for a relation without a constraint.
        if input.get("schema").is_none_or(|schema| !schema.is_null()) {
            check::no_strays(edit, (collection, field), (one, &key)).await?;
            let key = rules.key(field, one, &key);
            edit.change_tables(vec![Change::AddForeignKey {
                table: collection.to_owned(),
                key,
            }])?;
        }
    }
    let empty = Object::new();
    describe_new(edit, collection, field, one, meta.unwrap_or(&empty))?;
    Ok(Subject::Relation(collection.to_owned(), field.to_owned()))
}

/// The key that a pointer may point at.
fn target(edit: &Edit<'_>, pointer: &Field, one: &str) -> Result<String> {
    let related = edit
        .model
        .schema
        .collection(one)
        .ok_or_else(|| Error::invalid_payload(format!("there is no collection \"{one}\"")))?;
    let key = related
        .key_field()
        .ok_or_else(|| Error::internal("a collection without its key's field"))?;
    if store(pointer.kind) != store(key.kind) {
        return Err(Error::invalid_payload(format!(
            "\"{}\" is of type \"{}\" and cannot hold the keys of \"{one}\", which are of type \"{}\"",
            pointer.name,
            pointer.kind.as_str(),
            key.kind.as_str()
        )));
    }
    Ok(key.name.clone())
}

/// Kinds of one store can hold each other's keys.
fn store(kind: Kind) -> Kind {
    match kind {
        Kind::Integer | Kind::BigInteger => Kind::Integer,
        Kind::String | Kind::Text | Kind::Uuid | Kind::Hash | Kind::Csv => Kind::Text,
        other => other,
    }
}

/// What a constraint does when its target changes or goes.
struct Rules {
    on_update: Option<&'static str>,
    on_delete: Option<&'static str>,
}

impl Rules {
    fn said(schema: Option<&Object>) -> Result<Rules> {
        let rule = |key: &str| match schema.and_then(|schema| schema.get(key)) {
            None | Some(Json::Null) => Ok(None),
            Some(value) => {
                let known = value
                    .as_str()
                    .and_then(|said| RULES.into_iter().find(|rule| rule.eq_ignore_ascii_case(said)));
                known
                    .map(Some)
                    .ok_or_else(|| Error::invalid_payload(format!("\"{key}\" must be one of {}", RULES.join(", "))))
            }
        };
        Ok(Rules {
            on_update: rule("on_update")?,
            on_delete: rule("on_delete")?,
        })
    }

    fn key(&self, column: &str, table: &str, target: &str) -> ForeignKey {
        ForeignKey {
            name: None,
            column: column.to_owned(),
            table: table.to_owned(),
            target: target.to_owned(),
            on_update: self.on_update.unwrap_or("NO ACTION").to_owned(),
            on_delete: self.on_delete.unwrap_or("NO ACTION").to_owned(),
        }
    }
}

fn describe_new(edit: &mut Edit<'_>, collection: &str, field: &str, one: Option<&str>, meta: &Object) -> Result<()> {
    let mut values = values(edit, (collection, field), one, meta)?;
    values.push(("many_collection", Param::from(collection)));
    values.push(("many_field", Param::from(field)));
    values.push(("one_collection", Param::from(one.map(str::to_owned))));
    edit.insert(&RELATIONS, values);
    Ok(())
}

/// What metadata says, judged.
fn values(edit: &Edit<'_>, (collection, field): (&str, &str), one: Option<&str>, meta: &Object) -> Result<Values> {
    let values = RELATIONS.values(meta, &FIXED)?;
    for (key, value) in &values {
        let Param::Text(said) = value else { continue };
        match *key {
            "one_deselect_action" if said != "nullify" && said != "delete" => {
                return Err(Error::invalid_payload(
                    "\"one_deselect_action\" must be \"nullify\" or \"delete\"",
                ));
            }
            "one_field" => {
                let Some(one) = one else { continue };
                let known = edit
                    .model
                    .schema
                    .collection(one)
                    .and_then(|related| related.field(said));
                if known.is_some_and(|field| field.column.is_some()) {
                    return Err(Error::invalid_payload(format!(
                        "\"{one}.{said}\" has a column and cannot list a relation"
                    )));
                }
                let other = edit.model.schema.reverse(one, said);
                if other.is_some_and(|other| (other.many.as_str(), other.many_field.as_str()) != (collection, field)) {
                    return Err(Error::invalid_payload(format!(
                        "\"{one}.{said}\" lists another relation already"
                    )));
                }
            }
            _ => {}
        }
    }
    Ok(values)
}

/// Changes a relation: its metadata where `meta` is said. A body that names `related_collection` tells the constraint as a
/// whole: rules that its `schema` leaves out become `NO ACTION`, as recorded. One without changes the rules it says.
///
/// # Errors
/// `INVALID_PAYLOAD` for what has no relation, and for parts that cannot be; `FORBIDDEN` for the system's.
pub(super) async fn update(edit: &mut Edit<'_>, collection: &str, field: &str, input: &Json) -> Result<Subject> {
    let input = object(input)?;
    let (schema, meta) = (part(input, "schema")?, part(input, "meta")?);
    let rules = Rules::said(schema)?;
    let relation = changeable(edit, collection, field)?;
    if let Some(one) = input.get("related_collection").and_then(Json::as_str)
        && relation.one.as_deref() != Some(one)
    {
        return Err(Error::invalid_payload(
            "a relation keeps its target; delete it and make another",
        ));
    }
    let whole = input.get("related_collection").is_some_and(Json::is_string);
    if let Some(one) = &relation.one
        && (whole || rules.on_update.is_some() || rules.on_delete.is_some())
    {
        constrain(edit, &relation, one, &rules, whole).await?;
    }
    if let Some(meta) = meta {
        describe(edit, &relation, meta).await?;
    }
    Ok(Subject::Relation(collection.to_owned(), field.to_owned()))
}

fn changeable(edit: &Edit<'_>, collection: &str, field: &str) -> Result<Relation> {
    let relation = find(&edit.model, collection, field)
        .cloned()
        .ok_or_else(|| Error::invalid_payload(format!("\"{collection}.{field}\" has no relation")))?;
    let row = relation.meta.as_ref().and_then(Json::as_object);
    if row.is_some_and(|row| row.contains_key("system")) {
        return Err(Error::forbidden());
    }
    Ok(relation)
}

async fn constrain(edit: &mut Edit<'_>, relation: &Relation, one: &str, rules: &Rules, whole: bool) -> Result<()> {
    let (table, column) = (relation.many.as_str(), relation.many_field.as_str());
    let pointer = edit
        .collection(table)?
        .field(column)
        .cloned()
        .ok_or_else(|| Error::forbidden_field(column, table))?;
    let target = target(edit, &pointer, one)?;
    let mut key = rules.key(column, one, &target);
    let before = edit
        .physical
        .tables
        .iter()
        .find(|facts| facts.name == table)
        .and_then(|facts| facts.foreign_keys.iter().find(|key| key.column == column))
        .cloned();
    let mut changes = Vec::new();
    match &before {
        Some(before) => {
            if !whole {
                key.on_update = rules.on_update.unwrap_or(&before.on_update).to_owned();
                key.on_delete = rules.on_delete.unwrap_or(&before.on_delete).to_owned();
            }
            if *before == key {
                return Ok(());
            }
            changes.push(Change::DropForeignKey {
                table: table.to_owned(),
                column: column.to_owned(),
            });
        }
        None => check::no_strays(edit, (table, column), (one, &target)).await?,
    }
    changes.push(Change::AddForeignKey {
        table: table.to_owned(),
        key,
    });
    edit.change_tables(changes)
}

async fn describe(edit: &mut Edit<'_>, relation: &Relation, meta: &Object) -> Result<()> {
    let (many, field, one) = (
        relation.many.as_str(),
        relation.many_field.as_str(),
        relation.one.as_deref(),
    );
    if relation.meta.is_none() {
        return describe_new(edit, many, field, one, meta);
    }
    let values = values(edit, (many, field), one, meta)?;
    forget_ways(edit, relation, &values).await?;
    let same = holds([("many_collection", many), ("many_field", field)]);
    edit.update(&RELATIONS, same, &values);
    Ok(())
}

/// Removes permissions whose rules go a way that the relation no longer has: back by another name, or to a collection
/// that it may no longer point at.
async fn forget_ways(edit: &mut Edit<'_>, relation: &Relation, values: &Values) -> Result<()> {
    for (key, value) in values {
        let said = match value {
            Param::Text(said) => said.as_str(),
            _ => "",
        };
        match (*key, &relation.one, &relation.one_field) {
            ("one_field", Some(one), Some(back)) if back != said => {
                follow::unruled(edit, Gone::Field(one, back)).await?;
            }
            ("one_allowed_collections", ..) => {
                let kept: Vec<&str> = said.split(',').map(str::trim).collect();
                for target in relation
                    .one_allowed
                    .iter()
                    .filter(|name| !kept.contains(&name.as_str()))
                {
                    follow::unruled(edit, Gone::Target(relation, target)).await?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Deletes a relation: its metadata and its foreign key. Both fields stay, and rules that went through them go.
///
/// # Errors
/// `INVALID_PAYLOAD` for what has no relation; `FORBIDDEN` for the system's.
pub(super) async fn delete(edit: &mut Edit<'_>, collection: &str, field: &str) -> Result<Subject> {
    let relation = changeable(edit, collection, field)?;
    if relation.constraint.is_some() {
        follow::let_go(edit, collection, field)?;
    }
    follow::unruled(edit, Gone::Relation(&relation)).await?;
    edit.delete(
        &RELATIONS,
        holds([("many_collection", collection), ("many_field", field)]),
    );
    Ok(Subject::Nothing)
}
