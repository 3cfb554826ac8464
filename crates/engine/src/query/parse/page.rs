//! Which part of a list is wanted: `limit`, `offset`, `page`. It must never answer "all" where the operator set a limit.

use crate::{
    Json,
    error::{Error, Result},
    query::{Limits, Page},
};

use super::Source;

/// What becomes of a limit above the operator's.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Excess {
    /// It is refused: the list itself.
    Refused,
    /// It is lowered: lists of related items, where the reference does not look at it.
    Lowered,
}

/// The largest number that JSON carries faithfully between programs; far beyond any list.
const LARGEST: i64 = (1 << 53) - 1;

pub(super) fn parse(source: &Source<'_>, limits: &Limits, excess: Excess) -> Result<Page> {
    let limit = limit(source.get("limit"), limits, excess)?;
    let offset = integer(source.get("offset"), "offset", 0)?.unwrap_or(0);
    // A page counts from one, zero is the first too. It beats the offset; of everything there is one page.
    let offset = match (integer(source.get("page"), "page", 0)?, limit) {
        (None, _) => offset,
        (Some(_), None) => 0,
        (Some(page), Some(limit)) => limit.saturating_mul(page.saturating_sub(1)).min(LARGEST.unsigned_abs()),
    };
    Ok(Page { limit, offset })
}

/// At most so many; -1 is all the operator allows.
fn limit(json: &Json, limits: &Limits, excess: Excess) -> Result<Option<u64>> {
    let most = limits.max_limit;
    let asked = match json {
        Json::Number(number) if number.as_i64() == Some(-1) => return Ok(most),
        Json::String(text) if text.trim() == "-1" => return Ok(most),
        json => integer(json, "limit", -1)?,
    };
    match (asked, most) {
        (None, None) => Ok(Some(limits.default_limit)),
        (None, Some(most)) => Ok(Some(limits.default_limit.min(most))),
        (Some(asked), Some(most)) if asked > most => match excess {
            Excess::Refused => Err(Error::invalid_query(format!("\"limit\" may be {most} at most"))),
            Excess::Lowered => Ok(Some(most)),
        },
        (Some(asked), _) => Ok(Some(asked)),
    }
}

/// A whole number from zero; none if it is absent or empty text. `least` is told in the error only.
fn integer(json: &Json, name: &str, least: i64) -> Result<Option<u64>> {
    let number = match json {
        Json::Null => return Ok(None),
        Json::String(text) if text.is_empty() => return Ok(None),
        Json::String(text) => text.trim().parse::<i64>().ok(),
        Json::Number(number) => number.as_i64(),
        Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    };
    number
        .filter(|number| *number <= LARGEST)
        .and_then(|number| u64::try_from(number).ok())
        .map(Some)
        .ok_or_else(|| Error::invalid_query(format!("\"{name}\" has to be a whole number from {least}")))
}
