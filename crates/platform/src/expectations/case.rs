//! One expectation as it stands in a file: names and forms. Whether what it names is there is seen when it is judged.

use aedile_engine::{
    Json, Object,
    access::Action,
    query::{
        Filter, Limits,
        filter::{self, Context},
    },
};

use crate::document::{
    Document, Place,
    reader::{Node, Reader},
};

/// Who is meant.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum As {
    /// Nobody who is logged in.
    Public,
    /// A user, by address or id.
    User(String),
    /// Anybody of a role, by its name or id.
    Role(String),
    /// A user without a role who has these policies, by their names or ids.
    Policies(Vec<String>),
}

/// One expectation.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub line: Option<usize>,
    pub name: Option<String>,
    pub who: As,
    /// The address the request comes from.
    pub ip: Option<String>,
    /// Whether it can be done.
    pub can: bool,
    pub action: Action,
    pub collection: String,
    /// Exactly these rows; for what cannot be done none of them, for payloads each of them.
    pub exactly: Option<Filter>,
    pub at_least: Option<Filter>,
    pub at_most: Option<Filter>,
    /// One row, by its key.
    pub item: Option<Json>,
    /// So many rows.
    pub rows: Option<u64>,
    pub fields: Vec<String>,
    /// Fields that are not granted on any row.
    pub hidden: Vec<String>,
    pub payload: Option<Object>,
}

const KNOWN: [&str; 14] = [
    "name",
    "as",
    "ip",
    "can",
    "cannot",
    "collection",
    "where",
    "at_least",
    "at_most",
    "item",
    "rows",
    "fields",
    "hidden",
    "payload",
];

/// Every expectation of a file.
pub(super) fn cases(reader: &mut Reader<'_>, document: &Document) -> Vec<Case> {
    let mut found = Vec::new();
    let Some(node) = reader.object(&document.root, Place::default()) else {
        return found;
    };
    reader.only(&node, &["tests"]);
    let Some(list) = reader.list(&node, "tests").filter(|list| !list.is_empty()) else {
        reader.wrong(&node.place, "\"tests\" is needed: a list of expectations");
        return found;
    };
    for (value, place) in list {
        let line = document.line(&place);
        let node = reader.object(value, place);
        found.extend(node.and_then(|node| case(reader, &node, line)));
    }
    found
}

fn case(reader: &mut Reader<'_>, node: &Node<'_>, line: Option<usize>) -> Option<Case> {
    reader.only(node, &KNOWN);
    let who = who(reader, node);
    let verb = verb(reader, node);
    let collection = reader.needed(node, "collection");
    let (can, action) = verb?;
    let case = Case {
        line,
        name: reader.text(node, "name"),
        who: who?,
        ip: address(reader, node),
        can,
        action,
        collection: collection?,
        exactly: condition(reader, node, "where"),
        at_least: condition(reader, node, "at_least"),
        at_most: condition(reader, node, "at_most"),
        item: item(reader, node),
        rows: rows(reader, node),
        fields: names(reader, node, "fields"),
        hidden: names(reader, node, "hidden"),
        payload: payload(reader, node),
    };
    fits(reader, node, &case);
    Some(case)
}

