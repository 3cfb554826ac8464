//! XML, as far as SAML is written in it: elements, attributes and texts. Whatever two readers might understand in two ways
//! is refused: document types and entities, comments and processing instructions, sections without markup, encodings other
//! than UTF-8, names beyond ASCII. Pure. There is no other way to an [`Element`], so that all that is judged was read so.

use std::{borrow::Cow, sync::Arc};

#[cfg(test)]
mod tests;

/// Largest text, in bytes. Answers have some ten thousand, with a thousand groups a hundred thousand; a description of a
/// provider may have as many.
pub const MAX_BYTES: usize = 256 * 1024;

/// How deep elements may stand in each other: those of SAML are about ten deep.
const MAX_DEPTH: usize = 32;

/// Elements in all: somebody's thousand groups take two thousand.
const MAX_ELEMENTS: usize = 8_192;

/// Attributes of one element, with what it declares of namespaces.
const MAX_ATTRIBUTES: usize = 64;

/// The namespace that the prefix `xml` always means.
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// What attributes are called that declare a namespace.
const DECLARATION: &str = "xmlns";

/// Why a text is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Larger, deeper, or of more parts than anything that is meant.
    TooLarge,
    /// Not in UTF-8, or with characters that XML does not have.
    Encoding,
    /// A document type: it could define what other parts mean.
    DocumentType,
    /// A comment: some readers take a text to end there.
    Comment,
    /// A processing instruction.
    Instruction,
    /// A section without markup.
    Section,
    /// An entity that is not one of XML's own five, or a character that there is not.
    Entity,
    /// A prefix that means nothing, or what must not be declared.
    Namespace,
    /// No XML for another reason.
    Malformed,
}

/// Whether comments are passed over. They are in what the operator has written, and in nothing that comes from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comments {
    Refused,
    PassedOver,
}

/// An element, with all that is in it.
#[derive(Clone, Debug)]
pub struct Element {
    pub prefix: String,
    pub local: String,
    /// Empty where it is in none.
    pub namespace: Arc<str>,
    pub attributes: Vec<Attribute>,
    pub children: Vec<Node>,
    /// What prefixes mean here.
    pub scope: Arc<Scope>,
}

/// What an element holds.
#[derive(Clone, Debug)]
pub enum Node {
    Element(Element),
    Text(String),
}

/// An attribute that declares no namespace.
#[derive(Clone, Debug)]
pub struct Attribute {
    pub prefix: String,
    pub local: String,
    /// Empty where it is in none.
    pub namespace: Arc<str>,
    pub value: String,
}

/// Prefixes, and the namespaces that they are declared to mean.
type Declared = Vec<(String, Arc<str>)>;

/// What prefixes mean: as an element declares it, and beyond that as where the element stands.
#[derive(Debug, Default)]
pub struct Scope {
    declared: Declared,
    outer: Option<Arc<Scope>>,
}

impl Scope {
    /// What a prefix means here, the empty one for elements without; none where it means nothing.
    pub fn meaning(&self, prefix: &str) -> Option<&Arc<str>> {
        let own = self.declared.iter().find(|(own, _)| own == prefix);
        match (own, &self.outer) {
            (Some((_, namespace)), _) => Some(namespace),
            (None, Some(outer)) => outer.meaning(prefix),
            (None, None) => None,
        }
    }
}

impl Element {
    /// Whether it is called so.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        &*self.namespace == namespace && self.local == local
    }

    /// The value of an attribute without a namespace.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut own = self.attributes.iter();
        own.find(|own| own.namespace.is_empty() && own.local == name)
            .map(|own| own.value.as_str())
    }

    /// The elements right within it.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// Those of them that are called so.
    pub fn named<'e>(&'e self, namespace: &'e str, local: &'e str) -> impl Iterator<Item = &'e Element> {
        self.elements().filter(move |element| element.is(namespace, local))
    }

    /// The only one of them that is called so; none where there are several.
    pub fn only<'e>(&'e self, namespace: &'e str, local: &'e str) -> Option<&'e Element> {
        let mut named = self.named(namespace, local);
        let first = named.next();
        first.filter(|_| named.next().is_none())
    }

    /// Its text, all of it; none where it holds elements.
    pub fn text(&self) -> Option<String> {
        let texts = self.children.iter().map(|child| match child {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect()
    }

    /// It and all elements within it, however deep.
    pub fn all(&self) -> Vec<&Element> {
        let (mut all, mut next) = (vec![self], 0);
        while let Some(element) = all.get(next).copied() {
            all.extend(element.elements());
            next += 1;
        }
        all
    }
}

/// Reads a document.
///
/// # Errors
/// What it holds that is not read.
pub fn read(bytes: &[u8], comments: Comments) -> Result<Element, Fault> {
    if bytes.len() > MAX_BYTES {
        return Err(Fault::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::Encoding)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.chars().all(is_character) {
        return Err(Fault::Encoding);
    }
    let text = if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    };
    let mut reader = Reader {
        rest: &text,
        comments,
        elements: 0,
    };
    reader.declaration()?;
    reader.between()?;
    let root = reader.element(0, &Arc::default())?;
    reader.between()?;
    if reader.rest.is_empty() {
        Ok(root)
    } else {
        Err(Fault::Malformed)
    }
}

/// Whether XML has this character.
fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n')
}

