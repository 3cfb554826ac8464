//! One connection and the statements prepared on it. Statements of several tasks may be under way at once: they are sent in
//! a row and answered in that order.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use aedile_engine::{Code, Error, Result, sql::Stmt, value::Param};
use futures_util::{StreamExt as _, pin_mut};
use parking_lot::Mutex;
use tokio::time::timeout;
use tokio_postgres::{Client, RowStream, Statement};

use super::{
    PostgresOptions,
    fault::{self, Failure},
    line::{Line, Place, Turn},
    tls::{self, Canceller},
    value::{Bound, Form},
};
use crate::{
    JsonRows, Row,
    fault::out_of_time,
    json,
    queue::closed,
    stream::{Part, Sink},
};

/// A statement that runs longer holds up those behind it: pages take less.
const SLOW: Duration = Duration::from_millis(2);
/// So long a statement may wait for those before it: as long as about ten items take.
const SHORT: Duration = Duration::from_micros(400);

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Only reads; refused otherwise by PostgreSQL itself.
    Reader,
    /// The same, by plans that are made once, whatever is bound.
    Quick,
    /// Writes, inside transactions only.
    Writer,
}

/// A statement as PostgreSQL knows it.
pub(super) struct Prepared {
    statement: Statement,
    forms: Vec<Form>,
}

/// A connection.
pub(super) struct Connection {
    client: Client,
    prepared: Mutex<Cache>,
    /// Statements under way.
    busy: AtomicUsize,
    /// When the first of them was sent or the one before it answered, in microseconds since the connection was made.
    since: AtomicU64,
    /// What a statement took of late, in microseconds.
    pace: AtomicU64,
    made: Instant,
    line: Arc<Line>,
}

/// Prepared statements by their text.
struct Cache {
    by_text: HashMap<String, (Arc<Prepared>, u64)>,
    uses: u64,
    most: usize,
}

impl Cache {
    fn get(&mut self, text: &str) -> Option<Arc<Prepared>> {
        self.uses += 1;
        let uses = self.uses;
        self.by_text.get_mut(text).map(|(prepared, last)| {
            *last = uses;
            Arc::clone(prepared)
        })
    }

    fn keep(&mut self, text: &str, prepared: &Arc<Prepared>) {
        if self.by_text.len() >= self.most {
            // The half that was not used for longest goes: looking for the very last each time would cost more.
            let mut ages: Vec<u64> = self.by_text.values().map(|(_, last)| *last).collect();
            ages.sort_unstable();
            let middle = ages.get(ages.len() / 2).copied().unwrap_or(0);
            self.by_text.retain(|_, (_, last)| *last > middle);
        }
        self.by_text.insert(text.to_owned(), (Arc::clone(prepared), self.uses));
    }
}

/// Counts a statement as under way for as long as it lives.
struct Busy<'c> {
    connection: &'c Connection,
    turn: Turn,
}

