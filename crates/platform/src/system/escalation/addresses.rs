//! The addresses that a policy counts from, as far as one list can be said to lie within another.
//! Must never find a list within another that leaves out one of its addresses: what is not understood lies in nothing.

use std::net::IpAddr;

/// Addresses that a policy counts from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Addresses {
    /// All of them.
    Everywhere,
    /// These, each from its first to its last.
    Spans(Vec<Span>),
}

/// Neighbouring addresses of one family, as numbers, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    v4: bool,
    first: u128,
    last: u128,
}

impl Addresses {
    /// Reads a list as it is stored. One that cannot be read counts from nowhere, like the policy that holds it.
    pub fn stored(text: Option<&str>) -> Addresses {
        match text.map(str::trim) {
            None | Some("") => Addresses::Everywhere,
            Some(list) => Addresses::Spans(list.split(',').map(span).collect::<Option<_>>().unwrap_or_default()),
        }
    }

    /// Whether every one of these is among the others.
    pub fn within(&self, others: &Addresses) -> bool {
        match (self, others) {
            (_, Addresses::Everywhere) => true,
            (Addresses::Everywhere, Addresses::Spans(_)) => false,
            (Addresses::Spans(mine), Addresses::Spans(theirs)) => {
                mine.iter().all(|span| theirs.iter().any(|wide| span.lies_in(wide)))
            }
        }
    }

    /// Whether the address is among them; no address is among all alone.
    pub fn has(&self, ip: Option<IpAddr>) -> bool {
        match self {
            Addresses::Everywhere => true,
            Addresses::Spans(spans) => ip.is_some_and(|ip| {
                let here = number(ip);
                let here = Span {
                    v4: here.0,
                    first: here.1,
                    last: here.1,
                };
                spans.iter().any(|span| here.lies_in(span))
            }),
        }
    }
}

impl Span {
    fn lies_in(&self, other: &Span) -> bool {
        self.v4 == other.v4 && other.first <= self.first && self.last <= other.last
    }
}

fn number(ip: IpAddr) -> (bool, u128) {
    match ip.to_canonical() {
        IpAddr::V4(ip) => (true, u128::from(u32::from(ip))),
        IpAddr::V6(ip) => (false, u128::from(ip)),
    }
}

/// An address, a block `a/n` or a range `a-b`.
fn span(text: &str) -> Option<Span> {
    let text = text.trim();
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (number(first.trim().parse().ok()?), number(last.trim().parse().ok()?)),
        None => match text.split_once('/') {
            Some((address, bits)) => block(address.parse().ok()?, bits.parse().ok()?)?,
            None => {
                let one = number(text.parse().ok()?);
                (one, one)
            }
        },
    };
    (first.0 == last.0 && first.1 <= last.1).then_some(Span {
        v4: first.0,
        first: first.1,
        last: last.1,
    })
}

/// The ends of a block of addresses that share their first bits.
fn block(address: IpAddr, bits: u32) -> Option<((bool, u128), (bool, u128))> {
    let (v4, number, width) = match address {
        IpAddr::V4(ip) => (true, u128::from(u32::from(ip)), 32),
        IpAddr::V6(ip) => (false, u128::from(ip), 128),
    };
    let free = u32::checked_sub(width, bits)?;
    let mask = u128::MAX.checked_shr(u128::BITS - free).unwrap_or(0);
    Some(((v4, number & !mask), (v4, number | mask)))
}

#[cfg(test)]
mod tests;
