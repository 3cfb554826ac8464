//! Query strings: from `filter[title][_eq]=x&fields[]=a` to the JSON object that it spells. Values stay text; what they
//! mean is for the query's parser. Bounded in pairs, depth and list length; it must never let one parameter overwrite
//! another silently: what contradicts itself is refused with `INVALID_QUERY`.

use aedile_engine::{Error, Json, Object, Result};
use percent_encoding::percent_decode_str;

/// How large a query string may be.
#[derive(Clone, Copy, Debug)]
pub struct QueryStringLimits {
    /// Nested brackets of a name (`QUERYSTRING_MAX_PARSE_DEPTH`).
    pub depth: usize,
    /// Elements of a list (`QUERYSTRING_ARRAY_LIMIT`).
    pub array: usize,
    /// Name and value pairs.
    pub pairs: usize,
}

impl Default for QueryStringLimits {
    fn default() -> Self {
        QueryStringLimits {
            depth: 10,
            array: 500,
            // More than any form has; each pair is inserted on its own.
            pairs: 1_000,
        }
    }
}

/// The parameters of a query string (without its `?`), in the order they came.
///
/// `a[b]=x` nests, `a[]=x` and `a[0]=x` are lists, and a repeated name is a list of its values; dots do not nest.
/// `+` is a space. As recorded, text with a malformed escape stays as it was sent, and a bracket that is not closed
/// is left out. What goes beyond the limits, a name used both for a value and for a group, and text that is not UTF-8
/// are `INVALID_QUERY`.
pub fn parse(query: &str, limits: &QueryStringLimits) -> Result<Object> {
    let mut root = Node::Group(Vec::new());
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    for (i, pair) in pairs.enumerate() {
        if i == limits.pairs {
            return Err(Error::invalid_query(format!(
                "the query string may have {} parameters at most",
                limits.pairs
            )));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, decode(value)?);
        let (parameter, brackets) = segments(&name);
        if parameter.is_empty() {
            continue;
        }
        if brackets.len() > limits.depth {
            return Err(Error::invalid_query(format!(
                "the query string may be nested {} deep at most",
                limits.depth
            )));
        }
        let mut node = root.member(parameter)?;
        for bracket in brackets {
            node = node.enter(bracket, limits)?;
        }
        node.put(value, limits)?;
    }
    match root.into_json() {
        Json::Object(parameters) => Ok(parameters),
        _ => Ok(Object::new()),
    }
}

/// Whether a query string may have a parameter of this name. It may be wrong in saying so, but never in denying it.
pub fn may_name(query: &str, parameter: &str) -> bool {
    query.split('&').any(|pair| {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        if name.contains(['%', '+']) {
            decode(name).map_or(true, |name| name.contains(parameter))
        } else {
            name.contains(parameter)
        }
    })
}

/// Text as it was meant: escapes decoded, `+` a space.
fn decode(text: &str) -> Result<String> {
    let spaced = text.replace('+', " ");
    if has_malformed_escape(&spaced) {
        return Ok(spaced);
    }
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(|text| text.into_owned())
        .map_err(|_| Error::invalid_query("the query string is not valid UTF-8"))
}

fn has_malformed_escape(text: &str) -> bool {
    text.split('%').skip(1).any(|after| {
        let mut bytes = after.bytes();
        let mut hex = || bytes.next().is_some_and(|byte| byte.is_ascii_hexdigit());
        !(hex() && hex())
    })
}

/// `a[b][]` as `a` and its brackets; what is between or after brackets is left out.
fn segments(name: &str) -> (&str, Vec<&str>) {
    let mut brackets = Vec::new();
    let mut parameter = name;
    let mut rest = name;
    while let Some((before, after)) = rest.split_once(']') {
        if let Some((outside, inside)) = before.rsplit_once('[') {
            if brackets.is_empty() {
                let end = name.len() - rest.len() + outside.len();
                parameter = name.get(..end).unwrap_or_default();
            }
            brackets.push(inside);
        }
        rest = after;
    }
    // `[a][b]=x` is `a[b]=x`.
    if parameter.is_empty() && !brackets.is_empty() {
        parameter = brackets.remove(0);
    }
    (parameter, brackets)
}

