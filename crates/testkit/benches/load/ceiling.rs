//! The ceiling: SQL written by hand for the same answer, with nothing around it. Its files are in bench/ceilings, one for
//! each case and caller; those of PostgreSQL in a folder of their own.

mod postgres;
mod sqlite;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use aedile_testkit::workload::{Case, Kind, Sizes, Who};
use anyhow::{Context, Result};
use serde_json::Value;

use self::{postgres::Postgres, sqlite::Sqlite};
use crate::{CONCURRENCY, bare::Bare, measure::Speed, project::Place};

/// The hand-written SQL of a case, for a caller.
pub struct Ceiling<'p> {
    place: &'p Place<'p>,
    file: PathBuf,
    text: String,
}

impl<'p> Ceiling<'p> {
    /// That of a case.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn read(place: &'p Place<'p>, case: &Case, who: Who) -> Result<Self> {
        if case.reads() {
            Self::named(place, &format!("{}.{}", case.name, who.name()))
        } else {
            Self::named(place, case.name)
        }
    }

    /// By the name of its file.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn named(place: &'p Place<'p>, name: &str) -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/ceilings");
        let file = match place {
            Place::File(_) => folder.join(format!("{name}.sql")),
            Place::Server(_) => folder.join("postgres").join(format!("{name}.sql")),
        };
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        Ok(Ceiling { place, file, text })
    }

    /// The data it answers for a number, and what it counts beside.
    ///
    /// # Errors
    /// What the database says.
    pub fn data(&self, key: &Value) -> Result<(Value, i64)> {
        let (out, count) = match self.place {
            Place::File(database) => self.sqlite(database).data(key)?,
            Place::Server(database) => Postgres::open(&database.url(), &self.text)?.data(key)?,
        };
        let text = format!("[{}]", String::from_utf8(out)?);
        Ok((serde_json::from_str(&text).with_context(|| text.clone())?, count))
    }

    /// How often it runs in a second.
    ///
    /// # Errors
    /// What the database says.
    pub fn speed(&self, case: &Case, sizes: Sizes, time: Duration) -> Result<Speed> {
        match (self.place, case.reads()) {
            (Place::File(database), true) => self.sqlite(database).speed(case, sizes, Bare::readers(database), time),
            (Place::File(database), false) => self.sqlite(database).write_speed(case, sizes, CONCURRENCY, time),
            (Place::Server(database), _) => postgres::speed(&database.url(), &self.text, case, sizes, time),
        }
    }

    /// How often the statements of a write run in a second when so many wait for each other, on SQLite.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn shared_speed(
        &self,
        database: &Path,
        case: &Case,
        sizes: Sizes,
        threads: u32,
        time: Duration,
    ) -> Result<Speed> {
        self.sqlite(database).write_speed(case, sizes, threads, time)
    }

    /// Compares SQLite's plan with the one beside the file, or writes it there. PostgreSQL's follow its statistics and are
    /// not the same twice.
    ///
    /// # Errors
    /// When SQLite now plans otherwise.
    pub fn plan(&self, bless: bool) -> Result<()> {
        match self.place {
            Place::File(database) => self.sqlite(database).plan(bless),
            Place::Server(_) => Ok(()),
        }
    }

    fn sqlite<'c>(&'c self, database: &'c Path) -> Sqlite<'c> {
        Sqlite {
            database,
            file: &self.file,
            text: &self.text,
        }
    }

    /// Whether the case asks for a count, which the SQL answers in a column of its own.
    pub fn counts(case: &Case) -> bool {
        case.kind == Kind::CountedList
    }
}
