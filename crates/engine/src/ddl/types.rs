//! Which column a field of each type gets, and which declared types can be written again.
//! Type names reach SQL from the lists here alone.

use crate::{
    schema::{Column, Ident, Kind},
    sql::Dialect,
};

/// Longest text of a `string`, where nothing else is said.
pub const STRING_LENGTH: u32 = 255;
/// Length of a uuid in text.
const UUID_LENGTH: u32 = 36;
/// Digits of a `decimal`, where nothing else is said.
pub const DECIMAL: (u32, u32) = (10, 5);

/// Declared types that can be written again, and what may stand in parentheses after them.
const NAMES: &[(&str, Arguments)] = &[
    ("bigint", Arguments::None),
    ("binary", Arguments::Length),
    ("bit", Arguments::None),
    ("blob", Arguments::None),
    ("bool", Arguments::None),
    ("boolean", Arguments::None),
    ("bytea", Arguments::None),
    ("char", Arguments::Length),
    ("character", Arguments::Length),
    ("character varying", Arguments::Length),
    ("clob", Arguments::None),
    ("date", Arguments::None),
    ("datetime", Arguments::None),
    ("decimal", Arguments::Digits),
    ("double", Arguments::Digits),
    ("double precision", Arguments::Digits),
    ("float", Arguments::Digits),
    ("geometry", Arguments::None),
    ("geometry(geometry,4326)", Arguments::None),
    ("geometry(linestring,4326)", Arguments::None),
    ("geometry(multilinestring,4326)", Arguments::None),
    ("geometry(multipoint,4326)", Arguments::None),
    ("geometry(multipolygon,4326)", Arguments::None),
    ("geometry(point,4326)", Arguments::None),
    ("geometry(polygon,4326)", Arguments::None),
    ("int", Arguments::None),
    ("int2", Arguments::None),
    ("int4", Arguments::None),
    ("int8", Arguments::None),
    ("integer", Arguments::None),
    ("json", Arguments::None),
    ("jsonb", Arguments::None),
    ("linestring", Arguments::None),
    ("longblob", Arguments::None),
    ("longtext", Arguments::None),
    ("mediumint", Arguments::None),
    ("mediumtext", Arguments::None),
    ("multilinestring", Arguments::None),
    ("multipoint", Arguments::None),
    ("multipolygon", Arguments::None),
    ("nchar", Arguments::Length),
    ("ntext", Arguments::None),
    ("numeric", Arguments::Digits),
    ("nvarchar", Arguments::Length),
    ("point", Arguments::None),
    ("polygon", Arguments::None),
    ("real", Arguments::Digits),
    ("smallint", Arguments::None),
    ("string", Arguments::Length),
    ("text", Arguments::None),
    ("time", Arguments::None),
    ("time without time zone", Arguments::None),
    ("timestamp", Arguments::None),
    ("timestamp with time zone", Arguments::None),
    ("timestamp without time zone", Arguments::None),
    ("timestamptz", Arguments::None),
    ("tinyint", Arguments::None),
    ("tinytext", Arguments::None),
    ("uuid", Arguments::None),
    ("varbinary", Arguments::Length),
    ("varchar", Arguments::Length),
];

/// What stands in parentheses after a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arguments {
    /// Nothing.
    None,
    /// The longest length.
    Length,
    /// All digits, and those after the point.
    Digits,
}

/// The type's name as it may be written; none for one we do not know.
pub(super) fn known(data_type: &str) -> Option<(&'static str, Arguments)> {
    NAMES.iter().find(|(name, _)| *name == data_type).copied()
}

/// The column of a new field, nullable and without default; none for types that have no column.
pub fn column(dialect: Dialect, name: &str, kind: Kind) -> Option<Column> {
    let (data_type, max_length) = match dialect {
        Dialect::Sqlite => sqlite(kind)?,
        Dialect::Postgres => postgres(kind)?,
        Dialect::MySql(_) => mysql(kind)?,
    };
    let digits = (kind == Kind::Decimal).then_some(DECIMAL);
    Some(Column {
        name: Ident::new(name),
        data_type: data_type.to_owned(),
        nullable: true,
        default: None,
        default_now: false,
        max_length,
        precision: digits.map(|(all, _)| all),
        scale: digits.map(|(_, scale)| scale),
        unique: false,
        indexed: false,
        primary: false,
        auto_increment: false,
        generated: false,
    })
}

