//! Requests that the server sends: one HTTP client for everything that asks somebody else, with a guard in front of it;
//! and plain connections to hosts that the operator has named, for other protocols.
//!
//! A name is resolved once, every address is judged, and the connection goes to an address that was judged; each redirect
//! begins anew. What is not on the public internet is refused unless the operator has opened it. Must never read the
//! environment (no proxy comes from there), never keep a connection for another request, and never hand what a request
//! carried to another origin.

pub mod address;
mod body;
pub mod client;
mod connect;
pub mod error;
pub mod guard;
mod redirect;
pub mod target;
#[cfg(test)]
mod tests;
mod tls;
mod wire;

pub use body::Body;
pub use client::{Answer, Client, Limits, Request};
pub use connect::{Resolve, System};
pub use error::{Error, Result};
pub use guard::{AllowList, Guard};
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
pub use url::{Host, Origin, Url, form_urlencoded};
pub use wire::Wire;
