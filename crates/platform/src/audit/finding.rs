//! What a check finds: on what, by which evidence, and the exact change that mends it. It never holds a secret.

use std::fmt;

use aedile_engine::{Json, Object};
use serde::{Serialize, Serializer};

use super::check::{Check, Severity};

/// What a finding is on: kinds of things with their names, such as a policy and a collection. Baselines know findings by it,
/// so it must read the same wherever the same project is audited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject(Vec<(&'static str, String)>);

impl Subject {
    /// On one thing.
    pub(super) fn of(kind: &'static str, name: impl Into<String>) -> Subject {
        Subject(vec![(kind, name.into())])
    }

    /// And on another.
    pub(super) fn and(mut self, kind: &'static str, name: impl Into<String>) -> Subject {
        self.0.push((kind, name.into()));
        self
    }

    /// The kinds and names.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(kind, name)| (*kind, name.as_str()))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (kind, name)) in self.parts().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}{kind} {name}")?;
        }
        Ok(())
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.parts())
    }
}

/// One write of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A change of the row with this key.
    Update {
        /// Its collection.
        collection: &'static str,
        /// Its key.
        key: String,
        /// What is set.
        change: Object,
    },
    /// The end of the row with this key.
    Delete {
        /// Its collection.
        collection: &'static str,
        /// Its key.
        key: String,
    },
}

impl Step {
    /// Sets one field.
    pub(super) fn set(collection: &'static str, key: impl Into<String>, field: &str, value: impl Into<Json>) -> Step {
        let mut change = Object::new();
        change.insert(field.to_owned(), value.into());
        Step::Update {
            collection,
            key: key.into(),
            change,
        }
    }
}

/// The request that would do the same.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = |collection: &'static str| collection.trim_start_matches("directus_");
        match self {
            Step::Update {
                collection: collection @ "directus_settings",
                change,
                ..
            } => write!(f, "PATCH /{} {}", root(collection), Json::Object(change.clone())),
            Step::Update {
                collection,
                key,
                change,
            } => write!(f, "PATCH /{}/{key} {}", root(collection), Json::Object(change.clone())),
            Step::Delete { collection, key } => write!(f, "DELETE /{}/{key}", root(collection)),
        }
    }
}

/// What mends a finding.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Writes of rows, which can be applied.
    Rows(Vec<Step>),
    /// A setting of the environment, which is the operator's to change.
    Setting(String),
    /// Something that somebody has to do.
    ByHand(String),
}

impl Change {
    /// A setting with the value it should have.
    pub(super) fn setting(name: &str, value: &str) -> Change {
        Change::Setting(format!("{name}={value}"))
    }

    /// One write.
    pub(super) fn one(step: Step) -> Change {
        Change::Rows(vec![step])
    }

    /// Takes a permission away.
    pub(super) fn without_permission(id: Option<i64>) -> Change {
        match id {
            Some(id) => Change::one(Step::Delete {
                collection: "directus_permissions",
                key: id.to_string(),
            }),
            None => Change::ByHand("take the permission away".to_owned()),
        }
    }

    /// Whether it can be applied.
    pub fn can_be_applied(&self) -> bool {
        matches!(self, Change::Rows(_))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Rows(steps) => {
                for (i, step) in steps.iter().enumerate() {
                    let then = if i > 0 { "; " } else { "" };
                    write!(f, "{then}{step}")?;
                }
                Ok(())
            }
            Change::Setting(text) | Change::ByHand(text) => f.write_str(text),
        }
    }
}

/// What a check found on something.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub on: Subject,
    pub evidence: String,
    pub change: Change,
}

impl Hit {
    pub fn new(on: Subject, evidence: impl Into<String>, change: Change) -> Hit {
        Hit {
            on,
            evidence: evidence.into(),
            change,
        }
    }

    /// On a setting of the environment, which should be like this.
    pub fn setting(name: &str, evidence: impl Into<String>, value: &str) -> Hit {
        Hit::new(Subject::of("setting", name), evidence, Change::setting(name, value))
    }
}

/// Something that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The check.
    pub check: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// What is found, as a sentence.
    pub title: &'static str,
    /// On what.
    pub on: Subject,
    /// What shows it.
    pub evidence: String,
    /// Why it matters.
    pub why: &'static str,
    /// What mends it.
    #[serde(serialize_with = "told")]
    pub change: Change,
    /// Whether that can be applied by `--fix`.
    pub fixable: bool,
    /// The reason for which somebody has accepted it.
    pub accepted: Option<String>,
}

fn told<S: Serializer>(change: &Change, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(change)
}

impl Finding {
    pub(super) fn of(check: &Check, hit: Hit) -> Finding {
        Finding {
            check: check.id,
            severity: check.severity,
            title: check.title,
            why: check.why,
            on: hit.on,
            evidence: hit.evidence,
            fixable: hit.change.can_be_applied(),
            change: hit.change,
            accepted: None,
        }
    }

    /// Takes in another hit on the same.
    pub(super) fn join(&mut self, hit: Hit) {
        if !self.evidence.contains(&hit.evidence) {
            self.evidence = format!("{}; {}", self.evidence, hit.evidence);
        }
        if let (Change::Rows(own), Change::Rows(more)) = (&mut self.change, hit.change) {
            own.extend(more.into_iter().filter(|step| !own.contains(step)).collect::<Vec<_>>());
        }
    }
}
