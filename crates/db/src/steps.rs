//! Numbered steps that build Aedile's own tables, whatever the database. Which steps there are, and how they are taken, is each
//! database's own; nothing here may ask one.

use aedile_engine::{Error, Result, value::Param};

use crate::Row;

/// A step. Its number is its place in the list of its database, counted from one.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) up: &'static str,
    pub(crate) down: &'static str,
}

/// Steps with their numbers.
pub(crate) fn numbered(steps: &'static [Step]) -> impl Iterator<Item = (i64, &'static Step)> {
    (1..).zip(steps)
}

/// The steps that follow the newest one taken; 0 is before the first.
pub(crate) fn after(steps: &'static [Step], newest: i64) -> impl Iterator<Item = (i64, &'static Step)> {
    numbered(steps).filter(move |(number, _)| *number > newest)
}

/// The number that a statement has answered.
pub(crate) fn number(rows: &[Row]) -> Result<i64> {
    match rows.first().and_then(|row| row.first()) {
        Some(Param::Int(number)) => Ok(*number),
        _ => Err(Error::internal("the number of a migration is no number")),
    }
}
