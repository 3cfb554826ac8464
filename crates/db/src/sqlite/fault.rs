//! What SQLite's failures mean to callers. Its messages name tables and columns but hold no bound value; still,
//! nothing of them but those names is told to callers.

use aedile_engine::{Code, Error, Json};
use rusqlite::{Error as Failure, ffi};

use crate::fault::{missing, out_of_time, unavailable};

/// The project's error for a failure of SQLite.
pub(super) fn fault(failure: Failure) -> Error {
    match failure {
        Failure::SqliteFailure(error, message) => coded(error, message.as_deref().unwrap_or_default()),
        Failure::SqlInputError { error, msg, .. } => coded(error, &msg),
        other => Error::internal(format!("database: {other}")),
    }
}

fn coded(error: ffi::Error, message: &str) -> Error {
    use ffi::ErrorCode as E;
    match error.code {
        E::ConstraintViolation => constraint(error.extended_code, message),
        E::TypeMismatch => Error::invalid_payload("a value has the wrong type for its column"),
        E::TooBig => Error::new(Code::ContentTooLarge, "A value is larger than the database takes."),
        E::OperationInterrupted => out_of_time(),
        E::DatabaseBusy
        | E::DatabaseLocked
        | E::DiskFull
        | E::SystemIoFailure
        | E::CannotOpen
        | E::ReadOnly
        | E::NotADatabase
        | E::DatabaseCorrupt
        | E::FileLockingProtocolFailed
        | E::PermissionDenied
        | E::OutOfMemory => unavailable(&format!("{message} ({})", error.extended_code)),
        // `sum()` says so of numbers that callers chose.
        _ if message == "integer overflow" => Error::new(Code::ValueOutOfRange, "A sum is out of range."),
        _ if GONE.iter().any(|part| message.contains(part)) => missing(message),
        _ if OVERSIZED.iter().any(|part| message.contains(part)) => {
            Error::invalid_query("the query is larger than the database takes in one statement")
        }
        _ => Error::internal(format!("database: {message} ({})", error.extended_code)),
    }
}

/// What SQLite says where a table or column has gone since the statement's snapshot.
const GONE: [&str; 2] = ["no such table", "no such column"];

/// What SQLite says of statements beyond its own limits. Our limits come first; these are for what they let through.
const OVERSIZED: [&str; 5] = [
    "nested too deep",
    "tree is too large",
    "too many SQL variables",
    "parser stack overflow",
    "too many columns",
];

/// A reference to what is not there, or from what stays.
pub(super) fn foreign_key() -> Error {
    Error::constraint(Code::InvalidForeignKey, "", None, Json::Null)
}

fn constraint(extended: i32, message: &str) -> Error {
    match extended {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            let (table, column) = place(message);
            Error::constraint(Code::RecordNotUnique, table, column, Json::Null)
        }
        ffi::SQLITE_CONSTRAINT_NOTNULL => {
            let (table, column) = place(message);
            Error::constraint(Code::NotNullViolation, table, column, Json::Null)
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => foreign_key(),
        ffi::SQLITE_CONSTRAINT_CHECK => Error::invalid_payload("a value breaks a check of its table"),
        ffi::SQLITE_CONSTRAINT_DATATYPE => Error::invalid_payload("a value has the wrong type for its column"),
        ffi::SQLITE_CONSTRAINT_TRIGGER => Error::invalid_payload("a trigger of the table refuses the change"),
        _ => Error::internal(format!("database: {message} ({extended})")),
    }
}

/// Table and column of `UNIQUE constraint failed: t.c`; no column when several are concerned or only an index is named.
fn place(message: &str) -> (&str, Option<&str>) {
    let Some((_, places)) = message.split_once(": ") else {
        return ("", None);
    };
    match places.split_once('.') {
        Some((table, column)) if !column.contains(", ") => (table, Some(column)),
        Some((table, _)) => (table, None),
        None => ("", None),
    }
}
