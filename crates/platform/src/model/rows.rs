//! Rows of the tables that hold the model's metadata, and of the permissions that speak of it, as the objects the API
//! tells: keys in the recorded order, booleans as booleans, JSON parsed, lists as lists. Knows no other table.

use aedile_engine::{
    Error, Json, Object, Result,
    schema::{Ident, physical::Table},
    sql::{Dialect, Output, Shape, Sql, Stmt},
    value::Param,
};

/// How a stored value becomes JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// As it is.
    Plain,
    /// A whole number.
    Number,
    /// True or false.
    Flag,
    /// Parsed from text.
    Json,
    /// A list, from words with commas between.
    List,
}

/// A column's name, and how its values become JSON.
pub(super) type Column = (&'static str, Cell);

/// Columns and what is to be stored in them.
pub(super) type Values = Vec<(&'static str, Param)>;

/// A metadata table: its name, what tells its rows apart, its order, and its columns in the order the API tells them,
/// of which an older project may lack some.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) table: &'static str,
    pub(super) key: &'static [&'static str],
    order: &'static str,
    columns: &'static [Column],
}

use Cell::{Flag, Json as Parsed, List, Number, Plain};

pub(super) static COLLECTIONS: Layout = Layout {
    table: "directus_collections",
    key: &["collection"],
    order: "collection",
    columns: &[
        ("collection", Plain),
        ("icon", Plain),
        ("note", Plain),
        ("display_template", Plain),
        ("hidden", Flag),
        ("singleton", Flag),
        ("translations", Parsed),
        ("archive_field", Plain),
        ("archive_app_filter", Flag),
        ("archive_value", Plain),
        ("unarchive_value", Plain),
        ("sort_field", Plain),
        ("accountability", Plain),
        ("color", Plain),
        ("item_duplication_fields", Parsed),
        ("sort", Number),
        ("group", Plain),
        ("collapse", Plain),
        ("preview_url", Plain),
        ("versioning", Flag),
    ],
};

pub(super) static FIELDS: Layout = Layout {
    table: "directus_fields",
    key: &["collection", "field"],
    order: "id",
    columns: &[
        ("id", Number),
        ("collection", Plain),
        ("field", Plain),
        ("special", List),
        ("interface", Plain),
        ("options", Parsed),
        ("display", Plain),
        ("display_options", Parsed),
        ("readonly", Flag),
        ("hidden", Flag),
        ("sort", Number),
        ("width", Plain),
        ("translations", Parsed),
        ("note", Plain),
        ("conditions", Parsed),
        ("required", Flag),
        ("group", Plain),
        ("validation", Parsed),
        ("validation_message", Plain),
        ("searchable", Flag),
    ],
};

pub(super) static RELATIONS: Layout = Layout {
    table: "directus_relations",
    key: &["many_collection", "many_field"],
    order: "id",
    columns: &[
        ("id", Number),
        ("many_collection", Plain),
        ("many_field", Plain),
        ("one_collection", Plain),
        ("one_field", Plain),
        ("one_collection_field", Plain),
        ("one_allowed_collections", List),
        ("junction_field", Plain),
        ("sort_field", Plain),
        ("one_deselect_action", Plain),
    ],
};

pub(super) static PERMISSIONS: Layout = Layout {
    table: "directus_permissions",
    key: &["id"],
    order: "id",
    columns: &[
        ("id", Number),
        ("collection", Plain),
        ("action", Plain),
        ("permissions", Parsed),
        ("validation", Parsed),
        ("presets", Parsed),
        ("fields", List),
    ],
};

/// Columns, beside flags, that hold something in every row.
const NEVER_NULL: [&str; 2] = ["collapse", "one_deselect_action"];

impl Layout {
    /// The columns that this project's table has; an older project lacks some.
    pub(super) fn present(&self, table: &Table) -> Vec<Column> {
        self.columns
            .iter()
            .filter(|(name, _)| table.columns.iter().any(|column| column.name.as_str() == *name))
            .copied()
            .collect()
    }

    /// What a caller's object says for this table's columns, ready to be stored; other keys are ignored, and so is null
    /// where the database has a default for nothing said.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` for a value that the column cannot hold.
    pub(super) fn values(&self, said: &Object, except: &[&str]) -> Result<Values> {
        let mut values = Vec::new();
        for (name, cell) in self.columns.iter().filter(|(name, _)| !except.contains(name)) {
            let Some(value) = said.get(*name) else {
                continue;
            };
            let kept = *cell != Cell::Flag && !NEVER_NULL.contains(name);
            if !value.is_null() || kept {
                values.push((*name, stored(name, *cell, value)?));
            }
        }
        Ok(values)
    }

    /// What is to be stored, as the API will tell it.
    pub(super) fn object(&self, values: &Values) -> Object {
        values
            .iter()
            .map(|(name, value)| {
                let known = self.columns.iter().find(|(known, _)| known == name);
                let cell = known.map_or(Plain, |(_, cell)| *cell);
                ((*name).to_owned(), told(cell, value.clone()))
            })
            .collect()
    }

    /// What tells a row apart from the others.
    pub(super) fn key_of(&self, row: &Object) -> Object {
        let part = |name: &&str| ((*name).to_owned(), row.get(*name).cloned().unwrap_or_default());
        self.key.iter().map(part).collect()
    }

    /// Adds a row.
    pub(super) fn insert(&self, dialect: Dialect, values: &Values) -> Sql {
        let mut sql = Sql::new(dialect);
        sql.push("insert into ").ident(&Ident::new(self.table)).push(" (");
        sql.list(values, |sql, (name, _)| {
            sql.ident(&Ident::new(*name));
        });
        sql.push(") values (");
        sql.list(values, |sql, (_, value)| {
            sql.param(value.clone());
        });
        sql.push(")");
        sql
    }

