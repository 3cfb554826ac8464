//! A transaction, as those see it who write. Its methods are the only thing a writing closure may await.

use aedile_engine::{
    Error, Result,
    ddl::Step,
    schema::physical::Physical,
    sql::{Dialect, Stmt},
    value::Param,
};

use crate::{BoxFuture, JsonRows, Row, mysql, postgres, sqlite::Session};

/// A running transaction. It ends by itself: with the closure that got it.
pub struct Tx {
    driver: Driver,
}

enum Driver {
    Sqlite(Session),
    Postgres(Box<postgres::Transaction>),
    MySql(Box<mysql::Transaction>),
}

impl Tx {
    /// The transactions of one connection.
    pub(crate) fn sqlite(session: Session) -> Self {
        Tx {
            driver: Driver::Sqlite(session),
        }
    }

    /// A transaction of PostgreSQL.
    pub(crate) fn postgres(transaction: postgres::Transaction) -> Self {
        Tx {
            driver: Driver::Postgres(Box::new(transaction)),
        }
    }

    /// SQLite's connection.
    ///
    /// # Errors
    /// On another database.
    pub(crate) fn session(&self) -> Result<&Session> {
        match &self.driver {
            Driver::Sqlite(session) => Ok(session),
            Driver::Postgres(_) | Driver::MySql(_) => Err(another()),
        }
    }

    /// PostgreSQL's transaction.
    ///
    /// # Errors
    /// On another database.
    pub(crate) fn postgres_mut(&mut self) -> Result<&mut postgres::Transaction> {
        match &mut self.driver {
            Driver::Postgres(transaction) => Ok(transaction),
            Driver::Sqlite(_) | Driver::MySql(_) => Err(another()),
        }
    }

    /// PostgreSQL's transaction, to be ended.
    ///
    /// # Errors
    /// On another database.
    pub(crate) fn into_postgres(self) -> Result<postgres::Transaction> {
        match self.driver {
            Driver::Postgres(transaction) => Ok(*transaction),
            Driver::Sqlite(_) | Driver::MySql(_) => Err(another()),
        }
    }

    /// A transaction of MariaDB or MySQL.
    pub(crate) fn mysql(transaction: mysql::Transaction) -> Self {
        Tx {
            driver: Driver::MySql(Box::new(transaction)),
        }
    }

    /// MariaDB's transaction.
    ///
    /// # Errors
    /// On another database.
    pub(crate) fn mysql_mut(&mut self) -> Result<&mut mysql::Transaction> {
        match &mut self.driver {
            Driver::MySql(transaction) => Ok(transaction),
            Driver::Sqlite(_) | Driver::Postgres(_) => Err(another()),
        }
    }

    /// MariaDB's transaction, to be ended.
    ///
    /// # Errors
    /// On another database.
    pub(crate) fn into_mysql(self) -> Result<mysql::Transaction> {
        match self.driver {
            Driver::MySql(transaction) => Ok(*transaction),
            Driver::Sqlite(_) | Driver::Postgres(_) => Err(another()),
        }
    }

    /// How the database writes SQL.
    pub fn dialect(&self) -> Dialect {
        match &self.driver {
            Driver::Sqlite(_) => Dialect::Sqlite,
            Driver::Postgres(_) => Dialect::Postgres,
            Driver::MySql(transaction) => Dialect::MySql(transaction.flavour()),
        }
    }

    /// Runs a statement and answers its rows; also for writes that return some.
    pub async fn fetch(&mut self, stmt: &Stmt, params: &[Param]) -> Result<Vec<Row>> {
        match &mut self.driver {
            Driver::Sqlite(session) => session.fetch(stmt, params),
            Driver::Postgres(transaction) => transaction.fetch(stmt, params).await,
            Driver::MySql(transaction) => transaction.fetch(stmt, params).await,
        }
    }

    /// Runs a statement and writes its rows as JSON objects.
    pub async fn fetch_json(&mut self, stmt: &Stmt, params: &[Param]) -> Result<JsonRows> {
        match &mut self.driver {
            Driver::Sqlite(session) => session.fetch_json(stmt, params),
            Driver::Postgres(transaction) => transaction.fetch_json(stmt, params).await,
            Driver::MySql(transaction) => transaction.fetch_json(stmt, params).await,
        }
    }

    /// Runs a statement that answers no rows; tells how many it matched.
    pub async fn execute(&mut self, stmt: &Stmt, params: &[Param]) -> Result<u64> {
        match &mut self.driver {
            Driver::Sqlite(session) => session.execute(stmt, params),
            Driver::Postgres(transaction) => transaction.execute(stmt, params).await,
            Driver::MySql(transaction) => transaction.execute(stmt, params).await,
        }
    }

    /// Runs a statement whose answer nobody waits for: where that saves a way to the server and back, together with what comes
    /// next, which fails where it fails. What a transaction was told to do later is done before it is kept.
    pub async fn later(&mut self, stmt: &Stmt, params: Vec<Param>) -> Result<()> {
        match &mut self.driver {
            Driver::Postgres(transaction) => transaction.later(stmt, params).await,
            Driver::Sqlite(_) | Driver::MySql(_) => self.execute(stmt, &params).await.map(|_| ()),
        }
    }

    /// Changes the schema by one statement that binds nothing; where no transaction would, the step's own way back undoes
    /// it when something fails later.
    pub async fn execute_step(&mut self, step: &Step) -> Result<()> {
        match &mut self.driver {
            Driver::MySql(transaction) => transaction.execute_step(step).await,
            Driver::Sqlite(_) | Driver::Postgres(_) => self.execute_ddl(&step.stmt).await,
        }
    }

    /// Changes the schema by one statement that binds nothing, and for which no way back is known.
    pub async fn execute_ddl(&mut self, stmt: &Stmt) -> Result<()> {
        if !stmt.binds.is_empty() {
            return Err(Error::internal("a change of the schema cannot bind values"));
        }
        match &mut self.driver {
            Driver::Sqlite(session) => session.execute_ddl(&stmt.text),
            Driver::Postgres(transaction) => transaction.execute_ddl(&stmt.text).await,
            Driver::MySql(transaction) => transaction.execute_step(&stmt.clone().into()).await,
        }
    }

    /// What the database says of its tables, changes of this transaction included.
    pub async fn introspect(&mut self) -> Result<Physical> {
        match &mut self.driver {
            Driver::Sqlite(session) => session.introspect(),
            Driver::Postgres(transaction) => transaction.introspect().await,
            Driver::MySql(transaction) => transaction.introspect().await,
        }
    }

    /// Runs a part that may fail by itself: its changes are undone then, those before it stay.
    pub async fn nested<T, F>(&mut self, f: F) -> Result<T>
    where
        T: Send,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send,
    {
        match &mut self.driver {
            Driver::Sqlite(session) => session.control("SAVEPOINT part")?,
            Driver::Postgres(transaction) => transaction.begin_part().await?,
            Driver::MySql(transaction) => transaction.begin_part().await?,
        }
        let result = f(self).await;
        match &mut self.driver {
            Driver::Postgres(transaction) => transaction.end_part(result.is_ok()).await?,
            Driver::MySql(transaction) => transaction.end_part(result.is_ok()).await?,
            Driver::Sqlite(session) if result.is_ok() => session.control("RELEASE part")?,
            Driver::Sqlite(session) => session.control("ROLLBACK TO part; RELEASE part")?,
        }
        result
    }
}

fn another() -> Error {
    Error::internal("a transaction was taken for one of another database")
}
