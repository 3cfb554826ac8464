//! Paths inside a JSON value: `a.b[0].c`. Members and elements only: no root sign, wildcard or predicate,
//! so that a path never means more than one place.

use crate::{
    error::{Error, Result},
    query::{JsonPath, JsonStep, Limits},
};

/// A path of one to `limits.json_depth` steps.
pub(super) fn parse(text: &str, limits: &Limits) -> Result<JsonPath> {
    let mut steps = Vec::new();
    for (i, part) in text.split('.').enumerate() {
        let (name, elements) = match part.find('[') {
            Some(at) => part.split_at(at),
            None => (part, ""),
        };
        // A list at the root is indexed without a name before it.
        if !(name.is_empty() && i == 0 && !elements.is_empty()) {
            steps.push(member(name)?);
        }
        push_elements(elements, &mut steps)?;
        if steps.len() > limits.json_depth {
            return Err(Error::invalid_query(format!(
                "a path inside JSON may have {} steps at most",
                limits.json_depth
            )));
        }
    }
    Ok(JsonPath(steps))
}

fn member(name: &str) -> Result<JsonStep> {
    let name = name.trim();
    if name.is_empty() || name.starts_with('$') || name.contains(['*', ']', ',']) {
        return Err(malformed());
    }
    Ok(JsonStep::Member(name.to_owned()))
}

/// `[0][12]`: each a whole number in brackets.
fn push_elements(mut text: &str, steps: &mut Vec<JsonStep>) -> Result<()> {
    while !text.is_empty() {
        let inside = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let Some((number, rest)) = inside else {
            return Err(malformed());
        };
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(malformed());
        }
        steps.push(JsonStep::Element(number.parse().map_err(|_| malformed())?));
        text = rest;
    }
    Ok(())
}

fn malformed() -> Error {
    Error::invalid_query("a path inside JSON is made of members and elements, as in a.b[0].c")
}
