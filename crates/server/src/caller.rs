//! Who asks, by the credentials of a request, and as whom an administrator looks at the project. Must never let a request
//! go on as the public whose credentials were refused, nor let one write that only looks.

use aedile_auth::{Credentials, Guess, Known, Lookup, cookie};
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

/// What has to be asked of the database to know who asks. At an entrance the session cookie says nothing.
///
/// # Errors
/// `INVALID_CREDENTIALS`, `INVALID_TOKEN`, `TOKEN_EXPIRED`; `INVALID_PAYLOAD` for a token in two places; `INVALID_QUERY` for a
/// query string that holds a token and makes no sense.
pub fn lookup(state: &State, head: &Head, entrance: bool) -> Result<Lookup> {
    let query = head.access_token(&state.query_string)?;
    let mut credentials = credentials(state, head, query.as_deref());
    credentials.cookie = credentials.cookie.filter(|_| !entrance);
    state.auth.lookup(&credentials, head.ip, head.now)
}

/// The request's context: its caller, as the database knows it now, and schema and policies of that moment.
///
/// # Errors
/// `INVALID_CREDENTIALS`; `FORBIDDEN` for a view that is not the caller's.
pub async fn resolve(state: &State, head: &Head, lookup: Lookup) -> Result<Cx> {
    let cx = context(state, head, state.auth.known(lookup, head.now).await?);
    let mut told = head.headers.get_all(VIEW).iter();
    match (told.next(), told.next()) {
        (None, _) => Ok(cx),
        (Some(view), None) => views::enter(&cx, view.to_str().unwrap_or_default()).await,
        (Some(_), Some(_)) => Err(Error::forbidden()),
    }
}

/// The context that the request had if nothing has changed since these credentials were looked up last; nothing may be told
/// by it before the guess is found to hold. None for a view, and for who is held up and may ask little.
pub fn guess(state: &State, head: &Head, lookup: &Lookup) -> Option<(Guess, Cx)> {
    if head.headers.contains_key(VIEW) {
        return None;
    }
    let guess = state.auth.guess(lookup)?;
    let cx = context(state, head, guess.known.clone());
    cx.withheld.is_none().then_some((guess, cx))
}

fn context(state: &State, head: &Head, known: Known) -> Cx {
    let origin = Origin {
        user_agent: head.header(header::USER_AGENT).map(str::to_owned),
        origin: head.header(header::ORIGIN).map(str::to_owned),
        session: known.session.map(|session| Secret::new(session.expose())),
    };
    let cx = state.app.cx(known.snapshot, known.caller, origin, head.now);
    if known.lacks_factor {
        cx.without_second_factor()
    } else {
        cx
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
