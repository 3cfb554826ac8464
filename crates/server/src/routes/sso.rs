//! `/auth` and `/auth/login/:provider`: which providers there are, sending browsers there, and taking them back, with a code or
//! with an answer of SAML; or logging in with what a directory knows. Browsers are told by redirects, with a reason where nobody is logged in. Nothing here is
//! kept by anybody in between.

use aedile_auth::sso::{Arrival, Brought, DirectoryForm, Door, Return, with_reason};
use aedile_egress::form_urlencoded;
use aedile_engine::{Error, Json, Result};
use aedile_platform::config::SsoMode;
use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, StatusCode, header},
};
use http_body_util::{BodyExt as _, Limited};

use super::auth::{peer, told};
use crate::{
    caller::{self, with_cookie},
    error,
    request::Call,
    respond::Reply,
    router::{Entry, routes},
};

/// What is served.
pub const ROUTES: &[Entry] = routes![held up:
    Get "/auth" => providers,
    Get "/auth/login/:provider" => depart,
    Post "/auth/login/:provider" => login,
    Get "/auth/login/:provider/callback" => arrive,
    Get "/auth/login/:provider/metadata" => metadata,
];

/// Ways back for providers that send browsers with a form.
pub const FORMS: &[Entry] = routes![uploads:
    Post "/auth/login/:provider/callback" => form,
    Post "/auth/login/:provider/acs" => acs,
    Post "/auth/login/:provider/logout" => logout,
];

/// Largest form with a code that is read, in bytes.
const FORM_BYTES: usize = 32 * 1024;

/// Largest form with an answer of SAML, in bytes: the largest answer, as it stands in a form.
const ANSWER_BYTES: usize = 512 * 1024;

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
    let brought = Brought::Code {
        code: text("code"),
        issuer: text("iss"),
        error: text("error"),
    };
    let arrival = taken_back(&call, Door::Callback, text("state"), brought).await?;
    led_on(&call, arrival)
}

/// Takes a browser back that comes with a form of SAML. What came back with it is compared, and never followed.
async fn acs(call: Call, body: Body) -> Result<Reply> {
    if call.state.sso.cookie(call.param("provider"), Door::Acs).is_none() {
        return Err(error::route_not_found(&call.head.path));
    }
    let bytes = collected(body, ANSWER_BYTES).await?;
    let only = |name: &str| {
        let mut found = form_urlencoded::parse(&bytes).filter(|(own, _)| own == name);
        let (_, value) = found.next()?;
        found.next().is_none().then(|| value.into_owned())
    };
    let brought = Brought::Answer(only("SAMLResponse"));
    let arrival = taken_back(&call, Door::Acs, only("RelayState"), brought).await?;
    let mut reply = led_on(&call, arrival)?;
    if reply.status == StatusCode::FOUND {
        // Where it is led, it comes without the form.
        reply.status = StatusCode::SEE_OTHER;
    }
    Ok(reply)
}

/// What the project says of itself to a provider of SAML.
async fn metadata(call: Call) -> Result<Reply> {
    let text = call.state.sso.metadata(call.param("provider"));
    let text = text.ok_or_else(|| error::route_not_found(&call.head.path))?;
    Ok(Reply::content(
        HeaderValue::from_static("application/xml"),
        text.to_owned(),
    ))
}

/// A provider of SAML says that somebody has logged out there, which nobody has asked it to: that is not taken.
async fn logout(call: Call, _: Body) -> Result<Reply> {
    if call.state.sso.cookie(call.param("provider"), Door::Acs).is_none() {
        return Err(error::route_not_found(&call.head.path));
    }
    Err(Error::invalid_payload(
        "single logout is not done: `POST /auth/logout` ends a session of this project",
    ))
}

/// Takes a browser back from a provider.
async fn taken_back(call: &Call, door: Door, state: Option<String>, brought: Brought) -> Result<Arrival> {
    let name = call.param("provider");
    let sso = &call.state.sso;
    let held = sso.cookie(name, door);
    let came = Return {
        state,
        cookie: held
            .and_then(|held| caller::cookie(&call.head.headers, held))
            .map(str::to_owned),
        brought,
    };
    let arrival = sso.arrive(&call.state.auth, &call.cx, name, came, &peer(call)).await;
    arrival.ok_or_else(|| error::route_not_found(&call.head.path))
}

/// Leads a browser on that has come back, with what it is known by from now on.
fn led_on(call: &Call, arrival: Arrival) -> Result<Reply> {
    let reply = match (arrival.outcome, arrival.redirect) {
        (Ok(pass), redirect) => {
            let told = told(call, &pass);
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
            let page = redirect.unwrap_or_else(|| own_page(call));
            led(&with_reason(&page, error.code().as_str()))?
        }
    };
    Ok(cleared(reply, &arrival.cookie))
}

/// Leads a browser that came with a form to where it comes without: its cookies come along only then.
async fn form(call: Call, body: Body) -> Result<Reply> {
    if call.state.sso.cookie(call.param("provider"), Door::Callback).is_none() {
        return Err(error::route_not_found(&call.head.path));
    }
    let bytes = collected(body, FORM_BYTES).await?;
    let plain = |byte: &u8| byte.is_ascii_graphic() && !b"#<>\"\\".contains(byte);
    if !bytes.iter().all(plain) {
        return Err(Error::invalid_payload("the form cannot be read"));
    }
    let query = String::from_utf8_lossy(&bytes);
    let mut reply = led(&format!("{}?{query}", call.head.path))?;
    reply.status = StatusCode::SEE_OTHER;
    Ok(reply)
}

/// A form as it came.
async fn collected(body: Body, limit: usize) -> Result<Bytes> {
    let read = Limited::new(body, limit).collect().await;
    let read = read.map_err(|_| Error::invalid_payload("the form cannot be read"))?;
    Ok(read.to_bytes())
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
