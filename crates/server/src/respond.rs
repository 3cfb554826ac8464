//! Answers: from what a verb answers to status, headers and body. The data's bytes are passed on as they are, never
//! parsed again. Must never set a header that depends on data the body does not show.

use std::hash::{DefaultHasher, Hasher};

use aedile_engine::Json;
use aedile_platform::items::Answer;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header},
};

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// What is sent.
#[derive(Debug)]
pub enum Content {
    /// All of it at once.
    Whole(Bytes),
    /// As it comes: nothing is known of it before.
    Flowing(Body),
}

impl Content {
    /// Nothing.
    pub const fn none() -> Content {
        Content::Whole(Bytes::new())
    }
}

/// What a route answers.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// Headers; what is the same for all answers is added later.
    pub headers: HeaderMap,
    /// The body.
    pub body: Content,
}

impl Reply {
    /// A status, and nothing else.
    pub fn status(status: StatusCode) -> Reply {
        Reply {
            status,
            headers: HeaderMap::new(),
            body: Content::none(),
        }
    }

    /// Nothing to say (204).
    pub fn none() -> Reply {
        Reply::status(StatusCode::NO_CONTENT)
    }

    /// A body of this type.
    pub fn content(content_type: HeaderValue, body: impl Into<Bytes>) -> Reply {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type);
        Reply {
            status: StatusCode::OK,
            headers,
            body: Content::Whole(body.into()),
        }
    }

    /// A body of this type that is sent as it comes.
    pub fn flowing(content_type: HeaderValue, body: Body) -> Reply {
        Reply {
            body: Content::Flowing(body),
            ..Reply::content(content_type, Bytes::new())
        }
    }

    /// JSON text.
    pub fn json(status: StatusCode, body: impl Into<Bytes>) -> Reply {
        Reply {
            status,
            ..Reply::content(JSON, body)
        }
        .with(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
    }

    /// Plain text.
    pub fn text(body: impl Into<Bytes>) -> Reply {
        Reply::content(TEXT, body)
    }

    /// `{"data": …}` around JSON text, with `meta` where counts were asked for; 204 when there is no data.
    pub fn answer(answer: Answer) -> Reply {
        let Some(data) = answer.data else { return Reply::none() };
        let mut body = Vec::with_capacity(data.len() + 64);
        body.push(b'{');
        if let Some(meta) = answer.meta {
            body.extend_from_slice(b"\"meta\":");
            body.extend_from_slice(Json::Object(meta).to_string().as_bytes());
            body.push(b',');
        }
        body.extend_from_slice(b"\"data\":");
        body.extend_from_slice(&data);
        body.push(b'}');
        Reply::json(StatusCode::OK, body)
    }

    /// `{"data": …}` around a value.
    pub fn data(value: &Json) -> Reply {
        Reply::answer(Answer::data(value.to_string().into_bytes()))
    }

    /// The same with a header set.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Reply {
        self.headers.insert(name, value);
        self
    }

    /// The response as it is sent.
    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(match self.body {
            Content::Whole(bytes) => Body::from(bytes),
            Content::Flowing(body) => body,
        });
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// Answers of the API may be kept, but have to be asked for again before each use.
pub(crate) fn cacheable(reply: &mut Reply) {
    if !reply.headers.contains_key(header::CACHE_CONTROL) {
        reply
            .headers
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    if !reply.headers.contains_key(header::VARY) {
        reply
            .headers
            .insert(header::VARY, HeaderValue::from_static("Origin, Cache-Control"));
    }
}

/// Tags a read with what its body is; one that the client holds already is not sent again (304).
pub(crate) fn conditional(method: &Method, request: &HeaderMap, mut reply: Reply) -> Reply {
    let reading = matches!(*method, Method::GET | Method::HEAD);
    if !reading || reply.status != StatusCode::OK || reply.headers.contains_key(header::ETAG) {
        return reply;
    }
    let Content::Whole(body) = &reply.body else {
        return reply;
    };
    let tag = etag(body);
    let held = matches_held(request, &tag);
    if let Ok(value) = HeaderValue::from_str(&tag) {
        reply.headers.insert(header::ETAG, value);
    }
    if held {
        reply.status = StatusCode::NOT_MODIFIED;
        reply.body = Content::none();
        reply.headers.remove(header::CONTENT_TYPE);
    }
    reply
}

/// A weak tag: length and hash of the body. It needs no secret: whoever sees the tag sees the body.
fn etag(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    format!("W/\"{:x}-{:016x}\"", body.len(), hasher.finish())
}

/// Whether the client holds this very answer, and does not insist on a fresh one.
fn matches_held(request: &HeaderMap, tag: &str) -> bool {
    let text = |name| request.get(name).and_then(|value| value.to_str().ok());
    if text(header::CACHE_CONTROL).is_some_and(|value| value.to_ascii_lowercase().contains("no-cache")) {
        return false;
    }
    let strong = tag.trim_start_matches("W/");
    text(header::IF_NONE_MATCH).is_some_and(|held| {
        held.split(',')
            .map(str::trim)
            .any(|held| held == "*" || held.trim_start_matches("W/") == strong)
    })
}

#[cfg(test)]
mod tests;
