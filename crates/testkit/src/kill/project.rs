//! The project that is written to, and a client of it.

use std::{io, net::SocketAddr, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{
    ADMIN_TOKEN,
    wire::Connection,
    workload::model::{alias, collection, integer, relation, string},
};

/// An answer takes no longer than this, also while the database comes back.
const TIMEOUT: Duration = Duration::from_secs(60);

/// An administrator on a connection that stays open.
pub(super) struct Client(Connection);

impl Client {
    pub(super) fn new(server: SocketAddr) -> Self {
        Client(Connection::new(server, TIMEOUT))
    }

    /// Sends a request; answers the status and the body's `data`.
    pub(super) fn send(&mut self, method: &str, path: &str, body: &Value) -> io::Result<(u16, Value)> {
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ADMIN_TOKEN}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{text}",
            text.len()
        );
        let answer = self.0.send(request.as_bytes())?;
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let data = body.get_mut("data").map(Value::take);
        Ok((answer.status, data.unwrap_or(body)))
    }

    /// What is stored.
    pub(super) fn get(&mut self, path: &str) -> Result<Vec<Value>> {
        let (status, data) = self.send("GET", path, &Value::Null).with_context(|| path.to_owned())?;
        ensure!(status == 200, "{path}: {status} {data}");
        match data {
            Value::Array(rows) => Ok(rows),
            other => Ok(vec![other]),
        }
    }
}

/// Notes, which stand alone; families: a parent with an author and children.
pub(super) fn make(client: &mut Client) -> Result<()> {
    let requests = [
        collection("notes", &[string("mark"), integer("n")]),
        collection("authors", &[string("mark")]),
        collection("parents", &[string("mark"), integer("author")]),
        collection("children", &[string("mark"), integer("parent")]),
        ("/fields/parents", alias("children", "o2m")),
        relation("parents", "author", "authors", json!({})),
        relation("children", "parent", "parents", json!({ "one_field": "children" })),
    ];
    for (path, body) in requests {
        let (status, answer) = client.send("POST", path, &body)?;
        ensure!(status < 300, "POST {path}: {status} {answer}");
    }
    Ok(())
}
