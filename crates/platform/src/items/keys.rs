//! Primary keys as callers write them: in paths, in bodies. One of the wrong kind belongs to no item: `FORBIDDEN`.

use aedile_engine::{
    Error, Json, Result,
    schema::{Collection, Schema},
    value::{Param, operand},
};

/// A key from a path.
pub fn from_path(schema: &Schema, collection: &str, text: &str) -> Result<Param> {
    let found = schema
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    let field = found.key_field().ok_or_else(Error::forbidden)?;
    operand::key(field, text).ok_or_else(Error::forbidden)
}

/// A key from a body.
pub fn from_json(collection: &Collection, value: &Json) -> Result<Param> {
    let field = collection.key_field().ok_or_else(Error::forbidden)?;
    match value {
        Json::String(text) => operand::key(field, text),
        Json::Number(number) => operand::key(field, &number.to_string()),
        _ => None,
    }
    .ok_or_else(Error::forbidden)
}

/// A key as JSON, as the history tables and answers tell it.
pub fn to_json(key: &Param) -> Json {
    match key {
        Param::Int(n) => (*n).into(),
        Param::Text(text) => text.as_str().into(),
        Param::Real(n) => (*n).into(),
        _ => Json::Null,
    }
}

/// A key as text.
pub fn to_text(key: &Param) -> String {
    match key {
        Param::Int(n) => n.to_string(),
        Param::Text(text) => text.clone(),
        Param::Real(n) => n.to_string(),
        _ => String::new(),
    }
}
