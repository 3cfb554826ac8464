//! What is left behind by runs that were cut off, and what is not theirs; servers are played by the shell.

use std::process::exit;

use tempfile::TempDir;

use super::*;

/// No process has such a number.
const NOBODY: u32 = 999_999_999;

#[test]
fn what_runs_that_are_gone_have_left_is_swept() {
    let place = TempDir::new().unwrap();
    let folder = |name: String| {
        fs::create_dir_all(place.path().join(&name).join("data")).unwrap();
        name
    };
    let gone = folder(format!("aedile-mariadb-{NOBODY}-0"));
    let kept = [
        folder(format!("aedile-mariadb-{}-0", id())),
        folder(format!("aedile-mariadb-{NOBODY}-0-of-somebody")),
        folder(format!("aedile-studio-{NOBODY}")),
        folder(format!("mariadb-{NOBODY}-0")),
    ];
    let used = folder(format!("aedile-postgres-{NOBODY}-1"));
    let mut server = Command::new("sleep");
    let mut server = server
        .arg("60")
        .current_dir(place.path().join(&used).join("data"))
        .spawn()
        .unwrap();
    sweep(place.path());
    let is_there = |name: &String| place.path().join(name).exists();
    assert!(!is_there(&gone));
    assert!(is_there(&used), "its server is there still");
    assert!(kept.iter().all(is_there));
    server.kill().unwrap();
    server.wait().unwrap();
    sweep(place.path());
    assert!(!is_there(&used));
}

/// A server that says which process it is after a while, and knows one signal.
const SERVER: &str = "sleep 0.3; echo $$ > process; trap 'exit' TERM; while :; do sleep 0.05; done";

fn kept(owner: &Owner) -> (Keeper, PathBuf) {
    let folder = owner.folder("played").unwrap();
    let mut server = owner.kept(Path::new("/bin/sh"), &folder, "process");
    server.args(["-c", SERVER]);
    (Keeper::start(server, folder.join("process")).unwrap(), folder)
}

#[test]
fn a_server_that_has_only_begun_ends_with_its_folder() {
    let owner = Owner::of_process(&["nobody"]).unwrap();
    let (keeper, folder) = kept(&owner);
    drop(keeper);
    assert!(!folder.exists());
}

/// The name by which this test knows itself as the one that is killed.
const KILLED: &str = "AEDILE_TEST_KILLED";

#[test]
fn what_is_killed_with_all_its_processes_leaves_nothing() {
    if env::var_os(KILLED).is_some() {
        let (_keeper, folder) = kept(&Owner::of_process(&["nobody"]).unwrap());
        answers("the server", || Ok(fs::read(folder.join("process")).map(drop)?)).unwrap();
        Command::new("kill").args(["-KILL", "0"]).status().ok();
        exit(1);
    }
    let mut run = Command::new(env::current_exe().unwrap());
    run.args([
        "--exact",
        "keeper::tests::what_is_killed_with_all_its_processes_leaves_nothing",
    ]);
    let mut run = run
        .env(KILLED, "1")
        .process_group(0)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let run_id = run.id();
    assert_eq!(run.wait().unwrap().code(), None, "it was killed");
    let folder = env::temp_dir().join(format!("aedile-played-{run_id}-0"));
    answers("the keeper", || {
        ensure!(!folder.exists(), "{} is there still", folder.display());
        Ok(())
    })
    .unwrap();
}
