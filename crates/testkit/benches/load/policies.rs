//! What access control costs: the same read by users who differ in their policies alone, one after the other, several times
//! over. It must never compare reads that answer different rows: that is checked before measuring.

use std::time::Duration;

use aedile_testkit::{ADMIN_TOKEN, wire::Connection};
use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

use crate::{CONCURRENCY, TIMEOUT, clients, measure::Speed, project::Project};

/// Rounds of each comparison; the median counts.
const ROUNDS: usize = 7;

/// Collections beside those of the workload.
const COLLECTIONS: usize = 200;

/// Pages that are asked for, one after the other.
const PAGES: u32 = 100;

/// Which rows everybody here may see.
const VISIBLE: &str = "published";

/// A read by two users, and the least share of the first one's speed that the second has to reach.
struct Comparison {
    name: &'static str,
    /// What makes the two comparable.
    same_values: bool,
    plain: &'static str,
    burdened: &'static str,
    query: &'static str,
    budget: f64,
}

/// Measured comparisons. Masks change values, never rows.
const COMPARISONS: [Comparison; 3] = [
    Comparison {
        name: "three policies, masked",
        same_values: false,
        plain: "one-policy",
        burdened: "three-policies",
        query: "fields=id,title,slug,views,author",
        budget: 0.7,
    },
    Comparison {
        name: "the same, three relations",
        same_values: false,
        plain: "one-policy",
        burdened: "three-policies",
        query: "fields=id,title,slug,views,author.name,tags.tags_id.name,comments.id,comments.author_name,comments.body",
        budget: 0.7,
    },
    Comparison {
        name: "50 policies beside 5",
        same_values: true,
        plain: "five-policies",
        burdened: "fifty-policies",
        query: "fields=id,title,slug,views,author",
        budget: 0.8,
    },
];

/// Measures and prints; answers whether every budget holds.
///
/// # Errors
/// When the project cannot be made, or two users are not told the same rows.
pub fn compare(project: &Project<'_>, time: Duration) -> Result<bool> {
    prepare(project)?;
    let mut holds = true;
    println!();
    for comparison in &COMPARISONS {
        same_rows(project, comparison)?;
        let mut shares = Vec::with_capacity(ROUNDS);
        let mut rates = (0.0, 0.0);
        for _ in 0..ROUNDS {
            let plain = speed(project, comparison.plain, comparison.query, time / 4)?;
            let burdened = speed(project, comparison.burdened, comparison.query, time / 4)?;
            rates = (plain.per_second, burdened.per_second);
            shares.push(burdened.per_second / plain.per_second);
        }
        shares.sort_by(f64::total_cmp);
        let median = shares.get(ROUNDS / 2).copied().unwrap_or_default();
        let within = median >= comparison.budget;
        holds &= within;
        println!(
            "{:<26}{:>6.0}%   budget {:.0}%   (last round {:.0} of {:.0} requests a second){}",
            comparison.name,
            100.0 * median,
            100.0 * comparison.budget,
            rates.1,
            rates.0,
            if within { "" } else { "   MISSED" },
        );
    }
    Ok(holds)
}

fn speed(project: &Project<'_>, token: &str, query: &str, time: Duration) -> Result<Speed> {
    let (token, query) = (token.to_owned(), query.to_owned());
    clients::speed(project.address(), CONCURRENCY, time, move |number| {
        request(&token, &query, number % PAGES + 1)
    })
}

