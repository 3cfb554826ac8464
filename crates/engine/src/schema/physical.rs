//! What the database itself says of its tables: the plain facts of introspection, before any metadata.
//! Must hold no row data.

use crate::schema::Column;

/// A table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its foreign keys of one column each (longer ones are not used).
    pub foreign_keys: Vec<ForeignKey>,
    /// Columns of the primary key, in order.
    pub primary_key: Vec<String>,
    /// Its indexes that are not the primary key.
    pub indexes: Vec<Index>,
}

/// A foreign key of one column.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignKey {
    /// The constraint's name; none where the database keeps none.
    pub name: Option<String>,
    /// The column that points.
    pub column: String,
    /// The table it points at.
    pub table: String,
    /// The column it points at.
    pub target: String,
    /// `NO ACTION`, `RESTRICT`, `CASCADE`, `SET NULL` or `SET DEFAULT`.
    pub on_update: String,
    /// As `on_update`.
    pub on_delete: String,
}

/// An index.
#[derive(Clone, Debug, PartialEq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// Whether it forbids doubles.
    pub unique: bool,
}

/// Every table of the database, `sqlite_*` and `aedile_*` ones left out.
#[derive(Clone, Debug, Default)]
pub struct Physical {
    /// The tables.
    pub tables: Vec<Table>,
}
