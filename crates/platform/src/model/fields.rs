//! What is done behind `/fields`.
//! Changes are planned for whom [`super::change`] has let in; the system's own fields are never changed or dropped by them.

use aedile_engine::{
    Error, Json, Object, Result,
    ddl::{self, Change, index_on, index_on_key},
    schema::{Collection, Column, Field, Ident, Kind, Special, physical::Index, system},
    sql::Dialect,
    value::Param,
};
use serde_json::json;

use super::{
    Model, Visible,
    change::Subject,
    check,
    collections::{object, part},
    column::{self, Wanted},
    edit::{Edit, not_of_the_system},
    follow::{self, holds},
    kind, load, names,
    rows::{FIELDS, text, words},
};

/// A field as a caller describes it.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Its column; none for aliases.
    pub(super) wanted: Option<Wanted>,
    /// Its metadata; none for a bare column.
    pub(super) meta: Option<Object>,
}

/// Where a new field stands among those of its group, unless its metadata says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// After all others.
    Last,
    /// As this one, counted from 1.
    At(usize),
    /// Nowhere in particular.
    Open,
}

/// Every field the reader may see, or those of one collection.
///
/// # Errors
/// `FORBIDDEN` for a collection that is not there, or that the reader may not see.
pub fn list(model: &Model, visible: &dyn Visible, collection: Option<&str>) -> Result<Json> {
    let wanted: Vec<&Collection> = match collection {
        None => model
            .schema
            .collections()
            .filter(|c| visible.collection(&c.name))
            .collect(),
        Some(name) => vec![seen(model, visible, name)?],
    };
    let fields = wanted
        .into_iter()
        .flat_map(|collection| collection.fields.values().map(move |field| (collection, field)));
    Ok(fields
        .filter(|(collection, field)| visible.field(&collection.name, &field.name))
        .map(|(collection, field)| told(model, visible, collection, field))
        .collect())
}

/// One field; also metadata without a column that no list shows.
///
/// # Errors
/// `FORBIDDEN` when there is none, or the reader may not see it.
pub fn one(model: &Model, visible: &dyn Visible, collection: &str, name: &str) -> Result<Json> {
    let missing = || Error::forbidden_field(name, collection);
    if !visible.collection(collection) || !visible.field(collection, name) {
        return Err(missing());
    }
    if let Some(table) = model.schema.collection(collection)
        && let Some(field) = table.field(name)
    {
        return Ok(told(model, visible, table, field));
    }
    let stray = stray(model, collection, name).ok_or_else(missing)?;
    Ok(json!({"collection": collection, "field": name, "type": Kind::Alias.as_str(), "schema": null, "meta": stray}))
}

/// The collection, if the reader may see it.
pub(super) fn seen<'m>(model: &'m Model, visible: &dyn Visible, name: &str) -> Result<&'m Collection> {
    model
        .schema
        .collection(name)
        .filter(|_| visible.collection(name))
        .ok_or_else(|| Error::forbidden_collection(name))
}

fn stray<'m>(model: &'m Model, collection: &str, name: &str) -> Option<&'m Object> {
    model
        .strays
        .iter()
        .find(|row| text(row, "collection") == Some(collection) && text(row, "field") == Some(name))
}

fn told(model: &Model, visible: &dyn Visible, collection: &Collection, field: &Field) -> Json {
    let column = field.column.as_ref();
    json!({
        "collection": collection.name,
        "field": field.name,
        "type": field.kind.as_str(),
        "schema": column.map(|column| schema(model, visible, collection, field.kind, column)),
        "meta": field.meta,
    })
}

