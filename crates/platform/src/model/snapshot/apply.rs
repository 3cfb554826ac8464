//! Makes the model what a difference leads to: every part through the same planning as a request for it alone, and all of
//! them in one plan. What a difference cannot be meant for (the system's own parts) it does not find.

use std::collections::HashSet;

use aedile_engine::{Error, Json, Object, Result, schema::system};
use indexmap::IndexMap;
use serde_json::json;

use super::{
    deep,
    parse::{Names, Wanted},
    take,
};
use crate::model::{
    change::Subject,
    collections,
    edit::Edit,
    fields::{self, Place},
    relations,
};

/// A difference that is to be applied.
#[derive(Clone, Debug)]
pub struct Application {
    /// What the model has to be; none where that does not matter.
    hash: Option<String>,
    collections: IndexMap<String, Vec<Json>>,
    fields: IndexMap<Names, Vec<Json>>,
    system_fields: IndexMap<Names, Vec<Json>>,
    relations: IndexMap<Names, Vec<Json>>,
}

impl Application {
    /// Reads `{hash, diff}`. With `force` it is applied to whatever the model is by then, if it fits.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` for what is no difference.
    pub fn parse(body: &Json, force: bool) -> Result<Application> {
        let hash = body.get("hash").and_then(Json::as_str).filter(|hash| !hash.is_empty());
        let hash = hash.ok_or_else(|| Error::invalid_payload("\"hash\" is needed, and has to be text"))?;
        let diff = body.get("diff").and_then(Json::as_object);
        let diff = diff.ok_or_else(|| Error::invalid_payload("\"diff\" is needed, and has to be an object"))?;
        let of_field = |part: &Json| Some((text(part, "collection")?, text(part, "field")?));
        Ok(Application {
            hash: (!force).then(|| hash.to_owned()),
            collections: entries(diff, "collections", |part| text(part, "collection"))?,
            fields: entries(diff, "fields", of_field)?,
            system_fields: match diff.get("systemFields") {
                None | Some(Json::Null) => IndexMap::new(),
                Some(_) => entries(diff, "systemFields", of_field)?,
            },
            relations: entries(diff, "relations", of_field)?,
        })
    }
}

