//! From a request to an answer: limits, rate, cross-origin, caller, route, and the headers that all answers share. A route that panics costs its request and nothing else. Must never read a body before its route is known.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use aedile_auth::Lookup;
use aedile_engine::{Code, Error, Json, Result};
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, Response, StatusCode, header, request::Parts},
};
use futures_util::{FutureExt, future::BoxFuture};

use crate::{
    State, caller, client, error, headers,
    request::{self, Call, Head},
    respond::{self, Content, Reply},
    router::{Found, Run, Table},
    routes,
};

/// Longest path and query string, in bytes. Longer questions are asked by `SEARCH`.
const MAX_URL: usize = 32 * 1024;

/// How often a read begins anew because the schema has changed under it. Who changes it faster than that answers a read
/// with what is missing.
const MOST_AGAIN: usize = 3;

/// Longest segment of a path that is logged, in bytes: longer than any name, shorter than any signed token.
const MAX_LOGGED_SEGMENT: usize = 64;

/// Who is at the other end of the connection.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub SocketAddr);

/// An answer that is being made.
pub(crate) type Answer = BoxFuture<'static, Result<Response<Body>, Infallible>>;

/// What came of a guess.
enum Guessed {
    /// It held.
    Answered(Result<Reply>),
    /// There was none, or it did not hold.
    Not(Head),
}

/// Everything that answers a request.
struct Door {
    state: Arc<State>,
    table: Table,
}

/// The door as a service: to be called directly by tests.
pub fn router(state: Arc<State>) -> Router {
    Router::new().fallback(door(state))
}

/// The door: what answers a request.
pub(crate) fn door(state: Arc<State>) -> impl Fn(Request) -> Answer + Clone + Send + Sync + 'static {
    let door = Arc::new(Door {
        state,
        table: routes::table(),
    });
    move |request| Box::pin(answer(Arc::clone(&door), request))
}

async fn answer(door: Arc<Door>, request: Request) -> Result<Response<Body>, Infallible> {
    let begun = Instant::now();
    let (parts, body) = request.into_parts();
    let ip = parts
        .extensions
        .get::<Peer>()
        .map(|peer| client::address(door.state.settings(), peer.0.ip(), &parts.headers));
    let reply = AssertUnwindSafe(door.reply(&parts, body, ip, begun))
        .catch_unwind()
        .await;
    let reply = reply.unwrap_or_else(|_| error::reply(&Error::internal("a route panicked")));
    let response = door.finish(&parts, reply);
    door.log(&parts, ip, response.status(), begun.elapsed());
    Ok(response)
}

impl Door {
    async fn reply(&self, parts: &Parts, body: Body, ip: Option<IpAddr>, begun: Instant) -> Reply {
        if let (Some(cors), &Method::OPTIONS) = (&self.state.cors, &parts.method) {
            return cors.preflight(&parts.headers);
        }
        match self.try_reply(parts, body, ip, begun).await {
            Ok(reply) => reply,
            Err(error) => error::reply(&error),
        }
    }

    async fn try_reply(&self, parts: &Parts, body: Body, ip: Option<IpAddr>, begun: Instant) -> Result<Reply> {
        let now = now();
        self.limit(ip, begun, now).await?;
        let path = parts.uri.path();
        if path.len() + parts.uri.query().map_or(0, str::len) > MAX_URL {
            return Err(Error::invalid_query(format!(
                "an address may have {MAX_URL} bytes at most; SEARCH takes more"
            )));
        }
        if parts.method == Method::OPTIONS {
            return self.methods(path);
        }
        let found = self.table.find(&parts.method, path)?;
        let head = head(parts, ip, now);
        caller::reads_only(&head)?;
        if let Some(Found {
            run: Run::Open(serve), ..
        }) = &found
        {
            return Ok(serve(&self.state, &head));
        }
        let uploads = matches!(
            &found,
            Some(Found {
                run: Run::Upload(_),
                ..
            })
        );
        let reads = matches!(head.method, Method::GET | Method::HEAD);
        let (json, upload) = if found.is_none() || reads {
            (None, Body::empty())
        } else if uploads {
            (None, body)
        } else {
            let settings = self.state.settings();
            let (limit, time) = (settings.limits.payload_bytes, settings.body_timeout);
            (
                request::read_body(&head.headers, body, limit, time).await?,
                Body::empty(),
            )
        };
        if !caller::reads(&head.method) {
            return self.serve(found, head, json, upload).await;
        }
        let mut told = self.serve(found, head, json.clone(), upload).await;
        for _ in 0..MOST_AGAIN {
            if !told.as_ref().is_err_and(|error| error.code() == Code::Gone) {
                break;
            }
            let found = self.table.find(&parts.method, path)?;
            let head = self::head(parts, ip, now);
            told = self.serve(found, head, json.clone(), Body::empty()).await;
        }
        told
    }

