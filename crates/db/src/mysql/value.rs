//! Values on their way to MariaDB and back, in its binary form.
//! Must never guess a type: what is not known is told as null.

use std::io::Write as _;

use aedile_engine::value::{Param, time};
use mysql_async::{
    Column, Value,
    consts::{ColumnFlags, ColumnType},
};

use crate::json::Cell;

/// The character set of what is no text.
const BINARY: u16 = 63;
/// The last year that moments can be in.
const LAST_YEAR: u16 = 9999;

/// A value to be bound.
pub(super) fn bound(param: &Param) -> Value {
    match param {
        Param::Null => Value::NULL,
        Param::Bool(b) => Value::Int(i64::from(*b)),
        Param::Int(n) => Value::Int(*n),
        Param::Real(n) => Value::Double(*n),
        Param::Text(text) | Param::Geometry(text) => Value::Bytes(text.as_bytes().to_vec()),
        Param::Instant(ms) => moment(*ms),
        Param::Wall(ms) => moment(*ms),
        Param::Bytes(bytes) => Value::Bytes(bytes.clone()),
    }
}

/// Milliseconds since 1970 as a date and time; what it cannot hold goes as text, to be refused there.
fn moment(ms: i64) -> Value {
    let text = time::format_instant(ms);
    let mut parts = text.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u16>);
    let mut next = || parts.next().and_then(Result::ok);
    let (Some(year), Some(month), Some(day)) = (next(), next(), next()) else {
        return Value::Bytes(text.into_bytes());
    };
    let (Some(hour), Some(minute), Some(second), Some(milli)) = (next(), next(), next(), next()) else {
        return Value::Bytes(text.into_bytes());
    };
    let byte = |n: u16| u8::try_from(n).unwrap_or_default();
    if year > LAST_YEAR {
        return Value::Bytes(text.into_bytes());
    }
    Value::Date(
        year,
        byte(month),
        byte(day),
        byte(hour),
        byte(minute),
        byte(second),
        u32::from(milli) * 1000,
    )
}

/// How a column's values are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `tinyint(1)` and `bit(1)`: what such databases call a boolean.
    Bool,
    /// A whole number.
    Whole,
    /// Bits, the highest first.
    Bits,
    /// A fraction.
    Real,
    /// A fraction of few digits.
    Short,
    /// Text as it is, such as a decimal number's.
    Plain,
    /// Text that anybody may have written.
    Text,
    /// JSON that the database has made.
    Json,
    /// Bytes.
    Bytes,
    /// A date.
    Date,
    /// A time of day.
    Time,
    /// A date and time without zone.
    Wall,
    /// A moment.
    Instant,
    /// Nothing that is known.
    Unknown,
}

impl Form {
    /// That of a column.
    pub(super) fn of(column: &Column) -> Form {
        use ColumnType as T;
        let binary = column.character_set() == BINARY;
        let unsigned = column.flags().contains(ColumnFlags::UNSIGNED_FLAG);
        match column.column_type() {
            T::MYSQL_TYPE_TINY if column.column_length() == 1 && !unsigned => Form::Bool,
            T::MYSQL_TYPE_BIT if column.column_length() == 1 => Form::Bool,
            T::MYSQL_TYPE_BIT => Form::Bits,
            T::MYSQL_TYPE_TINY
            | T::MYSQL_TYPE_SHORT
            | T::MYSQL_TYPE_INT24
            | T::MYSQL_TYPE_LONG
            | T::MYSQL_TYPE_LONGLONG
            | T::MYSQL_TYPE_YEAR => Form::Whole,
            T::MYSQL_TYPE_FLOAT => Form::Short,
            T::MYSQL_TYPE_DOUBLE => Form::Real,
            T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => Form::Plain,
            T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE => Form::Date,
            T::MYSQL_TYPE_TIME | T::MYSQL_TYPE_TIME2 => Form::Time,
            T::MYSQL_TYPE_DATETIME | T::MYSQL_TYPE_DATETIME2 => Form::Wall,
            T::MYSQL_TYPE_TIMESTAMP | T::MYSQL_TYPE_TIMESTAMP2 => Form::Instant,
            T::MYSQL_TYPE_JSON => Form::Json,
            T::MYSQL_TYPE_GEOMETRY => Form::Bytes,
            T::MYSQL_TYPE_VARCHAR
            | T::MYSQL_TYPE_VAR_STRING
            | T::MYSQL_TYPE_STRING
            | T::MYSQL_TYPE_ENUM
            | T::MYSQL_TYPE_SET
            | T::MYSQL_TYPE_TINY_BLOB
            | T::MYSQL_TYPE_MEDIUM_BLOB
            | T::MYSQL_TYPE_LONG_BLOB
            | T::MYSQL_TYPE_BLOB => {
                if binary {
                    Form::Bytes
                } else {
                    Form::Text
                }
            }
            _ => Form::Unknown,
        }
    }

