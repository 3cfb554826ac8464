//! A PostgreSQL server for tests: started from the installed programs in a folder of its own, on a private socket, as a user
//! that is not root; or the one that `TEST_PG_URL` names. Must never touch a database it did not make.

mod encrypted;

use std::fs;
use std::path::{Path, PathBuf};
use std::{env, str::FromStr as _};

use anyhow::{Context, Result, bail, ensure};
use tokio_postgres::{Config, NoTls, SimpleQueryMessage, SimpleQueryRow};

pub use encrypted::Encrypted;

use crate::keeper::{self, Keeper, Kept, Owner, last_line};

/// Names a server that is used instead of one of our own: its user must be allowed to make databases.
const GIVEN: &str = "TEST_PG_URL";

/// Names the folder of one of our own, as another process keeps it for many.
const LENT: &str = "TEST_PG_LENT";

/// Nothing here has to survive a power cut.
const FAST: [&str; 4] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
];
/// What every server is started with.
const SETTINGS: [&str; 3] = ["listen_addresses=", "max_connections=400", "log_min_messages=fatal"];

/// Who may do everything.
const USER: &str = "test";

/// Where the server writes which process it is.
const PROCESS: &str = "data/postmaster.pid";

/// A server. Ours goes with it; a given one stays.
pub struct Postgres {
    config: Config,
    url: Url,
    kept: Kept,
}

/// How the server is named to others, without the database.
enum Url {
    /// One of our own: the folder of its socket.
    Socket(PathBuf),
    Given(String),
}

/// A database on a server, gone with its value.
pub struct Database<'s> {
    server: &'s Postgres,
    name: String,
}

impl Postgres {
    /// Starts a server, or takes the given one.
    ///
    /// # Errors
    /// In one line: what is missing, or what failed.
    pub fn start() -> Result<Postgres> {
        match (keeper::said(GIVEN), keeper::said(LENT)) {
            (Some(url), _) => Self::given(url),
            (None, Some(folder)) => Ok(Self::at(Path::new(&folder), Kept::Elsewhere)),
            (None, None) => Self::own(&FAST, None),
        }
    }

    /// Starts a server that keeps what it acknowledges whatever happens, as in earnest: to be measured.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn durable() -> Result<Postgres> {
        Self::own(&[], None)
    }

    fn given(url: String) -> Result<Postgres> {
        let config = Config::from_str(&url).with_context(|| format!("{GIVEN} is no connection string"))?;
        let server = Postgres {
            config,
            url: Url::Given(url),
            kept: Kept::ByOthers,
        };
        server
            .run("select 1")
            .with_context(|| format!("the server of {GIVEN}"))?;
        Ok(server)
    }

    fn own(more: &[&str], port: Option<u16>) -> Result<Postgres> {
        let programs = programs()?;
        let owner = Owner::of_process(&["postgres", "nobody"])?;
        let folder = owner.folder("postgres")?;
        let data = folder.join("data");
        let mut initdb = owner.command(&programs.join("initdb"), &folder);
        initdb.arg("-D").arg(&data);
        initdb.args([
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--username",
            USER,
        ]);
        let made = initdb.output().context("running initdb")?;
        ensure!(made.status.success(), "initdb failed: {}", last_line(&made));
        let mut postgres = owner.kept(&programs.join("postgres"), &folder, PROCESS);
        postgres.arg("-D").arg(&data).arg("-k").arg(&folder);
        for setting in SETTINGS.iter().chain(more) {
            postgres.args(["-c", setting]);
        }
        let keeper = Keeper::start(postgres, folder.join(PROCESS))?;
        let mut server = Self::at(&folder, Kept::Here(keeper));
        port.map(|port| server.config.port(port));
        keeper::answers("postgres", || server.run("select 1"))?;
        Ok(server)
    }

    /// What tells other processes of tests to use this one, where it was started here: a variable of their environment.
    #[must_use]
    pub fn lent(&self) -> Option<(&'static str, &Path)> {
        Some((LENT, self.kept.folder()?))
    }

    /// One of our own in its folder.
    fn at(folder: &Path, kept: Kept) -> Postgres {
        let mut config = Config::new();
        config.host_path(folder).user(USER).dbname("postgres");
        Postgres {
            config,
            url: Url::Socket(folder.to_owned()),
            kept,
        }
    }

    /// Makes an empty database.
    ///
    /// # Errors
    /// What the server answers.
    pub fn database(&self) -> Result<Database<'_>> {
        let name = keeper::new_name();
        self.run(&format!("create database {name}"))?;
        Ok(Database { server: self, name })
    }

    /// Whether it was started here, and may be killed.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.kept.is_here()
    }

    /// Kills the server, with everything that it had not written down; it is started again at once.
    ///
    /// # Errors
    /// When it is not one of our own, or not running.
    pub fn crash(&self) -> Result<()> {
        self.kept.crash()
    }

    /// Runs a statement on the server's own database.
    fn run(&self, text: &str) -> Result<()> {
        run(&self.config, text)
    }
}

