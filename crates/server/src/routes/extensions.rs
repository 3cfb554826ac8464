//! `/extensions`: administrators are told that there are none. Foreign code runs in flows alone, never in the server.

use aedile_engine::{Error, Json, Result};

use crate::{
    request::Call,
    respond::Reply,
    router::{Entry, routes},
};

/// What is served.
pub const ROUTES: &[Entry] = routes![
    Get "/extensions" => list,
    Patch "/extensions/:id" => none,
    Delete "/extensions/:id" => none,
    Get "/extensions/registry" => none,
];

async fn list(call: Call) -> Result<Reply> {
    if call.cx.access.admin {
        Ok(Reply::data(&Json::Array(Vec::new())))
    } else {
        Err(Error::forbidden())
    }
}

/// An extension that is not there, like anything that is not there.
async fn none(_: Call) -> Result<Reply> {
    Err(Error::forbidden())
}
