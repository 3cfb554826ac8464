//! The Studio: its files and its page under `/admin`, and under `/studio` what it asks for when it begins. The page is the
//! same for everybody and knows nothing of the project; what it begins with must never be more than its caller could have
//! asked for elsewhere, one thing at a time.

mod about;

use aedile_engine::{
    Code, Error, Json, Object, Result,
    access::{Action, Fields, Grant},
    query,
};
use aedile_platform::{
    Cx, items,
    model::{collections, fields, relations},
    system::my_permissions,
};
use aedile_studio::File;
use axum::http::{HeaderMap, HeaderValue, header};
use serde_json::json;

use super::{me, model, server};
use crate::{
    State, error,
    request::{Call, Head},
    respond::Reply,
    router::{Entry, Run, Verb, routes},
};

/// Where the Studio is.
const ROOT: &str = "/admin/";

/// A file whose name says what it holds never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Everything else is asked for again before each use.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// More stored views than anybody has.
const MOST_PRESETS: u64 = 1000;

/// What is served before anybody asks who the caller is.
pub const OPEN: &[Entry] = &[Entry {
    verb: Verb::Get,
    path: "/admin/*",
    run: Run::Open(page),
}];

/// What is served to known callers.
pub const ROUTES: &[Entry] = routes![
    Get "/studio/boot" => boot,
    Get "/studio/changes" => changes,
    Get "/studio/system" => about::about,
];

/// A file of the Studio, or the page: it finds its own way from the address.
fn page(state: &State, head: &Head) -> Reply {
    let path = head.path.get(ROOT.len()..).unwrap_or_default();
    let missing = aedile_studio::is_file_path(path) && aedile_studio::file(path).is_none();
    if !state.settings().serve_app || missing {
        return error::reply(&error::route_not_found(&head.path));
    }
    if let Some(file) = aedile_studio::file(path) {
        return serve(file, &head.headers);
    }
    let page = aedile_studio::page(&base(&state.settings().public_url));
    let reply = Reply::content(HeaderValue::from_static("text/html; charset=utf-8"), page.html)
        .with(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(page.policy))
        .with(header::CACHE_CONTROL, ASK_AGAIN);
    guarded(reply)
}

/// A file, in the best form that its reader takes.
fn serve(file: &'static File, asked: &HeaderMap) -> Reply {
    let accepted = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let takes = |name: &str| accepted.is_some_and(|accepted| accepts(accepted, name));
    let (encoding, body) = match (file.brotli, file.gzip) {
        (Some(body), _) if takes("br") => (Some("br"), body),
        (_, Some(body)) if takes("gzip") => (Some("gzip"), body),
        _ => (None, file.plain),
    };
    let lasting = if file.is_immutable() { FOR_EVER } else { ASK_AGAIN };
    let reply = Reply::content(HeaderValue::from_static(file.media_type()), body)
        .with(header::CACHE_CONTROL, lasting)
        .with(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    guarded(match encoding {
        Some(encoding) => reply.with(header::CONTENT_ENCODING, HeaderValue::from_static(encoding)),
        None => reply,
    })
}

/// What is served is taken for what it says it is, and nobody is told which page of the Studio a link was on.
fn guarded(reply: Reply) -> Reply {
    reply
        .with(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
        .with(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"))
}

/// Whether a list of encodings has this one, and does not refuse it.
fn accepts(list: &str, name: &str) -> bool {
    list.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let named = parts.next().is_some_and(|own| own.eq_ignore_ascii_case(name));
        let refused = parts.any(|part| {
            let weight = part.strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok());
            weight.is_some_and(|weight| weight <= 0.0)
        });
        named && !refused
    })
}

/// The Studio's address as browsers see it, without the host: a proxy may have put a path before it.
fn base(public_url: &str) -> String {
    let after_host = public_url.split_once("://").map_or(public_url, |(_, rest)| {
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default()
    });
    format!("{}{ROOT}", after_host.trim_end_matches('/'))
}

