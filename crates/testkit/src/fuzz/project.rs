//! The project under test: the demo, loaded once and copied for every round, with the tokens of those who ask. It must
//! never be used for anything but a server that is thrown away.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::Tokens;
use crate::{
    http::{self, Request},
    server::{ADMIN_TOKEN, Server, command},
};

const AUTHORS: &str = include_str!("../../../../demo/src/content/authors.json");
const MESSAGES: &str = include_str!("../../../../demo/src/content/contact_submissions.json");

/// The account whose rules depend on who it is.
const AUTHOR: &str = "nora@example.com";

/// A prepared project.
pub(crate) struct Project {
    binary: PathBuf,
    template: TempDir,
    tokens: Tokens,
    canaries: Vec<String>,
}

impl Project {
    /// Loads the demo and logs in who has no static token.
    pub(crate) fn prepare(binary: &Path) -> Result<Self> {
        let template = TempDir::new()?;
        let mut demo = command(binary, template.path(), &environment());
        let output = demo.arg("demo").output().context("`aedile demo` cannot be started")?;
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(
            output.status.success(),
            "`aedile demo` failed: {told}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut project = Self {
            binary: binary.to_owned(),
            template,
            tokens: Tokens {
                administrator: ADMIN_TOKEN.to_owned(),
                website: secret(&told, "Website")?,
                author: String::new(),
            },
            canaries: canaries()?,
        };
        let server = project.start()?;
        project.tokens.author = log_in(&server, AUTHOR, &secret(&told, AUTHOR)?)?;
        // The session has to be in the template. The journal comes along, so no clean end is needed.
        copy(server.folder(), project.template.path())?;
        Ok(project)
    }

    /// A fresh server of the project.
    pub(crate) fn start(&self) -> Result<Server> {
        Server::start_prepared(&self.binary, &environment(), &|folder| {
            copy(self.template.path(), folder)
        })
    }

    pub(crate) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// What only administrators and editors may see: addresses of authors, and messages of the contact form.
    pub(crate) fn canaries(&self) -> &[String] {
        &self.canaries
    }
}

/// Nothing stalls, nobody is limited, and a login holds for as long as the fuzzer runs.
fn environment() -> BTreeMap<String, String> {
    [
        ("REGISTER_STALL_TIME", "0"),
        ("RATE_LIMITER_REGISTRATION_ENABLED", "false"),
        ("ACCESS_TOKEN_TTL", "7d"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// The secret that `aedile demo` told for an account.
fn secret(told: &str, account: &str) -> Result<String> {
    let line = told.lines().find_map(|line| line.trim().strip_prefix(account));
    let secret = line.and_then(|line| line.split_whitespace().last());
    secret
        .map(str::to_owned)
        .with_context(|| format!("`aedile demo` told no secret for {account}:\n{told}"))
}

fn log_in(server: &Server, email: &str, password: &str) -> Result<String> {
    let body = json!({ "email": email, "password": password, "mode": "json" }).to_string();
    let headers: Map<String, Value> = [("Content-Type".to_owned(), json!("application/json"))]
        .into_iter()
        .collect();
    let request = Request {
        method: "POST",
        target: "/auth/login",
        headers: &headers,
        body: Some(body.as_bytes()),
    };
    let answer = http::send(server.address(), &request)?;
    let told: Value = serde_json::from_slice(&answer.body)?;
    let token = told.pointer("/data/access_token").and_then(Value::as_str);
    token
        .map(str::to_owned)
        .with_context(|| format!("{email} cannot log in: {told}"))
}

/// Copies the database, its journal and its secret.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("data.db") {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn canaries() -> Result<Vec<String>> {
    let mut out = Vec::new();
    for (text, field) in [(AUTHORS, "email"), (MESSAGES, "message")] {
        let rows: Vec<Value> = serde_json::from_str(text)?;
        out.extend(rows.iter().filter_map(|row| Some(row.get(field)?.as_str()?.to_owned())));
    }
    ensure!(out.len() > 20, "the demo has fewer canaries than expected");
    Ok(out)
}
