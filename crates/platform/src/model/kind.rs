//! Which type a field has: what its column is declared as, overridden by the casts among its flags.
//! Knows declared types of every database an adopted project may come from; never looks at data.

use aedile_engine::schema::{Column, Kind, Special};

/// A flag of ours, beside the documented ones: the key is told as a big integer. SQLite counts only keys declared
/// `integer` by itself, so the declaration cannot say it.
pub const BIG_KEY: &str = "cast-big-integer";

/// The longest declared length that still means a uuid (`char(36)`).
const UUID_LENGTH: u32 = 36;

/// The type that a declared data type stands for (lower case, without length).
pub fn declared(column: &Column) -> Kind {
    let data_type = column.data_type.as_str();
    // PostGIS says which, `geometry(point,4326)`.
    let which = data_type.strip_prefix("geometry(");
    let data_type = which
        .and_then(|which| which.split([',', ')']).next())
        .unwrap_or(data_type);
    match data_type.strip_suffix(" unsigned").unwrap_or(data_type) {
        "boolean" | "bool" | "bit" => Kind::Boolean,
        "integer" | "int" | "int2" | "int4" | "smallint" | "mediumint" | "tinyint" | "serial" | "year" => Kind::Integer,
        "bigint" | "int8" | "bigserial" | "unsigned big int" => Kind::BigInteger,
        "float" | "real" | "double" | "double precision" => Kind::Float,
        "decimal" | "numeric" => Kind::Decimal,
        "char" | "character" | "nchar" if column.max_length == Some(UUID_LENGTH) => Kind::Uuid,
        "char" | "character" | "nchar" | "varchar" | "nvarchar" | "character varying" | "varying character"
        | "native character" | "string" | "enum" | "set" => Kind::String,
        "text" | "tinytext" | "mediumtext" | "longtext" | "clob" | "ntext" => Kind::Text,
        "json" | "jsonb" => Kind::Json,
        "uuid" => Kind::Uuid,
        "date" => Kind::Date,
        "time" | "time without time zone" => Kind::Time,
        "datetime" | "timestamp without time zone" => Kind::DateTime,
        "timestamp" | "timestamptz" | "timestamp with time zone" => Kind::Timestamp,
        "blob" | "longblob" | "mediumblob" | "tinyblob" | "binary" | "varbinary" | "bytea" => Kind::Binary,
        "geometry" => Kind::Geometry,
        "point" => Kind::GeometryPoint,
        "linestring" => Kind::GeometryLineString,
        "polygon" => Kind::GeometryPolygon,
        "multipoint" => Kind::GeometryMultiPoint,
        "multilinestring" => Kind::GeometryMultiLineString,
        "multipolygon" => Kind::GeometryMultiPolygon,
        _ => Kind::Unknown,
    }
}

/// The type of a column with these flags, each as it is stored.
pub fn of(column: &Column, flags: &[String]) -> Kind {
    let declared = declared(column);
    let has = |special: Special| flags.iter().any(|flag| Special::parse(flag) == Some(special));
    if has(Special::CastJson) {
        Kind::Json
    } else if has(Special::CastCsv) {
        Kind::Csv
    } else if has(Special::CastTimestamp) {
        Kind::Timestamp
    } else if has(Special::CastDatetime) {
        Kind::DateTime
    } else if has(Special::Hash) {
        Kind::Hash
    } else if has(Special::Geometry) && !declared.is_geometry() {
        Kind::Geometry
    } else if column.data_type == "datetime" && (has(Special::DateCreated) || has(Special::DateUpdated)) {
        // Projects on SQLite declare both sorts of moments `datetime`; those the server fills in are in UTC.
        Kind::Timestamp
    } else if declared == Kind::Integer && flags.iter().any(|flag| flag == BIG_KEY) {
        Kind::BigInteger
    } else {
        declared
    }
}
