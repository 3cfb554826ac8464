//! A transaction, as those see it who write. Its methods are the only thing a writing closure may await.

use aedile_engine::{Error, Result, schema::physical::Physical, sql::Stmt, value::Param};

use crate::{BoxFuture, JsonRows, Row, sqlite::Session};

/// A running transaction. It ends by itself: with the closure that got it.
pub struct Tx {
    driver: Driver,
}

enum Driver {
    Sqlite(Session),
}

impl Tx {
    /// The transactions of one connection.
    pub(crate) fn sqlite(session: Session) -> Self {
        Tx {
            driver: Driver::Sqlite(session),
        }
    }

    /// The connection itself.
    pub(crate) fn session(&self) -> &Session {
        match &self.driver {
            Driver::Sqlite(session) => session,
        }
    }

    /// Runs a statement and answers its rows; also for writes that return some.
    pub async fn fetch(&mut self, stmt: &Stmt, params: &[Param]) -> Result<Vec<Row>> {
        match &self.driver {
            Driver::Sqlite(session) => session.fetch(stmt, params),
        }
    }

    /// Runs a statement and writes its rows as JSON objects.
    pub async fn fetch_json(&mut self, stmt: &Stmt, params: &[Param]) -> Result<JsonRows> {
        match &self.driver {
            Driver::Sqlite(session) => session.fetch_json(stmt, params),
        }
    }

    /// Runs a statement that answers no rows; tells how many it matched.
    pub async fn execute(&mut self, stmt: &Stmt, params: &[Param]) -> Result<u64> {
        match &self.driver {
            Driver::Sqlite(session) => session.execute(stmt, params),
        }
    }

    /// Changes the schema by one statement that binds nothing.
    pub async fn execute_ddl(&mut self, stmt: &Stmt) -> Result<()> {
        if !stmt.binds.is_empty() {
            return Err(Error::internal("a change of the schema cannot bind values"));
        }
        match &self.driver {
            Driver::Sqlite(session) => session.execute_ddl(&stmt.text),
        }
    }

    /// What the database says of its tables, changes of this transaction included.
    pub async fn introspect(&mut self) -> Result<Physical> {
        match &self.driver {
            Driver::Sqlite(session) => session.introspect(),
        }
    }

    /// The key of the row that was inserted last, where the database chose it.
    pub fn last_insert_id(&self) -> i64 {
        match &self.driver {
            Driver::Sqlite(session) => session.last_insert_id(),
        }
    }

    /// Runs a part that may fail by itself: its changes are undone then, those before it stay.
    pub async fn nested<T, F>(&mut self, f: F) -> Result<T>
    where
        T: Send,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send,
    {
        match &self.driver {
            Driver::Sqlite(session) => session.control("SAVEPOINT part")?,
        }
        let result = f(self).await;
        match &self.driver {
            Driver::Sqlite(session) if result.is_ok() => session.control("RELEASE part")?,
            Driver::Sqlite(session) => session.control("ROLLBACK TO part; RELEASE part")?,
        }
        result
    }
}
