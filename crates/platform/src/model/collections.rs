//! The verbs behind `/collections`.
//! Writing verbs trust their caller to be an administrator; system collections are never changed or dropped by them.

use aedile_db::Tx;
use aedile_engine::{
    Code, Error, Json, Object, Result,
    ddl::{self, Change},
    schema::{Kind, physical::Table, system},
    sql::Dialect,
    value::Param,
};
use serde_json::json;

use super::{
    Model, Visible, column,
    edit::Edit,
    fields::{self, Draft},
    follow, names,
    rows::{COLLECTIONS, text},
    visible::Everything,
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

/// Makes a collection, or each of a list; all of them or none. Answers what was made: of a list, what made nothing is left out.
///
/// # Errors
/// `INVALID_PAYLOAD` for names and parts that cannot be; `INVALID_FOREIGN_KEY` for an unknown group; `FORBIDDEN` for a
/// single collection that is neither table nor folder.
pub async fn create(tx: &mut Tx, input: &Json) -> Result<Json> {
    let mut edit = Edit::begin(tx).await?;
    match input {
        Json::Array(list) => {
            let mut made = Vec::new();
            for input in list {
                if let Some(name) = create_one(&mut edit, input).await? {
                    made.push(name);
                }
            }
            edit.finish().await?;
            Ok(made.iter().filter_map(|name| told(&edit.model, name)).collect())
        }
        input => {
            let name = create_one(&mut edit, input).await?;
            // Neither a table nor a folder: what was not made cannot be told.
            let name = name.ok_or_else(Error::forbidden)?;
            edit.finish().await?;
            one(&edit.model, &Everything, &name)
        }
    }
}

/// Makes one collection; answers its name, or none when nothing was to be made.
async fn create_one(edit: &mut Edit<'_>, input: &Json) -> Result<Option<String>> {
    let input = object(input)?;
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
        edit.apply(vec![Change::CreateTable(table)]).await?;
        for (place, draft) in drafts.into_iter().enumerate() {
            fields::describe_new(edit, name, draft, Some(place + 1)).await?;
        }
    }
    if let Some(meta) = meta {
        describe(edit, name, meta).await?;
    }
    edit.reload().await?;
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
async fn describe(edit: &mut Edit<'_>, name: &str, meta: &Object) -> Result<()> {
    let mut values = COLLECTIONS.values(meta, &["collection"])?;
    for (key, value) in &values {
        match (*key, value) {
            ("group", Param::Text(group)) if !is_group(edit, group).await? => {
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
    if edit.model.collections.contains_key(name) {
        if values.is_empty() {
            return Ok(());
        }
        let update = COLLECTIONS.update(edit.dialect(), &values, &[("collection", name)]);
        edit.run(update).await.map(drop)
    } else {
        values.insert(0, ("collection", Param::from(name)));
        let insert = COLLECTIONS.insert(edit.dialect(), &values);
        edit.run(insert).await.map(drop)
    }
}

async fn is_group(edit: &mut Edit<'_>, name: &str) -> Result<bool> {
    let mut row = edit.sql();
    row.push("select 1 from directus_collections where collection = ")
        .param(name);
    Ok(edit.first(row).await?.is_some())
}

/// Changes a collection's metadata; metadata of a name that nothing bears makes a folder. Everything else is ignored.
///
/// # Errors
/// `FORBIDDEN` for system collections, and when there is nothing of this name afterwards.
pub async fn update(tx: &mut Tx, name: &str, input: &Json) -> Result<Json> {
    let mut edit = Edit::begin(tx).await?;
    update_one(&mut edit, name, object(input)?).await?;
    edit.finish().await?;
    one(&edit.model, &Everything, name)
}

/// As [`update`], for a list of collections, each with its name; all of them or none.
///
/// # Errors
/// As [`update`]; `INVALID_PAYLOAD` for what is no list of collections.
pub async fn update_many(tx: &mut Tx, input: &Json) -> Result<Json> {
    let list = input
        .as_array()
        .ok_or_else(|| Error::invalid_payload("the body must be a list"))?;
    let mut edit = Edit::begin(tx).await?;
    let mut changed = Vec::with_capacity(list.len());
    for input in list {
        let input = object(input)?;
        let name = text(input, "collection")
            .ok_or_else(|| Error::invalid_payload("each collection needs its name in \"collection\""))?;
        update_one(&mut edit, name, input).await?;
        edit.reload().await?;
        changed.push(name);
    }
    edit.finish().await?;
    changed
        .into_iter()
        .map(|name| one(&edit.model, &Everything, name))
        .collect()
}

async fn update_one(edit: &mut Edit<'_>, name: &str, input: &Object) -> Result<()> {
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
    describe(edit, name, meta).await
}

/// Drops a collection with its table, its metadata and all that speaks of it; of a folder, the metadata.
///
/// # Errors
/// `FORBIDDEN` for system collections and unknown ones.
pub async fn delete(tx: &mut Tx, name: &str) -> Result<()> {
    if system::is_system(name) {
        return Err(Error::forbidden_collection(name));
    }
    let mut edit = Edit::begin(tx).await?;
    let folder = edit.model.is_folder(name);
    if !folder {
        edit.collection(name)?;
    }
    let mut changes = follow::drop_collection(&mut edit, name).await?;
    if !folder {
        changes.push(Change::DropTable { table: name.to_owned() });
    }
    edit.apply(changes).await?;
    edit.finish().await
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
