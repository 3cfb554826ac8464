//! Errors on the wire: the one place where a code gets its HTTP status and a fault its JSON.
//! Must never send the message of a defect of ours: that one is for the log.

use aedile_engine::{Code, Error, Json, Object};
use axum::http::StatusCode;

use crate::respond::Reply;

/// What callers are told of a defect of ours.
const UNEXPECTED: &str = "An unexpected error occurred.";

/// The HTTP status of a code.
pub fn status(code: Code) -> StatusCode {
    match code {
        Code::ContainsNullValues
        | Code::FailedValidation
        | Code::InvalidForeignKey
        | Code::InvalidPayload
        | Code::InvalidQuery
        | Code::NotNullViolation
        | Code::RecordNotUnique
        | Code::ValueOutOfRange
        | Code::ValueTooLong => StatusCode::BAD_REQUEST,
        Code::InvalidCredentials | Code::InvalidIp | Code::InvalidOtp | Code::TokenExpired | Code::UserSuspended => {
            StatusCode::UNAUTHORIZED
        }
        Code::Forbidden | Code::Gone | Code::InvalidProvider | Code::InvalidToken | Code::LimitExceeded => {
            StatusCode::FORBIDDEN
        }
        Code::RouteNotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::OutOfTime => StatusCode::REQUEST_TIMEOUT,
        Code::ContentTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::UnprocessableContent => StatusCode::UNPROCESSABLE_ENTITY,
        Code::RequestsExceeded => StatusCode::TOO_MANY_REQUESTS,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The answer to a refused request. Defects of ours are logged in full and told in general.
pub fn reply(error: &Error) -> Reply {
    let faults: Vec<Json> = error
        .faults()
        .iter()
        .map(|fault| {
            let (message, mut extensions) = match fault.code {
                Code::Internal => {
                    tracing::error!(extensions = %Json::Object(fault.extensions.clone()), "{}", fault.message);
                    (UNEXPECTED, Object::new())
                }
                _ => (fault.message.as_str(), fault.extensions.clone()),
            };
            extensions.insert("code".to_owned(), fault.code.as_str().into());
            let mut told = Object::new();
            told.insert("message".to_owned(), message.into());
            told.insert("extensions".to_owned(), extensions.into());
            Json::Object(told)
        })
        .collect();
    let mut body = Object::new();
    body.insert("errors".to_owned(), faults.into());
    Reply::json(common_status(error), Json::Object(body).to_string())
}

/// The status of all faults, or 500 when they differ.
fn common_status(error: &Error) -> StatusCode {
    let mut all = error.faults().iter().map(|fault| status(fault.code));
    let first = all.next().unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if all.all(|other| other == first) {
        first
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    }
}

/// No such path, or not with this method. `path` is told without its query.
pub fn route_not_found(path: &str) -> Error {
    Error::new(
        Code::RouteNotFound,
        format!("Nothing is served at {path} with this method."),
    )
    .with("path", path)
}

#[cfg(test)]
mod tests;
