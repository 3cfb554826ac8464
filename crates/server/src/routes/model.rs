//! `/collections`, `/fields`, `/relations`: the data model. Read by whoever may read the collection that holds it, each
//! to what they may read of the data; changed by administrators alone.

use aedile_db::{BoxFuture, Tx};
use aedile_engine::{
    Error, Json, Result,
    access::{Access, Action},
};
use aedile_platform::{
    Cx, history,
    model::{Visible, collections, fields, relations},
};

use crate::{
    request::Call,
    respond::Reply,
    router::{Entry, routes},
};

/// What is served.
pub const ROUTES: &[Entry] = routes![
    Get "/collections" => list_collections,
    Post "/collections" => create_collections,
    Patch "/collections" => update_collections,
    Get "/collections/:collection" => read_collection,
    Patch "/collections/:collection" => update_collection,
    Delete "/collections/:collection" => delete_collection,
    Get "/fields" => list_fields,
    Get "/fields/:collection" => list_fields_of,
    Post "/fields/:collection" => create_field,
    Patch "/fields/:collection" => update_fields,
    Get "/fields/:collection/:field" => read_field,
    Patch "/fields/:collection/:field" => update_field,
    Delete "/fields/:collection/:field" => delete_field,
    Get "/relations" => list_relations,
    Post "/relations" => create_relation,
    Get "/relations/:collection" => list_relations_of,
    Get "/relations/:collection/:field" => read_relation,
    Patch "/relations/:collection/:field" => update_relation,
    Delete "/relations/:collection/:field" => delete_relation,
];

/// The model as far as an access lets it be read: collections whose items may be read, and of those the fields.
struct Readable<'a>(&'a Access);

impl Visible for Readable<'_> {
    fn collection(&self, collection: &str) -> bool {
        self.0.grant(collection, Action::Read).is_some()
    }

    fn field(&self, collection: &str, field: &str) -> bool {
        self.0.grant(collection, Action::Read).has(field)
    }
}

/// Who reads the model needs to be let into the collection that holds it.
fn readable<'a>(cx: &'a Cx, holder: &str) -> Result<Readable<'a>> {
    if cx.access.grant(holder, Action::Read).is_some() {
        Ok(Readable(&cx.access))
    } else {
        Err(Error::forbidden_collection(holder))
    }
}

/// Changes the model; it is in force when this returns.
async fn change<T, F>(cx: &Cx, f: F) -> Result<T>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
{
    if !cx.access.admin {
        return Err(Error::forbidden());
    }
    let inner = cx.clone();
    let changed = cx
        .app
        .db()
        .write_ddl(move |tx| Box::pin(async move { history::model::recorded(&inner, tx, f).await }))
        .await?;
    let version = cx.app.version().await?;
    cx.app.reload(version).await?;
    Ok(changed)
}

async fn list_collections(call: Call) -> Result<Reply> {
    let visible = readable(&call.cx, "directus_collections")?;
    Ok(Reply::data(&collections::list(&call.cx.snapshot.model, &visible)))
}

async fn read_collection(call: Call) -> Result<Reply> {
    let visible = readable(&call.cx, "directus_collections")?;
    collections::one(&call.cx.snapshot.model, &visible, call.collection()).map(|told| Reply::data(&told))
}

async fn create_collections(mut call: Call) -> Result<Reply> {
    let body = call.take_body();
    let made = change(&call.cx, move |tx| {
        Box::pin(async move { collections::create(tx, &body).await })
    })
    .await?;
    Ok(Reply::data(&made))
}

async fn update_collections(mut call: Call) -> Result<Reply> {
    let body = call.take_body();
    let changed = change(&call.cx, move |tx| {
        Box::pin(async move { collections::update_many(tx, &body).await })
    })
    .await?;
    Ok(Reply::data(&changed))
}

async fn update_collection(mut call: Call) -> Result<Reply> {
    let (body, name) = (call.take_body(), call.collection().to_owned());
    let changed = change(&call.cx, move |tx| {
        Box::pin(async move { collections::update(tx, &name, &body).await })
    })
    .await?;
    Ok(Reply::data(&changed))
}

