//! Servers of others that a test starts: by whom, in which folder, and that they end with the test, however that went.
//! Knows nothing of what they serve.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio, id};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};

/// A server that does not answer by then will not.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Between two looks whether it answers.
const POLL: Duration = Duration::from_millis(20);

/// What all folders of servers begin with.
const OURS: &str = "aedile-";

/// Starts the server, again where it was killed, and ends it with its folder as soon as whoever started it has gone, however
/// that went. It may have to be told more than once: one that has only begun has not written down yet which process it is.
/// Databases end at once by the one signal; those who know only the other one have the first switched off by the shell.
const KEEPER: &str = r#"trap '' INT; folder=$1; process=$2; shift 2; touch "$folder/wanted" "$folder/running"
(while [ -e "$folder/wanted" ]; do "$@"; sleep 0.1; done; rm "$folder/running") &
cat >/dev/null; rm -f "$folder/wanted"
while [ -e "$folder/running" ]; do
  server=$(head -n 1 "$folder/$process" 2>/dev/null) && kill -QUIT $server && kill -TERM $server; sleep 0.1
done 2>/dev/null; rm -rf "$folder""#;

/// Who keeps a database server.
pub(crate) enum Kept {
    /// This process: it ends with the value.
    Here(Keeper),
    /// Another process of tests, for many of them.
    Elsewhere,
    /// Somebody else, who wants it back as it was.
    ByOthers,
}

impl Kept {
    /// Whether it was started here, and may be killed.
    pub(crate) fn is_here(&self) -> bool {
        matches!(self, Kept::Here(_))
    }

    /// Whether what is made on it has to be taken away again. Servers of our own go as a whole.
    pub(crate) fn is_by_others(&self) -> bool {
        matches!(self, Kept::ByOthers)
    }

    /// The folder of one that is started here.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Kept::Here(keeper) => Some(&keeper.folder),
            Kept::Elsewhere | Kept::ByOthers => None,
        }
    }

    /// Kills the server, with everything that it had not written down; it is started again at once.
    ///
    /// # Errors
    /// When it is not one of our own, or not running.
    pub(crate) fn crash(&self) -> Result<()> {
        match self {
            Kept::Here(keeper) => keeper.crash(),
            Kept::Elsewhere | Kept::ByOthers => bail!("a server that was not started here is not ours to kill"),
        }
    }
}

/// A server that ends with its value.
pub(crate) struct Keeper {
    shell: Child,
    folder: PathBuf,
    /// The file that says which process the server is.
    process: PathBuf,
}

impl Keeper {
    /// Starts a server that [`Owner::kept`] has named; what it says goes into its folder's `log`.
    pub(crate) fn start(mut server: Command, process: PathBuf) -> Result<Keeper> {
        let folder = server.get_current_dir().unwrap_or(Path::new(".")).to_owned();
        let log = fs::File::create(folder.join("log"))?;
        server.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
        let shell = server.spawn().context("starting a server")?;
        Ok(Keeper { shell, folder, process })
    }

    fn crash(&self) -> Result<()> {
        let file = fs::read_to_string(&self.process).context("no server is running")?;
        let process = file.lines().next().unwrap_or_default();
        let killed = Command::new("kill").args(["-KILL", process]).status()?;
        ensure!(killed.success(), "the server's process {process} cannot be killed");
        Ok(())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // What it waits for is the end of this pipe.
        drop(self.shell.stdin.take());
        self.shell.wait().ok();
    }
}

/// Who runs a server: they refuse root.
pub(crate) struct Owner {
    ids: Option<(u32, u32)>,
}

impl Owner {
    /// Whoever runs this process; where that is root, the first of these users that there is.
    pub(crate) fn of_process(users: &[&str]) -> Result<Owner> {
        if !is_root() {
            return Ok(Owner { ids: None });
        }
        let known = fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
        let of = |name: &str| {
            let line = known.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut parts = line.split(':').skip(2);
            Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
        };
        let ids = users.iter().find_map(|name| of(name));
        ensure!(
            ids.is_some(),
            "servers of tests do not run as root, and there is no user {}",
            users.join(" or ")
        );
        Ok(Owner { ids })
    }

