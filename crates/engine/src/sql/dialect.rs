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

    /// Opens a JSON object: keys and values follow, with commas between. One that is told is text; one inside another
    /// keeps a form that cannot be taken for text.
    pub fn object(self, inside: bool) -> &'static str {
        match (self, inside) {
            (Dialect::Sqlite, false) => "json_object(",
            (Dialect::Sqlite, true) => "jsonb_object(",
        }
    }

    /// Opens a JSON list of the rows' values; told or inside, as [`Dialect::object`].
    pub fn list(self, inside: bool) -> &'static str {
        match (self, inside) {
            (Dialect::Sqlite, false) => "json_group_array(",
            (Dialect::Sqlite, true) => "jsonb_group_array(",
        }
    }

    /// Opens a conversion of JSON into the form that is told, or that stands inside.
    pub fn json(self, inside: bool) -> &'static str {
        match (self, inside) {
            (Dialect::Sqlite, false) => "json(",
            (Dialect::Sqlite, true) => "jsonb(",
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
