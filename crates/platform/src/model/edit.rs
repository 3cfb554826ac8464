//! A change of the model in progress: the transaction, and the model as it stands within it.
//! Everything of one change happens here or not at all; nothing is awaited but the transaction.

use aedile_db::{Row, Tx};
use aedile_engine::{
    Code, Error, Result,
    ddl::{self, Change, Rebuilt, definition},
    schema::{Collection, physical::Physical, system},
    sql::{Bind, Dialect, Sql, Stmt},
    value::Param,
};

use super::{Model, load};
use crate::statement;

/// A transaction that changes the model.
pub(super) struct Edit<'t> {
    tx: &'t mut Tx,
    /// What the database says, changes so far included.
    pub(super) physical: Physical,
    /// The model, as it was when last loaded.
    pub(super) model: Model,
}

impl<'t> Edit<'t> {
    /// Begins with what is stored now, not with what the caller's snapshot remembers.
    pub(super) async fn begin(tx: &'t mut Tx) -> Result<Edit<'t>> {
        let (physical, model) = load::both(tx).await?;
        Ok(Edit { tx, physical, model })
    }

    /// Loads the model again, after changes.
    pub(super) async fn reload(&mut self) -> Result<()> {
        (self.physical, self.model) = load::both(self.tx).await?;
        Ok(())
    }

    /// Makes other nodes, and this one, load the model before their next answer. Every change ends so.
    pub(super) async fn finish(&mut self) -> Result<()> {
        self.tx.execute(&statement::next_version(self.dialect()), &[]).await?;
        self.reload().await
    }

    /// How the database writes SQL.
    pub(super) fn dialect(&self) -> Dialect {
        self.tx.dialect()
    }

    /// An empty statement.
    pub(super) fn sql(&self) -> Sql {
        Sql::new(self.dialect())
    }

    /// Runs a statement that answers nothing.
    pub(super) async fn run(&mut self, sql: Sql) -> Result<u64> {
        let stmt = sql.finish(Vec::new());
        let params = params(&stmt);
        self.tx.execute(&stmt, &params).await
    }

    /// Runs a statement and answers its rows.
    pub(super) async fn fetch(&mut self, sql: Sql) -> Result<Vec<Row>> {
        let stmt = sql.finish(Vec::new());
        let params = params(&stmt);
        self.tx.fetch(&stmt, &params).await
    }

    /// The first cell of the first row, if there is one.
    pub(super) async fn first(&mut self, sql: Sql) -> Result<Option<Param>> {
        Ok(self
            .fetch(sql)
            .await?
            .into_iter()
            .next()
            .and_then(|row| row.into_iter().next()))
    }

    /// Changes tables.
    ///
    /// # Errors
    /// `UNPROCESSABLE_CONTENT` where something of a table would be lost, or the database refuses.
    pub(super) async fn apply(&mut self, changes: Vec<Change>) -> Result<()> {
        let compiled = ddl::compile(self.dialect(), &mut self.physical, changes)?;
        for anew in &compiled.rebuilt {
            self.judge(anew).await?;
        }
        for step in &compiled.steps {
            self.tx.execute_step(step).await.map_err(refused)?;
        }
        Ok(())
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
                .model
                .collections
                .keys()
                .any(|other| other.eq_ignore_ascii_case(name))
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
