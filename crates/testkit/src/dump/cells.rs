//! Columns and cells as each engine holds them, by the documented table of types. Must never write a value unquoted that is
//! not a number or a truth.

use jiff::{Timestamp, civil::DateTime};
use serde_json::Value;

use super::{Column, Engine};

/// A name.
pub(super) fn quoted(engine: Engine, name: &str) -> String {
    match engine {
        Engine::MariaDb => format!("`{name}`"),
        Engine::Sqlite | Engine::Postgres => format!("\"{name}\""),
    }
}

/// A text.
pub(super) fn escaped(engine: Engine, text: &str) -> String {
    let text = text.replace('\'', "''");
    match engine {
        Engine::MariaDb => format!("'{}'", text.replace('\\', "\\\\")),
        Engine::Sqlite | Engine::Postgres => format!("'{text}'"),
    }
}

/// A row.
pub(super) fn insert(table: &str, names: &[String], values: &[String]) -> String {
    let (names, values) = (names.join(", "), values.join(", "));
    ["insert into ", table, " (", &names, ") values (", &values, ")"].concat()
}

/// A column's definition.
pub(super) fn column(engine: Engine, column: &Column) -> String {
    let mut text = format!("{} {}", quoted(engine, &column.name), type_name(engine, column));
    if column.is("is_primary_key") {
        text.push_str(match (engine, column.is_counting()) {
            (Engine::Sqlite, true) => " not null primary key autoincrement",
            (Engine::MariaDb, true) => " not null auto_increment primary key",
            _ => " not null primary key",
        });
        return text;
    }
    if column.schema.get("is_nullable").and_then(Value::as_bool) == Some(false) {
        text.push_str(" not null");
    }
    if let Some(value) = column.schema.get("default_value").filter(|value| !value.is_null()) {
        text.push_str(" default ");
        text.push_str(&cell(engine, &column.kind, value).unwrap_or_else(|| "null".to_owned()));
    }
    if column.is("is_unique") {
        text.push_str(" unique");
    }
    text
}

fn type_name(engine: Engine, column: &Column) -> String {
    use Engine::{MariaDb, Postgres, Sqlite};
    let number = |name: &str, usual: u64| column.schema.get(name).and_then(Value::as_u64).unwrap_or(usual);
    let text = match (column.kind.as_str(), engine) {
        ("integer", Postgres) if column.is_counting() => "serial",
        ("bigInteger", Postgres) if column.is_counting() => "bigserial",
        // A counting key is always `integer` there.
        ("bigInteger", Sqlite) if column.is_counting() => "integer",
        ("integer", MariaDb) if column.is_counting() => "int unsigned",
        ("bigInteger", MariaDb) if column.is_counting() => "bigint unsigned",
        ("unsigned", _) => "int unsigned",
        ("integer", MariaDb) => "int",
        ("integer", _) => "integer",
        ("bigInteger", _) => "bigint",
        ("string", _) => return format!("varchar({})", number("max_length", 255)),
        ("boolean", MariaDb) => "tinyint(1)",
        ("boolean", _) => "boolean",
        ("float", Postgres) => "real",
        ("float", MariaDb) => "float(8, 2)",
        ("float" | "decimal", Sqlite) => "float",
        ("decimal", _) => {
            let (all, scale) = (number("numeric_precision", 10), number("numeric_scale", 5));
            return format!("decimal({all}, {scale})");
        }
        ("dateTime", Postgres) => "timestamp",
        ("timestamp", Postgres) => "timestamptz",
        ("timestamp", MariaDb) => "timestamp null",
        ("dateTime" | "timestamp", _) => "datetime",
        ("uuid", Postgres) => "uuid",
        ("uuid", _) => "char(36)",
        ("date", _) => "date",
        ("time", _) => "time",
        ("json", _) => "json",
        _ => "text",
    };
    text.to_owned()
}

/// A value as it is stored; none for what a row of its own would be needed.
pub(super) fn cell(engine: Engine, kind: &str, value: &Value) -> Option<String> {
    let text = |text: &str| Some(escaped(engine, text));
    match (kind, value) {
        (_, Value::Null) => Some("null".to_owned()),
        // A text that is JSON was taken for it.
        ("json", Value::String(words)) if serde_json::from_str::<Value>(words).is_ok() => text(words),
        ("json", value) => text(&value.to_string()),
        ("csv", Value::Array(words)) => {
            let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
            text(&words?.join(","))
        }
        ("boolean", Value::Bool(truth)) if engine != Engine::Postgres => Some(u8::from(*truth).to_string()),
        (_, Value::Bool(truth)) => Some(truth.to_string()),
        (_, Value::Number(number)) => Some(number.to_string()),
        ("dateTime" | "timestamp", Value::String(moment)) => self::moment(engine, moment),
        (_, Value::String(words)) => text(words),
        (_, Value::Array(_) | Value::Object(_)) => None,
    }
}

/// A moment: SQLite holds milliseconds, MariaDB a text without the zone.
fn moment(engine: Engine, told: &str) -> Option<String> {
    let at: Timestamp = match told.parse::<Timestamp>() {
        Ok(at) => at,
        Err(_) => told
            .parse::<DateTime>()
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()?
            .timestamp(),
    };
    Some(match engine {
        Engine::Sqlite => at.as_millisecond().to_string(),
        Engine::Postgres => escaped(engine, told),
        Engine::MariaDb => escaped(engine, &at.strftime("%Y-%m-%d %H:%M:%S").to_string()),
    })
}
