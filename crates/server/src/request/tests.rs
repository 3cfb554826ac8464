//! Bodies and queries as requests bring them.
use aedile_engine::{Code, Json, Result};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
};

use super::read_body;

/// Longer than anything here takes.
const TIME: std::time::Duration = std::time::Duration::from_secs(10);

async fn read(content_type: &str, body: &'static str) -> Result<Option<Json>> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(content_type).unwrap());
    read_body(&headers, Body::from(body), 64, TIME).await
}

fn refused(read: Result<Option<Json>>) {
    assert_eq!(read.unwrap_err().code(), Code::InvalidPayload);
}

#[tokio::test]
async fn objects_and_lists_are_read() {
    assert_eq!(
        read("application/json", "{\"a\":1}").await.unwrap(),
        Some(serde_json::json!({"a": 1}))
    );
    assert_eq!(
        read("APPLICATION/JSON; Charset=\"UTF-8\"", "[]").await.unwrap(),
        Some(serde_json::json!([]))
    );
    assert_eq!(
        read("application/json", "{\"a\":1,\"a\":2}").await.unwrap(),
        Some(serde_json::json!({"a": 2}))
    );
}

#[tokio::test]
async fn nothing_and_other_types_are_no_body() {
    assert_eq!(read("application/json", "").await.unwrap(), None);
    for other in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/vnd.api+json",
    ] {
        assert_eq!(read(other, "{\"a\":1}").await.unwrap(), None, "{other}");
    }
    assert_eq!(
        read_body(&HeaderMap::new(), Body::from("{"), 64, TIME).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn what_is_no_object_is_refused() {
    for body in [
        "{",
        "[1,2",
        "{'a':1}",
        "{\"a\":1,}",
        "null",
        "5",
        "\"text\"",
        "true",
        " ",
        "{} {}",
    ] {
        refused(read("application/json", body).await);
    }
    refused(read("application/json; charset=utf-16", "{}").await);
}

#[tokio::test]
async fn encodings_that_are_not_known_are_refused() {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    refused(read_body(&headers, Body::from("{}"), 64, TIME).await);
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    assert!(read_body(&headers, Body::from("{}"), 64, TIME).await.is_ok());
}

#[tokio::test]
async fn the_limit_holds_whatever_the_length_says() {
    let long = "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26]";
    refused(read("application/json", long).await);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("65"));
    refused(read_body(&headers, Body::from("{}"), 64, TIME).await);
}

#[tokio::test]
async fn nesting_is_bounded() {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    refused(read_body(&headers, Body::from("[".repeat(10_000)), 1 << 20, TIME).await);
}
