//! The first run: a database with the demo project. It is made in a folder of its own and moved to its place when it
//! is whole, so that an interrupted run leaves no half-loaded project behind; must never overwrite a file.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::shell;

/// What is printed once: whose it is, and the secret.
pub type Secret = (String, String);

/// Loads the demo and answers the secrets that were made up.
///
/// # Errors
/// When the demo cannot be loaded, or the files cannot be moved to their place.
pub fn load(binary: &Path, database: &Path) -> Result<Vec<Secret>> {
    let begun = Instant::now();
    let folder = database.parent().context("DB_FILENAME names no file")?;
    let name = database.file_name().context("DB_FILENAME names no file")?;
    let draft = Draft::create(folder)?;
    let mut demo = shell::program(binary);
    demo.arg("demo").env("DB_FILENAME", draft.0.join(name));
    let told = shell::output(&mut demo).context("the demo project could not be loaded")?;
    let secrets = secrets(&told);
    if secrets.is_empty() {
        bail!("loading the demo told no secrets:\n{told}");
    }
    draft.publish(folder)?;
    println!("      done in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(secrets)
}

/// A folder beside the database, gone again when dropped.
struct Draft(PathBuf);

impl Draft {
    fn create(folder: &Path) -> Result<Draft> {
        let path = folder.join(".first-run");
        // What an interrupted run left behind is worth nothing.
        fs::remove_dir_all(&path).ok();
        fs::create_dir_all(&path).with_context(|| format!("the folder {} cannot be made", path.display()))?;
        Ok(Draft(path))
    }

    /// Moves the files to their place, the database last: it is what says that the first run is done.
    fn publish(&self, folder: &Path) -> Result<()> {
        let mut files = fs::read_dir(&self.0)?
            .map(|entry| Ok(entry?.file_name()))
            .collect::<Result<Vec<_>>>()?;
        // The longer names are the database's with something added.
        files.sort_by_key(|name| std::cmp::Reverse(name.len()));
        for name in &files {
            let (from, to) = (self.0.join(name), folder.join(name));
            let is_secret = name.to_string_lossy().ends_with(".secret");
            if to.exists() && is_secret {
                // Left by a database that was deleted; signing with it is as good as with the new one.
                continue;
            }
            if to.exists() {
                bail!("{} is in the way", to.display());
            }
            fs::rename(&from, &to).with_context(|| format!("{} cannot be moved", from.display()))?;
        }
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// The secrets among what `aedile demo` says: `Password: x (told only now)`, and one account a line below the last
/// sentence.
fn secrets(told: &str) -> Vec<Secret> {
    let mut out = Vec::new();
    for line in told.lines() {
        if let Some(rest) = line.strip_prefix("Password:") {
            let secret = rest.split_whitespace().next().unwrap_or_default();
            out.push(("Administrator".to_owned(), secret.to_owned()));
        } else if let Some(account) = line.strip_prefix("  ")
            && let Some((name, secret)) = account.trim_end().rsplit_once(' ')
        {
            out.push((name.trim().to_owned(), secret.to_owned()));
        }
    }
    out
}

#[cfg(test)]
mod tests;
