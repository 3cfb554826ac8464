//! The project that the matrix is tried on: a real server over a prepared file, and the way back to what was prepared.
//! It must never let one attempt see what another left behind.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use aedile_testkit::{ADMIN_TOKEN, Server, command, wire::Connection};
use rusqlite::{Connection as Database, types::ValueRef};
use serde_json::Value;

use super::{
    cell::{self, Cell, Diff},
    collections::Spec,
    seed,
};

/// No answer takes longer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long this process waits for the server's lock on the file.
const BUSY: Duration = Duration::from_secs(10);

/// Failures quote so many characters around what should not have been there.
const SHOWN: usize = 80;

/// What is prepared, beside the database in the server's folder.
const PRISTINE: &str = "pristine.db";

/// Tables whose rows differ without anything having happened: the version only grows.
const COUNTERS: [&str; 1] = ["aedile_meta"];

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    Public,
    User,
    App,
    Narrow,
    Admin,
}

impl Caller {
    pub const ALL: [Caller; 5] = [Self::Public, Self::User, Self::App, Self::Narrow, Self::Admin];

    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::User => "user",
            Self::App => "app",
            Self::Narrow => "narrow",
            Self::Admin => "admin",
        }
    }

    /// The token to ask with about a collection; empty for nobody.
    pub fn token(self, collection: &str) -> String {
        match self {
            Self::Public => String::new(),
            Self::Narrow => seed::token(&format!("narrow-{collection}")),
            Self::Admin => ADMIN_TOKEN.to_owned(),
            other => seed::token(other.name()),
        }
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Request {
    pub token: String,
    pub method: &'static str,
    pub target: String,
    /// `Null` for none.
    pub body: Value,
}

/// An answer.
pub struct Reply {
    pub status: u16,
    pub text: String,
}

/// Tables, each with its rows in order; and the text of the schema.
type Contents = BTreeMap<String, Vec<String>>;

/// A running project.
pub struct Project {
    server: Server,
    connection: Connection,
    database: Database,
    pristine: Contents,
    /// SQLite's own word for "somebody else has written".
    seen: i64,
}

impl Project {
    pub fn new() -> Project {
        let env = BTreeMap::from(
            [
                ("RATE_LIMITER_REGISTRATION_ENABLED", "false"),
                ("REGISTER_STALL_TIME", "0"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let binary = binary();
        let server = Server::start_prepared(&binary, &env, &|folder| {
            let output = command(&binary, folder, &env).arg("bootstrap").output()?;
            succeeded(output.status.success(), &output.stderr)?;
            let database = Database::open(folder.join("data.db"))?;
            seed::fill(&database)?;
            let pristine = folder.join(PRISTINE);
            fs::remove_file(&pristine).ok();
            database.execute("vacuum into ?1", [pristine.to_string_lossy()])?;
            Ok(())
        })
        .unwrap();
        let database = Database::open(server.folder().join("data.db")).unwrap();
        database.busy_timeout(BUSY).unwrap();
        let connection = Connection::new(server.address(), TIMEOUT);
        let mut project = Project {
            server,
            connection,
            database,
            pristine: Contents::new(),
            seen: 0,
        };
        project.pristine = project.contents();
        project.seen = project.written();
        project
    }

    /// Tries something, tells what came of it, and undoes it.
    ///
    /// # Panics
    /// When a refusal left a trace, an answer holds a planted secret, or the server failed.
    #[track_caller]
    pub fn attempt(&mut self, request: &Request, spec: Option<&Spec>) -> Cell {
        let reply = self.ask(request);
        let shown = || format!("{} {} {}", request.method, request.target, request.body);
        assert!(reply.status < 500, "{}: {} {}", shown(), reply.status, reply.text);
        if let Some((before, after)) = reply.text.split_once(seed::SECRET) {
            let before: String = before
                .chars()
                .rev()
                .take(SHOWN)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect();
            let after: String = after.chars().take(SHOWN).collect();
            panic!("{} was told {before}{}{after}", shown(), seed::SECRET);
        }
        let now = self.written();
        let changed = now != self.seen;
        let diffs = if changed { self.diffs() } else { BTreeMap::new() };
        if reply.status >= 400 {
            assert!(diffs.is_empty(), "{} was refused, and still: {diffs:?}", shown());
        }
        let cell = cell::of(request, &reply, &diffs, spec);
        if changed {
            self.restore(&diffs);
        }
        cell
    }

    fn ask(&mut self, request: &Request) -> Reply {
        let body = if request.body.is_null() {
            String::new()
        } else {
            request.body.to_string()
        };
        let mut head = format!("{} {} HTTP/1.1\r\nHost: localhost\r\n", request.method, request.target);
        if !request.token.is_empty() {
            head.push_str(&format!("Authorization: Bearer {}\r\n", request.token));
        }
        if !body.is_empty() {
            head.push_str("Content-Type: application/json\r\n");
        }
        head.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        let answer = self.connection.send(head.as_bytes()).unwrap();
        Reply {
            status: answer.status,
            text: String::from_utf8_lossy(&answer.body).into_owned(),
        }
    }

    /// A number that others' writes change.
    fn written(&self) -> i64 {
        self.database
            .query_row("pragma data_version", [], |row| row.get(0))
            .unwrap()
    }

    fn diffs(&self) -> BTreeMap<String, Diff> {
        let now = self.contents();
        let empty = Vec::new();
        let names: BTreeSet<&String> = now.keys().chain(self.pristine.keys()).collect();
        let differ = names.into_iter().filter_map(|name| {
            let was = self.pristine.get(name).unwrap_or(&empty);
            let is = now.get(name).unwrap_or(&empty);
            (was != is).then(|| (name.clone(), Diff::between(was, is)))
        });
        differ.collect()
    }

    fn contents(&self) -> Contents {
        let mut contents = Contents::new();
        let schema = "select type, name, sql from sqlite_schema where name not like 'sqlite_%' order by 1, 2";
        contents.insert(seed::SCHEMA.to_owned(), rows(&self.database, schema));
        for table in tables(&self.database) {
            let mut found = rows(&self.database, &format!("select * from \"{table}\""));
            found.sort();
            contents.insert(table, found);
        }
        contents
    }

    /// Puts back what was prepared: the rows, or the whole project when tables were changed.
    fn restore(&mut self, diffs: &BTreeMap<String, Diff>) {
        if diffs.contains_key(seed::SCHEMA) {
            *self = Project::new();
            return;
        }
        let pristine = self.server.folder().join(PRISTINE);
        let database = &self.database;
        database
            .execute("attach ?1 as pristine", [pristine.to_string_lossy()])
            .unwrap();
        let mut script = String::from("pragma foreign_keys = off; begin immediate;");
        for table in diffs.keys() {
            script.push_str(&format!(
                "delete from main.\"{table}\"; insert into main.\"{table}\" select * from pristine.\"{table}\";"
            ));
        }
        script.push_str(
            "delete from main.sqlite_sequence; insert into main.sqlite_sequence select * from pristine.sqlite_sequence;
             update aedile_meta set value = value + 1 where key = 'version'; commit;",
        );
        database.execute_batch(&script).unwrap();
        database.execute("detach pristine", []).unwrap();
        assert!(self.diffs().is_empty(), "the project is not as it was");
        self.seen = self.written();
    }
}

fn succeeded(ok: bool, stderr: &[u8]) -> std::io::Result<()> {
    if ok {
        return Ok(());
    }
    Err(std::io::Error::other(String::from_utf8_lossy(stderr).into_owned()))
}

fn tables(database: &Database) -> Vec<String> {
    let sql = "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by 1";
    let mut statement = database.prepare(sql).unwrap();
    let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    names
        .map(Result::unwrap)
        .filter(|name| !COUNTERS.contains(&name.as_str()))
        .collect()
}

fn rows(database: &Database, sql: &str) -> Vec<String> {
    let mut statement = database.prepare(sql).unwrap();
    let width = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let mut line = String::new();
        for i in 0..width {
            match row.get_ref(i).unwrap() {
                ValueRef::Null => line.push('∅'),
                ValueRef::Integer(n) => line.push_str(&n.to_string()),
                ValueRef::Real(n) => line.push_str(&n.to_string()),
                ValueRef::Text(text) => line.push_str(&String::from_utf8_lossy(text)),
                ValueRef::Blob(bytes) => line.push_str(&format!("{bytes:?}")),
            }
            line.push('|');
        }
        found.push(line);
    }
    found
}

/// The binary: the one that `AEDILE_BIN` names, or the one that was built beside these tests.
fn binary() -> PathBuf {
    if let Some(given) = env::var_os("AEDILE_BIN") {
        return given.into();
    }
    let own = env::current_exe().unwrap();
    let found = own
        .ancestors()
        .map(|folder: &Path| folder.join("aedile"))
        .find(|path| path.is_file());
    found.expect("no binary beside the tests: cargo build -p aedile, or cargo xtask test")
}
