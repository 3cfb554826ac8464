//! What a database is, before Aedile is let work on it: its version, what of it is served and what is not, and what would
//! be done. Looking must never change anything; what is changed is changed in `adopt`, after somebody was told.

pub mod adopt;
mod people;
mod standing;
mod tables;
mod text;

use aedile_db::Db;
use aedile_engine::{
    Result,
    ddl::Change,
    sql::{Dialect, Flavour},
};
use serde::Serialize;

use crate::model;
pub use standing::{Standing, standing};

/// What was found, and what would be done.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The database's product.
    pub database: &'static str,
    /// Whose tables it holds, and of which version.
    #[serde(flatten)]
    pub standing: Standing,
    /// How much there is of what.
    pub counts: Vec<Count>,
    /// What `adopt` does, in its order.
    pub steps: Vec<Step>,
    /// What somebody has to know.
    pub findings: Vec<Finding>,
}

/// How much there is of something.
#[derive(Clone, Debug, Serialize)]
pub struct Count {
    /// Of what.
    pub what: &'static str,
    /// How many.
    pub count: u64,
    /// How many of these the next words are about, where something is to be said.
    pub of_these: Vec<(u64, &'static str)>,
}

/// Something to be done.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Step {
    /// One of Aedile's own migrations.
    Migration {
        /// Its name.
        name: &'static str,
    },
    /// An index on a foreign key.
    Index {
        /// Its name.
        name: String,
        /// Its table.
        table: String,
        /// The foreign key.
        column: String,
    },
}

/// Something that somebody has to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it means.
    pub level: Level,
    /// The sentence.
    pub text: String,
}

/// What a finding means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Something of the database is left out.
    NotServed,
    /// Something is served, and somebody should decide whether that is meant.
    Attention,
    /// Good to know.
    Note,
}

impl Finding {
    fn new(level: Level, text: impl Into<String>) -> Finding {
        Finding {
            level,
            text: text.into(),
        }
    }
}

impl Report {
    /// Leaves foreign keys as they are.
    pub fn leave_indexes(&mut self) {
        self.steps.retain(|step| matches!(step, Step::Migration { .. }));
    }
}

/// Looks at a database.
///
/// # Errors
/// What the database answers.
pub async fn examine(db: &Db) -> Result<Report> {
    let standing = standing(db).await?;
    let mut report = Report {
        database: match db.dialect() {
            Dialect::Sqlite => "SQLite",
            Dialect::Postgres => "PostgreSQL",
            Dialect::MySql(Flavour::MySql) => "MySQL",
            Dialect::MySql(_) => "MariaDB",
        },
        counts: Vec::new(),
        steps: Vec::new(),
        findings: Vec::new(),
        standing,
    };
    if !report.standing.is_supported() {
        return Ok(report);
    }
    let physical = db.introspect().await?;
    let model = model::load(db).await?;
    report.steps = db
        .pending()
        .await?
        .into_iter()
        .map(|name| Step::Migration { name })
        .collect();
    report.steps.extend(model::indexes::missing(&physical).filter_map(step));
    report.counts = tables::counts(&model);
    report.findings = tables::findings(&physical, &model);
    people::look(db, &model, &mut report).await?;
    if let Standing::Untouched { own } | Standing::Adopted { own } = &report.standing
        && !own.is_empty()
    {
        let said = format!(
            "the project has migrations of its own, which are left alone: {}",
            own.join(", ")
        );
        report.findings.push(Finding::new(Level::Note, said));
    }
    report.findings.sort_by_key(|finding| finding.level);
    Ok(report)
}

fn step(change: Change) -> Option<Step> {
    match change {
        Change::CreateIndex { table, index } => Some(Step::Index {
            name: index.name,
            table,
            column: index.columns.into_iter().next()?,
        }),
        _ => None,
    }
}
