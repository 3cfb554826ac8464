//! A PostgreSQL server for tests: started from the installed programs in a folder of its own, on a private socket, as a user
//! that is not root; or the one that `TEST_PG_URL` names. Must never touch a database it did not make.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio, id};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, str::FromStr as _};

use anyhow::{Context, Result, bail, ensure};
use tokio_postgres::{Config, NoTls};

/// Names a server that is used instead of one of our own: its user must be allowed to make databases.
const GIVEN: &str = "TEST_PG_URL";

/// A server that does not answer by then will not.
const START_TIMEOUT: Duration = Duration::from_secs(30);
/// Between two looks whether it answers.
const POLL: Duration = Duration::from_millis(50);

/// Nothing here has to survive a power cut.
const SETTINGS: [&str; 7] = [
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_connections=400",
    "log_min_messages=fatal",
];

/// Starts the server, again where it was killed, and ends it with its folder as soon as whoever started it has gone, however
/// that went.
const KEEPER: &str = r#"trap '' INT; folder=$1; shift; touch "$folder/wanted"
(while [ -e "$folder/wanted" ]; do "$@"; sleep 0.1; done) & loop=$!
cat >/dev/null; rm -f "$folder/wanted"; kill -QUIT $(head -n 1 "$folder/data/postmaster.pid"); wait $loop; rm -rf "$folder""#;

static MADE: AtomicUsize = AtomicUsize::new(0);

/// A server. Ours goes with it; a given one stays.
pub struct Postgres {
    config: Config,
    url: Url,
    keeper: Option<Child>,
}

/// How the server is named to others, without the database.
enum Url {
    /// The folder of its socket, and the user.
    Socket(PathBuf, String),
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
        match env::var(GIVEN) {
            Ok(url) if !url.is_empty() => Self::given(url),
            _ => Self::own(),
        }
    }

    fn given(url: String) -> Result<Postgres> {
        let config = Config::from_str(&url).with_context(|| format!("{GIVEN} is no connection string"))?;
        let server = Postgres {
            config,
            url: Url::Given(url),
            keeper: None,
        };
        server
            .run("select 1")
            .with_context(|| format!("the server of {GIVEN}"))?;
        Ok(server)
    }

    fn own() -> Result<Postgres> {
        let programs = programs()?;
        let owner = Owner::of_process()?;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("aedile-postgres-{}-{number}", id()));
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        if let Some((user, group)) = owner.ids {
            chown(&folder, Some(user), Some(group))?;
        }
        let data = folder.join("data");
        let mut initdb = owner.command(&programs.join("initdb"), &folder);
        initdb.arg("-D").arg(&data);
        initdb.args([
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--username=test",
        ]);
        let made = initdb.output().context("running initdb")?;
        ensure!(made.status.success(), "initdb failed: {}", last_line(&made));
        let mut keeper = owner.command(Path::new("/bin/sh"), &folder);
        keeper.args(["-c", KEEPER, "keeper"]).arg(&folder);
        keeper
            .arg(programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder);
        for setting in SETTINGS {
            keeper.args(["-c", setting]);
        }
        let log = fs::File::create(folder.join("log"))?;
        let keeper = keeper
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("starting postgres")?;
        let mut config = Config::new();
        config.host_path(&folder).user("test").dbname("postgres");
        let server = Postgres {
            config,
            url: Url::Socket(folder, "test".to_owned()),
            keeper: Some(keeper),
        };
        server.wait()?;
        Ok(server)
    }

    fn wait(&self) -> Result<()> {
        let end = Instant::now() + START_TIMEOUT;
        loop {
            match self.run("select 1") {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > end => return Err(error.context("postgres does not answer")),
                Err(_) => sleep(POLL),
            }
        }
    }

    /// Makes an empty database.
    ///
    /// # Errors
    /// What the server answers.
    pub fn database(&self) -> Result<Database<'_>> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("aedile_test_{}_{number}", id());
        self.run(&format!("create database {name}"))?;
        Ok(Database { server: self, name })
    }

    /// Whether it was started here, and may be killed.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.keeper.is_some()
    }

    /// Kills the server, with everything that it had not written down; it is started again at once.
    ///
    /// # Errors
    /// When it is not one of our own, or not running.
    pub fn crash(&self) -> Result<()> {
        let Url::Socket(folder, _) = &self.url else {
            bail!("the server of {GIVEN} is not ours to kill");
        };
        let file = fs::read_to_string(folder.join("data/postmaster.pid")).context("no server is running")?;
        let process = file.lines().next().unwrap_or_default();
        let killed = Command::new("kill").args(["-KILL", process]).status()?;
        ensure!(killed.success(), "the server's process {process} cannot be killed");
        Ok(())
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

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            // What it waits for is the end of this pipe.
            drop(keeper.stdin.take());
            keeper.wait().ok();
        }
    }
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

    /// How it is connected to.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.server.url {
            Url::Socket(folder, user) => format!("host={} user={user} dbname={}", folder.display(), self.name),
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
        // A server of our own goes as a whole.
        if self.server.keeper.is_none() {
            self.server
                .run(&format!("drop database if exists {} with (force)", self.name))
                .ok();
        }
    }
}

/// Who runs the server: PostgreSQL refuses root.
struct Owner {
    ids: Option<(u32, u32)>,
}

impl Owner {
    fn of_process() -> Result<Owner> {
        let root = fs::metadata("/proc/self").is_ok_and(|facts| std::os::unix::fs::MetadataExt::uid(&facts) == 0);
        if !root {
            return Ok(Owner { ids: None });
        }
        let users = fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
        let of = |name: &str| {
            let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut parts = line.split(':').skip(2);
            Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
        };
        let ids = of("postgres").or_else(|| of("nobody"));
        ensure!(
            ids.is_some(),
            "PostgreSQL refuses to run as root, and there is no user postgres or nobody"
        );
        Ok(Owner { ids })
    }

    fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env("LC_ALL", "C.UTF-8");
        if let Some((user, group)) = self.ids {
            command.uid(user).gid(group);
        }
        command
    }
}

/// The folder that `postgres` and `initdb` are in; on Debian and Ubuntu root installs what is missing.
fn programs() -> Result<PathBuf> {
    if let Some(found) = installed() {
        return Ok(found);
    }
    let root = Owner::of_process().is_ok_and(|owner| owner.ids.is_some());
    if root && Path::new("/etc/debian_version").exists() {
        let apt = |words: &[&str]| {
            Command::new("apt-get")
                .args(words)
                .env("DEBIAN_FRONTEND", "noninteractive")
                .output()
                .is_ok_and(|output| output.status.success())
        };
        if apt(&["update"])
            && apt(&["install", "-y", "--no-install-recommends", "postgresql"])
            && let Some(found) = installed()
        {
            return Ok(found);
        }
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

fn last_line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines()
        .rfind(|line| !line.is_empty())
        .unwrap_or_default()
        .to_owned()
}
