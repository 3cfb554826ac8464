//! Rows of the three tables that hold the model's metadata, as the objects the API tells: keys in the recorded order,
//! booleans as booleans, JSON parsed, lists as lists. Knows no other table.

use aedile_engine::{
    Json, Object,
    schema::{Ident, physical::Table},
    sql::{Dialect, Output, Shape, Sql, Stmt},
    value::Param,
};

/// How a stored value becomes JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// As it is.
    Plain,
    /// True or false.
    Flag,
    /// Parsed from text.
    Json,
    /// A list, from words with commas between.
    List,
}

/// A column's name, and how its values become JSON.
pub(super) type Column = (&'static str, Cell);

/// A metadata table: its name, its order, and its columns in the order the API tells them,
/// of which an older project may lack some.
pub(super) struct Layout {
    pub(super) table: &'static str,
    order: &'static str,
    columns: &'static [Column],
}

use Cell::{Flag, Json as Parsed, List, Plain};

pub(super) const COLLECTIONS: Layout = Layout {
    table: "directus_collections",
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
        ("sort", Plain),
        ("group", Plain),
        ("collapse", Plain),
        ("preview_url", Plain),
        ("versioning", Flag),
    ],
};

pub(super) const FIELDS: Layout = Layout {
    table: "directus_fields",
    order: "id",
    columns: &[
        ("id", Plain),
        ("collection", Plain),
        ("field", Plain),
        ("special", List),
        ("interface", Plain),
        ("options", Parsed),
        ("display", Plain),
        ("display_options", Parsed),
        ("readonly", Flag),
        ("hidden", Flag),
        ("sort", Plain),
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

pub(super) const RELATIONS: Layout = Layout {
    table: "directus_relations",
    order: "id",
    columns: &[
        ("id", Plain),
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

impl Layout {
    /// The columns that this project's table has; an older project lacks some.
    pub(super) fn present(&self, table: &Table) -> Vec<Column> {
        self.columns
            .iter()
            .filter(|(name, _)| table.columns.iter().any(|column| column.name.as_str() == *name))
            .copied()
            .collect()
    }

    /// How a column of this name is stored, if there is one.
    pub(super) fn cell(&self, name: &str) -> Option<Cell> {
        self.columns.iter().find(|(column, _)| *column == name).map(|(_, cell)| *cell)
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
        (_, Param::Text(text)) => Json::String(text),
    }
}

fn list(text: &str) -> Json {
    text.split(',').filter(|word| !word.is_empty()).map(Json::from).collect()
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
