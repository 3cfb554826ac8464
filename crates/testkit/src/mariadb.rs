//! A MariaDB server for tests: started from the installed programs in a folder of its own, on a private socket, as a user
//! that is not root; or the one that `TEST_MYSQL_URL` names. Must never touch a database it did not make.

mod encrypted;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use mysql_async::{Conn, Opts, OptsBuilder, Row, prelude::Queryable as _};

pub use encrypted::Encrypted;

use crate::keeper::{self, Keeper, Kept, Owner, last_line};

/// Names a server that is used instead of one of our own: its user must be allowed to make databases.
const GIVEN: &str = "TEST_MYSQL_URL";

/// Names the folder of one of our own, as another process keeps it for many.
const LENT: &str = "TEST_MYSQL_LENT";

/// Nothing here has to survive a power cut; what is acknowledged survives the end of the server.
const SETTINGS: [&str; 11] = [
    "--skip-networking",
    "--skip-log-bin",
    "--innodb-flush-method=nosync",
    "--debug-no-sync",
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-file-per-table=0",
    "--innodb-log-file-size=64M",
    "--innodb-fast-shutdown=2",
    "--max-connections=400",
    "--max-prepared-stmt-count=200000",
    "--performance-schema=0",
];

/// Where the server writes which process it is.
const PROCESS: &str = "process";
/// Where it is spoken to.
const SOCKET: &str = "socket";

/// A server. Ours goes with it; a given one stays.
pub struct MariaDb {
    /// How it is named, without a database: what stands before and behind.
    url: (String, String),
    kept: Kept,
}

/// A database on a server, gone with its value.
pub struct Database<'s> {
    server: &'s MariaDb,
    name: String,
}

impl MariaDb {
    /// Starts a server, or takes the given one.
    ///
    /// # Errors
    /// In one line: what is missing, or what failed.
    pub fn start() -> Result<MariaDb> {
        match keeper::said(LENT) {
            Some(folder) if keeper::said(GIVEN).is_none() => Ok(Self::at(Path::new(&folder), Kept::Elsewhere)),
            _ => Self::start_alone(),
        }
    }

    /// As [`MariaDb::start`], but one that nobody else is on meanwhile, where it is ours: to be changed as a whole.
    ///
    /// # Errors
    /// As [`MariaDb::start`].
    pub fn start_alone() -> Result<MariaDb> {
        match keeper::said(GIVEN) {
            Some(url) => Self::given(&url),
            None => Self::own(&[]),
        }
    }

    fn given(url: &str) -> Result<MariaDb> {
        let (base, options) = url.split_once('?').unwrap_or((url, ""));
        let places = base.match_indices('/').map(|(at, _)| at);
        let server = places.skip(2).last().and_then(|at| base.get(..at)).unwrap_or(base);
        let options = if options.is_empty() {
            String::new()
        } else {
            format!("?{options}")
        };
        let server = MariaDb {
            url: (server.to_owned(), options),
            kept: Kept::ByOthers,
        };
        server
            .run("select 1")
            .with_context(|| format!("the server of {GIVEN}"))?;
        Ok(server)
    }

    fn own(more: &[String]) -> Result<MariaDb> {
        let programs = Programs::find()?;
        let owner = Owner::of_process(&["mysql", "nobody"])?;
        let folder = owner.folder("mariadb")?;
        let data = format!("--datadir={}", folder.join("data").display());
        // A server that starts clears its folder of temporary tables, whoever they belong to.
        let temporary = format!("--tmpdir={}", folder.display());
        let mut install = owner.command(&programs.install, &folder);
        install.args([
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]);
        let made = install
            .args([&data, &temporary])
            .output()
            .context("running mariadb-install-db")?;
        ensure!(made.status.success(), "mariadb-install-db failed: {}", last_line(&made));
        let mut server = owner.kept(&programs.server, &folder, PROCESS);
        server
            .arg("--no-defaults")
            .args([&data, &temporary])
            .args(SETTINGS)
            .args(more);
        server.arg(format!("--socket={}", folder.join(SOCKET).display()));
        server.arg(format!("--pid-file={}", folder.join(PROCESS).display()));
        let keeper = Keeper::start(server, folder.join(PROCESS))?;
        let server = Self::at(&folder, Kept::Here(keeper));
        keeper::answers("mariadbd", || server.run("select 1"))?;
        Ok(server)
    }

    /// One of our own in its folder.
    fn at(folder: &Path, kept: Kept) -> MariaDb {
        let options = format!("?socket={}", folder.join(SOCKET).display());
        MariaDb {
            url: ("mysql://root@localhost".to_owned(), options),
            kept,
        }
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

    /// What tells other processes of tests to use this one, where it was started here: a variable of their environment.
    #[must_use]
    pub fn lent(&self) -> Option<(&'static str, &Path)> {
        Some((LENT, self.kept.folder()?))
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

    /// Runs a statement on no database.
    fn run(&self, text: &str) -> Result<()> {
        run(&self.named(""), text)
    }

    fn named(&self, database: &str) -> String {
        let (before, behind) = &self.url;
        format!("{before}/{database}{behind}")
    }
}

/// Runs statements on a connection of their own.
fn run(url: &str, text: &str) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let opts = OptsBuilder::from_opts(Opts::from_url(url)?).prefer_socket(false);
    runtime.block_on(async {
        let mut conn = Conn::new(opts).await?;
        let answer = conn.query_drop(text).await;
        conn.disconnect().await.ok();
        Ok(answer?)
    })
}

impl Database<'_> {
    /// Runs statements on it, as if somebody else did.
    ///
    /// # Errors
    /// What the server answers.
    pub fn run(&self, text: &str) -> Result<()> {
        run(&self.url(), text)
    }

    /// What a question answers: its cells between bars, as literals.
    ///
    /// # Errors
    /// What the server answers.
    pub fn rows(&self, text: &str) -> Result<Vec<String>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let opts = OptsBuilder::from_opts(Opts::from_url(&self.url())?).prefer_socket(false);
        let rows: Vec<Row> = runtime.block_on(async {
            let mut conn = Conn::new(opts).await?;
            let rows = conn.query(text).await;
            conn.disconnect().await.ok();
            anyhow::Ok(rows?)
        })?;
        let line = |row: Row| {
            row.unwrap()
                .iter()
                .map(|cell| format!("|{}", cell.as_sql(true)))
                .collect()
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// How it is connected to.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.named(&self.name)
    }

    /// How it is connected to by who asks it what MySQL would be asked.
    #[must_use]
    pub fn rehearsal_url(&self) -> String {
        let url = self.url();
        let joined = if url.contains('?') { '&' } else { '?' };
        format!("{url}{joined}rehearse_mysql=true")
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        if self.server.kept.is_by_others() {
            self.server.run(&format!("drop database if exists {}", self.name)).ok();
        }
    }
}

/// What is needed of an installation.
struct Programs {
    server: PathBuf,
    install: PathBuf,
}

impl Programs {
    /// On Debian and Ubuntu root installs what is missing.
    fn find() -> Result<Programs> {
        if let Some(found) = Self::installed() {
            return Ok(found);
        }
        if keeper::install("mariadb-server")
            && let Some(found) = Self::installed()
        {
            return Ok(found);
        }
        bail!("MariaDB is missing: install the package mariadb-server, or set {GIVEN} to a server's connection string")
    }

    fn installed() -> Option<Programs> {
        Some(Programs {
            server: keeper::installed("mariadbd")?,
            install: keeper::installed("mariadb-install-db")?,
        })
    }
}
