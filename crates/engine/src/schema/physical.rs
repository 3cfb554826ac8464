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

impl Table {
    /// Makes its columns say what its key and its indexes say of them: which are unique by themselves, and by which an
    /// index leads. The indexes that foreign keys get by themselves say nothing.
    pub fn settle(&mut self) {
        let alone = self.primary_key.len() == 1;
        for column in &mut self.columns {
            let name = column.name.as_str();
            let first = |index: &&Index| index.columns.first().is_some_and(|first| first == name);
            let mut leading = self.indexes.iter().filter(first);
            column.primary = self.primary_key.iter().any(|key| key == name);
            column.indexed = leading.clone().any(|index| !index.unique && !index.is_own());
            column.unique = leading.any(|index| index.unique && index.columns.len() == 1) || column.primary && alone;
        }
    }
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

/// How the names of the indexes begin that foreign keys get by themselves.
pub(crate) const OWN: &str = "aedile_";

/// How the names begin of tables and columns that are put aside, until the change that drops them is kept.
pub const GONE: &str = "aedile_gone_";

impl Index {
    /// Whether a foreign key got it by itself. Nobody asked for it: it is told nowhere, and compared with nothing.
    pub fn is_own(&self) -> bool {
        self.name.starts_with(OWN)
    }
}

/// Every table of the database, `sqlite_*` and `aedile_*` ones left out.
#[derive(Clone, Debug, Default)]
pub struct Physical {
    /// The tables.
    pub tables: Vec<Table>,
}
