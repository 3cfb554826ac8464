//! One connection and the running of statements on it. Lives on one thread at a time; everything here blocks.

use std::{
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use aedile_engine::{
    Error, Json, Result,
    schema::{Kind, physical::Physical},
    sql::Stmt,
    value::{
        Param,
        geometry::{self, Geometry},
    },
};
use parking_lot::Mutex;
use rusqlite::{
    Connection, OpenFlags, Row as RawRow, Rows, ToSql,
    config::DbConfig,
    functions::{Context, FunctionFlags},
    limits::Limit,
    params_from_iter,
    types::{ToSqlOutput, Value, ValueRef},
};

use super::{Tally, fault::fault, introspect};
use crate::{
    JsonRows, Options, Row,
    fault::{gone, lost},
    json::{self, Cell},
    stream::Part,
};

/// Steps of SQLite's machine between two looks at the clock: well under a millisecond.
const STEPS: i32 = 4096;
/// Pages each connection keeps in memory, in KiB.
const CACHE_KIB: i64 = 16 * 1024;

/// Pages in the log before it is folded into the file, 16 MiB: a page that many change in the meantime is folded in once.
const LOG_PAGES: i32 = 4096;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Only reads; refused otherwise by SQLite itself.
    Reader,
    /// Writes, inside transactions only.
    Writer,
}

/// A connection.
pub(crate) struct Session {
    conn: Connection,
    role: Role,
    watch: Arc<Mutex<Watch>>,
    statement_limit: Duration,
    answer_limit: usize,
    hidden_tables: Vec<String>,
    tally: Arc<Tally>,
}

/// When the running statement has to stop.
#[derive(Default)]
struct Watch {
    deadline: Option<Instant>,
    caller: Option<Weak<()>>,
    /// Looks at this watch before the statement has done too much; none: as many as it likes.
    allowance: Option<u32>,
    /// Longest run of a statement that is run for a moment only.
    moment: Option<Duration>,
    looks: u32,
}

impl Watch {
    fn over(&mut self) -> bool {
        self.looks += 1;
        let gone = self.caller.as_ref().is_some_and(|caller| caller.strong_count() == 0);
        let spent = self.allowance.is_some_and(|allowance| self.looks > allowance);
        gone || spent || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    fn begin(&mut self, limit: Duration) {
        self.looks = 0;
        self.deadline = Some(Instant::now() + self.moment.map_or(limit, |moment| moment.min(limit)));
    }
}

impl Session {
    /// Opens a connection and sets it up.
    pub(crate) fn open(options: &Options, role: Role, tally: Arc<Tally>) -> Result<Self> {
        let mut session = Session {
            conn: Connection::open_with_flags(&options.path, flags(role)).map_err(fault)?,
            role,
            watch: Arc::default(),
            statement_limit: options.statement_limit,
            answer_limit: options.answer_limit,
            hidden_tables: options.hidden_tables.clone(),
            tally,
        };
        session.set_up(options).map_err(fault)?;
        Ok(session)
    }

    fn set_up(&mut self, options: &Options) -> rusqlite::Result<()> {
        let conn = &mut self.conn;
        conn.busy_timeout(options.busy_limit)?;
        conn.set_prepared_statement_cache_capacity(options.statement_cache);
        // Nothing we run needs these; what an adopted schema holds shall not reach for them either.
        conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        // A misspelt name must be an error, not a string.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
        // Without it, SQLite plans a statement anew each time its LIMIT is bound: that costs more than running it.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        conn.pragma_update(None, "cache_size", -CACHE_KIB)?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        match self.role {
            Role::Reader => conn.pragma_update(None, "query_only", true)?,
            Role::Writer => {
                conn.pragma_update(None, "journal_mode", "WAL")?;
                conn.pragma_update(None, "synchronous", "FULL")?;
                conn.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
                conn.pragma_update(None, "foreign_keys", true)?;
                conn.pragma_update(None, "cell_size_check", true)?;
            }
        }
        let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
        conn.create_scalar_function("fold", 1, pure, fold)?;
        conn.create_scalar_function("meets", 2, pure, |context| compared(context, Geometry::meets))?;
        conn.create_scalar_function("meets_box", 2, pure, |context| compared(context, Geometry::meets_box))?;
        let watch = Arc::clone(&self.watch);
        conn.progress_handler(STEPS, Some(move || watch.lock().over()))
    }

