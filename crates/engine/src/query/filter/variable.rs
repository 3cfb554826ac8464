//! Variables: `$CURRENT_USER`, `$NOW(-1 day)` and their kin. Only their names are read here; values come with a caller.
//! In a rule an unknown name must never pass as text: a mistyped variable would compare with its own spelling.

use crate::{
    error::{Error, Result},
    query::{Limits, Var, fields},
};

use super::Context;

/// The variable that a text names; none if it is just text.
pub(super) fn parse(text: &str, limits: &Limits, context: Context) -> Result<Option<Var>> {
    let Some(name) = text.strip_prefix('$') else {
        return Ok(None);
    };
    let var = known(name);
    if let Some(Var::User(path) | Var::Role(path)) = &var
        && path.len() > limits.relational_depth
    {
        return Err(fields::too_deep(limits));
    }
    let named = name.starts_with(|c: char| c.is_ascii_uppercase());
    if var.is_none() && named && context != Context::Query {
        return Err(Error::invalid_query(format!(
            "\"{}\" is not a variable",
            fields::shown(text)
        )));
    }
    Ok(var)
}

fn known(name: &str) -> Option<Var> {
    match name {
        "CURRENT_USER" => return Some(Var::User(Vec::new())),
        "CURRENT_ROLE" => return Some(Var::Role(Vec::new())),
        "CURRENT_ROLES" => return Some(Var::Roles),
        "CURRENT_POLICIES" => return Some(Var::Policies),
        "NOW" => return Some(Var::Now { ms: 0, months: 0 }),
        _ => {}
    }
    if let Some(path) = name.strip_prefix("CURRENT_USER.") {
        return steps(path).map(Var::User);
    }
    if let Some(path) = name.strip_prefix("CURRENT_ROLE.") {
        return steps(path).map(Var::Role);
    }
    moved(name.strip_prefix("NOW(")?.strip_suffix(')')?)
}

fn steps(path: &str) -> Option<Vec<String>> {
    let steps: Vec<String> = path.split('.').map(str::to_owned).collect();
    (!steps.iter().any(String::is_empty)).then_some(steps)
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// The farthest that `$NOW` moves: what no calendar of a database reaches is a mistake.
const FARTHEST_YEARS: i64 = 10_000;

/// `-1 day`, `+2 hours`, `3 months`.
fn moved(adjustment: &str) -> Option<Var> {
    let adjustment = adjustment.trim();
    let (sign, rest) = match adjustment.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, adjustment.strip_prefix('+').unwrap_or(adjustment)),
    };
    let rest = rest.trim_start();
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = rest.split_at_checked(digits)?;
    let amount: i64 = number.parse::<i64>().ok()?.checked_mul(sign)?;
    let ms = |unit: i64| amount.checked_mul(unit).map(|ms| (ms, 0));
    let months = |unit: i64| amount.checked_mul(unit).map(|months| (0, months));
    let (ms, months) = match unit.trim_start().to_ascii_lowercase().as_str() {
        "ms" | "millisecond" | "milliseconds" => ms(1),
        "s" | "sec" | "secs" | "second" | "seconds" => ms(SECOND),
        "m" | "min" | "mins" | "minute" | "minutes" => ms(MINUTE),
        "h" | "hr" | "hrs" | "hour" | "hours" => ms(HOUR),
        "d" | "day" | "days" => ms(DAY),
        "w" | "week" | "weeks" => ms(WEEK),
        "mo" | "mth" | "mths" | "month" | "months" => months(1),
        "y" | "yr" | "yrs" | "year" | "years" => months(12),
        _ => None,
    }?;
    let near = ms.unsigned_abs() <= (FARTHEST_YEARS * 366 * DAY).unsigned_abs()
        && months.unsigned_abs() <= (FARTHEST_YEARS * 12).unsigned_abs();
    near.then_some(Var::Now { ms, months })
}
