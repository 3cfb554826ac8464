//! Lists of addresses: single ones, CIDR blocks and ranges `a-b`, IPv4 and IPv6.
//! An address written as IPv4 inside IPv6 counts as the IPv4 address it is.

use std::{fmt, net::IpAddr};

use ipnet::IpNet;

/// Addresses from which a policy counts.
#[derive(Clone, Debug, PartialEq)]
pub struct IpList(Vec<Entry>);

#[derive(Clone, Debug, PartialEq)]
enum Entry {
    Net(IpNet),
    Range(IpAddr, IpAddr),
}

impl IpList {
    /// Reads a list; the first entry that is none is given back.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<IpList, String> {
        entries
            .into_iter()
            .map(|text| entry(text.trim()).ok_or_else(|| text.to_owned()))
            .collect::<Result<Vec<_>, _>>()
            .map(IpList)
    }

    /// The list that no address is on.
    pub fn nowhere() -> IpList {
        IpList(Vec::new())
    }

    /// Whether the address is on the list. No address is on no list.
    pub fn has(&self, ip: Option<IpAddr>) -> bool {
        let Some(ip) = ip.map(|ip| ip.to_canonical()) else {
            return false;
        };
        self.0.iter().any(|entry| match entry {
            Entry::Net(net) => net.contains(&ip),
            Entry::Range(from, to) => from.is_ipv4() == ip.is_ipv4() && *from <= ip && ip <= *to,
        })
    }
}

impl fmt::Display for IpList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, entry) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            match entry {
                Entry::Net(net) if net.prefix_len() == net.max_prefix_len() => write!(f, "{}", net.addr())?,
                Entry::Net(net) => write!(f, "{net}")?,
                Entry::Range(from, to) => write!(f, "{from}-{to}")?,
            }
        }
        Ok(())
    }
}

fn entry(text: &str) -> Option<Entry> {
    if let Some((from, to)) = text.split_once('-') {
        let from: IpAddr = from.trim().parse().ok()?;
        let to: IpAddr = to.trim().parse().ok()?;
        let (from, to) = (from.to_canonical(), to.to_canonical());
        return (from.is_ipv4() == to.is_ipv4() && from <= to).then_some(Entry::Range(from, to));
    }
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Some(Entry::Net(IpNet::from(ip.to_canonical())));
    }
    text.parse::<IpNet>().ok().map(Entry::Net)
}

#[cfg(test)]
mod tests;
