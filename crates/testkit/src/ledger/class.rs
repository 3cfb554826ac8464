//! Why a step does not pass. Every failing step has exactly one reason; there must never be a kind that says nothing.

use std::fmt;

/// A kind of reason, and its name: `waiting: files`, `differs: Secrets stay secret`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class {
    pub(crate) kind: Kind,
    /// The feature, the invariant, or the reason in words.
    pub(crate) name: String,
}

/// The kinds of reasons, in the order they are told in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The step needs a feature that comes later.
    Waiting,
    /// The recorded answer breaks what must hold; `docs/differences.md` says how.
    Differs,
    /// Anything else, in words.
    Other,
    /// MariaDB cannot; it passes on every other database.
    MariaDb,
    /// It should pass, and nobody has made it.
    Todo,
}

const KINDS: [(Kind, &str); 5] = [
    (Kind::Waiting, "waiting"),
    (Kind::Differs, "differs"),
    (Kind::Other, "other"),
    (Kind::MariaDb, "mariadb"),
    (Kind::Todo, "todo"),
];

impl Class {
    pub(crate) fn waiting(feature: &str) -> Self {
        let name = feature.to_owned();
        Self {
            kind: Kind::Waiting,
            name,
        }
    }

    /// Whether the step needs a feature that comes later.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.kind == Kind::Waiting
    }

    /// Whether the step fails on MariaDB alone.
    pub(crate) fn is_of_mariadb(&self) -> bool {
        self.kind == Kind::MariaDb
    }

    /// Reads `kind: name`; none if it is neither, or the name would not survive being written.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (word, name) = text.split_once(": ")?;
        let (kind, _) = KINDS.into_iter().find(|(_, known)| *known == word)?;
        let name = name.trim();
        (!name.is_empty() && !name.contains(';')).then(|| Self {
            kind,
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for Class {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = KINDS.into_iter().find(|(kind, _)| *kind == self.kind);
        let word = known.map_or("", |(_, word)| word);
        write!(out, "{word}: {}", self.name)
    }
}
