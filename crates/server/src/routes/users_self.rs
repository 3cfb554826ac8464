//! `/users` beyond the collection: oneself, two-factor authentication, invitations and registration.
//! Must never answer with more of a user than the collection would.

use std::time::Instant;

use aedile_auth::{LinkForm, refusal};
use aedile_engine::{Code, Error, Json, Result};
use aedile_platform::items;
use axum::http::{HeaderValue, StatusCode, header};

use crate::{
    request::Call,
    respond::Reply,
    router::{Entry, routes},
    routes::auth::peer,
};

const USERS: &str = "directus_users";

/// What is left to users who are held up until they have a second factor.
pub const HELD_UP: &[Entry] = routes![held up:
    Get "/users/me" => me,
    Post "/users/me/tfa/generate" => generate_tfa,
    Post "/users/me/tfa/enable" => enable_tfa,
];

/// What is served. What is fixed comes before what an id may stand for.
pub const ROUTES: &[Entry] = routes![
    Patch "/users/me" => update_me,
    Patch "/users/me/track/page" => track_page,
    Post "/users/me/tfa/disable" => disable_tfa,
    Get "/users/me/tfa/recovery-codes" => recovery_codes_left,
    Post "/users/me/tfa/recovery-codes" => recovery_codes,
    Get "/users/me/sessions" => own_sessions,
    Delete "/users/me/sessions" => end_own_sessions,
    Delete "/users/me/sessions/:session" => end_own_session,
    Get "/users/:id/sessions" => sessions,
    Delete "/users/:id/sessions" => end_sessions,
    Delete "/users/:id/sessions/:session" => end_session,
    Post "/users/:id/tfa/disable" => remove_tfa,
    Post "/users/invite" => invite,
];

/// Where accounts begin: who has just been let in by a link, or asks to be, is nobody yet.
pub const ENTRANCES: &[Entry] = routes![
    Post "/users/invite/accept" => accept_invite,
    Post "/users/register" => register,
    Get "/users/register/verify-email" => verify_email,
    Get "/users/register/verify-email/:token" => verify_email,
];

/// Oneself. Whoever may not read what was asked for still learns their own id.
async fn me(call: Call) -> Result<Reply> {
    let id = own_id(&call)?;
    let query = call.query()?;
    match items::item(&call.cx, USERS, &id, &query).await {
        Err(error) if error.code() == Code::Forbidden => Ok(Reply::data(&serde_json::json!({ "id": id }))),
        other => other.map(Reply::answer),
    }
}

async fn update_me(mut call: Call) -> Result<Reply> {
    let id = own_id(&call)?;
    let query = call.query()?;
    let body = call.take_object();
    items::update_one(&call.cx, USERS, &id, Json::Object(body), &query)
        .await
        .map(Reply::answer)
}

async fn track_page(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    call.state.auth.track_page(&call.cx, &body).await?;
    Ok(Reply::none())
}

async fn generate_tfa(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    let made = call.state.auth.generate_tfa(&call.cx, &body).await?;
    Ok(Reply::data(
        &serde_json::json!({ "secret": made.secret, "otpauth_url": made.otpauth_url }),
    ))
}

async fn enable_tfa(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    let codes = call.state.auth.enable_tfa(&call.cx, &body).await?;
    if codes.is_empty() {
        return Ok(Reply::none());
    }
    Ok(Reply::data(&serde_json::json!({ "recovery_codes": codes })))
}

async fn disable_tfa(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    call.state.auth.disable_tfa(&call.cx, &body).await?;
    Ok(Reply::none())
}

async fn recovery_codes(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    let codes = call.state.auth.recovery_codes(&call.cx, &body).await?;
    Ok(Reply::data(&serde_json::json!({ "recovery_codes": codes })))
}

async fn recovery_codes_left(call: Call) -> Result<Reply> {
    let left = call.state.auth.recovery_codes_left(&call.cx).await?;
    Ok(Reply::data(&serde_json::json!({ "left": left })))
}

async fn own_sessions(call: Call) -> Result<Reply> {
    let told = call.state.auth.sessions(&call.cx, None).await?;
    Ok(Reply::data(&told.into()))
}

async fn end_own_sessions(call: Call) -> Result<Reply> {
    call.state.auth.end_all_sessions(&call.cx, None).await?;
    Ok(Reply::none())
}

async fn end_own_session(call: Call) -> Result<Reply> {
    let session = call.param("session");
    call.state.auth.end_session(&call.cx, None, session).await?;
    Ok(Reply::none())
}

async fn sessions(call: Call) -> Result<Reply> {
    let told = call.state.auth.sessions(&call.cx, Some(call.param("id"))).await?;
    Ok(Reply::data(&told.into()))
}

async fn end_sessions(call: Call) -> Result<Reply> {
    call.state
        .auth
        .end_all_sessions(&call.cx, Some(call.param("id")))
        .await?;
    Ok(Reply::none())
}

async fn end_session(call: Call) -> Result<Reply> {
    let (user, session) = (call.param("id"), call.param("session"));
    call.state.auth.end_session(&call.cx, Some(user), session).await?;
    Ok(Reply::none())
}

async fn remove_tfa(call: Call) -> Result<Reply> {
    call.state.auth.remove_tfa(&call.cx, call.param("id")).await?;
    Ok(Reply::none())
}

async fn invite(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    call.state.auth.invite(&call.cx, &body).await?;
    Ok(Reply::none())
}

async fn accept_invite(mut call: Call) -> Result<Reply> {
    let form = LinkForm::read(&call.take_object())?;
    call.state
        .auth
        .accept_invite(&call.cx.snapshot, form, &peer(&call), call.head.now)
        .await?;
    Ok(Reply::none())
}

async fn register(mut call: Call) -> Result<Reply> {
    if let Some(limiter) = &call.state.registrations {
        limiter.hit(call.head.ip, Instant::now(), call.head.now).await?;
    }
    let body = call.take_object();
    call.state.auth.register(&call.cx, &body).await?;
    Ok(Reply::none())
}

/// Confirms an address, and leads to the Studio where there is one.
async fn verify_email(call: Call) -> Result<Reply> {
    // The one GET that writes: nothing for who only looks.
    if call.cx.viewer.is_some() {
        return Err(Error::forbidden());
    }
    let parameters = call.parameters()?;
    let in_query = parameters.get("token").and_then(Json::as_str).unwrap_or_default();
    let token = match call.param("token") {
        "" => in_query,
        in_path => in_path,
    };
    call.state.auth.verify_email(token, &peer(&call), call.head.now).await?;
    if !call.state.settings().serve_app {
        return Ok(Reply::none());
    }
    let studio = format!("{}/admin", call.state.settings().public_url.trim_end_matches('/'));
    let location = HeaderValue::from_str(&studio).map_err(|_| Error::internal("the public address is no header"))?;
    Ok(Reply::status(StatusCode::FOUND).with(header::LOCATION, location))
}

/// The caller's id; the public is nobody.
fn own_id(call: &Call) -> Result<String> {
    call.cx
        .caller
        .user()
        .map(str::to_owned)
        .ok_or_else(refusal::credentials)
}
