//! What is wrong with which rows. The same failure of several rows is told once, with all of them.

use aedile_engine::{Code, Error, Json, Result, error::Fault};
use serde_json::json;

/// The failures of a file so far.
pub struct Faults {
    found: Vec<(Fault, Vec<usize>)>,
    count: usize,
    most: usize,
}

impl Faults {
    /// None yet, and so many at most: then they are told without looking further.
    pub fn new(most: usize) -> Faults {
        Faults {
            found: Vec::new(),
            count: 0,
            most: most.max(1),
        }
    }

    /// Adds a row's failure; rows are counted from 1.
    ///
    /// # Errors
    /// The failure itself unless it is one of validation, after which other rows can be looked at; everything found so
    /// far when it is too much.
    pub fn add(&mut self, row: usize, error: Error) -> Result<()> {
        if error.faults().iter().any(|fault| fault.code != Code::FailedValidation) {
            return Err(match error.code() {
                // A refusal does not tell by its row whether an item is there.
                Code::Forbidden | Code::Internal => error,
                _ => error.with("rows", lines(&[row])),
            });
        }
        for fault in error.into_faults() {
            self.count += 1;
            match self.found.iter_mut().find(|(known, _)| *known == fault) {
                Some((_, rows)) => rows.push(row),
                None => self.found.push((fault, vec![row])),
            }
        }
        if self.count >= self.most {
            return self.told();
        }
        Ok(())
    }

    /// # Errors
    /// Everything that was found, if anything was.
    pub fn none(&mut self) -> Result<()> {
        if self.found.is_empty() { Ok(()) } else { self.told() }
    }

    fn told(&mut self) -> Result<()> {
        let told = std::mem::take(&mut self.found).into_iter().map(|(mut fault, rows)| {
            // A row's own field is at no path.
            fault
                .extensions
                .retain(|name, value| name != "path" || *value != json!([]));
            fault.extensions.insert("rows".to_owned(), lines(&rows));
            fault
        });
        Err(Error::all(told.collect()))
    }
}

fn lines(rows: &[usize]) -> Json {
    json!([{ "type": "lines", "rows": rows }])
}
