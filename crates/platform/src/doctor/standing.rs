//! Whose tables a database holds, and of which version: told by its list of migrations, and by the tables themselves.
//! Must never take a version for a served one on the word of the list alone: projects add migrations of their own to it.

use std::{collections::HashSet, sync::Arc};

use aedile_db::{Db, history};
use aedile_engine::{
    Code, Error, Result,
    schema::{Kind, physical::Physical, system},
};
use serde::Serialize;

use crate::{snapshot::text, statement};

/// The list of migrations.
const MIGRATIONS: &str = "directus_migrations";
/// Names that a sentence tells at most.
const TOLD: usize = 8;

/// What a database is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// It holds no system tables.
    Empty {
        /// Other tables there are.
        tables: usize,
    },
    /// An older project: the last migrations of the served version are missing.
    Older {
        /// The missing ones.
        missing: Vec<String>,
    },
    /// A newer project: it has later migrations, and system tables that the served version does not know.
    Newer {
        /// The later migrations.
        later: Vec<String>,
        /// Tables and columns that are not known.
        unknown: Vec<String>,
    },
    /// A project whose system tables are not those of its version.
    Damaged {
        /// Tables and columns that are missing.
        missing: Vec<String>,
    },
    /// A project of the served version that Aedile never worked on.
    Untouched {
        /// Migrations of the project's own.
        own: Vec<String>,
    },
    /// A project that Aedile works on.
    Adopted {
        /// Migrations of the project's own.
        own: Vec<String>,
    },
}

impl Standing {
    /// Whether its tables are those of the served version.
    pub fn is_supported(&self) -> bool {
        matches!(self, Standing::Untouched { .. } | Standing::Adopted { .. })
    }

    /// Refuses what must not be worked on as it is.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE`, with what can be done about it.
    pub fn check(&self) -> Result<()> {
        match self {
            Standing::Empty { .. } | Standing::Adopted { .. } => Ok(()),
            _ => Err(Error::new(
                Code::ServiceUnavailable,
                format!("{} {}", self.told(), self.advice()),
            )),
        }
    }

    /// What it is, in a sentence.
    pub fn told(&self) -> String {
        let served = "Directus 11.17";
        match self {
            Standing::Empty { tables: 0 } => "The database is empty.".to_owned(),
            Standing::Empty { tables } => format!("The database holds {tables} tables and none of a project's own."),
            Standing::Older { missing } => format!(
                "The database belongs to an older version than {served}: of its migrations, {} are missing.",
                some(missing)
            ),
            Standing::Newer { later, unknown } => format!(
                "The database belongs to a newer version than {served}: it has the migrations {}, and so {}.",
                some(later),
                some(unknown)
            ),
            Standing::Damaged { missing } => format!(
                "The database has the migrations of {served}, but not all of its tables and columns: {} are missing.",
                some(missing)
            ),
            Standing::Untouched { .. } => format!("A {served} database, on which Aedile has never worked."),
            Standing::Adopted { .. } => format!("A {served} database, on which Aedile works."),
        }
    }

    /// What can be done now, in a sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Standing::Empty { .. } => "`aedile bootstrap` prepares it, and so does `aedile start`.",
            Standing::Older { .. } => {
                "Bring it to Directus 11.17 first: make a backup, start that version on it once, which runs its own \
                 migrations, stop it, and come back."
            }
            Standing::Newer { .. } => {
                "Aedile serves 11.17 and does not take versions back: use a backup from before the upgrade, or an Aedile \
                 that serves the newer version."
            }
            Standing::Damaged { .. } => {
                "Compare it with a backup; tables that DB_EXCLUDE_TABLES names count as missing."
            }
            Standing::Untouched { .. } => {
                "Nothing was changed. `aedile doctor` says what it holds and what would be done, `aedile doctor --apply` \
                 does it."
            }
            Standing::Adopted { .. } => "`aedile start` serves it.",
        }
    }
}

