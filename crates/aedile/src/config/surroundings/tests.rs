//! What is found of a configuration around it: secrets in files that git would keep, and no others.

use std::ffi::OsString;

use tempfile::TempDir;

use super::*;

const VALUE: &str = "a-value-that-nobody-guesses-0123456789";

/// A folder of its own, gone with it.
struct Folder(TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(TempDir::new().unwrap());
        for (name, text) in files {
            let path = folder.0.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn environment(&self, given: &[(&str, &str)]) -> Environment {
        let given = given
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)));
        environment(&Config::from_sources(given, self.0.path()).unwrap(), self.0.path())
    }

    fn found(&self) -> Vec<String> {
        let environment = self.environment(&[("SECRET", VALUE)]);
        environment.secrets.into_iter().next().unwrap().found_in
    }
}

#[test]
fn a_secret_is_found_in_files_that_git_keeps() {
    let compose = format!("environment:\n  SECRET: {VALUE}\n");
    let kept = [
        (".git/HEAD", VALUE),
        ("compose.yaml", compose.as_str()),
        ("deploy/one/run.sh", VALUE),
        ("ignored/run.sh", VALUE),
        ("logs/a.log", VALUE),
        ("logs/kept.log", VALUE),
        ("deploy/local.env", VALUE),
        ("sub/local.env", "nothing"),
        (".gitignore", "# of ours\nignored/\n*.log\n!kept.log\n/deploy/*.env\n"),
    ];
    assert_eq!(
        Folder::with(&kept).found(),
        ["compose.yaml", "deploy/one/run.sh", "logs/kept.log"]
    );
    let without: Vec<_> = kept
        .iter()
        .filter(|(name, _)| !name.starts_with(".git/"))
        .copied()
        .collect();
    assert_eq!(Folder::with(&without).found(), [""; 0], "there is no repository");
}

#[test]
fn the_patterns_of_folders_above_count() {
    let files = [
        (".git/HEAD", ""),
        (".gitignore", "**/private\nserver/.env\n"),
        (".git/info/exclude", "notes.txt\n"),
        ("server/.env", VALUE),
        ("server/notes.txt", VALUE),
        ("server/a/private/key", VALUE),
        ("server/kept", VALUE),
    ];
    let folder = Folder::with(&files);
    let given = [(OsString::from("SECRET"), OsString::from(VALUE))];
    let config = Config::from_sources(given, &folder.0.path().join("nowhere")).unwrap();
    let environment = environment(&config, &folder.0.path().join("server"));
    assert_eq!(environment.secrets[0].found_in, ["kept"]);
}

#[test]
fn what_is_small_large_or_deep_is_passed_over() {
    let large = VALUE.repeat(usize::try_from(LARGEST).unwrap() / VALUE.len() + 1);
    let deep = format!("{}x", "d/".repeat(DEEPEST + 1));
    let folder = Folder::with(&[(".git/HEAD", ""), ("large", &large), (&deep, VALUE), ("short", "abc")]);
    assert_eq!(folder.found(), [""; 0]);
    let environment = folder.environment(&[("SECRET", "abc")]);
    assert_eq!(environment.secrets[0].found_in, [""; 0]);
}

#[test]
fn secrets_are_judged_and_never_kept() {
    let folder = Folder::with(&[]);
    let given = [
        ("SECRET", "replace-with-secure-random-value"),
        ("ADMIN_PASSWORD", "aaaaaaaaaaaaaaaaaaaaaaaa"),
        ("DB_PASSWORD", VALUE),
    ];
    let environment = folder.environment(&given);
    let told: Vec<_> = environment
        .secrets
        .iter()
        .map(|secret| (secret.name.as_str(), secret.bytes, secret.is_known))
        .collect();
    assert!(told.contains(&("SECRET", 32, true)), "{told:?}");
    assert!(told.contains(&("ADMIN_PASSWORD", 24, true)), "{told:?}");
    assert!(told.contains(&("DB_PASSWORD", VALUE.len(), false)), "{told:?}");
    let shown = format!("{environment:?}");
    assert!(given.iter().all(|(_, value)| !shown.contains(value)), "{shown}");
}

#[test]
fn variables_that_are_watched_are_handed_on() {
    let folder = Folder::with(&[(
        ".env",
        "FILES_MAX_UPLOAD_SIZE=5mb\nCONTENT_SECURITY_POLICY_DIRECTIVES__IMG_SRC=*\nOTHER=1\n",
    )]);
    let environment = folder.environment(&[("WEBSOCKETS_REST_AUTH", "public")]);
    let names: Vec<_> = environment
        .variables
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            ("CONTENT_SECURITY_POLICY_DIRECTIVES__IMG_SRC", "*"),
            ("FILES_MAX_UPLOAD_SIZE", "5mb"),
            ("WEBSOCKETS_REST_AUTH", "public"),
        ]
    );
}

#[test]
fn the_way_to_the_database_is_known() {
    let folder = Folder::with(&[]);
    let link = |given: &[(&str, &str)]| folder.environment(given).database;
    assert_eq!(link(&[]), None);
    let told = |given: &[(&str, &str)]| {
        let link = link(given).unwrap();
        (link.is_local, link.is_encrypted, link.is_verified)
    };
    let pg = ("DB_CLIENT", "pg");
    assert_eq!(told(&[pg, ("DB_HOST", "localhost")]), (true, false, true));
    assert_eq!(told(&[pg, ("DB_HOST", "/run/postgresql")]), (true, false, true));
    assert_eq!(told(&[pg, ("DB_HOST", "db.example.com")]), (false, false, true));
    assert_eq!(told(&[pg, ("DB_HOST", "db"), ("DB_SSL", "true")]), (false, true, true));
    assert_eq!(
        told(&[pg, ("DB_HOST", "db"), ("DB_SSL__REJECT_UNAUTHORIZED", "false")]),
        (false, true, false)
    );
    let at = |text| told(&[pg, ("DB_CONNECTION_STRING", text)]);
    assert_eq!(at("postgres://u:p@ss@[::1]:5432/d"), (true, false, true));
    assert_eq!(at("postgres://u:p@db.example.com/d"), (false, false, true));
    assert_eq!(at("host=/run/postgresql user=u dbname=d"), (true, false, true));
    assert_eq!(at("user=u host=db.example.com"), (false, false, true));
    assert_eq!(
        at("postgres://u:p@db.example.com/d?sslmode=require"),
        (false, true, true)
    );
}
