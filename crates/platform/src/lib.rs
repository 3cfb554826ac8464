//! Placeholder.

pub mod demo;
pub mod model;