impl<'c> Busy<'c> {
    fn new(connection: &'c Connection, turn: &Turn) -> Self {
        if connection.busy.fetch_add(1, Ordering::Relaxed) == 0 {
            connection.moved();
        }
        Busy {
            connection,
            turn: turn.clone(),
        }
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let (connection, took) = (self.connection, self.connection.running_for());
        self.turn.ended(took);
        let (took, pace) = (micros(took), connection.pace.load(Ordering::Relaxed));
        // Of two at once one may be lost: it is an estimate.
        connection.pace.store(pace - pace / 8 + took / 8, Ordering::Relaxed);
        connection.busy.fetch_sub(1, Ordering::Relaxed);
        connection.moved();
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl Connection {
    /// Connects and sets the session up.
    pub(super) async fn open(options: &PostgresOptions, role: Role) -> Result<Self> {
        let tls = options.tls.as_ref();
        let client = timeout(options.connect_limit, tls::connect(&options.server.0, tls))
            .await
            .map_err(|_| Error::new(Code::ServiceUnavailable, "The database does not answer."))?
            .map_err(|error| fault::fault(&error))?;
        let connection = Connection {
            line: Arc::new(Line::new(Canceller::new(&client, tls))),
            client,
            prepared: Mutex::new(Cache {
                by_text: HashMap::new(),
                uses: 0,
                most: options.statement_cache.max(1),
            }),
            busy: AtomicUsize::new(0),
            since: AtomicU64::new(0),
            pace: AtomicU64::new(0),
            made: Instant::now(),
        };
        connection.set_up(options, role).await?;
        Ok(connection)
    }

    async fn set_up(&self, options: &PostgresOptions, role: Role) -> Result<()> {
        self.control("set timezone = 'UTC'; set standard_conforming_strings = on; set datestyle = 'ISO'")
            .await?;
        // Compiling a statement's plan costs more than our statements take. Not every such server knows the setting.
        self.control("set jit = off").await.ok();
        if role != Role::Writer {
            self.control("set default_transaction_read_only = on").await?;
        }
        if role == Role::Quick {
            // Looking at bound values, PostgreSQL would plan most pages anew each time, which takes longer than the page.
            self.control("set plan_cache_mode = force_generic_plan").await.ok();
        }
        let limit = options.statement_limit.as_millis().to_string();
        self.ask(
            "select set_config('statement_timeout', $1, false)",
            &[Param::from(limit)],
        )
        .await?;
        if !options.search_path.is_empty() {
            let quoted = |schema: &String| format!("\"{}\"", schema.replace('"', "\"\""));
            let path: Vec<String> = options.search_path.iter().map(quoted).collect();
            self.ask(
                "select set_config('search_path', $1, false)",
                &[Param::from(path.join(", "))],
            )
            .await?;
        }
        Ok(())
    }

    /// Whether the server or the network has ended it.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// How many statements are under way.
    pub(super) fn busy(&self) -> usize {
        self.busy.load(Ordering::Relaxed)
    }

    /// Whether a statement would not wait long here: what is under way is little by the pace of late, and nothing is stuck.
    pub(super) fn is_swift(&self) -> bool {
        let busy = u64::try_from(self.busy()).unwrap_or(u64::MAX);
        let wait = busy.saturating_mul(self.pace.load(Ordering::Relaxed));
        busy == 0 || (Duration::from_micros(wait) < SHORT && self.running_for() < SLOW)
    }

    /// For how long what is first in the line has been running.
    fn running_for(&self) -> Duration {
        let since = Duration::from_micros(self.since.load(Ordering::Relaxed));
        self.made.elapsed().saturating_sub(since)
    }

    fn moved(&self) {
        self.since.store(micros(self.made.elapsed()), Ordering::Relaxed);
    }

    /// Who waits for what.
    pub(super) fn line(&self) -> Arc<Line> {
        Arc::clone(&self.line)
    }

    /// Runs a statement and answers its rows.
    pub(super) async fn fetch(&self, text: &str, params: &[Param], turn: Turn) -> Result<Vec<Row>, Failure> {
        let _busy = Busy::new(self, &turn);
        let prepared = self.prepare(text).await?;
        let _place = self.place(turn)?;
        self.collect(&prepared, params).await
    }

    /// Runs what is prepared and answers its rows.
    pub(super) async fn collect(&self, prepared: &Prepared, params: &[Param]) -> Result<Vec<Row>, Failure> {
        let rows = self.rows(prepared, params).await?;
        pin_mut!(rows);
        let mut answer = Vec::new();
        while let Some(row) = rows.next().await {
            let row = row.map_err(|error| Failure::of(&error))?;
            let cells = prepared.forms.iter().enumerate().map(|(i, form)| form.param(&row, i));
            answer.push(cells.collect::<Result<Row>>()?);
        }
        Ok(answer)
    }

    /// Runs a statement and writes its rows as JSON: objects keyed by its outputs.
    pub(super) async fn fetch_json(
        &self,
        stmt: &Stmt,
        params: &[Param],
        limit: usize,
        turn: Turn,
    ) -> Result<JsonRows, Failure> {
        let _busy = Busy::new(self, &turn);
        let prepared = self.prepare(&stmt.text).await?;
        let _place = self.place(turn)?;
        self.write_json(&prepared, stmt, params, limit).await
    }

    /// Runs a statement whose rows stand behind the cells of another one's.
    pub(super) async fn fetch_behind(
        &self,
        stmt: &Stmt,
        params: &[Param],
        cells: usize,
        limit: usize,
        turn: Turn,
    ) -> Result<(Option<Row>, JsonRows), Failure> {
        let _busy = Busy::new(self, &turn);
        let prepared = self.prepare(&stmt.text).await?;
        let _place = self.place(turn)?;
        let mut writer = json::Writer::new(&stmt.outputs);
        let (first, own) = prepared.forms.split_at_checked(cells).unwrap_or_default();
        let Some((there, own)) = own.split_first() else {
            return Err(misfit().into());
        };
        if writer.width().is_some_and(|said| said != own.len()) {
            return Err(misfit().into());
        }
        let rows = self.rows(&prepared, params).await?;
        pin_mut!(rows);
        let (mut told, mut scratch) = (None, Vec::new());
        while let Some(row) = rows.next().await {
            let row = row.map_err(|error| Failure::of(&error))?;
            if told.is_none() {
                let cells = first.iter().enumerate().map(|(i, form)| form.param(&row, i));
                told = Some(cells.collect::<Result<Row>>()?);
            }
            let is_there = there.param(&row, cells)? == Param::Bool(true);
            if is_there && write_row(&mut writer, (own, cells + 1), &row, &mut scratch)? > limit {
                return Err(json::too_large(limit).into());
            }
        }
        Ok((told, writer.finish()))
    }

    /// Runs a statement and hands its rows out in parts, as JSON objects; fails when nobody takes them. Each part may take as
    /// long as a statement.
    pub(super) async fn stream_json(
        &self,
        stmt: &Stmt,
        params: &[Param],
        part: Part,
        limit: Duration,
        sink: &Sink,
    ) -> Result<(), Failure> {
        let prepared = self.prepare(&stmt.text).await?;
        let mut writer = json::Writer::new(&stmt.outputs);
        check_width(&writer, &prepared)?;
        let late = |_| Failure::from(out_of_time());
        let rows = timeout(limit, self.rows(&prepared, params)).await.map_err(late)??;
        pin_mut!(rows);
        let mut scratch = Vec::new();
        loop {
            let read = async {
                while let Some(row) = rows.next().await {
                    let row = row.map_err(|error| Failure::of(&error))?;
                    let bytes = write_row(&mut writer, (&prepared.forms, 0), &row, &mut scratch)?;
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
                return Ok(());
            }
        }
    }

    /// Asks the server to end what runs on this connection.
    pub(super) async fn cancel(&self) {
        self.line.server().cancel().await;
    }

    /// Runs what is prepared and writes its rows as JSON.
    pub(super) async fn write_json(
        &self,
        prepared: &Prepared,
        stmt: &Stmt,
        params: &[Param],
        limit: usize,
    ) -> Result<JsonRows, Failure> {
        let mut writer = json::Writer::new(&stmt.outputs);
        check_width(&writer, prepared)?;
        let rows = self.rows(prepared, params).await?;
        pin_mut!(rows);
        let mut scratch = Vec::new();
        while let Some(row) = rows.next().await {
            let row = row.map_err(|error| Failure::of(&error))?;
            if write_row(&mut writer, (&prepared.forms, 0), &row, &mut scratch)? > limit {
                return Err(json::too_large(limit).into());
            }
        }
        Ok(writer.finish())
    }

    /// Runs what is prepared; tells how many rows it matched.
    pub(super) async fn execute(&self, prepared: &Prepared, params: &[Param]) -> Result<u64, Failure> {
        fits(prepared, params)?;
        self.client
            .execute_raw(&prepared.statement, params.iter().map(Bound))
            .await
            .map_err(|error| Failure::of(&error))
    }

    /// A statement's place among those that are under way; none is sent that nobody waits for.
    fn place(&self, turn: Turn) -> Result<Place<'_>> {
        if turn.is_abandoned() {
            return Err(closed());
        }
        Ok(self.line.enter(turn))
    }

    /// Runs transaction control and settings.
    pub(super) async fn control(&self, text: &str) -> Result<()> {
        self.client
            .batch_execute(text)
            .await
            .map_err(|error| fault::fault(&error))
    }

    /// Runs a question of our own that is neither counted nor kept prepared, and answers its rows.
    pub(super) async fn ask(&self, text: &'static str, params: &[Param]) -> Result<Vec<Row>> {
        let _busy = Busy::new(self, &Turn::default());
        let prepared = self.describe(text).await.map_err(|failure| failure.error)?;
        let _place = self.place(Turn::default())?;
        self.collect(&prepared, params).await.map_err(|failure| failure.error)
    }

    /// The statement as it was prepared before, or now.
    pub(super) async fn prepare(&self, text: &str) -> Result<Arc<Prepared>, Failure> {
        let known = self.prepared.lock().get(text);
        if let Some(prepared) = known {
            return Ok(prepared);
        }
        let prepared = Arc::new(self.describe(text).await?);
        self.prepared.lock().keep(text, &prepared);
        Ok(prepared)
    }

    async fn describe(&self, text: &str) -> Result<Prepared, Failure> {
        let statement = self.client.prepare(text).await.map_err(|error| Failure::of(&error))?;
        let forms = statement
            .columns()
            .iter()
            .map(|column| Form::of(column.type_()))
            .collect();
        Ok(Prepared { statement, forms })
    }

    /// Forgets one prepared statement.
    pub(super) fn forget(&self, text: &str) {
        self.prepared.lock().by_text.remove(text);
    }

    /// Forgets every prepared statement.
    pub(super) fn forget_all(&self) {
        self.prepared.lock().by_text.clear();
    }

    async fn rows(&self, prepared: &Prepared, params: &[Param]) -> Result<RowStream, Failure> {
        fits(prepared, params)?;
        self.client
            .query_raw(&prepared.statement, params.iter().map(Bound))
            .await
            .map_err(|error| Failure::of(&error))
    }
}

fn check_width(writer: &json::Writer, prepared: &Prepared) -> Result<()> {
    if writer.width().is_some_and(|said| said != prepared.forms.len()) {
        return Err(misfit());
    }
    Ok(())
}

fn misfit() -> Error {
    Error::internal("a statement answers other columns than it says")
}

/// Writes a row, whose cells begin after so many others; tells how many bytes there are by now.
fn write_row(
    writer: &mut json::Writer,
    (forms, after): (&[Form], usize),
    row: &tokio_postgres::Row,
    scratch: &mut Vec<u8>,
) -> Result<usize> {
    writer.begin();
    for (i, form) in forms.iter().enumerate() {
        scratch.clear();
        writer.cell(i, form.cell(row, after + i, scratch)?);
    }
    Ok(writer.end())
}

/// The driver would panic.
fn fits(prepared: &Prepared, params: &[Param]) -> Result<(), Failure> {
    if prepared.statement.params().len() == params.len() {
        return Ok(());
    }
    Err(Error::internal("a statement binds another number of values than it was given").into())
}
