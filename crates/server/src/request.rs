//! Requests as routes see them: what the head says, who asks, and the JSON that was sent.
//! Must never let a body through that is larger than the limit, slower than the deadline, or not what it claims to be.

use std::{net::IpAddr, sync::Arc, time::Duration};

use aedile_engine::{Error, Json, Object, Result, query};
use aedile_platform::{
    Cx,
    items::prepared::{self, Form, Prepared, Wanted},
};
use axum::{
    body::Body,
    http::{HeaderMap, Method, header},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::{
    State,
    querystring::{self, QueryStringLimits},
};

/// The parameter that may hold a token.
const ACCESS_TOKEN: &str = "access_token";

/// What is known of a request before its body is read.
#[derive(Clone)]
pub struct Head {
    /// The method.
    pub method: Method,
    /// The path as it was sent, without the query string.
    pub path: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The query string, without its `?`.
    pub query: String,
    /// The client's address, as far as it is known.
    pub ip: Option<IpAddr>,
    /// When it came, in milliseconds since 1970.
    pub now: i64,
}

impl Head {
    /// A header as text; none if it is absent or no text.
    pub fn header(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The query string's parameters.
    ///
    /// # Errors
    /// `INVALID_QUERY` for what contradicts itself or goes beyond the limits.
    pub fn parameters(&self, limits: &QueryStringLimits) -> Result<Object> {
        querystring::parse(&self.query, limits)
    }

    /// The token in the query string. One given several times is told as it came, and so fits no token.
    ///
    /// # Errors
    /// As [`Head::parameters`].
    pub fn access_token(&self, limits: &QueryStringLimits) -> Result<Option<String>> {
        if !querystring::may_name(&self.query, ACCESS_TOKEN) {
            return Ok(None);
        }
        let parameters = self.parameters(limits)?;
        Ok(parameters.get(ACCESS_TOKEN).map(|value| match value {
            Json::String(token) => token.clone(),
            other => other.to_string(),
        }))
    }
}

/// One request with everything a route needs to serve it.
pub struct Call {
    /// What all requests share.
    pub state: Arc<State>,
    /// Who asks, and what they may do.
    pub cx: Cx,
    /// Method, path, headers, query string.
    pub head: Head,
    /// What was sent; none when nothing was, or something else than JSON.
    pub body: Option<Json>,
    /// The collection of a route that serves only one.
    pub(crate) collection: Option<&'static str>,
    /// The path's variable parts, decoded.
    pub(crate) params: Vec<(&'static str, String)>,
}

impl Call {
    /// A variable part of the path; empty for one that the route does not have.
    pub fn param(&self, name: &str) -> &str {
        self.params
            .iter()
            .find(|(own, _)| *own == name)
            .map_or("", |(_, value)| value)
    }

    /// The collection that the path names or the route stands for.
    pub fn collection(&self) -> &str {
        self.collection.unwrap_or_else(|| self.param("collection"))
    }

    /// The query that the query string asks for.
    ///
    /// # Errors
    /// `INVALID_QUERY`, so that nothing is stored that could not be answered.
    pub fn query(&self) -> Result<query::Query> {
        query::parse::parse(&self.parameters()?, self.cx.limits())
    }

    /// The query string's parameters.
    ///
    /// # Errors
    /// `INVALID_QUERY`.
    pub fn parameters(&self) -> Result<Object> {
        self.head.parameters(&self.state.query_string)
    }

    /// Whether the query string has a flag: set when it is there, alone or as `true` or `1`; not set when it says `false`
    /// or `0`.
    ///
    /// # Errors
    /// `INVALID_QUERY` for what is neither: nobody is to believe that it was understood.
    pub fn flag(&self, name: &str) -> Result<bool> {
        match self.parameters()?.get(name) {
            None => Ok(false),
            Some(Json::String(text)) if ["", "true", "1"].contains(&text.as_str()) => Ok(true),
            Some(Json::String(text)) if ["false", "0"].contains(&text.as_str()) => Ok(false),
            Some(_) => Err(Error::invalid_query(format!("\"{name}\" is true or false"))),
        }
    }

    /// The read that the query string asks for, ready to run.
    ///
    /// # Errors
    /// `FORBIDDEN`, `INVALID_QUERY`.
    pub fn prepare(&self, form: Form, collection: &str) -> Result<Arc<Prepared>> {
        prepared::prepare(&self.cx, form, collection, self.kept_by(), || self.query())
    }

    /// What the query string asks for of an item that is written; `parse` is [`Call::query`].
    pub fn wanted<'a>(&'a self, parse: &'a (dyn Fn() -> Result<query::Query> + Sync)) -> Wanted<'a> {
        Wanted::Text(self.kept_by(), parse)
    }

    /// What a question is kept by. One that holds a token is not.
    fn kept_by(&self) -> Option<&str> {
        Some(self.head.query.as_str()).filter(|text| !querystring::may_name(text, ACCESS_TOKEN))
    }

    /// What was sent; an empty object when nothing was.
    pub fn take_body(&mut self) -> Json {
        self.body.take().unwrap_or_else(|| Json::Object(Object::new()))
    }

    /// What was sent, where only an object makes sense. As recorded, a list counts as an object without members.
    pub fn take_object(&mut self) -> Object {
        match self.take_body() {
            Json::Object(object) => object,
            _ => Object::new(),
        }
    }
}

/// The JSON of a body: an object or a list. None when nothing was sent, or something of another type.
///
/// # Errors
/// `INVALID_PAYLOAD` for malformed JSON, other JSON values, unknown charsets and encodings, more than `limit` bytes, and what
/// has not arrived within `time`.
pub async fn read_body(headers: &HeaderMap, body: Body, limit: usize, time: Duration) -> Result<Option<Json>> {
    if !is_json(headers)? {
        return Ok(None);
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(encoding) = text(header::CONTENT_ENCODING).filter(|encoding| !encoding.eq_ignore_ascii_case("identity"))
    {
        return Err(Error::invalid_payload(format!(
            "the content encoding \"{}\" is not supported",
            shown(encoding)
        )));
    }
    let too_large = || Error::invalid_payload(format!("a body may have {limit} bytes at most"));
    if text(header::CONTENT_LENGTH)
        .and_then(|length| length.parse::<u64>().ok())
        .is_some_and(|length| length > limit as u64)
    {
        return Err(too_large());
    }
    let whole = tokio::time::timeout(time, Limited::new(body, limit).collect()).await;
    let bytes = match whole {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(too_large()),
        Ok(Err(_)) => return Err(Error::invalid_payload("the body broke off")),
        Err(_) => return Err(Error::invalid_payload("the body took too long to arrive")),
    };
    if bytes.is_empty() {
        return Ok(None);
    }
    match serde_json::from_slice(&bytes) {
        Ok(json @ (Json::Object(_) | Json::Array(_))) => Ok(Some(json)),
        Ok(_) => Err(Error::invalid_payload("the body has to be an object or a list")),
        Err(error) => Err(Error::invalid_payload(format!("the body is not valid JSON ({error})"))),
    }
}

/// Whether a body is JSON by its type; one in a charset other than UTF-8 is refused.
fn is_json(headers: &HeaderMap) -> Result<bool> {
    let Some(content_type) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return Ok(false);
    };
    let mut parts = content_type.split(';').map(str::trim);
    if !parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
    {
        return Ok(false);
    }
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    });
    match charset.as_deref() {
        None | Some("utf-8" | "utf8") => Ok(true),
        Some(other) => Err(Error::invalid_payload(format!(
            "the charset \"{}\" is not supported",
            shown(other)
        ))),
    }
}

/// A client's word, short enough to be repeated.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests;
