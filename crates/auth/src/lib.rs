//! Who a caller is: passwords, tokens, sessions, one-time codes, invitations and registrations.
//!
//! The pure parts (`password`, `jwt`, `token`, `totp`, `email`, `policy`) open no connection; [`Auth`] joins them with
//! the database. Nothing here reads the date: whoever calls says what time it is. Nothing decides what a caller may do:
//! that is the engine's. Secrets live in types that show nothing when printed and cannot be serialised.

mod attempts;
pub mod auth;
pub mod caller;
pub mod cookie;
pub mod error;
mod factor;
#[cfg(test)]
mod fixture;
mod invite;
pub mod jwt;
pub mod link;
pub mod login;
pub mod mail;
mod me;
pub mod mode;
pub mod password;
pub mod policy;
mod refresh;
mod register;
mod reset;
mod session;
pub mod sso;
mod stall;
mod statement;
mod tfa;
pub mod token;
pub mod totp;
mod user;

pub use auth::{Auth, Peer};
pub use caller::{Credentials, Guess, Known, Lookup};
pub use error::{Error, Result, refusal};
pub use login::{LoginForm, Pass};
pub use mail::{Mail, MailKind, Mailer};
pub use mode::Mode;
pub use password::hasher;
pub use refresh::Ticket;
pub use reset::LinkForm;
pub use sso::Sso;
pub use tfa::NewSecret;
