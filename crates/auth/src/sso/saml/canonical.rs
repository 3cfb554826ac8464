//! The one form of an element in which it is signed: Exclusive XML Canonicalization 1.0, without comments, of which there
//! are none. Pure. Two different elements never have the same form: that is what makes a signature of it worth something.

use super::{
    Fault,
    xml::{self, Attribute, Element, Node},
};

#[cfg(test)]
mod tests;

/// Largest form, in bytes: names of namespaces are written wherever they are first used, so that it can be many times what
/// was read. It has to be read again.
const MAX_BYTES: usize = xml::MAX_BYTES;

/// The canonical form of an element, without one of its children where that is the signature itself. What the
/// prefixes mean that are `kept` is written whether they are used or not, for values that use them; `#default` is the
/// empty one.
///
/// # Errors
/// [`xml::Fault::TooLarge`].
pub fn form(element: &Element, without: Option<&Element>, kept: &[&str]) -> Result<Vec<u8>, Fault> {
    let mut writer = Writer {
        out: String::new(),
        told: Vec::new(),
        without,
        kept,
    };
    writer.element(element)?;
    Ok(writer.out.into_bytes())
}

struct Writer<'e> {
    out: String,
    /// What the prefixes mean that have been written where we are, the innermost last.
    told: Vec<(&'e str, &'e str)>,
    without: Option<&'e Element>,
    kept: &'e [&'e str],
}

impl<'e> Writer<'e> {
    fn element(&mut self, element: &'e Element) -> Result<(), Fault> {
        let outside = self.told.len();
        self.push(&["<"]);
        self.name(&element.prefix, &element.local);
        let mut declared = self.to_declare(element);
        declared.sort_unstable();
        for (prefix, namespace) in declared {
            self.push(&[" xmlns", if prefix.is_empty() { "" } else { ":" }, prefix, "=\""]);
            self.value(namespace);
            self.push(&["\""]);
            self.told.push((prefix, namespace));
        }
        let mut attributes: Vec<&Attribute> = element.attributes.iter().collect();
        attributes.sort_unstable_by(|a, b| (&a.namespace, &a.local).cmp(&(&b.namespace, &b.local)));
        for attribute in attributes {
            self.push(&[" "]);
            self.name(&attribute.prefix, &attribute.local);
            self.push(&["=\""]);
            self.value(&attribute.value);
            self.push(&["\""]);
        }
        self.push(&[">"]);
        for child in &element.children {
            match child {
                Node::Text(text) => self.text(text),
                Node::Element(child) if self.without.is_some_and(|own| std::ptr::eq(own, child)) => {}
                Node::Element(child) => self.element(child)?,
            }
        }
        self.push(&["</"]);
        self.name(&element.prefix, &element.local);
        self.push(&[">"]);
        self.told.truncate(outside);
        if self.out.len() > MAX_BYTES {
            return Err(Fault::Xml(xml::Fault::TooLarge));
        }
        Ok(())
    }

    /// The namespaces that an element or its attributes are in, and those that are kept, unless it has been said already
    /// what their prefixes mean.
    fn to_declare(&self, element: &'e Element) -> Vec<(&'e str, &'e str)> {
        let own = (element.prefix.as_str(), &*element.namespace);
        let attributes = element.attributes.iter();
        let attributes = attributes.map(|own| (own.prefix.as_str(), &*own.namespace));
        let attributes = attributes.filter(|(prefix, _)| !prefix.is_empty());
        let kept = self.kept.iter().filter_map(|kept| {
            let prefix = if *kept == "#default" { "" } else { *kept };
            Some((prefix, &**element.scope.meaning(prefix)?))
        });
        let mut declared: Vec<(&str, &str)> = Vec::new();
        for (prefix, namespace) in std::iter::once(own).chain(attributes).chain(kept) {
            let told = self.told.iter().rev().find(|(told, _)| *told == prefix);
            // Nothing has to be said of what is in no namespace, unless something else was said before.
            let known = told.map_or("", |(_, namespace)| *namespace) == namespace;
            if !known && prefix != "xml" && !declared.iter().any(|(other, _)| *other == prefix) {
                declared.push((prefix, namespace));
            }
        }
        declared
    }

    fn push(&mut self, parts: &[&str]) {
        for part in parts {
            self.out.push_str(part);
        }
    }

    fn name(&mut self, prefix: &str, local: &str) {
        self.push(&[prefix, if prefix.is_empty() { "" } else { ":" }, local]);
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\r' => self.out.push_str("&#xD;"),
                c => self.out.push(c),
            }
        }
    }

    fn value(&mut self, value: &str) {
        self.out.push_str(&escaped(value));
    }
}

/// A text as it stands between the quotes of an attribute.
pub fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            c => out.push(c),
        }
    }
    out
}
