//! Where a request comes from: the peer's address, or what a trusted proxy says of the client.
//! Must never believe a header that the operator does not trust.

use std::net::{IpAddr, SocketAddr};

use aedile_platform::config::{Settings, TrustProxy};
use axum::http::HeaderMap;

/// Entries of `X-Forwarded-For` that are looked at, from the nearest on: no real chain of proxies is longer.
const MAX_HOPS: usize = 32;

/// The client's address.
pub fn address(settings: &Settings, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let custom = settings
        .ip_custom_header
        .as_deref()
        .and_then(|name| headers.get(name)?.to_str().ok());
    if let Some(address) = custom.and_then(parse) {
        return address;
    }
    let peer = peer.to_canonical();
    match &settings.trust_proxy {
        TrustProxy::Never => peer,
        TrustProxy::Always => forwarded(headers).last().unwrap_or(peer),
        TrustProxy::Hops(hops) => {
            let hops = usize::try_from(*hops).unwrap_or(MAX_HOPS);
            std::iter::once(peer)
                .chain(forwarded(headers))
                .take(hops.saturating_add(1))
                .last()
                .unwrap_or(peer)
        }
        TrustProxy::Networks(networks) => {
            let mut client = peer;
            for next in forwarded(headers) {
                if !networks.iter().any(|network| network.contains(client)) {
                    break;
                }
                client = next;
            }
            client
        }
    }
}

/// The addresses of `X-Forwarded-For`, the nearest first, up to the first that is none.
fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = IpAddr> {
    let mut entries: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    entries.reverse();
    entries.into_iter().take(MAX_HOPS).map_while(parse)
}

/// An address, with or without a port.
fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = || {
        text.trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>()
            .ok()
    };
    text.parse::<SocketAddr>()
        .map(|socket| socket.ip())
        .ok()
        .or_else(bare)
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests;
