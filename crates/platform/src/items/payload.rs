//! What a caller sent for one item, on its way to the row: field permissions, presets, validation.
//! Judges the payload alone; rows are judged by the database, in the same transaction.

use aedile_engine::{
    Error, Json, Object, Result,
    access::{Action, Grant, Rule},
    error::Fault,
    query::{Filter, Var, filter},
    schema::{Collection, Field, Special},
    validate,
};

use crate::items::Writing;

/// Checks what was sent against the caller's permissions and the fields' own rules, and fills in presets.
///
/// # Errors
/// `FORBIDDEN` for a field that may not be written; `FAILED_VALIDATION` with every failure at once.
pub async fn check(w: &mut Writing<'_>, collection: &Collection, action: Action, input: Object) -> Result<Object> {
    let cx = w.cx;
    let grant = cx.access.grant(&collection.name, action);
    if !grant.is_some() {
        return Err(Error::forbidden_collection(&collection.name));
    }
    for name in input.keys() {
        if !grant.has(name) {
            return Err(Error::forbidden_field(name, &collection.name));
        }
    }
    w.resolve(variables(grant)).await?;
    let input = with_presets(w, collection, grant, input)?;
    let mut faults = Vec::new();
    for field in collection.fields.values() {
        faults.extend(field_faults(w, field, action, &input)?);
    }
    if let Grant::Cases(cases) = grant {
        for rule in cases.iter().filter_map(|case| case.validation.as_ref()) {
            faults.extend(judge(w, rule, &input));
        }
    }
    let mut told: Vec<Fault> = Vec::new();
    for fault in faults {
        if !told.contains(&fault) {
            told.push(fault);
        }
    }
    if told.is_empty() {
        Ok(input)
    } else {
        Err(Error::all(told))
    }
}

/// The variables that the caller's own permissions look at.
fn variables(grant: Grant<'_>) -> Vec<Var> {
    let mut found = Vec::new();
    for case in grant.cases() {
        if let Some(rule) = &case.validation {
            rule.variables(&mut found);
        }
        for value in case.presets.values() {
            preset_variables(value, &mut found);
        }
    }
    found
}

/// Collects the variables of a preset.
pub fn preset_variables(value: &Json, found: &mut Vec<Var>) {
    match value {
        Json::String(text) => found.extend(filter::variable(text)),
        Json::Array(list) => list.iter().for_each(|value| preset_variables(value, found)),
        Json::Object(object) => object.values().for_each(|value| preset_variables(value, found)),
        _ => {}
    }
}

fn judge(w: &Writing<'_>, rule: &Filter, input: &Object) -> Vec<Fault> {
    validate::validate(rule, input, &|var| w.value(var), &w.path)
}

/// Values the caller's permissions fill in where nothing was sent; a later permission's preset wins.
fn with_presets(w: &Writing<'_>, c: &Collection, grant: Grant<'_>, mut input: Object) -> Result<Object> {
    let mut presets = Object::new();
    for case in grant.cases() {
        for (name, value) in &case.presets {
            presets.insert(name.clone(), resolved(&|var| w.value(var), value)?);
        }
    }
    for (name, value) in presets {
        if !input.contains_key(&name) {
            let value = match hashed(c, &name) {
                Some(field) => w.hashes.of(field, &value)?,
                None => value,
            };
            input.insert(name, value);
        }
    }
    Ok(input)
}

fn hashed<'c>(c: &'c Collection, name: &str) -> Option<&'c Field> {
    c.field(name).filter(|field| field.is(Special::Hash))
}

/// Fills in the defaults of hashed fields: the database would store them as they are.
pub fn fill_hashed(w: &Writing<'_>, c: &Collection, input: &mut Object) -> Result<()> {
    for field in c.fields.values().filter(|field| field.is(Special::Hash)) {
        let default = field.column.as_ref().and_then(|column| column.default.as_ref());
        if let Some(default) = default.filter(|default| !default.is_null())
            && !input.contains_key(&field.name)
        {
            input.insert(field.name.clone(), w.hashes.of(field, default)?);
        }
    }
    Ok(())
}

/// A preset's value with its variables filled in, at any depth.
pub fn resolved(known: &dyn Fn(&Var) -> Option<Json>, value: &Json) -> Result<Json> {
    Ok(match value {
        Json::String(text) => match filter::variable(text) {
            Some(var) => known(&var).ok_or_else(|| Error::unprocessable("a preset's variable leads nowhere"))?,
            None => value.clone(),
        },
        Json::Array(list) => Json::Array(list.iter().map(|v| resolved(known, v)).collect::<Result<_>>()?),
        Json::Object(object) => {
            let members: Result<Object> = object
                .iter()
                .map(|(k, v)| Ok((k.clone(), resolved(known, v)?)))
                .collect();
            Json::Object(members?)
        }
        other => other.clone(),
    })
}

/// What is wrong with one field of the payload, by the data model.
fn field_faults(w: &Writing<'_>, field: &Field, action: Action, input: &Object) -> Result<Vec<Fault>> {
    let sent = input.get(&field.name);
    let mut faults = Vec::new();
    if let Some(column) = &field.column {
        let filled = column.auto_increment
            || column.generated
            || column.default.is_some()
            || column.default_now
            || is_filled(field);
        match sent {
            None if action == Action::Create && !column.nullable && !filled => {
                faults.push(validate::missing(&field.name, &w.path));
            }
            Some(Json::Null) if !column.nullable && !is_filled(field) => {
                faults.push(validate::nnull(&field.name, &w.path));
            }
            _ => {}
        }
    }
    match (&field.validation, sent) {
        (Some(Rule::Of(rule)), Some(_)) => faults.extend(judge(w, rule, input)),
        (Some(Rule::Broken), Some(_)) => {
            return Err(Error::unprocessable(format!(
                "the validation of field \"{}\" can not be understood",
                field.name
            )));
        }
        _ => {}
    }
    Ok(faults)
}

/// Whether the system fills the field in when it is left out.
fn is_filled(field: &Field) -> bool {
    field.special.iter().any(|special| {
        matches!(
            special,
            Special::Uuid
                | Special::DateCreated
                | Special::UserCreated
                | Special::RoleCreated
                | Special::DateUpdated
                | Special::UserUpdated
                | Special::RoleUpdated
        )
    })
}
