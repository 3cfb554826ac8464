//! Items in and out as files: `/utils/import` and `/utils/export`. Must never take a byte of a file from somebody who may
//! not import it.

use aedile_engine::{
    Code, Error, Json, Object, Result,
    query::{self, Export},
};
use aedile_platform::{
    import::{Format, Import},
    items::prepared::{Form as Read, Prepared},
};
use axum::{body::Body, http::StatusCode};

use crate::{
    multipart::{File, Form, unsupported},
    request::Call,
    respond::Reply,
    router::{Entry, routes},
};

/// What is served.
pub const ROUTES: &[Entry] = routes![
    Post "/utils/export/:collection" => export,
];

/// What is given a file.
pub const UPLOADS: &[Entry] = routes![uploads:
    Post "/utils/import/:collection" => import,
];

/// The file is judged by the type that its part of the form says.
async fn import(call: Call, body: Body) -> Result<Reply> {
    let import = Import::begin(&call.cx, call.collection())?;
    let most = call.state.settings().limits.import.file_bytes;
    let mut form = Form::of(&call.head.headers, body, most)?;
    let limit = import.time_left();
    let taken = tokio::time::timeout(limit, taken(&mut form, import)).await;
    let (import, format) = taken.map_err(|_| Error::new(Code::OutOfTime, "The file took too long to arrive."))??;
    import.run(format).await?;
    Ok(Reply::status(StatusCode::OK))
}

/// The whole file of a form, which has one.
async fn taken(form: &mut Form, mut import: Import) -> Result<(Import, Format)> {
    let Some(mut file) = form.next_file().await? else {
        return Err(Error::invalid_payload("a file is needed"));
    };
    let format = format(&file)?;
    while let Some(bytes) = file.chunk().await? {
        import.take(&bytes)?;
    }
    drop(file);
    if form.next_file().await?.is_some() {
        return Err(Error::invalid_payload("one file at a time can be imported"));
    }
    Ok((import, format))
}

fn format(file: &File) -> Result<Format> {
    match file.media_type.as_str() {
        "text/csv" => Ok(Format::Csv),
        "application/json" => Ok(Format::Json),
        other => Err(unsupported(other, "file import")),
    }
}

/// Exports go into the file library: there is none, so nothing can be exported there. What is asked for is judged first.
async fn export(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    let (_, query) = asked(&call, &body)?;
    let name = call.collection();
    let c = call.cx.schema().collection(name);
    let form = if c.is_some_and(|c| c.singleton) {
        Read::Singleton
    } else {
        Read::List
    };
    Prepared::of(&call.cx, form, name, &query)?;
    Err(Error::new(Code::ServiceUnavailable, "There is no file library to export to.").with("service", "files"))
}

/// The format and the query of an export. Without a limit it is of everything.
fn asked(call: &Call, body: &Object) -> Result<(Export, query::Query)> {
    let needed = |name: &str| Error::invalid_payload(format!("\"{name}\" is needed"));
    let (Some(format), Some(Json::Object(raw)), Some(Json::Object(_))) =
        (body.get("format"), body.get("query"), body.get("file"))
    else {
        return Err(needed("format\", \"query\" and \"file"));
    };
    let mut raw = raw.clone();
    raw.entry("limit").or_insert((-1).into());
    raw.insert("export".to_owned(), format.clone());
    let query = query::parse::parse(&raw, call.cx.limits())?;
    query
        .export
        .map(|format| (format, query))
        .ok_or_else(|| needed("format"))
}

#[cfg(test)]
mod tests;