async fn delete_collection(call: Call) -> Result<Reply> {
    let name = call.collection().to_owned();
    change(&call.cx, move |tx| {
        Box::pin(async move { collections::delete(tx, &name).await })
    })
    .await?;
    Ok(Reply::none())
}

async fn list_fields(call: Call) -> Result<Reply> {
    let visible = readable(&call.cx, "directus_fields")?;
    fields::list(&call.cx.snapshot.model, &visible, None).map(|told| Reply::data(&told))
}

async fn list_fields_of(call: Call) -> Result<Reply> {
    let visible = readable(&call.cx, "directus_fields")?;
    fields::list(&call.cx.snapshot.model, &visible, Some(call.collection())).map(|told| Reply::data(&told))
}

async fn read_field(call: Call) -> Result<Reply> {
    let visible = readable(&call.cx, "directus_fields")?;
    fields::one(
        &call.cx.snapshot.model,
        &visible,
        call.collection(),
        call.param("field"),
    )
    .map(|told| Reply::data(&told))
}

async fn create_field(mut call: Call) -> Result<Reply> {
    let (body, collection) = (call.take_body(), call.collection().to_owned());
    let made = change(&call.cx, move |tx| {
        Box::pin(async move { fields::create(tx, &collection, &body).await })
    })
    .await?;
    Ok(told_if_any(made))
}

async fn update_fields(mut call: Call) -> Result<Reply> {
    let (body, collection) = (call.take_body(), call.collection().to_owned());
    let changed = change(&call.cx, move |tx| {
        Box::pin(async move { fields::update_many(tx, &collection, &body).await })
    })
    .await?;
    Ok(told_if_any(changed))
}

async fn update_field(mut call: Call) -> Result<Reply> {
    let (body, collection, field) = (
        call.take_body(),
        call.collection().to_owned(),
        call.param("field").to_owned(),
    );
    let changed = change(&call.cx, move |tx| {
        Box::pin(async move { fields::update(tx, &collection, &field, &body).await })
    })
    .await?;
    Ok(Reply::data(&changed))
}

async fn delete_field(call: Call) -> Result<Reply> {
    let (collection, field) = (call.collection().to_owned(), call.param("field").to_owned());
    change(&call.cx, move |tx| {
        Box::pin(async move { fields::delete(tx, &collection, &field).await })
    })
    .await?;
    Ok(Reply::none())
}

async fn list_relations(call: Call) -> Result<Reply> {
    let visible = readable(&call.cx, "directus_relations")?;
    relations::list(&call.cx.snapshot.model, &visible, None).map(|told| Reply::data(&told))
}

async fn list_relations_of(call: Call) -> Result<Reply> {
    let visible = readable(&call.cx, "directus_relations")?;
    relations::list(&call.cx.snapshot.model, &visible, Some(call.collection())).map(|told| Reply::data(&told))
}

async fn read_relation(call: Call) -> Result<Reply> {
    let visible = readable(&call.cx, "directus_relations")?;
    relations::one(
        &call.cx.snapshot.model,
        &visible,
        call.collection(),
        call.param("field"),
    )
    .map(|told| Reply::data(&told))
}

async fn create_relation(mut call: Call) -> Result<Reply> {
    let body = call.take_body();
    let made = change(&call.cx, move |tx| {
        Box::pin(async move { relations::create(tx, &body).await })
    })
    .await?;
    Ok(Reply::data(&made))
}

async fn update_relation(mut call: Call) -> Result<Reply> {
    let (body, collection, field) = (
        call.take_body(),
        call.collection().to_owned(),
        call.param("field").to_owned(),
    );
    let changed = change(&call.cx, move |tx| {
        Box::pin(async move { relations::update(tx, &collection, &field, &body).await })
    })
    .await?;
    Ok(Reply::data(&changed))
}

async fn delete_relation(call: Call) -> Result<Reply> {
    let (collection, field) = (call.collection().to_owned(), call.param("field").to_owned());
    change(&call.cx, move |tx| {
        Box::pin(async move { relations::delete(tx, &collection, &field).await })
    })
    .await?;
    Ok(Reply::none())
}

/// What was made or changed; nothing to say (204) when that is nothing.
fn told_if_any(value: Option<Json>) -> Reply {
    value.map_or_else(Reply::none, |value| Reply::data(&value))
}

#[cfg(test)]
mod tests;
