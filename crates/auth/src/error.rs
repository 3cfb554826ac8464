//! What may go wrong in this crate, apart from a caller who is not who they say: that is an answer, not an error.
//! Must never carry a secret, nor any part of one.

use std::fmt;

use aedile_engine::Code;

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
            Self::UnsupportedHash => f.write_str("a stored password hash is none that can be verified"),
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

/// What callers are told. What is wrong with the project itself is for the log.
impl From<Error> for aedile_engine::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::EmptyPassword => Self::invalid_payload("the password is empty"),
            Error::LongPassword => Self::invalid_payload("the password is too long"),
            Error::UnusableToken => refusal::credentials(),
            Error::TotpSecret => Self::invalid_payload("\"secret\" is no secret of one-time codes"),
            Error::Policy(_) => Self::invalid_payload(error.to_string()),
            Error::Busy => Self::new(
                Code::ServiceUnavailable,
                "Too many passwords are being checked. Try again later.",
            ),
            Error::Randomness
            | Error::Parameters
            | Error::UnsupportedHash
            | Error::Interrupted
            | Error::EmptySecret
            | Error::Signing => Self::internal(error.to_string()),
        }
    }
}

/// The refusals of authentication. Each is one sentence for all reasons: none tells which part was wrong.
pub mod refusal {
    use aedile_engine::{Code, Error};

    /// No such user, wrong password or token, not active, or nobody where somebody is needed.
    #[must_use]
    pub fn credentials() -> Error {
        Error::new(Code::InvalidCredentials, "These credentials are not valid.")
    }

    /// The password was right, the one-time code is missing or wrong.
    #[must_use]
    pub fn otp() -> Error {
        Error::new(Code::InvalidOtp, "The one-time code is missing or wrong.")
    }

    /// A token that says it is ours and is not, or a link that is no longer good.
    #[must_use]
    pub fn token() -> Error {
        Error::new(Code::InvalidToken, "This token is not valid.")
    }

    /// A token of ours that is past.
    #[must_use]
    pub fn expired() -> Error {
        Error::new(Code::TokenExpired, "This token has expired.")
    }
}
