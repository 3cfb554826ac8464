//! Whether what a permission says fits the data model: collections, fields, rules. The same code reads rules here and
//! judges by them later, so nothing passes that would then grant something else.

use aedile_engine::{
    Json, Object,
    access::{Access, Action, Case, Fields, Source},
    plan::read,
    query::{
        Filter, Key, Limits,
        filter::{self, Context},
    },
    schema::{Collection, Schema},
};

use super::{parse::PermissionEntry, state::Permission};
use crate::document::reader::Reader;

/// What rules are checked against.
pub(crate) struct Rules<'a> {
    pub schema: &'a Schema,
    pub limits: &'a Limits,
}

/// Notes what is wrong with a permission.
pub(super) fn permission(reader: &mut Reader<'_>, entry: &PermissionEntry, rules: &Rules<'_>) {
    let (permission, place) = (&entry.permission, &entry.place);
    let Some(collection) = rules.schema.collection(&permission.collection) else {
        reader.wrong(place, format!("there is no collection \"{}\"", permission.collection));
        return;
    };
    for field in unknown(collection, permission.fields.iter().filter(|field| *field != "*")) {
        reader.wrong(&place.member("fields"), field);
    }
    if let Some(presets) = permission.presets.as_object() {
        for field in unknown(collection, presets.keys()) {
            reader.wrong(&place.member("presets"), field);
        }
    }
    if let Err(why) = rule(rules, collection, &permission.rule, permission.action) {
        reader.wrong(&place.member("where"), why);
    }
    if let Err(why) = validation(collection, permission) {
        reader.wrong(&place.member("validation"), why);
    }
}

fn unknown<'a>(collection: &Collection, names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let missing = names.filter(|name| collection.field(name).is_none());
    missing.map(|name| no_field(collection, name)).collect()
}

/// That a field is not there.
pub(crate) fn no_field(collection: &Collection, name: &str) -> String {
    format!("there is no field \"{name}\" in {}", collection.name)
}

/// Reads a rule and fits it to the data model.
fn rule(rules: &Rules<'_>, collection: &Collection, stored: &Json, action: Action) -> Result<(), String> {
    if stored.is_null() {
        return Ok(());
    }
    let read = filter::parse(stored, &Limits::default(), Context::Rule).map_err(|error| error.reason())?;
    match misfit(rules, collection, &read) {
        // The rule of a permission to create is about no row: it only has to be one.
        Some(why) if action != Action::Create => Err(why),
        _ => Ok(()),
    }
}

/// Why a condition does not fit the data model; none where it does.
pub(crate) fn misfit(rules: &Rules<'_>, collection: &Collection, filter: &Filter) -> Option<String> {
    let case = Case {
        source: Source {
            policy: None,
            permission: None,
        },
        rule: Some(filter.clone()),
        fields: Fields::All,
        presets: Object::new(),
        validation: None,
    };
    let error = read::misfit(rules.schema, &Access::full(), rules.limits, &collection.name, &case)?;
    // Everything may be accessed here: what is told as either is missing.
    Some(error.reason().replace(" or may not be accessed", ""))
}

/// A validation looks at the fields of what is sent, and at nothing else.
fn validation(collection: &Collection, permission: &Permission) -> Result<(), String> {
    let stored = &permission.validation;
    let nothing = stored.get("_and").and_then(Json::as_array).is_some_and(Vec::is_empty);
    if stored.is_null() || nothing {
        return Ok(());
    }
    let read = filter::parse(stored, &Limits::default(), Context::Validation).map_err(|error| error.reason())?;
    names(&read, collection)
}

fn names(filter: &Filter, collection: &Collection) -> Result<(), String> {
    match filter {
        Filter::And(list) | Filter::Or(list) => list.iter().try_for_each(|one| names(one, collection)),
        Filter::At(Key::Field(name) | Key::Call(_, name) | Key::Scoped(name, _), _) => match collection.field(name) {
            Some(_) => Ok(()),
            None => Err(no_field(collection, name)),
        },
        _ => Ok(()),
    }
}