    /// A new folder for what is called so, among the temporary ones. Those of runs that were cut off go first.
    pub(crate) fn folder(&self, what: &str) -> Result<PathBuf> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        if number == 0 {
            sweep(&env::temp_dir());
        }
        self.folder_at(env::temp_dir().join(format!("{OURS}{what}-{}-{number}", id())))
    }

    /// A folder at this place, for nobody else.
    pub(crate) fn folder_at(&self, folder: PathBuf) -> Result<PathBuf> {
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        if let Some((user, group)) = self.ids {
            chown(&folder, Some(user), Some(group))?;
        }
        Ok(folder)
    }

    /// A program, run by this user in a folder.
    pub(crate) fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env("LC_ALL", "C.UTF-8");
        if let Some((user, group)) = self.ids {
            command.uid(user).gid(group);
        }
        command
    }

    /// A server, which ends with whoever starts it; its arguments may follow. It writes which process it is into the file
    /// `process` of the folder.
    pub(crate) fn kept(&self, server: &Path, folder: &Path, process: &str) -> Command {
        let mut keeper = self.command(Path::new("/bin/sh"), folder);
        keeper
            .args(["-c", KEEPER, "keeper"])
            .arg(folder)
            .arg(process)
            .arg(server);
        // Whoever ends a run with all of its processes shall not end what clears up after it.
        keeper.process_group(0);
        keeper
    }
}

/// Removes the folders of processes that have gone without clearing up, unless somebody works in them still.
fn sweep(place: &Path) {
    let Ok(found) = fs::read_dir(place) else { return };
    let left: Vec<PathBuf> = found
        .flatten()
        .filter(|entry| {
            entry
                .file_name()
                .to_str()
                .and_then(maker)
                .is_some_and(|maker| !lives(maker))
        })
        .map(|entry| entry.path())
        .collect();
    if left.is_empty() {
        return;
    }
    let used: Vec<PathBuf> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|process| fs::read_link(process.path().join("cwd")).ok())
        .collect();
    for folder in left
        .iter()
        .filter(|folder| !used.iter().any(|used| used.starts_with(folder)))
    {
        fs::remove_dir_all(folder).ok();
    }
}

/// The process that has made a folder of ours.
fn maker(name: &str) -> Option<u32> {
    let mut parts = name.strip_prefix(OURS)?.split('-').skip(1);
    let (maker, number) = (parts.next()?.parse().ok()?, parts.next()?);
    (parts.next().is_none() && number.parse::<usize>().is_ok()).then_some(maker)
}

fn lives(process: u32) -> bool {
    Path::new("/proc").join(process.to_string()).exists()
}

/// Waits until a server answers what it is asked.
///
/// # Errors
/// What it has said last, where it does not.
pub(crate) fn answers(server: &str, ask: impl Fn() -> Result<()>) -> Result<()> {
    let end = Instant::now() + START_TIMEOUT;
    loop {
        match ask() {
            Ok(()) => return Ok(()),
            Err(error) if Instant::now() > end => return Err(error.context(format!("{server} does not answer"))),
            Err(_) => sleep(POLL),
        }
    }
}

/// What the environment says, where it says something.
pub(crate) fn said(name: &str) -> Option<String> {
    env::var(name).ok().filter(|text| !text.is_empty())
}

/// A port of this machine that is free.
pub(crate) fn free_port() -> Result<u16> {
    // In two steps, so that it is free again.
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A name for a database that no test has.
pub(crate) fn new_name() -> String {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    format!("aedile_test_{}_{}", id(), MADE.fetch_add(1, Ordering::Relaxed))
}

/// Installs a package, where that is possible: as root on Debian and Ubuntu.
pub(crate) fn install(package: &str) -> bool {
    let apt = |words: &[&str]| {
        Command::new("apt-get")
            .args(words)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .output()
            .is_ok_and(|output| output.status.success())
    };
    is_root()
        && Path::new("/etc/debian_version").exists()
        && apt(&["update"])
        && apt(&["install", "-y", "--no-install-recommends", package])
}

/// Where a program is, installed by its package where it is missing and that is possible.
pub(crate) fn program(name: &str, package: &str) -> Option<PathBuf> {
    installed(name).or_else(|| install(package).then(|| installed(name)).flatten())
}

/// Where a program is.
pub(crate) fn installed(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&path).collect();
    // Where servers are, but not always on the way of those who are not root.
    folders.extend(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from));
    folders
        .iter()
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|facts| facts.uid() == 0)
}

/// What a program said last of its failure.
pub(crate) fn last_line(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    text.lines()
        .rfind(|line| !line.is_empty())
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests;
