//! YAML files that people write and review: read with the place of whatever is wrong in them, and written so that two
//! versions compare well line by line. It knows nothing of what the files mean.

mod locate;
pub(crate) mod reader;
pub(crate) mod write;

use std::fmt;

use aedile_engine::Json;

/// Largest file that is read, in bytes: a thousand policies are smaller.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Most problems that are told at once: more than anybody mends before the next try.
const MAX_TOLD: usize = 30;

/// One step from the root of a file to a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A member.
    Member(String),
    /// An element, counted from 0.
    Element(usize),
}

/// A place in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place(Vec<Step>);

impl Place {
    /// A member of what is at this place.
    pub fn member(&self, name: &str) -> Place {
        self.and(Step::Member(name.to_owned()))
    }

    /// An element of the list at this place.
    pub fn element(&self, n: usize) -> Place {
        self.and(Step::Element(n))
    }

    fn and(&self, step: Step) -> Place {
        let mut steps = self.0.clone();
        steps.push(step);
        Place(steps)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if i == 0 => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Element(n) => write!(f, "[{n}]")?,
            }
        }
        Ok(())
    }
}

/// Something that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1; none where it cannot be told.
    pub line: Option<usize>,
    /// The path to it, such as `policies[2].permissions.posts.read.where`; empty for the file as a whole.
    pub place: String,
    /// What is wrong, as a clause.
    pub message: String,
}

/// Why a file is not understood: everything that is wrong in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// One line for each problem, as editors and terminals understand places: `file:line: place: what is wrong`.
    pub fn told(&self, file: &str) -> String {
        let mut lines: Vec<String> = self.0.iter().take(MAX_TOLD).map(|one| one.told(file)).collect();
        if self.0.len() > MAX_TOLD {
            lines.push(format!("{file}: and {} more", self.0.len() - MAX_TOLD));
        }
        lines.join("\n")
    }
}

impl Problem {
    fn told(&self, file: &str) -> String {
        let line = self.line.map_or_else(String::new, |line| format!(":{line}"));
        let place = if self.place.is_empty() {
            String::new()
        } else {
            format!(" {}:", self.place)
        };
        format!("{file}{line}:{place} {}", self.message)
    }
}

/// A file that was read.
pub struct Document {
    text: String,
    /// What it holds.
    pub root: Json,
}

impl Document {
    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong in it. Two members of one name are refused: one of them would silently not count.
    pub fn read(text: &str) -> Result<Document, Problems> {
        if text.len() > MAX_BYTES {
            let most = MAX_BYTES / 1024 / 1024;
            return Err(whole(None, format!("is larger than {most} MiB")));
        }
        // The tree of the format's own refuses doubled members, the other one would keep the last.
        let malformed = |error: yaml_serde::Error| {
            let told = error.to_string();
            let what = told.split(" at line ").next().unwrap_or_default();
            whole(
                error.location().map(|at| at.line()),
                format!("is no well-formed YAML: {what}"),
            )
        };
        yaml_serde::from_str::<yaml_serde::Value>(text).map_err(malformed)?;
        Ok(Document {
            root: yaml_serde::from_str(text).map_err(malformed)?,
            text: text.to_owned(),
        })
    }

    /// Something that is wrong at a place.
    pub(crate) fn problem(&self, place: &Place, message: impl Into<String>) -> Problem {
        Problem {
            line: self.line(place),
            place: place.to_string(),
            message: message.into(),
        }
    }

    /// The line of a place, from 1.
    pub(crate) fn line(&self, place: &Place) -> Option<usize> {
        locate::line(&self.text, &place.0)
    }
}

fn whole(line: Option<usize>, message: String) -> Problems {
    Problems(vec![Problem {
        line,
        place: String::new(),
        message,
    }])
}

#[cfg(test)]
mod tests;
