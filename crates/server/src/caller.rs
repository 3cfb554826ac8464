//! Who asks, by the credentials of a request, and as whom an administrator looks at the project. Must never let a request
//! go on as the public whose credentials were refused, nor let one write that only looks.

use aedile_auth::{Credentials, cookie};
use aedile_engine::{Error, Result};
use aedile_platform::{
    Cx, Origin,
    config::{Cookie, Secret},
    views,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use crate::{State, error, request::Head, respond::Reply};

/// The id of a view, beside an administrator's own credentials.
const VIEW: HeaderName = HeaderName::from_static("aedile-view");

/// Whether a method only reads.
pub fn reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) || method.as_str() == "SEARCH"
}

/// Refuses everything but reading in a view, before anything else is done.
///
/// # Errors
/// `FORBIDDEN`.
pub fn reads_only(head: &Head) -> Result<()> {
    if head.headers.contains_key(VIEW) && !reads(&head.method) {
        return Err(Error::forbidden());
    }
    Ok(())
}

/// The request's context: its caller, as the database knows it now, and schema and policies of that moment. At an entrance
/// the session cookie says nothing.
///
/// # Errors
/// `INVALID_CREDENTIALS`, `INVALID_TOKEN`, `TOKEN_EXPIRED`; `INVALID_PAYLOAD` for a token in two places; `FORBIDDEN` for
/// a view that is not the caller's; `INVALID_QUERY` for a query string that holds a token and makes no sense.
pub async fn resolve(state: &State, head: &Head, entrance: bool) -> Result<Cx> {
    let query = head.access_token(&state.query_string)?;
    let mut credentials = credentials(state, head, query.as_deref());
    credentials.cookie = credentials.cookie.filter(|_| !entrance);
    let known = state.auth.resolve(&credentials, head.ip, head.now).await?;
    let origin = Origin {
        user_agent: head.header(header::USER_AGENT).map(str::to_owned),
        origin: head.header(header::ORIGIN).map(str::to_owned),
        session: known.session.map(|session| Secret::new(session.expose())),
    };
    let mut cx = state.app.cx(known.snapshot, known.caller, origin, head.now);
    if known.lacks_factor {
        cx = cx.without_second_factor();
    }
    let mut told = head.headers.get_all(VIEW).iter();
    match (told.next(), told.next()) {
        (None, _) => Ok(cx),
        (Some(view), None) => views::enter(&cx, view.to_str().unwrap_or_default()).await,
        (Some(_), Some(_)) => Err(Error::forbidden()),
    }
}

/// The answer to credentials that were refused; takes a session cookie back that is worth nothing.
pub fn refuse(state: &State, head: &Head, refusal: &Error) -> Reply {
    let reply = error::reply(refusal);
    let query = head.access_token(&state.query_string).unwrap_or_default();
    if credentials(state, head, query.as_deref()).is_stale_cookie(refusal) {
        with_cookie(reply, &cookie::clear(&state.settings().session_cookie))
    } else {
        reply
    }
}

/// The value of a cookie that came with a request.
pub fn cookie<'a>(headers: &'a HeaderMap, cookie: &Cookie) -> Option<&'a str> {
    let mut lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines.find_map(|line| cookie::find(line, &cookie.name))
}

/// A reply that sets a cookie.
pub fn with_cookie(reply: Reply, line: &str) -> Reply {
    match HeaderValue::from_str(line) {
        Ok(mut value) => {
            value.set_sensitive(true);
            reply.with(header::SET_COOKIE, value)
        }
        Err(_) => error::reply(&Error::internal("a cookie's settings make no header")),
    }
}

fn credentials<'a>(state: &State, head: &'a Head, query: Option<&'a str>) -> Credentials<'a> {
    Credentials {
        header: head.headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes),
        query,
        cookie: cookie(&head.headers, &state.settings().session_cookie),
    }
}

#[cfg(test)]
mod tests;