/// A few names, and how many more there are.
fn some(names: &[String]) -> String {
    let told = names
        .iter()
        .take(TOLD)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(TOLD) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

/// What this database is.
///
/// # Errors
/// What the database answers.
pub async fn standing(db: &Db) -> Result<Standing> {
    let physical = db.introspect().await?;
    let others = physical
        .tables
        .iter()
        .filter(|table| !system::is_system(&table.name))
        .count();
    if others == physical.tables.len() || db.is_half_installed().await? {
        return Ok(Standing::Empty { tables: others });
    }
    let applied = applied(db, &physical).await?;
    let unapplied = |version: &&str| !applied.contains(*version);
    if !applied.contains(history::SUPPORTED) {
        return Ok(Standing::Older {
            missing: history::versions().filter(unapplied).map(str::to_owned).collect(),
        });
    }
    let known: HashSet<&str> = history::versions().collect();
    let mut own: Vec<String> = applied
        .into_iter()
        .filter(|version| !known.contains(version.as_str()))
        .collect();
    own.sort();
    let later: Vec<String> = own
        .iter()
        .filter(|version| version.as_str() > history::SUPPORTED)
        .cloned()
        .collect();
    let unknown = unknown(db, &physical).await?;
    if !later.is_empty() && !unknown.is_empty() {
        return Ok(Standing::Newer { later, unknown });
    }
    let missing = missing(&physical);
    if !missing.is_empty() {
        return Ok(Standing::Damaged { missing });
    }
    Ok(match db.is_adopted().await? {
        true => Standing::Adopted { own },
        false => Standing::Untouched { own },
    })
}

/// The versions in the list of migrations.
async fn applied(db: &Db, physical: &Physical) -> Result<HashSet<String>> {
    let listed = physical.tables.iter().find(|table| table.name == MIGRATIONS);
    if listed.is_none_or(|table| !table.columns.iter().any(|column| column.name.as_str() == "version")) {
        return Ok(HashSet::new());
    }
    let stmt = statement::fixed(db.dialect(), &["select version from directus_migrations"]).finish(Vec::new());
    let rows = db.fetch(Arc::new(stmt), Vec::new()).await?;
    Ok(rows.iter().filter_map(|row| text(row, 0)).collect())
}

/// System tables that the served version does not have, and columns of its tables that neither it nor the project's
/// metadata knows.
async fn unknown(db: &Db, physical: &Physical) -> Result<Vec<String>> {
    let stmt = statement::fixed(db.dialect(), &["select collection, field from directus_fields"]).finish(Vec::new());
    let has_fields = physical.tables.iter().any(|table| table.name == "directus_fields");
    let rows = match has_fields {
        true => db.fetch(Arc::new(stmt), Vec::new()).await?,
        false => Vec::new(),
    };
    let described: HashSet<(String, String)> = rows
        .iter()
        .filter_map(|row| Some((text(row, 0)?, text(row, 1)?)))
        .collect();
    let mut unknown = Vec::new();
    for table in physical.tables.iter().filter(|table| system::is_system(&table.name)) {
        if !system::collections().iter().any(|known| known.name == table.name) {
            unknown.push(table.name.clone());
            continue;
        }
        for column in &table.columns {
            let (of, name) = (table.name.clone(), column.name.as_str().to_owned());
            if system::field(&of, &name).is_none() && !described.contains(&(of, name.clone())) {
                unknown.push(format!("{}.{name}", table.name));
            }
        }
    }
    Ok(unknown)
}

/// Tables and columns of the served version that are not there.
fn missing(physical: &Physical) -> Vec<String> {
    let mut missing = Vec::new();
    for collection in system::collections() {
        let Some(table) = physical.tables.iter().find(|table| table.name == collection.name) else {
            missing.push(collection.name.clone());
            continue;
        };
        let fields = system::fields()
            .iter()
            .filter(|field| field.collection == collection.name && field.kind != Kind::Alias);
        let absent = fields.filter(|field| !table.columns.iter().any(|column| column.name.as_str() == field.name));
        missing.extend(absent.map(|field| format!("{}.{}", table.name, field.name)));
    }
    missing
}
