//! What is done behind `/collections`.
//! Changes are planned for whom [`super::change`] has let in; system collections are never changed or dropped by them.

use aedile_engine::{
    Code, Error, Json, Object, Result,
    ddl::{self, Change},
    schema::{Kind, physical::Table, system},
    sql::Dialect,
    value::Param,
};
use serde_json::json;

use super::{
    Model, Visible,
    change::Subject,
    column,
    edit::Edit,
    fields::{self, Draft, Place},
    follow::{self, holds},
    names,
    rows::{COLLECTIONS, text},
};

/// The most columns a table may have: below the limit of every database.
const MOST_COLUMNS: usize = 1000;

/// Every collection the reader may see.
pub fn list(model: &Model, visible: &dyn Visible) -> Json {
    let tables = model.schema.collections().map(|collection| collection.name.as_str());
    let folders = model
        .collections
        .keys()
        .map(String::as_str)
        .filter(|name| model.is_folder(name));
    tables
        .chain(folders)
        .filter(|name| visible.collection(name))
        .filter_map(|name| told(model, name))
        .collect()
}

/// One collection.
///
/// # Errors
/// `FORBIDDEN` when there is none, or the reader may not see it.
pub fn one(model: &Model, visible: &dyn Visible, name: &str) -> Result<Json> {
    Some(name)
        .filter(|name| visible.collection(name))
        .and_then(|name| told(model, name))
        .ok_or_else(|| Error::forbidden_collection(name))
}

fn told(model: &Model, name: &str) -> Option<Json> {
    let stored = model.collections.get(name);
    let known = system::collections().iter().find(|collection| collection.name == name);
    let table = model.schema.collection(name);
    if table.is_none() && (stored.is_none() || known.is_some()) {
        return None;
    }
    let meta = known.map(|collection| &collection.meta).or(stored);
    Some(json!({
        "collection": name,
        "meta": meta,
        "schema": table.map(|_| json!({"name": name, "comment": null})),
    }))
}

/// Makes a collection, or each of a list; all of them or none. Of a list, what made nothing is left out of the answer.
///
/// # Errors
/// `INVALID_PAYLOAD` for names and parts that cannot be; `INVALID_FOREIGN_KEY` for an unknown group; `FORBIDDEN` for a
/// single collection that is neither table nor folder.
pub(super) fn create(edit: &mut Edit<'_>, input: &Json) -> Result<Subject> {
    match input {
        Json::Array(list) => {
            let mut made = Vec::new();
            for input in list {
                made.extend(create_one(edit, object(input)?, Place::Last)?);
            }
            Ok(Subject::Collections(made))
        }
        input => {
            let name = create_one(edit, object(input)?, Place::Last)?;
            // Neither a table nor a folder: what was not made cannot be told.
            name.map(Subject::Collection).ok_or_else(Error::forbidden)
        }
    }
}

/// Makes one collection; answers its name, or none when nothing was to be made. `place` is where its fields stand.
pub(super) fn create_one(edit: &mut Edit<'_>, input: &Object, place: Place) -> Result<Option<String>> {
    let name = names::collection(input.get("collection"))?;
    if edit.is_taken(name) {
        return Err(Error::invalid_payload(format!(
            "the collection \"{name}\" exists already"
        )));
    }
    let schema = part(input, "schema")?;
    let meta = part(input, "meta")?;
    let drafts = drafts(edit.dialect(), name, input.get("fields"))?;
    if schema.is_none() && meta.is_none() {
        return Ok(None);
    }
    if schema.is_some() {
        let drafts = with_key(edit.dialect(), drafts)?;
        let table = table(edit, name, &drafts)?;
        edit.change_tables(vec![Change::CreateTable(table)])?;
        for (before, draft) in drafts.into_iter().enumerate() {
            let place = if place == Place::Last {
                Place::At(before + 1)
            } else {
                place
            };
            fields::describe_new(edit, name, draft, place)?;
        }
    }
    if let Some(meta) = meta {
        describe(edit, name, meta)?;
    }
    Ok(Some(name.to_owned()))
}

fn drafts(dialect: Dialect, collection: &str, fields: Option<&Json>) -> Result<Vec<Draft>> {
    let fields = match fields {
        None | Some(Json::Null) => return Ok(Vec::new()),
        Some(Json::Array(fields)) => fields,
        Some(_) => return Err(Error::invalid_payload("\"fields\" must be a list")),
    };
    if fields.len() >= MOST_COLUMNS {
        return Err(Error::invalid_payload(format!(
            "a collection takes fewer than {MOST_COLUMNS} fields"
        )));
    }
    let mut drafts: Vec<Draft> = Vec::with_capacity(fields.len());
    for field in fields {
        let draft = fields::draft(dialect, object(field)?)?
            .ok_or_else(|| Error::invalid_payload("each of \"fields\" needs a \"type\""))?;
        if drafts.iter().any(|other| other.name.eq_ignore_ascii_case(&draft.name)) {
            return Err(Error::invalid_payload(format!(
                "the field \"{}\" of \"{collection}\" is there twice",
                draft.name
            )));
        }
        drafts.push(draft);
    }
    Ok(drafts)
}

