//! Where the databases differ: one `match self` per difference, side by side.

/// A database's way of writing SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite 3.46 or newer.
    Sqlite,
}

impl Dialect {
    /// The character around names.
    pub fn quote(self) -> char {
        match self {
            Dialect::Sqlite => '"',
        }
    }

    /// Writes the placeholder of the `n`th bound value, counted from one.
    pub fn placeholder(self, text: &mut String, _n: usize) {
        match self {
            Dialect::Sqlite => text.push('?'),
        }
    }

    /// Opens a JSON object: keys and values follow, with commas between.
    pub fn object(self) -> &'static str {
        match self {
            Dialect::Sqlite => "json_object(",
        }
    }

    /// Opens a JSON list of the rows' values.
    pub fn list(self) -> &'static str {
        match self {
            Dialect::Sqlite => "json_group_array(",
        }
    }

    /// Opens a conversion of text that holds JSON into JSON.
    pub fn json(self) -> &'static str {
        match self {
            Dialect::Sqlite => "json(",
        }
    }

    /// Equality that takes null for equal to null.
    pub fn same(self) -> &'static str {
        match self {
            Dialect::Sqlite => " is ",
        }
    }

    /// Opens a case-insensitive form of a text.
    pub fn fold(self) -> &'static str {
        match self {
            Dialect::Sqlite => "fold(",
        }
    }
}
