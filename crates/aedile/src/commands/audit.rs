//! The audit on the command line: the report, the verdict for pipelines, and mending what somebody agreed to. Nothing is
//! changed before it was shown.

use std::{fs, path::Path};

use aedile_platform::{
    Cx,
    audit::{self, Baseline, Environment, Finding, Fixed, Repair, Report, Severity},
};
use anyhow::{Context, anyhow};

use super::{EXIT_DONE, EXIT_FAILED, Failure, access::undecided, agreed, in_project, print, project::operator};
use crate::{
    cli::{Audit, ReportFormat, Threshold},
    config::{Config, surroundings},
};

/// Audits, and mends what it is told to; answers the code the process ends with.
pub fn run(args: &Audit) -> Result<u8, Failure> {
    if args.checks {
        print(&audit::markdown())?;
        return Ok(EXIT_DONE);
    }
    let baseline = baseline(args.baseline.as_deref())?;
    known(args.fix.as_deref().unwrap_or_default())?;
    in_project(async |config| examine(args, config, &baseline).await)?
}

fn baseline(file: Option<&Path>) -> Result<Baseline, Failure> {
    let Some(file) = file else {
        return Ok(Baseline::default());
    };
    let text = fs::read_to_string(file).with_context(|| format!("{} can not be read", file.display()));
    Baseline::read(&text.map_err(Failure::Undecided)?).map_err(|problems| {
        let told = problems.told(&file.display().to_string());
        Failure::Undecided(anyhow!("the baseline is not understood, and nothing was done\n{told}"))
    })
}

/// Refuses names that no check has: a slip would mend nothing, and seem to.
fn known(names: &[String]) -> Result<(), Failure> {
    let unknown = names
        .iter()
        .find(|name| !audit::checks().any(|check| check.id == name.as_str()));
    match unknown {
        Some(name) => Err(Failure::Undecided(anyhow!(
            "there is no check \"{name}\"; `aedile audit --checks` lists them"
        ))),
        None => Ok(()),
    }
}

async fn examine(args: &Audit, config: Config, baseline: &Baseline) -> Result<u8, Failure> {
    let environment = surroundings::environment(&config, Path::new("."));
    let (db, cx) = operator(config).await.map_err(Failure::Undecided)?;
    let code = judge(args, &cx, &environment, baseline).await;
    db.close().await;
    code.map_err(undecided)
}

async fn judge(args: &Audit, cx: &Cx, environment: &Environment, baseline: &Baseline) -> Result<u8, Failure> {
    let report = audited(cx, environment, baseline).await?;
    print(&match args.format {
        ReportFormat::Text => report.text(),
        ReportFormat::Json => serde_json::to_string_pretty(&report).map_err(anyhow::Error::from)? + "\n",
        ReportFormat::Sarif => format!("{:#}\n", report.sarif()),
    })?;
    match &args.fix {
        Some(chosen) => mend(args, cx, environment, baseline, &report, chosen).await,
        None => Ok(verdict(fails(&report, args.fail_on))),
    }
}

async fn audited(cx: &Cx, environment: &Environment, baseline: &Baseline) -> anyhow::Result<Report> {
    let survey = async { Ok(environment.clone()) };
    Ok(audit::run(cx, survey, baseline).await?)
}

fn verdict(failed: bool) -> u8 {
    if failed { EXIT_FAILED } else { EXIT_DONE }
}

/// Whether a report makes a pipeline fail.
fn fails(report: &Report, threshold: Threshold) -> bool {
    report.reaches(match threshold {
        Threshold::Low => Severity::Low,
        Threshold::Medium => Severity::Medium,
        Threshold::High => Severity::High,
        Threshold::Critical => Severity::Critical,
        Threshold::Never => return false,
    })
}

/// Shows what would be done, asks, does it, and says what is left.
async fn mend(
    args: &Audit,
    cx: &Cx,
    environment: &Environment,
    baseline: &Baseline,
    report: &Report,
    chosen: &[String],
) -> Result<u8, Failure> {
    let is_chosen = |finding: &&Finding| chosen.is_empty() || chosen.iter().any(|name| name == finding.check);
    let findings: Vec<&Finding> = report.open().filter(is_chosen).collect();
    let repair = Repair::of(report, findings.iter().copied());
    let mut text = String::new();
    listed(&mut text, "Would be changed", repair.steps());
    listed(&mut text, "Left to you", repair.left().iter().cloned());
    if repair.steps().next().is_none() {
        print(&(text + "\nNothing to change.\n"))?;
        return Ok(verdict(!findings.is_empty()));
    }
    print(&text)?;
    if !args.yes && !agreed("Change this?")? {
        print("Nothing was changed.\n")?;
        return Ok(EXIT_FAILED);
    }
    let fixed = audit::fix(cx, &repair)
        .await
        .map_err(|error| anyhow::Error::new(error).context("nothing was changed"))?;
    let again = Cx {
        snapshot: cx.app.snapshot(),
        ..cx.clone()
    };
    let after = audited(&again, environment, baseline).await?;
    let left = after.open().filter(is_chosen).count();
    print(&done(&fixed, left))?;
    Ok(verdict(left > 0))
}

fn done(fixed: &Fixed, left: usize) -> String {
    let mut text = String::new();
    listed(&mut text, "Done", fixed.done.iter().cloned());
    listed(&mut text, "Not done", fixed.left.iter().cloned());
    text + &format!("\n{left} of these findings are left.\n")
}

fn listed(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_none() {
        return;
    }
    text.push_str(&format!("\n{title}\n"));
    for line in lines {
        text.push_str(&format!("  {line}\n"));
    }
}

#[cfg(test)]
mod tests;
