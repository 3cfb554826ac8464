//! Fields: their kind, their special flags, and the column behind them.
//! Knows names and facts only; how a value is read or written is decided in `value` and `sql`.

use crate::{Json, access::Rule, schema::Ident};

/// The type of a field as the API names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the wire names and say what they mean")]
pub enum Kind {
    String,
    Text,
    Boolean,
    Integer,
    BigInteger,
    Float,
    Decimal,
    Date,
    Time,
    DateTime,
    Timestamp,
    Json,
    Csv,
    Uuid,
    Hash,
    Binary,
    Geometry,
    GeometryPoint,
    GeometryLineString,
    GeometryPolygon,
    GeometryMultiPoint,
    GeometryMultiLineString,
    GeometryMultiPolygon,
    Alias,
    Unknown,
}

const NAMES: [(Kind, &str); 25] = [
    (Kind::String, "string"),
    (Kind::Text, "text"),
    (Kind::Boolean, "boolean"),
    (Kind::Integer, "integer"),
    (Kind::BigInteger, "bigInteger"),
    (Kind::Float, "float"),
    (Kind::Decimal, "decimal"),
    (Kind::Date, "date"),
    (Kind::Time, "time"),
    (Kind::DateTime, "dateTime"),
    (Kind::Timestamp, "timestamp"),
    (Kind::Json, "json"),
    (Kind::Csv, "csv"),
    (Kind::Uuid, "uuid"),
    (Kind::Hash, "hash"),
    (Kind::Binary, "binary"),
    (Kind::Geometry, "geometry"),
    (Kind::GeometryPoint, "geometry.Point"),
    (Kind::GeometryLineString, "geometry.LineString"),
    (Kind::GeometryPolygon, "geometry.Polygon"),
    (Kind::GeometryMultiPoint, "geometry.MultiPoint"),
    (Kind::GeometryMultiLineString, "geometry.MultiLineString"),
    (Kind::GeometryMultiPolygon, "geometry.MultiPolygon"),
    (Kind::Alias, "alias"),
    (Kind::Unknown, "unknown"),
];

impl Kind {
    /// The kind of this wire name.
    pub fn parse(name: &str) -> Option<Kind> {
        NAMES.iter().find(|(_, n)| *n == name).map(|(kind, _)| *kind)
    }

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        NAMES
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("unknown", |(_, n)| n)
    }

    /// Whole or fractional numbers.
    pub fn is_number(self) -> bool {
        matches!(self, Kind::Integer | Kind::BigInteger | Kind::Float | Kind::Decimal)
    }

    /// Dates and times of any sort.
    pub fn is_temporal(self) -> bool {
        matches!(self, Kind::Date | Kind::Time | Kind::DateTime | Kind::Timestamp)
    }

    /// Text that can be compared, searched and matched by parts.
    pub fn is_text(self) -> bool {
        matches!(self, Kind::String | Kind::Text | Kind::Csv | Kind::Hash)
    }

    /// Any geometry.
    pub fn is_geometry(self) -> bool {
        matches!(
            self,
            Kind::Geometry
                | Kind::GeometryPoint
                | Kind::GeometryLineString
                | Kind::GeometryPolygon
                | Kind::GeometryMultiPoint
                | Kind::GeometryMultiLineString
                | Kind::GeometryMultiPolygon
        )
    }
}

/// A flag of `directus_fields.special`: what happens to a value on its way in and out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the wire names and say what they mean")]
pub enum Special {
    Uuid,
    DateCreated,
    DateUpdated,
    UserCreated,
    UserUpdated,
    RoleCreated,
    RoleUpdated,
    CastBoolean,
    CastJson,
    CastCsv,
    CastTimestamp,
    CastDatetime,
    Hash,
    Conceal,
    Encrypt,
    M2o,
    O2m,
    M2m,
    M2a,
    File,
    Files,
    Translations,
    Alias,
    NoData,
    Group,
    Geometry,
}

