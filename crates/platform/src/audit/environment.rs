//! Where the project stands, as whoever runs it tells the audit: variables as they are written, secrets by what is known of
//! them. It never holds a secret, and nothing here reads the environment or a file.

use std::collections::BTreeMap;

use crate::config::Secret;

/// Variables that checks look at besides Aedile's own settings: those of the same configuration that decide how safe the
/// project is wherever it is served.
pub const WATCHED: [&str; 4] = [
    "FILES_MAX_UPLOAD_SIZE",
    "FILES_MIME_TYPE_ALLOW_LIST",
    "FLOWS_ENV_ALLOW_LIST",
    "WEBSOCKETS_REST_AUTH",
];

/// The beginnings of names of further variables that checks look at.
pub const WATCHED_FAMILIES: [&str; 2] = [
    "CONTENT_SECURITY_POLICY_DIRECTIVES__",
    "ASSETS_CONTENT_SECURITY_POLICY_DIRECTIVES__",
];

/// Values that stand in examples and tutorials, or that people write before they think of something better.
const KNOWN: [&str; 26] = [
    "123456",
    "12345678",
    "123456789",
    "255d861b-5ea1-5996-9aa3-922530ec40b1",
    "6116487b-cda1-52c2-b5b5-c8022c45e263",
    "admin",
    "admin123",
    "administrator",
    "change-me",
    "changeit",
    "changeme",
    "d1r3ctu5",
    "default",
    "directus",
    "example",
    "letmein",
    "my-secret",
    "mysecret",
    "password",
    "password123",
    "postgres",
    "qwerty",
    "replace-with-secure-random-value",
    "root",
    "secret",
    "test",
];

/// Fewest different bytes of a secret that was made by chance and is long enough.
const LEAST_DIFFERENT: usize = 8;

/// Where the project stands.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Variables as they are written. Secrets are not among them.
    pub variables: BTreeMap<String, String>,
    /// Secrets that are configured.
    pub secrets: Vec<ConfiguredSecret>,
    /// How the database server is reached; none for a file.
    pub database: Option<DatabaseLink>,
}

impl Environment {
    /// A variable that is written and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name).map(|value| value.trim());
        value.filter(|value| !value.is_empty())
    }

    /// The parts of a variable that is a list.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let text = self.variable(name).unwrap_or_default();
        let text = text.strip_prefix("array:").unwrap_or(text);
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
    }
}

/// What is known of a secret.
#[derive(Clone, Debug)]
pub struct ConfiguredSecret {
    /// The variable.
    pub name: String,
    /// How many bytes it has.
    pub bytes: usize,
    /// Whether it stands in examples, or is a pattern.
    pub is_known: bool,
    /// Files of the project's repository that it stands in.
    pub found_in: Vec<String>,
}

impl ConfiguredSecret {
    /// What is known of a secret that stands in these files.
    #[must_use]
    pub fn of(name: &str, secret: &Secret, found_in: Vec<String>) -> ConfiguredSecret {
        let text = secret.expose();
        let plain = text.trim().to_ascii_lowercase();
        let mut different: Vec<u8> = text.bytes().collect();
        different.sort_unstable();
        different.dedup();
        ConfiguredSecret {
            name: name.to_owned(),
            bytes: text.len(),
            is_known: KNOWN.contains(&plain.as_str()) || different.len() < LEAST_DIFFERENT.min(text.len()),
            found_in,
        }
    }
}

/// How a database server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseLink {
    /// Whether it is this machine: a socket, or a loopback address.
    pub is_local: bool,
    /// Whether what goes over the network is encrypted.
    pub is_encrypted: bool,
    /// Whether the server has to show who it is.
    pub is_verified: bool,
}
