//! Where the project stands, for audits: how its database is reached, what is known of its secrets, and whether they lie in
//! files that its repository holds. Files are read up to named limits, and nothing of them is kept or told but their names.

mod ignore;

use std::{
    fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
};

use aedile_platform::{
    audit::{ConfiguredSecret, DatabaseLink, Environment},
    config::Secret,
};

use super::{Config, Database, DbClient};
use ignore::Ignored;

/// Folders are looked through so deep: configuration lies near the root of a project.
const DEEPEST: usize = 4;

/// Most files that are looked at.
const MOST_FILES: usize = 2000;

/// Larger files are no configuration.
const LARGEST: u64 = 256 * 1024;

/// A secret of fewer bytes stands in files by chance.
const SHORTEST: usize = 8;

/// What an audit is told of where this configuration stands.
pub fn environment(config: &Config, folder: &Path) -> Environment {
    let mut found: Vec<Vec<String>> = vec![Vec::new(); config.secrets.len()];
    look_through(folder, &mut |file, text| {
        for ((_, secret), files) in config.secrets.iter().zip(&mut found) {
            if holds(text, secret) {
                files.push(file.to_owned());
            }
        }
    });
    let secrets = config.secrets.iter().zip(found);
    Environment {
        variables: config.watched.clone(),
        secrets: secrets
            .map(|((name, secret), files)| ConfiguredSecret::of(name, secret, files))
            .collect(),
        database: link(&config.database),
    }
}

fn holds(text: &str, secret: &Secret) -> bool {
    secret.expose().len() >= SHORTEST && text.contains(secret.expose())
}

/// How the server of the database is reached; none for a file.
fn link(database: &Database) -> Option<DatabaseLink> {
    let server = &database.server;
    if database.client == DbClient::Sqlite {
        return None;
    }
    let connection = server.connection.expose();
    let host = match connection.split_once("://") {
        // `user:password@host:port/database?options`
        Some((_, rest)) => {
            let authority = rest.split(['/', '?']).next().unwrap_or_default();
            let after = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
            match after.strip_prefix('[') {
                Some(inside) => inside.split(']').next().unwrap_or_default(),
                None => after.split(':').next().unwrap_or_default(),
            }
        }
        // `host=.. user=..`
        None if !connection.is_empty() => {
            let mut words = connection.split_whitespace();
            words.find_map(|word| word.strip_prefix("host=")).unwrap_or_default()
        }
        None => &server.host,
    };
    let by_string = ["sslmode=require", "sslmode=verify-ca", "sslmode=verify-full"]
        .iter()
        .any(|mode| connection.contains(mode));
    let is_local = host.is_empty()
        || host.starts_with('/')
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    Some(DatabaseLink {
        is_local,
        is_encrypted: server.tls.is_wanted() || by_string,
        is_verified: server.tls.verified != Some(false),
    })
}

/// Shows every text file that the repository around a folder holds in it: its name below the folder, and its text. None
/// without a repository.
fn look_through(folder: &Path, look: &mut dyn FnMut(&str, &str)) {
    let Ok(folder) = folder.canonicalize() else { return };
    let Some(root) = folder.ancestors().find(|above| above.join(".git").exists()) else {
        return;
    };
    let mut ignored = Ignored::default();
    ignored.add(root, &read(&root.join(".git/info/exclude")).unwrap_or_default());
    // Every folder on the way down may have its say.
    let mut above: Vec<&Path> = folder
        .ancestors()
        .skip(1)
        .take_while(|above| above.starts_with(root))
        .collect();
    above.reverse();
    for above in above {
        ignored.add(above, &read(&above.join(".gitignore")).unwrap_or_default());
    }
    let mut walk = Walk {
        root: &folder,
        ignored,
        left: MOST_FILES,
        look,
    };
    walk.folder(&folder, DEEPEST);
}

/// A walk through folders.
struct Walk<'w> {
    root: &'w Path,
    ignored: Ignored,
    /// Files that may still be looked at.
    left: usize,
    look: &'w mut dyn FnMut(&str, &str),
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path, deeper: usize) {
        self.ignored
            .add(folder, &read(&folder.join(".gitignore")).unwrap_or_default());
        for (path, is_folder) in listed(folder) {
            let own = path.file_name().is_some_and(|name| name == ".git");
            if own || self.left == 0 || self.ignored.has(&path, is_folder) {
                continue;
            }
            match is_folder.then(|| deeper.checked_sub(1)) {
                Some(Some(deeper)) => self.folder(&path, deeper),
                Some(None) => {}
                None => self.file(&path),
            }
        }
    }

    fn file(&mut self, path: &Path) {
        self.left -= 1;
        if let (Ok(text), Ok(name)) = (read(path), path.strip_prefix(self.root)) {
            (self.look)(&name.to_string_lossy().replace('\\', "/"), &text);
        }
    }
}

/// What a folder holds, in the order of names; links are not followed.
fn listed(folder: &Path) -> Vec<(PathBuf, bool)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<(PathBuf, bool)> = entries
        .filter_map(|entry| {
            let kind = entry.file_type().ok().filter(|kind| kind.is_dir() || kind.is_file())?;
            Some((entry.path(), kind.is_dir()))
        })
        .collect();
    found.sort();
    found
}

/// A text file that is small enough.
fn read(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > LARGEST {
        return Err(io::Error::other("the file is too large to be configuration"));
    }
    fs::read_to_string(path)
}

#[cfg(test)]
mod tests;
