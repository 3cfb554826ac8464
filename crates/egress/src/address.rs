//! Which addresses are on the public internet: the registries of special-purpose addresses as tables, and what an IPv6
//! address says of an IPv4 address in it. Pure; must never call an address public because it is unknown.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

#[cfg(test)]
mod tests;

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6(segments: [u16; 8], bits: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = segments;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), bits)
}

/// IPv4 that is not on the public internet, or is nobody's to ask. A narrower range comes before the wider one.
const SPECIAL_V4: [(Ipv4Net, &str); 18] = [
    (v4(0, 0, 0, 0, 8), "this network"),
    (v4(10, 0, 0, 0, 8), "private use"),
    (v4(100, 64, 0, 0, 10), "shared address space"),
    (v4(127, 0, 0, 0, 8), "loopback"),
    // The only one of a cloud's own services that lies outside of the registries' ranges.
    (v4(168, 63, 129, 16, 32), "platform service of a cloud"),
    (v4(169, 254, 0, 0, 16), "link-local"),
    (v4(172, 16, 0, 0, 12), "private use"),
    (v4(192, 0, 0, 0, 24), "IETF protocol assignments"),
    (v4(192, 0, 2, 0, 24), "documentation"),
    (v4(192, 88, 99, 0, 24), "6to4 relay"),
    (v4(192, 168, 0, 0, 16), "private use"),
    (v4(198, 18, 0, 0, 15), "benchmarking"),
    (v4(198, 51, 100, 0, 24), "documentation"),
    (v4(203, 0, 113, 0, 24), "documentation"),
    (v4(233, 252, 0, 0, 24), "documentation"),
    (v4(224, 0, 0, 0, 4), "multicast"),
    (v4(255, 255, 255, 255, 32), "limited broadcast"),
    (v4(240, 0, 0, 0, 4), "reserved"),
];

/// IPv6 that is not on the public internet. A narrower range comes before the wider one it is in.
const SPECIAL_V6: [(Ipv6Net, &str); 19] = [
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), "unspecified"),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "loopback"),
    (v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96), "IPv4-mapped"),
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 96), "IPv4-compatible"),
    (v6([0, 0, 0, 0, 0xffff, 0, 0, 0], 96), "IPv4-translated"),
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), "local IPv4/IPv6 translation"),
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), "discard only"),
    (v6([0x100, 0, 0, 1, 0, 0, 0, 0], 64), "dummy prefix"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "Teredo"),
    (v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48), "benchmarking"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "IETF protocol assignments"),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), "documentation"),
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), "6to4"),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "documentation"),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), "segment routing"),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "unique local"),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "link-local"),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), "site-local"),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "multicast"),
];

/// All that is given out to the public internet so far. What is elsewhere and in no table is nobody's.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// The prefix by which networks without IPv4 reach all of it: as public as the IPv4 address in it.
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);

/// What kept an address from being on the public internet, as its registry calls it; none for one that is.
#[must_use]
pub fn special(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(ip) => special_v4(ip),
        IpAddr::V6(ip) => special_v6(ip),
    }
}

fn special_v4(ip: Ipv4Addr) -> Option<&'static str> {
    let found = SPECIAL_V4.iter().find(|(net, _)| net.contains(&ip));
    found.map(|(_, name)| *name)
}

fn special_v6(ip: Ipv6Addr) -> Option<&'static str> {
    if NAT64.contains(&ip) {
        return embedded(ip).and_then(special_v4);
    }
    if let Some((_, name)) = SPECIAL_V6.iter().find(|(net, _)| net.contains(&ip)) {
        return Some(name);
    }
    if !GLOBAL_V6.contains(&ip) {
        return Some("not given out");
    }
    embedded(ip).and_then(special_v4)
}

/// The IPv4 address that an IPv6 address leads to or stands for.
#[must_use]
pub fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, _, e, f, g, h] = ip.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    let high_zero = u128::from(ip) >> 64 == 0;
    match (a, b, e, f) {
        // Mapped, compatible, translated.
        (0, 0, 0, 0 | 0xffff) | (0, 0, 0xffff, 0) if high_zero => Some(of(g, h)),
        (0x64, 0xff9b, 0, 0) => Some(of(g, h)),
        // 6to4 has it in its prefix.
        (0x2002, high, ..) => Some(of(high, c)),
        // Teredo hides the client's by turning its bits around.
        (0x2001, 0, ..) => Some(of(!g, !h)),
        // ISATAP, in any network.
        (_, _, 0 | 0x200, 0x5efe) => Some(of(g, h)),
        _ => None,
    }
}
