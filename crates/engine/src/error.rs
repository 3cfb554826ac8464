//! The one error type of the project: a documented code, a sentence for people, and facts for programs.
//! It must never carry a value the caller may not read, nor a secret.

use std::fmt;

use crate::{Json, Object};

/// What every fallible function of the project returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The documented error codes of the API. The HTTP status of each is decided in the server, nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the wire codes and say what they mean")]
pub enum Code {
    ContainsNullValues,
    ContentTooLarge,
    FailedValidation,
    Forbidden,
    /// As [`Code::Forbidden`], and told as it: what a statement looked for has gone since its request began. A read that is
    /// asked again sees the project as it is now.
    Gone,
    Internal,
    InvalidCredentials,
    InvalidForeignKey,
    InvalidIp,
    InvalidOtp,
    InvalidPayload,
    InvalidProvider,
    InvalidQuery,
    InvalidToken,
    LimitExceeded,
    MethodNotAllowed,
    NotNullViolation,
    OutOfTime,
    RecordNotUnique,
    RequestsExceeded,
    RouteNotFound,
    ServiceUnavailable,
    TokenExpired,
    UnprocessableContent,
    UnsupportedMediaType,
    UserSuspended,
    ValueOutOfRange,
    ValueTooLong,
}

impl Code {
    /// The code as it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::ContainsNullValues => "CONTAINS_NULL_VALUES",
            Code::ContentTooLarge => "CONTENT_TOO_LARGE",
            Code::FailedValidation => "FAILED_VALIDATION",
            Code::Forbidden | Code::Gone => "FORBIDDEN",
            Code::Internal => "INTERNAL_SERVER_ERROR",
            Code::InvalidCredentials => "INVALID_CREDENTIALS",
            Code::InvalidForeignKey => "INVALID_FOREIGN_KEY",
            Code::InvalidIp => "INVALID_IP",
            Code::InvalidOtp => "INVALID_OTP",
            Code::InvalidPayload => "INVALID_PAYLOAD",
            Code::InvalidProvider => "INVALID_PROVIDER",
            Code::InvalidQuery => "INVALID_QUERY",
            Code::InvalidToken => "INVALID_TOKEN",
            Code::LimitExceeded => "LIMIT_EXCEEDED",
            Code::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Code::NotNullViolation => "NOT_NULL_VIOLATION",
            Code::OutOfTime => "OUT_OF_TIME",
            Code::RecordNotUnique => "RECORD_NOT_UNIQUE",
            Code::RequestsExceeded => "REQUESTS_EXCEEDED",
            Code::RouteNotFound => "ROUTE_NOT_FOUND",
            Code::ServiceUnavailable => "SERVICE_UNAVAILABLE",
            Code::TokenExpired => "TOKEN_EXPIRED",
            Code::UnprocessableContent => "UNPROCESSABLE_CONTENT",
            Code::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Code::UserSuspended => "USER_SUSPENDED",
            Code::ValueOutOfRange => "VALUE_OUT_OF_RANGE",
            Code::ValueTooLong => "VALUE_TOO_LONG",
        }
    }
}

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The documented code.
    pub code: Code,
    /// A sentence for people.
    pub message: String,
    /// Facts for programs, told beside the code (`field`, `reason`, ...).
    pub extensions: Object,
}

/// Why something was refused: one fault, or (validation) several that are told together.
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Vec<Fault>);

impl Fault {
    /// Why, to stand in another sentence: without the title that requests are answered with.
    fn reason(&self) -> &str {
        let reason = self.extensions.get("reason").and_then(Json::as_str);
        reason.unwrap_or(&self.message).trim_end_matches('.')
    }
}

