//! The signing secret when nobody set one: made once, kept beside the SQLite file, found again at the next start.
//! It is never printed, and its file is readable by its owner alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use aedile_platform::config::Secret;
use uuid::Uuid;

use super::{Config, DbClient, Problem};

/// Bytes of a generated secret: as many as the signature's hash.
const BYTES: usize = 32;
/// A kept secret shorter than this was not written by us, or not to its end.
const LEAST: usize = 32;

/// Sees to it that there is a secret to sign with. The sentence, when there is one, is a warning to log.
pub fn ensure(config: &mut Config) -> Result<Option<String>, Problem> {
    if !config.settings.tokens.secret.is_empty() {
        return Ok(None);
    }
    if config.database.client != DbClient::Sqlite {
        return Err(Problem(
            "SECRET is not set; make one with `aedile secret generate`.".into(),
        ));
    }
    if config.database.is_in_memory() {
        config.settings.tokens.secret = generate().map_err(|error| no_secret(&error))?;
        return Ok(Some(
            "SECRET is not set: tokens end with this process, like the database in memory".into(),
        ));
    }
    let path = file_beside(&config.database.filename);
    let secret = read_or_make(&path).map_err(|error| {
        Problem(format!(
            "SECRET is not set, and the generated one cannot be kept in {}: {error}.",
            path.display()
        ))
    })?;
    config.secrets.push(("SECRET".into(), secret.clone()));
    config.settings.tokens.secret = secret;
    Ok(Some(format!(
        "SECRET is not set: using the generated one in {}; back it up with the database",
        path.display()
    )))
}

/// A new random secret: 64 hexadecimal digits.
pub fn generate() -> io::Result<Secret> {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(Secret::new(
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
    ))
}

fn no_secret(error: &io::Error) -> Problem {
    Problem(format!("SECRET is not set, and none can be generated: {error}."))
}

/// `<db file>.secret`.
fn file_beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".secret");
    name.into()
}

fn read_or_make(path: &Path) -> io::Result<Secret> {
    match fs::read_to_string(path) {
        Ok(text) => checked(&text),
        Err(error) if error.kind() == ErrorKind::NotFound => make(path),
        Err(error) => Err(error),
    }
}

fn checked(text: &str) -> io::Result<Secret> {
    let text = text.trim();
    if text.len() < LEAST {
        return Err(io::Error::new(
            ErrorKind::InvalidData,
            "the file is incomplete; delete it to get a new secret",
        ));
    }
    Ok(Secret::new(text))
}

/// Writes a new secret under a name of its own and links it to its place, which only the first of several
/// processes achieves; the others read what the first wrote, and nobody ever sees half a file.
fn make(path: &Path) -> io::Result<Secret> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    // Not the process id: in containers that is 1 every time, and a draft left by a crash would stay in the way.
    let draft = path.with_extension(format!("secret.{}", Uuid::new_v4().simple()));
    let secret = generate()?;
    let outcome = write(&draft, &secret).and_then(|()| fs::hard_link(&draft, path));
    let removed = fs::remove_file(&draft);
    match outcome {
        Ok(()) => removed.map(|()| secret),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => checked(&fs::read_to_string(path)?),
        Err(error) => Err(error),
    }
}

fn write(path: &Path, secret: &Secret) -> io::Result<()> {
    let mut file = owner_only(path)?;
    writeln!(file, "{}", secret.expose())?;
    file.sync_all()
}

#[cfg(unix)]
fn owner_only(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn owner_only(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
