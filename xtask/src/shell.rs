//! Running other programs: where, how they are shown, and what their output was. It must never hide what a program
//! printed: output that is read here is printed as well.

use std::{
    ffi::OsStr,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    thread,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// What the checks build: everything, with what is built into the binary only where it is asked for. The same words
/// wherever something is built for them, or it would be compiled anew for others.
pub const ALL: [&str; 5] = ["--workspace", "--features", "saml", "--bins", "--tests"];

/// The workspace's folder.
pub fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// A program run from the workspace's folder.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// The cargo that runs this task.
pub fn cargo() -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A command as one would type it.
pub fn shown(command: &Command) -> String {
    let mut words = vec![
        Path::new(command.get_program())
            .file_name()
            .unwrap_or(command.get_program())
            .to_string_lossy(),
    ];
    words.extend(command.get_args().map(OsStr::to_string_lossy));
    words.join(" ")
}

/// Installs packages of the system where this is an administrator's Debian; says whether that worked.
pub fn install_packages(names: &[&str]) -> bool {
    let mut install = Command::new("apt-get");
    install
        .args(["install", "--yes", "--no-install-recommends"])
        .args(names);
    install.status().is_ok_and(|status| status.success())
}

/// Runs a command to its end, with its output where it belongs.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("`{}` cannot be started", shown(command)))?;
    succeeded(command, status)
}

/// What a command printed to both outputs, and how it ended; printed on as it comes.
///
/// # Errors
/// When it cannot be started.
pub fn tee(command: &mut Command) -> Result<(String, ExitStatus)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{}` cannot be started", shown(command)))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let errors = thread::spawn(move || err.map(|err| pass_on(err, io::stderr())));
    let mut text = out.map(|out| pass_on(out, io::stdout())).unwrap_or_default();
    if let Ok(Some(more)) = errors.join() {
        text.push_str(&more);
    }
    Ok((text, child.wait()?))
}

fn pass_on(from: impl Read, mut to: impl Write) -> String {
    let (mut from, mut text, mut line) = (BufReader::new(from), String::new(), Vec::new());
    while from.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        // A reader of our own output that went away is no reason to stop.
        to.write_all(&line).ok();
        text.push_str(&String::from_utf8_lossy(&line));
        line.clear();
    }
    text
}

/// What a command printed to its standard output.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("`{}` cannot be started", shown(command)))?;
    succeeded(command, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Builds with cargo and answers where the executable `name` is.
///
/// # Errors
/// When the build fails, or makes no such executable.
pub fn build(args: &[&str], name: &str) -> Result<PathBuf> {
    let mut command = cargo();
    command
        .arg("build")
        .args(args)
        .arg("--message-format=json-render-diagnostics");
    let messages = output(&mut command)?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message.pointer("/target/name").and_then(Value::as_str) == Some(name))
        .filter(|message| message.pointer("/profile/test") != Some(&Value::Bool(true)))
        .find_map(|message| Some(PathBuf::from(message.get("executable")?.as_str()?)))
        .with_context(|| format!("the build made no `{name}`"))
}
