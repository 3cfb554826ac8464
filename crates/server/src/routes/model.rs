//! `/collections`, `/fields`, `/relations`: the data model. Read by whoever may read the collection that holds it, each
//! to what they may read of the data; changed by administrators alone. A change that is asked for with `dry_run` is shown.

use aedile_engine::{
    Error, Result,
    access::{Access, Action},
};
use aedile_platform::{
    Cx,
    model::{Request, Visible, change, collections, fields, relations},
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
pub(super) struct Readable<'a>(&'a Access);

impl Visible for Readable<'_> {
    fn collection(&self, collection: &str) -> bool {
        self.0.grant(collection, Action::Read).is_some()
    }

    fn field(&self, collection: &str, field: &str) -> bool {
        self.0.grant(collection, Action::Read).has(field)
    }
}

/// Who reads the model needs to be let into the collection that holds it.
pub(super) fn readable<'a>(cx: &'a Cx, holder: &str) -> Result<Readable<'a>> {
    if cx.access.grant(holder, Action::Read).is_some() {
        Ok(Readable(&cx.access))
    } else {
        Err(Error::forbidden_collection(holder))
    }
}

/// The model as the Studio shows it to an administrator who looks with the eyes of somebody that may not read the model itself:
/// of the collections that they read.
pub(super) fn viewed(cx: &Cx) -> Option<Readable<'_>> {
    cx.viewer.is_some().then(|| Readable(&cx.access))
}

/// Changes the model, and answers what it has become; with `dry_run`, what would happen.
pub(super) async fn answer(call: &Call, request: Request) -> Result<Reply> {
    if call.flag("dry_run")? {
        return Ok(Reply::data(&change::show(&call.cx, request).await?));
    }
    let told = change::change(&call.cx, request).await?;
    Ok(told.map_or_else(Reply::none, |told| Reply::data(&told)))
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
    let input = call.take_body();
    answer(&call, Request::CreateCollections { input }).await
}

async fn update_collections(mut call: Call) -> Result<Reply> {
    let input = call.take_body();
    answer(&call, Request::UpdateCollections { input }).await
}

async fn update_collection(mut call: Call) -> Result<Reply> {
    let input = call.take_body();
    let collection = call.collection().to_owned();
    answer(&call, Request::UpdateCollection { collection, input }).await
}

async fn delete_collection(call: Call) -> Result<Reply> {
    let collection = call.collection().to_owned();
    answer(&call, Request::DeleteCollection { collection }).await
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
    let input = call.take_body();
    let collection = call.collection().to_owned();
    answer(&call, Request::CreateField { collection, input }).await
}

async fn update_fields(mut call: Call) -> Result<Reply> {
    let input = call.take_body();
    let collection = call.collection().to_owned();
    answer(&call, Request::UpdateFields { collection, input }).await
}

async fn update_field(mut call: Call) -> Result<Reply> {
    let input = call.take_body();
    let collection = call.collection().to_owned();
    let field = call.param("field").to_owned();
    answer(
        &call,
        Request::UpdateField {
            collection,
            field,
            input,
        },
    )
    .await
}

async fn delete_field(call: Call) -> Result<Reply> {
    let collection = call.collection().to_owned();
    let field = call.param("field").to_owned();
    answer(&call, Request::DeleteField { collection, field }).await
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
    let input = call.take_body();
    answer(&call, Request::CreateRelation { input }).await
}

async fn update_relation(mut call: Call) -> Result<Reply> {
    let input = call.take_body();
    let collection = call.collection().to_owned();
    let field = call.param("field").to_owned();
    answer(
        &call,
        Request::UpdateRelation {
            collection,
            field,
            input,
        },
    )
    .await
}

async fn delete_relation(call: Call) -> Result<Reply> {
    let collection = call.collection().to_owned();
    let field = call.param("field").to_owned();
    answer(&call, Request::DeleteRelation { collection, field }).await
}

#[cfg(test)]
mod tests;
