//! What the benchmark and the statement counts work on: a model made over the API, rows by the thousand, a restricted
//! user, and the requests that are measured. It must never change without a word in bench/README.md: numbers of
//! different workloads cannot be compared.

mod cases;
pub(crate) mod model;

pub use cases::{Case, Kind, Who, cases};
pub use model::{FILL, FILL_POSTGRES, READER_POLICY, READER_TOKEN, Sizes, model};