    /// Serves a request whose route is known, for its caller as the database knows it now.
    async fn serve(&self, found: Option<Found>, head: Head, json: Option<Json>, upload: Body) -> Result<Reply> {
        let entrance = found.as_ref().is_some_and(|found| found.entrance);
        let lookup = match caller::lookup(&self.state, &head, entrance) {
            Ok(lookup) => lookup,
            Err(error) => return Ok(caller::refuse(&self.state, &head, &error)),
        };
        let head = match &found {
            Some(found) => match self.guessed(found, head, &lookup).await {
                Guessed::Answered(answer) => return answer,
                Guessed::Not(head) => head,
            },
            None => head,
        };
        let cx = match caller::resolve(&self.state, &head, lookup).await {
            Ok(cx) => cx,
            Err(error) => return Ok(caller::refuse(&self.state, &head, &error)),
        };
        // Refused credentials are told before an unknown path is.
        let Some(found) = found else {
            return Err(error::route_not_found(&head.path));
        };
        if cx.withheld.is_some() && !matches!(found.run, Run::Setup(_)) {
            return Err(Error::forbidden().and_says("two-factor authentication has to be set up first"));
        }
        let call = Call {
            state: self.state.clone(),
            cx,
            head,
            body: json,
            collection: found.collection,
            params: found.params,
        };
        let mut reply = match found.run {
            Run::Call(serve) | Run::Setup(serve) => serve(call).await?,
            Run::Read(ask) => routes::items::told(&call.cx, &ask(&call)?).await?,
            Run::Upload(serve) => serve(call, upload).await?,
            // Served before anybody asked who calls.
            Run::Open(_) => return Err(Error::internal("an open route was served as another")),
        };
        respond::cacheable(&mut reply);
        Ok(reply)
    }

    /// One read for whom the caller was when it was looked up last, sent together with the lookup: told only where the lookup
    /// answers the same again, and nothing of schema or policies is newer. Whatever else comes of it is forgotten, and the
    /// request served as if nothing had been asked.
    async fn guessed(&self, found: &Found, head: Head, lookup: &Lookup) -> Guessed {
        let Run::Read(ask) = found.run else {
            return Guessed::Not(head);
        };
        let Some((guess, cx)) = caller::guess(&self.state, &head, lookup) else {
            return Guessed::Not(head);
        };
        let call = Call {
            state: self.state.clone(),
            cx,
            head,
            body: None,
            collection: found.collection,
            params: found.params.clone(),
        };
        let question = ask(&call).ok().filter(|question| question.read.export.is_none());
        let Some(question) = question else {
            return Guessed::Not(call.head);
        };
        let answered = question.read.run_after(lookup.asked(), &call.cx, &question.key);
        let Ok((told, answer)) = answered.await else {
            return Guessed::Not(call.head);
        };
        if !guess.holds(lookup, told.as_ref(), call.head.now) {
            return Guessed::Not(call.head);
        }
        Guessed::Answered(answer.map(|answer| {
            let mut reply = Reply::answer(answer);
            respond::cacheable(&mut reply);
            reply
        }))
    }

    /// Refuses who asks too often, before anything else is done for them.
    async fn limit(&self, ip: Option<IpAddr>, now: Instant, now_ms: i64) -> Result<()> {
        if let Some(all) = &self.state.all_clients {
            all.hit_by_anybody(now, now_ms).await?;
        }
        match &self.state.per_client {
            Some(limiter) => limiter.hit(ip, now, now_ms).await,
            None => Ok(()),
        }
    }

    /// What a path can be asked with.
    fn methods(&self, path: &str) -> Result<Reply> {
        let methods = self.table.methods(path).ok_or_else(|| error::route_not_found(path))?;
        let allow = HeaderValue::from_str(&methods).map_err(|_| Error::internal("a method is no header"))?;
        Ok(Reply::text(methods).with(header::ALLOW, allow))
    }

    /// Adds what all answers share.
    fn finish(&self, parts: &Parts, reply: Reply) -> Response<Body> {
        let mut reply = respond::conditional(&parts.method, &parts.headers, reply);
        headers::protect(&mut reply.headers, self.state.settings().hsts);
        if let Some(cors) = &self.state.cors {
            cors.apply(&parts.headers, &mut reply.headers);
        }
        if parts.method == Method::HEAD && reply.status == StatusCode::OK {
            if let Content::Whole(body) = &reply.body {
                reply
                    .headers
                    .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
            }
            reply.body = Content::none();
        }
        reply.into_response()
    }

    /// One line for each request. The query string is left out: it may hold a token.
    fn log(&self, parts: &Parts, ip: Option<IpAddr>, status: StatusCode, took: Duration) {
        let path = parts.uri.path();
        if self
            .state
            .settings()
            .log_ignore_paths
            .iter()
            .any(|ignored| ignored == path)
        {
            return;
        }
        tracing::info!(
            ip = ip.map(|ip| ip.to_string()).unwrap_or_default(),
            "{} {} {} {} ms",
            parts.method,
            shown(path),
            status.as_u16(),
            took.as_millis()
        );
    }
}

/// What is known of a request before its body is read.
fn head(parts: &Parts, ip: Option<IpAddr>, now: i64) -> Head {
    Head {
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        headers: parts.headers.clone(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        ip,
        now,
    }
}

/// A path as it is logged: without segments that are long enough to be a token.
fn shown(path: &str) -> String {
    let short = |segment| {
        if str::len(segment) > MAX_LOGGED_SEGMENT {
            "…"
        } else {
            segment
        }
    };
    path.split('/').map(short).collect::<Vec<_>>().join("/")
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
