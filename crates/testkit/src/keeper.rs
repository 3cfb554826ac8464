//! Servers of others that a test starts: by whom, in which folder, and that they end with the test, however that went.
//! Knows nothing of what they serve.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context, Result, ensure};

/// Starts the server, again where it was killed, and ends it with its folder as soon as whoever started it has gone, however
/// that went.
/// Databases end at once by the one signal; those who know only the other one have the first switched off by the shell.
const KEEPER: &str = r#"trap '' INT; folder=$1; process=$2; shift 2; touch "$folder/wanted"
(while [ -e "$folder/wanted" ]; do "$@"; sleep 0.1; done) & loop=$!
cat >/dev/null; rm -f "$folder/wanted"; server=$(head -n 1 "$folder/$process")
kill -QUIT $server; kill -TERM $server 2>/dev/null; wait $loop; rm -rf "$folder""#;

/// A server that ends with its value.
pub(crate) struct Keeper {
    shell: Child,
    /// The file that says which process the server is.
    process: PathBuf,
}

impl Keeper {
    /// Starts a server that [`Owner::kept`] has named; what it says goes into its folder's `log`.
    pub(crate) fn start(mut server: Command, process: PathBuf) -> Result<Keeper> {
        let folder = server.get_current_dir().unwrap_or(Path::new("."));
        let log = fs::File::create(folder.join("log"))?;
        server.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
        let shell = server.spawn().context("starting a server")?;
        Ok(Keeper { shell, process })
    }

    /// Kills the server, with everything that it had not written down; it is started again at once.
    pub(crate) fn crash(&self) -> Result<()> {
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

    /// A folder of this name among the temporary ones, for nobody else.
    pub(crate) fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = std::env::temp_dir().join(name);
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
        keeper
    }
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
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
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
