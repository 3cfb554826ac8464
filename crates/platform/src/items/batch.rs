//! The doors' side of writing: one body becomes one transaction, and what was written is read back as the caller may see it.

use std::sync::Arc;

use aedile_db::JsonRows;
use aedile_engine::{
    Code, Error, Json, Object, Result,
    access::{Action, Fields, Grant},
    plan::read,
    query::{self, Query},
    value::Param,
};

use crate::{
    Cx,
    items::{
        Answer, Writing,
        create::create as create_item,
        delete::delete as delete_items,
        keys,
        prepared::{self, Prepared, Wanted},
        read as reading,
        update::update as update_items,
    },
    system::{self, Hashes},
};

/// What a body asks to be changed.
enum Change {
    /// New items.
    Create(Vec<Object>),
    /// Each item by its own key.
    Each(Vec<(Param, Object)>),
    /// Items alike.
    Alike(Vec<Param>, Object),
    /// Gone items.
    Delete(Vec<Param>),
}

impl Change {
    /// What was sent of items.
    fn items(&mut self) -> impl Iterator<Item = &mut Object> {
        let (list, each, alike) = match self {
            Change::Create(items) => (Some(items), None, None),
            Change::Each(items) => (None, Some(items), None),
            Change::Alike(_, item) => (None, None, Some(item)),
            Change::Delete(_) => (None, None, None),
        };
        let each = each.into_iter().flatten().map(|(_, item)| item);
        list.into_iter().flatten().chain(each).chain(alike)
    }
}

/// Makes one item (an object) or several (a list), and reads them back.
///
/// # Errors
/// Everything or nothing is stored: `FORBIDDEN`, `FAILED_VALIDATION`, `INVALID_PAYLOAD`, or a constraint's code.
pub async fn create(cx: &Cx, collection: &str, body: Json, wanted: impl Into<Wanted<'_>>) -> Result<Answer> {
    let list = match body {
        Json::Object(object) => {
            let read = prepared::written(cx, collection, wanted.into())?;
            let c = reading::allowed(cx, collection, Action::Create)?;
            return apply_one(cx, &c.name, Change::Create(vec![object]), read).await;
        }
        Json::Array(list) => Some(list),
        _ => None,
    };
    let query = wanted.into().query()?;
    let c = reading::allowed(cx, collection, Action::Create)?;
    let list = list.ok_or_else(|| Error::invalid_payload("an item or a list of items is needed"))?;
    let keys = apply(cx, &c.name, Change::Create(new_items(cx, &c.name, list)?)).await?;
    read_many(cx, collection, &keys, &query).await
}

/// Changes the item with this key, and reads it back.
pub async fn update_one(
    cx: &Cx,
    collection: &str,
    key: &str,
    body: Json,
    wanted: impl Into<Wanted<'_>>,
) -> Result<Answer> {
    let read = prepared::written(cx, collection, wanted.into())?;
    let c = reading::allowed(cx, collection, Action::Update)?;
    let key = keys::from_path(cx.schema(), collection, key)?;
    let Json::Object(object) = body else {
        return Err(Error::invalid_payload("an object is needed"));
    };
    apply_one(cx, &c.name, Change::Alike(vec![key], object), read).await
}

/// Changes several items: a list of items with their keys, `{keys, data}` or `{query, data}`; and reads them back.
pub async fn update_many(cx: &Cx, collection: &str, body: Json, query: &Query) -> Result<Answer> {
    let c = reading::allowed(cx, collection, Action::Update)?;
    let change = match body {
        Json::Array(list) => {
            let each: Result<Vec<_>> = objects(list)?
                .into_iter()
                .map(|mut object| {
                    let key = object.remove(&c.key).filter(|key| !key.is_null());
                    let key = key.ok_or_else(|| Error::invalid_payload("each item needs its key"))?;
                    Ok((keys::from_json(c, &key)?, object))
                })
                .collect();
            Change::Each(each?)
        }
        Json::Object(mut object) => {
            let Some(Json::Object(data)) = object.remove("data") else {
                return Err(Error::invalid_payload("\"data\" is needed, with \"keys\" or \"query\""));
            };
            Change::Alike(named(cx, collection, object).await?, data)
        }
        _ => {
            return Err(Error::invalid_payload(
                "a list of items, or \"data\" with \"keys\" or \"query\", is needed",
            ));
        }
    };
    let keys = apply(cx, &c.name, change).await?;
    read_many(cx, collection, &keys, query).await
}

