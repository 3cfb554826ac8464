//! What there is, by the server's own answers, a line for each thing: notes, families, collections, and whatever is left
//! over of something that was never finished.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Result;
use serde_json::Value;

use super::project::Client;

/// How a thing looks that is not there.
pub(super) const NOTHING: &str = "nothing";
/// Collections of the project itself.
const OWN: [&str; 4] = ["notes", "authors", "parents", "children"];

/// Notes of one mark: all of them with this number.
pub(super) fn notes(count: usize, n: u64) -> String {
    format!("{count} of {n}")
}

/// A parent, its author and its children.
pub(super) fn family(author: &str, children: &[String]) -> String {
    let mut children = children.to_vec();
    children.sort();
    format!("{author}: {}", children.join(" "))
}

/// A collection with its fields.
pub(super) fn table(fields: &[&str]) -> String {
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    fields.join(" ")
}

fn text<'v>(value: &'v Value, path: &str) -> &'v str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// Everything.
pub(super) fn everything(client: &mut Client) -> Result<BTreeMap<String, String>> {
    let mut seen = BTreeMap::new();
    data(client, &mut seen)?;
    recorded(client, &mut seen)?;
    tables(client, &mut seen)?;
    Ok(seen)
}

fn data(client: &mut Client, seen: &mut BTreeMap<String, String>) -> Result<()> {
    let mut marks: BTreeMap<String, (usize, BTreeSet<u64>)> = BTreeMap::new();
    for note in client.get("/items/notes?fields=mark,n&limit=-1")? {
        let (count, numbers) = marks.entry(format!("note {}", text(&note, "/mark"))).or_default();
        *count += 1;
        numbers.extend(note.get("n").and_then(Value::as_u64));
    }
    for (mark, (count, numbers)) in marks {
        let looks = match (numbers.len(), numbers.first()) {
            (1, Some(n)) => notes(count, *n),
            _ => format!("{count} of {numbers:?}"),
        };
        seen.insert(mark, looks);
    }
    let mut authors: BTreeSet<String> = BTreeSet::new();
    for parent in
        client.get("/items/parents?fields=mark,author.mark,children.mark&limit=-1&deep[children][_limit]=-1")?
    {
        let children = parent.get("children").and_then(Value::as_array);
        let children: Vec<String> = children
            .into_iter()
            .flatten()
            .map(|c| text(c, "/mark").to_owned())
            .collect();
        let author = text(&parent, "/author/mark");
        authors.insert(author.to_owned());
        seen.insert(format!("family {}", text(&parent, "/mark")), family(author, &children));
    }
    for author in client.get("/items/authors?fields=mark&limit=-1")? {
        if !authors.contains(text(&author, "/mark")) {
            seen.insert(format!("author {}", text(&author, "/mark")), "of nobody".to_owned());
        }
    }
    for child in client.get("/items/children?fields=mark&filter[parent][_null]=true&limit=-1")? {
        seen.insert(format!("child {}", text(&child, "/mark")), "of nobody".to_owned());
    }
    Ok(())
}

/// Every item was written down when it was made, and every revision belongs to something that was written down.
fn recorded(client: &mut Client, seen: &mut BTreeMap<String, String>) -> Result<()> {
    for name in OWN {
        let made = client.get(&format!(
            "/activity?fields=item&filter[collection][_eq]={name}&filter[action][_eq]=create&limit=-1"
        ))?;
        let made: BTreeSet<&str> = made.iter().map(|entry| text(entry, "/item")).collect();
        for item in client.get(&format!("/items/{name}?fields=id&limit=-1"))? {
            let key = item.get("id").map(Value::to_string).unwrap_or_default();
            if !made.contains(key.as_str()) {
                seen.insert(format!("{name} {key}"), "not written down".to_owned());
            }
        }
    }
    for revision in client.get("/revisions?fields=id&filter[activity][_null]=true&limit=-1")? {
        seen.insert(format!("revision {revision}"), "of nothing".to_owned());
    }
    Ok(())
}

/// Collections with their fields; each has a table and a column, and is described.
fn tables(client: &mut Client, seen: &mut BTreeMap<String, String>) -> Result<()> {
    let has = |value: &Value, part: &str| value.get(part).is_some_and(|part| !part.is_null());
    let mut fields: HashMap<String, Vec<String>> = HashMap::new();
    for field in client.get("/fields")? {
        let (of, name) = (text(&field, "/collection"), text(&field, "/field"));
        if of.starts_with("directus_") {
            continue;
        }
        if !has(&field, "meta") || (!has(&field, "schema") && text(&field, "/type") != "alias") {
            seen.insert(format!("field {of}.{name}"), "half".to_owned());
        }
        fields.entry(of.to_owned()).or_default().push(name.to_owned());
    }
    for collection in client.get("/collections")? {
        let name = text(&collection, "/collection");
        if name.starts_with("directus_") || OWN.contains(&name) {
            fields.remove(name);
            continue;
        }
        if !has(&collection, "meta") || !has(&collection, "schema") {
            seen.insert(format!("table {name}"), "half".to_owned());
        }
        let own = fields.remove(name).unwrap_or_default();
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        seen.insert(format!("collection {name}"), table(&own));
    }
    for (of, fields) in fields {
        seen.insert(format!("fields of {of}"), format!("{fields:?}"));
    }
    for relation in client.get("/relations")? {
        let (of, field) = (text(&relation, "/collection"), text(&relation, "/field"));
        if !(of.starts_with("directus_") || (has(&relation, "meta") && has(&relation, "schema"))) {
            seen.insert(format!("relation {of}.{field}"), "half".to_owned());
        }
    }
    Ok(())
}
