//! A change of the model as data, before anything happens: what becomes of tables, of metadata, and of rows that speak of
//! what goes. It is shown as it is carried out; nothing may happen that is not in it.

mod words;

use aedile_engine::{
    Json, Object, Result,
    ddl::Change,
    schema::{Column, Ident, physical::Table},
    sql::{Dialect, Sql},
};
use serde_json::json;

use super::{
    edit::Edit,
    rows::{Layout, Values},
};

/// What is to happen, in this order: tables, sweeps, metadata.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) tables: Vec<TableChange>,
    pub(super) sweeps: Vec<Sweep>,
    pub(super) rows: Vec<RowChange>,
}

/// A change of a table.
#[derive(Clone, Debug)]
pub(super) struct TableChange {
    pub(super) change: Change,
    /// The column as it is, where one changes or goes.
    pub(super) before: Option<Column>,
    /// How many rows (of a table) or values (of a column) go with it; none where nothing does.
    pub(super) lost: Option<i64>,
}

/// A change of one row of metadata.
#[derive(Debug)]
pub(super) struct RowChange {
    pub(super) layout: &'static Layout,
    pub(super) key: Object,
    pub(super) what: What,
}

/// What happens to a row.
#[derive(Debug)]
pub(super) enum What {
    /// It is made.
    Create(Values),
    /// Some of it changes; what that was, and what it becomes.
    Update(Object, Values),
    /// It goes.
    Delete(Object),
}

/// Rows of other tables that go, or forget something, because they speak of a collection by its name.
#[derive(Debug)]
pub(super) struct Sweep {
    pub(super) table: &'static str,
    /// The column that is emptied; none where the rows go.
    pub(super) emptied: Option<&'static str>,
    /// The condition, before and after the collection's name.
    pub(super) condition: [&'static str; 2],
    pub(super) collection: String,
    /// How many rows it finds, once they are counted.
    pub(super) found: i64,
}

impl RowChange {
    /// As a statement.
    pub(super) fn sql(&self, dialect: Dialect) -> Sql {
        match &self.what {
            What::Create(values) => self.layout.insert(dialect, values),
            What::Update(_, values) => self.layout.update(dialect, &self.key, values),
            What::Delete(_) => self.layout.delete(dialect, &self.key),
        }
    }

    fn told(&self) -> Json {
        let (action, before, after) = match &self.what {
            What::Create(values) => ("create", None, Some(self.layout.object(values))),
            What::Update(before, values) => ("update", Some(before.clone()), Some(self.layout.object(values))),
            What::Delete(before) => ("delete", Some(before.clone()), None),
        };
        json!({"action": action, "table": self.layout.table, "key": self.key, "before": before, "after": after})
    }
}

impl Sweep {
    /// As a statement.
    pub(super) fn sql(&self, dialect: Dialect) -> Sql {
        let mut sql = Sql::new(dialect);
        let table = Ident::new(self.table);
        match self.emptied {
            None => sql.push("delete from ").ident(&table),
            Some(column) => sql
                .push("update ")
                .ident(&table)
                .push(" set ")
                .ident(&Ident::new(column))
                .push(" = null"),
        };
        self.condition(&mut sql);
        sql
    }

    /// How many rows it finds.
    fn count(&self, dialect: Dialect) -> Sql {
        let mut sql = Sql::new(dialect);
        sql.push("select count(*) from ").ident(&Ident::new(self.table));
        self.condition(&mut sql);
        sql
    }

    fn condition(&self, sql: &mut Sql) {
        let [before, after] = self.condition;
        sql.push(" where ")
            .push(before)
            .param(self.collection.as_str())
            .push(after);
    }

    fn told(&self) -> Json {
        let action = if self.emptied.is_some() { "empty" } else { "delete" };
        json!({"action": action, "table": self.table, "column": self.emptied, "rows": self.found})
    }
}

impl TableChange {
    fn told(&self) -> Json {
        let mut told = json!({"action": words::action(&self.change), "table": self.change.table()});
        let Some(object) = told.as_object_mut() else {
            return told;
        };
        let mut say = |name: &str, value: Json| drop(object.insert(name.to_owned(), value));
        match &self.change {
            Change::CreateTable(table) => {
                say("columns", table.columns.iter().map(column).collect());
                say("primary_key", table.primary_key.clone().into());
                say("indexes", indexes(table));
            }
            Change::AddColumn { column: added, .. } => say("column", column(added)),
            Change::AlterColumn { column: after, .. } => {
                say("before", self.before.as_ref().map_or(Json::Null, column));
                say("after", column(after));
            }
            Change::DropTable { .. } => say("rows", self.lost.into()),
            Change::DropColumn { column: name, .. } => {
                say(
                    "column",
                    self.before.as_ref().map_or_else(|| json!({"name": name}), column),
                );
                say("values", self.lost.into());
            }
            Change::CreateIndex { index, .. } => {
                say(
                    "index",
                    json!({"name": index.name, "columns": index.columns, "unique": index.unique}),
                );
            }
            Change::DropIndex { index, .. } => say("index", json!({"name": index})),
            Change::AddForeignKey { key, .. } => say(
                "foreign_key",
                json!({"column": key.column, "foreign_key_table": key.table, "foreign_key_column": key.target,
                    "on_update": key.on_update, "on_delete": key.on_delete}),
            ),
            Change::DropForeignKey { column, .. } => say("foreign_key", json!({"column": column})),
        }
        told
    }
}

fn indexes(table: &Table) -> Json {
    let index = |index: &aedile_engine::schema::physical::Index| json!({"name": index.name, "columns": index.columns, "unique": index.unique});
    table.indexes.iter().map(index).collect()
}

fn column(column: &Column) -> Json {
    json!({
        "name": column.name.as_str(),
        "data_type": column.data_type,
        "max_length": column.max_length,
        "numeric_precision": column.precision,
        "numeric_scale": column.scale,
        "is_nullable": column.nullable,
        "default_value": if column.default_now { Some("CURRENT_TIMESTAMP".into()) } else { column.default.clone() },
    })
}

impl Plan {
    /// Whether nothing is to happen.
    pub(super) fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.sweeps.is_empty() && self.rows.is_empty()
    }

    /// In words and as data.
    pub(super) fn told(&self) -> Json {
        let sweeps = self.sweeps.iter().filter(|sweep| sweep.found > 0);
        json!({
            "changes": words::of(self),
            "tables": self.tables.iter().map(TableChange::told).collect::<Json>(),
            "rows": self.rows.iter().map(RowChange::told).collect::<Json>(),
            "swept": sweeps.map(Sweep::told).collect::<Json>(),
        })
    }
}

/// Counts what goes with tables, columns and sweeps: to be told, where it is shown.
pub(super) async fn count(edit: &mut Edit<'_>, plan: &mut Plan) -> Result<()> {
    for planned in &mut plan.tables {
        let mut sql = edit.sql();
        match &planned.change {
            Change::DropTable { table } => sql.push("select count(*) from ").ident(&Ident::new(table)),
            Change::DropColumn { table, column } => sql
                .push("select count(")
                .ident(&Ident::new(column))
                .push(") from ")
                .ident(&Ident::new(table)),
            _ => continue,
        };
        if edit.is_stored(planned.change.table()) {
            planned.lost = Some(edit.number(sql).await?);
        }
    }
    for sweep in &mut plan.sweeps {
        sweep.found = edit.number(sweep.count(edit.dialect())).await?;
    }
    Ok(())
}
