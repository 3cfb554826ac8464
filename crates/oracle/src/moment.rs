//! Moments: texts as they are told, what they mean, their parts. It knows calendars and nothing else.

use aedile_engine::{query::Function, schema::Kind};
use jiff::{
    SignedDuration, Span,
    civil::{Date, DateTime, Time},
};
use serde_json::Value as Json;

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// A date, with or without a time of day.
pub fn clock(text: &str) -> Option<DateTime> {
    let text = text.trim_end_matches('Z');
    let whole = text.parse::<DateTime>().ok();
    whole.or_else(|| Some(text.parse::<Date>().ok()?.to_datetime(Time::midnight())))
}

/// The moment so many milliseconds after 1970 began.
pub fn at(ms: i64) -> DateTime {
    EPOCH.checked_add(SignedDuration::from_millis(ms)).unwrap_or(EPOCH)
}

/// A moment moved by milliseconds and months.
pub fn moved(now: i64, ms: i64, months: i64) -> DateTime {
    let moved = at(now).saturating_add(Span::new().months(months));
    moved.saturating_add(SignedDuration::from_millis(ms))
}

/// A moment, as a field of this kind tells it.
pub fn told(kind: Kind, at: DateTime) -> Json {
    let form = match kind {
        Kind::DateTime => "%Y-%m-%dT%H:%M:%S",
        Kind::Date => "%Y-%m-%d",
        Kind::Time => "%H:%M:%S",
        _ => "%Y-%m-%dT%H:%M:%S.%3fZ",
    };
    at.strftime(form).to_string().into()
}

/// Whether values of a kind have such a part.
pub fn has(kind: Kind, function: Function) -> bool {
    let of_a_day = matches!(function, Function::Hour | Function::Minute | Function::Second);
    match (kind, function) {
        (_, Function::Unknown) => false,
        (Kind::Json, _) | (_, Function::Count) => kind == Kind::Json && function == Function::Count,
        (Kind::Date, _) => !of_a_day,
        (Kind::Time, _) => of_a_day,
        _ => matches!(kind, Kind::DateTime | Kind::Timestamp),
    }
}

/// A part of a moment, or the length of a JSON list.
pub fn part(function: Function, value: &Json) -> Json {
    let text = value.as_str().unwrap_or_default();
    let time = || Some(Date::default().to_datetime(text.parse::<Time>().ok()?));
    match (function, clock(text).or_else(time)) {
        (Function::Count, _) => value.as_array().map_or(Json::Null, |list| list.len().into()),
        (_, None) => Json::Null,
        (Function::Year, Some(at)) => at.year().into(),
        (Function::Month, Some(at)) => at.month().into(),
        (Function::Week, Some(at)) => at.date().iso_week_date().week().into(),
        (Function::Day, Some(at)) => at.day().into(),
        (Function::Weekday, Some(at)) => at.weekday().to_sunday_zero_offset().into(),
        (Function::Hour, Some(at)) => at.hour().into(),
        (Function::Minute, Some(at)) => at.minute().into(),
        (_, Some(at)) => at.second().into(),
    }
}

/// Milliseconds since 1970 of a moment as it is told.
pub fn since_epoch(text: &str) -> Option<i64> {
    i64::try_from(clock(text)?.duration_since(EPOCH).as_millis()).ok()
}

/// A time of day, as it is told.
pub fn time(text: &str) -> Option<String> {
    text.parse::<Time>().ok().map(|time| time.to_string())
}
