//! Takes a file apart: members by their names and forms, every problem noted with its place, none of them final. What is
//! noted makes the whole file refused in the end; until then reading goes on, so that all is told at once.

use aedile_engine::{Json, Object};

use super::{Document, Place, Problem, Problems};

/// A running reading.
pub(crate) struct Reader<'d> {
    document: &'d Document,
    problems: Vec<Problem>,
}

/// An object at its place.
#[derive(Clone)]
pub(crate) struct Node<'v> {
    /// Its members.
    pub members: &'v Object,
    /// Its place.
    pub place: Place,
}

impl<'d> Reader<'d> {
    /// The beginning of a reading.
    pub fn of(document: &'d Document) -> Self {
        Reader {
            document,
            problems: Vec::new(),
        }
    }

    /// Notes that something is wrong.
    pub fn wrong(&mut self, place: &Place, message: impl Into<String>) {
        self.problems.push(self.document.problem(place, message));
    }

    /// The end: what was read, if nothing was wrong.
    pub fn finish<T>(mut self, read: T) -> Result<T, Problems> {
        self.problems.sort_by_key(|problem| problem.line);
        if self.problems.is_empty() {
            Ok(read)
        } else {
            Err(Problems(self.problems))
        }
    }

    /// What is at a place, which has to be an object of members.
    pub fn object<'v>(&mut self, value: &'v Json, place: Place) -> Option<Node<'v>> {
        match value {
            Json::Object(members) => Some(Node { members, place }),
            _ => {
                self.wrong(&place, "has to be members with names and values");
                None
            }
        }
    }

    /// Notes members that nobody knows.
    pub fn only(&mut self, node: &Node<'_>, known: &[&str]) {
        for name in node.members.keys().filter(|name| !known.contains(&name.as_str())) {
            self.wrong(
                &node.place.member(name),
                format!("is not known here; known are {}", known.join(", ")),
            );
        }
    }

    /// A list, each element with its place; a member that is left out or null is none.
    pub fn list<'v>(&mut self, node: &Node<'v>, name: &str) -> Option<Vec<(&'v Json, Place)>> {
        let place = node.place.member(name);
        match node.members.get(name)? {
            Json::Array(list) => Some(
                list.iter()
                    .enumerate()
                    .map(|(n, one)| (one, place.element(n)))
                    .collect(),
            ),
            Json::Null => None,
            _ => {
                self.wrong(&place, "has to be a list");
                None
            }
        }
    }

    /// A text.
    pub fn text(&mut self, node: &Node<'_>, name: &str) -> Option<String> {
        self.text_at(node.members.get(name)?, &node.place.member(name))
    }

    fn text_at(&mut self, value: &Json, place: &Place) -> Option<String> {
        match value {
            Json::String(text) => Some(text.clone()),
            Json::Null => None,
            _ => {
                self.wrong(
                    place,
                    "has to be text; what could be taken for something else needs quotes",
                );
                None
            }
        }
    }

    /// A text that has to be there.
    pub fn needed(&mut self, node: &Node<'_>, name: &str) -> Option<String> {
        match node.members.get(name) {
            None | Some(Json::Null) => {
                self.wrong(&node.place, format!("\"{name}\" is needed"));
                None
            }
            Some(_) => self.text(node, name),
        }
    }

    /// Yes or no; no when it is left out.
    pub fn flag(&mut self, node: &Node<'_>, name: &str) -> bool {
        match node.members.get(name) {
            None | Some(Json::Null) => false,
            Some(Json::Bool(yes)) => *yes,
            Some(_) => {
                self.wrong(&node.place.member(name), "is true or false");
                false
            }
        }
    }

    /// Texts, each with its place: a list, or one of them alone.
    pub fn texts(&mut self, node: &Node<'_>, name: &str) -> Option<Vec<(String, Place)>> {
        if let Some(Json::String(text)) = node.members.get(name) {
            return Some(vec![(text.clone(), node.place.member(name))]);
        }
        let list = self.list(node, name)?;
        Some(
            list.into_iter()
                .filter_map(|(value, place)| Some((self.text_at(value, &place)?, place)))
                .collect(),
        )
    }
}