    /// Changes the row with this key.
    pub(super) fn update(&self, dialect: Dialect, key: &Object, values: &Values) -> Sql {
        let mut sql = Sql::new(dialect);
        sql.push("update ").ident(&Ident::new(self.table)).push(" set ");
        sql.list(values, |sql, (name, value)| {
            sql.ident(&Ident::new(*name)).push(" = ").param(value.clone());
        });
        self.keyed(&mut sql, key);
        sql
    }

    /// Removes the row with this key.
    pub(super) fn delete(&self, dialect: Dialect, key: &Object) -> Sql {
        let mut sql = Sql::new(dialect);
        sql.push("delete from ").ident(&Ident::new(self.table));
        self.keyed(&mut sql, key);
        sql
    }

    fn keyed(&self, sql: &mut Sql, key: &Object) {
        for (i, name) in self.key.iter().enumerate() {
            let value = match key.get(*name) {
                Some(Json::String(text)) => Param::Text(text.clone()),
                Some(other) => other.as_i64().map_or(Param::Null, Param::Int),
                None => Param::Null,
            };
            sql.push(if i == 0 { " where " } else { " and " });
            sql.ident(&Ident::new(*name)).push(" = ").param(value);
        }
    }

    /// Reads every row, in a fixed order.
    pub(super) fn select(&self, dialect: Dialect, columns: &[Column]) -> Stmt {
        let mut sql = Sql::new(dialect);
        sql.push("select ")
            .list(columns, |sql, (name, _)| {
                sql.ident(&Ident::new(*name));
            })
            .push(" from ")
            .ident(&Ident::new(self.table))
            .push(" order by ")
            .ident(&Ident::new(self.order));
        sql.finish(
            columns
                .iter()
                .map(|(name, _)| Output {
                    name: (*name).to_owned(),
                    shape: Shape::Text,
                })
                .collect(),
        )
    }
}

/// A row as the object the API tells.
pub(super) fn object(columns: &[Column], row: Vec<Param>) -> Object {
    columns
        .iter()
        .zip(row)
        .map(|((name, cell), value)| ((*name).to_owned(), told(*cell, value)))
        .collect()
}

fn told(cell: Cell, value: Param) -> Json {
    match (cell, value) {
        (_, Param::Null | Param::Bytes(_)) => Json::Null,
        (Cell::Flag, Param::Int(n)) => Json::Bool(n != 0),
        (Cell::Flag, Param::Text(text)) => Json::Bool(matches!(text.as_str(), "1" | "true" | "t")),
        // Text that does not parse was written by other hands: it is told as it is.
        (Cell::Json, Param::Text(text)) => serde_json::from_str(&text).unwrap_or(Json::String(text)),
        (Cell::List, Param::Text(text)) => list(&text),
        (_, Param::Bool(b)) => Json::Bool(b),
        (_, Param::Int(n) | Param::Instant(n) | Param::Wall(n)) => Json::from(n),
        (_, Param::Real(n)) => Json::from(n),
        (_, Param::Text(text) | Param::Geometry(text)) => Json::String(text),
    }
}

/// A caller's value as it is stored.
fn stored(name: &str, cell: Cell, value: &Json) -> Result<Param> {
    let wrong = |wanted: &str| Err(Error::invalid_payload(format!("\"{name}\" must be {wanted}")));
    Ok(match (cell, value) {
        (_, Json::Null) => Param::Null,
        (Cell::Flag, Json::Bool(b)) => Param::Bool(*b),
        (Cell::Flag, _) => return wrong("true or false"),
        (Cell::Number, value) => match value.as_i64() {
            Some(n) => Param::Int(n),
            None => return wrong("a whole number"),
        },
        (Cell::Json, Json::String(text)) => match serde_json::from_str::<Json>(text) {
            Ok(_) => Param::Text(text.clone()),
            Err(_) => Param::Text(value.to_string()),
        },
        (Cell::Json, value) => Param::Text(value.to_string()),
        (Cell::List, Json::String(text)) => Param::Text(text.clone()),
        (Cell::List, Json::Array(items)) => {
            let words: Option<Vec<&str>> = items.iter().map(Json::as_str).collect();
            match words {
                Some(words) if !words.iter().any(|word| word.contains(',')) => Param::Text(words.join(",")),
                _ => return wrong("a list of words without commas"),
            }
        }
        (Cell::List, _) => return wrong("a list"),
        (Cell::Plain, Json::String(text)) => Param::Text(text.clone()),
        (Cell::Plain, Json::Number(number)) => Param::Text(number.to_string()),
        (Cell::Plain, _) => return wrong("text"),
    })
}

fn list(text: &str) -> Json {
    text.split(',')
        .filter(|word| !word.is_empty())
        .map(Json::from)
        .collect()
}

/// The words of a list that was read from a row.
pub(super) fn words(row: &Object, key: &str) -> Vec<String> {
    row.get(key)
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .map(str::to_owned)
        .collect()
}

/// The text at a key of a row.
pub(super) fn text<'a>(row: &'a Object, key: &str) -> Option<&'a str> {
    row.get(key).and_then(Json::as_str)
}

/// The truth at a key of a row; `usual` where it has none.
pub(super) fn flag(row: &Object, key: &str, usual: bool) -> bool {
    row.get(key).and_then(Json::as_bool).unwrap_or(usual)
}
