//! Names that callers give to collections and fields: which are taken, and which could never be used again.

use aedile_engine::{
    Error, Json, Result,
    schema::{Ident, system},
};

/// Signs that queries, paths and field lists give a meaning to; a name with one of them could never be asked for.
const SIGNS: &[char] = &[
    '.', ',', ':', ';', '(', ')', '[', ']', '{', '}', '*', '$', '"', '\'', '`', '/', '\\', '?', '#', '%', '&',
];

/// A name of our own tables or of the database's.
fn is_reserved(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with(system::PREFIX) || lower.starts_with("aedile_") || lower.starts_with("sqlite_")
}

/// Takes a new collection's name.
///
/// # Errors
/// `INVALID_PAYLOAD` for what is no name, or is reserved.
pub(super) fn collection(value: Option<&Json>) -> Result<&str> {
    let name = name(value, "collection")?;
    if is_reserved(name) {
        return Err(Error::invalid_payload(format!(
            "the name \"{name}\" is reserved for the system"
        )));
    }
    Ok(name)
}

/// Takes a new field's name.
///
/// # Errors
/// `INVALID_PAYLOAD` for what is no name.
pub(super) fn field(value: Option<&Json>) -> Result<&str> {
    name(value, "field")
}

fn name<'a>(value: Option<&'a Json>, key: &str) -> Result<&'a str> {
    let Some(name) = value.and_then(Json::as_str).filter(|name| !name.is_empty()) else {
        return Err(Error::invalid_payload(format!("\"{key}\" must be a name")));
    };
    if name.len() > Ident::MAX_BYTES {
        return Err(Error::invalid_payload(format!(
            "\"{key}\" is longer than {} bytes",
            Ident::MAX_BYTES
        )));
    }
    if name
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || SIGNS.contains(&c))
    {
        return Err(Error::invalid_payload(format!(
            "\"{key}\" holds a space or a sign that queries give a meaning to"
        )));
    }
    Ok(name)
}

#[cfg(test)]
mod tests;
