//! Forms: whole, broken, too large, and none at all.

use aedile_engine::Code;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
};

use super::Form;

fn headers(content_type: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(content_type))])
}

fn form(body: &str, most: usize) -> Form {
    let body = Body::from(body.replace('\n', "\r\n"));
    Form::of(&headers("multipart/form-data; boundary=X"), body, most).unwrap()
}

const WHOLE: &str = "--X\nContent-Disposition: form-data; name=\"a\"\n\nb\n--X\nContent-Disposition: form-data; name=\"file\"; \
                     filename=\"f\"\nContent-Type: Text/CSV; charset=utf-8\n\nname\none\n--X--\n";

#[tokio::test]
async fn a_file_is_found_among_fields() {
    let mut form = form(WHOLE, 100);
    let mut file = form.next_file().await.unwrap().unwrap();
    assert_eq!(file.media_type, "text/csv");
    let mut bytes = Vec::new();
    while let Some(chunk) = file.chunk().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    assert_eq!(bytes, b"name\r\none");
    drop(file);
    assert!(form.next_file().await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    for content_type in ["", "application/json", "multipart/form-data"] {
        let Err(error) = Form::of(&headers(content_type), Body::empty(), 1) else {
            panic!("{content_type}")
        };
        assert_eq!(error.code(), Code::UnsupportedMediaType);
        assert_eq!(error.faults()[0].extensions["where"], "Content-Type header");
    }
    let (no_boundary, cut) = ("nothing of the sort", WHOLE.split_at(80).0);
    for body in ["", no_boundary, cut] {
        let Err(error) = form(body, 100).next_file().await else {
            panic!("{body}")
        };
        assert_eq!(error.code(), Code::InvalidPayload, "{body}");
    }
    let large = WHOLE.replace("one", &"x".repeat(200_000));
    let mut form = form(&large, 100);
    let failed = async {
        let mut file = form.next_file().await?.unwrap();
        while file.chunk().await?.is_some() {}
        Ok::<_, aedile_engine::Error>(())
    };
    assert_eq!(failed.await.unwrap_err().code(), Code::ContentTooLarge);
}
