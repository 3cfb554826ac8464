//! What browsers are told of pages, and of all else.
use super::*;

fn told(content_type: Option<&'static str>, hsts: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(kind) = content_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    protect(&mut headers, hsts);
    headers
}

#[test]
fn data_and_files_are_nothing_that_runs() {
    for kind in [
        None,
        Some("application/json"),
        Some("image/svg+xml"),
        Some("text/plain"),
    ] {
        let headers = told(kind, false);
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && policy.ends_with("sandbox"),
            "{kind:?}"
        );
        assert_eq!(headers[header::X_FRAME_OPTIONS], "DENY", "{kind:?}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
        assert_eq!(headers[OPENER_POLICY], "same-origin-allow-popups");
    }
}

#[test]
fn a_page_of_ours_keeps_its_own_policy() {
    let mut headers = HeaderMap::new();
    let own = HeaderValue::from_static("default-src 'self'; frame-ancestors 'self'");
    headers.insert(header::CONTENT_SECURITY_POLICY, own.clone());
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    protect(&mut headers, false);
    assert_eq!(headers[header::CONTENT_SECURITY_POLICY], own);
    assert_eq!(headers[header::REFERRER_POLICY], "same-origin");
    assert_eq!(headers[header::X_FRAME_OPTIONS], "SAMEORIGIN");
}

#[test]
fn https_is_for_good_where_the_operator_has_it() {
    assert!(told(None, false).get(header::STRICT_TRANSPORT_SECURITY).is_none());
    assert_eq!(told(None, true)[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
}
