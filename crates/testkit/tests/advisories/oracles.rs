//! Oracles on read (GHSA-7wq3-jr35-275c, GHSA-8jpw-gpr4-8cmh, GHSA-38hg-ww64-rrwc, GHSA-p8v3-m643-4xqx,
//! GHSA-m5q3-8wgf-x8xf and their class): a value that may not be read influences no byte of any answer. Each test asks
//! the same questions while the hidden value is one, and then while it is another: the answers have to be the same.

use aedile_testkit::fixture::{ADMIN, Project, may, may_where};
use serde_json::{Value, json};

/// The two values between which nobody may tell.
const LOW: &str = "aaaa-hidden";
const HIGH: &str = "zzzz-hidden";

/// Every way to ask for `F` that a query has.
const QUESTIONS: [&str; 34] = [
    "",
    "fields=*",
    "fields=*.*",
    "fields=*.*.*",
    "fields=id,F",
    "fields=F",
    "search=aaaa",
    "search=zzzz-hidden",
    "sort=F",
    "sort=-F",
    "sort=F&limit=1",
    "alias[x]=F&fields=x",
    "alias[x]=F&fields=id,x&sort=x",
    "groupBy=F",
    "groupBy[]=F&aggregate[count]=*",
    "groupBy[]=id&aggregate[max]=F",
    "aggregate[count]=F",
    "aggregate[countDistinct]=F",
    "aggregate[min]=F",
    "aggregate[max]=F",
    "aggregate[count]=*&filter[F][_eq]=aaaa-hidden",
    "filter[F][_eq]=aaaa-hidden",
    "filter[F][_neq]=aaaa-hidden",
    "filter[F][_in]=aaaa-hidden,other",
    "filter[F][_nin]=aaaa-hidden",
    "filter[F][_starts_with]=a",
    "filter[F][_nstarts_with]=a",
    "filter[F][_icontains]=AAAA",
    "filter[F][_gt]=m",
    "filter[F][_between]=a,m",
    "filter[_or][0][F][_lt]=m&filter[_or][1][id][_eq]=0",
    "filter[F][_eq]=aaaa-hidden&meta=*",
    "filter[F][_starts_with]=a&export=csv",
    "meta=total_count,filter_count&search=aaaa",
];

/// The answers to every question about a path, asked by GET and by SEARCH.
fn answers(p: &Project, token: &str, root: &str, path: &str) -> Vec<(String, u16, String)> {
    let bracketed = path.replace('.', "][");
    let mut told = Vec::new();
    for question in QUESTIONS {
        let question = question.replace("[F]", &format!("[{bracketed}]")).replace('F', path);
        let reply = p.get(token, &format!("{root}?{question}"));
        assert!(reply.status < 500, "{question}: {}", reply.text);
        told.push((question, reply.status, reply.text));
    }
    let nested = path
        .rsplit('.')
        .fold(json!({ "_eq": LOW }), |inner, name| json!({ name: inner }));
    for query in [
        json!({ "filter": nested, "fields": ["id"] }),
        json!({ "sort": [path], "fields": ["id"] }),
    ] {
        let reply = p.ask(token, "SEARCH", root, json!({ "query": query }));
        told.push((query.to_string(), reply.status, reply.text));
    }
    told
}

/// Asks everything with the one value and with the other.
#[track_caller]
fn assert_silent(p: &Project, token: &str, root: &str, path: &str, set: &dyn Fn(&str)) {
    set(LOW);
    let low = answers(p, token, root, path);
    set(HIGH);
    let high = answers(p, token, root, path);
    assert!(
        low.iter().any(|(_, status, _)| *status == 200),
        "nothing is answered at all"
    );
    for (one, other) in low.iter().zip(&high) {
        assert_eq!(one, other, "{token} learns of {path} in {root}");
        assert!(!one.2.contains("hidden"), "{one:?}");
    }
}

