//! An item as it once was: the values that a revision remembers are written like any change, by the caller's own
//! permissions. Must never write what the caller could not write in a request of its own.

use aedile_engine::{
    Code, Error, Json, Object, Result,
    query::{Leaf, Path, Query},
};

use super::{keys, read, update_one};
use crate::{Cx, system};

const REVISIONS: &str = "directus_revisions";

/// Writes what the revision with this key (as it stands in a path) remembers of its item.
///
/// # Errors
/// `FORBIDDEN` alike for a revision that is missing or may not be read, and for an item that is missing or may not be
/// changed so; what the verbs say of the values.
pub async fn revert(cx: &Cx, revision: &str) -> Result<()> {
    let wanted = ["collection", "item", "data"];
    let query = Query {
        fields: wanted.into_iter().map(field).collect(),
        ..Query::default()
    };
    let told = read::item(cx, REVISIONS, revision, &query).await?;
    let mut told: Object = serde_json::from_slice(&told.data.unwrap_or_default())
        .map_err(|error| Error::internal(format!("a revision is not JSON: {error}")))?;
    let (Some(Json::String(collection)), Some(item)) = (told.remove("collection"), told.remove("item")) else {
        return Err(Error::forbidden());
    };
    if system::is_closed(&collection) {
        return Err(Error::forbidden());
    }
    let Some(Json::Object(mut data)) = told.remove("data") else {
        return Err(Error::unprocessable("the revision holds no data"));
    };
    let c = cx.schema().collection(&collection).ok_or_else(Error::forbidden)?;
    // What is no field any more has no place to go back to, and a key never changes.
    data.retain(|name, _| *name != c.key && c.field(name).is_some());
    let key = match item {
        Json::String(text) => text,
        other => other.to_string(),
    };
    keys::from_path(cx.schema(), &collection, &key)?;
    let nothing_back = Query {
        fields: vec![field(&c.key)],
        ..Query::default()
    };
    match update_one(cx, &collection, &key, Json::Object(data), &nothing_back).await {
        Ok(_) => Ok(()),
        // What is missing and what is forbidden answer alike, by name of the revision alone.
        Err(error) if error.code() == Code::Forbidden => Err(Error::forbidden()),
        Err(error) => Err(error),
    }
}

fn field(name: &str) -> Path {
    Path {
        steps: Vec::new(),
        leaf: Leaf::Field(name.to_owned()),
    }
}
