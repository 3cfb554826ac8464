//! Where a run keeps its databases: files in memory, or a server of its own whose databases are made for it. What differs
//! between databases is decided here and in the dialect; proofs and worlds must not ask which one it is.

use std::path::{Path, PathBuf};

use aedile_db::{Db, Options, PostgresOptions, Server};
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
use aedile_testkit::postgres::{self, Postgres};
use tokio::runtime::Runtime;

/// Where files lie that need not outlive the run: memory, if the machine has such a place.
const IN_MEMORY: &str = "/dev/shm";
/// Statements that each connection keeps: hardly one comes twice.
const STATEMENTS: usize = 24;

/// Statements with what they bind.
pub(super) type Statements = Vec<(Stmt, Vec<Param>)>;

/// Which database the product is proved on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Database {
    /// Files in memory.
    #[default]
    Sqlite,
    /// A server that is started for the run.
    Postgres,
}

impl Database {
    /// By the name it has on command lines.
    pub fn named(name: &str) -> Option<Database> {
        match name {
            "sqlite" => Some(Database::Sqlite),
            "pg" => Some(Database::Postgres),
            _ => None,
        }
    }
}

/// What databases are made on.
pub(super) enum Ground {
    Files,
    Postgres(Box<Postgres>),
}

/// A database that goes with its value.
pub(super) struct Store<'g> {
    pub(super) db: Db,
    _file: Option<File>,
    _database: Option<postgres::Database<'g>>,
}

/// A file that is removed with its value.
struct File(PathBuf);

impl Ground {
    /// Starts what is needed.
    ///
    /// # Errors
    /// When a server does not start.
    pub(super) fn start(database: Database) -> Result<Ground> {
        Ok(match database {
            Database::Sqlite => Ground::Files,
            Database::Postgres => Ground::Postgres(Box::new(Postgres::start().map_err(|error| broken(&error))?)),
        })
    }

    /// An empty database. `name` tells several of one process apart.
    pub(super) fn open(&self, runtime: &Runtime, name: &str) -> Result<Store<'_>> {
        match self {
            Ground::Files => {
                let file = File::new(name);
                let mut options = Options::new(&file.0);
                options.readers = 1;
                Ok(Store {
                    db: runtime.block_on(Db::open(options))?,
                    _file: Some(file),
                    _database: None,
                })
            }
            Ground::Postgres(server) => {
                let database = server.database().map_err(|error| broken(&error))?;
                let mut options = PostgresOptions::new(Server::parse(&database.url())?);
                (options.readers, options.writers, options.statement_cache) = (1, 1, STATEMENTS);
                Ok(Store {
                    db: runtime.block_on(Db::open_postgres(options))?,
                    _file: None,
                    _database: Some(database),
                })
            }
        }
    }
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
pub(super) fn table(dialect: Dialect, c: &Collection, relations: &[Relation]) -> Result<Statements> {
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
    statements.extend(made.steps.into_iter().map(|step| (step.stmt, Vec::new())));
    Ok(statements)
}

/// The end of a table, if there is one.
pub(super) fn gone(dialect: Dialect, table: &Ident) -> (Stmt, Vec<Param>) {
    let mut sql = Sql::new(dialect);
    sql.push("drop table if exists ").ident(table);
    (sql.finish(Vec::new()), Vec::new())
}

/// Makes generated keys go on from the greatest there is, as on SQLite: elsewhere refused writes use keys up.
pub(super) fn counted<'c>(dialect: Dialect, of: impl Iterator<Item = &'c Collection>) -> Option<(Stmt, Vec<Param>)> {
    if dialect == Dialect::Sqlite {
        return None;
    }
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
    Some(bound(sql))
}

/// A statement with what it binds.
pub(super) fn bound(sql: Sql) -> (Stmt, Vec<Param>) {
    let stmt = sql.finish(Vec::new());
    let params = aedile_engine::sql::rows::fill(&stmt.binds, &mut |_, _| Param::Null);
    (stmt, params)
}

/// Runs statements in one transaction.
pub(super) fn run(runtime: &Runtime, db: &Db, statements: Statements) -> Result<()> {
    let all = db.write_ddl(move |tx| {
        Box::pin(async move {
            for (stmt, params) in &statements {
                if params.is_empty() {
                    tx.execute_ddl(stmt).await?
                } else {
                    tx.execute(stmt, params).await.map(drop)?
                }
            }
            Ok(())
        })
    });
    runtime.block_on(all)
}