fn text(part: &Json, name: &str) -> Option<String> {
    part.get(name)
        .and_then(Json::as_str)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn entries<N: std::hash::Hash + Eq>(
    diff: &Object,
    sort: &str,
    names: impl Fn(&Json) -> Option<N>,
) -> Result<IndexMap<N, Vec<Json>>> {
    let list = diff
        .get(sort)
        .and_then(Json::as_array)
        .ok_or_else(|| Error::invalid_payload(format!("\"diff.{sort}\" is needed, and has to be a list")))?;
    let mut found = IndexMap::with_capacity(list.len());
    for (at, part) in list.iter().enumerate() {
        let entries = part
            .get("diff")
            .and_then(Json::as_array)
            .filter(|entries| !entries.is_empty());
        let (Some(name), Some(entries)) = (names(part), entries) else {
            return Err(Error::invalid_payload(format!(
                "\"diff.{sort}[{at}]\" has no name, or no \"diff\""
            )));
        };
        if found.insert(name, entries.clone()).is_some() {
            return Err(Error::invalid_payload(format!("\"diff.{sort}[{at}]\" is there twice")));
        }
    }
    Ok(found)
}

/// A part of the model as it is and as it is to be.
struct Change<N> {
    name: N,
    before: Option<Object>,
    after: Option<Object>,
}

impl<N> Change<N> {
    fn is_new(&self) -> bool {
        self.before.is_none()
    }

    fn is_gone(&self) -> bool {
        self.after.is_none()
    }

    /// Both, where the part stays.
    fn stays(&self) -> Option<(&N, &Object, &Object)> {
        Some((&self.name, self.before.as_ref()?, self.after.as_ref()?))
    }

    /// The part that is new.
    fn new_part(&self) -> Option<(&N, &Object)> {
        self.after
            .as_ref()
            .filter(|_| self.is_new())
            .map(|after| (&self.name, after))
    }
}

/// Follows the entries of one sort.
fn changes<N: std::hash::Hash + Eq + Clone>(
    entries: &IndexMap<N, Vec<Json>>,
    now: &IndexMap<N, Object>,
) -> Result<Vec<Change<N>>> {
    let object = |part: Option<Json>| match part {
        None => Ok(None),
        Some(Json::Object(part)) => Ok(Some(part)),
        Some(_) => Err(Error::invalid_payload("\"diff\" leads to a part that is no object")),
    };
    let change = |(name, entries): (&N, &Vec<Json>)| {
        let before = now.get(name).cloned();
        Ok(Change {
            name: name.clone(),
            after: object(deep::follow(before.clone().map(Json::Object), entries)?)?,
            before,
        })
    };
    entries.iter().map(change).collect()
}

/// Plans a difference.
pub(in crate::model) async fn apply(edit: &mut Edit<'_>, application: &Application) -> Result<Subject> {
    let taken = take(&edit.model, edit.dialect())?;
    if application
        .hash
        .as_ref()
        .is_some_and(|hash| *hash != super::hash(&taken))
    {
        return Err(Error::invalid_payload(
            "the schema has changed since it was compared (\"hash\" does not fit); compare again",
        ));
    }
    let now = Wanted::parse(&taken)?;
    let collections = changes(&application.collections, &now.collections)?;
    let fields = changes(&application.fields, &now.fields)?;
    let relations = changes(&application.relations, &now.relations)?;
    remove(edit, &collections, &fields, &relations).await?;
    edit.settle();
    make_collections(edit, &collections, &fields)?;
    edit.settle();
    change_fields(edit, &collections, &fields).await?;
    for change in changes(&application.system_fields, &now.system_fields)? {
        index(edit, &change.name, change.after.as_ref())?;
    }
    edit.settle();
    change_relations(edit, &relations).await?;
    Ok(Subject::Nothing)
}

/// What goes: first what holds other things fast.
async fn remove(
    edit: &mut Edit<'_>,
    collections: &[Change<String>],
    fields: &[Change<Names>],
    relations: &[Change<Names>],
) -> Result<()> {
    for change in relations
        .iter()
        .filter(|change| change.is_gone() || is_made_anew(change))
    {
        relations::delete(edit, &change.name.0, &change.name.1).await?;
    }
    edit.settle();
    for change in fields.iter().filter(|change| change.is_gone()) {
        fields::delete(edit, &change.name.0, &change.name.1).await?;
    }
    edit.settle();
    for change in collections.iter().filter(|change| change.is_gone()) {
        collections::delete(edit, &change.name).await?;
    }
    Ok(())
}

/// New collections with their fields, and what is said of the others. Groups come last: they may be new themselves.
fn make_collections(edit: &mut Edit<'_>, collections: &[Change<String>], fields: &[Change<Names>]) -> Result<()> {
    for (name, part) in collections.iter().filter_map(Change::new_part) {
        let mut part = part.clone();
        let own = fields
            .iter()
            .filter(|field| field.name.0 == *name)
            .filter_map(Change::new_part);
        let own: Vec<Json> = own
            .map(|(_, field)| plain(field).map(Json::Object))
            .collect::<Result<_>>()?;
        if part.get("schema").is_some_and(Json::is_object) {
            part.insert("fields".to_owned(), own.into());
        }
        if let Some(Json::Object(meta)) = part.get_mut("meta") {
            meta.shift_remove("group");
        }
        collections::create_one(edit, &part, Place::Open)?;
    }
    edit.settle();
    for change in collections {
        let Some(after) = &change.after else { continue };
        let was_table = change.before.as_ref().map(|before| before.contains_key("schema"));
        if was_table.is_some_and(|was| was != after.contains_key("schema")) {
            return Err(Error::invalid_payload(format!(
                "\"{}\" cannot turn from a folder into a table, or back; delete it first",
                change.name
            )));
        }
        collections::update_one(edit, &change.name, after)?;
    }
    Ok(())
}

/// A field as it is made: what a database says of its own accord is left to this one.
fn plain(field: &Object) -> Result<Object> {
    let mut field = field.clone();
    let name = field.get("field").cloned().unwrap_or_default();
    if let Some(Json::Object(column)) = field.get_mut("schema") {
        let is = |name: &str| column.get(name) == Some(&Json::Bool(true));
        if is("is_generated") {
            return Err(Error::invalid_payload(format!(
                "the field {name} is computed by its database; make it there"
            )));
        }
        if is("has_auto_increment") {
            column.shift_remove("default_value");
        }
    }
    Ok(field)
}

async fn change_fields(edit: &mut Edit<'_>, collections: &[Change<String>], fields: &[Change<Names>]) -> Result<()> {
    let made: HashSet<&String> = collections
        .iter()
        .filter(|one| one.is_new())
        .map(|one| &one.name)
        .collect();
    for (names, part) in fields.iter().filter_map(Change::new_part) {
        if !made.contains(&names.0) {
            fields::create_one(edit, &names.0, &plain(part)?, Place::Open).await?;
        }
    }
    for (names, before, after) in fields.iter().filter_map(Change::stays) {
        let is_alias = |part: &Object| !part.contains_key("schema");
        if is_alias(before) && !is_alias(after) {
            fields::delete(edit, &names.0, &names.1).await?;
            edit.settle();
            fields::create_one(edit, &names.0, &plain(after)?, Place::Open).await?;
            continue;
        }
        let same = |name: &str| before.get(name) == after.get(name);
        let mut input = after.clone();
        if same("schema") && same("type") {
            input.shift_remove("schema");
        } else if is_alias(after) {
            // Says that the column shall become none, which is refused with its reason.
            input.insert("schema".to_owned(), json!({}));
        }
        fields::update_one(edit, &names.0, &names.1, &input).await?;
    }
    Ok(())
}

/// The index of a system field comes or goes.
fn index(edit: &mut Edit<'_>, (collection, field): &Names, part: Option<&Object>) -> Result<()> {
    let schema = part.map(|part| part.get("schema").and_then(|schema| schema.get("is_indexed")));
    let wanted = schema.map_or(Some(false), |said| said.and_then(Json::as_bool));
    if system::field(collection, field).is_none() || wanted.is_none() {
        return Err(Error::invalid_payload(format!(
            "\"{collection}.{field}\" is no field of the system whose index could be changed"
        )));
    }
    let changes = fields::indexes(edit, collection, field, (None, wanted))?;
    edit.change_tables(changes)
}

/// Whether a relation points elsewhere, or is held by a constraint no longer, or from now on.
fn is_made_anew(change: &Change<Names>) -> bool {
    change.stays().is_some_and(|(_, before, after)| {
        before.get("related_collection") != after.get("related_collection")
            || before.contains_key("schema") != after.contains_key("schema")
    })
}

async fn change_relations(edit: &mut Edit<'_>, relations: &[Change<Names>]) -> Result<()> {
    for change in relations {
        let Some(after) = &change.after else { continue };
        let mut input = after.clone();
        if change.is_new() || is_made_anew(change) {
            // Null asks for a relation without a constraint; what is left out would ask for one.
            input.entry("schema").or_insert(Json::Null);
            relations::create(edit, &input.into()).await?;
        } else {
            relations::update(edit, &change.name.0, &change.name.1, &input.into()).await?;
        }
    }
    Ok(())
}