fn schema(model: &Model, visible: &dyn Visible, collection: &Collection, kind: Kind, column: &Column) -> Json {
    let name = column.name.as_str();
    let constraint = model
        .schema
        .relation(&collection.name, name)
        .and_then(|relation| relation.constraint.as_ref());
    // What a reader may not see is not named here either.
    let seen = constraint
        .and_then(|constraint| constraint.get("foreign_key_table"))
        .and_then(Json::as_str)
        .filter(|table| visible.collection(table));
    let target = constraint
        .filter(|_| seen.is_some())
        .and_then(|constraint| constraint.get("foreign_key_column"));
    let default = match &column.default {
        _ if column.default_now => Json::from("CURRENT_TIMESTAMP"),
        Some(default) => column::told(kind, default),
        None => Json::Null,
    };
    json!({
        "name": name,
        "table": collection.name,
        "data_type": column.data_type,
        "default_value": default,
        "generation_expression": null,
        "max_length": column.max_length,
        "numeric_precision": column.precision,
        "numeric_scale": column.scale,
        "is_generated": column.generated,
        "is_nullable": column.nullable,
        "is_unique": column.unique,
        "is_indexed": column.indexed,
        "is_primary_key": column.primary,
        "has_auto_increment": column.auto_increment,
        "foreign_key_schema": null,
        "foreign_key_table": seen,
        "foreign_key_column": target,
        "comment": null,
    })
}

/// Reads a new field from the body; none when it has no type, which makes nothing.
pub(super) fn draft(dialect: Dialect, input: &Object) -> Result<Option<Draft>> {
    let name = names::field(input.get("field"))?;
    let Some(kind) = said_kind(input)? else {
        return Ok(None);
    };
    let schema = part(input, "schema")?.cloned().unwrap_or_default();
    let meta = part(input, "meta")?.cloned();
    let wanted = match kind {
        Kind::Alias => None,
        kind => Some(column::new(dialect, name, kind, &schema)?),
    };
    Ok(Some(Draft {
        name: name.to_owned(),
        kind,
        wanted,
        meta,
    }))
}

fn said_kind(input: &Object) -> Result<Option<Kind>> {
    match input.get("type") {
        None | Some(Json::Null) => Ok(None),
        Some(value) => value
            .as_str()
            .and_then(Kind::parse)
            .filter(|kind| *kind != Kind::Unknown)
            .map(Some)
            .ok_or_else(|| Error::invalid_payload("\"type\" is no type of a field")),
    }
}

/// Makes a field; nothing when no type is said.
///
/// # Errors
/// `FORBIDDEN` for an unknown collection; `INVALID_PAYLOAD` for names and parts that cannot be; `CONTAINS_NULL_VALUES`
/// where rows would have to hold nothing in a field that needs something.
pub(super) async fn create(edit: &mut Edit<'_>, collection: &str, input: &Json) -> Result<Subject> {
    let name = create_one(edit, collection, object(input)?, Place::Last).await?;
    Ok(name.map_or(Subject::Nothing, |name| Subject::Field(collection.to_owned(), name)))
}

/// As [`create`]; answers the field's name.
pub(super) async fn create_one(
    edit: &mut Edit<'_>,
    collection: &str,
    input: &Object,
    place: Place,
) -> Result<Option<String>> {
    let table = edit.collection(collection)?;
    let Some(draft) = draft(edit.dialect(), input)? else {
        return Ok(None);
    };
    let taken = table.fields.keys().any(|other| other.eq_ignore_ascii_case(&draft.name));
    if taken || stray(&edit.model, collection, &draft.name).is_some() {
        return Err(Error::invalid_payload(format!(
            "the field \"{}\" exists already in \"{collection}\"",
            draft.name
        )));
    }
    let name = draft.name.clone();
    if let Some(wanted) = &draft.wanted {
        let flags = flags(draft.meta.as_ref().and_then(|meta| meta.get("special")));
        if wanted.column.default.is_some() && has(&flags, &[Special::Hash]) {
            check::no_secrets(edit, collection, &name).await?;
        }
        add_column(edit, collection, wanted).await?;
    }
    describe_new(edit, collection, draft, place)?;
    Ok(Some(name))
}

async fn add_column(edit: &mut Edit<'_>, table: &str, wanted: &Wanted) -> Result<()> {
    let column = &wanted.column;
    let name = column.name.as_str();
    if wanted.key {
        return Err(Error::invalid_payload(
            "only a new collection's field can be its primary key",
        ));
    }
    let needs_value = !column.nullable && column.default.is_none() && !column.default_now;
    if needs_value {
        check::no_rows(edit, table, name).await?;
    }
    if wanted.unique == Some(true) && column.default.is_some() {
        check::one_row(edit, table, name).await?;
    }
    let mut changes = vec![Change::AddColumn {
        table: table.to_owned(),
        column: column.clone(),
    }];
    if wanted.unique == Some(true) || wanted.indexed == Some(true) {
        changes.push(Change::CreateIndex {
            table: table.to_owned(),
            index: index_on(&edit.physical, table, name, wanted.unique == Some(true)),
        });
    }
    edit.change_tables(changes)
}

