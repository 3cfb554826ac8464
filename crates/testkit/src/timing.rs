//! Whether answers tell by their time who is known, and whether many logins at once hold others up. Everything is asked of
//! a server of its own, in an order that no drift of the machine can favour; must never leave out a measurement.

mod logins;
mod statistics;

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::fuzz::random::Random;
use crate::server::{ADMIN_TOKEN, Server};
use crate::wire::Connection;
use statistics::{compared, median};

/// No answer takes longer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What may be by chance: a difference that is less likely than this counts as one.
const CHANCE: f64 = 0.01;

/// How far the medians may be apart.
const APART: f64 = 0.02;

/// What the server is started with: hashes at the usual price, stalls that are short but longer than the work, and no
/// limits.
const SETTINGS: [(&str, &str); 7] = [
    ("HASH_MEMORY_COST", "19456"),
    ("HASH_TIME_COST", "2"),
    ("LOGIN_STALL_TIME", "60"),
    ("REGISTER_STALL_TIME", "200"),
    ("RATE_LIMITER_REGISTRATION_ENABLED", "false"),
    ("RATE_LIMITER_LOGIN_ENABLED", "false"),
    ("LOG_LEVEL", "error"),
];

const PASSWORD: &str = "secret-pass-1";

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Wrong passwords.
    Login,
    /// Requests for a new password.
    Reset,
    /// Registrations.
    Registration,
    /// Reads beside two hundred logins.
    Load,
}

impl Part {
    /// All of them.
    pub const ALL: [Part; 4] = [Part::Login, Part::Reset, Part::Registration, Part::Load];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Part::Login => "login",
            Part::Reset => "reset",
            Part::Registration => "registration",
            Part::Load => "load",
        }
    }

    fn request(self, email: &str) -> (&'static str, Value) {
        match self {
            Part::Reset => ("/auth/password/request", json!({ "email": email })),
            Part::Registration => ("/users/register", json!({ "email": email, "password": PASSWORD })),
            Part::Login | Part::Load => ("/auth/login", json!({ "email": email, "password": "wrong-pass-1" })),
        }
    }
}

/// What is to be measured, and on what.
pub struct Options {
    /// The server.
    pub binary: PathBuf,
    /// The parts.
    pub parts: Vec<Part>,
    /// Tries of each kind.
    pub tries: usize,
    /// Of the order of tries.
    pub seed: u64,
}

/// What was found in one part.
pub struct Finding {
    part: Part,
    text: String,
    /// Whether it is as it has to be.
    pub holds: bool,
}

impl Display for Finding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let verdict = if self.holds { "ok" } else { "FAILS" };
        writeln!(f, "{:<13} {} {verdict}", self.part.name(), self.text)
    }
}

/// Measures the parts, each on a server of its own.
///
/// # Errors
/// When a server does not start or answers otherwise than expected.
pub fn run(options: &Options) -> Result<Vec<Finding>> {
    let measured = options.parts.iter().map(|part| {
        let settings: BTreeMap<String, String> = SETTINGS
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let server = Server::start(&options.binary, &settings)?;
        prepare(&server)?;
        match part {
            Part::Load => logins::beside_reads(&server),
            part => known_and_unknown(&server, *part, options),
        }
    });
    measured.collect()
}

/// Opens registration, lets nobody be suspended, and makes a known user.
fn prepare(server: &Server) -> Result<()> {
    let mut line = Connection::new(server.address(), TIMEOUT);
    let settings = json!({
        "auth_login_attempts": null, "public_registration": true, "public_registration_verify_email": true,
    });
    let changed = line.send(&request(ADMIN_TOKEN, "PATCH", "/settings", &settings))?;
    ensure!(changed.status == 200, "the settings: {}", changed.status);
    let user = json!({ "email": address(true, 0), "password": PASSWORD });
    let made = line.send(&request(ADMIN_TOKEN, "POST", "/users", &user))?;
    ensure!(made.status == 200, "the known user: {}", made.status);
    Ok(())
}

/// The address that is known, or one of those that are not; all are equally long.
fn address(is_known: bool, number: usize) -> String {
    if is_known {
        "user-known@example.com".to_owned()
    } else {
        format!("user-{number:05}@example.com")
    }
}

fn known_and_unknown(server: &Server, part: Part, options: &Options) -> Result<Finding> {
    let mut line = Connection::new(server.address(), TIMEOUT);
    let mut random = Random::new(options.seed, 0);
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let mut told = None;
    for number in 0..options.tries {
        let first = random.next().is_multiple_of(2);
        for is_known in [first, !first] {
            let (path, body) = part.request(&address(is_known, number));
            let bytes = request("", "POST", path, &body);
            let begun = Instant::now();
            let answer = line.send(&bytes)?;
            let took = begun.elapsed().as_secs_f64();
            let same = told.get_or_insert_with(|| (answer.status, answer.body.clone()));
            ensure!(*same == (answer.status, answer.body), "{path} answers in two ways");
            if is_known { &mut known } else { &mut unknown }.push(took);
        }
    }
    let (here, there) = (median(&known), median(&unknown));
    let apart = (here - there).abs() / there;
    let chance = compared(&known, &unknown);
    Ok(Finding {
        part,
        text: format!(
            "known {:.3} ms, unknown {:.3} ms ({:.2} % apart), p {chance:.3}, {} each",
            here * 1000.0,
            there * 1000.0,
            apart * 100.0,
            known.len()
        ),
        holds: chance > CHANCE && apart < APART,
    })
}

/// A request as bytes; without a token for nobody.
fn request(token: &str, method: &str, path: &str, body: &Value) -> Vec<u8> {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let bearer = if token.is_empty() {
        String::new()
    } else {
        format!("Authorization: Bearer {token}\r\n")
    };
    format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\n{bearer}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
