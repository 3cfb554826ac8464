//! Project templates on disk: a folder is read whole before the database is opened, and written whole after it was asked.
//! What the files mean is known elsewhere.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use aedile_platform::{
    Cx,
    template::{self, Applied, COLLECTIONS, CONTENT, Problems, Refusal, Template},
};
use anyhow::{Context, anyhow, bail, ensure};

use super::{
    Failure, in_project, print,
    project::{now, operator},
};
use crate::cli::{self, TemplateApply, TemplateExtract};

/// Where the files of a template are, below its folder.
const SOURCE: &str = "src";
/// Folder of what files hold, which is listed and not read.
const ASSETS: &str = "assets";
/// Largest file that is read, in bytes: the rows of one collection.
const MOST_BYTES: u64 = 256 << 20;

/// Runs one of them.
pub fn run(command: cli::Template) -> Result<(), Failure> {
    match command {
        cli::Template::Apply(args) => apply(&args),
        cli::Template::Extract(args) => extract(&args),
    }
}

fn apply(args: &TemplateApply) -> Result<(), Failure> {
    let source = source(&args.folder)?;
    let files = read(&source).map_err(Failure::Undecided)?;
    let texts = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let template = Template::read(texts).map_err(|problems| unfit(&source, &problems))?;
    in_project(async |config| {
        let (db, cx) = operator(config).await?;
        let done = match args.dry_run {
            true => template::rehearse(&cx.app, template, now()).await,
            false => template::apply(&cx.app, template, now()).await,
        };
        db.close().await;
        let applied = done.map_err(|refusal| match refusal {
            Refusal::Template(problems) => unfit(&source, &problems),
            Refusal::Failed(error) => Failure::Failed(anyhow!(error).context("nothing was stored")),
        })?;
        print(&told(&applied, args.dry_run))
    })?
}

fn unfit(source: &Path, problems: &Problems) -> Failure {
    let place = source.display();
    Failure::Undecided(anyhow!(
        "the template in {place} can not be applied, and nothing was stored\n{problems}"
    ))
}

fn told(applied: &Applied, dry_run: bool) -> String {
    let mut text = String::new();
    for (what, count) in applied.counts.iter().filter(|(_, count)| *count > 0) {
        // Writing to a text does not fail.
        writeln!(text, "  {count:>6} {what}").ok();
    }
    for note in &applied.notes {
        writeln!(text, "  Note: {note}.").ok();
    }
    text.push_str(match dry_run {
        true => "Tried and undone: it can be applied.\n",
        false => "Applied.\n",
    });
    text
}

/// The folder that holds the files: `src` below the template's, or the template's own.
fn source(folder: &Path) -> Result<PathBuf, Failure> {
    let found = [folder.join(SOURCE), folder.to_owned()]
        .into_iter()
        .find(|path| path.join(COLLECTIONS).is_file());
    found.ok_or_else(|| {
        let (here, name) = (folder.display(), COLLECTIONS);
        Failure::Undecided(anyhow!(
            "{here} is no template: neither {here}/{SOURCE}/{name} nor {here}/{name} is there"
        ))
    })
}

/// The files of a template with their texts; assets with none.
fn read(source: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for folder in ["", CONTENT, ASSETS] {
        let within = source.join(folder);
        let entries = match fs::read_dir(&within) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.with_context(|| format!("{} can not be read", within.display()))?,
        };
        for entry in entries {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            if folder == ASSETS {
                files.push((format!("{ASSETS}/{name}"), String::new()));
            } else if path.is_file() && path.extension().is_some_and(|kind| kind == "json") {
                let size = fs::metadata(&path)?.len();
                ensure!(
                    size <= MOST_BYTES,
                    "{} is larger than {MOST_BYTES} bytes",
                    path.display()
                );
                let text = fs::read_to_string(&path).with_context(|| format!("{} can not be read", path.display()))?;
                files.push((format!("{folder}{name}"), text));
            }
        }
    }
    Ok(files)
}

fn extract(args: &TemplateExtract) -> Result<(), Failure> {
    let source = args.folder.join(SOURCE);
    let is_used = fs::read_dir(&source).is_ok_and(|mut entries| entries.next().is_some());
    if is_used && !args.force {
        let place = source.display();
        return Err(Failure::Undecided(anyhow!(
            "{place} holds files already; --force writes the template over them"
        )));
    }
    let files = in_project(async |config| {
        let (db, cx): (_, Cx) = operator(config).await?;
        let files = template::extract(&cx).await;
        db.close().await;
        anyhow::Ok(files?)
    })??;
    write(&source, &files)?;
    print(&format!("Wrote {} files to {}.\n", files.len(), source.display()))
}

/// Writes the files; those of collections that are gone go.
fn write(source: &Path, files: &[(String, String)]) -> anyhow::Result<()> {
    let content = source.join(CONTENT);
    fs::create_dir_all(&content).with_context(|| format!("{} can not be made", content.display()))?;
    for entry in fs::read_dir(&content)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let kept = files.iter().any(|(file, _)| file.strip_prefix(CONTENT) == Some(name));
        if !kept && path.extension().is_some_and(|kind| kind == "json") {
            fs::remove_file(&path).with_context(|| format!("{} can not be removed", path.display()))?;
        }
    }
    for (file, text) in files {
        // A collection's name becomes a file's: one that would lead elsewhere is none.
        if file.contains("..") || file.contains('\\') || file.matches('/').count() > 1 {
            bail!("the collection of {file} has a name that no file can have");
        }
        let path = source.join(file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("{} can not be made", folder.display()))?;
        }
        fs::write(&path, text).with_context(|| format!("{} can not be written", path.display()))?;
    }
    Ok(())
}