/// Writes the metadata of a new field, if it has some.
pub(super) fn describe_new(edit: &mut Edit<'_>, collection: &str, draft: Draft, place: Place) -> Result<()> {
    let big_key = draft.wanted.as_ref().is_some_and(|wanted| wanted.big_key);
    let mut meta = match (draft.meta, draft.kind) {
        (Some(meta), _) => meta,
        // An alias is nothing but its metadata; and what SQLite's declaration cannot say has no other place.
        (None, Kind::Alias) => Object::new(),
        (None, _) if big_key => Object::new(),
        (None, _) => return Ok(()),
    };
    complete_flags(&mut meta, draft.kind, big_key);
    insert(edit, collection, &draft.name, &meta, place)
}

/// Adds the flags without which the field would be read as another type.
fn complete_flags(meta: &mut Object, kind: Kind, big_key: bool) {
    let mut flags = flags(meta.get("special"));
    let before = flags.len();
    if kind == Kind::Alias && !flags.iter().filter_map(|flag| Special::parse(flag)).any(load::is_alias) {
        flags.extend(["alias".to_owned(), "no-data".to_owned()]);
    }
    let filled = has(&flags, &[Special::DateCreated, Special::DateUpdated]);
    if kind == Kind::DateTime && filled && !has(&flags, &[Special::CastDatetime, Special::CastTimestamp]) {
        flags.push("cast-datetime".to_owned());
    }
    if big_key {
        flags.push(kind::BIG_KEY.to_owned());
    }
    if flags.len() > before {
        meta.insert("special".to_owned(), Json::from(flags));
    }
}

