//! What is said once the server answers: where it is, how to log in, what to try. A process of its own says it, since
//! the one that knows becomes the server; must never put a secret on a command line, where others could see it.

use std::{
    env,
    io::{self, Read, Write},
    net::TcpStream,
    process::{Command, ExitCode, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::first_run::Secret;

/// The hidden task that waits and announces.
pub const ANNOUNCE: &str = "__announce";

/// A server that has not answered by then will not.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks whether the server answers.
const POLL: Duration = Duration::from_millis(50);

/// The longest that one look may take.
const LOOK: Duration = Duration::from_secs(1);

/// Where the server is reached.
pub struct Host {
    pub host: String,
    pub port: String,
}

/// All there is to say.
pub struct Announcement {
    pub address: Host,
    pub email: String,
    pub secrets: Vec<Secret>,
}

impl Announcement {
    /// Starts the process that will say it.
    ///
    /// # Errors
    /// When it cannot be started; then the secrets are printed at once.
    pub fn hand_over(&self) -> Result<()> {
        let handed = self.spawn();
        if handed.is_err() {
            print_secrets(&self.email, &self.secrets);
        }
        handed
    }

    fn spawn(&self) -> Result<()> {
        let mut child = Command::new(env::current_exe()?)
            .arg(ANNOUNCE)
            .stdin(Stdio::piped())
            .spawn()
            .context("the announcer cannot be started")?;
        let text = json!({
            "host": self.address.host,
            "port": self.address.port,
            "email": self.email,
            "secrets": self.secrets,
        });
        let mut input = child.stdin.take().context("the announcer does not listen")?;
        input.write_all(text.to_string().as_bytes())?;
        Ok(())
    }
}

/// Waits for the server and says everything; the secrets even if it never answers.
///
/// # Errors
/// When what was handed over cannot be read.
pub fn announce() -> Result<ExitCode> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    let given: Value = serde_json::from_str(&text)?;
    let word = |name: &str| given.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let address = Host {
        host: word("host"),
        port: word("port"),
    };
    let secrets: Vec<Secret> = given
        .get("secrets")
        .cloned()
        .map(serde_json::from_value)
        .transpose()?
        .unwrap_or_default();
    let answered = wait(&address);
    let out = io::stdout().lock();
    if answered {
        say(out, &address, &word("email"), &secrets).ok();
        return Ok(ExitCode::SUCCESS);
    }
    drop(out);
    print_secrets(&word("email"), &secrets);
    Ok(ExitCode::FAILURE)
}

/// Waits until the server answers; no longer than it lives.
fn wait(address: &Host) -> bool {
    let (server, end) = (parent(), Instant::now() + PATIENCE);
    while Instant::now() < end && parent() == server {
        if answers(address).unwrap_or(false) {
            return true;
        }
        sleep(POLL);
    }
    false
}

#[cfg(unix)]
fn parent() -> u32 {
    std::os::unix::process::parent_id()
}

#[cfg(not(unix))]
fn parent() -> u32 {
    0
}

fn answers(address: &Host) -> Result<bool> {
    let mut stream = TcpStream::connect((address.host.trim_matches(['[', ']']), address.port.parse::<u16>()?))?;
    stream.set_read_timeout(Some(LOOK))?;
    stream.write_all(b"GET /server/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.ends_with("pong"))
}

fn say(mut out: impl Write, address: &Host, email: &str, secrets: &[Secret]) -> io::Result<()> {
    let url = format!("http://{}:{}", address.host, address.port);
    writeln!(out, "\nAedile serves {url}    (Ctrl-C stops it)\n")?;
    write_secrets(&mut out, email, secrets)?;
    let website = secrets.iter().find(|(name, _)| is_machine(name));
    let token = website.map_or("<token>", |(_, secret)| secret.as_str());
    writeln!(
        out,
        "\nWorth trying:\n  \
         curl -g '{url}/items/posts?fields=title,published_at&sort=-published_at&limit=3'\n  \
         curl -g -H 'Authorization: Bearer {token}' '{url}/items/posts?fields=title,author.name,tags.tags_id.name&limit=3'\n  \
         curl -g -H 'Authorization: Bearer {token}' '{url}/items/authors?fields=name,email'    (refused: addresses are not the website's)\n"
    )
}

/// Whether a secret is a token: machines have no address.
fn is_machine(name: &str) -> bool {
    name.starts_with("Website")
}

fn print_secrets(email: &str, secrets: &[Secret]) {
    write_secrets(io::stdout().lock(), email, secrets).ok();
}

/// Who can log in and how: with the generated secrets on the first run, else where to set new ones.
fn write_secrets(mut out: impl Write, email: &str, secrets: &[Secret]) -> io::Result<()> {
    let email = if email.is_empty() { "admin@example.com" } else { email };
    if secrets.is_empty() {
        writeln!(out, "Administrator   {email}")?;
        return writeln!(
            out,
            "Passwords are told on the first run only. To set a new one: aedile users passwd --email {email}"
        );
    }
    writeln!(out, "Told only now, so write them down:")?;
    for (name, secret) in secrets {
        match name.as_str() {
            "Administrator" => writeln!(out, "  Administrator      {email}   password {secret}")?,
            name if is_machine(name) => writeln!(out, "  Website API token  {secret}")?,
            _ => writeln!(out, "  {name:<18} password {secret}")?,
        }
    }
    if !secrets.iter().any(|(name, _)| name == "Administrator") {
        writeln!(
            out,
            "  Administrator      {email}   with the password of ADMIN_PASSWORD"
        )?;
    }
    Ok(())
}
