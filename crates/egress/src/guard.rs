//! Whom the server may ask. Addresses of the public internet, unless the operator refuses them; others only where the
//! operator opens them. Must never judge a name: only the address that it leads to, except where the operator has
//! written that very name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use aedile_engine::access::ip::IpList;

use crate::address;

#[cfg(test)]
mod tests;

/// What is refused and what is opened.
#[derive(Clone, Debug)]
pub struct Guard {
    allow: AllowList,
    deny: IpList,
}

/// What the operator opens: addresses, blocks, ranges, and names with or without a port.
#[derive(Clone, Debug)]
pub struct AllowList {
    networks: IpList,
    names: Vec<(String, Option<u16>)>,
}

impl AllowList {
    /// Reads a list. A name opens whatever it leads to.
    ///
    /// # Errors
    /// The first entry that is neither an address nor a name.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<AllowList, String> {
        let mut networks = Vec::new();
        let mut names = Vec::new();
        for entry in entries.into_iter().map(str::trim) {
            if IpList::parse([entry]).is_ok() {
                networks.push(entry);
            } else {
                names.push(name(entry).ok_or_else(|| entry.to_owned())?);
            }
        }
        Ok(AllowList {
            networks: IpList::parse(networks)?,
            names,
        })
    }

    /// The list that opens nothing.
    #[must_use]
    pub fn nothing() -> AllowList {
        AllowList {
            networks: IpList::nowhere(),
            names: Vec::new(),
        }
    }

    fn names(&self, host: &str, port: u16) -> bool {
        let mut names = self.names.iter();
        names.any(|(name, only)| name == host && only.is_none_or(|only| only == port))
    }
}

/// `host` or `host:port`, as URLs write the host.
fn name(entry: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (entry, None),
    };
    let plain = |c: char| c.is_alphanumeric() || "-._".contains(c);
    let in_brackets = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_host = in_brackets.is_some_and(|ip| ip.parse::<Ipv6Addr>().is_ok()) || host.chars().all(plain);
    if host.is_empty() || !is_host {
        return None;
    }
    let url = crate::target::parse(&format!("http://{host}/")).ok()?;
    Some((url.host_str()?.to_owned(), port))
}

impl Guard {
    /// A guard that opens and refuses this beside what it always refuses. What is on both lists is refused.
    #[must_use]
    pub fn new(allow: AllowList, deny: IpList) -> Guard {
        Guard { allow, deny }
    }

    /// The guard of somebody who opened and refused nothing.
    #[must_use]
    pub fn strict() -> Guard {
        Guard::new(AllowList::nothing(), IpList::nowhere())
    }

    /// Why this address is not asked for `host`; none when it may be.
    #[must_use]
    pub fn refusal(&self, host: &str, port: u16, ip: IpAddr) -> Option<&'static str> {
        let inner = match ip {
            IpAddr::V4(_) => None,
            IpAddr::V6(ip) => address::embedded(ip).map(IpAddr::V4),
        };
        if self.deny.has(Some(ip)) || self.deny.has(inner) {
            return Some("denied");
        }
        if self.allow.networks.has(Some(ip)) || self.allow.names(host, port) {
            return None;
        }
        address::special(ip).or_else(|| is_own(ip).then_some("this machine"))
    }
}

/// Whether an address is one of this machine's: then the system would answer from that very address. Nothing is sent.
fn is_own(ip: IpAddr) -> bool {
    let any: IpAddr = match ip {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let route = || {
        let socket = UdpSocket::bind(SocketAddr::new(any, 0))?;
        // Any port but 0 serves: a datagram socket is only told where it would send to.
        socket.connect(SocketAddr::new(ip, 9))?;
        socket.local_addr()
    };
    route().is_ok_and(|local| local.ip() == ip)
}