struct Reader<'t> {
    rest: &'t str,
    comments: Comments,
    elements: usize,
}

impl<'t> Reader<'t> {
    /// Goes over what comes next, if it is that.
    fn skip(&mut self, next: &str) -> bool {
        let rest = self.rest.strip_prefix(next);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, next: &str) -> Result<(), Fault> {
        if self.skip(next) { Ok(()) } else { Err(Fault::Malformed) }
    }

    /// What comes before the next of these characters, which has to come.
    fn until(&mut self, end: impl Fn(char) -> bool) -> Result<&'t str, Fault> {
        let at = self.rest.find(end).ok_or(Fault::Malformed)?;
        let (before, rest) = self.rest.split_at_checked(at).ok_or(Fault::Malformed)?;
        self.rest = rest;
        Ok(before)
    }

    /// Goes over spaces; says whether there were any.
    fn spaces(&mut self) -> bool {
        let rest = self.rest.trim_start_matches(is_space);
        let some = rest.len() < self.rest.len();
        self.rest = rest;
        some
    }

    /// Goes over the XML declaration, which may say nothing but what holds anyway.
    fn declaration(&mut self) -> Result<(), Fault> {
        if !self.skip("<?xml") {
            return Ok(());
        }
        let said = self.until(|c| c == '?')?;
        self.expect("?>")?;
        let mut parts = said.split(is_space).filter(|part| !part.is_empty());
        let known = |part: &str| {
            let part = part.replace('\'', "\"");
            part == "version=\"1.0\""
                || part.eq_ignore_ascii_case("encoding=\"utf-8\"")
                || matches!(part.as_str(), "standalone=\"yes\"" | "standalone=\"no\"")
        };
        if parts.all(known) { Ok(()) } else { Err(Fault::Encoding) }
    }

    /// Goes over what may stand before and after the one element.
    fn between(&mut self) -> Result<(), Fault> {
        self.spaces();
        while self.rest.starts_with("<!") || self.rest.starts_with("<?") {
            self.apart()?;
            self.spaces();
        }
        Ok(())
    }

    /// Goes over what is neither element nor text, where that is done.
    fn apart(&mut self) -> Result<(), Fault> {
        if self.rest.starts_with("<?") {
            return Err(Fault::Instruction);
        }
        if self.rest.starts_with("<![") {
            return Err(Fault::Section);
        }
        if !self.skip("<!--") {
            return Err(Fault::DocumentType);
        }
        if self.comments == Comments::Refused {
            return Err(Fault::Comment);
        }
        let (_, rest) = self.rest.split_once("--").ok_or(Fault::Malformed)?;
        self.rest = rest;
        self.expect(">")
    }

    /// A name: a prefix, which may be empty, and the rest.
    fn name(&mut self) -> Result<(String, String), Fault> {
        let name = self.until(|c| !(c.is_ascii_alphanumeric() || "_-.:".contains(c)))?;
        let (prefix, local) = match name.split_once(':') {
            Some((prefix, local)) if !prefix.is_empty() => (prefix, local),
            Some(_) => return Err(Fault::Malformed),
            None => ("", name),
        };
        let begins = |part: &str| part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let fits = begins(local) && (prefix.is_empty() || begins(prefix)) && !local.contains(':');
        if !fits {
            return Err(Fault::Malformed);
        }
        Ok((prefix.to_owned(), local.to_owned()))
    }

    fn element(&mut self, depth: usize, outer: &Arc<Scope>) -> Result<Element, Fault> {
        self.elements += 1;
        if depth >= MAX_DEPTH || self.elements > MAX_ELEMENTS {
            return Err(Fault::TooLarge);
        }
        self.expect("<")?;
        let (prefix, local) = self.name()?;
        let (written, declared) = self.attributes()?;
        let scope = if declared.is_empty() {
            Arc::clone(outer)
        } else {
            let outer = Some(Arc::clone(outer));
            Arc::new(Scope { declared, outer })
        };
        let mut element = Element {
            namespace: meaning(&scope, &prefix)?,
            attributes: resolved(written, &scope)?,
            children: Vec::new(),
            prefix,
            local,
            scope,
        };
        if !self.skip("/>") {
            self.expect(">")?;
            self.content(&mut element, depth)?;
        }
        Ok(element)
    }

    /// Reads what an element holds, and its end.
    fn content(&mut self, element: &mut Element, depth: usize) -> Result<(), Fault> {
        loop {
            let text = self.until(|c| c == '<')?;
            if text.contains("]]>") {
                return Err(Fault::Malformed);
            }
            if !text.is_empty() {
                element.children.push(Node::Text(unescaped(text, false)?));
            }
            if self.skip("</") {
                let ended = self.name()?;
                self.spaces();
                self.expect(">")?;
                let is_this = ended.0 == element.prefix && ended.1 == element.local;
                return if is_this { Ok(()) } else { Err(Fault::Malformed) };
            }
            if self.rest.starts_with("<!") || self.rest.starts_with("<?") {
                self.apart()?;
            } else {
                let child = self.element(depth + 1, &element.scope)?;
                element.children.push(Node::Element(child));
            }
        }
    }

    /// Attributes as they are written, up to the end of the tag, and namespaces that are declared among them.
    fn attributes(&mut self) -> Result<(Vec<Written>, Declared), Fault> {
        let (mut written, mut declared) = (Vec::new(), Vec::new());
        loop {
            let apart = self.spaces();
            if self.rest.starts_with('>') || self.rest.starts_with("/>") {
                return Ok((written, declared));
            }
            if !apart {
                return Err(Fault::Malformed);
            }
            if written.len() + declared.len() >= MAX_ATTRIBUTES {
                return Err(Fault::TooLarge);
            }
            let (prefix, local) = self.name()?;
            self.spaces();
            self.expect("=")?;
            self.spaces();
            let value = self.value()?;
            match (prefix.as_str(), local.as_str()) {
                ("", DECLARATION) => declare(&mut declared, "", value)?,
                (DECLARATION, name) => declare(&mut declared, name, value)?,
                _ => written.push((prefix, local, value)),
            }
        }
    }

    fn value(&mut self) -> Result<String, Fault> {
        let quote = if self.skip("\"") { '"' } else { '\'' };
        if quote == '\'' {
            self.expect("'")?;
        }
        let text = self.until(|c| c == quote || c == '<')?;
        // A less-than sign before the end is none that may be there.
        self.expect(if quote == '"' { "\"" } else { "'" })?;
        unescaped(text, true)
    }
}

