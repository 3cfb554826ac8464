//! Clients that write until they are stopped or the server is gone, and tell what they were told.

use std::{net::SocketAddr, sync::atomic::Ordering, thread, time::Duration};

use serde_json::{Value, json};

use super::{POLL, Shared, project::Client, seen};
use crate::fuzz::random::Random;

/// Items in one request.
const BATCH: usize = 20;
/// A server whose database is away says so; it is asked again after this.
const AWAY: Duration = Duration::from_millis(20);

/// A part of an answer.
fn at(answer: &Value, path: &str) -> Value {
    answer.pointer(path).cloned().unwrap_or_default()
}

/// One client.
pub(super) struct Writer<'s> {
    shared: &'s Shared,
    client: Client,
    random: Random,
    stem: String,
    count: u64,
}

/// How a write went.
enum Outcome {
    /// Acknowledged, with its answer.
    Done(Value),
    /// It may have happened or not.
    Open,
    /// As `Open`, and there is nobody to ask further.
    Gone,
}

impl<'s> Writer<'s> {
    /// By seed, round and number.
    pub(super) fn new(shared: &'s Shared, server: SocketAddr, (seed, round, number): (u64, u64, u64)) -> Self {
        Writer {
            shared,
            client: Client::new(server),
            random: Random::new(seed ^ round, number),
            stem: format!("{round}_{number}"),
            count: 0,
        }
    }

    /// Writes on and on: items, or changes of the schema.
    pub(super) fn run(&mut self, schema: bool) {
        let mut there = true;
        while there && !self.shared.stop.load(Ordering::Relaxed) {
            self.count += 1;
            let mark = format!("{}_{}", self.stem, self.count);
            there = match self.random.below(10) {
                _ if schema => self.tables(&mark),
                0..4 => self.note(&mark),
                4..6 => self.batch(&mark),
                _ => self.family(&mark),
            }
            .is_some();
        }
    }

    fn send(&mut self, method: &str, path: &str, body: &Value) -> Outcome {
        match self.client.send(method, path, body) {
            Err(_) => Outcome::Gone,
            Ok((status, data)) if status < 300 => Outcome::Done(data),
            Ok((status, data)) => {
                if status != 503 {
                    self.shared.found(format!("{method} {path} {body}: {status} {data}"));
                }
                Outcome::Open
            }
        }
    }

    /// Writes, and notes how the thing looks now or may look. The answer, if it was acknowledged; none ends the client.
    fn write(&mut self, (method, path, body): (&str, &str, Value), thing: &str, looks: &str) -> Option<Option<Value>> {
        let outcome = self.send(method, path, &body);
        if let Outcome::Done(data) = outcome {
            self.shared.settled(thing, looks);
            return Some(Some(data));
        }
        self.shared.unsettled(thing, looks);
        if matches!(outcome, Outcome::Gone) {
            return None;
        }
        thread::sleep(AWAY);
        Some(None)
    }

    /// A note is made, changed some times, and sometimes deleted.
    fn note(&mut self, mark: &str) -> Option<()> {
        let thing = format!("note {mark}");
        let body = json!({ "mark": mark, "n": 0 });
        let Some(made) = self.write(("POST", "/items/notes", body), &thing, &seen::notes(1, 0))? else {
            return Some(());
        };
        let path = format!("/items/notes/{}", at(&made, "/id"));
        for n in 1..=self.random.below(4) as u64 {
            let body = json!({ "n": n });
            if self
                .write(("PATCH", &path, body), &thing, &seen::notes(1, n))?
                .is_none()
            {
                return Some(());
            }
        }
        if self.random.chance(30) {
            self.write(("DELETE", &path, Value::Null), &thing, seen::NOTHING)?;
        }
        Some(())
    }

    /// Many notes in one request, changed in one request.
    fn batch(&mut self, mark: &str) -> Option<()> {
        let thing = format!("note {mark}");
        let body: Value = (0..BATCH).map(|_| json!({ "mark": mark, "n": 0 })).collect();
        let Some(made) = self.write(("POST", "/items/notes", body), &thing, &seen::notes(BATCH, 0))? else {
            return Some(());
        };
        let keys: Value = made.as_array()?.iter().map(|note| at(note, "/id")).collect();
        let body = json!({ "keys": keys, "data": { "n": 1 } });
        let looks = seen::notes(BATCH, 1);
        if self.write(("PATCH", "/items/notes", body), &thing, &looks)?.is_some() && self.random.chance(30) {
            self.write(("DELETE", "/items/notes", keys), &thing, seen::NOTHING)?;
        }
        Some(())
    }

    /// A parent with an author and children, in one request; then others, in one more.
    fn family(&mut self, mark: &str) -> Option<()> {
        let thing = format!("family {mark}");
        let child = |n: usize| format!("{mark}_c{n}");
        let children: Vec<String> = (0..3).map(child).collect();
        let author = format!("{mark}_a");
        let new = |marks: &[String]| -> Value { marks.iter().map(|mark| json!({ "mark": mark })).collect() };
        let body = json!({ "mark": mark, "author": { "mark": author }, "children": new(&children) });
        let path = "/items/parents?fields=id,author,children";
        let looks = seen::family(&author, &children);
        let Some(made) = self.write(("POST", path, body), &thing, &looks)? else {
            return Some(());
        };
        let author = format!("{mark}_b");
        let body = json!({
            "author": { "id": at(&made, "/author"), "mark": author },
            "children": {
                "create": new(&[child(3), child(4)]),
                "update": [{ "id": at(&made, "/children/1"), "mark": child(5) }],
            },
        });
        let path = format!("/items/parents/{}", at(&made, "/id"));
        let looks = seen::family(&author, &[child(0), child(5), child(2), child(3), child(4)]);
        self.write(("PATCH", &path, body), &thing, &looks)?;
        Some(())
    }

    /// A collection is made, gets a field and a relation, loses the field, and goes.
    fn tables(&mut self, mark: &str) -> Option<()> {
        let name = format!("made_{mark}");
        let thing = format!("collection {name}");
        let key = json!({ "field": "id", "type": "integer", "meta": {}, "schema": { "is_primary_key": true, "has_auto_increment": true } });
        let field = |name: &str, kind: &str| json!({ "field": name, "type": kind, "meta": {}, "schema": {} });
        let fields = format!("/fields/{name}");
        let relation = json!({ "collection": name, "field": "note", "related_collection": "notes", "meta": {}, "schema": { "on_delete": "SET NULL" } });
        let made = json!({ "collection": name, "meta": {}, "schema": {}, "fields": [key, field("title", "string")] });
        let steps = [
            ("POST", "/collections", made, seen::table(&["id", "title"])),
            (
                "POST",
                fields.as_str(),
                field("note", "integer"),
                seen::table(&["id", "title", "note"]),
            ),
            ("POST", "/relations", relation, seen::table(&["id", "title", "note"])),
            (
                "DELETE",
                &format!("{fields}/title"),
                Value::Null,
                seen::table(&["id", "note"]),
            ),
            (
                "DELETE",
                &format!("/collections/{name}"),
                Value::Null,
                seen::NOTHING.to_owned(),
            ),
        ];
        let last = if self.random.chance(70) {
            steps.len()
        } else {
            1 + self.random.below(steps.len() - 1)
        };
        for (method, path, body, looks) in steps.into_iter().take(last) {
            if self.write((method, path, body), &thing, &looks)?.is_none() {
                return Some(());
            }
            thread::sleep(POLL);
        }
        Some(())
    }
}