/// As introspection tells them.
fn postgres(kind: Kind) -> Option<(&'static str, Option<u32>)> {
    Some(match kind {
        Kind::String | Kind::Hash => ("character varying", Some(STRING_LENGTH)),
        Kind::Text | Kind::Csv => ("text", None),
        Kind::Boolean => ("boolean", None),
        Kind::Integer => ("integer", None),
        Kind::BigInteger => ("bigint", None),
        Kind::Float => ("real", None),
        Kind::Decimal => ("numeric", None),
        Kind::Date => ("date", None),
        Kind::Time => ("time without time zone", None),
        Kind::DateTime => ("timestamp without time zone", None),
        Kind::Timestamp => ("timestamp with time zone", None),
        Kind::Json => ("json", None),
        Kind::Uuid => ("uuid", None),
        Kind::Binary => ("bytea", None),
        // Types of PostGIS.
        Kind::Geometry => ("geometry(geometry,4326)", None),
        Kind::GeometryPoint => ("geometry(point,4326)", None),
        Kind::GeometryLineString => ("geometry(linestring,4326)", None),
        Kind::GeometryPolygon => ("geometry(polygon,4326)", None),
        Kind::GeometryMultiPoint => ("geometry(multipoint,4326)", None),
        Kind::GeometryMultiLineString => ("geometry(multilinestring,4326)", None),
        Kind::GeometryMultiPolygon => ("geometry(multipolygon,4326)", None),
        Kind::Alias | Kind::Unknown => return None,
    })
}

/// As introspection tells them. Texts of any length are long ones: others end at 64 KiB.
fn mysql(kind: Kind) -> Option<(&'static str, Option<u32>)> {
    Some(match kind {
        Kind::String | Kind::Hash => ("varchar", Some(STRING_LENGTH)),
        Kind::Text | Kind::Csv => ("longtext", None),
        Kind::Boolean => ("boolean", None),
        Kind::Integer => ("int", None),
        Kind::BigInteger => ("bigint", None),
        // Of a short one the digits that were written would not all come back.
        Kind::Float => ("double", None),
        Kind::Decimal => ("decimal", None),
        Kind::Date => ("date", None),
        Kind::Time => ("time", None),
        Kind::DateTime => ("datetime", None),
        Kind::Timestamp => ("timestamp", None),
        Kind::Json => ("json", None),
        Kind::Uuid => ("char", Some(UUID_LENGTH)),
        Kind::Binary => ("longblob", None),
        Kind::Geometry => ("geometry", None),
        Kind::GeometryPoint => ("point", None),
        Kind::GeometryLineString => ("linestring", None),
        Kind::GeometryPolygon => ("polygon", None),
        Kind::GeometryMultiPoint => ("multipoint", None),
        Kind::GeometryMultiLineString => ("multilinestring", None),
        Kind::GeometryMultiPolygon => ("multipolygon", None),
        Kind::Alias | Kind::Unknown => return None,
    })
}

fn sqlite(kind: Kind) -> Option<(&'static str, Option<u32>)> {
    Some(match kind {
        Kind::String => ("varchar", Some(STRING_LENGTH)),
        Kind::Hash => ("varchar", Some(STRING_LENGTH)),
        Kind::Text | Kind::Csv => ("text", None),
        Kind::Boolean => ("boolean", None),
        Kind::Integer => ("integer", None),
        Kind::BigInteger => ("bigint", None),
        Kind::Float => ("float", None),
        Kind::Decimal => ("decimal", None),
        Kind::Date => ("date", None),
        Kind::Time => ("time", None),
        Kind::DateTime => ("datetime", None),
        Kind::Timestamp => ("timestamp", None),
        Kind::Json => ("json", None),
        Kind::Uuid => ("char", Some(UUID_LENGTH)),
        Kind::Binary => ("blob", None),
        Kind::Geometry => ("geometry", None),
        Kind::GeometryPoint => ("point", None),
        Kind::GeometryLineString => ("linestring", None),
        Kind::GeometryPolygon => ("polygon", None),
        Kind::GeometryMultiPoint => ("multipoint", None),
        Kind::GeometryMultiLineString => ("multilinestring", None),
        Kind::GeometryMultiPolygon => ("multipolygon", None),
        Kind::Alias | Kind::Unknown => return None,
    })
}
