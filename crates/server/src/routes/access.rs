//! `/access/explain` and `/access/views`: what administrators ask of the access control itself. The verbs refuse everybody
//! else; the attachments of policies under the same root are a collection like any other.

use aedile_engine::{Error, Result};
use aedile_platform::{explain, views};

use crate::{
    request::Call,
    respond::Reply,
    router::{Entry, routes},
};

/// What is served. To be added before the collection, whose keys these names could be taken for.
pub const ROUTES: &[Entry] = routes![
    Post "/access/explain" => explanation,
    Post "/access/views" => open,
    Delete "/access/views/:id" => close,
];

/// Why somebody may or may not do something.
async fn explanation(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    let explained = explain::explain(&call.cx, &body).await?;
    let told = serde_json::to_value(&explained).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Reply::data(&told))
}

/// A new view; its id goes into the header `Aedile-View`.
async fn open(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    Ok(Reply::data(&views::create(&call.cx, &body).await?.into()))
}

async fn close(call: Call) -> Result<Reply> {
    views::end(&call.cx, call.param("id")).await?;
    Ok(Reply::none())
}

#[cfg(test)]
mod tests;
