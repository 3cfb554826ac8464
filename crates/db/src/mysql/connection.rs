//! One connection and the statements prepared on it: one statement at a time. A statement that was not heard to its end
//! leaves its connection unusable.

use std::time::Duration;

use aedile_engine::{
    Code, Error, Result,
    sql::{Flavour, Stmt},
    value::Param,
};
use mysql_async::{Conn, OptsBuilder, QueryResult, Value, prelude::Queryable as _};
use tokio::{runtime::Handle, time::timeout};

use super::{
    MySqlOptions,
    fault::{self, Failure},
    value::{Form, bound},
};
use crate::{
    JsonRows, Row,
    fault::out_of_time,
    json,
    queue::closed,
    stream::{Part, Sink},
};

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Only reads; refused otherwise by the database itself.
    Reader,
    /// Writes, inside transactions only.
    Writer,
    /// Changes the schema: its statements may take any time, but wait for tables only for a moment.
    Changer,
}

/// How statements are understood: names in double quotes, `||` between texts, no backslash in texts but itself, and nothing
/// is cut, rounded or filled in to fit.
const MODE: &str = "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,NO_ENGINE_SUBSTITUTION,ANSI_QUOTES,PIPES_AS_CONCAT,\
                    NO_BACKSLASH_ESCAPES,NO_AUTO_VALUE_ON_ZERO,NO_UNSIGNED_SUBTRACTION";

/// How long the server waits for us to take what it sends; how long others may take it is our own decision.
const UNREAD_SECONDS: u32 = 3600;

/// The oldest version of MariaDB that is served.
const OLDEST: (u32, u32, u32) = (10, 11, 0);
/// The oldest version of MySQL whose manual has all that it is asked.
const OLDEST_MYSQL: (u32, u32, u32) = (8, 0, 22);

/// A connection.
pub(super) struct Connection {
    conn: Conn,
    /// Which server it is, and so how statements are written.
    pub(super) flavour: Flavour,
    /// A statement is under way, or was given up on its way.
    busy: bool,
    /// Somebody has used it before: since then it may have ended unheard.
    pub(super) used: bool,
}

/// A statement, and what is wanted of it.
pub(super) trait Question {
    /// What comes back.
    type Answer;

    /// Its text and what it binds.
    fn said(&self) -> (&str, &[Param]);

    /// Puts it to a connection; may be done again.
    fn put(&self, connection: &mut Connection) -> impl Future<Output = Result<Self::Answer, Failure>> + Send;
}

/// Wants rows.
pub(super) struct Fetch<'s>(pub(super) &'s str, pub(super) &'s [Param]);

/// Wants rows as JSON, up to a size in bytes.
pub(super) struct FetchJson<'s>(pub(super) &'s Stmt, pub(super) &'s [Param], pub(super) usize);

/// Wants to know which number the inserted row was given.
pub(super) struct Insert<'s>(pub(super) &'s str, pub(super) &'s [Param]);

/// Wants to know how many rows were matched.
pub(super) struct Execute<'s>(pub(super) &'s str, pub(super) &'s [Param]);

impl Question for Fetch<'_> {
    type Answer = Vec<Row>;

    fn said(&self) -> (&str, &[Param]) {
        (self.0, self.1)
    }

    async fn put(&self, connection: &mut Connection) -> Result<Vec<Row>, Failure> {
        connection.enter()?;
        let answer = collect(&mut connection.conn, self.0, self.1).await;
        connection.leave(answer)
    }
}

impl Question for FetchJson<'_> {
    type Answer = JsonRows;

    fn said(&self) -> (&str, &[Param]) {
        (&self.0.text, self.1)
    }

    async fn put(&self, connection: &mut Connection) -> Result<JsonRows, Failure> {
        connection.enter()?;
        let answer = write_json(&mut connection.conn, self.0, self.1, self.2).await;
        connection.leave(answer)
    }
}

impl Question for Insert<'_> {
    /// None where the database has not counted.
    type Answer = Option<u64>;

    fn said(&self) -> (&str, &[Param]) {
        (self.0, self.1)
    }

    async fn put(&self, connection: &mut Connection) -> Result<Option<u64>, Failure> {
        connection.enter()?;
        let answer = numbered(&mut connection.conn, self.0, self.1).await;
        connection.leave(answer)
    }
}

impl Question for Execute<'_> {
    type Answer = u64;

    fn said(&self) -> (&str, &[Param]) {
        (self.0, self.1)
    }

    async fn put(&self, connection: &mut Connection) -> Result<u64, Failure> {
        connection.enter()?;
        let answer = matched(&mut connection.conn, self.0, self.1).await;
        connection.leave(answer)
    }
}

type Rows<'c> = QueryResult<'c, 'static, mysql_async::BinaryProtocol>;

