//! The server itself: whether it is there, whether it is well, and what it tells of the project.
//! The public is told what the login page needs, and nothing of versions or limits.

use aedile_engine::{
    Error, Json, Object, Result,
    access::Reason,
    query::{Leaf, Path, Query},
};
use aedile_platform::{INTERFACE, config::RateLimit, items};
use axum::http::{HeaderValue, StatusCode, header};

use crate::{
    State, openapi,
    request::{Call, Head},
    respond::Reply,
    router::{Entry, Run, Verb, routes},
};

const SETTINGS: &str = "directus_settings";

/// What of the project's settings everybody may know: what a page shows before anybody has logged in.
const PUBLIC_SETTINGS: [&str; 16] = [
    "project_name",
    "project_descriptor",
    "project_logo",
    "project_color",
    "default_appearance",
    "default_theme_light",
    "default_theme_dark",
    "theme_light_overrides",
    "theme_dark_overrides",
    "default_language",
    "public_foreground",
    "public_background",
    "public_favicon",
    "public_note",
    "custom_css",
    "public_registration",
];
const REGISTRATION_VERIFIES: &str = "public_registration_verify_email";

/// What is served before anybody asks who the caller is.
pub const OPEN: &[Entry] = &[
    Entry {
        verb: Verb::Get,
        path: "/",
        run: Run::Open(root),
    },
    Entry {
        verb: Verb::Get,
        path: "/robots.txt",
        run: Run::Open(robots),
    },
    Entry {
        verb: Verb::Get,
        path: "/server/ping",
        run: Run::Open(ping),
    },
];

/// What is served also to users who are held up until they have a second factor.
pub const HELD_UP: &[Entry] = routes![held up: Get "/server/info" => info];

/// What is served to known callers, the public among them.
pub const ROUTES: &[Entry] = routes![
    Get "/server/health" => health,
    Get "/server/specs/oas" => oas,
    Post "/server/setup" => setup,
];

fn ping(_: &State, _: &Head) -> Reply {
    Reply::text("pong")
}

fn robots(state: &State, _: &Head) -> Reply {
    Reply::text(state.settings().robots_txt.clone())
}

/// Leads to where the operator says; a path that is nothing when they say nothing.
fn root(state: &State, head: &Head) -> Reply {
    let target = state.settings().root_redirect.as_deref();
    match target.and_then(|target| Some((target, HeaderValue::from_str(target).ok()?))) {
        Some((target, location)) => {
            let mut reply = Reply::text(format!("Found. Redirecting to {target}")).with(header::LOCATION, location);
            reply.status = StatusCode::FOUND;
            reply
        }
        None => crate::error::reply(&crate::error::route_not_found(&head.path)),
    }
}

async fn health(call: Call) -> Result<Reply> {
    let reached = call.cx.app.version().await;
    let word = if reached.is_ok() { "ok" } else { "error" };
    if let Err(error) = &reached {
        tracing::error!("the database does not answer: {error}");
    }
    let body = Json::Object(Object::from_iter([("status".to_owned(), word.into())])).to_string();
    let mut reply = Reply::content(HeaderValue::from_static("application/health+json; charset=utf-8"), body);
    if reached.is_err() {
        reply.status = StatusCode::SERVICE_UNAVAILABLE;
    }
    Ok(reply)
}

async fn info(call: Call) -> Result<Reply> {
    let mut told = Object::new();
    told.insert("project".into(), project(&call).await?);
    told.insert("setupCompleted".into(), has_users(&call).await?.into());
    if call.cx.caller.user().is_some() {
        let settings = call.state.settings();
        let limits = &settings.limits;
        let mut query = Object::new();
        query.insert(
            "default".into(),
            limits.query_limit_default.map_or(Json::from(-1), Json::from),
        );
        query.insert("max".into(), limits.query_limit_max.map_or(Json::from(-1), Json::from));
        told.insert("rateLimit".into(), rate(settings.rate_limit));
        told.insert("rateLimitGlobal".into(), rate(settings.rate_limit_global));
        told.insert("queryLimit".into(), query.into());
        told.insert("version".into(), INTERFACE.into());
    }
    Ok(Reply::data(&told.into()))
}

/// The description of what the caller may do, if the operator lets it be told.
async fn oas(call: Call) -> Result<Reply> {
    let settings = call.state.settings();
    if !settings.openapi {
        return Err(crate::error::route_not_found(&call.head.path));
    }
    let told = openapi::describe(&call.cx, &crate::patterns(), &settings.public_url);
    Ok(Reply::json(StatusCode::OK, told.to_string()))
}

/// The first administrator is made by the operator, never by whoever finds the page first.
async fn setup(_: Call) -> Result<Reply> {
    Err(Error::forbidden())
}

fn rate(limit: RateLimit) -> Json {
    if !limit.enabled {
        return Json::Bool(false);
    }
    let mut told = Object::new();
    told.insert("points".into(), limit.points.into());
    told.insert("duration".into(), limit.duration.as_secs().into());
    told.into()
}

/// The project's settings that everybody may know.
pub(super) async fn project(call: &Call) -> Result<Json> {
    let known = call.cx.schema().collection(SETTINGS);
    let names = PUBLIC_SETTINGS.into_iter().chain([REGISTRATION_VERIFIES]);
    let query = Query {
        fields: names
            .filter(|name| known.is_some_and(|known| known.field(name).is_some()))
            .map(path)
            .collect(),
        ..Query::default()
    };
    let answer = items::singleton(&call.cx.as_system(Reason::Bookkeeping), SETTINGS, &query).await?;
    Ok(parsed(answer.data))
}

/// Whether anybody could log in.
async fn has_users(call: &Call) -> Result<bool> {
    let mut query = Query {
        fields: vec![path("id")],
        ..Query::default()
    };
    query.page.limit = Some(1);
    let answer = items::list(&call.cx.as_system(Reason::Bookkeeping), "directus_users", &query).await?;
    Ok(parsed(answer.data).as_array().is_some_and(|users| !users.is_empty()))
}

fn parsed(data: Option<Vec<u8>>) -> Json {
    data.and_then(|data| serde_json::from_slice(&data).ok())
        .unwrap_or_default()
}

fn path(name: &str) -> Path {
    Path {
        steps: Vec::new(),
        leaf: Leaf::Field(name.to_owned()),
    }
}
