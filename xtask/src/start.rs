//! `cargo xtask start`: from a fresh checkout to a running project. It must never lose a generated secret (they exist
//! only once), never touch a database that is there already, and never outlive the server.

mod announce;
mod first_run;

use std::{
    net::{TcpListener, ToSocketAddrs},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{node, shell, studio};
pub use announce::{ANNOUNCE, announce};
use announce::{Announcement, Host};

pub const HELP: &str = "\
cargo xtask start

Builds the Studio (where Node is) and the optimised binary, and serves ./data/aedile.db on http://localhost:8055 until Ctrl-C. On the first run the
demo project is loaded, and the generated passwords are printed, once. Settings come from the environment and .env as
always: `PORT=8080 cargo xtask start`, `DB_FILENAME=./mine.db cargo xtask start`.";

/// Builds, prepares and serves. On Unix this process becomes the server, so that Ctrl-C reaches it directly.
///
/// # Errors
/// A failed build, settings that cannot be used, an address that is taken.
pub fn run(args: &[String]) -> Result<ExitCode> {
    if let Some(arg) = args.first() {
        bail!("`start` takes no `{arg}`; settings come from the environment");
    }
    println!("[1/3] Building the Studio and the optimised binary (the first time takes several minutes)");
    if node::is_there() {
        studio::build()?;
    } else {
        println!("      Node 20 or newer with npm was not found: the API is served alone, without the Studio.");
    }
    let binary = shell::build(&["--release", "--package", "aedile"], "aedile")?;
    let settings = Settings::ask(&binary)?;
    settings.check_address()?;
    let database = settings.database();
    let secrets = if database.exists() {
        println!("[2/3] {} is there: nothing to prepare", database.display());
        Vec::new()
    } else {
        println!("[2/3] Loading the demo project into {}", database.display());
        first_run::load(&binary, &database)?
    };
    println!("[3/3] Starting the server");
    let announcement = Announcement {
        address: settings.address(),
        email: settings.get("ADMIN_EMAIL"),
        secrets,
    };
    announcement.hand_over()?;
    serve(&mut server(&binary))
}

fn server(binary: &Path) -> Command {
    let mut command = shell::program(binary);
    command.arg("start");
    command
}

#[cfg(unix)]
fn serve(server: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    // Answers only when it fails.
    Err(server.exec()).context("the server cannot be started")
}

#[cfg(not(unix))]
fn serve(server: &mut Command) -> Result<ExitCode> {
    let status = server.status().context("the server cannot be started")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The settings that are in force, as the binary tells them.
struct Settings(Vec<Value>);

impl Settings {
    fn ask(binary: &Path) -> Result<Settings> {
        let text =
            shell::output(shell::program(binary).args(["config", "--json"])).context("the settings cannot be used")?;
        Ok(Settings(
            serde_json::from_str(&text).context("the settings cannot be read")?,
        ))
    }

    fn get(&self, name: &str) -> String {
        let setting = self
            .0
            .iter()
            .find(|setting| setting.get("name").and_then(Value::as_str) == Some(name));
        match setting.and_then(|setting| setting.get("value")) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }
    }

    fn database(&self) -> PathBuf {
        let name = self.get("DB_FILENAME");
        shell::root().join(name.strip_prefix("./").unwrap_or(&name))
    }

    fn address(&self) -> Host {
        let host = match self.get("HOST").as_str() {
            "" | "0.0.0.0" | "::" => "localhost".to_owned(),
            host if host.contains(':') => format!("[{host}]"),
            host => host.to_owned(),
        };
        Host {
            host,
            port: self.get("PORT"),
        }
    }

    /// Whether the address can be listened on: better to know before anything is loaded.
    fn check_address(&self) -> Result<()> {
        let (host, port) = (self.get("HOST"), self.get("PORT"));
        let number: u16 = port.parse().with_context(|| format!("PORT is `{port}`"))?;
        let address = (host.as_str(), number)
            .to_socket_addrs()
            .ok()
            .and_then(|mut found| found.next());
        let address = address.with_context(|| format!("HOST is `{host}`, which is no address of this machine"))?;
        if let Err(error) = TcpListener::bind(address) {
            bail!(
                "port {port} cannot be used ({error}): stop what uses it, or choose another, as in `PORT=8056 cargo xtask start`"
            );
        }
        Ok(())
    }
}