/// Changes a singleton's item, or makes it; and reads it back.
pub async fn save_singleton(cx: &Cx, collection: &str, body: Json, query: &Query) -> Result<Answer> {
    let c = cx
        .schema()
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    let Json::Object(object) = body else {
        return Err(Error::invalid_payload("an object is needed"));
    };
    let system = cx.as_system(aedile_engine::access::Reason::Bookkeeping);
    let mut first = Query::default();
    first.page.limit = Some(1);
    let plan = read::keys(cx.schema(), &system.access, cx.limits(), collection, &first)?;
    let key = key_list(&system, collection, &plan).await?.into_iter().next();
    let change = match key {
        Some(key) => {
            reading::allowed(cx, collection, Action::Update)?;
            Change::Alike(vec![key], object)
        }
        None => {
            reading::allowed(cx, collection, Action::Create)?;
            Change::Create(vec![object])
        }
    };
    apply(cx, &c.name, change).await?;
    match reading::singleton(cx, collection, query).await {
        Err(error) if error.code() == Code::Forbidden => Ok(Answer::default()),
        other => other,
    }
}

/// Removes the item with this key.
pub async fn delete_one(cx: &Cx, collection: &str, key: &str) -> Result<()> {
    let c = reading::allowed(cx, collection, Action::Delete)?;
    let key = keys::from_path(cx.schema(), collection, key)?;
    apply(cx, &c.name, Change::Delete(vec![key])).await.map(|_| ())
}

/// Removes several items: a list of keys, `{keys}` or `{query}`.
pub async fn delete_many(cx: &Cx, collection: &str, body: Json) -> Result<()> {
    let c = reading::allowed(cx, collection, Action::Delete)?;
    let keys = match body {
        Json::Array(list) => list
            .iter()
            .map(|key| keys::from_json(c, key))
            .collect::<Result<Vec<_>>>()?,
        Json::Object(object) => named(cx, collection, object).await?,
        _ => {
            return Err(Error::invalid_payload(
                "a list of keys, \"keys\" or \"query\" is needed",
            ));
        }
    };
    apply(cx, &c.name, Change::Delete(keys)).await.map(|_| ())
}

/// The items of a list. What is no item consists of no field that was granted: only who may write every field is told
/// what is wrong with it.
fn new_items(cx: &Cx, collection: &str, list: Vec<Json>) -> Result<Vec<Object>> {
    let grant = cx.access.grant(collection, Action::Create);
    let every_field = match grant {
        Grant::None => false,
        Grant::All => true,
        Grant::Cases(cases) => cases.iter().any(|case| case.fields == Fields::All),
    };
    objects(list).map_err(|error| {
        if every_field {
            error
        } else {
            Error::forbidden_collection(collection)
        }
    })
}

fn objects(list: Vec<Json>) -> Result<Vec<Object>> {
    list.into_iter()
        .map(|item| match item {
            Json::Object(object) => Ok(object),
            _ => Err(Error::invalid_payload("each element needs to be an item")),
        })
        .collect()
}

/// The keys that `{keys}` or `{query}` means.
async fn named(cx: &Cx, collection: &str, mut object: Object) -> Result<Vec<Param>> {
    let c = cx
        .schema()
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    if let Some(keys) = object.remove("keys") {
        let Json::Array(list) = keys else {
            return Err(Error::invalid_payload("\"keys\" needs a list"));
        };
        return list.iter().map(|key| keys::from_json(c, key)).collect();
    }
    let Some(Json::Object(raw)) = object.remove("query") else {
        return Err(Error::invalid_payload("\"keys\" or \"query\" is needed"));
    };
    let query = query::parse::parse(&raw, cx.limits())?;
    let plan = read::keys(cx.schema(), &cx.access, cx.limits(), collection, &query)?;
    key_list(cx, collection, &plan).await
}

