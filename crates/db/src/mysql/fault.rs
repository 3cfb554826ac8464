//! What MariaDB's failures mean to callers. Their messages hold values: of them nothing but names of tables
//! and columns is told.

use aedile_engine::{Code, Error, Json, schema::physical::GONE};
use mysql_async::{DriverError, Error as Cause, ServerError};

use crate::fault::{lost, missing, out_of_time, unavailable};

/// A failed statement.
pub(super) struct Failure {
    pub(super) error: Error,
    /// Others were in its way: alone, it may well run. Of a deadlock the whole transaction is undone.
    pub(super) crossed: bool,
    /// The database has answered: the connection is as good as before.
    pub(super) answered: bool,
    /// The connection has ended.
    pub(super) broken: bool,
    /// Of a way back: what it leads to is there already.
    pub(super) already: bool,
    /// There is nothing of this name to drop.
    pub(super) nothing: bool,
    /// The unique index that would hold a value twice; of which columns, the database has to be asked.
    pub(super) index: Option<Place>,
}

/// An index of a table.
pub(super) struct Place {
    pub(super) table: String,
    pub(super) index: String,
}

impl Failure {
    /// Of a statement with this text.
    pub(super) fn of(cause: &Cause, text: &str) -> Failure {
        let table = target(text).unwrap_or_default();
        let Cause::Server(server) = cause else {
            return Failure {
                broken: !matches!(cause, Cause::Driver(DriverError::StmtParamsMismatch { .. })),
                ..fault(cause).into()
            };
        };
        Failure {
            error: coded(server, &table),
            crossed: matches!(server.code, DEADLOCK | LOCK_WAIT),
            answered: !ENDED.contains(&server.code),
            broken: ENDED.contains(&server.code),
            already: ALREADY.contains(&server.code) || is_double_key(server),
            nothing: server.code == NOTHING,
            index: DOUBLES.contains(&server.code).then(|| Place {
                index: index_name(&server.message, &table).to_owned(),
                table,
            }),
        }
    }

