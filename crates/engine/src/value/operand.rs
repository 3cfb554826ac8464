//! The other side of comparisons (being written).
use crate::{Error, Json, Result, query::Test, schema::Field, value::Param};
/// Fits.
pub fn fits(_field: &Field, _test: &Test) -> bool { true }
/// Operand.
pub fn operand(_field: &Field, _value: &Json) -> Result<Param> { Err(Error::invalid_query("in work")) }
