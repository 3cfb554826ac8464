//! Where somebody may be led after logging in: to this project, or to what the operator has listed. Pure. It is judged
//! as browsers read it; what they might read in two ways leads nowhere.

use aedile_egress::{Origin, Url};

use crate::link::AllowList;

#[cfg(test)]
mod tests;

/// Longest address, in bytes: it has to fit into a cookie.
const MAX_BYTES: usize = 1_500;

/// The places that are allowed.
#[derive(Debug)]
pub struct Redirects {
    base: Option<Url>,
    list: AllowList,
}

impl Redirects {
    pub fn new(public_url: &str, list: &[String]) -> Redirects {
        Redirects {
            base: Url::parse(public_url).ok(),
            list: AllowList::new(list),
        }
    }

    /// Whether somebody may be led there.
    pub fn allows(&self, text: &str) -> bool {
        // What browsers would pass over, or take for a slash.
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        if text.is_empty() || text.len() > MAX_BYTES || !text.bytes().all(plain) {
            return false;
        }
        if text.starts_with('/') {
            return self.stays(text);
        }
        let Ok(url) = Url::parse(text) else { return false };
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        self.origin() == Some(url.origin()) || self.list.allows(text)
    }

    /// A path on this server, and not the beginning of another one's address.
    fn stays(&self, path: &str) -> bool {
        let Some(base) = &self.base else {
            return !path.starts_with("//");
        };
        base.join(path).is_ok_and(|url| Some(url.origin()) == self.origin())
    }

    fn origin(&self) -> Option<Origin> {
        self.base.as_ref().map(Url::origin)
    }
}

/// An address with the reason why nobody is logged in.
pub fn with_reason(redirect: &str, reason: &str) -> String {
    let (before, fragment) = match redirect.find('#') {
        Some(at) => redirect.split_at(at),
        None => (redirect, ""),
    };
    let mark = if before.contains('?') { '&' } else { '?' };
    format!("{before}{mark}reason={reason}{fragment}")
}
