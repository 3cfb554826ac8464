//! A server under test: a child process in a folder of its own, on a fresh SQLite database or on one that was
//! prepared there. It must never outlive its value, and never see this process's environment.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, io};

use anyhow::{Context, Result, bail};
use serde_json::Map;
use tempfile::TempDir;

use crate::http::{self, Request};

/// The administrator's static token: how scenarios that say nothing else ask.
pub const ADMIN_TOKEN: &str = "admin-static-token";

/// A server that has not answered by then will not.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// Between two looks whether the server answers already.
const POLL: Duration = Duration::from_millis(20);

/// Another process may take the free port first; starting again finds another.
const ATTEMPTS: usize = 3;

/// Failures quote at most this many of the last lines that the server printed.
const LOG_LINES: usize = 12;

/// What every server is started with. Passwords are hashed with the least memory that argon2
/// libraries accept, failed logins do not stall, and there may be any number of them: none of it
/// shows in a recorded answer.
const ENVIRONMENT: [(&str, &str); 12] = [
    ("DB_CLIENT", "sqlite3"),
    ("HOST", "127.0.0.1"),
    ("SECRET", "the-secret-of-servers-under-test"),
    ("ADMIN_EMAIL", "admin@example.com"),
    ("ADMIN_PASSWORD", "password"),
    ("ADMIN_TOKEN", ADMIN_TOKEN),
    ("LOG_LEVEL", "warn"),
    ("LOGIN_STALL_TIME", "0"),
    ("RATE_LIMITER_LOGIN_ENABLED", "false"),
    ("HASH_MEMORY_COST", "1024"),
    ("WEBSOCKETS_ENABLED", "true"),
    // A machine that can send mails shall not do so for a test.
    ("EMAIL_TRANSPORT", "log"),
];

/// A running server; dropping it kills the process and removes its folder.
pub struct Server {
    child: Child,
    folder: TempDir,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts `binary start` with the environment every scenario has and `env`, and waits until
    /// it answers.
    ///
    /// # Errors
    /// When it ends, or does not answer in time.
    pub fn start(binary: &Path, env: &BTreeMap<String, String>) -> Result<Self> {
        Self::start_prepared(binary, env, &|_| Ok(()))
    }

    /// As [`Server::start`], after `prepare` was given the folder, in which `data.db` is the database.
    ///
    /// # Errors
    /// When `prepare` fails, the server ends, or does not answer in time.
    pub fn start_prepared(
        binary: &Path,
        env: &BTreeMap<String, String>,
        prepare: &dyn Fn(&Path) -> Result<()>,
    ) -> Result<Self> {
        let mut attempt = 1;
        loop {
            match Self::try_start(binary, env, prepare) {
                Err(_) if attempt < ATTEMPTS => attempt += 1,
                other => return other,
            }
        }
    }

    fn try_start(binary: &Path, env: &BTreeMap<String, String>, prepare: &dyn Fn(&Path) -> Result<()>) -> Result<Self> {
        let folder = TempDir::new()?;
        prepare(folder.path())?;
        let address = free_address()?;
        let child = spawn(binary, folder.path(), env, address)?;
        let mut server = Self { child, folder, address };
        server.wait()?;
        Ok(server)
    }

    /// Kills the process, which gets no chance to put anything in order.
    ///
    /// # Errors
    /// What the system says.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// Starts a process on what one that was [killed](Server::kill) left behind, and waits until it answers.
    ///
    /// # Errors
    /// When it ends, or does not answer in time.
    pub fn restart(&mut self, binary: &Path, env: &BTreeMap<String, String>) -> Result<()> {
        self.child = spawn(binary, self.folder.path(), env, self.address)?;
        self.wait()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its folder, which goes with it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    fn wait(&mut self) -> Result<()> {
        let end = Instant::now() + START_TIMEOUT;
        while Instant::now() < end {
            if let Some(end) = self.obituary() {
                bail!("{end}");
            }
            if answers(self.address) {
                return Ok(());
            }
            sleep(POLL);
        }
        bail!("no answer after {} s{}", START_TIMEOUT.as_secs(), self.last_lines())
    }

    /// What it printed last.
    #[must_use]
    pub fn last_lines(&self) -> String {
        let raw = fs::read(log(self.folder())).unwrap_or_default();
        let text = String::from_utf8_lossy(&raw);
        let mut lines: Vec<&str> = text.lines().rev().take(LOG_LINES).collect();
        lines.push("");
        lines.reverse();
        lines.join("\n       | ")
    }

    /// How the process ended and what it printed last, if it has ended.
    pub fn obituary(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        Some(format!("the server ended ({status}){}", self.last_lines()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn spawn(binary: &Path, folder: &Path, env: &BTreeMap<String, String>, address: SocketAddr) -> Result<Child> {
    let log = File::create(log(folder))?;
    command(binary, folder, env)
        .arg("start")
        .env("PORT", address.port().to_string())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("starting {}", binary.display()))
}

/// A command of the binary, with the environment of servers under test and the database of `folder`.
pub fn command(binary: &Path, folder: &Path, env: &BTreeMap<String, String>) -> Command {
    let mut command = Command::new(binary);
    command
        .current_dir(folder)
        .env_clear()
        .envs(env::var_os("PATH").map(|path| ("PATH", path)))
        .envs(ENVIRONMENT)
        .env("DB_FILENAME", folder.join("data.db"))
        .envs(env);
    command
}

fn answers(address: SocketAddr) -> bool {
    let request = Request {
        method: "GET",
        target: "/server/ping",
        headers: &Map::new(),
        body: None,
    };
    http::send(address, &request).is_ok_and(|answer| answer.body == b"pong")
}

fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// Where a server's log is.
fn log(folder: &Path) -> PathBuf {
    folder.join("server.log")
}

#[cfg(test)]
mod tests;