    /// A value, to be written as JSON; what has to be spelled out is put into `scratch`.
    pub(super) fn cell<'c>(self, value: &'c Value, scratch: &'c mut Vec<u8>) -> Cell<'c> {
        match (self, value) {
            (Form::Bool, Value::Int(n)) => Cell::Bool(*n != 0),
            (Form::Bool, Value::Bytes(bits)) => Cell::Bool(bits.iter().any(|byte| *byte != 0)),
            (Form::Bits, Value::Bytes(bits)) => Cell::Int(whole(bits)),
            (_, Value::Int(n)) => Cell::Int(*n),
            (_, Value::UInt(n)) => match i64::try_from(*n) {
                Ok(n) => Cell::Int(n),
                Err(_) => {
                    spell(scratch, format_args!("{n}"));
                    Cell::Text(scratch)
                }
            },
            (_, Value::Double(n)) => Cell::Real(*n),
            (_, Value::Float(n)) => Cell::Real(lengthened(*n)),
            (Form::Plain | Form::Json, Value::Bytes(text)) => Cell::Text(text),
            (Form::Text, Value::Bytes(text)) => Cell::Loose(text),
            (Form::Bytes, Value::Bytes(bytes)) => Cell::Bytes(bytes),
            (_, Value::Date(..) | Value::Time(..)) if self.spelled(value, scratch) => Cell::Text(scratch),
            _ => Cell::Null,
        }
    }

    /// A value as such. Moments are told as such, and booleans.
    pub(super) fn param(self, value: Value) -> Param {
        match (self, value) {
            (Form::Bool, Value::Int(n)) => Param::Bool(n != 0),
            (Form::Bool, Value::Bytes(bits)) => Param::Bool(bits.iter().any(|byte| *byte != 0)),
            (Form::Bits, Value::Bytes(bits)) => Param::Int(whole(&bits)),
            (_, Value::Int(n)) => Param::Int(n),
            (_, Value::UInt(n)) => i64::try_from(n).map_or_else(|_| Param::Text(n.to_string()), Param::Int),
            (_, Value::Double(n)) => Param::Real(n),
            (_, Value::Float(n)) => Param::Real(lengthened(n)),
            (Form::Bytes, Value::Bytes(bytes)) => Param::Bytes(bytes),
            (Form::Plain | Form::Json | Form::Text, Value::Bytes(text)) => text_of(&text),
            (_, value @ (Value::Date(..) | Value::Time(..))) => self.spelled_param(&value),
            _ => Param::Null,
        }
    }

    fn spelled_param(self, value: &Value) -> Param {
        let mut text = Vec::new();
        if !self.spelled(value, &mut text) {
            return Param::Null;
        }
        let moment = || time::parse_instant(&String::from_utf8_lossy(&text));
        match self {
            Form::Instant => moment().map_or(Param::Null, Param::Instant),
            Form::Wall => moment().map_or(Param::Null, Param::Wall),
            _ => text_of(&text),
        }
    }

    /// Spells a date or time out; false for a date that is none, as older servers may hold.
    fn spelled(self, value: &Value, out: &mut Vec<u8>) -> bool {
        match *value {
            Value::Date(_, 0, ..) | Value::Date(_, _, 0, ..) => return false,
            Value::Date(year, month, day, hour, minute, second, micros) => {
                spell(out, format_args!("{year:04}-{month:02}-{day:02}"));
                if self != Form::Date {
                    spell(out, format_args!("T{hour:02}:{minute:02}:{second:02}"));
                }
                if self == Form::Instant {
                    spell(out, format_args!(".{:03}Z", micros / 1000));
                }
            }
            Value::Time(negative, days, hours, minutes, seconds, micros) => {
                let hours = days * 24 + u32::from(hours);
                let sign = if negative { "-" } else { "" };
                spell(out, format_args!("{sign}{hours:02}:{minutes:02}:{seconds:02}"));
                if micros != 0 {
                    let digits = format!(".{micros:06}");
                    out.extend_from_slice(digits.trim_end_matches('0').as_bytes());
                }
            }
            _ => return false,
        }
        true
    }
}

fn text_of(bytes: &[u8]) -> Param {
    Param::Text(String::from_utf8_lossy(bytes).into_owned())
}

fn whole(bits: &[u8]) -> i64 {
    bits.iter().fold(0, |n, byte| (n << 8) | i64::from(*byte))
}

/// A short fraction becomes the long one that is written alike.
fn lengthened(short: f32) -> f64 {
    short.to_string().parse().unwrap_or_else(|_| f64::from(short))
}

fn spell(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let wrote = out.write_fmt(text);
    debug_assert!(wrote.is_ok(), "memory takes every write");
}
