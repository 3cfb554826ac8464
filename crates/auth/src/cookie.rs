//! Cookies: found among those that came, set, and taken back. All are `HttpOnly`: no script ever reads one.

use std::time::Duration;

use aedile_platform::config::Cookie;
use jiff::Timestamp;

#[cfg(test)]
mod tests;

/// The form of dates in headers.
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// The value of a cookie in a `Cookie` header; of several of that name the first.
#[must_use]
pub fn find<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').find_map(|pair| {
        let (own, value) = pair.trim().split_once('=')?;
        (own == name).then(|| value.trim_matches('"'))
    })
}

/// A `Set-Cookie` header that sets a cookie at `now` (milliseconds since 1970) for so long.
#[must_use]
pub fn set(cookie: &Cookie, value: &str, lifetime: Duration, now: i64) -> String {
    let end = now.saturating_add(i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX));
    written(cookie, value, lifetime.as_secs(), end)
}

/// A `Set-Cookie` header that takes a cookie back.
#[must_use]
pub fn clear(cookie: &Cookie) -> String {
    written(cookie, "", 0, 0)
}

fn written(cookie: &Cookie, value: &str, seconds: u64, end: i64) -> String {
    let mut text = format!("{}={value}; Max-Age={seconds}", cookie.name);
    if let Some(domain) = &cookie.domain {
        text.push_str("; Domain=");
        text.push_str(domain);
    }
    text.push_str("; Path=/");
    if let Ok(end) = Timestamp::from_millisecond(end) {
        text.push_str(&format!("; Expires={}", end.strftime(HTTP_DATE)));
    }
    text.push_str("; HttpOnly");
    if cookie.secure {
        text.push_str("; Secure");
    }
    text.push_str("; SameSite=");
    text.push_str(cookie.same_site.as_str());
    text
}
