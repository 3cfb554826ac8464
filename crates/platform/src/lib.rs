//! The verbs over engine and database: reading and changing items, the data model, history, the system's own rules.
//! Every door calls these; none of them trusts a door to have checked anything.

/// The version of Directus whose interface, database and files are spoken here.
pub const INTERFACE: &str = "11.17.4";

pub mod access_file;
pub mod app;
pub mod audit;
pub mod bootstrap;
pub mod changes;
pub mod config;
pub mod cx;
pub mod demo;
pub mod doctor;
pub mod document;
pub mod email;
pub mod expectations;
pub mod explain;
pub mod export;
pub mod history;
pub mod identity;
pub mod import;
pub mod items;
pub mod limiter;
pub mod model;
mod reach;
pub mod snapshot;
pub mod statement;
pub mod static_token;
pub mod system;
pub mod template;
mod trial;
pub mod views;

pub use app::App;
pub use cx::{Cx, Origin};
pub use snapshot::Snapshot;
