//! The pure heart of Aedile: schema, query, access, plan, SQL.
//!
//! Data flows one way: untyped input is parsed into a [`query::Query`]; [`access`] says what its sender may do;
//! [`plan`] turns both into a [`plan::Plan`]; only a plan compiles to a statement ([`sql`]).
//! Nothing here does I/O, reads the clock or draws random numbers: what is needed of the world is passed in.

pub mod access;
pub mod ddl;
pub mod error;
pub mod plan;
pub mod query;
pub mod schema;
pub mod sql;
pub mod validate;
pub mod value;

pub use error::{Code, Error, Result};

/// Any JSON value, object keys in the order they were given.
pub type Json = serde_json::Value;
/// A JSON object, keys in the order they were given.
pub type Object = serde_json::Map<String, Json>;