/// Runs statements on a connection of their own.
fn run(config: &Config, text: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (client, connection) = config.connect(NoTls).await?;
        let driver = tokio::spawn(connection);
        let answer = client.batch_execute(text).await;
        drop(client);
        driver.await.ok();
        Ok(answer?)
    })
}

impl Database<'_> {
    /// Runs statements on it, as if somebody else did.
    ///
    /// # Errors
    /// What the server answers.
    pub fn run(&self, text: &str) -> Result<()> {
        let mut config = self.server.config.clone();
        config.dbname(&self.name);
        run(&config, text)
    }

    /// What is acknowledged on it is written down first: a [crash](Postgres::crash) loses nothing.
    ///
    /// # Errors
    /// What the server answers.
    pub fn keep_commits(&self) -> Result<()> {
        self.run(&format!("alter database {} set synchronous_commit = on", self.name))
    }

    /// What a question answers: its cells between bars, a null as `∅`.
    ///
    /// # Errors
    /// What the server answers.
    pub fn rows(&self, text: &str) -> Result<Vec<String>> {
        let mut config = self.server.config.clone();
        config.dbname(&self.name);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let told = runtime.block_on(async {
            let (client, connection) = config.connect(NoTls).await?;
            let driver = tokio::spawn(connection);
            let told = client.simple_query(text).await;
            drop(client);
            driver.await.ok();
            anyhow::Ok(told?)
        })?;
        let rows = told.iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let line = |row: &SimpleQueryRow| {
            (0..row.len())
                .map(|i| format!("|{}", row.get(i).unwrap_or("∅")))
                .collect()
        };
        Ok(rows.map(line).collect())
    }

    /// How it is connected to.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.server.url {
            Url::Socket(folder) => format!("host={} user={USER} dbname={}", folder.display(), self.name),
            Url::Given(url) if url.contains("://") => {
                let (base, options) = url.split_once('?').unwrap_or((url, ""));
                let server = base
                    .rsplit_once('/')
                    .filter(|(before, _)| before.contains("://") && !before.ends_with('/'));
                let server = server.map_or(base, |(before, _)| before);
                let options = if options.is_empty() {
                    String::new()
                } else {
                    format!("?{options}")
                };
                format!("{server}/{}{options}", self.name)
            }
            Url::Given(words) => format!("{words} dbname={}", self.name),
        }
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        if self.server.kept.is_by_others() {
            self.server
                .run(&format!("drop database if exists {} with (force)", self.name))
                .ok();
        }
    }
}

/// The folder that `postgres` and `initdb` are in; on Debian and Ubuntu root installs what is missing.
fn programs() -> Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    if keeper::install("postgresql")
        && let Some(found) = installed()
    {
        return Ok(found);
    }
    bail!("PostgreSQL is missing: install the package postgresql, or set {GIVEN} to a server's connection string")
}

fn installed() -> Option<PathBuf> {
    let has = |folder: &Path| folder.join("postgres").exists() && folder.join("initdb").exists();
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    folders.sort();
    folders.reverse();
    let path = env::var_os("PATH").unwrap_or_default();
    folders.extend(env::split_paths(&path));
    folders.into_iter().find(|folder| has(folder))
}
