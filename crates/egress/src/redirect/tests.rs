//! What a redirect takes along.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::next;
use crate::{Error, Request, Result};

fn request(method: Method) -> Request {
    let mut request = Request::new(method.clone(), "https://one.example/a/b?c").unwrap();
    for (name, value) in [
        ("authorization", "secret"),
        ("cookie", "secret"),
        ("x-api-key", "secret"),
        ("accept", "text/plain"),
        ("content-type", "text/plain"),
    ] {
        request.headers.insert(name, HeaderValue::from_static(value));
    }
    if method == Method::POST {
        request.body = Bytes::from_static(b"secret");
    }
    request
}

fn led(from: &Request, status: u16, to: &str) -> Result<Option<Request>> {
    let mut headers = HeaderMap::new();
    headers.insert("location", HeaderValue::from_bytes(to.as_bytes()).unwrap());
    next(from, StatusCode::from_u16(status).unwrap(), &headers)
}

#[test]
fn only_redirects_lead_on() {
    let from = request(Method::GET);
    for status in [200, 201, 300, 304, 305, 306, 404] {
        assert!(led(&from, status, "/x").unwrap().is_none(), "{status}");
    }
    assert!(next(&from, StatusCode::FOUND, &HeaderMap::new()).unwrap().is_none());
    for (to, url) in [
        ("/x", "https://one.example/x"),
        ("x", "https://one.example/a/x"),
        ("?x", "https://one.example/a/b?x"),
        ("//two.example/x", "https://two.example/x"),
        ("https://two.example", "https://two.example/"),
    ] {
        let to = led(&from, 302, to).unwrap().unwrap();
        assert_eq!(to.url.as_str(), url);
    }
}

#[test]
fn another_origin_learns_nothing() {
    for to in [
        "https://two.example/",
        "https://one.example:8443/",
        "https://sub.one.example/",
    ] {
        let there = led(&request(Method::GET), 302, to).unwrap().unwrap();
        let names: Vec<&str> = there.headers.keys().map(|name| name.as_str()).collect();
        assert_eq!(names, ["accept"], "{to}");
    }
    let here = led(&request(Method::GET), 302, "/x").unwrap().unwrap();
    assert!(here.headers.contains_key("authorization"));
}

#[test]
fn a_body_stays_where_it_was_sent() {
    let from = request(Method::POST);
    let here = led(&from, 307, "/x").unwrap().unwrap();
    assert_eq!((here.method, here.body), (Method::POST, Bytes::from_static(b"secret")));
    for status in [301, 302, 303] {
        let to = led(&from, status, "https://two.example/").unwrap().unwrap();
        assert_eq!((to.method, to.body), (Method::GET, Bytes::new()), "{status}");
    }
    for status in [307, 308] {
        assert!(matches!(
            led(&from, status, "https://two.example/"),
            Err(Error::Redirect(_))
        ));
    }
}

#[test]
fn some_places_are_not_gone_to() {
    for to in [
        "http://one.example/",
        "ftp://one.example/",
        "https://user@one.example/",
        "file:///etc/passwd",
        "https://[::1",
        "\\\\two.example",
        "/a b",
    ] {
        assert!(led(&request(Method::GET), 302, to).is_err(), "{to}");
    }
}
