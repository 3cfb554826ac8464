//! `/auth`: logging in, refreshing, logging out, and forgotten passwords. Turns tokens into bodies and cookies.
//! Must never put a token into a body that its mode puts into a cookie.

use aedile_auth::{LinkForm, LoginForm, Mode, Pass, Peer, Ticket, cookie};
use aedile_engine::{Json, Object, Result};

use crate::{
    caller::{self, with_cookie},
    error,
    request::Call,
    respond::Reply,
    router::{Entry, routes},
};

/// What is served, to users as well who are held up until they have a second factor: what is sent proves itself, and the
/// caller does not count.
pub const ROUTES: &[Entry] = routes![held up:
    Post "/auth/login" => login,
    Post "/auth/refresh" => refresh,
    Post "/auth/logout" => logout,
    Post "/auth/password/request" => request_reset,
    Post "/auth/password/reset" => reset,
];

async fn login(mut call: Call) -> Result<Reply> {
    if call.state.settings().sso.disable_default {
        return Err(error::route_not_found(&call.head.path));
    }
    let form = LoginForm::read(&call.take_body())?;
    let pass = call
        .state
        .auth
        .login(&call.cx.snapshot, form, &peer(&call), call.head.now)
        .await?;
    Ok(told(&call, &pass))
}

/// A session cookie that is refused here is worth nothing any more, and is taken back.
async fn refresh(mut call: Call) -> Result<Reply> {
    let mode = call.body.as_ref().and_then(|body| body.get("mode")?.as_str());
    let of_session = mode == Some("session");
    match renewed(&mut call).await {
        Err(refusal) if of_session => Ok(caller::refuse(&call.state, &call.head, &refusal)),
        other => other,
    }
}

async fn renewed(call: &mut Call) -> Result<Reply> {
    let ticket = ticket(call)?;
    let pass = call
        .state
        .auth
        .refresh(&call.state.sso, &call.cx.snapshot, ticket, &peer(call), call.head.now)
        .await?;
    Ok(told(call, &pass))
}

async fn logout(mut call: Call) -> Result<Reply> {
    let ticket = ticket(&mut call)?;
    let settings = call.state.settings();
    let held = match ticket.mode() {
        Mode::Json => None,
        Mode::Cookie => Some(&settings.refresh_cookie),
        Mode::Session => Some(&settings.session_cookie),
    };
    call.state.auth.logout(ticket).await?;
    let reply = Reply::none();
    Ok(match held {
        Some(held) => with_cookie(reply, &cookie::clear(held)),
        None => reply,
    })
}

async fn request_reset(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    call.state
        .auth
        .request_reset(&body, &peer(&call), call.head.now)
        .await?;
    Ok(Reply::none())
}

async fn reset(mut call: Call) -> Result<Reply> {
    let form = LinkForm::read(&call.take_object())?;
    call.state
        .auth
        .reset(&call.cx.snapshot, form, &peer(&call), call.head.now)
        .await?;
    Ok(Reply::none())
}

/// The token that a refresh or a logout is about.
fn ticket(call: &mut Call) -> Result<Ticket> {
    let body = call.take_object();
    let settings = call.state.settings();
    let refresh = caller::cookie(&call.head.headers, &settings.refresh_cookie);
    let session = caller::cookie(&call.head.headers, &settings.session_cookie);
    call.state.auth.ticket(&body, refresh, session, call.head.now)
}

/// Tokens as their mode lets them travel.
pub fn told(call: &Call, pass: &Pass) -> Reply {
    let settings = call.state.settings();
    let mut body = Object::new();
    body.insert("expires".into(), pass.expires.into());
    if pass.mode == Mode::Json
        && let Some(refresh) = &pass.refresh
    {
        body.insert("refresh_token".into(), refresh.expose().into());
    }
    if pass.mode != Mode::Session {
        body.insert("access_token".into(), pass.access.expose().into());
    }
    let reply = Reply::data(&Json::Object(body));
    let (held, token, lifetime) = match (pass.mode, &pass.refresh) {
        (Mode::Cookie, Some(refresh)) => (&settings.refresh_cookie, refresh, settings.tokens.refresh_ttl),
        (Mode::Session, _) => (&settings.session_cookie, &pass.access, settings.tokens.session_ttl),
        _ => return reply,
    };
    with_cookie(reply, &cookie::set(held, token.expose(), lifetime, call.head.now))
}

/// Where a call comes from, for the records.
pub fn peer(call: &Call) -> Peer {
    Peer {
        ip: call.head.ip,
        user_agent: call.cx.origin.user_agent.clone(),
        origin: call.cx.origin.origin.clone(),
    }
}
