//! Certificates for servers of tests: for `localhost`, of an authority that is made for them by the program `openssl`.
//! Nothing outside of the test may trust that authority.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

use crate::keeper::{Owner, last_line};

/// The certificates, in a folder that goes with them.
pub(crate) struct Certificates {
    folder: PathBuf,
    /// The authority's certificate, in PEM.
    pub(crate) authority: String,
}

impl Certificates {
    /// Makes them; the owner of the server owns what comes of it.
    pub(crate) fn make(owner: &Owner) -> Result<Certificates> {
        let folder = owner.folder("authority")?;
        fs::write(folder.join("names"), "subjectAltName=DNS:localhost")?;
        let commands = [
            "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority",
            "req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost",
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.pem -days 2 -extfile names",
        ];
        for words in commands {
            openssl(owner, &folder, words)?;
        }
        fs::set_permissions(folder.join("server.key"), fs::Permissions::from_mode(0o600))?;
        Ok(Certificates {
            authority: fs::read_to_string(folder.join("ca.pem"))?,
            folder,
        })
    }

    /// The server's certificate.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.join("server.pem")
    }

    /// Its key.
    pub(crate) fn key(&self) -> PathBuf {
        self.folder.join("server.key")
    }
}

impl Drop for Certificates {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}

fn openssl(owner: &Owner, folder: &Path, words: &str) -> Result<()> {
    let mut command = owner.command(Path::new("openssl"), folder);
    let made = command.args(words.split(' ')).output();
    let made = made.context("the program openssl is missing: install the package openssl")?;
    ensure!(made.status.success(), "openssl failed: {}", last_line(&made));
    Ok(())
}
