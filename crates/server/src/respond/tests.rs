//! Envelopes, tags and empty answers.
use aedile_engine::{Json, Object};
use aedile_platform::items::Answer;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::{Reply, cacheable, conditional};
use crate::fixture::body;

fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
        .collect()
}

#[test]
fn data_is_passed_on_byte_by_byte() {
    let reply = Reply::answer(Answer::data(b"[{\"big\":123456789012345678901234567890}]".to_vec()));
    assert_eq!(body(&reply), b"{\"data\":[{\"big\":123456789012345678901234567890}]}");
    assert_eq!(reply.headers[header::CONTENT_TYPE], "application/json; charset=utf-8");
}

#[test]
fn counts_stand_beside_the_data() {
    let meta = Object::from_iter([("total_count".to_owned(), Json::from(5))]);
    let answer = Answer {
        data: Some(b"[]".to_vec()),
        meta: Some(meta),
    };
    let told: Json = serde_json::from_slice(body(&Reply::answer(answer))).unwrap();
    assert_eq!(told, serde_json::json!({"meta": {"total_count": 5}, "data": []}));
}

#[test]
fn nothing_to_say_is_204() {
    let reply = Reply::answer(Answer::default());
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
    assert!(body(&reply).is_empty() && !reply.headers.contains_key(header::CONTENT_TYPE));
}

#[test]
fn an_answer_the_client_holds_is_not_sent_again() {
    let first = conditional(&Method::GET, &HeaderMap::new(), Reply::text("hello"));
    let tag = first.headers[header::ETAG].to_str().unwrap().to_owned();
    assert!(tag.starts_with("W/\""));
    let held = headers(&[(header::IF_NONE_MATCH, &format!("\"other\", {tag}"))]);
    let again = conditional(&Method::GET, &held, Reply::text("hello"));
    assert_eq!((again.status, body(&again).len()), (StatusCode::NOT_MODIFIED, 0));
    let changed = conditional(&Method::GET, &held, Reply::text("hallo"));
    assert_eq!((changed.status, body(&changed).len()), (StatusCode::OK, 5));
    let insisting = headers(&[
        (header::IF_NONE_MATCH, tag.as_str()),
        (header::CACHE_CONTROL, "no-cache"),
    ]);
    assert_eq!(
        conditional(&Method::GET, &insisting, Reply::text("hello")).status,
        StatusCode::OK
    );
}

#[test]
fn only_successful_reads_are_tagged() {
    let written = conditional(&Method::POST, &HeaderMap::new(), Reply::text("x"));
    let refused = conditional(
        &Method::GET,
        &HeaderMap::new(),
        Reply::json(StatusCode::FORBIDDEN, "{}"),
    );
    assert!(!written.headers.contains_key(header::ETAG) && !refused.headers.contains_key(header::ETAG));
}

#[test]
fn what_an_answer_says_of_caching_stands() {
    let mut own = Reply::text("x").with(header::CACHE_CONTROL, HeaderValue::from_static("private"));
    cacheable(&mut own);
    assert_eq!(own.headers[header::CACHE_CONTROL], "private");
    let mut other = Reply::text("x");
    cacheable(&mut other);
    assert_eq!(other.headers[header::CACHE_CONTROL], "no-cache");
    assert_eq!(other.headers[header::VARY], "Origin, Cache-Control");
}
