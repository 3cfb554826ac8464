//! Layouts: `{% layout "base" %}` and the blocks that it has places for. They are joined as text, before the template is
//! parsed. Must never take a name that is more than a name.

use std::{collections::HashMap, sync::LazyLock};

use aedile_engine::{Code, Error, Result};
use regex::{Captures, Regex};

#[cfg(test)]
mod tests;

/// Layouts of layouts.
const MAX_DEPTH: usize = 4;

/// The tags that are understood here. None for a pattern that is wrong, which a test would see.
static TAGS: LazyLock<Option<Tags>> = LazyLock::new(|| {
    Some(Tags {
        layout: Regex::new(r#"\{%-?\s*layout\s+["']([^"']*)["']\s*-?%\}"#).ok()?,
        block: Regex::new(r"(?s)\{%-?\s*block\s+(\w+)\s*-?%\}(.*?)\{%-?\s*endblock\s*-?%\}").ok()?,
    })
});

struct Tags {
    layout: Regex,
    block: Regex,
}

/// A template with everything that it is laid out in. `source` answers the text of a template.
pub fn joined(name: &str, source: &mut dyn FnMut(&str) -> Result<String>) -> Result<String> {
    let tags = TAGS
        .as_ref()
        .ok_or_else(|| Error::internal("the tags of layouts are malformed"))?;
    let mut text = source(name)?;
    // A block of the inner template wins over one of the outer.
    let mut blocks: HashMap<String, String> = HashMap::new();
    for _ in 0..MAX_DEPTH {
        let Some(outer) = tags.layout.captures(&text).and_then(|found| found.get(1)) else {
            return Ok(filled(tags, &text, &blocks));
        };
        let outer = outer.as_str().to_owned();
        if !is_name(&outer) {
            return Err(faulty(name, "its layout has no proper name"));
        }
        for found in tags.block.captures_iter(&text) {
            let part = |at: usize| found.get(at).map_or("", |part| part.as_str()).to_owned();
            blocks.entry(part(1)).or_insert_with(|| part(2));
        }
        text = source(&outer)?;
    }
    Err(faulty(name, "its layouts are nested too deep"))
}

/// The text with each block replaced by the one that was given, or by its own content.
fn filled(tags: &Tags, text: &str, blocks: &HashMap<String, String>) -> String {
    let told = |found: &Captures<'_>| {
        let part = |at: usize| found.get(at).map_or("", |part| part.as_str());
        blocks.get(part(1)).cloned().unwrap_or_else(|| part(2).to_owned())
    };
    tags.block.replace_all(text, told).into_owned()
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn faulty(name: &str, why: &str) -> Error {
    let reason = format!("The mail template {name}.liquid (EMAIL_TEMPLATES_PATH) cannot be used: {why}");
    Error::new(Code::ServiceUnavailable, reason)
}