/// The flags of a field, as they may be written.
fn flags(written: Option<&Json>) -> Vec<String> {
    match written {
        Some(Json::String(text)) => text.split(',').map(|flag| flag.trim().to_owned()).collect(),
        Some(Json::Array(flags)) => flags.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn has(flags: &[String], wanted: &[Special]) -> bool {
    let mut known = flags.iter().filter_map(|flag| Special::parse(flag));
    known.any(|flag| wanted.contains(&flag))
}

fn insert(edit: &mut Edit<'_>, collection: &str, name: &str, meta: &Object, place: Place) -> Result<()> {
    let mut values = FIELDS.values(meta, &["id", "collection", "field"])?;
    let placed = |(key, value): &(&'static str, Param)| *key == "sort" && *value != Param::Null;
    if !values.iter().any(placed) {
        values.retain(|(key, _)| *key != "sort");
        let place = match place {
            Place::Open => Param::Null,
            Place::At(place) => Param::Int(i64::try_from(place).unwrap_or(i64::MAX)),
            Place::Last => Param::Int(next_place(edit, collection, text(meta, "group"))),
        };
        values.push(("sort", place));
    }
    values.push(("collection", Param::from(collection)));
    values.push(("field", Param::from(name)));
    edit.insert(&FIELDS, values);
    Ok(())
}

/// The place after all others of a group.
fn next_place(edit: &Edit<'_>, collection: &str, group: Option<&str>) -> i64 {
    let fields = edit.rows().fields.iter();
    fields
        .filter(|row| text(row, "collection") == Some(collection) && text(row, "group") == group)
        .filter_map(|row| row.get("sort").and_then(Json::as_i64))
        .max()
        .unwrap_or(0)
        .saturating_add(1)
}

/// Changes a field: its column where `schema` is said, its metadata where `meta` is. Metadata of a name that no column
/// bears is kept all the same.
///
/// # Errors
/// `FORBIDDEN` for what is not there; `INVALID_PAYLOAD` for the system's fields and changes that cannot be;
/// `CONTAINS_NULL_VALUES`, `RECORD_NOT_UNIQUE`, `VALUE_TOO_LONG` where stored values do not fit.
pub(super) async fn update(edit: &mut Edit<'_>, collection: &str, name: &str, input: &Json) -> Result<Subject> {
    update_one(edit, collection, name, object(input)?).await?;
    Ok(Subject::Field(collection.to_owned(), name.to_owned()))
}

/// As [`update`], for a list of fields, each with its name; all of them or none. Of an empty list there is nothing to tell.
///
/// # Errors
/// As [`update`]; `INVALID_PAYLOAD` for what is no list of fields.
pub(super) async fn update_many(edit: &mut Edit<'_>, collection: &str, input: &Json) -> Result<Subject> {
    let list = input
        .as_array()
        .ok_or_else(|| Error::invalid_payload("the body must be a list"))?;
    edit.collection(collection)?;
    if list.is_empty() {
        return Ok(Subject::Nothing);
    }
    let mut changed = Vec::with_capacity(list.len());
    for input in list {
        let input = object(input)?;
        let name = names::field(input.get("field"))?;
        update_one(edit, collection, name, input).await?;
        edit.settle();
        changed.push(name.to_owned());
    }
    Ok(Subject::Fields(collection.to_owned(), changed))
}

pub(super) async fn update_one(edit: &mut Edit<'_>, collection: &str, name: &str, input: &Object) -> Result<()> {
    let table = edit.collection(collection)?;
    let field = table.field(name).cloned();
    let (said_kind, schema, meta) = (said_kind(input)?, part(input, "schema")?, part(input, "meta")?);
    not_of_the_system(collection, name)?;
    match (&field, schema) {
        (Some(field), Some(schema)) => {
            if let Some(column) = &field.column {
                let kind = said_kind.unwrap_or(field.kind);
                alter(edit, collection, column, (field.kind, kind), schema).await?;
            }
        }
        (None, _) if meta.is_none() && stray(&edit.model, collection, name).is_none() => {
            return Err(Error::forbidden_field(name, collection));
        }
        _ => {}
    }
    let Some(meta) = meta else { return Ok(()) };
    let mut meta = meta.clone();
    if meta.contains_key("special")
        && let Some(field) = &field
    {
        let row = field.meta.as_ref().and_then(Json::as_object);
        let before = row.map_or_else(Vec::new, |row| words(row, "special"));
        let is_hashed = |flags: &[String]| has(flags, &[Special::Hash]);
        if is_hashed(&flags(meta.get("special"))) && !is_hashed(&before) {
            check::no_plain(edit, collection, name).await?;
        }
        let big_key = before.iter().any(|flag| flag == kind::BIG_KEY);
        complete_flags(
            &mut meta,
            said_kind.filter(|_| schema.is_some()).unwrap_or(field.kind),
            big_key,
        );
    }
    let described = field.is_some_and(|field| field.meta.is_some()) || stray(&edit.model, collection, name).is_some();
    if !described {
        names::field(Some(&Json::from(name)))?;
        return insert(edit, collection, name, &meta, Place::Last);
    }
    let values = FIELDS.values(&meta, &["id", "collection", "field"])?;
    edit.update(&FIELDS, holds([("collection", collection), ("field", name)]), &values);
    Ok(())
}

async fn alter(
    edit: &mut Edit<'_>,
    table: &str,
    before: &Column,
    (from, to): (Kind, Kind),
    schema: &Object,
) -> Result<()> {
    // A key says again what it is whenever its form is saved: only a change is refused.
    if before.primary && from == to {
        return Ok(());
    }
    let name = before.name.as_str();
    let wanted = column::changed(edit.dialect(), before, from, to, schema)?;
    check::fits(edit, table, (before, from), (&wanted.column, to)).await?;
    if wanted.unique == Some(true) && !before.unique {
        check::no_doubles(edit, table, name).await?;
    }
    if from != to
        && edit
            .model
            .schema
            .relation(table, name)
            .is_some_and(|relation| relation.constraint.is_some())
    {
        return Err(Error::invalid_payload(
            "a foreign key keeps its type; delete the relation first",
        ));
    }
    let mut changes = Vec::new();
    if !same(before, &wanted.column) {
        changes.push(Change::AlterColumn {
            table: table.to_owned(),
            column: wanted.column.clone(),
        });
    }
    changes.extend(indexes(edit, table, name, (wanted.unique, wanted.indexed))?);
    edit.change_tables(changes)
}

/// The indexes that come and go, as it is said whether the column shall be unique and indexed. A foreign key has one in any
/// case: its own, unless somebody asked for one.
pub(super) fn indexes(
    edit: &Edit<'_>,
    table: &str,
    column: &str,
    (unique, indexed): (Option<bool>, Option<bool>),
) -> Result<Vec<Change>> {
    let facts = ddl::find(&edit.physical, table).ok_or_else(|| Error::forbidden_collection(table))?;
    let create = |index: Index| Change::CreateIndex {
        table: table.to_owned(),
        index,
    };
    let drop = |index: &Index| Change::DropIndex {
        table: table.to_owned(),
        index: index.name.clone(),
    };
    let on = |index: &&Index| index.columns.first().is_some_and(|first| first == column) && index.columns.len() == 1;
    let mut changes = Vec::new();
    for (unique, said) in [(true, unique), (false, indexed)] {
        let asked = |index: &&Index| on(index) && index.unique == unique && !index.is_own();
        let there: Vec<&Index> = facts.indexes.iter().filter(asked).collect();
        match said {
            Some(true) if there.is_empty() => changes.push(create(index_on(&edit.physical, table, column, unique))),
            Some(false) => changes.extend(there.into_iter().map(drop)),
            _ => {}
        }
    }
    if indexed == Some(true) {
        changes.extend(facts.indexes.iter().filter(on).filter(|index| index.is_own()).map(drop));
    }
    let pointing = facts.foreign_keys.iter().any(|key| key.column == column);
    let dropped = |index: &Index| {
        let gone = |change: &Change| matches!(change, Change::DropIndex { index: gone, .. } if *gone == index.name);
        changes.iter().any(gone)
    };
    let leads = |index: &Index| index.columns.first().is_some_and(|first| first == column) && !dropped(index);
    let made = changes
        .iter()
        .any(|change| matches!(change, Change::CreateIndex { .. }));
    if pointing && !made && !facts.primary_key.iter().any(|key| key == column) && !facts.indexes.iter().any(leads) {
        changes.insert(0, create(index_on_key(&edit.physical, table, column)));
    }
    Ok(changes)
}

/// Whether two columns are declared alike.
fn same(a: &Column, b: &Column) -> bool {
    a.data_type == b.data_type
        && a.nullable == b.nullable
        && a.default == b.default
        && a.default_now == b.default_now
        && a.max_length == b.max_length
        && a.precision == b.precision
        && a.scale == b.scale
}

/// Deletes a field with its column, its metadata and all that speaks of it. What is not there is no error.
///
/// # Errors
/// `FORBIDDEN` for the system's fields and unknown collections; `INVALID_PAYLOAD` for the primary key.
pub(super) async fn delete(edit: &mut Edit<'_>, collection: &str, name: &str) -> Result<Subject> {
    if system::field(collection, name).is_some() {
        return Err(Error::forbidden_field(name, collection));
    }
    let table = edit.collection(collection)?;
    let field = table.field(name).cloned();
    if field.is_none() && stray(&edit.model, collection, name).is_none() {
        return Ok(Subject::Nothing);
    }
    let column = field.and_then(|field| field.column);
    if column.as_ref().is_some_and(|column| column.primary) {
        return Err(Error::invalid_payload("a primary key cannot be deleted"));
    }
    follow::drop_field(edit, collection, name).await?;
    if let Some(column) = column {
        let changes = let_go(edit, collection, &column.name);
        edit.change_tables(changes)?;
    }
    Ok(Subject::Nothing)
}

/// Foreign keys that point at the column go first, then the column.
fn let_go(edit: &Edit<'_>, table: &str, column: &Ident) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for other in &edit.physical.tables {
        let pointing = other
            .foreign_keys
            .iter()
            .filter(|key| key.table == table && key.target == column.as_str());
        changes.extend(pointing.map(|key| Change::DropForeignKey {
            table: other.name.clone(),
            column: key.column.clone(),
        }));
    }
    changes.push(Change::DropColumn {
        table: table.to_owned(),
        column: column.as_str().to_owned(),
    });
    changes
}