    /// Ties the statements that follow to somebody who waits for them, or to nobody.
    pub(crate) fn serve(&self, caller: Option<Weak<()>>) {
        self.watch.lock().caller = caller;
    }

    /// Stops the statements that follow once they have done so many steps of SQLite's machine (more or less), or taken so
    /// long; or lets them run as long as any.
    pub(crate) fn allow(&self, moment: Option<(i32, Duration)>) {
        let mut watch = self.watch.lock();
        watch.allowance = moment.and_then(|(steps, _)| u32::try_from(steps / STEPS).ok());
        watch.moment = moment.map(|(_, limit)| limit);
    }

    /// Runs a statement and answers its rows.
    pub(crate) fn fetch(&self, stmt: &Stmt, params: &[Param]) -> Result<Vec<Row>> {
        self.counted(|| self.rows(&stmt.text, params, collect))
    }

    /// Runs a statement and writes its rows as JSON: objects keyed by its outputs.
    pub(crate) fn fetch_json(&self, stmt: &Stmt, params: &[Param]) -> Result<JsonRows> {
        let mut writer = json::Writer::new(&stmt.outputs);
        self.counted(|| {
            self.rows(&stmt.text, params, |mut rows, width| {
                check_width(&writer, width)?;
                while let Some(row) = rows.next().map_err(fault)? {
                    if write_row(&mut writer, row, width)? > self.answer_limit {
                        return Err(json::too_large(self.answer_limit));
                    }
                }
                Ok(())
            })
        })?;
        Ok(writer.finish())
    }

    /// Runs a statement and hands its rows out in parts, as JSON objects; ends early when `give` says so. The time limit
    /// is that of each part.
    pub(crate) fn stream_json(
        &self,
        stmt: &Stmt,
        params: &[Param],
        part: Part,
        mut give: impl FnMut(JsonRows) -> bool,
    ) -> Result<()> {
        let mut writer = json::Writer::new(&stmt.outputs);
        self.counted(|| {
            self.rows(&stmt.text, params, |mut rows, width| {
                check_width(&writer, width)?;
                while let Some(row) = rows.next().map_err(fault)? {
                    let bytes = write_row(&mut writer, row, width)?;
                    if !part.is_full(writer.count(), bytes) {
                        continue;
                    }
                    if !give(writer.take()) {
                        return Ok(());
                    }
                    self.watch.lock().begin(self.statement_limit);
                }
                if writer.count() > 0 {
                    give(writer.take());
                }
                Ok(())
            })
        })
    }

    /// Runs a statement that answers no rows; tells how many it matched.
    pub(crate) fn execute(&self, stmt: &Stmt, params: &[Param]) -> Result<u64> {
        self.counted(|| {
            let mut prepared = self.conn.prepare_cached(&stmt.text).map_err(fault)?;
            let matched = prepared
                .execute(params_from_iter(params.iter().map(Bound)))
                .map_err(fault)?;
            Ok(u64::try_from(matched).unwrap_or(u64::MAX))
        })
    }

    /// Runs one statement that changes the schema.
    pub(crate) fn execute_ddl(&self, text: &str) -> Result<()> {
        self.in_transaction()?;
        self.conn.execute(text, []).map(drop).map_err(fault)
    }

    /// Runs several statements that stand in our source code.
    pub(crate) fn script(&self, text: &'static str) -> Result<()> {
        self.in_transaction()?;
        self.control(text)
    }

    /// Runs transaction control that comes with every job: one statement, compiled once.
    pub(crate) fn mark(&self, text: &'static str) -> Result<()> {
        let mut prepared = self.conn.prepare_cached(text).map_err(fault)?;
        prepared.execute([]).map(drop).map_err(fault)
    }

    /// Runs transaction control and settings.
    pub(crate) fn control(&self, text: &'static str) -> Result<()> {
        self.conn.execute_batch(text).map_err(fault)
    }

    /// Runs a question of our own that is not counted, and answers its rows.
    pub(crate) fn ask(&self, text: &'static str, params: &[Param]) -> Result<Vec<Row>> {
        self.rows(text, params, collect)
    }

    /// How many references lead nowhere.
    pub(crate) fn dangling(&self) -> Result<i64> {
        let rows = self.ask("SELECT count(*) FROM pragma_foreign_key_check", &[])?;
        match rows.first().and_then(|row| row.first()) {
            Some(Param::Int(count)) => Ok(*count),
            _ => Err(Error::internal("a count is no number")),
        }
    }

