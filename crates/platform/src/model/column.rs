//! The `schema` part of a field, as callers say it, turned into a column.
//! What does not make sense for the field's type is refused here, before any table is touched.

use aedile_engine::{
    Error, Json, Object, Result,
    ddl::types,
    schema::{Column, Kind},
    sql::Dialect,
    value::time,
};
use jiff::{Timestamp, civil, tz::TimeZone};
use uuid::Uuid;

/// The longest text a `string` may be declared for; longer text is a `text`.
const LONGEST_STRING: u64 = 65_535;
/// The most digits a `decimal` may have: what every database takes.
const MOST_DIGITS: u64 = 65;

/// A column, and what stands beside it in the table.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) column: Column,
    /// Whether it shall be unique; none when nothing was said.
    pub(super) unique: Option<bool>,
    /// Whether an index shall lead by it; none when nothing was said.
    pub(super) indexed: Option<bool>,
    /// Whether it is the key of a new table.
    pub(super) key: bool,
    /// It is a big integer that SQLite counts by itself.
    pub(super) big_key: bool,
}

/// The column of a new field.
///
/// # Errors
/// `INVALID_PAYLOAD` for types without column, and parts that do not fit the type.
pub(super) fn new(dialect: Dialect, name: &str, kind: Kind, schema: &Object) -> Result<Wanted> {
    let column = types::column(dialect, name, kind)
        .ok_or_else(|| Error::invalid_payload(format!("a field of type \"{}\" has no column", kind.as_str())))?;
    let mut wanted = said(dialect, column, kind, schema)?;
    wanted.key = flag(schema, "is_primary_key")?.unwrap_or(false);
    let counted = flag(schema, "has_auto_increment")?.unwrap_or(false);
    if wanted.key {
        key(dialect, &mut wanted, kind, counted)?;
    } else if counted {
        return Err(Error::invalid_payload("only a primary key counts by itself"));
    }
    Ok(wanted)
}

/// The column that a field becomes; what is not said stays as it is.
///
/// # Errors
/// As [`new`]; also for what would touch the primary key.
pub(super) fn changed(dialect: Dialect, column: &Column, from: Kind, kind: Kind, schema: &Object) -> Result<Wanted> {
    if column.primary {
        return Err(Error::invalid_payload("a primary key cannot be changed"));
    }
    if flag(schema, "is_primary_key")? == Some(true) || flag(schema, "has_auto_increment")? == Some(true) {
        return Err(Error::invalid_payload(
            "only a new collection's field can be its primary key",
        ));
    }
    if column.generated {
        return Err(Error::invalid_payload("a computed column cannot be changed"));
    }
    if kind == from {
        return said(dialect, column.clone(), kind, schema);
    }
    let fresh = types::column(dialect, column.name.as_str(), kind)
        .ok_or_else(|| Error::invalid_payload("a field with a column cannot lose it; delete it instead"))?;
    let moment = matches!(kind, Kind::Date | Kind::Time | Kind::DateTime | Kind::Timestamp);
    let kept = column
        .default
        .as_ref()
        .and_then(|value| default(dialect, kind, value).ok());
    let base = Column {
        nullable: column.nullable,
        default: kept.and_then(|default| match default {
            Default::Constant(value) => Some(value),
            Default::Now => None,
        }),
        default_now: column.default_now && moment,
        ..fresh
    };
    said(dialect, base, kind, schema)
}

fn said(dialect: Dialect, mut column: Column, kind: Kind, schema: &Object) -> Result<Wanted> {
    if let Some(nullable) = flag(schema, "is_nullable")? {
        column.nullable = nullable;
    }
    if matches!(kind, Kind::String | Kind::Hash)
        && let Some(length) = number(schema, "max_length", 1, LONGEST_STRING)?
    {
        column.max_length = Some(length);
    }
    if kind == Kind::Decimal {
        let digits = number(schema, "numeric_precision", 1, MOST_DIGITS)?;
        let scale = number(schema, "numeric_scale", 0, MOST_DIGITS)?;
        column.precision = digits.or(column.precision);
        column.scale = scale.or(column.scale);
        if column.scale > column.precision {
            return Err(Error::invalid_payload(
                "\"numeric_scale\" is larger than \"numeric_precision\"",
            ));
        }
    }
    match schema.get("default_value") {
        None => {}
        Some(Json::Null) => (column.default, column.default_now) = (None, false),
        Some(value) => match default(dialect, kind, value)? {
            Default::Now => (column.default, column.default_now) = (None, true),
            Default::Constant(value) => (column.default, column.default_now) = (Some(value), false),
        },
    }
    Ok(Wanted {
        column,
        unique: flag(schema, "is_unique")?,
        indexed: flag(schema, "is_indexed")?,
        key: false,
        big_key: false,
    })
}

fn key(dialect: Dialect, wanted: &mut Wanted, kind: Kind, counted: bool) -> Result<()> {
    let column = &mut wanted.column;
    let whole = matches!(kind, Kind::Integer | Kind::BigInteger);
    if !whole && !matches!(kind, Kind::Uuid | Kind::String | Kind::Text) {
        return Err(Error::invalid_payload(format!(
            "a field of type \"{}\" cannot be a primary key",
            kind.as_str()
        )));
    }
    if counted && !whole {
        return Err(Error::invalid_payload("only whole numbers count by themselves"));
    }
    column.primary = true;
    column.nullable = false;
    column.auto_increment = counted;
    if whole && dialect == Dialect::Sqlite {
        // SQLite counts every key declared `integer`, and no other.
        let declared = match (counted, kind) {
            (true, _) => "integer",
            (false, Kind::BigInteger) => "bigint",
            (false, _) => "int",
        };
        column.data_type = declared.to_owned();
    }
    wanted.big_key = counted && kind == Kind::BigInteger && dialect == Dialect::Sqlite;
    wanted.unique = None;
    wanted.indexed = None;
    Ok(())
}

