//! The kinds of value that only the settings of directories take.

use aedile_egress::{Host, Url};

use super::{super::raw::Raw, Kind};

/// The usual ports, without and with encryption from the first byte.
const PORT: u16 = 389;
const ENCRYPTED_PORT: u16 = 636;

/// Where a directory is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Whether the connection is encrypted from its first byte.
    pub encrypted: bool,
    /// A name, or an address; in brackets where it is one of IPv6.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Whether a host is this machine, so that nothing travels to it.
pub fn is_here(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(ip)) => ip.is_loopback(),
        Ok(Host::Ipv6(ip)) => ip.is_loopback(),
        Err(_) => false,
    }
}

/// An `ldap` or `ldaps` address: scheme, host and port, and nothing else.
pub struct DirectoryUrl;

impl Kind for DirectoryUrl {
    type Value = Place;
    fn parse(raw: &Raw) -> Option<Place> {
        let url = Url::parse(raw.scalar()?).ok()?;
        let encrypted = match url.scheme() {
            "ldap" => false,
            "ldaps" => true,
            _ => return None,
        };
        let bare = url.username().is_empty()
            && url.password().is_none()
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none();
        let usual = if encrypted { ENCRYPTED_PORT } else { PORT };
        let port = url.port().unwrap_or(usual);
        (bare && port != 0).then_some(())?;
        Some(Place {
            encrypted,
            host: Host::parse(url.host_str()?).ok()?.to_string(),
            port,
        })
    }
    fn takes() -> String {
        "an address such as `ldaps://ldap.example.com` or `ldap://ldap.example.com:389`".into()
    }
}

/// The name of an attribute.
pub struct Attribute;

impl Kind for Attribute {
    type Value = String;
    fn parse(raw: &Raw) -> Option<String> {
        let text = raw.scalar()?;
        let letter = |c: char| c.is_ascii_alphanumeric() || "-.;".contains(c);
        (!text.is_empty() && text.chars().all(letter)).then(|| text.to_owned())
    }
    fn takes() -> String {
        "the name of an attribute".into()
    }
}
