//! What failures mean to callers, whatever the database: sentences that tell nothing of values.

use aedile_engine::{Code, Error};

/// How errors of what is no longer there begin, until [`gone`] decides.
const GONE: &str = "no such table or column";

/// A table or column that is not there.
pub(crate) fn missing(message: &str) -> Error {
    Error::internal(format!("{GONE}: {message}"))
}

/// Of a data statement: what has gone since its request began is missing, and what is missing answers like what is
/// forbidden.
pub(crate) fn gone(error: Error) -> Error {
    let text = error.to_string();
    if error.code() == Code::Internal && text.starts_with(GONE) {
        tracing::warn!("a statement looked for what is no longer there: {text}");
        return Error::gone();
    }
    error
}

/// Of a statement that only reads: what does not fit is its question, there is no payload.
pub(crate) fn refused_read(error: Error) -> Error {
    match error.code() {
        Code::InvalidPayload => Error::invalid_query("a value does not fit what it is compared with"),
        Code::ValueOutOfRange => Error::new(Code::ValueOutOfRange, "A number is out of range."),
        _ => error,
    }
}

/// A database that cannot do its work; why, is for the log alone.
pub(crate) fn unavailable(reason: &str) -> Error {
    tracing::error!(reason, "the database failed");
    Error::new(Code::ServiceUnavailable, "The database is not available.")
}

/// A statement that ran longer than it may.
pub(crate) fn out_of_time() -> Error {
    Error::new(Code::OutOfTime, "The database took too long to answer.")
}

/// A transaction that the database gave up as a whole.
pub(crate) fn lost() -> Error {
    Error::new(
        Code::ServiceUnavailable,
        "The database gave the change up; nothing of it was kept.",
    )
}

/// A statement that would have to wait behind too many others.
pub(crate) fn overloaded() -> Error {
    Error::new(
        Code::ServiceUnavailable,
        "The database has more to do than it can take on.",
    )
}
