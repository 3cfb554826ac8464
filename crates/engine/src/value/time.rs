//! Dates and times as text and as milliseconds: the forms clients may send, and the forms answers and variables take.
//! Must never read the clock, and never accept a date that is not in the calendar.

use jiff::{
    SignedDuration, Span,
    civil::{Date, DateTime, Time},
};

use crate::Json;

/// The first moment that every database and format here can hold: the year 1.
pub const MIN: i64 = -62_135_596_800_000;
/// The last such moment: the end of the year 9999, since dates are written with four digits.
pub const MAX: i64 = 253_402_300_799_999;
/// A day has at most this many minutes of distance to UTC (as in PostgreSQL).
const MAX_OFFSET_MINUTES: i64 = 16 * 60 - 1;
/// Digits of a second's fraction that a time of day keeps: what PostgreSQL and MySQL hold.
const TIME_DIGITS: usize = 6;

/// The moment that a text tells, in milliseconds since 1970. Without a zone it is UTC; a date alone is its midnight.
pub fn parse_instant(text: &str) -> Option<i64> {
    let (clock, offset) = moment(text.trim())?;
    let ms = ms_of(clock)?.checked_sub(offset.unwrap_or(0) * 60_000)?;
    (MIN..=MAX).contains(&ms).then_some(ms)
}

/// The date and time that a text tells, in milliseconds since 1970 as if it were UTC. With a zone it is turned into
/// UTC; fractions of a second are dropped.
pub fn parse_wall(text: &str) -> Option<i64> {
    parse_instant(text).map(whole_second)
}

/// The date that a text tells, as `YYYY-MM-DD`. A time of day and a zone behind it are checked and cut off.
pub fn parse_date(text: &str) -> Option<String> {
    let (clock, _) = moment(text.trim())?;
    Some(date_text(clock.date()))
}

/// The time of day that a text tells, as `HH:MM:SS[.fff]`.
pub fn parse_time(text: &str) -> Option<String> {
    let (time, rest) = time_part(text.trim())?;
    rest.is_empty().then(|| time_text(time))
}

/// A moment from JSON: text, or a whole number of milliseconds since 1970.
pub fn instant(value: &Json) -> Option<i64> {
    match value {
        Json::String(text) => parse_instant(text),
        Json::Number(number) => number.as_i64().filter(|ms| (MIN..=MAX).contains(ms)),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

/// A date and time without zone from JSON, as [`parse_wall`] or milliseconds.
pub fn wall(value: &Json) -> Option<i64> {
    instant(value).map(whole_second)
}

/// `YYYY-MM-DDTHH:MM:SS.fffZ`
pub fn format_instant(ms: i64) -> String {
    format!("{}.{:03}Z", format_wall(ms), clamp(ms).rem_euclid(1000))
}

/// `YYYY-MM-DDTHH:MM:SS`
pub fn format_wall(ms: i64) -> String {
    format!("{}T{}", format_date(ms), format_time(ms))
}

/// `YYYY-MM-DD`
pub fn format_date(ms: i64) -> String {
    date_text(civil(ms).date())
}

/// `HH:MM:SS`
pub fn format_time(ms: i64) -> String {
    let time = civil(ms).time();
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// A moment moved by milliseconds and by whole months; a day that its new month lacks becomes that month's last.
/// What would leave the calendar stays at its edge.
pub fn shift(now: i64, ms: i64, months: i64) -> i64 {
    let edge = if months < 0 { MIN } else { MAX };
    let moved = if months == 0 {
        clamp(now)
    } else {
        let span = Span::new().try_months(months);
        span.and_then(|span| civil(now).checked_add(span))
            .ok()
            .and_then(ms_of)
            .unwrap_or(edge)
    };
    clamp(moved.saturating_add(ms))
}

fn whole_second(ms: i64) -> i64 {
    ms - ms.rem_euclid(1000)
}

fn clamp(ms: i64) -> i64 {
    ms.clamp(MIN, MAX)
}

// Civil time throughout: jiff's own timestamps end a day before the year 9999 does, and "9999-12-31" is a common never.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

fn civil(ms: i64) -> DateTime {
    EPOCH
        .checked_add(SignedDuration::from_millis(clamp(ms)))
        .unwrap_or(EPOCH)
}

fn ms_of(clock: DateTime) -> Option<i64> {
    let nanos = clock.duration_since(EPOCH).as_nanos();
    i64::try_from(nanos.div_euclid(1_000_000)).ok()
}

fn date_text(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

fn time_text(time: Time) -> String {
    let mut text = format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second());
    let fraction = format!("{:09}", time.subsec_nanosecond());
    let kept = fraction.get(..TIME_DIGITS).unwrap_or_default().trim_end_matches('0');
    if !kept.is_empty() {
        text.push('.');
        text.push_str(kept);
    }
    text
}

/// A date, perhaps with a time, perhaps with a zone (minutes east of UTC).
fn moment(text: &str) -> Option<(DateTime, Option<i64>)> {
    let (date, rest) = date_part(text)?;
    if rest.is_empty() {
        return Some((date.to_datetime(Time::midnight()), None));
    }
    let (time, zone) = time_part(rest.strip_prefix(['T', 't', ' '])?)?;
    Some((date.to_datetime(time), zone_part(zone)?))
}

/// `YYYY-MM-DD`
fn date_part(text: &str) -> Option<(Date, &str)> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
    // The year 0 exists in none of the databases.
    let year = i16::try_from(year).ok().filter(|year| *year > 0)?;
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some((date, rest))
}

/// `HH:MM[:SS[.fff]]`
fn time_part(text: &str) -> Option<(Time, &str)> {
    let (hour, rest) = digits(text, 2)?;
    let (minute, mut rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (mut second, mut nanos) = (0, 0);
    if let Some(after) = rest.strip_prefix(':') {
        (second, rest) = digits(after, 2)?;
        if let Some(after) = rest.strip_prefix('.') {
            (nanos, rest) = fraction(after)?;
        }
    }
    let small = |n: i64| i8::try_from(n).ok();
    let time = Time::new(small(hour)?, small(minute)?, small(second)?, nanos).ok()?;
    Some((time, rest))
}

/// The digits of a fraction as nanoseconds; what is finer is cut off.
fn fraction(text: &str) -> Option<(i32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (found, rest) = text.split_at_checked(end)?;
    if found.is_empty() {
        return None;
    }
    let nine: String = found.chars().chain(std::iter::repeat('0')).take(9).collect();
    Some((nine.parse().ok()?, rest))
}

/// Nothing, `Z`, `+HH`, `+HHMM` or `+HH:MM`, in minutes.
fn zone_part(text: &str) -> Option<Option<i64>> {
    match text {
        "" => return Some(None),
        "Z" | "z" => return Some(Some(0)),
        _ => {}
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, rest) = digits(rest, 2)?;
    let minutes = match rest.strip_prefix(':').unwrap_or(rest) {
        "" if rest.is_empty() => 0,
        rest => {
            digits(rest, 2)
                .filter(|(minutes, rest)| *minutes < 60 && rest.is_empty())?
                .0
        }
    };
    let offset = hours * 60 + minutes;
    (offset <= MAX_OFFSET_MINUTES).then_some(Some(sign * offset))
}

fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let (found, rest) = text.split_at_checked(count)?;
    if !found.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((found.parse().ok()?, rest))
}

#[cfg(test)]
mod tests;
