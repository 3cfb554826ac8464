//! What a database is, and letting Aedile work on it. Nothing is changed before somebody has agreed to what was shown.

use std::fmt::Write as _;

use aedile_db::Db;
use aedile_platform::{
    doctor::{self, Report, adopt},
    static_token,
};

use super::{
    EXIT_DONE, EXIT_FAILED, Failure, agreed,
    database::{look, open, open_to_adopt},
    in_project, print,
};
use crate::{
    cli::{Doctor, Format},
    config::Config,
};

/// Looks, and applies what it is told to; answers the code the process ends with.
pub fn run(args: &Doctor) -> Result<u8, Failure> {
    in_project(async |config| examine(args, &config).await)?
}

async fn examine(args: &Doctor, config: &Config) -> Result<u8, Failure> {
    if args.upgrade_tokens {
        return upgrade_tokens(args, config).await;
    }
    let Some(db) = look(&config.database).await.map_err(Failure::Undecided)? else {
        print(&format!(
            "There is no file {} yet. `aedile bootstrap` prepares it, and so does `aedile start`.\n",
            config.database.filename.display()
        ))?;
        return Ok(EXIT_DONE);
    };
    let report = doctor::examine(&db).await;
    db.close().await;
    let mut report = report.map_err(|error| Failure::Undecided(error.into()))?;
    if args.without_indexes {
        report.leave_indexes();
    }
    print(&match args.format {
        Format::Text => report.text(),
        Format::Json => serde_json::to_string_pretty(&report).map_err(anyhow::Error::from)? + "\n",
    })?;
    if args.apply {
        return apply(args, config, &report).await;
    }
    Ok(if report.standing.check().is_ok() {
        EXIT_DONE
    } else {
        EXIT_FAILED
    })
}

/// Replaces static tokens by digests, once somebody was told what that means.
async fn upgrade_tokens(args: &Doctor, config: &Config) -> Result<u8, Failure> {
    let db = open(&config.database).await?;
    let done = upgrade(args, &db).await;
    db.close().await;
    done
}

async fn upgrade(args: &Doctor, db: &Db) -> Result<u8, Failure> {
    let kept = static_token::are_kept(db).await;
    if kept.map_err(|error| Failure::Undecided(error.into()))? {
        print("Nothing to do: static tokens are stored as digests already.\n")?;
        return Ok(EXIT_DONE);
    }
    print(
        "Every static token is going to be replaced by a digest of it. Whoever has one goes on as before, and whoever reads the \
         database or a backup made afterwards learns none.\n\
         Directus will no longer accept any of them on this database, and nothing takes this back but a backup from before.\n",
    )?;
    if !args.yes && !agreed("Do this?")? {
        print("Nothing was changed.\n")?;
        return Ok(EXIT_FAILED);
    }
    let count = static_token::upgrade(db).await.map_err(anyhow::Error::from)?;
    print(&format!(
        "\nDone: {count} static tokens are digests now, and so is every one that is set from now on.\n"
    ))?;
    Ok(EXIT_DONE)
}

async fn apply(args: &Doctor, config: &Config, report: &Report) -> Result<u8, Failure> {
    if !report.standing.is_supported() {
        return Ok(EXIT_FAILED);
    }
    if report.steps.is_empty() {
        print("\nNothing to do.\n")?;
        return Ok(EXIT_DONE);
    }
    if !args.yes && !agreed("Do this?")? {
        print("Nothing was changed.\n")?;
        return Ok(EXIT_FAILED);
    }
    let db = open_to_adopt(&config.database).await?;
    let done = adopt::adopt(&db, !args.without_indexes).await;
    db.close().await;
    let mut text = String::from("\nDone\n");
    for step in done.map_err(anyhow::Error::from)? {
        // Writing to a text does not fail.
        writeln!(text, "  {step}").ok();
    }
    print(&text)?;
    Ok(EXIT_DONE)
}