    /// Of a connection that had ended before.
    pub(super) fn broken() -> Failure {
        Failure {
            broken: true,
            ..unavailable("a connection to the database had ended").into()
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure {
            error,
            crossed: false,
            answered: false,
            broken: false,
            already: false,
            nothing: false,
            index: None,
        }
    }
}

const LOCK_WAIT: u16 = 1205;
const DEADLOCK: u16 = 1213;
/// Codes that come with the end of the connection.
const ENDED: [u16; 3] = [1053, 1927, 4031];
const DOUBLES: [u16; 4] = [1022, 1062, 1169, 1586];
/// Of changes of tables: what is to go is not there, and the index that is to come is.
const ALREADY: [u16; 5] = [1051, 1054, 1061, NOTHING, 1146];
const NOTHING: u16 = 1091;

/// Codes of what is no fault of the statement: no connection, memory, disk, right or permission to write.
const UNAVAILABLE: [u16; 34] = [
    1021, 1023, 1026, 1030, 1033, 1034, 1037, 1038, 1040, 1041, 1042, 1043, 1044, 1045, 1047, 1049, 1077, 1080, 1114,
    1129, 1130, 1142, 1143, 1152, 1158, 1159, 1160, 1161, 1194, 1203, 1226, 1290, 1698, 1792,
];

/// The project's error for a failure of the database.
pub(super) fn fault(cause: &Cause) -> Error {
    match cause {
        Cause::Server(server) => coded(server, ""),
        Cause::Driver(DriverError::PacketTooLarge) => too_large(),
        Cause::Driver(DriverError::StmtParamsMismatch { .. }) => {
            Error::internal("a statement binds another number of values than it was given")
        }
        other => unavailable(&other.to_string()),
    }
}

/// The foreign key that is to come is there: of these it is told by a number within the message alone.
fn is_double_key(server: &ServerError) -> bool {
    server.code == 1005 && server.message.contains("errno: 121")
}

fn coded(server: &ServerError, table: &str) -> Error {
    let message = server.message.as_str();
    let of_column = |code| Error::constraint(code, table, quoted(message, '\'').next().as_deref(), Json::Null);
    match server.code {
        // A column is on its way out, and asks for a value until it is gone.
        1364 if message.contains(GONE) => lost(),
        code if DOUBLES.contains(&code) => Error::constraint(Code::RecordNotUnique, table, None, Json::Null),
        // Null, or nothing where there is no default.
        1048 | 1263 | 1364 => of_column(Code::NotNullViolation),
        // The row that is pointed at is not there, or still pointed at.
        1216 | 1452 => pointing(message),
        1217 | 1451 | 1701 | 3730 => Error::constraint(Code::InvalidForeignKey, "", None, Json::Null),
        1406 => of_column(Code::ValueTooLong),
        1264 => of_column(Code::ValueOutOfRange),
        1690 => Error::constraint(Code::ValueOutOfRange, "", None, Json::Null),
        3819 | 4025 => Error::invalid_payload("a value breaks a check of its table"),
        1265 | 1292 | 1366 | 1411 | 1416 | 3140 | 3141 | 3156 | 4038 | 4078 | 4079 => {
            Error::invalid_payload("a value has the wrong type for its column")
        }
        1644 => Error::invalid_payload("a trigger of the table refuses the change"),
        // The time is up, or somebody has ended the statement.
        1317 | 1969 | 3024 => out_of_time(),
        LOCK_WAIT | DEADLOCK | 1020 | 1637 => lost(),
        1051 | 1054 | 1109 | 1146 => missing(message),
        1059 | 1104 | 1116..=1119 | 1206 | 1390 | 1436 => {
            Error::invalid_query("the query is larger than the database takes in one statement")
        }
        1153 | 1162 | 1301 => too_large(),
        code if UNAVAILABLE.contains(&code) || ENDED.contains(&code) => unavailable(&format!("{message} ({code})")),
        code => Error::internal(format!("database: {message} ({code})")),
    }
}

fn too_large() -> Error {
    Error::new(Code::ContentTooLarge, "A value is larger than the database takes.")
}

/// `.. a foreign key constraint fails ("database"."table", CONSTRAINT "name" FOREIGN KEY ("column") REFERENCES ..`, names
/// quoted as in the session.
fn pointing(message: &str) -> Error {
    let quote = message.chars().find(|c| matches!(c, '"' | '`')).unwrap_or('"');
    let mut names = quoted(message, quote);
    let (_, table, _, column) = (names.next(), names.next(), names.next(), names.next());
    let (table, column) = match (table, column) {
        (Some(table), Some(column)) => (table, Some(column)),
        _ => (String::new(), None),
    };
    Error::constraint(Code::InvalidForeignKey, &table, column.as_deref(), Json::Null)
}

/// The index of `Duplicate entry '..' for key 'index'`, on MySQL behind its table. The entry may hold anything.
fn index_name<'m>(message: &'m str, table: &str) -> &'m str {
    let key = message.trim_end_matches('\'');
    let name = key.rsplit_once('\'').map_or("", |(_, last)| last);
    let alone = name.strip_prefix(table).and_then(|rest| rest.strip_prefix('.'));
    alone.unwrap_or(name)
}

/// The table that a statement writes to.
fn target(text: &str) -> Option<String> {
    const VERBS: [&str; 4] = ["insert into ", "update ", "delete from ", "replace into "];
    let rest = VERBS.iter().find_map(|verb| text.strip_prefix(verb))?;
    match rest.chars().next()? {
        quote @ ('`' | '"') => quoted(rest, quote).next(),
        _ => rest.split([' ', '(', ',']).next().map(str::to_owned),
    }
}

/// The texts between quotes, doubled ones inside standing for one.
fn quoted(message: &str, quote: char) -> impl Iterator<Item = String> {
    let mut rest = message;
    std::iter::from_fn(move || {
        let start = rest.find(quote)? + quote.len_utf8();
        let inside = rest.get(start..)?;
        let mut text = String::new();
        let mut chars = inside.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c != quote {
                text.push(c);
            } else if chars.next_if(|(_, next)| *next == quote).is_some() {
                text.push(quote);
            } else {
                rest = inside.get(at + quote.len_utf8()..)?;
                return Some(text);
            }
        }
        None
    })
}

#[cfg(test)]
mod tests;
