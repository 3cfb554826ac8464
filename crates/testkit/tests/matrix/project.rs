//! The project that the matrix is tried on: a real server over a prepared file, and the way back to what was prepared.
//! It must never let one attempt see what another left behind.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::Duration,
};

use aedile_testkit::{
    ADMIN_TOKEN, command,
    fixture::{self, Contents, binary, settings},
};
use rusqlite::Connection as Database;
use serde_json::Value;

use super::{
    cell::{self, Cell, Diff},
    collections::Spec,
    seed,
};

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

/// A running project.
pub struct Project {
    running: fixture::Project,
    database: Database,
    pristine: Contents,
    /// SQLite's own word for "somebody else has written".
    seen: i64,
}

impl Project {
    pub fn new() -> Project {
        let given = [
            ("RATE_LIMITER_REGISTRATION_ENABLED", "false"),
            ("REGISTER_STALL_TIME", "0"),
        ];
        let running = fixture::Project::prepared(&given, &|folder| {
            let mut bootstrap = command(binary(), folder, &settings(&given));
            let output = bootstrap.arg("bootstrap").output()?;
            succeeded(output.status.success(), &output.stderr)?;
            let database = Database::open(folder.join("data.db"))?;
            seed::fill(&database)?;
            let pristine = folder.join(PRISTINE);
            fs::remove_file(&pristine).ok();
            database.execute("vacuum into ?1", [pristine.to_string_lossy()])?;
            Ok(())
        });
        let database = Database::open(running.folder().join("data.db")).unwrap();
        database.busy_timeout(BUSY).unwrap();
        let mut project = Project {
            running,
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
        let (token, target) = (&request.token, &request.target);
        let reply = self.running.ask(token, request.method, target, request.body.clone());
        let shown = || format!("{} {} {}", request.method, request.target, request.body);
        let defect = reply.status >= 500 && reply.code() != "SERVICE_UNAVAILABLE";
        assert!(!defect, "{}: {} {}", shown(), reply.status, reply.text);
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
        let mut contents = fixture::contents(&self.database);
        COUNTERS.iter().for_each(|table| drop(contents.remove(*table)));
        contents
    }

    /// Puts back what was prepared: the rows, or the whole project when tables were changed.
    fn restore(&mut self, diffs: &BTreeMap<String, Diff>) {
        if diffs.contains_key(fixture::SCHEMA) {
            *self = Project::new();
            return;
        }
        let pristine = self.running.folder().join(PRISTINE);
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
