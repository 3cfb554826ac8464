//! What tests a real `aedile` process from outside. The conformance runner replays recorded HTTP
//! scenarios and says where answers differ; the fuzzer sends malformed requests and says what broke; the kill tests
//! kill the process and say what is lost.
//!
//! A scenario is a JSON file under `scenarios/`: requests in order, each with the answer the
//! reference gave. Every scenario gets a server of its own, on a fresh database. `ledger.json`
//! lists which steps pass, and why each of the others does not, so that progress can only go forward.
//!
//! It must never share code with what it judges (no other crate of the workspace is used here),
//! and never weaken a comparison to make a step pass.

pub mod arguments;
pub mod backend;
mod certificates;
mod diff;
pub mod dump;
mod fill;
pub mod fixture;
pub mod fuzz;
mod http;
pub mod identity;
mod image;
mod keeper;
pub mod kill;
mod ledger;
pub mod mail;
pub mod mariadb;
mod normalise;
mod path;
pub mod postgres;
pub mod redis;
mod replay;
mod report;
mod runner;
pub mod saml;
mod scenario;
mod server;
pub mod slapd;
mod summary;
mod text;
pub mod timing;
mod token;
pub mod wire;
pub mod workload;

pub use ledger::{Ledger, class::Class};
pub use report::{Outcome, Report, StepOutcome};
pub use runner::{resume, run_all, settle};
pub use scenario::{Scenario, Step, load_scenarios, scenario_dir};
pub use server::{ADMIN_TOKEN, Server, command};
pub use summary::{Tally, summary};
