//! The command line of policies as code, on the demo project with the files that it ships: what they say is true, what is
//! changed is told, applied and taken back, and the exit status is what a pipeline goes by.

use std::{env, fs, path::Path};

use aedile_testkit::fixture;
use serde_json::Value;
use tempfile::TempDir;

/// Expectations that the demo ships at least.
const EXPECTATIONS: usize = 15;

/// The demo project in a folder of its own, gone with it.
struct Demo(TempDir);

impl Demo {
    fn load() -> Demo {
        let demo = Demo(TempDir::new().unwrap());
        assert_eq!(demo.run(&["demo"]).0, 0);
        demo
    }

    /// The exit status, standard output and standard error of a command.
    fn run(&self, args: &[&str]) -> (i32, String, String) {
        fixture::run(self.0.path(), &[], args)
    }

    fn access(&self, args: &[&str]) -> (i32, String, String) {
        self.run(&[&["access"], args].concat())
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
}

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo").join(name);
    path.display().to_string()
}

#[test]
fn what_the_demo_ships_is_true() {
    let demo = Demo::load();
    let (status, told, _) = demo.access(&["diff", &shipped("access.yaml")]);
    assert_eq!((status, told.as_str()), (0, "The database is as the file says.\n"));
    let (status, told, log) = demo.access(&["test", &shipped("access-tests.yaml")]);
    assert_eq!(status, 0, "{told}{log}");
    let (status, told, _) = demo.access(&["test", "--format", "json", &shipped("access-tests.yaml")]);
    let report: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(status, 0);
    assert!(report["passed"].as_u64().unwrap() as usize >= EXPECTATIONS, "{told}");
    assert_eq!(report["failed"], 0);
}

#[test]
fn the_expectations_of_the_demo_notice_what_is_let_slip() {
    let demo = Demo::load();
    let text = demo.access(&["snapshot"]).1;
    // Each is a slip that a review could miss.
    let slips = [
        (
            "          where: {status: {_eq: published}}\n\n  - name: Administrator",
            "\n  - name: Administrator",
        ),
        ("          validation: {status: {_in: [draft, review]}}\n", ""),
        ("              - {consent: {_eq: true}}\n", ""),
        ("bio, color, id, joined_on", "bio, color, email, id, joined_on"),
        ("              - {user_created: {_eq: $CURRENT_USER}}\n", ""),
        (
            "fields: [internal_note, status]",
            "fields: [email, internal_note, status]",
        ),
        ("      page_analytics:\n        read: {fields: \"*\"}\n", ""),
    ];
    for (from, to) in slips {
        let slipped = text.replace(from, to);
        assert_ne!(slipped, text, "{from}");
        let file = demo.write("slipped.yaml", &slipped);
        let (status, told, log) = demo.access(&["apply", "--yes", &file]);
        assert_eq!(status, 0, "{from}: {told}{log}");
        let (status, told, _) = demo.access(&["test", &shipped("access-tests.yaml")]);
        assert_eq!(status, 1, "{from}: {told}");
        assert!(told.contains("✗ ") && !told.ends_with(" 0 failed\n"), "{told}");
    }
    let file = demo.write("access.yaml", &text);
    assert_eq!(demo.access(&["apply", "--yes", &file]).0, 0);
    assert_eq!(demo.access(&["test", &shipped("access-tests.yaml")]).0, 0);
    assert_eq!(demo.access(&["snapshot"]).1, text);
}

#[test]
fn differences_are_told_applied_and_gone() {
    let demo = Demo::load();
    let file = demo.0.path().join("access.yaml").display().to_string();
    assert_eq!(demo.access(&["snapshot", &file]).0, 0);
    let text = fs::read_to_string(&file).unwrap();
    let changed = text.replacen(
        "          where: {status: {_eq: published}}\n",
        "          where: {featured: {_eq: true}, status: {_eq: published}}\n",
        1,
    );
    fs::write(&file, &changed).unwrap();
    let (status, told, _) = demo.access(&["diff", &file]);
    assert_eq!(status, 1);
    assert!(told.contains("policy \"Public\"\n    ~ read posts: rows: featured is true and status is \"published\" (was: status is \"published\")"), "{told}");
    let (status, told, _) = demo.access(&["diff", "--format", "json", &file]);
    let diff: Value = serde_json::from_str(&told).unwrap();
    let effect = &diff["effects"][0]["effects"][0];
    assert_eq!(status, 1);
    assert_eq!(
        (&diff["same"], &diff["effects"][0]["who"][0]["type"]),
        (&Value::from(false), &Value::from("public"))
    );
    let rows = |name: &str| effect["rows"][name].as_u64().unwrap();
    assert!(
        rows("before") > rows("after") && rows("after") > 0 && rows("gained") == 0,
        "{effect}"
    );
    assert_eq!((rows("lost"), rows("total")), (rows("before") - rows("after"), 120));
    // Nobody agrees where there is no terminal.
    let (status, _, log) = demo.access(&["apply", &file]);
    assert_eq!(status, 1);
    assert!(log.contains("--yes"), "{log}");
    assert_eq!(demo.access(&["apply", "--dry-run", &file]).0, 0);
    assert_eq!(demo.access(&["diff", &file]).0, 1, "neither changed anything");
    let (status, told, _) = demo.access(&["apply", "--yes", &file]);
    assert!(status == 0 && told.ends_with("\nApplied.\n"), "{told}");
    assert_eq!(demo.access(&["diff", &file]).0, 0);
}

#[test]
fn a_file_that_is_not_understood_is_status_2() {
    let demo = Demo::load();
    let text = demo.access(&["snapshot"]).1;
    let wrong = demo.write("wrong.yaml", &text.replacen("_eq: published", "_equals: published", 1));
    for command in ["diff", "apply"] {
        let (status, told, log) = demo.access(&[command, &wrong]);
        assert_eq!((status, told.as_str()), (2, ""), "{log}");
        assert!(
            log.contains("wrong.yaml:") && log.contains("\"_equals\" is not an operator here"),
            "{log}"
        );
    }
    let (status, _, log) = demo.access(&["test", &wrong]);
    assert!(status == 2 && log.contains("\"tests\" is needed"), "{log}");
    let (status, _, log) = demo.access(&["test", "nowhere.yaml"]);
    assert!(status == 2 && log.contains("nowhere.yaml can not be read"), "{log}");
    let nobody = demo.write("nobody.yaml", &text.replace("    admin_access: true\n", ""));
    let (status, _, log) = demo.access(&["apply", "--yes", &nobody]);
    assert!(
        status == 1 && log.contains("nothing was changed") && log.contains("one must stay"),
        "{log}"
    );
    assert_eq!(demo.access(&["snapshot"]).1, text);
}
