//! Reading items: one data statement, and one more for counts that are asked for.

use aedile_engine::{
    Error, Json, Object, Result,
    access::Action,
    plan::{Plan, read},
    query::{Meta, Query},
    schema::{Collection, Special},
    value::Param,
};

use crate::{Cx, items::keys};

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
    let plan = read::list(cx.schema(), &cx.access, cx.limits(), collection, query)?;
    let counts = count_plans(cx, collection, query)?;
    let rows = cx.fetch_json(&plan).await?;
    Ok(Answer {
        data: Some(bracketed(&rows.bytes)),
        meta: count(cx, counts).await?,
    })
}

/// The item with this key, as it stands in a path.
///
/// # Errors
/// `FORBIDDEN` alike for a missing item, one that may not be read, and a key of the wrong kind.
pub async fn item(cx: &Cx, collection: &str, key: &str, query: &Query) -> Result<Answer> {
    let key = keys::from_path(cx.schema(), collection, key)?;
    one(cx, collection, key, query).await
}

pub(crate) async fn one(cx: &Cx, collection: &str, key: Param, query: &Query) -> Result<Answer> {
    // No item has another version yet; the item itself is also known by these names.
    if query
        .version
        .as_deref()
        .is_some_and(|version| !matches!(version, "main" | "published"))
    {
        return Err(Error::forbidden());
    }
    // A single item has no filter and no order; what pages it away makes it missing.
    let mut query = query.clone();
    query.filter = None;
    query.sort = Vec::new();
    let plan = read::item(cx.schema(), &cx.access, cx.limits(), collection, &key, &query)?;
    let rows = cx.fetch_json(&plan).await?;
    if rows.count == 0 {
        return Err(Error::forbidden());
    }
    Ok(Answer::data(rows.bytes))
}

/// The items with these keys.
pub async fn keyed(cx: &Cx, collection: &str, keys: &[Param], query: &Query) -> Result<Answer> {
    let plan = read::items(cx.schema(), &cx.access, cx.limits(), collection, keys, query)?;
    let rows = cx.fetch_json(&plan).await?;
    Ok(Answer::data(bracketed(&rows.bytes)))
}

/// Rows as a JSON list.
fn bracketed(rows: &[u8]) -> Vec<u8> {
    let mut list = Vec::with_capacity(rows.len() + 2);
    list.push(b'[');
    list.extend_from_slice(rows);
    list.push(b']');
    list
}

/// A singleton's item, or its defaults when there is none (or none that may be read).
pub async fn singleton(cx: &Cx, collection: &str, query: &Query) -> Result<Answer> {
    let mut query = query.clone();
    query.page.limit = Some(1);
    let plan = read::list(cx.schema(), &cx.access, cx.limits(), collection, &query)?;
    let counts = count_plans(cx, collection, &query)?;
    let rows = cx.fetch_json(&plan).await?;
    let data = if rows.count == 0 {
        let found = cx
            .schema()
            .collection(collection)
            .ok_or_else(|| Error::forbidden_collection(collection))?;
        Json::Object(defaults(found, &plan)).to_string().into_bytes()
    } else {
        rows.bytes
    };
    Ok(Answer {
        data: Some(data),
        meta: count(cx, counts).await?,
    })
}

/// The defaults of the asked fields that have one, and a key that is null.
fn defaults(collection: &Collection, plan: &Plan) -> Object {
    let Plan::Rows(node) = plan else { return Object::new() };
    node.items
        .iter()
        .filter_map(|item| {
            let field = collection.field(&item.name)?;
            if field.name == collection.key {
                return Some((item.name.clone(), Json::Null));
            }
            let default = field.column.as_ref()?.default.clone()?;
            let told = match (field.kind, default) {
                (kind, Json::String(text))
                    if kind == aedile_engine::schema::Kind::Json || field.is(Special::CastJson) =>
                {
                    serde_json::from_str(&text).unwrap_or(Json::String(text))
                }
                (_, default) => default,
            };
            Some((item.name.clone(), told))
        })
        .collect()
}

fn count_plans(cx: &Cx, collection: &str, query: &Query) -> Result<Vec<(&'static str, Plan)>> {
    let Meta {
        total_count,
        filter_count,
    } = query.meta;
    let mut plans = Vec::new();
    if total_count {
        plans.push((
            "total_count",
            read::count(cx.schema(), &cx.access, cx.limits(), collection, None)?,
        ));
    }
    if filter_count {
        plans.push((
            "filter_count",
            read::count(cx.schema(), &cx.access, cx.limits(), collection, Some(query))?,
        ));
    }
    Ok(plans)
}

async fn count(cx: &Cx, plans: Vec<(&'static str, Plan)>) -> Result<Option<Object>> {
    if plans.is_empty() {
        return Ok(None);
    }
    let mut meta = Object::new();
    for (name, plan) in plans {
        let (stmt, params) = cx.statement(&plan);
        let rows = cx.app.db().fetch(stmt, params).await?;
        let n = match rows.first().and_then(|row| row.first()) {
            Some(Param::Int(n)) => *n,
            _ => 0,
        };
        meta.insert(name.to_owned(), n.into());
    }
    Ok(Some(meta))
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
