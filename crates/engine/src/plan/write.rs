//! Writes: new rows, changed rows, removed rows, by key. Which rows and fields may be written was judged before
//! (`read::covered`, payload checks); here the last word is that the caller may do such a thing to the collection at all.

use crate::{
    access::{Access, Action},
    error::{Error, Result},
    plan::{Plan, filter::key_column},
    schema::{Collection, Ident},
    value::Param,
};

/// A new row.
#[derive(Clone, Debug)]
pub struct Insert {
    /// Into this table.
    pub table: Ident,
    /// Its values.
    pub values: Vec<(Ident, Param)>,
    /// The key to answer.
    pub key: Ident,
}

/// Changed rows.
#[derive(Clone, Debug)]
pub struct Update {
    /// Of this table.
    pub table: Ident,
    /// The new values; at least one.
    pub values: Vec<(Ident, Param)>,
    /// The column that picks the rows.
    pub column: Ident,
    /// The values that pick them.
    pub keys: Vec<Param>,
}

/// Removed rows.
#[derive(Clone, Debug)]
pub struct Delete {
    /// Of this table.
    pub table: Ident,
    /// The column that picks the rows.
    pub column: Ident,
    /// The values that pick them.
    pub keys: Vec<Param>,
}

fn columns(collection: &Collection, values: Vec<(String, Param)>) -> Result<Vec<(Ident, Param)>> {
    values
        .into_iter()
        .map(|(name, param)| {
            let column = collection.field(&name).and_then(|field| field.column.as_ref());
            let column = column.ok_or_else(|| Error::forbidden_field(&name, &collection.name))?;
            Ok((column.name.clone(), param))
        })
        .collect()
}

fn allowed(access: &Access, collection: &Collection, action: Action) -> Result<()> {
    if access.grant(&collection.name, action).is_some() {
        Ok(())
    } else {
        Err(Error::forbidden_collection(&collection.name))
    }
}

/// A new row with these values, by field.
pub fn insert(access: &Access, collection: &Collection, values: Vec<(String, Param)>) -> Result<Plan> {
    allowed(access, collection, Action::Create)?;
    Ok(Plan::Insert(Insert {
        table: collection.table.clone(),
        values: columns(collection, values)?,
        key: key_column(collection)?,
    }))
}

/// New values for the rows with these keys.
pub fn update(
    access: &Access,
    collection: &Collection,
    keys: Vec<Param>,
    values: Vec<(String, Param)>,
) -> Result<Plan> {
    allowed(access, collection, Action::Update)?;
    Ok(Plan::Update(Update {
        table: collection.table.clone(),
        values: columns(collection, values)?,
        column: key_column(collection)?,
        keys,
    }))
}

/// The end of the rows with these keys.
pub fn delete(access: &Access, collection: &Collection, keys: Vec<Param>) -> Result<Plan> {
    allowed(access, collection, Action::Delete)?;
    Ok(Plan::Delete(Delete {
        table: collection.table.clone(),
        column: key_column(collection)?,
        keys,
    }))
}
