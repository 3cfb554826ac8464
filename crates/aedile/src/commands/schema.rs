//! The data model as a file: written, compared and applied. Files are read here, before the database is opened; what they
//! mean is known elsewhere. Nothing is changed before somebody has agreed to what was shown.

use std::{fs, path::Path};

use aedile_engine::{Json, query::Export};
use aedile_platform::{
    Cx,
    document::Document,
    export,
    model::{
        Request, change,
        snapshot::{self, Application, Difference},
    },
};
use anyhow::{Context, anyhow};
use serde_json::json;

use super::{EXIT_DONE, EXIT_FAILED, Failure, access::undecided, agreed, in_project, print, project::operator};
use crate::cli::{FileFormat, Format, Schema, SchemaApply, SchemaDiff, SchemaSnapshot};

/// What a command has come to: text for standard output, and the code to end with.
type Verdict = Result<(String, u8), Failure>;

/// Runs one of them.
pub fn run(command: Schema) -> Result<u8, Failure> {
    let (text, code) = match command {
        Schema::Snapshot(args) => take(&args)?,
        Schema::Diff(args) => diff(&args).map_err(undecided)?,
        Schema::Apply(args) => apply(&args).map_err(undecided)?,
    };
    print(&text)?;
    Ok(code)
}

fn take(args: &SchemaSnapshot) -> Verdict {
    if let Some(file) = args.file.as_deref().filter(|file| !args.yes && file.exists()) {
        let there = format!("{} is there already. Write over it?", file.display());
        if !agreed(&there)? {
            return Ok(("Nothing was written.\n".to_owned(), EXIT_FAILED));
        }
    }
    let snapshot = in_project(async |config| {
        let (db, cx) = operator(config).await?;
        let snapshot = snapshot::snapshot(&cx)?;
        db.close().await;
        anyhow::Ok(snapshot)
    })??;
    let text = match args.format {
        FileFormat::Yaml => export::whole(Export::Yaml, &snapshot),
        FileFormat::Json => serde_json::to_string_pretty(&snapshot).context("the snapshot is no JSON")? + "\n",
    };
    let Some(file) = &args.file else {
        return Ok((text, EXIT_DONE));
    };
    fs::write(file, text).with_context(|| format!("{} can not be written", file.display()))?;
    Ok((format!("Wrote {}.\n", file.display()), EXIT_DONE))
}

fn read(file: &Path) -> Result<Json, Failure> {
    let text = fs::read_to_string(file).with_context(|| format!("{} can not be read", file.display()))?;
    let name = file.display().to_string();
    if text.trim_start().starts_with('{') {
        let read = serde_json::from_str(&text);
        return Ok(read.map_err(|error| anyhow!("{name} is not valid JSON: {error}"))?);
    }
    let read = Document::read(&text);
    let misread = |problems: aedile_platform::document::Problems| {
        anyhow!(
            "the file is not understood, and nothing was done\n{}",
            problems.told(&name)
        )
    };
    Ok(read.map_err(misread)?.root)
}

/// What applying a difference would do.
async fn shown(cx: &Cx, found: &Difference) -> anyhow::Result<(Application, Json)> {
    let body = json!({"hash": found.hash, "diff": found.diff});
    let application = Application::parse(&body, false)?;
    let plan = change::show(cx, Request::Apply(application.clone()))
        .await
        .context("this can not be applied, and nothing was changed")?;
    Ok((application, plan))
}

/// The sentences of a plan, a line for each.
fn lines(plan: &Json) -> String {
    let changes = plan.get("changes").and_then(Json::as_array);
    let told = changes.into_iter().flatten().filter_map(Json::as_str);
    told.map(|line| format!("  {line}\n")).collect()
}

const SAME: &str = "The database is as the file says.\n";

fn diff(args: &SchemaDiff) -> Verdict {
    let wanted = read(&args.file)?;
    let found = in_project(async |config| {
        let (db, cx) = operator(config).await?;
        let found = match snapshot::compare(&cx, &wanted, args.force)? {
            Some(found) => {
                let (_, plan) = shown(&cx, &found).await?;
                Some((found, plan))
            }
            None => None,
        };
        db.close().await;
        anyhow::Ok(found)
    })??;
    let Some((found, plan)) = found else {
        let same = if args.format == Format::Text { SAME } else { "" };
        return Ok((same.to_owned(), EXIT_DONE));
    };
    let text = match args.format {
        Format::Text => format!("To be as the file says:\n{}", lines(&plan)),
        Format::Json => {
            let told = json!({"hash": found.hash, "diff": found.diff});
            serde_json::to_string_pretty(&told).context("the difference is no JSON")? + "\n"
        }
    };
    Ok((text, EXIT_FAILED))
}

fn apply(args: &SchemaApply) -> Verdict {
    let wanted = read(&args.file)?;
    in_project(async |config| {
        let (db, cx) = operator(config).await?;
        let done = carry_out(args, &cx, &wanted).await?;
        db.close().await;
        Ok(done)
    })?
}

async fn carry_out(args: &SchemaApply, cx: &Cx, wanted: &Json) -> Verdict {
    let compared = snapshot::compare(cx, wanted, args.force).map_err(anyhow::Error::new)?;
    let Some(found) = compared else {
        return Ok((SAME.to_owned(), EXIT_DONE));
    };
    let (application, plan) = shown(cx, &found).await?;
    print(&format!("To be as the file says:\n{}", lines(&plan)))?;
    if args.dry_run {
        return Ok(("\nNothing was changed: it was only shown.\n".to_owned(), EXIT_DONE));
    }
    if !args.yes && !agreed("Apply these changes?")? {
        return Ok(("Nothing was changed.\n".to_owned(), EXIT_FAILED));
    }
    let done = change::change(cx, Request::Apply(application)).await;
    done.map_err(|error| anyhow::Error::new(error).context("nothing was changed"))?;
    Ok(("\nApplied.\n".to_owned(), EXIT_DONE))
}