fn library() -> Project {
    let p = Project::new();
    p.collection("authors", &[("name", "string"), ("state", "string")]);
    p.collection(
        "articles",
        &[("title", "string"), ("secret", "string"), ("state", "string")],
    );
    p.relation("articles", "author", "authors", Some("articles"));
    p.post(
        ADMIN,
        "/items/authors",
        json!([{ "name": "Ann", "state": "open" }, { "name": "Bea", "state": "closed" }]),
    )
    .ok();
    let articles = json!([
        { "title": "one", "secret": "b", "state": "open", "author": 1 },
        { "title": "two", "secret": "d", "state": "closed", "author": 2 },
        { "title": "three", "secret": "c", "state": "open", "author": 1 },
    ]);
    p.post(ADMIN, "/items/articles", articles).ok();
    p
}

fn set<'a>(p: &'a Project, target: &'a str, field: &'a str) -> impl Fn(&str) + 'a {
    move |value| {
        p.patch(ADMIN, target, json!({ field: value })).ok();
    }
}

#[test]
fn class_fo_ghsa_7wq3_jr35_275c_a_field_that_may_not_be_read() {
    let p = library();
    p.user_who(
        "ann",
        json!([
            may("articles", "read", &["id", "title", "state", "author"]),
            may("authors", "read", &["*"])
        ]),
    );
    let change = set(&p, "/items/articles/2", "secret");
    assert_silent(&p, "ann-token", "/items/articles", "secret", &change);
    assert_silent(&p, "ann-token", "/items/authors", "articles.secret", &change);
}

#[test]
fn leak_01_a_field_that_may_be_read_in_other_rows() {
    let p = library();
    let open = json!({ "state": { "_eq": "open" } });
    let all = may("articles", "read", &["id", "title", "state", "author"]);
    p.user_who(
        "ann",
        json!([
            all,
            may_where("articles", "read", &["id", "secret"], open),
            may("authors", "read", &["*"])
        ]),
    );
    let change = set(&p, "/items/articles/2", "secret");
    let first = p.get("ann-token", "/items/articles?fields=id,secret&sort=id").ok();
    assert_eq!(first.at("/0/secret"), "b");
    assert_silent(&p, "ann-token", "/items/articles", "secret", &change);
    assert_silent(&p, "ann-token", "/items/authors", "articles.secret", &change);
}

#[test]
fn a_row_that_may_not_be_read() {
    let p = library();
    let open = json!({ "state": { "_eq": "open" } });
    p.user_who(
        "ann",
        json!([
            may_where("articles", "read", &["*"], open.clone()),
            may_where("authors", "read", &["*"], open)
        ]),
    );
    let change = set(&p, "/items/articles/2", "secret");
    assert_silent(&p, "ann-token", "/items/articles", "secret", &change);
    assert_silent(&p, "ann-token", "/items/authors", "articles.secret", &change);
    // Whether there are such rows at all is as hidden as what is in them.
    let asked = [
        "aggregate[count]=*",
        "meta=*",
        "fields=id,count(articles)",
        "filter[count(articles)][_gt]=1",
        "sort=-id",
        "fields=*.*",
    ];
    let told = |p: &Project| {
        asked.map(|q| ["articles", "authors"].map(|of| p.get("ann-token", &format!("/items/{of}?{q}")).text))
    };
    let before = told(&p);
    p.post(
        ADMIN,
        "/items/articles",
        json!([{ "title": "four", "state": "closed", "author": 1 }, { "title": "five", "state": "closed" }]),
    )
    .ok();
    assert_eq!(before, told(&p));
}

#[test]
fn leak_02_a_related_row_that_may_not_be_read() {
    let p = library();
    let open = json!({ "state": { "_eq": "open" } });
    p.user_who(
        "ann",
        json!([
            may("articles", "read", &["id", "title", "author"]),
            may_where("authors", "read", &["*"], open)
        ]),
    );
    assert_silent(
        &p,
        "ann-token",
        "/items/articles",
        "author.name",
        &set(&p, "/items/authors/2", "name"),
    );
}

