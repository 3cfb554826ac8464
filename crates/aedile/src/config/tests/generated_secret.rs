//! The secret that is made when nobody set one.

use super::*;

fn ensured(folder: &Folder, pairs: &[(&str, &str)]) -> (Config, Result<Option<String>, Problem>) {
    let mut config = load(folder, pairs).unwrap();
    let outcome = secret::ensure(&mut config);
    (config, outcome)
}

#[test]
fn is_made_once_and_kept_for_its_owner() {
    let folder = Folder::new();
    let database = folder.path().join("sub/data.db");
    let pairs = [("DB_FILENAME", database.to_str().unwrap())];
    let (first, warning) = ensured(&folder, &pairs);
    let (second, _) = ensured(&folder, &pairs);
    let secret = first.settings.tokens.secret;
    assert_eq!(secret.expose().len(), 64);
    assert_eq!(secret, second.settings.tokens.secret);
    let warning = warning.unwrap().unwrap();
    assert!(
        warning.contains("data.db.secret") && !warning.contains(secret.expose()),
        "{warning}"
    );
    let kept: Vec<_> = fs::read_dir(folder.path().join("sub"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(kept, ["data.db.secret"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(folder.path().join("sub/data.db.secret"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn is_the_same_for_all_who_start_at_once() {
    let folder = Folder::new();
    let database = folder.path().join("data.db");
    let pairs = [("DB_FILENAME", database.to_str().unwrap())];
    let found: Vec<_> = std::thread::scope(|scope| {
        let start = || ensured(&folder, &pairs).0.settings.tokens.secret;
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(
        found
            .iter()
            .all(|secret| Some(secret) == found.first() && !secret.is_empty())
    );
}

#[test]
fn is_refused_when_incomplete() {
    let folder = Folder::new();
    folder.write("data.db.secret", "abc\n");
    let database = folder.path().join("data.db");
    let refused = ensured(&folder, &[("DB_FILENAME", database.to_str().unwrap())])
        .1
        .unwrap_err();
    assert!(refused.0.contains("incomplete"), "{refused}");
}

#[test]
fn is_not_made_when_one_is_set_or_nothing_could_keep_it() {
    let folder = Folder::new();
    let database = folder.path().join("data.db");
    let given = [
        ("DB_FILENAME", database.to_str().unwrap()),
        ("SECRET", "given by hand, long enough to sign"),
    ];
    let (config, warning) = ensured(&folder, &given);
    assert_eq!(
        (config.settings.tokens.secret.expose(), warning),
        ("given by hand, long enough to sign", Ok(None))
    );
    assert!(!folder.path().join("data.db.secret").exists());
    assert!(ensured(&folder, &[("DB_CLIENT", "pg")]).1.is_err());
    let memory = [("DB_FILENAME", ":memory:")];
    let (one, two) = (ensured(&folder, &memory).0, ensured(&folder, &memory).0);
    assert_ne!(one.settings.tokens.secret, two.settings.tokens.secret);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
