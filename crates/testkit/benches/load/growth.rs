//! Cost as work grows: the same page of 25 rows under a rule, from ever more of them, by the key and by an indexed field.

use std::time::Duration;

use aedile_testkit::{
    wire::Connection,
    workload::{READER_POLICY, Who},
};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::{
    CONCURRENCY, ROUNDS, TIMEOUT, clients,
    figures::{at_most, median},
    policies::post,
    project::{Place, Project},
};

/// How many rows there are.
const ROWS: [u32; 3] = [1_000, 100_000, 1_000_000];
/// Rows of each group.
const GROUP: u32 = 40;
/// Rows, of which nine in ten are published, in each part alike.
const FILL: &str = "insert into rows_$rows (title, status, part) select 'Row number ' || i,
  case when (i + i / $parts) % 10 < 9 then 'published' else 'draft' end, i % $parts from $numbers numbers";
/// A page has more bytes than this if all of its rows are there.
const FULL_PAGE: usize = 500;
/// A page of the largest may cost so many times that of the smallest.
const TIMES: f64 = 1.5;

/// Fills, measures and prints; answers whether the budget holds.
///
/// # Errors
/// What the server or the database says.
pub fn compare(project: &Project<'_>, time: Duration) -> Result<bool> {
    for rows in ROWS {
        fill(project, rows)?;
    }
    project.run("analyze")?;
    let mut holds = true;
    for (name, query) in [("by key", "page=2"), ("by group", "filter[part][_eq]=$PART&sort=-id")] {
        let mut costs = Vec::new();
        for _ in 0..ROUNDS {
            let rates = ROWS.map(|rows| speed(project, rows, query, time));
            let [small, middle, large] = rates;
            let (small, middle, large) = (small?, middle?, large?);
            println!("25 rows {name}: of 1,000 {small:.0}/s, of 100,000 {middle:.0}/s, of 1,000,000 {large:.0}/s");
            costs.push(small / middle.min(large));
        }
        holds &= at_most(&format!("cost of growth, {name}"), median(costs), TIMES);
    }
    Ok(holds)
}

fn speed(project: &Project<'_>, rows: u32, query: &str, time: Duration) -> Result<f64> {
    let query = query.to_owned();
    let request = move |number: u32| {
        let query = query.replace("$PART", &(number % (rows / GROUP)).to_string());
        let token = Who::Reader.token();
        let request = format!(
            "GET /items/rows_{rows}?fields=id,title,part&limit=25&{query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        request.into_bytes()
    };
    let answer = Connection::new(project.address(), TIMEOUT).send(&request(0))?;
    ensure!(answer.body.len() > FULL_PAGE, "a page of {} bytes", answer.body.len());
    Ok(clients::speed(project.address(), CONCURRENCY, time, request)?.per_second)
}

fn fill(project: &Project<'_>, rows: u32) -> Result<()> {
    let name = format!("rows_{rows}");
    let field = |name: &str, kind: &str, indexed: bool| json!({ "field": name, "type": kind, "meta": {}, "schema": { "is_indexed": indexed } });
    let key = json!({ "field": "id", "type": "integer", "meta": {}, "schema": { "is_primary_key": true, "has_auto_increment": true } });
    let fields = [
        key,
        field("title", "string", false),
        field("status", "string", false),
        field("part", "integer", true),
    ];
    post(
        project,
        "/collections",
        &json!({ "collection": name, "meta": {}, "schema": {}, "fields": fields }),
    )?;
    let rule: Value = json!({ "status": { "_eq": "published" } });
    post(
        project,
        "/permissions",
        &json!({ "policy": READER_POLICY, "collection": name, "action": "read", "fields": ["*"], "permissions": rule }),
    )?;
    let numbers = match project.place() {
        Place::File(_) => {
            "(with recursive n(i) as (select 1 union all select i + 1 from n where i < $rows) select i from n)"
        }
        Place::Server(_) => "(select i from generate_series(1, $rows) i)",
    };
    let text = FILL
        .replace("$numbers", numbers)
        .replace("$parts", &(rows / GROUP).to_string())
        .replace("$rows", &rows.to_string());
    project.run(&text)
}
