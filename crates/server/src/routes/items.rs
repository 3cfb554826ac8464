//! `/items/:collection`: the collections of the project, never those of the system. Lists, single items and singletons.
//! The functions serve the system's collections too, under their own paths.

use std::sync::Arc;

use aedile_engine::{Error, Json, Result, query, value::Param};
use aedile_platform::{
    Cx,
    items::{
        self, keys,
        prepared::{Form, Prepared},
    },
};

use crate::{
    error, export,
    request::Call,
    respond::Reply,
    router::{Entry, Question, reads, routes},
};

/// What is served.
pub const READS: &[Entry] = reads![
    Get "/items/:collection" => list,
    Get "/items/:collection/:key" => item,
];

/// What else is served.
pub const ROUTES: &[Entry] = routes![
    Search "/items/:collection" => search,
    Post "/items/:collection" => create,
    Patch "/items/:collection" => update_many,
    Delete "/items/:collection" => delete_many,
    Patch "/items/:collection/:key" => update,
    Delete "/items/:collection/:key" => delete,
];

/// Where a call's collection stands in the project's eyes.
struct Target<'a> {
    name: &'a str,
    singleton: bool,
}

impl Target<'_> {
    fn form(&self) -> Form {
        if self.singleton { Form::Singleton } else { Form::List }
    }
}

/// The collection of a call. What belongs to the system is served under its own path alone.
fn target(call: &Call) -> Result<Target<'_>> {
    let name = call.collection();
    let found = call
        .cx
        .schema()
        .collection(name)
        .ok_or_else(|| Error::forbidden_collection(name))?;
    if found.system && call.collection.is_none() {
        return Err(Error::forbidden_collection(name));
    }
    Ok(Target {
        name,
        singleton: found.singleton,
    })
}

/// As recorded, what a singleton does not serve is told by its path below `/items`.
fn not_of_singletons(call: &Call) -> Error {
    let path = call.head.path.trim_end_matches('/');
    error::route_not_found(path.find('/').and_then(|_| path.get("/items".len()..)).unwrap_or(path))
}

/// `GET` of a list, or of a singleton's item.
pub fn list(call: &Call) -> Result<Question> {
    let target = target(call)?;
    let form = target.form();
    Ok(Question {
        read: call.prepare(form, target.name)?,
        form,
        key: Param::Null,
        collection: target.name.to_owned(),
    })
}

/// `SEARCH`: the query comes in the body, where it may be longer than an address.
pub async fn search(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    let target = target(&call)?;
    let query = match body.get("query") {
        Some(Json::Object(raw)) => query::parse::parse(raw, call.cx.limits())?,
        Some(_) => return Err(Error::invalid_payload("\"query\" has to be an object")),
        None if body.is_empty() || body.contains_key("keys") => call.query()?,
        None => return Err(Error::invalid_payload("\"query\" or \"keys\" is needed")),
    };
    let (form, read) = match body.get("keys") {
        Some(Json::Array(list)) => {
            let keys = parsed(&call.cx, target.name, list)?;
            (Form::List, Prepared::keyed(&call.cx, target.name, &keys, &query)?)
        }
        Some(_) => return Err(Error::invalid_payload("\"keys\" has to be a list")),
        None => (
            target.form(),
            Prepared::of(&call.cx, target.form(), target.name, &query)?,
        ),
    };
    let question = Question {
        read: Arc::new(read),
        form,
        key: Param::Null,
        collection: target.name.to_owned(),
    };
    told(&call.cx, &question).await
}

/// `POST` of one item or a list of them.
pub async fn create(mut call: Call) -> Result<Reply> {
    let body = call.take_body();
    let target = target(&call)?;
    if target.singleton {
        return Err(not_of_singletons(&call));
    }
    let parse = || call.query();
    items::create(&call.cx, target.name, body, call.wanted(&parse))
        .await
        .map(Reply::answer)
}

/// `PATCH` of several items, or of a singleton's.
pub async fn update_many(mut call: Call) -> Result<Reply> {
    let body = call.take_body();
    let target = target(&call)?;
    let query = call.query()?;
    let answer = if target.singleton {
        items::save_singleton(&call.cx, target.name, body, &query).await?
    } else {
        items::update_many(&call.cx, target.name, body, &query).await?
    };
    Ok(Reply::answer(answer))
}

/// `DELETE` of several items.
pub async fn delete_many(mut call: Call) -> Result<Reply> {
    let body = call.take_body();
    let target = target(&call)?;
    items::delete_many(&call.cx, target.name, body).await?;
    Ok(Reply::none())
}

/// `GET` of one item.
pub fn item(call: &Call) -> Result<Question> {
    let target = target(call)?;
    Ok(Question {
        read: call.prepare(Form::Item, target.name)?,
        form: Form::Item,
        key: keys::from_path(call.cx.schema(), target.name, call.param("key"))?,
        collection: target.name.to_owned(),
    })
}

/// `PATCH` of one item.
pub async fn update(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    let target = target(&call)?;
    if target.singleton {
        return Err(not_of_singletons(&call));
    }
    let (parse, key) = (|| call.query(), call.param("key"));
    items::update_one(&call.cx, target.name, key, Json::Object(body), call.wanted(&parse))
        .await
        .map(Reply::answer)
}

/// `DELETE` of one item.
pub async fn delete(call: Call) -> Result<Reply> {
    let target = target(&call)?;
    items::delete_one(&call.cx, target.name, call.param("key")).await?;
    Ok(Reply::none())
}

/// Keys as a body names them.
fn parsed(cx: &Cx, collection: &str, list: &[Json]) -> Result<Vec<Param>> {
    let found = cx
        .schema()
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    list.iter().map(|key| keys::from_json(found, key)).collect()
}

/// The answer as the query wants it: the envelope, or a file.
pub async fn told(cx: &Cx, question: &Question) -> Result<Reply> {
    let Question {
        read,
        form,
        key,
        collection,
    } = question;
    match read.export {
        Some(format) => export::read(cx, *form, read, key, collection, format).await,
        None => read.run(cx, key).await.map(Reply::answer),
    }
}
