//! A change of the model while it is planned: what is stored, what it is going to be, and the plan that leads there.
//! Reading and thinking come first; the one place that changes the database is [`Edit::carry_out`], which does what the
//! plan says and nothing else.

use aedile_db::{Row, Tx};
use aedile_engine::{
    Code, Error, Json, Object, Result,
    ddl::{self, Change, Compiled, Rebuilt, definition},
    schema::{Collection, physical::Physical, system},
    sql::{Bind, Dialect, Sql, Stmt},
    value::Param,
};

use super::{
    Model,
    load::{self, Rows},
    plan::{self, Plan, RowChange, Sweep, TableChange, What},
    rows::{Layout, PERMISSIONS, Values},
};
use crate::statement;

/// A change of the model in the making.
pub(super) struct Edit<'t> {
    tx: &'t mut Tx,
    /// What the database says.
    stored: Physical,
    /// What it will say.
    pub(super) physical: Physical,
    /// The model as it will be; as of the last [`Edit::settle`].
    pub(super) model: Model,
    /// The metadata as it will be.
    rows: Rows,
    plan: Plan,
}

impl<'t> Edit<'t> {
    /// Begins with what is stored now, not with what the caller's snapshot remembers.
    pub(super) async fn begin(tx: &'t mut Tx) -> Result<Edit<'t>> {
        let (physical, rows) = load::both(tx).await?;
        Ok(Edit {
            tx,
            model: load::assemble(&physical, rows.clone()),
            stored: physical.clone(),
            physical,
            rows,
            plan: Plan::default(),
        })
    }

    /// Makes the model what the plan so far leads to.
    pub(super) fn settle(&mut self) {
        self.model = load::assemble(&self.physical, self.rows.clone());
    }

    /// How the database writes SQL.
    pub(super) fn dialect(&self) -> Dialect {
        self.tx.dialect()
    }

    /// An empty statement.
    pub(super) fn sql(&self) -> Sql {
        Sql::new(self.dialect())
    }

    /// Reads rows as they are stored.
    pub(super) async fn fetch(&mut self, sql: Sql) -> Result<Vec<Row>> {
        let stmt = sql.finish(Vec::new());
        let params = params(&stmt);
        self.tx.fetch(&stmt, &params).await
    }

    /// The number that a statement answers.
    pub(super) async fn number(&mut self, sql: Sql) -> Result<i64> {
        let rows = self.fetch(sql).await?;
        match rows.first().and_then(|row| row.first()) {
            Some(Param::Int(n)) => Ok(*n),
            _ => Err(Error::internal("a count is no number")),
        }
    }

    /// Whether a table is there already: one that is only planned holds nothing, and cannot be asked.
    pub(super) fn is_stored(&self, table: &str) -> bool {
        ddl::find(&self.stored, table).is_some()
    }

    /// Whether a column is there already.
    pub(super) fn has_column(&self, table: &str, column: &str) -> bool {
        let stored = ddl::find(&self.stored, table);
        stored.is_some_and(|table| table.columns.iter().any(|known| known.name.as_str() == column))
    }

    /// Plans changes of tables.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` where they do not fit the tables.
    pub(super) fn change_tables(&mut self, changes: Vec<Change>) -> Result<()> {
        for change in changes {
            let before = match &change {
                Change::AlterColumn { table, column } => self.column(table, column.name.as_str()),
                Change::DropColumn { table, column } => self.column(table, column),
                _ => None,
            };
            ddl::compile(self.dialect(), &mut self.physical, vec![change.clone()])?;
            self.plan.tables.push(TableChange {
                change,
                before,
                lost: None,
            });
        }
        Ok(())
    }

    fn column(&self, table: &str, name: &str) -> Option<aedile_engine::schema::Column> {
        let table = ddl::find(&self.physical, table)?;
        table
            .columns
            .iter()
            .find(|column| column.name.as_str() == name)
            .cloned()
    }

    /// Plans a new row of metadata.
    pub(super) fn insert(&mut self, layout: &'static Layout, values: Values) {
        let row = layout.object(&values);
        self.plan.rows.push(RowChange {
            layout,
            key: layout.key_of(&row),
            what: What::Create(values),
        });
        self.rows.of_mut(layout).push(row);
    }

    /// Plans a change of the rows of metadata that fit. What they hold already is no change.
    pub(super) fn update(&mut self, layout: &'static Layout, fits: impl Fn(&Object) -> bool, values: &Values) {
        let after = layout.object(values);
        for row in self.rows.of_mut(layout).iter_mut().filter(|row| fits(row)) {
            let new = |name: &str| row.get(name).unwrap_or(&Json::Null) != after.get(name).unwrap_or(&Json::Null);
            let changed: Values = values.iter().filter(|(name, _)| new(name)).cloned().collect();
            if changed.is_empty() {
                continue;
            }
            let part =
                |(name, _): &(&'static str, Param)| ((*name).to_owned(), row.get(*name).cloned().unwrap_or_default());
            let before = changed.iter().map(part).collect();
            let key = layout.key_of(row);
            row.extend(layout.object(&changed));
            self.plan.rows.push(RowChange {
                layout,
                key,
                what: What::Update(before, changed),
            });
        }
    }

    /// Plans that the rows of metadata that fit go.
    pub(super) fn delete(&mut self, layout: &'static Layout, fits: impl Fn(&Object) -> bool) {
        let plan = &mut self.plan;
        self.rows.of_mut(layout).retain(|row| {
            let gone = fits(row);
            if gone {
                plan.rows.push(RowChange {
                    layout,
                    key: layout.key_of(row),
                    what: What::Delete(row.clone()),
                });
            }
            !gone
        });
    }

    /// Plans that rows of other tables go.
    pub(super) fn sweep(&mut self, sweep: Sweep) {
        self.plan.sweeps.push(sweep);
    }

    /// Every permission as it will be. They are read when they are first asked for.
    pub(super) async fn permissions(&mut self) -> Result<Vec<Object>> {
        if self.rows.permissions.is_none() {
            self.rows.permissions = Some(load::rows(self.tx, &self.stored, &PERMISSIONS).await?);
        }
        Ok(self.rows.permissions.clone().unwrap_or_default())
    }

    /// Does what the plan says, all of it; answers the model as it is then. Other nodes, and this one, load it before their
    /// next answer.
    ///
    /// # Errors
    /// `UNPROCESSABLE_CONTENT` where something of a table would be lost, or the database refuses.
    pub(super) async fn carry_out(mut self) -> Result<Model> {
        if self.plan.is_empty() {
            return Ok(self.model);
        }
        let compiled = self.compile().await?;
        for step in &compiled.steps {
            self.tx.execute_step(step).await.map_err(refused)?;
        }
        let dialect = self.dialect();
        let swept = self.plan.sweeps.iter().map(|sweep| sweep.sql(dialect));
        let changed = self.plan.rows.iter().map(|row| row.sql(dialect));
        for sql in swept.chain(changed) {
            let stmt = sql.finish(Vec::new());
            self.tx.execute(&stmt, &params(&stmt)).await?;
        }
        self.tx.execute(&statement::next_version(dialect), &[]).await?;
        let (physical, rows) = load::both(self.tx).await?;
        Ok(load::assemble(&physical, rows))
    }

    /// The plan in words and as data. Nothing is changed.
    ///
    /// # Errors
    /// Those that carrying it out would end with, as far as they can be known before.
    pub(super) async fn show(mut self) -> Result<Json> {
        self.compile().await?;
        let mut plan = std::mem::take(&mut self.plan);
        plan::count(&mut self, &mut plan).await?;
        Ok(plan.told())
    }

    async fn compile(&mut self) -> Result<Compiled> {
        let changes = self.plan.tables.iter().map(|planned| planned.change.clone()).collect();
        let compiled = ddl::compile(self.dialect(), &mut self.stored.clone(), changes)?;
        for anew in &compiled.rebuilt {
            self.judge(anew).await?;
        }
        Ok(compiled)
    }

    /// Fails when a table or column holds what would be lost by making it anew.
    async fn judge(&mut self, anew: &Rebuilt) -> Result<()> {
        let (stmt, table) = (definition::stored(self.dialect(), anew), &anew.table);
        let rows = self.tx.fetch(&stmt, &params(&stmt)).await?;
        for row in rows {
            let [Param::Text(kind), Param::Text(text)] = row.as_slice() else {
                continue;
            };
            if let Some(lost) = definition::judge(kind, text) {
                return Err(Error::unprocessable(format!(
                    "the table \"{table}\" holds something that this change would lose ({lost}); change it in the database itself"
                )));
            }
        }
        Ok(())
    }

    /// The collection of this name.
    ///
    /// # Errors
    /// `FORBIDDEN` when there is none.
    pub(super) fn collection(&self, name: &str) -> Result<&Collection> {
        self.model
            .schema
            .collection(name)
            .ok_or_else(|| Error::forbidden_collection(name))
    }

    /// Whether a table or a folder goes by this name, whatever the case of its letters.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        ddl::find(&self.physical, name).is_some()
            || self
                .rows
                .collections
                .iter()
                .any(|row| super::rows::text(row, "collection").is_some_and(|other| other.eq_ignore_ascii_case(name)))
    }

    /// The metadata rows of a table, as they will be.
    pub(super) fn rows(&self) -> &Rows {
        &self.rows
    }
}

fn params(stmt: &Stmt) -> Vec<Param> {
    let constant = |bind: &Bind| match bind {
        Bind::Const(param) => param.clone(),
        Bind::Var(..) | Bind::Key(_) => Param::Null,
    };
    stmt.binds.iter().map(constant).collect()
}

/// A change that compiles can still be refused (a view names the column, a limit of the database is reached): that is no
/// defect of ours, and the reason belongs into the log.
fn refused(error: Error) -> Error {
    if error.code() != Code::Internal {
        return error;
    }
    tracing::warn!(%error, "the database refused a change of the model");
    Error::unprocessable("the database refuses this change")
}

/// Refuses what would change the system's own fields.
pub(super) fn not_of_the_system(collection: &str, field: &str) -> Result<()> {
    match system::field(collection, field) {
        Some(_) => Err(Error::invalid_payload(format!(
            "\"{collection}.{field}\" belongs to the system and cannot be changed"
        ))),
        None => Ok(()),
    }
}