fn who(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<As> {
    const FORMS: &str = "is one of: public, {user: address or id}, {role: name or id}, {policies: [names or ids]}";
    let place = node.place.member("as");
    let members = match node.members.get("as") {
        None => {
            reader.wrong(&node.place, format!("\"as\" is needed; it {FORMS}"));
            return None;
        }
        Some(Json::String(text)) if text == "public" => return Some(As::Public),
        Some(Json::Object(members)) if members.len() == 1 => members,
        Some(_) => {
            reader.wrong(&place, FORMS);
            return None;
        }
    };
    let inner = Node { members, place };
    for (name, form) in [("user", As::User as fn(String) -> As), ("role", As::Role)] {
        if members.contains_key(name) {
            return reader.needed(&inner, name).map(form);
        }
    }
    let policies = names(reader, &inner, "policies");
    if policies.is_empty() {
        reader.wrong(&inner.place, FORMS);
        return None;
    }
    Some(As::Policies(policies))
}

fn verb(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<(bool, Action)> {
    let (name, can) = match (node.members.contains_key("can"), node.members.contains_key("cannot")) {
        (true, false) => ("can", true),
        (false, true) => ("cannot", false),
        _ => {
            reader.wrong(&node.place, "one of \"can\" and \"cannot\" is needed");
            return None;
        }
    };
    let text = reader.needed(node, name)?;
    let action = Action::parse(&text);
    if action.is_none() {
        reader.wrong(
            &node.place.member(name),
            "is one of create, read, update, delete, share",
        );
    }
    Some((can, action?))
}

fn address(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<String> {
    let text = reader.text(node, "ip")?;
    if text.parse::<std::net::IpAddr>().is_err() {
        reader.wrong(&node.place.member("ip"), "is no address");
    }
    Some(text)
}

/// A condition on rows; `{}` is every row.
fn condition(reader: &mut Reader<'_>, node: &Node<'_>, name: &str) -> Option<Filter> {
    let value = node.members.get(name)?;
    let place = node.place.member(name);
    if !value.is_object() {
        reader.wrong(&place, "has to be a condition; {} is every row");
        return None;
    }
    match filter::parse(value, &Limits::default(), Context::Rule) {
        Ok(filter) => Some(filter),
        Err(error) => {
            reader.wrong(&place, error.reason());
            None
        }
    }
}

fn item(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<Json> {
    let value = node.members.get("item")?;
    if !(value.is_string() || value.is_number()) {
        reader.wrong(&node.place.member("item"), "has to be a key");
    }
    Some(value.clone())
}

fn rows(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<u64> {
    let rows = node.members.get("rows")?.as_u64();
    if rows.is_none() {
        reader.wrong(&node.place.member("rows"), "has to be a number of rows");
    }
    rows
}

fn names(reader: &mut Reader<'_>, node: &Node<'_>, name: &str) -> Vec<String> {
    if node
        .members
        .get(name)
        .is_some_and(|value| value.as_array().is_none_or(Vec::is_empty) && !value.is_string())
    {
        reader.wrong(&node.place.member(name), "has to be a list of names, and one at least");
        return Vec::new();
    }
    let texts = reader.texts(node, name).unwrap_or_default();
    texts.into_iter().map(|(text, _)| text).collect()
}

fn payload(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<Object> {
    match node.members.get("payload")? {
        Json::Object(payload) => Some(payload.clone()),
        _ => {
            reader.wrong(
                &node.place.member("payload"),
                "has to be an item: fields and their values",
            );
            None
        }
    }
}

/// Notes members that say nothing together: what is not judged must not seem to be.
fn fits(reader: &mut Reader<'_>, node: &Node<'_>, case: &Case) {
    let mut refuse = |names: &[&str], why: &str| {
        for name in names.iter().filter(|name| node.members.contains_key(**name)) {
            reader.wrong(&node.place.member(name), why.to_owned());
        }
    };
    let writes = matches!(case.action, Action::Create | Action::Update);
    if !writes {
        refuse(&["payload"], "is for create and update only");
    }
    if case.action == Action::Create {
        refuse(
            &["where", "at_least", "at_most", "item", "rows"],
            "says nothing of new items, which have no row yet",
        );
    }
    if matches!(case.action, Action::Delete | Action::Share) {
        refuse(
            &["fields", "hidden"],
            "says nothing here: rows are deleted and shared as a whole",
        );
    }
    if !case.can {
        refuse(
            &["at_least", "at_most", "rows", "hidden"],
            "is for \"can\" only; \"where\" says which rows cannot",
        );
    }
    if case.payload.is_some() {
        refuse(
            &["at_least", "at_most", "rows", "hidden", "fields"],
            "says nothing beside a payload; \"where\" or \"item\" says on which rows it is tried",
        );
    }
    if case.item.is_some() {
        refuse(&["where"], "says nothing beside \"item\"");
    }
}
