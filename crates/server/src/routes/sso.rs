//! `/auth` and `/auth/login/:provider`: which providers there are, sending browsers there, and taking them back; or logging
//! in with what a directory knows. Browsers are told by redirects, with a reason where nobody is logged in. Nothing here is
//! kept by anybody in between.

use aedile_auth::sso::{DirectoryForm, Return, with_reason};
use aedile_engine::{Error, Json, Result};
use aedile_platform::config::SsoMode;
use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use http_body_util::{BodyExt as _, Limited};

use super::auth::{peer, told};
use crate::{
    caller::{self, with_cookie},
    error,
    request::Call,
    respond::Reply,
    router::{Entry, Run, Verb, routes},
};

/// What is served.
pub const ROUTES: &[Entry] = routes![held up:
    Get "/auth" => providers,
    Get "/auth/login/:provider" => depart,
    Post "/auth/login/:provider" => login,
    Get "/auth/login/:provider/callback" => arrive,
];

/// The same way back for providers that send browsers with a form.
pub const FORMS: &[Entry] = &[Entry {
    verb: Verb::Post,
    path: "/auth/login/:provider/callback",
    run: Run::Upload(|call, body| Box::pin(form(call, body))),
}];

/// Largest form that is read, in bytes.
const FORM_BYTES: usize = 32 * 1024;

/// Where people log in, when nothing else is known.
const LOGIN_PAGE: &str = "/admin/login";

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Other ways to log in than by password.
async fn providers(call: Call) -> Result<Reply> {
    let only_sessions = call.parameters()?.contains_key("sessionOnly");
    let shown = call
        .state
        .sso
        .providers()
        .filter(|own| !only_sessions || own.mode == SsoMode::Session);
    let list: Vec<Json> = shown
        .map(|own| {
            serde_json::json!({
                "name": own.name, "label": own.label, "driver": own.driver.as_str(), "icon": own.icon,
            })
        })
        .collect();
    let body = serde_json::json!({ "data": list, "disableDefault": call.state.settings().sso.disable_default });
    Ok(Reply::json(StatusCode::OK, body.to_string()))
}

async fn login(mut call: Call) -> Result<Reply> {
    let body = call.take_body();
    let name = call.param("provider").to_owned();
    let (auth, sso) = (&call.state.auth, &call.state.sso);
    let form = || DirectoryForm::read(&body);
    let outcome = sso.login(auth, &call.cx, &name, form, &peer(&call)).await;
    let pass = outcome.ok_or_else(|| error::route_not_found(&call.head.path))??;
    Ok(told(&call, &pass))
}

async fn depart(call: Call) -> Result<Reply> {
    let parameters = call.parameters()?;
    let redirect = match parameters.get("redirect") {
        None => None,
        Some(Json::String(redirect)) if redirect.is_empty() => None,
        Some(Json::String(redirect)) => Some(redirect.as_str()),
        Some(_) => return Err(Error::invalid_payload("\"redirect\" is one address")),
    };
    let sso = &call.state.sso;
    let departure = sso
        .depart(&call.state.auth, call.param("provider"), redirect, call.head.now)
        .await?;
    let departure = departure.ok_or_else(|| error::route_not_found(&call.head.path))?;
    Ok(with_cookie(led(&departure.location)?, &departure.cookie))
}

async fn arrive(call: Call) -> Result<Reply> {
    let parameters = call.parameters()?;
    let text = |name: &str| parameters.get(name).and_then(Json::as_str).map(str::to_owned);
    let name = call.param("provider").to_owned();
    let held = call.state.sso.cookie(&name);
    let came = Return {
        code: text("code"),
        state: text("state"),
        issuer: text("iss"),
        error: text("error"),
        cookie: held
            .and_then(|held| caller::cookie(&call.head.headers, held))
            .map(str::to_owned),
    };
    let arrival = call
        .state
        .sso
        .arrive(&call.state.auth, &call.cx, &name, came, &peer(&call))
        .await;
    let arrival = arrival.ok_or_else(|| error::route_not_found(&call.head.path))?;
    let reply = match (arrival.outcome, arrival.redirect) {
        (Ok(pass), redirect) => {
            let told = told(&call, &pass);
            let Some(redirect) = redirect else {
                return Ok(cleared(unkept(told), &arrival.cookie));
            };
            // The cookies of the answer, without its body.
            let mut led = led(&redirect)?;
            led.headers.extend(
                told.headers
                    .get(header::SET_COOKIE)
                    .cloned()
                    .map(|value| (header::SET_COOKIE, value)),
            );
            led
        }
        (Err(error), redirect) => {
            let page = redirect.unwrap_or_else(|| own_page(&call));
            led(&with_reason(&page, error.code().as_str()))?
        }
    };
    Ok(cleared(reply, &arrival.cookie))
}

/// Leads a browser that came with a form to where it comes without: its cookies come along only then.
async fn form(call: Call, body: Body) -> Result<Reply> {
    if call.state.sso.cookie(call.param("provider")).is_none() {
        return Err(error::route_not_found(&call.head.path));
    }
    let malformed = |_| Error::invalid_payload("the form cannot be read");
    let bytes = Limited::new(body, FORM_BYTES)
        .collect()
        .await
        .map_err(malformed)?
        .to_bytes();
    let plain = |byte: &u8| byte.is_ascii_graphic() && !b"#<>\"\\".contains(byte);
    if !bytes.iter().all(plain) {
        return Err(Error::invalid_payload("the form cannot be read"));
    }
    let query = String::from_utf8_lossy(&bytes);
    let mut reply = led(&format!("{}?{query}", call.head.path))?;
    reply.status = StatusCode::SEE_OTHER;
    Ok(reply)
}

fn own_page(call: &Call) -> String {
    format!("{}{LOGIN_PAGE}", call.state.settings().public_url.trim_end_matches('/'))
}

/// Leads a browser elsewhere.
fn led(location: &str) -> Result<Reply> {
    let value = HeaderValue::from_str(location).map_err(|_| Error::internal("an address makes no header"))?;
    Ok(unkept(Reply::status(StatusCode::FOUND).with(header::LOCATION, value)))
}

/// Nobody keeps it, and no page that opened this one may look at it.
fn unkept(reply: Reply) -> Reply {
    reply
        .with(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
        .with(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"))
        .with(OPENER_POLICY, HeaderValue::from_static("same-origin"))
}

/// A reply that takes a cookie back beside what it sets.
fn cleared(mut reply: Reply, line: &str) -> Reply {
    if let Ok(value) = HeaderValue::from_str(line) {
        reply.headers.append(header::SET_COOKIE, value);
    }
    reply
}
