//! Why a request was not sent, or its answer not taken. Must never carry what a request held, nor the address that a
//! name was resolved to: who may name a URL shall not learn the inner network from it.

use std::fmt;

/// The result of whatever is asked elsewhere.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It is no address that can be asked, and why.
    Target(&'static str),
    /// The request itself is malformed, and how.
    Request(&'static str),
    /// The address is not on the public internet, and nobody opened it.
    Refused {
        /// The host as it was named.
        host: String,
    },
    /// The name is unknown, or the service of names does not answer.
    Unresolved {
        /// The host as it was named.
        host: String,
    },
    /// Nobody took the connection, or it ended early.
    Unreachable {
        /// The host as it was named.
        host: String,
    },
    /// The other side did not show who it is.
    Untrusted {
        /// The host as it was named.
        host: String,
    },
    /// The answer is no HTTP, or its head is too large.
    Malformed,
    /// A redirect that is not followed, and why.
    Redirect(&'static str),
    /// It took longer than it may.
    OutOfTime,
    /// The answer is larger than it may be.
    TooLarge,
    /// The client itself cannot be set up, and why.
    Setup(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(why) => write!(f, "the address cannot be asked: {why}"),
            Self::Request(why) => write!(f, "the request cannot be sent: {why}"),
            Self::Refused { host } => write!(
                f,
                "{host} is not on the public internet, and EGRESS_ALLOW_LIST does not open it"
            ),
            Self::Unresolved { host } => write!(f, "{host} could not be found"),
            Self::Unreachable { host } => write!(f, "{host} could not be reached"),
            Self::Untrusted { host } => write!(f, "{host} did not show a certificate that is trusted"),
            Self::Malformed => f.write_str("the answer is malformed"),
            Self::Redirect(why) => write!(f, "a redirect was not followed: {why}"),
            Self::OutOfTime => f.write_str("the answer took too long"),
            Self::TooLarge => f.write_str("the answer is too large"),
            Self::Setup(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Error {}
