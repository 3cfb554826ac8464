//! What may go wrong in this crate, apart from a caller who is not who they say: that is an answer, not an error.
//! Must never carry a secret, nor any part of one.

use std::fmt;

/// The result of whatever may fail here.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure that is not simply a wrong credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The operating system gave no random bytes.
    Randomness,
    /// The hashing parameters are out of range.
    Parameters,
    /// A stored password hash is no argon2 PHC string, or asks for more work than is ever done.
    UnsupportedHash,
    /// An empty password, where one is needed.
    EmptyPassword,
    /// A new password over [`crate::password::MAX_PASSWORD_BYTES`].
    LongPassword,
    /// More password work is waiting than will be done; the caller is to come back later.
    Busy,
    /// A worker was stopped before it was done.
    Interrupted,
    /// A signing secret that anybody could guess: the empty one.
    EmptySecret,
    /// A token could not be signed.
    Signing,
    /// A credential that can belong to nobody: too long, or not text. Answers like any wrong token.
    UnusableToken,
    /// The secret of one-time codes is not base32, too short or too long.
    TotpSecret,
    /// A password policy that cannot be enforced, and why.
    Policy(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Randomness => f.write_str("the system gave no random bytes"),
            Self::Parameters => f.write_str("the password hashing parameters are out of range"),
            Self::UnsupportedHash => {
                f.write_str("a stored password hash is none that can be verified")
            }
            Self::EmptyPassword => f.write_str("the password is empty"),
            Self::LongPassword => f.write_str("the password is too long"),
            Self::Busy => f.write_str("too many password checks are waiting"),
            Self::Interrupted => f.write_str("a password check was interrupted"),
            Self::EmptySecret => f.write_str("the signing secret is empty"),
            Self::Signing => f.write_str("a token could not be signed"),
            Self::UnusableToken => f.write_str("the token is too long or not text"),
            Self::TotpSecret => f.write_str("the secret for one-time codes is malformed"),
            Self::Policy(why) => write!(f, "the password policy cannot be enforced: {why}"),
        }
    }
}

impl std::error::Error for Error {}
