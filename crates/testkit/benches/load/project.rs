//! The measured project: its model made over the API by the binary itself, its rows written as SQL. It is in a folder
//! or database of its own, which goes with it.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use aedile_testkit::{
    ADMIN_TOKEN, Server,
    postgres::{self, Postgres},
    wire::Connection,
    workload::{FILL, FILL_POSTGRES, Sizes, model},
};
use anyhow::{Context, Result, bail};

/// An answer takes no longer than this.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Where its rows are.
pub enum Place<'s> {
    /// A file of SQLite.
    File(PathBuf),
    /// A database on PostgreSQL.
    Server(postgres::Database<'s>),
}

/// A running project.
pub struct Project<'s> {
    server: Server,
    place: Place<'s>,
    binary: PathBuf,
    env: BTreeMap<String, String>,
}

/// Its files, after the server has ended.
pub struct Stopped {
    folder: PathBuf,
}

impl<'s> Project<'s> {
    /// Makes it and starts it: on SQLite, or on a database of this server.
    ///
    /// # Errors
    /// When the server does not start, or refuses a part of the model.
    pub fn create(binary: &Path, on: Option<&'s Postgres>, sizes: Sizes) -> Result<Self> {
        let mut env = BTreeMap::new();
        let own = on.map(Postgres::database).transpose()?;
        if let Some(own) = &own {
            env.insert("DB_CLIENT".to_owned(), "pg".to_owned());
            env.insert("DB_CONNECTION_STRING".to_owned(), own.url());
        }
        let server = Server::start(binary, &env)?;
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
        let place = match own {
            Some(own) => Place::Server(own),
            None => Place::File(server.folder().join("data.db")),
        };
        fill(&place, sizes)?;
        Ok(Project {
            server,
            place,
            binary: binary.to_owned(),
            env,
        })
    }

    /// Starts the server again, which then sees its tables as they are.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&mut self) -> Result<()> {
        self.server.kill()?;
        self.server.restart(&self.binary, &self.env)
    }

    /// Runs statements on its database, as if somebody else did.
    ///
    /// # Errors
    /// What the database says.
    pub fn run(&self, text: &str) -> Result<()> {
        match &self.place {
            Place::File(database) => {
                let connection = rusqlite::Connection::open(database)?;
                connection.busy_timeout(TIMEOUT)?;
                Ok(connection.execute_batch(text)?)
            }
            Place::Server(database) => database.run(text),
        }
    }

    pub fn place(&self) -> &Place<'s> {
        &self.place
    }

    pub fn is_server(&self) -> bool {
        matches!(self.place, Place::Server(_))
    }

    pub fn server(&self) -> &Server {
        &self.server
    }

    pub fn address(&self) -> SocketAddr {
        self.server.address()
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

fn fill(place: &Place<'_>, sizes: Sizes) -> Result<()> {
    let database = match place {
        Place::File(database) => database,
        Place::Server(database) => {
            let numbers = [
                ("$articles", sizes.articles),
                ("$authors", sizes.authors),
                ("$tags", sizes.tags),
                ("$comments", sizes.comments),
            ];
            let text = numbers.iter().fold(FILL_POSTGRES.to_owned(), |text, (name, number)| {
                text.replace(name, &number.to_string())
            });
            database.run(&text)?;
            return database.run("vacuum analyze");
        }
    };
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
