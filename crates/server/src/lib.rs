//! The HTTP door over the platform's verbs: routes, limits, errors. It turns requests into verbs and answers into
//! responses; what a caller may do is decided behind the verbs, never here.

pub mod caller;
mod client;
mod cors;
pub mod error;
mod export;
#[cfg(test)]
mod fixture;
mod headers;
mod listen;
mod mail;
mod multipart;
mod openapi;
pub mod querystring;
mod redis;
pub mod request;
pub mod respond;
mod router;
mod routes;
mod serve;
mod state;

pub use listen::serve;
pub use router::Pattern;
pub use serve::router;
pub use state::{State, Survey};

/// Every route that is served, sorted.
pub fn patterns() -> Vec<Pattern> {
    routes::table().patterns()
}
