//! Filters (being written).
use crate::{Error, Json, Result, query::{Filter, Limits}};
/// Where a filter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// A caller's query.
    Query,
    /// An item rule.
    Rule,
    /// A validation.
    Validation,
}
/// Reads a filter.
pub fn parse(_json: &Json, _limits: &Limits, _context: Context) -> Result<Filter> { Err(Error::invalid_query("in work")) }
