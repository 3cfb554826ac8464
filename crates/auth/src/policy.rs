//! Password policies: the regular expression of the project's settings, compiled to something that always ends.
//!
//! The setting is written for JavaScript. Its common form, look-aheads at the start that must all hold, is taken apart
//! into single checks for an engine that has no look-around and runs in linear time. What cannot be enforced exactly is
//! refused by name; it must never be silently weakened, nor a password be printed.

use regex::{Regex, RegexBuilder};

use crate::password::Password;
use crate::{Error, Result};

mod script;
#[cfg(test)]
mod tests;

/// Longest policy that is compiled, in bytes: many times the longest in use.
const MAX_POLICY_BYTES: usize = 2000;

/// Most checks that one policy may consist of.
const MAX_CHECKS: usize = 32;

/// Largest compiled check, in bytes; refuses `.{1,100000}`.
const MAX_COMPILED_BYTES: usize = 1 << 20;

/// A policy that new passwords are held against.
#[derive(Debug, Clone)]
pub struct PasswordPolicy {
    checks: Vec<Check>,
}

/// One condition on the text from some position on.
#[derive(Debug, Clone)]
struct Check {
    regex: Regex,
    /// Whether a match is required or forbidden.
    wanted: bool,
}

/// Flags after the closing slash that change what matches.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    ignore_case: bool,
    multi_line: bool,
    dot_all: bool,
    unicode: bool,
}

impl PasswordPolicy {
    /// Compiles a setting, `/pattern/flags` or a bare pattern; [`Error::Policy`] says why it cannot be enforced.
    pub fn parse(setting: &str) -> Result<Self> {
        if setting.len() > MAX_POLICY_BYTES {
            return Err(refuse("it is too long"));
        }
        let (pattern, flags) = split(setting)?;
        if pattern.is_empty() {
            return Err(refuse("it is empty"));
        }
        let parts = script::translate(pattern, flags)?;
        if parts.len() > MAX_CHECKS {
            return Err(refuse("it has too many conditions"));
        }
        let checks = parts
            .into_iter()
            .map(|part| Check::compile(&part, flags))
            .collect::<Result<_>>()?;
        Ok(Self { checks })
    }

    /// Whether a password may be set. One that is too long to be hashed may not.
    #[must_use]
    pub fn accepts(&self, password: &Password) -> bool {
        if password.is_too_long() {
            return false;
        }
        let text = password.expose();
        if let [Check { regex, wanted: true }] = self.checks.as_slice() {
            return regex.is_match(text);
        }
        // As in the original, the conditions must hold together at one position, any position.
        let positions = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        positions
            .into_iter()
            .any(|at| self.checks.iter().all(|check| check.holds(text, at)))
    }
}

impl Check {
    fn compile(part: &script::Part, flags: Flags) -> Result<Self> {
        let regex = RegexBuilder::new(&part.pattern)
            .case_insensitive(flags.ignore_case)
            .multi_line(flags.multi_line)
            .size_limit(MAX_COMPILED_BYTES)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => refuse("it grows too large"),
                _ => refuse("it is no valid regular expression"),
            })?;
        Ok(Self {
            regex,
            wanted: part.wanted,
        })
    }

    /// Whether the condition holds exactly at `at`: the leftmost match from there on begins there or there is none.
    fn holds(&self, text: &str, at: usize) -> bool {
        self.regex.find_at(text, at).is_some_and(|found| found.start() == at) == self.wanted
    }
}

fn refuse(why: &str) -> Error {
    Error::Policy(why.to_owned())
}

/// Takes `/pattern/flags` apart. Without both slashes the whole setting is the pattern.
fn split(setting: &str) -> Result<(&str, Flags)> {
    let mut flags = Flags::default();
    let Some((pattern, letters)) = setting.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) else {
        return Ok((setting, flags));
    };
    for letter in letters.chars() {
        match letter {
            'i' => flags.ignore_case = true,
            'm' => flags.multi_line = true,
            's' => flags.dot_all = true,
            'u' => flags.unicode = true,
            // They concern repeated matching and match positions, not whether there is a match.
            'g' | 'd' => {}
            _ => return Err(Error::Policy(format!("the flag `{letter}` is unknown"))),
        }
    }
    Ok((pattern, flags))
}

/// Judges a password that somebody chose by the project's setting, `directus_settings.auth_password_policy`.
///
/// # Errors
/// `FAILED_VALIDATION` on the field `password` when it is not let through; it never tells the password.
/// `INVALID_PAYLOAD` when the setting cannot be enforced: then no password is let through.
pub fn judge(setting: Option<&str>, password: &str) -> aedile_engine::Result<()> {
    let Some(setting) = setting.filter(|setting| !setting.is_empty()) else {
        return Ok(());
    };
    let policy = PasswordPolicy::parse(setting)?;
    // The empty password is not let through by any policy: it could never be used.
    let accepted = Password::new(password).is_ok_and(|password| policy.accepts(&password));
    if accepted {
        Ok(())
    } else {
        Err(aedile_engine::Error::validation("password", &[], "regex"))
    }
}

/// Whether the policy `setting`, if it is one, lets a password through: what the platform asks when users are written.
#[must_use]
pub fn accepts(setting: &str, password: &str) -> bool {
    judge(Some(setting), password).is_ok()
}

/// Whether `setting` is a policy that can be enforced: what the platform asks before it is stored.
///
/// # Errors
/// Why it cannot, as a sentence for whoever sets it.
pub fn enforces(setting: &str) -> std::result::Result<(), String> {
    PasswordPolicy::parse(setting)
        .map(drop)
        .map_err(|error| error.to_string())
}
