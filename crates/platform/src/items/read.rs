//! Reading items: one data statement, and one more for counts that are asked for.

use aedile_engine::{Error, Object, Result, access::Action, query::Query, schema::Collection, value::Param};

use super::{
    keys,
    prepared::{Form, Prepared},
};
use crate::Cx;

/// What a verb answers: the value of `data` as JSON text, and counts beside it. Without data there is nothing to say (204).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// JSON.
    pub data: Option<Vec<u8>>,
    /// `total_count`, `filter_count`.
    pub meta: Option<Object>,
}

impl Answer {
    /// Data without counts.
    pub fn data(data: Vec<u8>) -> Answer {
        Answer {
            data: Some(data),
            meta: None,
        }
    }
}

/// The list a query asks for.
///
/// # Errors
/// `FORBIDDEN` for whatever is missing or may not be read, `INVALID_QUERY` for what does not fit.
pub async fn list(cx: &Cx, collection: &str, query: &Query) -> Result<Answer> {
    Prepared::of(cx, Form::List, collection, query)?
        .run(cx, &Param::Null)
        .await
}

/// The item with this key, as it stands in a path.
///
/// # Errors
/// `FORBIDDEN` alike for a missing item, one that may not be read, and a key of the wrong kind.
pub async fn item(cx: &Cx, collection: &str, key: &str, query: &Query) -> Result<Answer> {
    let key = keys::from_path(cx.schema(), collection, key)?;
    one(cx, collection, &key, query).await
}

pub(crate) async fn one(cx: &Cx, collection: &str, key: &Param, query: &Query) -> Result<Answer> {
    Prepared::of(cx, Form::Item, collection, query)?.run(cx, key).await
}

/// The items with these keys.
pub async fn keyed(cx: &Cx, collection: &str, keys: &[Param], query: &Query) -> Result<Answer> {
    Prepared::keyed(cx, collection, keys, query)?
        .run(cx, &Param::Null)
        .await
}

/// Rows as a JSON list.
pub(super) fn bracketed(rows: &[u8]) -> Vec<u8> {
    let mut list = Vec::with_capacity(rows.len() + 2);
    list.push(b'[');
    list.extend_from_slice(rows);
    list.push(b']');
    list
}

/// A singleton's item, or its defaults when there is none (or none that may be read).
pub async fn singleton(cx: &Cx, collection: &str, query: &Query) -> Result<Answer> {
    Prepared::of(cx, Form::Singleton, collection, query)?
        .run(cx, &Param::Null)
        .await
}

/// Whether the caller may do anything of this action with the collection; missing and forbidden answer alike.
pub(crate) fn allowed<'a>(cx: &'a Cx, collection: &str, action: Action) -> Result<&'a Collection> {
    let found = cx
        .schema()
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    if cx.access.grant(collection, action).is_some() {
        Ok(found)
    } else {
        Err(Error::forbidden_collection(collection))
    }
}