/// Everything that the Studio needs to know at its beginning, in one answer. What the caller may not read is empty or
/// null, as if it were not there; but a view shows the Studio over what its caller reads, be that somebody or not.
async fn boot(call: Call) -> Result<Reply> {
    let cx = &call.cx;
    somebody(cx)?;
    let everything = query::Query::default();
    let mut told = Object::new();
    let user = match cx.caller.user() {
        Some(user) => known(items::item(cx, "directus_users", user, &everything).await)?,
        None => Json::Null,
    };
    told.insert("user".into(), user);
    told.insert("globals".into(), me::globals_of(cx).into());
    told.insert("roles".into(), cx.access.roles.clone().into());
    told.insert("permissions".into(), my_permissions::all(cx).await?.into());
    let [collections, fields, relations] = readable_model(cx)?;
    told.insert("collections".into(), collections);
    told.insert("fields".into(), fields);
    told.insert("relations".into(), relations);
    told.insert(
        "settings".into(),
        known(items::singleton(cx, "directus_settings", &everything).await)?,
    );
    told.insert("project".into(), server::project(&call).await?);
    let mut presets = query::Query::default();
    presets.page.limit = Some(MOST_PRESETS);
    told.insert(
        "presets".into(),
        known(items::list(cx, "directus_presets", &presets).await)?,
    );
    Ok(Reply::data(&told.into()))
}

/// Refuses the public; not an administrator who looks as the public.
fn somebody(cx: &Cx) -> Result<()> {
    if cx.caller.user().is_some() || cx.viewer.is_some() {
        Ok(())
    } else {
        Err(Error::forbidden())
    }
}

/// Marks that are other ones when something has changed: one for the model and the caller's own rights, one for each collection
/// that the caller reads whole. Of a collection that they may read in part, a mark would tell of changes in the other
/// part; whoever reads those asks for their lists again.
async fn changes(call: Call) -> Result<Reply> {
    let cx = &call.cx;
    somebody(cx)?;
    let changes = cx.app.changes();
    let readable = cx
        .schema()
        .collections()
        .map(|collection| collection.name.as_str())
        .filter(|name| reads_whole(cx, name));
    let marks: Object = readable
        .map(|name| (name.to_owned(), changes.mark(name).into()))
        .collect();
    let rights: Vec<String> = cx
        .schema()
        .collections()
        .flat_map(|collection| {
            Action::ALL.map(|action| format!("{:?}", cx.access.grant(&collection.name, action).cases()))
        })
        .collect();
    let model = readable_model(cx)?.map(|part| part.to_string());
    let sign = changes.sign(&(cx.access.admin, cx.access.app, &cx.access.roles, rights, model));
    Ok(Reply::data(&json!({ "model": sign, "collections": marks })))
}

/// Whether a caller reads every row of a collection, and everything of each.
fn reads_whole(cx: &Cx, collection: &str) -> bool {
    match cx.access.grant(collection, Action::Read) {
        Grant::None => false,
        Grant::All => true,
        Grant::Cases(cases) => cases
            .iter()
            .any(|case| case.rule.is_none() && matches!(case.fields, Fields::All)),
    }
}

/// Collections, fields and relations as the caller may read them; none where they may not read the model, but in a view.
fn readable_model(cx: &Cx) -> Result<[Json; 3]> {
    let model = &cx.snapshot.model;
    let readable = |holder: &str| model::readable(cx, holder).ok().or_else(|| model::viewed(cx));
    let collections = readable("directus_collections").map(|visible| collections::list(model, &visible));
    let fields = readable("directus_fields").map(|visible| fields::list(model, &visible, None));
    let relations = readable("directus_relations").map(|visible| relations::list(model, &visible, None));
    let told = [collections, fields.transpose()?, relations.transpose()?];
    Ok(told.map(|part| part.unwrap_or_else(|| json!([]))))
}

/// What was answered; null for what the caller may not read.
fn known(answer: Result<items::Answer>) -> Result<Json> {
    match answer {
        Ok(answer) => Ok(answer
            .data
            .and_then(|data| serde_json::from_slice(&data).ok())
            .unwrap_or_default()),
        Err(error) if error.code() == Code::Forbidden => Ok(Json::Null),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
