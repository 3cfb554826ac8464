//! Where a run keeps its databases: files in memory, or a server whose databases are made for it. What differs
//! between databases is decided here and in the dialect; proofs and worlds must not ask which one it is.

use std::path::{Path, PathBuf};

use aedile_db::{Db, MySqlOptions, MySqlServer, Options, PostgresOptions, Server};
use aedile_engine::{
    Error, Result,
    ddl::{self, Change},
    schema::{
        Collection, Ident, Relation,
        physical::{Physical, Table},
    },
    sql::{Dialect, Sql, Stmt},
    value::Param,
};
use aedile_testkit::{
    backend::{Backend, Own},
    mariadb,
};
use tokio::runtime::Runtime;

/// Where files lie that need not outlive the run: memory, if the machine has such a place.
const IN_MEMORY: &str = "/dev/shm";
/// Statements that each connection keeps: hardly one comes twice.
const STATEMENTS: usize = 24;
/// As an installation makes its tables; others are made in what the server was set to.
const LETTERS: &str = "alter database character set utf8mb4 collate utf8mb4_bin";

/// What is done to a database: first its tables are changed, then rows are written with what they bind.
#[derive(Default)]
pub(super) struct Statements {
    pub(super) changes: Vec<Stmt>,
    pub(super) writes: Vec<(Stmt, Vec<Param>)>,
}

/// A database that goes with its value.
pub(super) struct Store<'b> {
    pub(super) db: Db,
    _file: Option<File>,
    _own: Own<'b>,
}

/// A file that is removed with its value.
struct File(PathBuf);

impl<'b> Store<'b> {
    /// An empty database. `name` tells several of one process apart.
    pub(super) fn open(backend: &'b Backend, runtime: &Runtime, name: &str) -> Result<Store<'b>> {
        let own = backend.database().map_err(|error| broken(&error))?;
        let (db, file) = match &own {
            Own::Sqlite => {
                let file = File::new(name);
                let mut options = Options::new(&file.0);
                options.readers = 1;
                (runtime.block_on(Db::open(options))?, Some(file))
            }
            Own::Postgres(database) => {
                let mut options = PostgresOptions::new(Server::parse(&database.url())?);
                (options.readers, options.writers, options.statement_cache) = (1, 1, STATEMENTS);
                (runtime.block_on(Db::open_postgres(options))?, None)
            }
            Own::MariaDb(database) => (on_mariadb(runtime, database, &database.url())?, None),
            Own::Rehearsal(database) => (on_mariadb(runtime, database, &database.rehearsal_url())?, None),
        };
        Ok(Store {
            db,
            _file: file,
            _own: own,
        })
    }
}

fn on_mariadb(runtime: &Runtime, database: &mariadb::Database<'_>, url: &str) -> Result<Db> {
    database.run(LETTERS).map_err(|error| broken(&error))?;
    let mut options = MySqlOptions::new(MySqlServer::parse(url)?);
    (options.readers, options.writers, options.statement_cache) = (1, 1, STATEMENTS);
    runtime.block_on(Db::open_mysql(options))
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::internal(error.to_string())
}

impl File {
    /// A new file. `name` tells several of one process apart.
    fn new(name: &str) -> File {
        let folder = Some(PathBuf::from(IN_MEMORY))
            .filter(|path| path.is_dir())
            .unwrap_or_else(std::env::temp_dir);
        let file = File(folder.join(format!("aedile-prove-{}-{name}.db", std::process::id())));
        file.remove();
        file
    }

    fn remove(&self) {
        for end in ["", "-wal", "-shm"] {
            let mut name = self.0.as_os_str().to_owned();
            name.push(end);
            // It may never have been there.
            std::fs::remove_file(Path::new(&name)).ok();
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.remove();
    }
}

/// A collection's table, after whatever has its name is gone; with the indexes of foreign keys that have one.
pub(super) fn table(dialect: Dialect, c: &Collection, relations: &[Relation]) -> Result<Vec<Stmt>> {
    let mut columns: Vec<_> = c.fields.values().filter_map(|field| field.column.clone()).collect();
    for column in &mut columns {
        // A table that remembers keys that are gone would count on from them.
        column.auto_increment &= dialect != Dialect::Sqlite;
    }
    let mut physical = Physical::default();
    let led = relations
        .iter()
        .filter(|relation| relation.many == c.name && relation.indexed);
    let indexes = led.map(|relation| ddl::index_on_key(&physical, c.table.as_str(), &relation.many_field));
    let table = Table {
        name: c.table.as_str().to_owned(),
        columns,
        primary_key: vec![c.key.clone()],
        indexes: indexes.collect(),
        ..Table::default()
    };
    let made = ddl::compile(dialect, &mut physical, vec![Change::CreateTable(table)])?;
    let mut statements = vec![gone(dialect, &c.table)];
    statements.extend(made.steps.into_iter().map(|step| step.stmt));
    Ok(statements)
}

/// The end of a table, if there is one.
pub(super) fn gone(dialect: Dialect, table: &Ident) -> Stmt {
    let mut sql = Sql::new(dialect);
    sql.push("drop table if exists ").ident(table);
    sql.finish(Vec::new())
}

/// Makes generated keys go on from the greatest there is, as on SQLite: elsewhere refused writes use keys up.
pub(super) fn counted<'c>(dialect: Dialect, of: impl Iterator<Item = &'c Collection>) -> Statements {
    let mut statements = Statements::default();
    match dialect {
        Dialect::Sqlite => {}
        Dialect::Postgres => {
            let mut sql = Sql::new(dialect);
            sql.push("select ").list(of, |sql, c| {
                let key = Ident::new(&c.key);
                sql.push("setval(cast(pg_get_serial_sequence(");
                sql.param(Param::from(c.table.as_str()))
                    .push(", ")
                    .param(Param::from(c.key.as_str()));
                sql.push(") as regclass), (select coalesce(max(").ident(&key);
                sql.push("), 0) + 1 from ").ident(&c.table).push("), false)");
            });
            statements.writes.push(bound(sql));
        }
        // A number that is too small is taken for the smallest that is free.
        Dialect::MySql(_) => statements.changes.extend(of.map(|c| {
            let mut sql = Sql::new(dialect);
            sql.push("alter table ").ident(&c.table).push(" auto_increment = 1");
            sql.finish(Vec::new())
        })),
    }
    statements
}

/// A statement with what it binds.
pub(super) fn bound(sql: Sql) -> (Stmt, Vec<Param>) {
    let stmt = sql.finish(Vec::new());
    let params = aedile_engine::sql::rows::fill(&stmt.binds, &mut |_, _| Param::Null);
    (stmt, params)
}

/// Runs statements.
pub(super) fn run(runtime: &Runtime, db: &Db, statements: Statements) -> Result<()> {
    let Statements { changes, writes } = statements;
    if !changes.is_empty() {
        runtime.block_on(db.write_ddl(move |tx| {
            Box::pin(async move {
                for stmt in &changes {
                    tx.execute_ddl(stmt).await?;
                }
                Ok(())
            })
        }))?;
    }
    if !writes.is_empty() {
        runtime.block_on(db.write(move |tx| {
            Box::pin(async move {
                for (stmt, params) in &writes {
                    tx.fetch(stmt, params).await?;
                }
                Ok(())
            })
        }))?;
    }
    Ok(())
}
