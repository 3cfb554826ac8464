//! The Studio: built from its sources when they are newer than what was built, and tested in a browser against the real
//! binary. It must never be served older than its sources by a task that builds the binary.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::SystemTime,
};

use anyhow::{Context, Result, bail};

use crate::{
    node, shell,
    tally::{self, Tally},
};

pub const HELP: &str = "\
cargo xtask studio [screenshots FOLDER]

Builds the Studio into studio/dist, from where the binary takes it; nothing happens where that is up to date.
`screenshots` writes a picture of every page, light and dark, as on a desk and on a phone, into FOLDER.";

/// What the Studio is built of, below its folder.
const SOURCES: [&str; 7] = [
    "src",
    "build",
    "public",
    "index.html",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
];

/// Browsers by the names that systems have for them.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Builds, or takes pictures.
///
/// # Errors
/// Without Node; what its tools say.
pub fn run(args: &[String]) -> Result<ExitCode> {
    node::provide()?;
    build()?;
    match args {
        [] => {}
        [task, folder] if task == "screenshots" => {
            let binary = shell::build(&["--package", "aedile"], "aedile")?;
            let folder = std::path::absolute(folder)?;
            shell::run(
                tool("vitest", &binary)?
                    .args(["run", "--config", "e2e/screenshots.config.ts"])
                    .env("SCREENSHOTS", folder),
            )?;
        }
        _ => bail!("`studio` takes nothing, or `screenshots FOLDER`\n\n{HELP}"),
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the Studio if its sources are newer than what is there.
///
/// # Errors
/// When its packages cannot be had, or the build fails.
pub fn build() -> Result<()> {
    let folder = folder();
    let built = fs::metadata(folder.join("dist/index.html")).and_then(|found| found.modified());
    let newest = SOURCES.iter().filter_map(|name| newest(&folder.join(name))).max();
    if built.is_ok_and(|built| newest.is_none_or(|newest| newest <= built)) {
        return Ok(());
    }
    node::install(&folder)?;
    shell::run(npm(&folder).args(["run", "--silent", "build"])).context("the Studio cannot be built")
}

/// Types, units, and journeys through a browser.
///
/// # Errors
/// Without Node or a browser; when a tool breaks off.
pub fn test() -> Result<Tally> {
    node::provide()?;
    build()?;
    let folder = folder();
    node::install(&folder)?;
    shell::run(npm(&folder).args(["run", "--silent", "check"])).context("types do not fit")?;
    let mut tally = Tally::ONE;
    // The binary carries what was just built.
    let binary = shell::build(&shell::ALL, "aedile")?;
    for config in ["vite.config.ts", "e2e/vitest.config.ts"] {
        let (text, _) = shell::tee(tool("vitest", &binary)?.args(["run", "--config", config]))?;
        tally += tally::of_vitest(&text)?;
    }
    Ok(tally)
}

/// Measures the Studio in a browser.
///
/// # Errors
/// Without Node or a browser; budgets that are not kept.
pub fn bench(args: &[String]) -> Result<ExitCode> {
    if !args.is_empty() {
        bail!("`bench studio` takes nothing more");
    }
    node::provide()?;
    build()?;
    node::install(&folder())?;
    // An optimised build takes minutes: it is brought up to date where there is one, not made for this.
    let optimised = shell::target().join("release/aedile").is_file();
    let profile: &[&str] = if optimised { &["--release"] } else { &[] };
    let binary = shell::build(&[profile, &["--package", "aedile"]].concat(), "aedile")?;
    shell::run(
        tool("vitest", &binary)?
            .args(["run", "--config", "e2e/bench.config.ts"])
            .env("BINARY", if optimised { "optimised" } else { "unoptimised" }),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// A tool of the Studio's own, told where the binary and a browser are.
fn tool(name: &str, binary: &Path) -> Result<Command> {
    let mut command = npm(&folder());
    command
        .args(["exec", "--no", "--", name])
        .env("AEDILE_BIN", binary)
        .env("CHROMIUM", browser()?)
        .env("NO_COLOR", "1");
    Ok(command)
}

fn npm(folder: &Path) -> Command {
    let mut command = shell::program("npm");
    command.current_dir(folder);
    command
}

fn folder() -> PathBuf {
    shell::root().join("studio")
}

/// Where a browser is; where this is an administrator's Debian, it is installed.
fn browser() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Ok(named.into());
    }
    if let Some(found) = find_browser() {
        return Ok(found);
    }
    println!("Chromium is missing; installing the system's package");
    shell::install_packages(&["chromium"]);
    find_browser().context("Chromium is needed to test the Studio; install it, or say in CHROMIUM where it is")
}

fn find_browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| BROWSERS.map(|name| folder.join(name)))
        .find(|file| file.is_file())
}

/// When a file, or anything in a folder, was changed last.
fn newest(path: &Path) -> Option<SystemTime> {
    let found = fs::metadata(path).ok()?;
    if !found.is_dir() {
        return found.modified().ok();
    }
    let inside = fs::read_dir(path).ok()?.flatten();
    inside.filter_map(|entry| newest(&entry.path())).max()
}
