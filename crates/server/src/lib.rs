//! Placeholder.

pub mod querystring;