async fn key_list(cx: &Cx, collection: &str, plan: &aedile_engine::plan::Plan) -> Result<Vec<Param>> {
    let c = cx
        .schema()
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    let (stmt, params) = cx.statement(plan);
    let rows = cx.app.db().fetch(stmt, params).await?;
    rows.into_iter()
        .filter_map(|row| row.into_iter().next())
        .map(|cell| keys::from_json(c, &keys::to_json(&cell)))
        .collect()
}

/// Carries a change out in one transaction; what the system derives from the touched tables is fresh when it returns.
async fn apply(cx: &Cx, collection: &str, change: Change) -> Result<Vec<Param>> {
    applied(cx, collection, change, None).await.map(|(keys, _)| keys)
}

/// Carries the change of one item out and reads it back, as far as the caller may see what it wrote. The write stands,
/// whatever may be seen.
async fn apply_one(cx: &Cx, collection: &str, change: Change, read: Result<Arc<Prepared>>) -> Result<Answer> {
    let named = match &change {
        Change::Alike(keys, _) => keys.first().cloned(),
        _ => None,
    };
    let (keys, told) = applied(cx, collection, change, read.as_ref().ok().cloned()).await?;
    let answer = match (read, told, keys.first().or(named.as_ref())) {
        (Err(error), _, _) => Err(error),
        (Ok(read), Some(rows), _) => read.item(rows?),
        (Ok(read), None, Some(key)) => read.run(cx, key).await,
        (Ok(_), None, None) => Err(Error::forbidden()),
    };
    match answer {
        Err(error) if error.code() == Code::Forbidden => Ok(Answer::default()),
        other => other,
    }
}

/// The keys of the changed items, and what `read` tells of the first.
async fn applied(
    cx: &Cx,
    collection: &str,
    mut change: Change,
    read: Option<Arc<Prepared>>,
) -> Result<(Vec<Param>, Option<Result<JsonRows>>)> {
    check_size(cx, &change)?;
    let mut hashes = Hashes::default();
    for item in change.items() {
        system::prepare(cx, collection, item, &mut hashes).await?;
    }
    let cx = Arc::new(cx.clone());
    let (inner, outer, collection) = (Arc::clone(&cx), Arc::clone(&cx), collection.to_owned());
    let write = cx.app.db().write_then(
        move |tx| {
            Box::pin(async move {
                let mut w = Writing::new(&inner, tx).with(hashes);
                let keys = carry_out(&mut w, &collection, change).await?;
                let done = system::finish(&mut w).await?;
                Ok((keys, done))
            })
        },
        move |(keys, _)| Some(read?.of_item(&outer, keys.first()?)),
    );
    let ((keys, done), told) = write.await?;
    cx.app.settle(done).await?;
    Ok((keys, told))
}

async fn carry_out(w: &mut Writing<'_>, collection: &str, change: Change) -> Result<Vec<Param>> {
    match change {
        Change::Create(items) => {
            let mut keys = Vec::with_capacity(items.len());
            for item in items {
                w.revisions.clear();
                keys.push(create_item(w, collection, item).await?);
            }
            Ok(keys)
        }
        Change::Each(items) => {
            let mut keys = Vec::with_capacity(items.len());
            for (key, item) in items {
                w.revisions.clear();
                keys.extend(update_items(w, collection, vec![key], item).await?);
            }
            Ok(keys)
        }
        Change::Alike(keys, item) => update_items(w, collection, keys, item).await,
        Change::Delete(keys) => delete_items(w, collection, keys).await.map(|()| Vec::new()),
    }
}

fn check_size(cx: &Cx, change: &Change) -> Result<()> {
    let size = match change {
        Change::Create(items) => items.len(),
        Change::Each(items) => items.len(),
        Change::Alike(keys, _) | Change::Delete(keys) => keys.len(),
    };
    match cx.app.settings().limits.batch_mutation {
        Some(limit) if size > limit => Err(Error::invalid_payload(format!(
            "at most {limit} items can be changed at once"
        ))),
        _ => Ok(()),
    }
}

async fn read_many(cx: &Cx, collection: &str, keys: &[Param], query: &Query) -> Result<Answer> {
    match reading::keyed(cx, collection, keys, query).await {
        Err(error) if error.code() == Code::Forbidden => Ok(Answer::default()),
        other => other,
    }
}
