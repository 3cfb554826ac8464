//! Links in mails, and the addresses they may lead to. Whoever asks for a mail may say where its link leads, but only to
//! an address the operator has listed: the token in it opens an account.

use aedile_engine::{Error, Json, Object, Result};

use crate::token::Token;

#[cfg(test)]
mod tests;

/// Longest address that is looked at, in bytes: what every browser and mail client takes.
const MAX_URL_BYTES: usize = 2000;

/// Addresses that links may lead to. Scheme, host, port and path have to be the same; query and fragment are free.
#[derive(Debug, Clone, Default)]
pub struct AllowList(Vec<Target>);

/// What of an address is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Target {
    scheme: String,
    host: String,
    port: Option<String>,
    path: String,
}

impl AllowList {
    /// A list of the operator. What is no address allows nothing, and is told in the log.
    #[must_use]
    pub fn new(list: &[String]) -> AllowList {
        let targets = list.iter().filter_map(|entry| {
            let target = Target::parse(entry);
            if target.is_none() {
                tracing::warn!("{entry:?} in an allow list is no address: it allows nothing");
            }
            target
        });
        AllowList(targets.collect())
    }

    /// Whether a link may lead there.
    #[must_use]
    pub fn allows(&self, url: &str) -> bool {
        Target::parse(url).is_some_and(|target| self.0.contains(&target))
    }

    /// The address that a body names under `name`, when it may be led to; an empty one is none.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` for one that is not listed, or no text.
    pub fn chosen(&self, body: &Object, name: &str) -> Result<Option<String>> {
        match body.get(name) {
            None | Some(Json::Null) => Ok(None),
            Some(Json::String(url)) if url.is_empty() => Ok(None),
            Some(Json::String(url)) if self.allows(url) => Ok(Some(url.clone())),
            Some(_) => Err(Error::invalid_payload(format!(
                "\"{name}\" is none of the addresses that links may lead to"
            ))),
        }
    }
}

impl Target {
    /// Takes an address apart, strictly: what browsers might read in another way than this is no address.
    fn parse(url: &str) -> Option<Target> {
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        if url.len() > MAX_URL_BYTES || !url.bytes().all(plain) {
            return None;
        }
        let (scheme, rest) = url.split_once("://")?;
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        if !is_scheme {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        let rest = rest.get(..end)?;
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let (host, port) = authority_parts(authority, &scheme)?;
        Some(Target {
            scheme,
            host,
            port,
            path: path.to_owned(),
        })
    }
}

/// Host and port, a port that goes without saying left out. A user name before the host is refused: people read it as
/// the host.
fn authority_parts(authority: &str, scheme: &str) -> Option<(String, Option<String>)> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let in_brackets = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_host = match in_brackets {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        }
    };
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok());
    if !is_host || !is_port {
        return None;
    }
    let usual = match scheme {
        "http" => Some("80"),
        "https" => Some("443"),
        _ => None,
    };
    let port = port.filter(|port| Some(*port) != usual);
    Some((host.to_ascii_lowercase(), port.map(str::to_owned)))
}

/// An address with a token in its query.
#[must_use]
pub fn with_token(url: &str, token: &Token) -> String {
    let (before, fragment) = match url.find('#') {
        Some(at) => url.split_at(at),
        None => (url, ""),
    };
    let mark = if before.contains('?') { '&' } else { '?' };
    format!("{before}{mark}token={}{fragment}", token.expose())
}

/// An address on this server.
#[must_use]
pub fn own(public_url: &str, path: &str) -> String {
    format!("{}{path}", public_url.trim_end_matches('/'))
}
