//! A PostgreSQL server that speaks TLS on a port of this machine, as `localhost`, with a certificate of an authority that was
//! made for it by the program `openssl`. Nothing outside of the test may trust that authority.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::id,
};

use anyhow::{Context, Result, ensure};

use super::Postgres;
use crate::keeper::{Owner, last_line};

/// The server. It goes with its value.
pub struct Encrypted {
    _server: Postgres,
    port: u16,
    folder: PathBuf,
    /// The authority's certificate, in PEM.
    pub authority: String,
}

impl Encrypted {
    /// Makes the certificates and starts the server.
    ///
    /// # Errors
    /// In one line: what is missing, or what failed.
    pub fn start() -> Result<Encrypted> {
        let owner = Owner::of_process(&["postgres", "nobody"])?;
        let folder = owner.folder(&format!("aedile-authority-{}", id()))?;
        fs::write(folder.join("names"), "subjectAltName=DNS:localhost")?;
        openssl(
            &owner,
            &folder,
            "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority",
        )?;
        openssl(
            &owner,
            &folder,
            "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost",
        )?;
        openssl(
            &owner,
            &folder,
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 2 -extfile names",
        )?;
        let key = folder.join("server.key");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let settings = [
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", folder.join("server.pem").display()),
            format!("ssl_key_file={}", key.display()),
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={port}"),
        ];
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        Ok(Encrypted {
            _server: Postgres::own(&settings, Some(port))?,
            port,
            authority: fs::read_to_string(folder.join("ca.pem"))?,
            folder,
        })
    }

    /// How it is connected to, by one of its names.
    #[must_use]
    pub fn url(&self, host: &str) -> String {
        format!("host={host} port={} user=test dbname=postgres", self.port)
    }
}

impl Drop for Encrypted {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}

/// The server's user owns what comes of it.
fn openssl(owner: &Owner, folder: &Path, words: &str) -> Result<()> {
    let mut command = owner.command(Path::new("openssl"), folder);
    let made = command.args(words.split(' ')).output();
    let made = made.context("the program openssl is missing: install the package openssl")?;
    ensure!(made.status.success(), "openssl failed: {}", last_line(&made));
    Ok(())
}