    /// What the database says of its tables.
    pub(crate) fn introspect(&self) -> Result<Physical> {
        introspect::physical(self, &self.hidden_tables)
    }

    /// Fails when the writer's transaction is gone: SQLite undoes all of it on some failures (a full disk, a statement
    /// out of time), and what came after would then be kept for itself.
    pub(crate) fn in_transaction(&self) -> Result<()> {
        if self.role == Role::Writer && self.conn.is_autocommit() {
            return Err(lost());
        }
        Ok(())
    }

    fn counted<T>(&self, run: impl FnOnce() -> Result<T>) -> Result<T> {
        self.in_transaction()?;
        match self.role {
            Role::Reader => self.tally.read(),
            Role::Writer => self.tally.written(),
        };
        self.watch.lock().begin(self.statement_limit);
        let answer = run();
        self.watch.lock().deadline = None;
        answer.map_err(gone)
    }

    fn rows<T>(&self, text: &str, params: &[Param], read: impl FnOnce(Rows<'_>, usize) -> Result<T>) -> Result<T> {
        let mut prepared = self.conn.prepare_cached(text).map_err(fault)?;
        let width = prepared.column_count();
        let rows = prepared
            .query(params_from_iter(params.iter().map(Bound)))
            .map_err(fault)?;
        read(rows, width)
    }
}

fn check_width(writer: &json::Writer, width: usize) -> Result<()> {
    if writer.width().is_some_and(|said| said != width) {
        return Err(Error::internal("a statement answers other columns than it says"));
    }
    Ok(())
}

/// Writes a row; tells how many bytes there are by now.
fn write_row(writer: &mut json::Writer, row: &RawRow<'_>, width: usize) -> Result<usize> {
    writer.begin();
    for i in 0..width {
        writer.cell(i, cell(row.get_ref(i).map_err(fault)?));
    }
    Ok(writer.end())
}

fn collect(mut rows: Rows<'_>, width: usize) -> Result<Vec<Row>> {
    let mut answer = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        let cells = (0..width).map(|i| row.get_ref(i).map(param).map_err(fault));
        answer.push(cells.collect::<Result<Row>>()?);
    }
    Ok(answer)
}

fn flags(role: Role) -> OpenFlags {
    let access = match role {
        Role::Reader => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Role::Writer => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    };
    // A connection stays on its thread, so SQLite need not lock it.
    access | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// Text in lower case, letter by letter: the same letter becomes the same wherever it stands in a word.
fn fold(context: &Context<'_>) -> rusqlite::Result<Value> {
    Ok(match context.get_raw(0) {
        ValueRef::Text(text) if text.is_ascii() => Value::Text(String::from_utf8_lossy(text).to_ascii_lowercase()),
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text);
            Value::Text(text.chars().flat_map(char::to_lowercase).collect())
        }
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Integer(n),
        ValueRef::Real(n) => Value::Real(n),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}

/// Two geometries in GeoJSON. What is none meets nothing.
fn compared(context: &Context<'_>, by: fn(&Geometry, &Geometry) -> bool) -> rusqlite::Result<bool> {
    let read = |place| match context.get_raw(place) {
        ValueRef::Text(text) => {
            let value: Json = serde_json::from_slice(text).ok()?;
            geometry::parse(Kind::Geometry, &value).map(|(_, geometry)| geometry)
        }
        _ => None,
    };
    Ok(read(0).zip(read(1)).is_some_and(|(a, b)| by(&a, &b)))
}

struct Bound<'a>(&'a Param);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Param::Null => ValueRef::Null,
            Param::Bool(b) => ValueRef::Integer(i64::from(*b)),
            Param::Int(n) | Param::Instant(n) | Param::Wall(n) => ValueRef::Integer(*n),
            Param::Real(n) => ValueRef::Real(*n),
            Param::Text(text) | Param::Geometry(text) => ValueRef::Text(text.as_bytes()),
            Param::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn param(value: ValueRef<'_>) -> Param {
    match value {
        ValueRef::Null => Param::Null,
        ValueRef::Integer(n) => Param::Int(n),
        ValueRef::Real(n) => Param::Real(n),
        ValueRef::Text(text) => Param::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Param::Bytes(bytes.to_vec()),
    }
}

fn cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(n) => Cell::Int(n),
        ValueRef::Real(n) => Cell::Real(n),
        ValueRef::Text(text) => Cell::Text(text),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes),
    }
}
