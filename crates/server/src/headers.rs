//! Headers that tell browsers what they must not do with an answer, whatever it is. Must never be looser for one answer
//! because of what another one needs.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

#[cfg(test)]
mod tests;

/// What no route says more of, data and files of users alike, is nothing that runs, loads or is framed, even if a browser
/// takes it for a page. Pages of ours bring a policy of their own.
const OF_DATA: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
);

/// A year, as preload lists ask for at least.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Sets them. With `hsts`, browsers come back over HTTPS alone.
pub fn protect(headers: &mut HeaderMap, hsts: bool) {
    let is_page = headers.contains_key(header::CONTENT_SECURITY_POLICY);
    let frames = if is_page { "SAMEORIGIN" } else { "DENY" };
    let mut keep = |name: HeaderName, value| {
        headers.entry(name).or_insert(value);
    };
    keep(header::CONTENT_SECURITY_POLICY, OF_DATA);
    // Addresses hold tokens of links.
    keep(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Some pages let nobody hold on to them at all.
    keep(OPENER_POLICY, HeaderValue::from_static("same-origin-allow-popups"));
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::X_FRAME_OPTIONS, frames);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if hsts {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}
