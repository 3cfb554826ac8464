//! Requests at the same moment, on the databases that run them so: what one of them loses is told as what it is.

use std::{collections::BTreeMap, sync::Barrier, thread};

use aedile_testkit::{
    backend::{Backend, Own},
    fixture::{ADMIN, Project},
};
use serde_json::{Value, json};

/// Requests at once.
const AT_ONCE: usize = 6;
/// How often they meet.
const ROUNDS: usize = 12;

fn on_servers(test: impl Fn(&Project, &Own<'_>)) {
    for name in ["pg", "mysql", "mysql8"] {
        let backend = Backend::start(name).unwrap().unwrap();
        let own = backend.database().unwrap();
        let settings = own.settings();
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        test(&Project::with(&settings), &own);
    }
}

fn run(own: &Own<'_>, text: &str) {
    match own {
        Own::Postgres(database) => database.run(text).unwrap(),
        Own::MariaDb(database) | Own::Rehearsal(database) => database.run(text).unwrap(),
        Own::Sqlite => panic!("a file has no server"),
    }
}

/// The statuses of requests that are sent at the same moment, and how often each came.
fn at_once(project: &Project, ask: impl Fn(&Project, usize) -> u16 + Sync) -> BTreeMap<u16, usize> {
    let barrier = Barrier::new(AT_ONCE);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let asked = |n| {
            let (barrier, ask) = (&barrier, &ask);
            scope.spawn(move || {
                barrier.wait();
                ask(project, n)
            })
        };
        let threads: Vec<_> = (0..AT_ONCE).map(asked).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    statuses.into_iter().fold(BTreeMap::new(), |mut counts, status| {
        *counts.entry(status).or_default() += 1;
        counts
    })
}

fn count(project: &Project, target: &str) -> u64 {
    let told = project.get(ADMIN, target).ok().at("")[0]["count"].to_string();
    told.trim_matches('"').parse().unwrap()
}

#[test]
fn one_translation_of_a_language_is_kept_and_the_others_are_told_so() {
    on_servers(|project, own| {
        project.collection("articles", &[("title", "string")]);
        project.collection("words", &[("language", "string"), ("text", "string")]);
        project.relation("words", "article", "articles", Some("translations"));
        run(
            own,
            "alter table words add constraint one_each unique (article, language)",
        );
        for round in 1..=ROUNDS {
            project.post(ADMIN, "/items/articles", json!({"title": "x"})).is(200);
            let target = format!("/items/articles/{round}");
            let told = at_once(project, |project, n| {
                let create = json!([{"language": "en", "text": n.to_string()}]);
                let body = json!({"translations": {"create": create, "update": [], "delete": []}});
                project.patch(ADMIN, &target, body).status
            });
            assert_eq!(told.get(&200), Some(&1), "{told:?}");
            assert!(told.keys().all(|status| [200, 400].contains(status)), "{told:?}");
            let words = format!("/items/words?aggregate[count]=*&filter[article][_eq]={round}");
            assert_eq!(count(project, &words), 1);
        }
    });
}

#[test]
fn keys_that_are_brought_along_are_not_given_again() {
    on_servers(|project, _| {
        project.collection("things", &[("name", "string")]);
        let mut made = 0;
        for round in 0..ROUNDS {
            // Further ahead with every request, so that none is on another's way.
            let next = made + 10_000 * (round as u64 % 3);
            let told = at_once(project, |project, n| {
                let body = match n % 2 {
                    0 => json!({"name": "counted"}),
                    _ => json!({"id": next + 100 * (n as u64 + 1), "name": "given"}),
                };
                project.post(ADMIN, "/items/things", body).status
            });
            assert_eq!(told.get(&200), Some(&AT_ONCE), "{told:?}");
            project
                .post(ADMIN, "/items/things", json!({"id": next + 605, "name": "near"}))
                .ok();
            let last = project.get(ADMIN, "/items/things?fields=id&sort=-id&limit=1").ok();
            made = last.at("/0/id").as_u64().unwrap();
            let one: Value = project
                .post(ADMIN, "/items/things", json!({"name": "next"}))
                .ok()
                .at("/id");
            assert!(one.as_u64().unwrap() > made, "{one} after {made}");
            made = one.as_u64().unwrap();
        }
    });
}