impl Special {
    /// The flag of this wire name; unknown flags are kept in the metadata and do nothing.
    pub fn parse(name: &str) -> Option<Special> {
        Some(match name {
            "uuid" => Special::Uuid,
            "date-created" => Special::DateCreated,
            "date-updated" => Special::DateUpdated,
            "user-created" => Special::UserCreated,
            "user-updated" => Special::UserUpdated,
            "role-created" => Special::RoleCreated,
            "role-updated" => Special::RoleUpdated,
            "cast-boolean" | "boolean" => Special::CastBoolean,
            "cast-json" | "json" => Special::CastJson,
            "cast-csv" | "csv" => Special::CastCsv,
            "cast-timestamp" => Special::CastTimestamp,
            "cast-datetime" => Special::CastDatetime,
            "hash" => Special::Hash,
            "conceal" => Special::Conceal,
            "encrypt" => Special::Encrypt,
            "m2o" => Special::M2o,
            "o2m" => Special::O2m,
            "m2m" => Special::M2m,
            "m2a" => Special::M2a,
            "file" => Special::File,
            "files" => Special::Files,
            "translations" => Special::Translations,
            "alias" => Special::Alias,
            "no-data" => Special::NoData,
            "group" => Special::Group,
            "geometry" => Special::Geometry,
            _ => return None,
        })
    }
}

/// The column behind a field, as the database describes it.
#[derive(Clone, Debug)]
pub struct Column {
    /// The column's name; also the field's.
    pub name: Ident,
    /// The database's own name of the type, lower case, without length.
    pub data_type: String,
    /// Accepts null.
    pub nullable: bool,
    /// The default as a JSON value, if it is a constant.
    pub default: Option<Json>,
    /// The default is the current time.
    pub default_now: bool,
    /// Longest text, in characters.
    pub max_length: Option<u32>,
    /// Total digits of a decimal.
    pub precision: Option<u32>,
    /// Digits after the point of a decimal.
    pub scale: Option<u32>,
    /// Unique by itself.
    pub unique: bool,
    /// An index (not a unique one) leads by it.
    pub indexed: bool,
    /// Part of the primary key.
    pub primary: bool,
    /// Filled by the database when left out.
    pub auto_increment: bool,
    /// Computed by the database: never written.
    pub generated: bool,
}

/// A field of a collection.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// Its flags.
    pub special: Vec<Special>,
    /// Its column; none for aliases (lists, groups, presentation).
    pub column: Option<Column>,
    /// The rule that values sent for it must meet.
    pub validation: Option<Rule>,
    /// Whether `search` looks into it.
    pub searchable: bool,
    /// Its metadata as the API tells it (`meta`); none for a column without metadata.
    pub meta: Option<Json>,
}

impl Field {
    /// Whether it has this flag.
    pub fn is(&self, special: Special) -> bool {
        self.special.contains(&special)
    }

    /// Whether its value is secret: it is answered as a mask, and nothing but null tests may look at it.
    /// A `hash` field counts even without `conceal`: showing hashes to readers serves nobody but a cracker.
    pub fn is_concealed(&self) -> bool {
        self.special
            .iter()
            .any(|s| matches!(s, Special::Conceal | Special::Hash | Special::Encrypt))
    }

    /// Whether its column holds geometries, and not their text.
    pub fn is_spatial(&self) -> bool {
        let texts = ["text", "char", "clob", "json"];
        let as_text = |column: &Column| texts.iter().any(|text| column.data_type.contains(text));
        self.kind.is_geometry() && !self.column.as_ref().is_some_and(as_text)
    }

    /// Whether it can be read at all: it has a column, or lists related items.
    pub fn is_readable(&self) -> bool {
        self.column.is_some() || (self.kind == Kind::Alias && !self.is(Special::NoData) && !self.is(Special::Group))
    }
}