fn flag(schema: &Object, key: &str) -> Result<Option<bool>> {
    match schema.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Bool(b)) => Ok(Some(*b)),
        Some(_) => Err(Error::invalid_payload(format!("\"{key}\" must be true or false"))),
    }
}

fn number(schema: &Object, key: &str, least: u64, most: u64) -> Result<Option<u32>> {
    match schema.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => value
            .as_u64()
            .filter(|n| (least..=most).contains(n))
            .and_then(|n| u32::try_from(n).ok())
            .map(Some)
            .ok_or_else(|| Error::invalid_payload(format!("\"{key}\" must be a whole number from {least} to {most}"))),
    }
}

#[derive(PartialEq)]
enum Default {
    Constant(Json),
    Now,
}

/// Whether two defaults of a field come to the same, however they are written.
pub(super) fn is_same_default(dialect: Dialect, kind: Kind, a: &Json, b: &Json) -> bool {
    if a.is_null() || b.is_null() {
        return a == b;
    }
    match (default(dialect, kind, a), default(dialect, kind, b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}

/// A default as the column keeps it.
fn default(dialect: Dialect, kind: Kind, value: &Json) -> Result<Default> {
    let refused = || Error::invalid_payload(format!("the default is no {}", kind.as_str()));
    if kind.is_geometry() && dialect != Dialect::Sqlite {
        return Err(Error::invalid_payload("geometries have no default on this database"));
    }
    let text = match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    if kind.is_temporal() {
        if matches!(
            text.to_ascii_lowercase().as_str(),
            "now" | "now()" | "current_timestamp" | "current_timestamp()"
        ) {
            return Ok(Default::Now);
        }
        return moment(dialect, kind, &text).map(Default::Constant).ok_or_else(refused);
    }
    let constant = match kind {
        Kind::Boolean => match text.as_str() {
            "true" | "1" => Some(Json::Bool(true)),
            "false" | "0" => Some(Json::Bool(false)),
            _ => None,
        },
        Kind::Integer => text.parse::<i32>().ok().map(Json::from),
        Kind::BigInteger => text.parse::<i64>().ok().map(Json::from),
        Kind::Float | Kind::Decimal => text.parse::<f64>().ok().filter(|n| n.is_finite()).map(Json::from),
        Kind::Json | Kind::Geometry => match value {
            Json::String(text) => serde_json::from_str(text).ok(),
            other => Some(other.clone()),
        },
        kind if kind.is_geometry() => match value {
            Json::Object(_) => Some(Json::from(text)),
            _ => None,
        },
        Kind::Uuid => Uuid::parse_str(&text).ok().map(|id| Json::from(id.to_string())),
        Kind::Csv => match value {
            Json::Array(words) => {
                let words: Option<Vec<&str>> = words.iter().map(Json::as_str).collect();
                words.map(|words| Json::from(words.join(",")))
            }
            _ => Some(Json::from(text)),
        },
        Kind::String | Kind::Text | Kind::Hash => (!value.is_object() && !value.is_array()).then(|| Json::from(text)),
        _ => None,
    };
    constant.map(Default::Constant).ok_or_else(refused)
}

/// Dates and times are kept as they are written; so are moments where the database knows them, else as milliseconds.
fn moment(dialect: Dialect, kind: Kind, text: &str) -> Option<Json> {
    Some(match kind {
        Kind::Date => Json::from(text.parse::<civil::Date>().ok()?.to_string()),
        Kind::Time => Json::from(text.parse::<civil::Time>().ok()?.to_string()),
        Kind::DateTime if dialect != Dialect::Sqlite => Json::from(time::format_wall(time::parse_wall(text)?)),
        _ if dialect == Dialect::Postgres => Json::from(time::format_instant(time::parse_instant(text)?)),
        // Its moments are told in UTC, and take no word for it.
        _ if matches!(dialect, Dialect::MySql(_)) => {
            Json::from(time::format_instant(time::parse_instant(text)?).trim_end_matches('Z'))
        }
        Kind::DateTime => Json::from(milliseconds(text.parse().ok()?)?),
        _ => match text.parse::<Timestamp>() {
            Ok(instant) => Json::from(instant.as_millisecond()),
            Err(_) => Json::from(milliseconds(text.parse().ok()?)?),
        },
    })
}

fn milliseconds(wall: civil::DateTime) -> Option<i64> {
    Some(wall.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

/// A moment's default, as the API tells it.
pub(super) fn told(kind: Kind, default: &Json) -> Json {
    let milliseconds = match default {
        // Milliseconds, or a moment as a database writes it.
        Json::String(text) => text.parse::<i64>().ok().or_else(|| time::parse_instant(text)),
        other => other.as_i64(),
    };
    let instant = milliseconds.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    match (kind, instant) {
        (Kind::DateTime, Some(instant)) => Json::from(instant.to_zoned(TimeZone::UTC).datetime().to_string()),
        (Kind::Timestamp, Some(instant)) => Json::from(instant.to_string()),
        _ => default.clone(),
    }
}

#[cfg(test)]
mod tests;
