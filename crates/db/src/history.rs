//! The supported version, as the list of migrations in a project's database tells it. Facts only: what is done about them
//! is decided elsewhere.

use aedile_engine::{Code, Error};

/// What a project of the supported version has in its list of migrations: `version|name` lines.
pub(crate) const HISTORY: &str = include_str!("sqlite/migrations.txt");

/// The last of them: a project without it is older than we can serve.
pub const SUPPORTED: &str = "20260211A";

/// The migrations of the supported version, by their versions, oldest first.
pub fn versions() -> impl Iterator<Item = &'static str> {
    HISTORY.lines().filter_map(|line| line.split('|').next())
}

/// Of a project that is older than the supported version.
pub(crate) fn too_old() -> Error {
    Error::new(
        Code::ServiceUnavailable,
        format!(
            "This database belongs to an older, unsupported version: migration {SUPPORTED} is missing from \
             \"directus_migrations\". Bring it to version 11.17 first, by running that version's own migrations \
             on it, then start Aedile again."
        ),
    )
}

/// Of a project whose newest step of Aedile's own is one that this binary does not know.
pub(crate) fn too_new(newest: i64) -> Error {
    Error::new(
        Code::ServiceUnavailable,
        format!("A newer Aedile has changed this database (migration {newest}). Use that version or a later one."),
    )
}
