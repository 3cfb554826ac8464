//! Where an answer leads on, and what of the request goes with it. Pure. Must never carry anything of a request to
//! another origin but what says nothing of its sender.

use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

use crate::{Error, Request, Result, target};

#[cfg(test)]
mod tests;

/// What another origin may see of a request's headers.
const HARMLESS: [header::HeaderName; 3] = [header::ACCEPT, header::ACCEPT_LANGUAGE, header::USER_AGENT];

/// The request that an answer leads on to; none when it is the last one.
///
/// # Errors
/// A redirect that must not be followed.
pub fn next(request: &Request, status: StatusCode, headers: &HeaderMap) -> Result<Option<Request>> {
    let keeps_method = match status.as_u16() {
        301..=303 => false,
        307 | 308 => true,
        _ => return Ok(None),
    };
    let Some(location) = headers.get(header::LOCATION) else {
        return Ok(None);
    };
    let url = read(&request.url, location)?;
    if request.url.scheme() == "https" && url.scheme() == "http" {
        return Err(Error::Redirect("it leads from https to http"));
    }
    let same_origin = url.origin() == request.url.origin();
    let mut next = request.clone();
    next.url = url;
    // As browsers do it: only a question is asked again as it was.
    let is_question = matches!(request.method, Method::GET | Method::HEAD);
    if !keeps_method && !is_question {
        next.method = Method::GET;
    }
    if !keeps_method {
        next.body = bytes::Bytes::new();
        for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE] {
            next.headers.remove(name);
        }
    }
    if !same_origin {
        if !next.body.is_empty() {
            return Err(Error::Redirect(
                "it would take the body of the request to another origin",
            ));
        }
        next.headers = harmless(&next.headers);
    }
    Ok(Some(next))
}

fn read(from: &Url, location: &http::HeaderValue) -> Result<Url> {
    let text = location.to_str().map_err(|_| Error::Redirect("it leads to no URL"))?;
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(Error::Redirect("it leads to no URL"));
    }
    let url = from.join(text).map_err(|_| Error::Redirect("it leads to no URL"))?;
    target::judge(url)
}

fn harmless(headers: &HeaderMap) -> HeaderMap {
    let mut left = HeaderMap::new();
    for name in HARMLESS {
        if let Some(value) = headers.get(&name) {
            left.insert(name, value.clone());
        }
    }
    left
}
