//! E-mail addresses: the one place where they are judged and made comparable.
//!
//! Must never trim or mend an address: it is stored as given, or refused.

use std::fmt;

#[cfg(test)]
mod tests;

/// Longest address, in bytes: what fits the path of an SMTP command.
const MAX_BYTES: usize = 254;

/// Longest part before the `@`, in bytes (RFC 5321).
const MAX_LOCAL_BYTES: usize = 64;

/// Longest label of a domain, in bytes (RFC 1035).
const MAX_LABEL_BYTES: usize = 63;

/// Characters besides letters and digits that the part before the `@` may have (RFC 5322, atoms).
const LOCAL_MARKS: &str = "!#$%&'*+-/=?^_`{|}~";

/// A well-formed address, as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Takes an address if it is one: atoms, an `@`, and a domain of at least two labels. `None` for anything else;
    /// quoted local parts and addresses of hosts by number are refused as well.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let (local, domain) = text.split_once('@')?;
        (is_local(local) && is_domain(domain)).then(|| Self(text.to_owned()))
    }

    /// The address as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form by which two addresses are the same: see [`comparable`].
    #[must_use]
    pub fn comparable(&self) -> String {
        comparable(&self.0)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The form by which two addresses are the same: ASCII letters in lower case.
///
/// Other letters stay as they are, because folding them makes different addresses equal (the Kelvin sign and `k`), which
/// would let one mailbox speak for another.
#[must_use]
pub fn comparable(address: &str) -> String {
    address.to_ascii_lowercase()
}

fn is_local(local: &str) -> bool {
    local.len() <= MAX_LOCAL_BYTES
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.chars().all(|c| c.is_alphanumeric() || LOCAL_MARKS.contains(c)))
}

fn is_domain(domain: &str) -> bool {
    let mut labels = domain.split('.');
    let Some(top) = labels.next_back() else {
        return false;
    };
    let mut others = labels.peekable();
    others.peek().is_some() && others.all(is_label) && is_label(top) && !top.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= MAX_LABEL_BYTES
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_alphanumeric() || c == '-')
}
