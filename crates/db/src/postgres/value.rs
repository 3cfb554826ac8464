//! Values on their way to PostgreSQL, as text that it reads by the type it expects, and back, in its binary form.
//! Must never guess a type: what is not known is told as null, so statements cast it to text.

use std::io::Write as _;

use aedile_engine::{
    Error, Json, Result,
    value::{Param, time},
};
use bytes::BytesMut;
use tokio_postgres::{
    Row,
    types::{Format, FromSql, IsNull, Kind, ToSql, Type},
};

use crate::json::Cell;

/// Milliseconds from 1970 to 2000, where PostgreSQL begins to count.
const EPOCH_MS: i64 = 946_684_800_000;
/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

type Problem = Box<dyn std::error::Error + Sync + Send>;

/// A bound value.
#[derive(Debug)]
pub(super) struct Bound<'p>(pub(super) &'p Param);

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> std::result::Result<IsNull, Problem> {
        match self.0 {
            Param::Null => return Ok(IsNull::Yes),
            Param::Bool(b) if is_number(ty) => out.extend_from_slice(if *b { b"1" } else { b"0" }),
            Param::Bool(b) => out.extend_from_slice(if *b { b"true" } else { b"false" }),
            Param::Int(n) if *ty == Type::BOOL => out.extend_from_slice(if *n == 0 { b"false" } else { b"true" }),
            Param::Int(n) if is_moment(ty) => out.extend_from_slice(time::format_instant(*n).as_bytes()),
            Param::Int(n) => out.extend_from_slice(n.to_string().as_bytes()),
            Param::Real(n) => out.extend_from_slice(n.to_string().as_bytes()),
            Param::Text(text) if matches!(ty.kind(), Kind::Array(_)) => out.extend_from_slice(list(text).as_bytes()),
            Param::Text(text) | Param::Geometry(text) => out.extend_from_slice(text.as_bytes()),
            Param::Instant(ms) | Param::Wall(ms) if is_number(ty) => {
                out.extend_from_slice(ms.to_string().as_bytes());
            }
            Param::Instant(ms) => out.extend_from_slice(time::format_instant(*ms).as_bytes()),
            Param::Wall(ms) => out.extend_from_slice(time::format_wall(*ms).as_bytes()),
            Param::Bytes(bytes) => {
                out.extend_from_slice(b"\\x");
                out.extend(bytes.iter().flat_map(|byte| hex(*byte)));
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    tokio_postgres::types::to_sql_checked!();
}

fn is_number(ty: &Type) -> bool {
    [
        Type::INT2,
        Type::INT4,
        Type::INT8,
        Type::NUMERIC,
        Type::FLOAT4,
        Type::FLOAT8,
    ]
    .contains(ty)
}

fn is_moment(ty: &Type) -> bool {
    [Type::TIMESTAMPTZ, Type::TIMESTAMP].contains(ty)
}

fn hex(byte: u8) -> [u8; 2] {
    let digit = |n: u8| if n < 10 { b'0' + n } else { b'a' + n - 10 };
    [digit(byte >> 4), digit(byte & 15)]
}

/// A JSON list as PostgreSQL writes lists; anything else as it is, to be refused.
fn list(text: &str) -> String {
    let Ok(Json::Array(values)) = serde_json::from_str::<Json>(text) else {
        return text.to_owned();
    };
    let element = |value: &Json| match value {
        Json::Null => "null".to_owned(),
        Json::String(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")),
        other => other.to_string(),
    };
    let elements: Vec<String> = values.iter().map(element).collect();
    format!("{{{}}}", elements.join(","))
}

/// The bytes of a cell.
struct Raw<'r>(&'r [u8]);

impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(_: &Type, raw: &'r [u8]) -> std::result::Result<Self, Problem> {
        Ok(Raw(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// How a column's values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Numeric,
    Text,
    Json,
    Jsonb,
    Uuid,
    Date,
    Time,
    Timestamp,
    Timestamptz,
    Bytes,
    Unknown,
}

impl Form {
    /// That of a type.
    pub(super) fn of(ty: &Type) -> Form {
        const KNOWN: [(Type, Form); 24] = [
            (Type::BOOL, Form::Bool),
            (Type::INT2, Form::Int2),
            (Type::INT4, Form::Int4),
            (Type::INT8, Form::Int8),
            (Type::OID, Form::Oid),
            (Type::FLOAT4, Form::Float4),
            (Type::FLOAT8, Form::Float8),
            (Type::NUMERIC, Form::Numeric),
            (Type::TEXT, Form::Text),
            (Type::VARCHAR, Form::Text),
            (Type::BPCHAR, Form::Text),
            (Type::NAME, Form::Text),
            (Type::CHAR, Form::Text),
            (Type::UNKNOWN, Form::Text),
            (Type::XML, Form::Text),
            (Type::JSON, Form::Json),
            (Type::JSONB, Form::Jsonb),
            (Type::UUID, Form::Uuid),
            (Type::DATE, Form::Date),
            (Type::TIME, Form::Time),
            (Type::TIMESTAMP, Form::Timestamp),
            (Type::TIMESTAMPTZ, Form::Timestamptz),
            (Type::BYTEA, Form::Bytes),
            (Type::REGTYPE, Form::Oid),
        ];
        if let Some((_, form)) = KNOWN.iter().find(|(known, _)| known == ty) {
            return *form;
        }
        match ty.kind() {
            Kind::Enum(_) => Form::Text,
            Kind::Domain(base) => Form::of(base),
            _ if ty.name() == "citext" => Form::Text,
            _ => Form::Unknown,
        }
    }

    /// A cell, to be written as JSON; what has to be spelled out is put into `scratch`.
    pub(super) fn cell<'c>(self, row: &'c Row, i: usize, scratch: &'c mut Vec<u8>) -> Result<Cell<'c>> {
        let Some(Raw(raw)) = row.try_get::<_, Option<Raw<'c>>>(i).map_err(unread)? else {
            return Ok(Cell::Null);
        };
        Ok(match self {
            Form::Bool => Cell::Bool(raw != [0]),
            Form::Int2 | Form::Int4 | Form::Int8 | Form::Oid => Cell::Int(self.whole(raw)?),
            Form::Float4 | Form::Float8 => Cell::Real(self.real(raw)?),
            Form::Text => Cell::Loose(raw),
            Form::Json => Cell::Text(raw),
            // A version stands before the text.
            Form::Jsonb => Cell::Text(raw.get(1..).unwrap_or_default()),
            Form::Bytes => Cell::Bytes(raw),
            Form::Unknown => Cell::Null,
            _ => {
                self.spelled(raw, scratch)?;
                if self == Form::Numeric && scratch.as_slice() == b"NaN" {
                    return Ok(Cell::Null);
                }
                Cell::Text(scratch)
            }
        })
    }

    /// A cell as a value. Moments are told as such, and booleans.
    pub(super) fn param(self, row: &Row, i: usize) -> Result<Param> {
        let Some(Raw(raw)) = row.try_get::<_, Option<Raw<'_>>>(i).map_err(unread)? else {
            return Ok(Param::Null);
        };
        let text = |bytes: &[u8]| Param::Text(String::from_utf8_lossy(bytes).into_owned());
        Ok(match self {
            Form::Bool => Param::Bool(raw != [0]),
            Form::Int2 | Form::Int4 | Form::Int8 | Form::Oid => Param::Int(self.whole(raw)?),
            Form::Float4 | Form::Float8 => Param::Real(self.real(raw)?),
            Form::Text | Form::Json => text(raw),
            Form::Jsonb => text(raw.get(1..).unwrap_or_default()),
            Form::Bytes => Param::Bytes(raw.to_vec()),
            Form::Timestamptz => Param::Instant(milliseconds(array(raw)?)),
            Form::Timestamp => Param::Wall(milliseconds(array(raw)?)),
            Form::Unknown => Param::Null,
            _ => {
                let mut spelled = Vec::new();
                self.spelled(raw, &mut spelled)?;
                text(&spelled)
            }
        })
    }

    fn whole(self, raw: &[u8]) -> Result<i64> {
        Ok(match self {
            Form::Int2 => i64::from(i16::from_be_bytes(array(raw)?)),
            Form::Int4 => i64::from(i32::from_be_bytes(array(raw)?)),
            Form::Oid => i64::from(u32::from_be_bytes(array(raw)?)),
            _ => i64::from_be_bytes(array(raw)?),
        })
    }

    /// A short fraction becomes the long one that is written alike.
    fn real(self, raw: &[u8]) -> Result<f64> {
        if self == Form::Float8 {
            return Ok(f64::from_be_bytes(array(raw)?));
        }
        let short = f32::from_be_bytes(array(raw)?);
        Ok(short.to_string().parse().unwrap_or_else(|_| f64::from(short)))
    }

    fn spelled(self, raw: &[u8], out: &mut Vec<u8>) -> Result<()> {
        match self {
            Form::Numeric => numeric(raw, out)?,
            Form::Uuid => {
                for (i, byte) in raw.iter().enumerate() {
                    if matches!(i, 4 | 6 | 8 | 10) {
                        out.push(b'-');
                    }
                    out.extend_from_slice(&hex(*byte));
                }
            }
            Form::Date => {
                let days = i64::from(i32::from_be_bytes(array(raw)?));
                out.extend_from_slice(time::format_date(EPOCH_MS.saturating_add(days * DAY_MS)).as_bytes());
            }
            Form::Time => {
                let micros = i64::from_be_bytes(array(raw)?);
                out.extend_from_slice(time::format_time(micros / 1000).as_bytes());
                let fraction = micros.rem_euclid(1_000_000);
                if fraction != 0 {
                    let digits = format!(".{fraction:06}");
                    out.extend_from_slice(digits.trim_end_matches('0').as_bytes());
                }
            }
            Form::Timestamp => {
                out.extend_from_slice(time::format_wall(milliseconds(array(raw)?)).as_bytes());
            }
            Form::Timestamptz => {
                out.extend_from_slice(time::format_instant(milliseconds(array(raw)?)).as_bytes());
            }
            _ => {}
        }
        Ok(())
    }
}

/// Milliseconds since 1970 of PostgreSQL's microseconds since 2000.
fn milliseconds(raw: [u8; 8]) -> i64 {
    i64::from_be_bytes(raw).div_euclid(1000).saturating_add(EPOCH_MS)
}

/// A decimal number: a head of four 16-bit numbers, then digits to the base of ten thousand.
fn numeric(raw: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let word = |i: usize| -> Result<i16> {
        raw.get(2 * i..2 * i + 2)
            .and_then(|bytes| bytes.try_into().ok())
            .map(i16::from_be_bytes)
            .ok_or_else(malformed)
    };
    let (count, weight, sign, scale) = (word(0)?, word(1)?, word(2)? as u16, word(3)?);
    match sign {
        0x0000 => {}
        0x4000 => out.push(b'-'),
        _ => {
            // Not a number, or an infinite one: JSON has neither.
            out.clear();
            out.extend_from_slice(b"NaN");
            return Ok(());
        }
    }
    let digit = |place: i16| -> Result<i16> {
        let i = weight - place;
        if (0..count).contains(&i) {
            word(4 + usize::try_from(i).unwrap_or_default())
        } else {
            Ok(0)
        }
    };
    if weight < 0 {
        out.push(b'0');
    }
    for place in (0..=weight).rev() {
        let digit = digit(place)?;
        let text = if place == weight {
            digit.to_string()
        } else {
            format!("{digit:04}")
        };
        out.extend_from_slice(text.as_bytes());
    }
    let scale = usize::try_from(scale).unwrap_or_default();
    if scale > 0 {
        out.push(b'.');
        let end = out.len() + scale;
        let mut place = -1;
        while out.len() < end {
            write!(out, "{:04}", digit(place)?).map_err(|_| malformed())?;
            place -= 1;
        }
        out.truncate(end);
    }
    Ok(())
}

fn array<const N: usize>(raw: &[u8]) -> Result<[u8; N]> {
    raw.try_into().map_err(|_| malformed())
}

fn malformed() -> Error {
    Error::internal("the database answered a value in an unknown form")
}

fn unread(error: tokio_postgres::Error) -> Error {
    Error::internal(format!("database: {error}"))
}

#[cfg(test)]
mod tests;
