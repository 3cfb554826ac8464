//! The commands that work on the configured database: each body hands the configuration to the crates that know how.
//! Each returns its answer as text for standard output, with a line end, or empty when there is none.

use aedile_platform::config::Secret;
use anyhow::bail;

use super::Migration;
use crate::config::Config;

/// Serves the database until the process is told to stop.
pub async fn start(config: Config) -> anyhow::Result<String> {
    bail!(
        "serving {} is not wired up yet",
        config.database.filename.display()
    )
}

/// Installs or migrates the database and creates the first administrator.
pub async fn bootstrap(config: Config, skip_admin: bool) -> anyhow::Result<String> {
    let whom = if skip_admin {
        None
    } else {
        config.settings.admin.email
    };
    bail!(
        "preparing {} (administrator: {whom:?}) is not wired up yet",
        config.database.filename.display()
    )
}

/// Creates the system tables.
pub async fn install(config: Config) -> anyhow::Result<String> {
    bail!(
        "installing {} is not wired up yet",
        config.database.filename.display()
    )
}

/// Applies or takes back migrations.
pub async fn migrate(config: Config, how: Migration) -> anyhow::Result<String> {
    bail!(
        "migrating {} ({how:?}) is not wired up yet",
        config.database.filename.display()
    )
}

/// Creates a user; the answer is its id.
pub async fn create_user(
    config: Config,
    email: String,
    password: Secret,
    role: String,
) -> anyhow::Result<String> {
    bail!(
        "creating {email} ({password}, {role}) in {} is not wired up yet",
        config.database.filename.display()
    )
}

/// Sets the password of the user with that address.
pub async fn set_password(
    config: Config,
    email: String,
    password: Secret,
) -> anyhow::Result<String> {
    bail!(
        "the password {password} of {email} in {}: not wired up yet",
        config.database.filename.display()
    )
}

/// Creates a role; the answer is its id.
pub async fn create_role(config: Config, name: String, admin: bool) -> anyhow::Result<String> {
    bail!(
        "creating {name} (admin: {admin}) in {} is not wired up yet",
        config.database.filename.display()
    )
}

/// Loads the demo project.
pub async fn load_demo(config: Config, force: bool) -> anyhow::Result<String> {
    bail!(
        "the demo (force: {force}) for {} is not wired up yet",
        config.database.filename.display()
    )
}