impl Connection {
    /// Connects and sets the session up.
    pub(super) async fn open(options: &MySqlOptions, role: Role) -> Result<Self> {
        let opts = OptsBuilder::from_opts(options.server.opts.clone())
            // Affected rows are those that were found, changed or not.
            .client_found_rows(true)
            .prefer_socket(false)
            .stmt_cache_size(options.statement_cache.max(1));
        let work = async {
            let conn = Conn::new(opts).await.map_err(|cause| fault::fault(&cause))?;
            let mut connection = Connection {
                conn,
                flavour: Flavour::MariaDb,
                busy: false,
                used: false,
            };
            connection.set_up(options, role).await?;
            Ok(connection)
        };
        timeout(options.connect_limit, work)
            .await
            .map_err(|_| Error::new(Code::ServiceUnavailable, "The database does not answer."))?
    }

    async fn set_up(&mut self, options: &MySqlOptions, role: Role) -> Result<()> {
        let version: Option<String> = self
            .conn
            .query_first("select version()")
            .await
            .map_err(|cause| fault::fault(&cause))?;
        self.flavour = served(&version.unwrap_or_default(), options.server.rehearses)?;
        let limit = if role == Role::Changer {
            Duration::ZERO
        } else {
            options.statement_limit
        };
        let patience = options.statement_limit.max(options.table_limit).as_secs().max(1);
        let tables = if role == Role::Changer {
            options.table_limit.as_secs().max(1)
        } else {
            patience
        };
        let (rights, commits) = match role {
            Role::Reader => (", read only", 1),
            Role::Writer | Role::Changer => ("", 0),
        };
        // Collations of bytes: MariaDB's JSON functions have this one, and mix with no other. Statements say by themselves
        // where texts are the same only to the last space.
        let (collation, time) = match self.flavour {
            Flavour::MariaDb | Flavour::Rehearsal => {
                ("utf8mb4_bin", format!("max_statement_time = {}", limit.as_secs_f64()))
            }
            // Of reads alone; others are ended by us.
            Flavour::MySql => (
                "utf8mb4_0900_bin",
                format!("max_execution_time = {}", limit.as_millis()),
            ),
        };
        self.control(&format!(
            "set names utf8mb4 collate {collation}; \
             set session time_zone = '+00:00', sql_mode = '{MODE}', group_concat_max_len = {}, \
             net_write_timeout = {UNREAD_SECONDS}, innodb_lock_wait_timeout = {patience}, lock_wait_timeout = {tables}, {time}, autocommit = {commits}; \
             set session transaction isolation level read committed{rights}",
            options.answer_limit,
        ))
        .await
    }

    /// Whether nothing more can be said on it.
    pub(super) fn is_spent(&self) -> bool {
        self.busy || self.conn.is_disconnected()
    }

    /// Runs a statement and answers its rows.
    pub(super) async fn fetch(&mut self, text: &str, params: &[Param]) -> Result<Vec<Row>, Failure> {
        Fetch(text, params).put(self).await
    }

    /// Runs a statement and hands its rows out in parts, as JSON objects; fails when nobody takes them. Each part may take as
    /// long as a statement.
    pub(super) async fn stream_json(
        &mut self,
        stmt: &Stmt,
        params: &[Param],
        part: Part,
        limit: Duration,
        sink: &Sink,
    ) -> Result<(), Failure> {
        self.enter()?;
        let late = |_| Failure::from(out_of_time());
        let mut writer = json::Writer::new(&stmt.outputs);
        let sent = timeout(limit, send(&mut self.conn, &stmt.text, params)).await;
        let (mut rows, forms) = sent.map_err(late)??;
        check_width(&writer, &forms)?;
        let mut scratch = Vec::new();
        loop {
            let read = async {
                while let Some(row) = rows.next().await.map_err(|cause| Failure::of(&cause, &stmt.text))? {
                    let bytes = write_row(&mut writer, &forms, &row, &mut scratch);
                    if part.is_full(writer.count(), bytes) {
                        return Ok::<bool, Failure>(true);
                    }
                }
                Ok(false)
            };
            let more = timeout(limit, read).await.map_err(late)??;
            if writer.count() > 0 && !sink.give(Ok(writer.take())).await {
                return Err(closed().into());
            }
            if !more {
                break;
            }
        }
        drop(rows);
        self.leave(Ok(()))
    }