/// An attribute before it is known what its prefix means.
type Written = (String, String, String);

/// Keeps what a prefix is declared to mean.
fn declare(declared: &mut Declared, prefix: &str, namespace: String) -> Result<(), Fault> {
    let again = declared.iter().any(|(own, _)| own == prefix);
    // Only the empty prefix can be taken back; what these two mean is fixed.
    let fixed = prefix == "xml" || prefix == DECLARATION || namespace == XML || namespace.ends_with("/xmlns/");
    if again || fixed || (namespace.is_empty() && !prefix.is_empty()) {
        return Err(Fault::Namespace);
    }
    declared.push((prefix.to_owned(), namespace.into()));
    Ok(())
}

/// What a prefix of an element means; one without is in no namespace unless it is declared otherwise.
fn meaning(scope: &Scope, prefix: &str) -> Result<Arc<str>, Fault> {
    match scope.meaning(prefix) {
        Some(namespace) => Ok(Arc::clone(namespace)),
        None if prefix.is_empty() => Ok(Arc::default()),
        None if prefix == "xml" => Ok(XML.into()),
        None => Err(Fault::Namespace),
    }
}

/// Attributes with their namespaces, none of them twice.
fn resolved(written: Vec<Written>, scope: &Scope) -> Result<Vec<Attribute>, Fault> {
    let mut out: Vec<Attribute> = Vec::with_capacity(written.len());
    for (prefix, local, value) in written {
        // Without a prefix an attribute is in no namespace, whatever is declared.
        let namespace = if prefix.is_empty() {
            Arc::default()
        } else {
            meaning(scope, &prefix)?
        };
        if out.iter().any(|own| own.namespace == namespace && own.local == local) {
            return Err(Fault::Malformed);
        }
        out.push(Attribute {
            prefix,
            local,
            namespace,
            value,
        });
    }
    Ok(out)
}

/// A text with its references replaced; in an attribute every space that is written as such is a plain one.
fn unescaped(text: &str, attribute: bool) -> Result<String, Fault> {
    let plain = |text: &str| match attribute {
        true => text.replace(['\t', '\n'], " "),
        false => text.to_owned(),
    };
    let mut parts = text.split('&');
    let mut out = plain(parts.next().unwrap_or_default());
    for part in parts {
        let (name, rest) = part.split_once(';').ok_or(Fault::Entity)?;
        out.push(referred(name).ok_or(Fault::Entity)?);
        out.push_str(&plain(rest));
    }
    Ok(out)
}

/// The character that a reference means.
fn referred(name: &str) -> Option<char> {
    let digits = |text: &str, radix: u32| {
        let number = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let code = u32::from_str_radix(text, radix).ok().filter(|_| number)?;
        char::from_u32(code).filter(|c| is_character(*c))
    };
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match name.strip_prefix("#x") {
            Some(hex) => digits(hex, 16),
            None => digits(name.strip_prefix('#')?, 10),
        },
    }
}
