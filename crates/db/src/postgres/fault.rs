//! What PostgreSQL's failures mean to callers. Its details hold values: of them nothing but names of tables and columns is
//! told.

use aedile_engine::{Code, Error, Json};
use tokio_postgres::{
    Error as Cause,
    error::{DbError, SqlState},
};

use crate::fault::{lost, missing, out_of_time, unavailable};

/// A failed statement.
pub(super) struct Failure {
    pub(super) error: Error,
    /// The schema has changed since it was prepared: prepared again, it may well run.
    pub(super) stale: bool,
    /// It was cancelled, or ran longer than it may.
    pub(super) cancelled: bool,
    /// It and another waited for each other, and it was given up: alone, it may well run.
    pub(super) crossed: bool,
}

impl Failure {
    pub(super) fn of(cause: &Cause) -> Failure {
        let stale = cause.as_db_error().is_some_and(|db| {
            *db.code() == SqlState::FEATURE_NOT_SUPPORTED && db.message().contains("cached plan")
                || *db.code() == SqlState::INVALID_SQL_STATEMENT_NAME
        });
        Failure {
            error: fault(cause),
            stale,
            cancelled: cause.code() == Some(&SqlState::QUERY_CANCELED),
            crossed: cause.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure {
            error,
            stale: false,
            cancelled: false,
            crossed: false,
        }
    }
}

/// The project's error for a failure of PostgreSQL.
pub(super) fn fault(cause: &Cause) -> Error {
    match cause.as_db_error() {
        Some(db) => coded(db),
        None if cause.is_closed() => unavailable(&cause.to_string()),
        None => match std::error::Error::source(cause) {
            Some(source) => unavailable(&format!("{cause}: {source}")),
            None => unavailable(&cause.to_string()),
        },
    }
}

fn coded(db: &DbError) -> Error {
    let code = db.code();
    match code.code() {
        "23505" => constraint(Code::RecordNotUnique, db),
        "23502" => Error::constraint(
            Code::NotNullViolation,
            db.table().unwrap_or_default(),
            db.column(),
            Json::Null,
        ),
        "23503" => constraint(Code::InvalidForeignKey, db),
        "23514" | "23P01" => Error::invalid_payload("a value breaks a check of its table"),
        "22001" => Error::constraint(Code::ValueTooLong, "", None, Json::Null),
        "22003" => Error::constraint(Code::ValueOutOfRange, "", None, Json::Null),
        "22P02" | "22P03" | "22007" | "22008" | "22021" | "22023" | "22032" | "22P05" | "42804" => {
            Error::invalid_payload("a value has the wrong type for its column")
        }
        "57014" => out_of_time(),
        "40001" | "40P01" | "25P02" => lost(),
        "42P01" | "42703" => missing(db.message()),
        "42704" if db.message().contains("\"geometry\"") => {
            Error::invalid_payload("geometry fields need the extension PostGIS (\"create extension postgis\")")
        }
        "54000" | "54001" | "54011" | "54023" => {
            Error::invalid_query("the query is larger than the database takes in one statement")
        }
        "P0001" => Error::invalid_payload("a trigger of the table refuses the change"),
        "25006" | "42501" => unavailable(db.message()),
        other
            if ["08", "28", "3D", "53", "55", "57", "58", "F0", "XX"]
                .iter()
                .any(|class| other.starts_with(class)) =>
        {
            unavailable(&format!("{} ({other})", db.message()))
        }
        other => Error::internal(format!("database: {} ({other})", db.message())),
    }
}

/// A broken constraint, by table and column. Of a foreign key the pointing side names its own column, and the other side
/// is not told of: PostgreSQL names both tables and the key where rows still point at what should go.
fn constraint(code: Code, db: &DbError) -> Error {
    let table = db.table().unwrap_or_default();
    let columns = db.detail().and_then(columns);
    let pointed_at = code == Code::InvalidForeignKey && db.message().matches('"').count() >= 2 * POINTED_AT_NAMES;
    let column = columns.filter(|column| !pointed_at && !column.contains(", "));
    if code == Code::InvalidForeignKey && column.is_none() {
        return Error::constraint(code, "", None, Json::Null);
    }
    Error::constraint(code, table, column.as_deref(), Json::Null)
}

/// Names in the message of a foreign key that broke on the side that is pointed at.
const POINTED_AT_NAMES: usize = 3;

/// The columns of `Key (a, b)=(1, 2) ..`, whatever the language around them.
fn columns(detail: &str) -> Option<String> {
    let (_, rest) = detail.split_once('(')?;
    let (columns, _) = rest.split_once(")=(")?;
    Some(columns.trim_matches('"').to_owned())
}
