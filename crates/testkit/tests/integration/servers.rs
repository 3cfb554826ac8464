//! What holds of the real binary on every database server: it is asked there what it is asked on SQLite.

use std::{collections::BTreeMap, env, fs, process::Output};

use aedile_testkit::{
    command,
    fixture::{self, ADMIN, PUBLIC, Project},
};

/// Runs the binary to its end, in an empty folder of its own.
fn run(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let name = format!("aedile-server-{}-{:?}", std::process::id(), std::thread::current().id());
    let folder = env::temp_dir().join(name);
    fs::create_dir_all(&folder).unwrap();
    let mut command = command(fixture::binary(), &folder, &BTreeMap::new());
    let output = command.args(arguments).envs(settings.iter().copied()).output().unwrap();
    let left = fs::read_dir(&folder).unwrap().count();
    fs::remove_dir_all(&folder).ok();
    assert_eq!(left, 0, "nothing is written beside the database");
    output
}

/// What is asked of the demo, on every database.
const QUESTIONS: [&str; 8] = [
    "/items/posts?fields=id,title,author.name,category.name,tags.tags_id.name&sort=title&limit=-1",
    "/items/posts?fields=title&search=the&sort=-published_at,title",
    "/items/posts?fields=title,year(published_at),count(comments)&filter[published_at][_gte]=2025-01-01&sort=title",
    "/items/posts?fields=title,comments.body&filter[tags][tags_id][name][_icontains]=a&deep[comments][_limit]=2&sort=title",
    "/items/posts?aggregate[count]=*&groupBy=status",
    "/items/categories?fields=name,posts.title&sort=name",
    "/items/page_analytics?aggregate[sum]=views&aggregate[count]=*",
    "/items/pages?fields=*&sort=id",
];

/// The demo project on the database of these settings, and on SQLite.
pub fn the_demo_answers_as_on_sqlite(settings: &[(&str, &str)]) {
    let loaded = run(&["demo"], settings);
    assert!(loaded.status.success(), "{}", String::from_utf8_lossy(&loaded.stderr));
    let here = Project::with(settings);
    let there = Project::prepared(&[], &|folder| {
        let output = command(fixture::binary(), folder, &BTreeMap::new())
            .arg("demo")
            .output()?;
        assert!(output.status.success());
        Ok(())
    });
    let mut told = 0;
    for token in [ADMIN, PUBLIC] {
        for question in QUESTIONS {
            let (one, other) = (here.get(token, question), there.get(token, question));
            assert_eq!((one.status, one.at("")), (other.status, other.at("")), "{question}");
            told += one.at("").as_array().map_or(0, Vec::len);
        }
    }
    assert!(told > 100, "{told} rows");
}

/// A start with these settings fails with this word, and tells no password.
pub fn refused(settings: &[(&str, &str)], word: &str) {
    let output = run(&["start"], settings);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains(word), "{told}");
    assert!(!told.contains("the-password"), "{told}");
}
