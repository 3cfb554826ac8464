//! A Redis for tests: started from the installed program in a folder of its own, on a port of this machine, with a password.
//! It must listen on no other address, and keep nothing.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::keeper::{self, Keeper, Owner, program};

/// What it asks for.
const PASSWORD: &str = "shared-pass-1";

/// How long a command may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the server writes which process it is.
const PROCESS: &str = "process";

/// The server. It goes with its value.
pub struct Redis {
    _keeper: Keeper,
    /// Where it listens.
    pub port: u16,
}

impl Redis {
    /// Starts a server.
    ///
    /// # Errors
    /// In one line: what is missing, or what failed.
    pub fn start() -> Result<Redis> {
        Self::start_on(keeper::free_port()?)
    }

    /// Starts a server on this port.
    ///
    /// # Errors
    /// As [`Redis::start`].
    pub fn start_on(port: u16) -> Result<Redis> {
        let found = program("redis-server", "redis-server");
        let found = found.context("Redis is missing: install the package redis-server")?;
        let owner = Owner::of_process(&["redis", "nobody"])?;
        let folder = owner.folder("redis")?;
        let mut server = owner.kept(&found, &folder, PROCESS);
        server.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        server.args(["--requirepass", PASSWORD, "--port", &port.to_string()]);
        server.arg("--pidfile").arg(folder.join(PROCESS));
        let server = Redis {
            _keeper: Keeper::start(server, folder.join(PROCESS))?,
            port,
        };
        keeper::answers("redis-server", || {
            let answer = server.ask("PING")?;
            ensure!(answer == "+PONG", "it answers {answer}");
            Ok(())
        })?;
        Ok(server)
    }

    /// How it is connected to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://:{PASSWORD}@localhost:{}/3", self.port)
    }

    /// What it answers to a command, in its first line.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn ask(&self, command: &str) -> Result<String, std::io::Error> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        write!(stream, "AUTH {PASSWORD}\r\nSELECT 3\r\n{command}\r\n")?;
        let mut lines = BufReader::new(stream).lines();
        lines.nth(2).unwrap_or_else(|| Ok(String::new()))
    }
}