impl Error {
    /// An error with a code and a sentence, and no further facts.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Error(vec![Fault {
            code,
            message: message.into(),
            extensions: Object::new(),
        }])
    }

    /// Several faults at once; an empty list is an internal error, since nothing was wrong.
    pub fn all(faults: Vec<Fault>) -> Self {
        if faults.is_empty() {
            return Error::internal("an error without a fault");
        }
        Error(faults)
    }

    /// Adds a fact to the first fault.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        if let Some(fault) = self.0.first_mut() {
            fault.extensions.insert(key.to_owned(), value.into());
        }
        self
    }

    /// Adds a sentence to the first fault.
    #[must_use]
    pub fn and_says(mut self, sentence: &str) -> Self {
        if let Some(fault) = self.0.first_mut() {
            fault.message.push(' ');
            fault.message.push_str(sentence);
        }
        self
    }

    /// The first fault's code.
    pub fn code(&self) -> Code {
        self.0.first().map_or(Code::Internal, |fault| fault.code)
    }

    /// Every fault, at least one.
    pub fn faults(&self) -> &[Fault] {
        &self.0
    }

    /// Why, to stand in another sentence: without the titles that requests are answered with.
    pub fn reason(&self) -> String {
        let reasons: Vec<&str> = self.0.iter().map(Fault::reason).collect();
        reasons.join("; ")
    }

    /// The faults, to be told together with others.
    pub fn into_faults(self) -> Vec<Fault> {
        self.0
    }

    fn reasoned(code: Code, title: &str, reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Error::new(code, format!("{title} {reason}.")).with("reason", reason)
    }

    /// What is missing and what is forbidden answer alike.
    pub fn forbidden() -> Self {
        Error::new(Code::Forbidden, "You don't have permission to access this.")
    }

    /// What has gone since the request began is missing, and told as such.
    pub fn gone() -> Self {
        Error::new(Code::Gone, "You don't have permission to access this.")
    }

    /// A collection that is missing or forbidden.
    pub fn forbidden_collection(collection: &str) -> Self {
        Error::reasoned(
            Code::Forbidden,
            "Access denied:",
            format!("the collection \"{collection}\" does not exist or may not be accessed"),
        )
    }

    /// A field that is missing or forbidden.
    pub fn forbidden_field(field: &str, collection: &str) -> Self {
        Error::reasoned(
            Code::Forbidden,
            "Access denied:",
            format!("the field \"{field}\" in collection \"{collection}\" does not exist or may not be accessed"),
        )
    }

    /// A malformed query; `reason` is a clause without a full stop.
    pub fn invalid_query(reason: impl Into<String>) -> Self {
        Error::reasoned(Code::InvalidQuery, "Invalid query:", reason)
    }

    /// A malformed body; `reason` is a clause without a full stop.
    pub fn invalid_payload(reason: impl Into<String>) -> Self {
        Error::reasoned(Code::InvalidPayload, "Invalid payload:", reason)
    }

    /// A change that the state of the project does not allow.
    pub fn unprocessable(reason: impl Into<String>) -> Self {
        Error::reasoned(Code::UnprocessableContent, "Can't process this:", reason)
    }

    /// A defect of ours. The message is for the log: the server answers without it.
    pub fn internal(message: impl Into<String>) -> Self {
        Error::new(Code::Internal, message)
    }

    /// One validation failure. `kind` is the failing operator without its underscore; `path` are the relation
    /// fields that lead from the payload's root to the failing item.
    pub fn validation(field: &str, path: &[String], kind: &str) -> Self {
        Error::new(
            Code::FailedValidation,
            format!("Validation failed for field \"{field}\" ({kind})."),
        )
        .with("field", field)
        .with("path", path.to_vec())
        .with("type", kind)
    }

    /// A database constraint that a value breaks (`RECORD_NOT_UNIQUE`, `INVALID_FOREIGN_KEY`, `VALUE_TOO_LONG` ...).
    pub fn constraint(code: Code, collection: &str, field: Option<&str>, value: Json) -> Self {
        let what = match code {
            Code::RecordNotUnique => "has to be unique",
            Code::InvalidForeignKey => "refers to something that does not exist or is still in use",
            Code::ValueTooLong => "is too long",
            Code::ValueOutOfRange => "is out of range",
            Code::ContainsNullValues => "holds empty values",
            _ => "is not valid",
        };
        let place = field.map_or_else(String::new, |field| format!(" for field \"{field}\""));
        Error::new(code, format!("Value{place} in collection \"{collection}\" {what}."))
            .with("collection", collection)
            .with("field", field.map_or(Json::Null, Json::from))
            .with("value", value)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&fault.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
