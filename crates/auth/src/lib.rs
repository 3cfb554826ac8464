//! Who a caller is: passwords, tokens, one-time codes, addresses.
//!
//! The pure parts of authentication. Nothing here reads a clock (functions that judge time take Unix seconds), opens a
//! connection or decides what a caller may do; randomness comes from `token` alone. Secrets live in types that show
//! nothing when printed and cannot be serialised.

pub mod email;
pub mod error;
pub mod jwt;
pub mod password;
pub mod policy;
pub mod token;
pub mod totp;

pub use error::{Error, Result};
