//! Applies what mends findings: the writes that were shown, by the ordinary verbs, in one transaction and with history. What
//! would leave no administrator is left out and told; anything else that is refused refuses the whole.

use std::{collections::HashSet, sync::Arc};

use aedile_engine::{Code, Error, Json, Object, Result};
use parking_lot::Mutex;
use serde::Serialize;

use super::{
    Report, administrator,
    finding::{Change, Finding, Step},
};
use crate::{
    Cx,
    items::{self, Writing, keys},
    snapshot::text,
    statement,
    system::{self, administrators},
};

/// What is to be done, ready to be shown and applied.
#[derive(Clone, Debug)]
pub struct Repair {
    steps: Vec<Step>,
    left: Vec<String>,
    version: i64,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fixed {
    /// What was written.
    pub done: Vec<String>,
    /// What was not, and why.
    pub left: Vec<String>,
}

impl Repair {
    /// The changes of these findings. Where two set the same field of a row to lists, what both keep is kept; a row that
    /// goes is not changed before.
    #[must_use]
    pub fn of<'f>(report: &Report, chosen: impl IntoIterator<Item = &'f Finding>) -> Repair {
        let mut repair = Repair {
            steps: Vec::new(),
            left: Vec::new(),
            version: report.version,
        };
        for finding in chosen {
            match &finding.change {
                Change::Rows(steps) => steps.iter().for_each(|step| repair.add(step)),
                change => repair
                    .left
                    .push(format!("{} on {}: {change}", finding.check, finding.on)),
            }
        }
        repair
    }

    /// The requests that would do the same, in their order.
    pub fn steps(&self) -> impl Iterator<Item = String> {
        self.steps.iter().map(ToString::to_string)
    }

    /// What cannot be applied, and what somebody has to do.
    pub fn left(&self) -> &[String] {
        &self.left
    }

    fn add(&mut self, step: &Step) {
        let row = |step: &Step| match step {
            Step::Update { collection, key, .. } | Step::Delete { collection, key } => (*collection, key.clone()),
        };
        let same = |other: &&mut Step| row(other) == row(step);
        match (self.steps.iter_mut().find(same), step) {
            (None, _) => self.steps.push(step.clone()),
            (Some(Step::Delete { .. }), _) => {}
            (Some(other), Step::Delete { .. }) => *other = step.clone(),
            (Some(Step::Update { change: own, .. }), Step::Update { change, .. }) => merge(own, change),
        }
    }
}

/// Adds what is set to what is set already.
fn merge(own: &mut Object, more: &Object) {
    for (name, value) in more {
        match (own.get_mut(name), value) {
            (Some(Json::Array(kept)), Json::Array(other)) => kept.retain(|one| other.contains(one)),
            _ => drop(own.insert(name.clone(), value.clone())),
        }
    }
}

/// Applies it.
///
/// # Errors
/// `FORBIDDEN` to all but administrators and the operator; `UNPROCESSABLE_CONTENT` where the project was changed since it was
/// audited; what the verbs refuse. Then nothing was changed.
pub async fn fix(cx: &Cx, repair: &Repair) -> Result<Fixed> {
    administrator(cx)?;
    let fixed = Fixed {
        done: Vec::new(),
        left: repair.left.clone(),
    };
    if repair.steps.is_empty() {
        return Ok(fixed);
    }
    let told = Arc::new(Mutex::new(fixed));
    let (inner, work, out) = (cx.clone(), repair.clone(), told.clone());
    cx.app
        .db()
        .write(move |tx| {
            Box::pin(async move {
                // A transaction that is begun anew begins with nothing done.
                let mut fixed = Fixed {
                    done: Vec::new(),
                    left: work.left.clone(),
                };
                let mut w = Writing::new(&inner, tx);
                unchanged(&mut w, work.version).await?;
                for step in &work.steps {
                    match part(&mut w, step).await {
                        Ok(()) => fixed.done.push(step.to_string()),
                        Err(error) if error.code() == Code::UnprocessableContent => {
                            fixed.left.push(format!("{step}: {}", error.reason()));
                        }
                        Err(error) => return Err(error.and_says(&format!("It was {step} that was refused."))),
                    }
                }
                system::finish(&mut w).await?;
                *out.lock() = fixed;
                Ok(())
            })
        })
        .await?;
    cx.app.reload(cx.app.version().await?).await?;
    let fixed = told.lock().clone();
    Ok(fixed)
}

/// Refuses what was found at another version of the project.
async fn unchanged(w: &mut Writing<'_>, version: i64) -> Result<()> {
    let sql = statement::fixed(
        w.cx.app.db().dialect(),
        &["select value from aedile_meta where \"key\" = 'version'"],
    );
    let rows = w.fetch(sql.finish(Vec::new())).await?;
    if text(rows.first().unwrap_or(&Vec::new()), 0) == Some(version.to_string()) {
        return Ok(());
    }
    Err(Error::unprocessable(
        "the project was changed by somebody else meanwhile; audit it again",
    ))
}

/// One step, undone by itself where it would leave no administrator.
async fn part(w: &mut Writing<'_>, step: &Step) -> Result<()> {
    let (cx, step) = (w.cx.clone(), step.clone());
    let touched: HashSet<String> =
        w.tx.nested(move |tx| {
            Box::pin(async move {
                let mut w = Writing::new(&cx, tx);
                write(&mut w, step).await?;
                administrators::must_remain(&mut w).await?;
                Ok(w.touched)
            })
        })
        .await?;
    w.touched.extend(touched);
    Ok(())
}

async fn write(w: &mut Writing<'_>, step: Step) -> Result<()> {
    let snapshot = w.cx.snapshot.clone();
    let key = |collection: &str, key: &str| keys::from_path(&snapshot.model.schema, collection, key);
    match step {
        Step::Update {
            collection,
            key: id,
            change,
        } => items::update_in(w, collection, vec![key(collection, &id)?], change)
            .await
            .map(drop),
        Step::Delete { collection, key: id } => items::delete_in(w, collection, vec![key(collection, &id)?]).await,
    }
}
