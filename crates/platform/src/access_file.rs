//! Who may do what as a file: roles, policies, permissions and who has them, reviewed like code. It is written from the
//! database, compared with it in words, and made true by the ordinary verbs. Nothing is granted here that they would refuse.

mod apply;
mod change;
mod check;
mod effect;
mod parse;
mod resolve;
mod state;
mod stored;
mod text;
mod told;
mod words;

use std::sync::Arc;

use aedile_engine::{Error, Result};

pub(crate) use check::{Rules, misfit, no_field};
pub use effect::{Affected, Effect, Kind, Rows, Who};
pub(crate) use state::{Holder, Permission, Policy, State};
pub(crate) use stored::Stored;
pub use told::{Changed, Detail, Diff};
pub(crate) use words::counted;

use crate::{
    Cx,
    document::{Document, Problems, reader::Reader},
};

/// Why a file does not get as far as being compared.
#[derive(Debug)]
pub enum Refusal {
    /// It is not understood, or names what is not there.
    File(Problems),
    /// The database could not be asked.
    Failed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal::Failed(error)
    }
}

impl From<Problems> for Refusal {
    fn from(problems: Problems) -> Self {
        Refusal::File(problems)
    }
}

/// A file compared with the database, ready to be applied.
pub struct Comparison {
    /// What is different.
    pub diff: Diff,
    work: Arc<apply::Work>,
}

/// The file of what the database holds now; its section of users only if it is wanted.
///
/// # Errors
/// `FORBIDDEN` to all but administrators and the operator.
pub async fn snapshot(cx: &Cx, with_users: bool) -> Result<String> {
    administrator(cx)?;
    let stored = Stored::load(cx.app.db()).await?;
    Ok(text::text(&stored, with_users))
}

/// Compares a file with the database.
///
/// # Errors
/// Everything that is wrong in the file at once, each with its place; what the database answers.
pub async fn compare(cx: &Cx, text: &str) -> Result<Comparison, Refusal> {
    administrator(cx)?;
    let document = Document::read(text)?;
    let stored = Stored::load(cx.app.db()).await?;
    let mut reader = Reader::of(&document);
    let rules = Rules {
        schema: cx.schema(),
        limits: cx.limits(),
    };
    let file = parse::file(&mut reader, &document.root);
    let target = resolve::target(&mut reader, &file, &stored, &rules);
    let target = reader.finish(target)?;
    let changes = change::changes(&stored.state, &target.state);
    let (effects, of_users) = effect::affected(cx, &stored, &target.state).await?;
    let mut notes = Vec::new();
    if of_users {
        notes.push("A role is counted for nobody in particular: rows that belong to each user come on top.".to_owned());
    }
    if target.state.policies.iter().any(|policy| !policy.ip_access.is_empty()) {
        notes.push("Policies that count from certain addresses only are counted as if asked from there.".to_owned());
    }
    let diff = Diff {
        same: changes.is_empty(),
        changes: told::changed(cx.schema(), &stored, &target.state, &changes),
        effects,
        warnings: target.warnings,
        notes: if changes.is_empty() { Vec::new() } else { notes },
    };
    let work = Arc::new(apply::Work {
        version: stored.version,
        changes,
        rows: stored.rows,
    });
    Ok(Comparison { diff, work })
}

/// Makes the database as the compared file says, all of it or nothing.
///
/// # Errors
/// `UNPROCESSABLE_CONTENT` where no administrator would be left or somebody changed the project since it was compared;
/// what the verbs refuse.
pub async fn apply(cx: &Cx, comparison: &Comparison) -> Result<()> {
    administrator(cx)?;
    apply::apply(cx, comparison.work.clone(), true).await
}

/// Tries the same, and undoes it.
///
/// # Errors
/// As [`apply`].
pub async fn rehearse(cx: &Cx, comparison: &Comparison) -> Result<()> {
    administrator(cx)?;
    apply::apply(cx, comparison.work.clone(), false).await
}

fn administrator(cx: &Cx) -> Result<()> {
    if cx.access.admin && cx.viewer.is_none() {
        Ok(())
    } else {
        Err(Error::forbidden())
    }
}

#[cfg(test)]
pub(crate) mod tests;
