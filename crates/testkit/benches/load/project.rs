//! The measured project: its model made over the API by the binary itself, its rows written as SQL. It is in a folder
//! of its own, which goes with it.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use aedile_testkit::{
    ADMIN_TOKEN, Server,
    wire::Connection,
    workload::{FILL, Sizes, model},
};
use anyhow::{Context, Result, bail};

/// An answer takes no longer than this.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A running project.
pub struct Project {
    server: Server,
    database: PathBuf,
}

/// Its files, after the server has ended.
pub struct Stopped {
    folder: PathBuf,
}

impl Project {
    /// Makes it and starts it.
    ///
    /// # Errors
    /// When the server does not start, or refuses a part of the model.
    pub fn create(binary: &Path, sizes: Sizes) -> Result<Project> {
        let server = Server::start(binary, &BTreeMap::new())?;
        let mut connection = Connection::new(server.address(), TIMEOUT);
        for (path, body) in model() {
            let body = body.to_string();
            let request = format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let answer = connection.send(request.as_bytes())?;
            if answer.status >= 300 {
                bail!(
                    "POST {path}: {} {}",
                    answer.status,
                    String::from_utf8_lossy(&answer.body)
                );
            }
        }
        let database = server.folder().join("data.db");
        fill(&database, sizes)?;
        Ok(Project { server, database })
    }

    pub fn server(&self) -> &Server {
        &self.server
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    pub fn database(&self) -> &Path {
        &self.database
    }

    /// Ends the server and keeps its files.
    pub fn stop(self) -> Result<Stopped> {
        let folder = std::env::temp_dir().join(format!("aedile-bench-{}", std::process::id()));
        fs::remove_dir_all(&folder).ok();
        fs::rename(self.server.folder(), &folder).context("the files cannot be kept")?;
        drop(self.server);
        // The server was killed; a proper stop would have folded its log into the file.
        let connection = rusqlite::Connection::open(folder.join("data.db"))?;
        connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
        Ok(Stopped { folder })
    }
}

impl Stopped {
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}

fn fill(database: &Path, sizes: Sizes) -> Result<()> {
    let connection = rusqlite::Connection::open(database)?;
    connection.busy_timeout(TIMEOUT)?;
    let Sizes {
        articles,
        authors,
        tags,
        comments,
    } = sizes;
    connection.execute_batch("create temp table size (articles, authors, tags, comments)")?;
    connection.execute(
        "insert into temp.size values (?1, ?2, ?3, ?4)",
        [articles, authors, tags, comments],
    )?;
    connection.execute_batch(&["begin; ", FILL, "; commit; analyze; pragma wal_checkpoint(truncate)"].concat())?;
    Ok(())
}
