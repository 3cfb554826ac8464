//! Where the databases differ: one `match self` per difference, side by side.

/// A database's way of writing SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite 3.44 or newer.
    Sqlite,
}

impl Dialect {
    /// The character around names.
    pub fn quote(self) -> char {
        match self {
            Dialect::Sqlite => '"',
        }
    }

    /// Whether placeholders carry their number.
    pub fn numbered(self) -> bool {
        match self {
            Dialect::Sqlite => false,
        }
    }

    /// Writes the placeholder of the `n`th bound value, counted from one.
    pub fn placeholder(self, text: &mut String, _n: usize) {
        match self {
            Dialect::Sqlite => text.push('?'),
        }
    }
}