fn request(token: &str, query: &str, page: u32) -> Vec<u8> {
    format!(
        "GET /items/articles?{query}&limit=25&page={page} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    .into_bytes()
}

/// Both are told the same rows: 25 of them, and where nothing is masked the same values. Where something is, some are.
fn same_rows(project: &Project<'_>, comparison: &Comparison) -> Result<()> {
    let mut connection = Connection::new(project.address(), TIMEOUT);
    let mut told = |token: &str| -> Result<Vec<Value>> {
        let answer = connection.send(&request(token, comparison.query, 3))?;
        let body: Value = serde_json::from_slice(&answer.body)?;
        match body.get("data") {
            Some(Value::Array(rows)) => Ok(rows.clone()),
            _ => bail!("{token}: {body}"),
        }
    };
    let (plain, burdened) = (told(comparison.plain)?, told(comparison.burdened)?);
    let keys = |rows: &[Value]| rows.iter().map(|row| row.get("id").cloned()).collect::<Vec<_>>();
    ensure!(plain.len() == 25, "{}: {} rows", comparison.name, plain.len());
    ensure!(keys(&plain) == keys(&burdened), "{}: other rows", comparison.name);
    ensure!(
        comparison.same_values == (plain == burdened),
        "{}: masks are not what they should be",
        comparison.name
    );
    Ok(())
}

/// Makes the users, their policies, and the collections that most of these speak of.
fn prepare(project: &Project<'_>) -> Result<()> {
    let names: Vec<String> = (0..COLLECTIONS).map(|i| format!("thing_{i}")).collect();
    let key =
        json!({ "field": "id", "type": "integer", "schema": { "is_primary_key": true, "has_auto_increment": true } });
    let things: Vec<Value> = names
        .iter()
        .map(|name| json!({ "collection": name, "schema": {}, "meta": {}, "fields": [key.clone(), { "field": "name", "type": "string" }] }))
        .collect();
    post(project, "/collections", &things.into())?;
    let read = |collection: &str, fields: &[&str], rule: Value| json!({ "collection": collection, "action": "read", "fields": fields, "permissions": rule });
    let visible = json!({ "status": { "_eq": VISIBLE } });
    let related = || {
        vec![
            read("authors", &["*"], json!({ "active": { "_eq": true } })),
            read("tags", &["*"], json!({ "shown": { "_eq": true } })),
            read("articles_tags", &["*"], json!({ "articles_id": visible })),
            read("comments", &["*"], json!({ "status": { "_eq": "approved" } })),
        ]
    };
    let and_more = |condition: Value| json!({ "_and": [visible, condition] });
    let whole = || read("articles", &["*"], visible.clone());
    let mut one = related();
    one.push(whole());
    let mut first = related();
    first.push(read("articles", &["id", "title", "tags", "comments"], visible.clone()));
    let three = vec![
        first,
        vec![read(
            "articles",
            &["slug", "views"],
            and_more(json!({ "views": { "_gt": 300 } })),
        )],
        vec![read(
            "articles",
            &["author", "views"],
            and_more(json!({ "author": { "active": { "_eq": true } } })),
        )],
    ];
    user(project, "one-policy", &[one])?;
    user(project, "three-policies", &three)?;
    let spread = |count: usize| -> Vec<Vec<Value>> {
        let each = names.chunks(COLLECTIONS / count);
        let mut policies: Vec<Vec<Value>> = each
            .map(|names| names.iter().map(|name| read(name, &["*"], json!({}))).collect())
            .collect();
        if let Some(first) = policies.first_mut() {
            first.push(whole());
        }
        policies
    };
    user(project, "five-policies", &spread(5))?;
    user(project, "fifty-policies", &spread(50))
}

/// A user with these policies, known by its token.
fn user(project: &Project<'_>, token: &str, policies: &[Vec<Value>]) -> Result<()> {
    let policies: Vec<Value> = policies
        .iter()
        .enumerate()
        .map(|(i, permissions)| {
            let changes = json!({ "create": permissions, "update": [], "delete": [] });
            json!({ "policy": { "name": format!("{token} {i}"), "permissions": changes } })
        })
        .collect();
    let user = json!({
        "token": token, "status": "active",
        "role": { "name": token, "policies": { "create": policies, "update": [], "delete": [] } },
    });
    post(project, "/users", &user)
}

/// Makes something as the administrator.
///
/// # Errors
/// What the server says.
pub fn post(project: &Project<'_>, path: &str, body: &Value) -> Result<()> {
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = Connection::new(project.address(), TIMEOUT).send(request.as_bytes())?;
    ensure!(
        answer.status < 300,
        "POST {path}: {} {}",
        answer.status,
        String::from_utf8_lossy(&answer.body)
    );
    Ok(())
}