#[test]
fn a_related_collection_that_may_not_be_read() {
    let p = library();
    p.user_who("ann", json!([may("articles", "read", &["id", "title", "author"])]));
    assert_silent(
        &p,
        "ann-token",
        "/items/articles",
        "author.name",
        &set(&p, "/items/authors/2", "name"),
    );
    let p = library();
    p.user_who("bob", json!([may("authors", "read", &["*"])]));
    assert_silent(
        &p,
        "bob-token",
        "/items/authors",
        "articles.secret",
        &set(&p, "/items/articles/2", "secret"),
    );
}

/// Also to an administrator: secrets are told to nobody.
#[test]
fn ghsa_38hg_ww64_rrwc_ghsa_p8v3_m643_4xqx_ghsa_m5q3_8wgf_x8xf_ghsa_8jpw_gpr4_8cmh_a_concealed_field() {
    let p = library();
    let victim = p.user("victim", &[]);
    p.user_who(
        "ann",
        json!([
            may("directus_users", "read", &["*"]),
            may("articles", "read", &["*"]),
            may("authors", "read", &["*"])
        ]),
    );
    let field = json!({ "field": "code", "type": "hash", "meta": { "special": ["hash"] }, "schema": {} });
    p.post(ADMIN, "/fields/articles", field).ok();
    p.post(
        ADMIN,
        "/fields/articles",
        json!({ "field": "pin", "type": "string", "meta": { "special": ["conceal"] }, "schema": {} }),
    )
    .ok();
    let user = format!("/users/{victim}");
    for token in ["ann-token", ADMIN] {
        assert_silent(&p, token, "/users", "token", &set(&p, &user, "token"));
        assert_silent(&p, token, "/users", "password", &set(&p, &user, "password"));
        assert_silent(
            &p,
            token,
            "/items/articles",
            "pin",
            &set(&p, "/items/articles/2", "pin"),
        );
        assert_silent(
            &p,
            token,
            "/items/articles",
            "code",
            &set(&p, "/items/articles/2", "code"),
        );
        assert_silent(
            &p,
            token,
            "/items/authors",
            "articles.pin",
            &set(&p, "/items/articles/2", "pin"),
        );
        let users = p.get(token, "/users?fields=*&export=json");
        assert!(!users.text.contains("argon2"), "{}", users.text);
    }
}

/// Batches by query find only what their sender may see: they tell nothing of what it may not.
#[test]
fn leak_03_ghsa_m5q3_8wgf_x8xf_changes_by_query_are_no_oracle() {
    let p = library();
    let actions = ["update", "delete"].map(|action| may("articles", action, &["title"]));
    let mut permissions = vec![may("articles", "read", &["id", "title"])];
    permissions.extend(actions);
    p.user_who("ann", Value::Array(permissions));
    let by = |value: &str| json!({ "filter": { "secret": { "_starts_with": value } } });
    for value in ["aaaa", "nothing"] {
        p.refused(
            "ann-token",
            "PATCH",
            "/items/articles",
            json!({ "query": by(value), "data": { "title": "found" } }),
        );
        p.refused("ann-token", "DELETE", "/items/articles", json!({ "query": by(value) }));
        let sorted = json!({ "query": { "sort": ["secret"], "limit": 1 }, "data": { "title": "found" } });
        p.refused("ann-token", "PATCH", "/items/articles", sorted);
    }
    // Nor do values in rows that may not be read decide what is found.
    let open = json!({ "state": { "_eq": "open" } });
    p.user_who(
        "bob",
        json!([
            may_where("articles", "read", &["id", "title"], open.clone()),
            may_where("articles", "update", &["title"], open.clone()),
            may_where("articles", "delete", &["*"], open),
        ]),
    );
    let told = |method: &str, title: &str| {
        let query = json!({ "filter": { "title": { "_starts_with": title } } });
        let body = json!({ "query": query, "data": { "title": "found" } });
        let reply = p.ask("bob-token", method, "/items/articles", body);
        (reply.status, reply.text)
    };
    for method in ["PATCH", "DELETE"] {
        assert_eq!(told(method, "two"), told(method, "no such title"), "{method}");
    }
}
