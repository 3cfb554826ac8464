//! Which origins are answered, and with what.
use aedile_platform::config::{self, Origin, Origins};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

use super::Cors;

fn cors(origin: Origins) -> Option<Cors> {
    Cors::new(&config::Cors {
        enabled: true,
        origin,
        ..config::Cors::default()
    })
}

fn asked(cors: &Cors, origin: Option<&'static str>) -> HeaderMap {
    let mut request = HeaderMap::new();
    if let Some(origin) = origin {
        request.insert(header::ORIGIN, HeaderValue::from_static(origin));
    }
    let mut answer = HeaderMap::new();
    cors.apply(&request, &mut answer);
    answer
}

fn allowed(cors: &Cors, origin: &'static str) -> Option<HeaderValue> {
    asked(cors, Some(origin))
        .get(header::ACCESS_CONTROL_ALLOW_ORIGIN)
        .cloned()
}

#[test]
fn without_an_origin_to_let_in_nothing_is_sent() {
    assert!(cors(Origins::None).is_none());
    assert!(Cors::new(&config::Cors::default()).is_none());
}

#[test]
fn any_origin_is_repeated() {
    let cors = cors(Origins::Reflect).unwrap();
    let answer = asked(&cors, Some("https://app.example.com"));
    assert_eq!(answer[header::ACCESS_CONTROL_ALLOW_ORIGIN], "https://app.example.com");
    assert_eq!(answer[header::ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
    assert_eq!(answer[header::ACCESS_CONTROL_EXPOSE_HEADERS], "Content-Range");
    assert_eq!(answer[header::VARY], "Origin");
    assert!(!asked(&cors, None).contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
}

#[test]
fn a_list_lets_in_its_members_and_no_likeness_of_them() {
    let list = vec![
        Origin::Exact("https://app.example.com".into()),
        Origin::Pattern(r"^https://[a-z]+\.example\.org$".into()),
    ];
    let cors = cors(Origins::List(list)).unwrap();
    assert!(allowed(&cors, "https://app.example.com").is_some());
    assert!(allowed(&cors, "https://two.example.org").is_some());
    for other in [
        "https://app.example.com.evil.com",
        "http://app.example.com",
        "https://APP.example.com",
        "https://example.org",
        "null",
    ] {
        assert!(allowed(&cors, other).is_none(), "{other}");
    }
}

#[test]
fn a_star_is_the_same_for_everybody() {
    let cors = cors(Origins::Fixed("*".into())).unwrap();
    let answer = asked(&cors, None);
    assert_eq!(answer[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert!(!answer.contains_key(header::VARY));
}

#[test]
fn a_preflight_tells_methods_and_headers() {
    let mut request = HeaderMap::new();
    request.insert(header::ORIGIN, HeaderValue::from_static("https://app.example.com"));
    let reply = cors(Origins::Reflect).unwrap().preflight(&request);
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
    assert_eq!(
        reply.headers[header::ACCESS_CONTROL_ALLOW_METHODS],
        "GET,POST,PATCH,DELETE"
    );
    assert_eq!(
        reply.headers[header::ACCESS_CONTROL_ALLOW_HEADERS],
        "Content-Type,Authorization"
    );
    assert_eq!(reply.headers[header::ACCESS_CONTROL_MAX_AGE], "18000");
}

#[test]
fn an_answer_that_varies_by_more_keeps_saying_so() {
    let mut answer = HeaderMap::new();
    answer.insert(header::VARY, HeaderValue::from_static("Origin, Cache-Control"));
    cors(Origins::Reflect).unwrap().apply(&HeaderMap::new(), &mut answer);
    assert_eq!(answer[header::VARY], "Origin, Cache-Control");
}
