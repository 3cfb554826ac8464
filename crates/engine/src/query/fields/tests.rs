//! Names: what every form means, and what is malformed.

use serde_json::json;

use super::*;
use crate::query::{JsonPath, JsonStep};

fn one(text: &str) -> Path {
    let mut paths = parse(&json!(text), &Limits::default()).unwrap();
    assert_eq!(paths.len(), 1, "{text}");
    paths.remove(0)
}

fn field(name: &str) -> Leaf {
    Leaf::Field(name.to_owned())
}

fn to(name: &str) -> Step {
    Step::Field(name.to_owned())
}

#[test]
fn paths() {
    let cases = [
        ("*", vec![], Leaf::Every),
        ("title", vec![], field("title")),
        ("**", vec![], field("**")),
        ("__proto__", vec![], field("__proto__")),
        ("[\"secret\"]", vec![], field("[\"secret\"]")),
        ("id as x", vec![], field("id as x")),
        ("*.*", vec![Step::Every], Leaf::Every),
        ("author.*", vec![to("author")], Leaf::Every),
        ("*.name", vec![Step::Every], field("name")),
        ("author.", vec![to("author")], field("")),
        ("author.boss.name", vec![to("author"), to("boss")], field("name")),
        (
            "blocks.item:headings.text",
            vec![to("blocks"), Step::Scoped("item".into(), "headings".into())],
            field("text"),
        ),
        ("year(d)", vec![], Leaf::Call(Function::Year, "d".into())),
        (
            "author.year( born )",
            vec![to("author")],
            Leaf::Call(Function::Year, "born".into()),
        ),
        ("count(*)", vec![], Leaf::Call(Function::Count, "*".into())),
        ("lower(secret)", vec![], Leaf::Call(Function::Unknown, "secret".into())),
        (
            "$FOLLOW(comments,article).ip",
            vec![to("$FOLLOW(comments,article)")],
            field("ip"),
        ),
        ("(select 1)", vec![], field("(select 1)")),
    ];
    for (text, steps, leaf) in cases {
        assert_eq!(one(text), Path { steps, leaf }, "{text}");
    }
}

#[test]
fn json_paths() {
    let member = |name: &str| JsonStep::Member(name.to_owned());
    let cases = [
        ("json(j, k)", vec![], vec![member("k")]),
        ("json(j,k)", vec![], vec![member("k")]),
        ("json(j, o.p)", vec![], vec![member("o"), member("p")]),
        (
            "json(j, l[0].m)",
            vec![],
            vec![member("l"), JsonStep::Element(0), member("m")],
        ),
        (
            "json(j, [1][2])",
            vec![],
            vec![JsonStep::Element(1), JsonStep::Element(2)],
        ),
        ("json(j, a-b)", vec![], vec![member("a-b")]),
        (
            "json(j, k'; drop table things; --)",
            vec![],
            vec![member("k'; drop table things; --")],
        ),
        ("author.json(j, k)", vec![to("author")], vec![member("k")]),
        (
            "json(author.boss.j, k.l)",
            vec![to("author"), to("boss")],
            vec![member("k"), member("l")],
        ),
        (
            "json(children.item:circles.j, k)",
            vec![to("children"), Step::Scoped("item".into(), "circles".into())],
            vec![member("k")],
        ),
    ];
    for (text, steps, inside) in cases {
        let leaf = Leaf::Json("j".into(), JsonPath(inside));
        assert_eq!(one(text), Path { steps, leaf }, "{text}");
    }
}

#[test]
fn malformed() {
    let texts = [
        " ",
        ",",
        "id,,title",
        "year(d",
        "year(year(d))",
        "year(d)x",
        "year(d))",
        "json(j)",
        "json(j, )",
        "json(j, $.k)",
        "json(j, l[].m)",
        "json(j, l[-1])",
        "json(j, l[99999999999])",
        "json(j, l[0)",
        "json(j, l[0]x)",
        "json(j, *)",
        "json(j, a..b)",
        "json(j, a, b)",
        "json(j, a.a.a.a.a.a.a.a.a.a.a)",
        "a.b.c.d.e.f.g.h.i.j.k",
        "*.*.*.*.*.*.*.*.*.*.*.*",
        "json(a.b.c.d.e.f.g.h.i.j.k, x)",
        "a.b.c.d.e.json(f.g.h.i.j.k, x)",
    ];
    for text in texts {
        assert!(parse(&json!(text), &Limits::default()).is_err(), "{text}");
    }
    for json in [
        json!(1),
        json!(true),
        json!({"title": 1}),
        json!([1]),
        json!([["id"]]),
        json!([""]),
    ] {
        assert!(parse(&json, &Limits::default()).is_err(), "{json}");
    }
}

#[test]
fn lists_are_joined() {
    let names = |json: &Json| -> Vec<Path> { parse(json, &Limits::default()).unwrap() };
    assert_eq!(names(&json!(["id,name", "n"])), names(&json!(" id , name,n")));
    assert_eq!(names(&json!("id,json(j, a),n")).len(), 3);
    assert_eq!(names(&json!("")), []);
    assert_eq!(names(&json!(null)), []);
    assert_eq!(names(&json!([])), []);
}

#[test]
fn orders() {
    let sort = |text: &str| sort(&json!(text), &Limits::default()).unwrap();
    let by = |path: Vec<Key>, descending| Sort { path, descending };
    let name = |text: &str| Key::Field(text.to_owned());
    assert_eq!(sort(""), []);
    assert_eq!(
        sort(" n , -id "),
        [by(vec![name("n")], false), by(vec![name("id")], true)]
    );
    assert_eq!(sort("-maker.rank"), [by(vec![name("maker"), name("rank")], true)]);
    assert_eq!(
        sort("maker.year(born)"),
        [by(vec![name("maker"), Key::Call(Function::Year, "born".into())], false)]
    );
    assert_eq!(sort("-"), [by(vec![name("")], true)]);
    assert_eq!(sort("--id"), [by(vec![name("-id")], true)]);
    assert_eq!(sort("+name"), [by(vec![name("+name")], false)]);
    assert_eq!(sort("json(j, k)"), [by(vec![name("json(j, k)")], false)]);
}

#[test]
fn keys_of_filters() {
    let cases = [
        ("title", Key::Field("title".into())),
        ("author.name", Key::Field("author.name".into())),
        ("item:pages", Key::Scoped("item".into(), "pages".into())),
        ("$FOLLOW(comments, post)", Key::Follow("comments".into(), "post".into())),
        ("$FOLLOW(comments)", Key::Field("$FOLLOW(comments)".into())),
        ("$FOLLOW(a,b,c)", Key::Field("$FOLLOW(a,b,c)".into())),
        ("count(comments)", Key::Call(Function::Count, "comments".into())),
        ("json(j, k)", Key::Field("json(j, k)".into())),
        ("name,(select 1)", Key::Field("name,(select 1)".into())),
        (
            "n); drop table things; --",
            Key::Field("n); drop table things; --".into()),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(key(text).unwrap(), expected, "{text}");
    }
    assert!(key("year(d)); drop table things; --").is_err());
}
