//! Values on their way into the database: what a statement binds, and how JSON becomes it.
//! Must never guess: what does not fit a field's kind is refused with the documented error, before the database sees it.

pub mod geometry;
pub mod number;
pub mod operand;
pub mod payload;
pub(crate) mod scalar;
pub mod time;

/// A value bound to a statement. Text, numbers and moments travel apart from the SQL, always.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// No value.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A fractional number.
    Real(f64),
    /// Text; also JSON, uuids, dates (`YYYY-MM-DD`), times (`HH:MM:SS[.fff]`) and decimals in their canonical form.
    Text(String),
    /// A moment in UTC (`timestamp`), milliseconds since 1970.
    Instant(i64),
    /// A date and time without zone (`dateTime`), milliseconds since 1970 as if it were UTC.
    Wall(i64),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A geometry, as GeoJSON.
    Geometry(String),
}

impl From<&Param> for Param {
    fn from(param: &Param) -> Self {
        param.clone()
    }
}

impl From<&String> for Param {
    fn from(text: &String) -> Self {
        Param::Text(text.clone())
    }
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Param::Text(text.to_owned())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Param::Text(text)
    }
}

impl From<i64> for Param {
    fn from(n: i64) -> Self {
        Param::Int(n)
    }
}

impl From<bool> for Param {
    fn from(b: bool) -> Self {
        Param::Bool(b)
    }
}

impl<T: Into<Param>> From<Option<T>> for Param {
    fn from(value: Option<T>) -> Self {
        value.map_or(Param::Null, Into::into)
    }
}
