//! Files as answers: the headers around what the platform writes. Must never call a file whole that broke off: the
//! connection breaks with it.

use aedile_engine::{Result, query::Export, value::Param};
use aedile_platform::{
    Cx,
    export::{self, Text},
    items::prepared::{Form, Prepared},
};
use axum::{
    body::Body,
    http::{HeaderValue, header},
};
use futures_util::stream;

use crate::respond::Reply;

/// A text of this format as a file.
pub fn file(name: &str, format: Export, text: Text) -> Reply {
    let content_type = HeaderValue::from_static(export::content_type(format));
    let reply = match text {
        Text::Whole(text) => Reply::content(content_type, text),
        Text::Parts(parts) => Reply::flowing(content_type, flow(parts)),
    };
    reply
        .with(
            header::CONTENT_DISPOSITION,
            disposition(name, export::extension(format)),
        )
        .with(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
}

/// What a read asks for as a file of this format, named after the collection. The key is that of [`Form::Item`].
///
/// # Errors
/// As the read itself.
pub async fn read(cx: &Cx, form: Form, read: &Prepared, key: &Param, name: &str, format: Export) -> Result<Reply> {
    let text = match form {
        Form::List => export::list(cx, read, format).await?,
        Form::Item | Form::Written | Form::Singleton => export::item(cx, read, key, format).await?,
    };
    Ok(file(name, format, text))
}

/// The parts as they come; a part that fails ends the connection before the end.
fn flow(parts: export::Parts) -> Body {
    Body::from_stream(stream::unfold(parts, |mut parts| async move {
        let part = parts.next().await?;
        if let Err(error) = &part {
            tracing::warn!("an export broke off: {error}");
        }
        Some((part, parts))
    }))
}

/// The file's name, of characters that every system takes.
fn disposition(collection: &str, extension: &str) -> HeaderValue {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
            c
        } else {
            '_'
        }
    };
    let name: String = collection.chars().map(plain).collect();
    HeaderValue::from_str(&format!("attachment; filename=\"{name}.{extension}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
pub(crate) mod tests;
