//! Small services: random strings, hashes, sorting by hand, fresh schema. What the public may ask for is bounded in size
//! and in work, because nobody answers for it.

use aedile_auth::{
    self as auth,
    password::{MAX_PASSWORD_BYTES, Password},
    token::Token,
};
use aedile_engine::{Code, Error, Json, Object, Result};
use aedile_platform::{
    audit::{self, Baseline, Finding, Repair, Report},
    items,
};
use axum::http::StatusCode;

use crate::{
    request::Call,
    respond::Reply,
    router::{Entry, routes},
};

/// Longest random string, as documented.
const MAX_RANDOM: usize = 500;
/// Length of a random string when none is asked for.
const DEFAULT_RANDOM: usize = 32;

/// Longest hash that is verified: a PHC string with the longest salt and output.
const MAX_HASH_BYTES: usize = 512;

/// Most work (KiB times passes) that a hash from a caller may ask for: four times what new hashes cost by default.
const MAX_HASH_WORK: u64 = 4 * 65_536 * 3;

/// What is served.
pub const ROUTES: &[Entry] = routes![
    Get "/utils/random/string" => random,
    Post "/utils/hash/generate" => hash,
    Post "/utils/hash/verify" => verify,
    Post "/utils/sort/:collection" => sort,
    Post "/utils/revert/:revision" => revert,
    Post "/utils/cache/clear" => clear,
    Get "/utils/audit" => audited,
    Post "/utils/audit/fix" => mended,
];

async fn random(call: Call) -> Result<Reply> {
    let length = match call.parameters()?.get("length") {
        None => DEFAULT_RANDOM,
        Some(Json::String(text)) => text.parse().unwrap_or(0),
        Some(_) => 0,
    };
    if !(1..=MAX_RANDOM).contains(&length) {
        return Err(Error::invalid_query(format!(
            "\"length\" has to be a number from 1 to {MAX_RANDOM}"
        )));
    }
    let mut text = String::with_capacity(length + 64);
    while text.len() < length {
        text.push_str(Token::random().map_err(failed)?.expose());
    }
    text.truncate(length);
    Ok(Reply::data(&text.into()))
}

async fn hash(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    let string = text(&body, "string", MAX_PASSWORD_BYTES)?;
    let hash = call.cx.app.hash(string.to_owned()).await?;
    Ok(Reply::data(&hash.into()))
}

async fn verify(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    let string = text(&body, "string", MAX_PASSWORD_BYTES)?;
    let hash = text(&body, "hash", MAX_HASH_BYTES)?;
    if work(hash).is_none_or(|work| work > MAX_HASH_WORK) {
        return Err(Error::invalid_payload("\"hash\" is none that is verified here"));
    }
    let password = Password::new(string).map_err(failed)?;
    let fits = call.state.passwords.verify(password, hash).await.map_err(failed)?;
    Ok(Reply::data(&fits.into()))
}

/// The work a PHC string asks for, in KiB times passes.
fn work(hash: &str) -> Option<u64> {
    let params = hash.split('$').find(|part| part.starts_with("m="))?;
    let number = |name: &str| {
        params
            .split(',')
            .find_map(|part| part.strip_prefix(name)?.parse::<u64>().ok())
    };
    number("m=")?.checked_mul(number("t=")?)
}

async fn sort(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    items::sort(&call.cx, call.collection(), &body).await?;
    Ok(Reply::status(StatusCode::OK))
}

async fn revert(call: Call) -> Result<Reply> {
    items::revert(&call.cx, call.param("revision")).await?;
    Ok(Reply::none())
}

/// There is nothing to clear that could be stale, but for a schema that was changed behind our back.
async fn clear(call: Call) -> Result<Reply> {
    if !call.cx.access.admin {
        return Err(Error::forbidden());
    }
    call.cx.app.reload(i64::MAX).await?;
    Ok(Reply::status(StatusCode::OK))
}

/// What the checks of the audit find.
async fn audited(call: Call) -> Result<Reply> {
    told(serde_json::to_value(report(&call).await?))
}

/// Mends findings, all of them or none: those that are found now, by the very changes that somebody agreed to.
async fn mended(mut call: Call) -> Result<Reply> {
    let body = call.take_object();
    let report = report(&call).await?;
    let agreed = body.get("findings").and_then(Json::as_array);
    let agreed =
        agreed.ok_or_else(|| Error::invalid_payload("\"findings\" is needed: a list of what the audit finds"))?;
    if agreed.len() > report.findings.len() {
        return Err(changed());
    }
    let chosen: Vec<&Finding> = agreed
        .iter()
        .map(|wanted| found(&report, wanted))
        .collect::<Result<_>>()?;
    told(serde_json::to_value(
        audit::fix(&call.cx, &Repair::of(&report, chosen)).await?,
    ))
}

/// The finding that somebody has seen: the same check on the same thing, with the same change.
fn found<'r>(report: &'r Report, wanted: &Json) -> Result<&'r Finding> {
    let said = |name: &str| wanted.get(name).and_then(Json::as_str).unwrap_or_default();
    let same = |finding: &&Finding| {
        finding.check == said("check")
            && finding.change.to_string() == said("change")
            && serde_json::to_value(&finding.on).ok().as_ref() == wanted.get("on")
    };
    report.findings.iter().find(same).ok_or_else(changed)
}

fn changed() -> Error {
    Error::unprocessable("one of these is not found any more, or would be mended otherwise; audit again")
}

/// An audit of the project and its surroundings as they are now.
async fn report(call: &Call) -> Result<Report> {
    let survey = call.state.survey.clone();
    let survey = async {
        let surveyed = tokio::task::spawn_blocking(move || survey()).await;
        surveyed.map_err(|error| Error::internal(error.to_string()))
    };
    audit::run(&call.cx, survey, &Baseline::default()).await
}

fn told(answer: serde_json::Result<Json>) -> Result<Reply> {
    let answer = answer.map_err(|error| Error::internal(error.to_string()))?;
    Ok(Reply::data(&answer))
}

/// A text of the body that is there and not empty.
fn text<'a>(body: &'a Object, name: &str, longest: usize) -> Result<&'a str> {
    match body.get(name).and_then(Json::as_str) {
        Some("") | None => Err(Error::invalid_payload(format!(
            "\"{name}\" is needed, and has to be text"
        ))),
        Some(text) if text.len() > longest => Err(Error::invalid_payload(format!(
            "\"{name}\" may have {longest} bytes at most"
        ))),
        Some(text) => Ok(text),
    }
}

fn failed(error: auth::Error) -> Error {
    match error {
        auth::Error::Busy => Error::new(
            Code::ServiceUnavailable,
            "Too much is being hashed right now: try again.",
        ),
        auth::Error::UnsupportedHash => Error::invalid_payload("\"hash\" is none that can be verified"),
        auth::Error::LongPassword | auth::Error::EmptyPassword => Error::invalid_payload("\"string\" can't be hashed"),
        other => Error::internal(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
