//! `/schema`: the data model as a file, for administrators. What a file means is known elsewhere; here it is read, from JSON
//! or from a form, and told in the format that is asked for.

use aedile_engine::{Error, Json, Result};
use aedile_platform::{
    document::Document,
    export::{Text, whole},
    model::{
        Request, change,
        snapshot::{self, Application},
    },
};
use axum::body::Body;
use serde_json::json;

use super::model::answer;
use crate::{
    export,
    multipart::{self, Form},
    request::{self, Call},
    respond::Reply,
    router::{Entry, routes},
};

/// What is served.
pub const ROUTES: &[Entry] = routes![
    Get "/schema/snapshot" => take,
];

/// What is given a file.
pub const UPLOADS: &[Entry] = routes![uploads:
    Post "/schema/diff" => compare,
    Post "/schema/apply" => apply,
];

/// What a downloaded snapshot is called.
const FILE: &str = "snapshot";

async fn take(call: Call) -> Result<Reply> {
    let snapshot = snapshot::snapshot(&call.cx)?;
    Ok(match call.query()?.export {
        None => Reply::data(&snapshot),
        Some(format) => {
            let text = whole(format, &snapshot).into_bytes();
            export::file(FILE, format, Text::Whole(text))
        }
    })
}

/// What would have to change for the model to be as a snapshot; nothing to say where it is.
async fn compare(call: Call, body: Body) -> Result<Reply> {
    change::admitted(&call.cx)?;
    let wanted = sent(&call, body).await?;
    let found = snapshot::compare(&call.cx, &wanted, call.flag("force")?)?;
    Ok(found.map_or_else(Reply::none, |found| {
        Reply::data(&json!({"hash": found.hash, "diff": found.diff}))
    }))
}

async fn apply(call: Call, body: Body) -> Result<Reply> {
    change::admitted(&call.cx)?;
    let sent = sent(&call, body).await?;
    let application = Application::parse(&sent, call.flag("force")?)?;
    answer(&call, Request::Apply(application)).await
}

/// What was sent: JSON, or a form with a file of JSON or YAML.
async fn sent(call: &Call, body: Body) -> Result<Json> {
    let (headers, limits) = (&call.head.headers, &call.state.settings().limits);
    if !multipart::is_form(headers) {
        let read = request::read_body(headers, body, limits.payload_bytes, call.state.settings().body_timeout).await?;
        return Ok(read.unwrap_or_else(|| json!({})));
    }
    let mut form = Form::of(headers, body, limits.import.file_bytes)?;
    let mut file = form
        .next_file()
        .await?
        .ok_or_else(|| Error::invalid_payload("a file is needed"))?;
    let mut text = Vec::new();
    while let Some(bytes) = file.chunk().await? {
        text.extend_from_slice(&bytes);
    }
    read(&text)
}

/// What a file says.
fn read(file: &[u8]) -> Result<Json> {
    let text = str::from_utf8(file).map_err(|_| Error::invalid_payload("the file is no text in UTF-8"))?;
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text)
            .map_err(|error| Error::invalid_payload(format!("the file is not valid JSON ({error})")));
    }
    let read = Document::read(text).map_err(|problems| Error::invalid_payload(problems.told("file")))?;
    Ok(read.root)
}

#[cfg(test)]
mod tests;