/// Puts a counting `id` first when no field is the key.
fn with_key(dialect: Dialect, mut drafts: Vec<Draft>) -> Result<Vec<Draft>> {
    let keys = drafts
        .iter()
        .filter(|draft| draft.wanted.as_ref().is_some_and(|wanted| wanted.key))
        .count();
    match keys {
        1 => Ok(drafts),
        0 if drafts.iter().any(|draft| draft.name.eq_ignore_ascii_case("id")) => Err(Error::invalid_payload(
            "a field \"id\" that is not the primary key leaves no name for one",
        )),
        0 => {
            let schema = json!({"is_primary_key": true, "has_auto_increment": true});
            let meta = json!({"hidden": true, "interface": "numeric", "readonly": true});
            drafts.insert(
                0,
                Draft {
                    name: "id".to_owned(),
                    kind: Kind::Integer,
                    wanted: Some(column::new(dialect, "id", Kind::Integer, object(&schema)?)?),
                    meta: Some(object(&meta)?.clone()),
                },
            );
            Ok(drafts)
        }
        _ => Err(Error::invalid_payload("a collection has exactly one primary key")),
    }
}

fn table(edit: &Edit<'_>, name: &str, drafts: &[Draft]) -> Result<Table> {
    let mut table = Table {
        name: name.to_owned(),
        ..Table::default()
    };
    for wanted in drafts.iter().filter_map(|draft| draft.wanted.as_ref()) {
        let column = wanted.column.name.as_str();
        if wanted.key {
            table.primary_key.push(column.to_owned());
        } else if wanted.unique == Some(true) {
            table.indexes.push(ddl::index_on(&edit.physical, name, column, true));
        } else if wanted.indexed == Some(true) {
            table.indexes.push(ddl::index_on(&edit.physical, name, column, false));
        }
        table.columns.push(wanted.column.clone());
    }
    Ok(table)
}

/// Writes a collection's metadata row, making it when there is none.
fn describe(edit: &mut Edit<'_>, name: &str, meta: &Object) -> Result<()> {
    let mut values = COLLECTIONS.values(meta, &["collection"])?;
    let is_described = |edit: &Edit<'_>, name: &str| edit.rows().collections.iter().any(holds([("collection", name)]));
    for (key, value) in &values {
        match (*key, value) {
            ("group", Param::Text(group)) if !is_described(edit, group) => {
                return Err(Error::constraint(
                    Code::InvalidForeignKey,
                    "directus_collections",
                    Some("group"),
                    Json::from(group.as_str()),
                ));
            }
            ("accountability", Param::Text(text)) if text != "all" && text != "activity" => {
                return Err(Error::invalid_payload(
                    "\"accountability\" must be \"all\", \"activity\" or null",
                ));
            }
            _ => {}
        }
    }
    if is_described(edit, name) {
        edit.update(&COLLECTIONS, holds([("collection", name)]), &values);
    } else {
        values.insert(0, ("collection", Param::from(name)));
        edit.insert(&COLLECTIONS, values);
    }
    Ok(())
}

/// Changes a collection's metadata; metadata of a name that nothing bears makes a folder. Everything else is ignored.
///
/// # Errors
/// `FORBIDDEN` for system collections, and when there is nothing of this name afterwards.
pub(super) fn update(edit: &mut Edit<'_>, name: &str, input: &Json) -> Result<Subject> {
    update_one(edit, name, object(input)?)?;
    Ok(Subject::Collection(name.to_owned()))
}

/// As [`update`], for a list of collections, each with its name; all of them or none.
///
/// # Errors
/// As [`update`]; `INVALID_PAYLOAD` for what is no list of collections.
pub(super) fn update_many(edit: &mut Edit<'_>, input: &Json) -> Result<Subject> {
    let list = input
        .as_array()
        .ok_or_else(|| Error::invalid_payload("the body must be a list"))?;
    let mut changed = Vec::with_capacity(list.len());
    for input in list {
        let input = object(input)?;
        let name = text(input, "collection")
            .ok_or_else(|| Error::invalid_payload("each collection needs its name in \"collection\""))?;
        update_one(edit, name, input)?;
        edit.settle();
        changed.push(name.to_owned());
    }
    Ok(Subject::Collections(changed))
}

pub(super) fn update_one(edit: &mut Edit<'_>, name: &str, input: &Object) -> Result<()> {
    if system::is_system(name) {
        return Err(Error::forbidden_collection(name));
    }
    let Some(meta) = part(input, "meta")? else {
        return Ok(());
    };
    let known = edit.model.schema.collection(name).is_some() || edit.model.collections.contains_key(name);
    if !known {
        names::collection(Some(&Json::from(name)))?;
        if edit.is_taken(name) {
            return Err(Error::forbidden_collection(name));
        }
    }
    describe(edit, name, meta)
}

/// Drops a collection with its table, its metadata and all that speaks of it; of a folder, the metadata.
///
/// # Errors
/// `FORBIDDEN` for system collections and unknown ones.
pub(super) async fn delete(edit: &mut Edit<'_>, name: &str) -> Result<Subject> {
    if system::is_system(name) {
        return Err(Error::forbidden_collection(name));
    }
    let folder = edit.model.is_folder(name);
    if !folder {
        edit.collection(name)?;
    }
    follow::drop_collection(edit, name).await?;
    if !folder {
        edit.change_tables(vec![Change::DropTable { table: name.to_owned() }])?;
    }
    Ok(Subject::Nothing)
}

/// A JSON object of the body.
pub(super) fn object(value: &Json) -> Result<&Object> {
    value
        .as_object()
        .ok_or_else(|| Error::invalid_payload("an object was expected"))
}

/// A part of the body that is an object, null or left out.
pub(super) fn part<'a>(input: &'a Object, key: &str) -> Result<Option<&'a Object>> {
    match input.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Object(part)) => Ok(Some(part)),
        Some(_) => Err(Error::invalid_payload(format!("\"{key}\" must be an object"))),
    }
}