/// What a name holds.
enum Node {
    /// Nothing yet.
    Empty,
    /// A value.
    Text(String),
    /// Elements by index, each index once; gaps close when the list is told.
    List(Vec<(usize, Node)>),
    /// Members by name, each name once, in the order they came.
    Group(Vec<(String, Node)>),
}

impl Node {
    /// What a bracket leads to, made if it is new.
    fn enter(&mut self, bracket: &str, limits: &QueryStringLimits) -> Result<&mut Node> {
        let index = index(bracket);
        let listed = bracket.is_empty() || index.is_some();
        match self {
            Node::Group(_) if !bracket.is_empty() => self.member(bracket),
            Node::Empty if !listed => self.member(bracket),
            // A value and elements under one name are joined.
            Node::Text(_) if listed => self.element(None, limits),
            Node::Empty | Node::List(_) if listed => self.element(index, limits),
            _ => Err(contradiction(bracket)),
        }
    }

    /// A member of a group; nothing becomes a group.
    fn member(&mut self, name: &str) -> Result<&mut Node> {
        if let Node::Empty = self {
            *self = Node::Group(Vec::new());
        }
        let Node::Group(members) = self else {
            return Err(contradiction(name));
        };
        let at = members.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            members.push((name.to_owned(), Node::Empty));
            members.len() - 1
        });
        let found = members.get_mut(at).map(|(_, node)| node);
        found.ok_or_else(|| contradiction(name))
    }

    /// An element of a list, the one after the last if it has no index; nothing and a value become a list.
    fn element(&mut self, index: Option<usize>, limits: &QueryStringLimits) -> Result<&mut Node> {
        match std::mem::replace(self, Node::Empty) {
            Node::Empty => *self = Node::List(Vec::new()),
            Node::Text(text) => *self = Node::List(vec![(0, Node::Text(text))]),
            other => *self = other,
        }
        let Node::List(elements) = self else {
            return Err(contradiction("[]"));
        };
        let next = elements.iter().map(|(at, _)| at + 1).max().unwrap_or(0);
        let index = index.unwrap_or(next);
        if index >= limits.array {
            return Err(Error::invalid_query(format!(
                "a list in the query string may have {} elements at most",
                limits.array
            )));
        }
        let at = elements.iter().position(|(at, _)| *at == index).unwrap_or_else(|| {
            elements.push((index, Node::Empty));
            elements.len() - 1
        });
        let found = elements.get_mut(at).map(|(_, node)| node);
        found.ok_or_else(|| contradiction("[]"))
    }

    /// Sets a value; a further one makes a list of them.
    fn put(&mut self, value: String, limits: &QueryStringLimits) -> Result<()> {
        match self {
            Node::Empty => *self = Node::Text(value),
            Node::Text(_) | Node::List(_) => *self.element(None, limits)? = Node::Text(value),
            Node::Group(_) => {
                return Err(Error::invalid_query("a parameter is both a value and a group"));
            }
        }
        Ok(())
    }

    fn into_json(self) -> Json {
        match self {
            Node::Empty => Json::Null,
            Node::Text(text) => Json::String(text),
            Node::List(mut elements) => {
                elements.sort_by_key(|(index, _)| *index);
                elements.into_iter().map(|(_, node)| node.into_json()).collect()
            }
            Node::Group(members) => {
                let members = members.into_iter().map(|(name, node)| (name, node.into_json()));
                Json::Object(members.collect())
            }
        }
    }
}

/// The index that a bracket holds, written the one usual way.
fn index(bracket: &str) -> Option<usize> {
    let index = bracket.parse::<usize>().ok()?;
    (index.to_string() == bracket).then_some(index)
}

fn contradiction(name: &str) -> Error {
    let name: String = name.chars().take(60).collect();
    Error::invalid_query(format!(
        "\"{name}\" in the query string contradicts an earlier parameter"
    ))
}

#[cfg(test)]
mod tests;
