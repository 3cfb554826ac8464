//! Errors as they leave.
use aedile_engine::{Code, Error, Json};
use axum::http::StatusCode;

use super::{reply, route_not_found, status};

fn told(error: &Error) -> Json {
    serde_json::from_slice(crate::fixture::body(&reply(error))).unwrap()
}

#[test]
fn a_refusal_is_told_with_code_message_and_facts() {
    let error = Error::forbidden_field("secret", "articles");
    let body = told(&error);
    assert_eq!(reply(&error).status, StatusCode::FORBIDDEN);
    assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert!(body["errors"][0]["message"].as_str().unwrap().contains("secret"));
    assert!(body["errors"][0]["extensions"]["reason"].is_string());
}

#[test]
fn a_defect_tells_nothing_of_itself() {
    let error = Error::internal("select * from secrets failed").with("sql", "select 1");
    let text = told(&error).to_string();
    assert_eq!(reply(&error).status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text.contains("INTERNAL_SERVER_ERROR"));
    assert!(!text.contains("select"), "{text}");
}

#[test]
fn several_faults_share_their_status_or_none() {
    let mut faults = Error::invalid_payload("one").into_faults();
    faults.extend(Error::validation("name", &[], "eq").into_faults());
    assert_eq!(reply(&Error::all(faults.clone())).status, StatusCode::BAD_REQUEST);
    faults.extend(Error::forbidden().into_faults());
    let mixed = Error::all(faults);
    assert_eq!(reply(&mixed).status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(told(&mixed)["errors"].as_array().unwrap().len(), 3);
}

#[test]
fn statuses_are_as_documented() {
    for (code, expected) in [
        (Code::InvalidOtp, 401),
        (Code::TokenExpired, 401),
        (Code::InvalidToken, 403),
        (Code::MethodNotAllowed, 405),
        (Code::OutOfTime, 408),
        (Code::ContentTooLarge, 413),
        (Code::UnprocessableContent, 422),
        (Code::RequestsExceeded, 429),
        (Code::ServiceUnavailable, 503),
    ] {
        assert_eq!(status(code).as_u16(), expected, "{}", code.as_str());
    }
}

#[test]
fn an_unknown_route_names_its_path() {
    assert_eq!(
        told(&route_not_found("/nowhere"))["errors"][0]["extensions"]["path"],
        "/nowhere"
    );
}