    /// Ends it, and at the server what runs on it: that would only notice that we are gone when it next sends a row.
    pub(super) fn end(self, options: MySqlOptions) {
        if !self.busy {
            return;
        }
        let end = format!("kill {}", self.conn.id());
        // Without a runtime there is no connection either.
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            let ended = match Connection::open(&options, Role::Reader).await {
                Ok(mut other) => other.control(&end).await,
                Err(error) => Err(error),
            };
            if let Err(error) = ended {
                tracing::warn!(%error, "a statement could not be ended");
            }
            drop(self);
        });
    }

    fn enter(&mut self) -> Result<(), Failure> {
        if self.is_spent() {
            return Err(Failure::broken());
        }
        self.busy = true;
        Ok(())
    }

    /// What the database has refused is over; what we did not want to hear to its end is not.
    fn leave<T>(&mut self, answer: Result<T, Failure>) -> Result<T, Failure> {
        self.busy = answer.as_ref().is_err_and(|failure| !failure.answered);
        self.used = true;
        answer
    }

    /// Runs transaction control, settings and changes of the schema: several statements that bind nothing.
    pub(super) async fn control(&mut self, text: &str) -> Result<()> {
        self.say(text).await.map_err(|failure| failure.error)
    }

    /// As [`Connection::control`], and says more of a failure.
    pub(super) async fn say(&mut self, text: &str) -> Result<(), Failure> {
        self.enter()?;
        let answer = self.conn.query_drop(text).await;
        self.leave(answer.map_err(|cause| Failure::of(&cause, text)))
    }
}

/// Which server says this of itself; refuses those that do not understand what is said to them.
fn served(version: &str, rehearses: bool) -> Result<Flavour> {
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map(str::parse::<u32>);
    let mut next = || numbers.next().and_then(Result::ok).unwrap_or(0);
    let number = (next(), next(), next());
    let (name, oldest, flavour) = match (version.contains("MariaDB"), rehearses) {
        (true, false) => ("MariaDB", OLDEST, Flavour::MariaDb),
        (true, true) => ("MariaDB", OLDEST, Flavour::Rehearsal),
        (false, _) => ("MySQL", OLDEST_MYSQL, Flavour::MySql),
    };
    if number < oldest {
        let (major, minor, patch) = oldest;
        let told = format!("The server is {name} {version}; {major}.{minor}.{patch} is the oldest that is served.");
        return Err(Error::new(Code::ServiceUnavailable, told));
    }
    Ok(flavour)
}

async fn send<'c>(conn: &'c mut Conn, text: &str, params: &[Param]) -> Result<(Rows<'c>, Vec<Form>), Failure> {
    let params: Vec<Value> = params.iter().map(bound).collect();
    let sent = conn.exec_iter(text, params).await;
    let rows = sent.map_err(|cause| Failure::of(&cause, text))?;
    let forms = rows.columns_ref().iter().map(Form::of).collect();
    Ok((rows, forms))
}

async fn collect(conn: &mut Conn, text: &str, params: &[Param]) -> Result<Vec<Row>, Failure> {
    let (mut rows, forms) = send(conn, text, params).await?;
    let mut answer = Vec::new();
    while let Some(row) = rows.next().await.map_err(|cause| Failure::of(&cause, text))? {
        let cells = row.unwrap_raw().into_iter().zip(&forms);
        let cell = |(value, form): (Option<Value>, &Form)| form.param(value.unwrap_or(Value::NULL));
        answer.push(cells.map(cell).collect());
    }
    Ok(answer)
}

async fn write_json(conn: &mut Conn, stmt: &Stmt, params: &[Param], limit: usize) -> Result<JsonRows, Failure> {
    let mut writer = json::Writer::new(&stmt.outputs);
    let (mut rows, forms) = send(conn, &stmt.text, params).await?;
    check_width(&writer, &forms)?;
    let mut scratch = Vec::new();
    while let Some(row) = rows.next().await.map_err(|cause| Failure::of(&cause, &stmt.text))? {
        if write_row(&mut writer, &forms, &row, &mut scratch) > limit {
            return Err(json::too_large(limit).into());
        }
    }
    Ok(writer.finish())
}

fn check_width(writer: &json::Writer, forms: &[Form]) -> Result<()> {
    if writer.width().is_some_and(|said| said != forms.len()) {
        return Err(Error::internal("a statement answers other columns than it says"));
    }
    Ok(())
}

/// Writes a row; tells how many bytes there are by now.
fn write_row(writer: &mut json::Writer, forms: &[Form], row: &mysql_async::Row, scratch: &mut Vec<u8>) -> usize {
    writer.begin();
    for (i, form) in forms.iter().enumerate() {
        scratch.clear();
        writer.cell(i, form.cell(row.as_ref(i).unwrap_or(&Value::NULL), scratch));
    }
    writer.end()
}

async fn matched(conn: &mut Conn, text: &str, params: &[Param]) -> Result<u64, Failure> {
    let (rows, _) = send(conn, text, params).await?;
    let matched = rows.affected_rows();
    rows.drop_result().await.map_err(|cause| Failure::of(&cause, text))?;
    Ok(matched)
}

async fn numbered(conn: &mut Conn, text: &str, params: &[Param]) -> Result<Option<u64>, Failure> {
    let (rows, _) = send(conn, text, params).await?;
    let number = rows.last_insert_id().filter(|number| *number > 0);
    rows.drop_result().await.map_err(|cause| Failure::of(&cause, text))?;
    Ok(number)
}

#[cfg(test)]
mod tests;
