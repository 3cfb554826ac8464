//! Files in forms, as they come. Must never keep a file, nor wait without end for the rest of one.

use std::time::Duration;

use aedile_engine::{Code, Error, Result};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, header},
};
use multer::{Constraints, Field, Multipart, SizeLimit};

/// Longest pause within a body: a bad line, but not one held open for its own sake.
const PAUSE: Duration = Duration::from_secs(60);
/// What a form may have beside its file, in bytes: names, types and small fields.
const MOST_BESIDE: u64 = 64 * 1024;

/// A form under way.
pub struct Form(Multipart<'static>);

/// A file of a form.
pub struct File {
    /// Its type, without parameters, in lower case; empty when it has none.
    pub media_type: String,
    field: Field<'static>,
}

/// Whether a body says that it is a form.
pub fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|content_type| multer::parse_boundary(content_type).is_ok())
}

impl Form {
    /// The form of a request; its file may have `most` bytes.
    ///
    /// # Errors
    /// `UNSUPPORTED_MEDIA_TYPE` for a body that is no form.
    pub fn of(headers: &HeaderMap, body: Body, most: usize) -> Result<Form> {
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default();
        let boundary =
            multer::parse_boundary(content_type).map_err(|_| unsupported(content_type, "Content-Type header"))?;
        let whole = (most as u64).saturating_add(MOST_BESIDE);
        let limits = Constraints::new().size_limit(SizeLimit::new().whole_stream(whole));
        Ok(Form(Multipart::with_constraints(
            body.into_data_stream(),
            boundary,
            limits,
        )))
    }

    /// The next file; fields that are none are passed over.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` for what is no form, breaks off or pauses too long; `CONTENT_TOO_LARGE`.
    pub async fn next_file(&mut self) -> Result<Option<File>> {
        while let Some(field) = in_time(self.0.next_field()).await? {
            if field.file_name().is_some() {
                let media_type = field.content_type().map(|mime| mime.essence_str().to_ascii_lowercase());
                return Ok(Some(File {
                    media_type: media_type.unwrap_or_default(),
                    field,
                }));
            }
        }
        Ok(None)
    }
}

impl File {
    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// As [`Form::next_file`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        in_time(self.field.chunk()).await
    }
}

/// A type that is not taken there.
pub fn unsupported(media_type: &str, place: &str) -> Error {
    let told: String = media_type.chars().take(100).collect();
    Error::new(
        Code::UnsupportedMediaType,
        format!("The media type \"{told}\" is not supported in the {place}."),
    )
    .with("mediaType", told)
    .with("where", place)
}

async fn in_time<T>(work: impl Future<Output = multer::Result<T>>) -> Result<T> {
    match tokio::time::timeout(PAUSE, work).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. })) => {
            Err(Error::new(Code::ContentTooLarge, "The file is too large."))
        }
        Ok(Err(_)) => Err(Error::invalid_payload("the form is malformed, or broke off")),
        Err(_) => Err(Error::invalid_payload("the body took too long to arrive")),
    }
}

#[cfg(test)]
mod tests;
