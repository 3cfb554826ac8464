//! Who may do what as a file: written, compared, applied and tested. Files are read here, before the database is opened;
//! what they mean is known elsewhere. Nothing is changed before somebody has agreed to what was shown.

use std::{fs, path::Path};

use aedile_platform::{
    access_file::{self, Comparison, Refusal},
    document::Problems,
    expectations,
};
use anyhow::{Context, anyhow};

use super::{EXIT_DONE, EXIT_FAILED, Failure, agreed, in_project, print, project::operator};
use crate::cli::{Access, AccessApply, AccessDiff, AccessSnapshot, AccessTest, Format};

/// What a command has come to: text for standard output, and the code to end with.
type Verdict = Result<(String, u8), Failure>;

/// Runs one of them.
pub fn run(command: Access) -> Result<u8, Failure> {
    let (text, code) = match command {
        Access::Snapshot(args) => snapshot(&args)?,
        Access::Diff(args) => diff(&args).map_err(undecided)?,
        Access::Apply(args) => apply(&args)?,
        Access::Test(args) => test(&args).map_err(undecided)?,
    };
    print(&text)?;
    Ok(code)
}

/// Where 1 is a verdict, what goes wrong on the way to one is something else.
pub(super) fn undecided(failure: Failure) -> Failure {
    match failure {
        Failure::Failed(error) => Failure::Undecided(error),
        other => other,
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(file).with_context(|| format!("{} can not be read", file.display()));
    text.map_err(Failure::Undecided)
}

fn misread(file: &Path, problems: &Problems) -> Failure {
    let told = problems.told(&file.display().to_string());
    Failure::Undecided(anyhow!("the file is not understood, and nothing was done\n{told}"))
}

fn snapshot(args: &AccessSnapshot) -> Verdict {
    let with_users = !args.without_users;
    let text = in_project(async move |config| {
        let (db, cx) = operator(config).await?;
        let text = access_file::snapshot(&cx, with_users).await?;
        db.close().await;
        anyhow::Ok(text)
    })??;
    let Some(file) = &args.file else {
        return Ok((text, EXIT_DONE));
    };
    fs::write(file, text).with_context(|| format!("{} can not be written", file.display()))?;
    Ok((format!("Wrote {}.\n", file.display()), EXIT_DONE))
}

fn refused(file: &Path, refusal: Refusal) -> Failure {
    match refusal {
        Refusal::File(problems) => misread(file, &problems),
        Refusal::Failed(error) => Failure::Undecided(error.into()),
    }
}

fn diff(args: &AccessDiff) -> Verdict {
    let text = read(&args.file)?;
    let comparison = in_project(async |config| {
        let (db, cx) = operator(config).await?;
        let comparison = access_file::compare(&cx, &text).await;
        db.close().await;
        anyhow::Ok(comparison)
    })??;
    let diff = comparison.map_err(|refusal| refused(&args.file, refusal))?.diff;
    let code = if diff.same { EXIT_DONE } else { EXIT_FAILED };
    Ok((
        told(args.format, diff.text(), serde_json::to_string_pretty(&diff))?,
        code,
    ))
}

fn told(format: Format, text: String, json: serde_json::Result<String>) -> anyhow::Result<String> {
    match format {
        Format::Text => Ok(text),
        Format::Json => Ok(json? + "\n"),
    }
}

fn apply(args: &AccessApply) -> Verdict {
    let text = read(&args.file)?;
    in_project(async |config| {
        let (db, cx) = operator(config).await.map_err(Failure::Undecided)?;
        let comparison = access_file::compare(&cx, &text).await;
        let comparison = comparison.map_err(|refusal| refused(&args.file, refusal))?;
        print(&comparison.diff.text())?;
        let done = carry_out(args, &cx, &comparison).await?;
        db.close().await;
        Ok(done)
    })?
}

async fn carry_out(args: &AccessApply, cx: &aedile_platform::Cx, comparison: &Comparison) -> Verdict {
    if comparison.diff.same {
        return Ok((String::new(), EXIT_DONE));
    }
    let wrong = |error| anyhow::Error::new(error).context("nothing was changed");
    if args.dry_run {
        access_file::rehearse(cx, comparison).await.map_err(wrong)?;
        return Ok(("\nTried and undone: it can be applied.\n".to_owned(), EXIT_DONE));
    }
    if !args.yes && !agreed("Apply these changes?")? {
        return Ok(("Nothing was changed.\n".to_owned(), EXIT_FAILED));
    }
    access_file::apply(cx, comparison).await.map_err(wrong)?;
    Ok(("\nApplied.\n".to_owned(), EXIT_DONE))
}

fn test(args: &AccessTest) -> Verdict {
    let mut suites = Vec::with_capacity(args.files.len());
    for file in &args.files {
        let read = expectations::read(&file.display().to_string(), &read(file)?);
        suites.push(read.map_err(|problems| misread(file, &problems))?);
    }
    let report = in_project(async |config| {
        let (db, cx) = operator(config).await?;
        let report = expectations::judge(&cx, &suites).await?;
        db.close().await;
        anyhow::Ok(report)
    })??;
    let code = if report.failed == 0 { EXIT_DONE } else { EXIT_FAILED };
    Ok((
        told(args.format, report.text(), serde_json::to_string_pretty(&report))?,
        code,
    ))
}
