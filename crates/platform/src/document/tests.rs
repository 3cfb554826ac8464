//! Places are on the right lines, whatever style a file is written in; what is written reads back the same.

use serde_json::json;

use super::*;

const TEXT: &str = "\
# comment
version: 1
policies:
  - name: One
    permissions:
      posts:
        read: {fields: '*', where: {status: {_eq: published}}}
  # another
  - name: Two
    permissions: {posts: {read: {fields: [id,
      title]}}}
";

#[test]
fn a_place_is_on_its_line() {
    let document = Document::read(TEXT).unwrap();
    let second = Place::default().member("policies").element(1);
    let cases = [
        (Place::default().member("version"), Some(2)),
        (Place::default().member("policies"), Some(3)),
        (Place::default().member("policies").element(0), Some(4)),
        (
            Place::default()
                .member("policies")
                .element(0)
                .member("permissions")
                .member("posts")
                .member("read"),
            Some(7),
        ),
        (second.clone(), Some(9)),
        (
            second
                .member("permissions")
                .member("posts")
                .member("read")
                .member("fields")
                .element(1),
            Some(11),
        ),
        (second.member("nothing"), None),
    ];
    for (place, line) in cases {
        assert_eq!(document.line(&place), line, "{place}");
    }
    assert_eq!(
        second.member("permissions").member("posts").to_string(),
        "policies[1].permissions.posts"
    );
}

#[test]
fn what_is_malformed_or_said_twice_is_refused_with_its_line() {
    let line = |text: &str| Document::read(text).err().unwrap().0.remove(0).line;
    assert_eq!(line("a: 1\nb: [1, 2\nc: 3\n"), Some(3));
    let twice = Document::read("a: 1\nposts:\n  read: 1\n  read: 2\n")
        .err()
        .unwrap()
        .told("f.yaml");
    assert!(twice.contains("duplicate") && twice.contains("read"), "{twice}");
}

#[test]
fn what_is_written_reads_back() {
    let value = json!({
        "plain": "some words", "id": "5b0f3a52-9b1e-4c8a-8f4e-0f6f1f0e2a11", "number": "12", "yes": "Yes", "empty": "",
        "quoted": "a: b # c", "lines": "a\nb", "at": "@x", "unicode": "Größe – 東京", "star": "*", "float": "1e5",
        "list": ["*", "a", "b c", 1, true, null, 1.5], "long": vec!["a fairly long text"; 12],
        "rule": {"_and": [{"status": {"_in": ["a", "b"]}}, {"post": {"author": {"name": {"_eq": "$CURRENT_USER"}}}}]},
        "nothing": {}, "none": [], "time": "2024-01-01", "odd name: x": {"deep": {"deeper": {"deepest": [[], {}]}}},
        "digits": "00000000-0000-0000-0000-000000000000", "short": {"status": {"_eq": "published"}},
    });
    let mut out = String::new();
    write::members(&mut out, value.as_object().unwrap(), 0);
    assert_eq!(Document::read(&out).unwrap().root, value, "{out}");
    assert!(out.contains("short: {status: {_eq: published}}\n"), "{out}");
    let mut out = String::from("list:\n");
    write::elements(
        &mut out,
        &[
            value.as_object().unwrap().clone(),
            json!({"a": 1}).as_object().unwrap().clone(),
        ],
        2,
    );
    assert_eq!(
        Document::read(&out).unwrap().root,
        json!({"list": [value, {"a": 1}]}),
        "{out}"
    );
}
