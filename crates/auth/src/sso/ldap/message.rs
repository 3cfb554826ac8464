//! The messages of LDAP (RFC 4511) that a login needs: bind, search, StartTLS, and their answers. Pure. A value that is
//! searched for travels as itself, under a length: there is no text of a filter that it could be read as a part of.

use aedile_platform::config::Scope;

use super::super::ber::{Malformed, Reader, constructed, element, number, octets, tag};

/// Tags of what is asked.
const BIND: u8 = 0x60;
const SEARCH: u8 = 0x63;
const EXTENDED: u8 = 0x77;

/// Tags of what is answered.
const BOUND: u8 = 0x61;
const ENTRY: u8 = 0x64;
const DONE: u8 = 0x65;
const REFERENCE: u8 = 0x73;
const EXTENDED_DONE: u8 = 0x78;

/// The version that everybody speaks.
const VERSION: i32 = 3;

/// A password, as it is shown in a bind.
const SIMPLE: u8 = 0x80;

/// The name of an extended operation, and of the one that encrypts.
const OPERATION: u8 = 0x80;
const START_TLS: &[u8] = b"1.3.6.1.4.1.1466.20037";

/// Filters.
const EQUAL: u8 = 0xa3;
const PRESENT: u8 = 0x87;

/// Attributes of an entry that are read, and values of one: what is asked for are a handful of single values.
const MAX_ATTRIBUTES: usize = 64;
const MAX_VALUES: usize = 64;

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// 0 for well.
    pub code: i32,
    /// What the directory says of it.
    pub words: String,
}

/// Outcomes that mean something by themselves.
pub mod code {
    pub const SUCCESS: i32 = 0;
    pub const SIZE_LIMIT: i32 = 4;
    pub const NO_SUCH_OBJECT: i32 = 32;
    pub const INVALID_CREDENTIALS: i32 = 49;
}

/// Which entries are looked for.
#[derive(Clone, Debug)]
pub enum Filter {
    /// Those with this value of an attribute.
    Equal(String, Vec<u8>),
    /// All.
    All,
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Search {
    /// Where.
    pub base: String,
    /// How far below.
    pub scope: Scope,
    pub filter: Filter,
    /// What is told of each.
    pub attributes: Vec<String>,
    /// How many entries may be found.
    pub limit: usize,
    /// Seconds that the directory may look.
    pub seconds: i32,
}

/// An entry, as far as it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its distinguished name.
    pub dn: String,
    attributes: Vec<(String, Vec<Vec<u8>>)>,
}

impl Entry {
    /// The first value of an attribute that is a text.
    pub fn text(&self, attribute: &str) -> Option<&str> {
        let mut own = self.attributes.iter();
        let (_, values) = own.find(|(name, _)| name.eq_ignore_ascii_case(attribute))?;
        values.iter().find_map(|value| std::str::from_utf8(value).ok())
    }
}

/// What a directory answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Bound(Outcome),
    Found(Entry),
    /// Another directory is said to know more. Nobody goes there.
    Elsewhere,
    Done(Outcome),
    Extended(Outcome),
}

/// A message with its number.
fn message(id: i32, operation: Vec<u8>) -> Vec<u8> {
    constructed(tag::SEQUENCE, &[number(tag::INTEGER, id), operation])
}

/// Asks whether this is somebody's password.
pub fn bind(id: i32, dn: &str, password: &[u8]) -> Vec<u8> {
    let parts = [
        number(tag::INTEGER, VERSION),
        octets(dn.as_bytes()),
        element(SIMPLE, password),
    ];
    message(id, constructed(BIND, &parts))
}

/// Asks for encryption.
pub fn start_tls(id: i32) -> Vec<u8> {
    message(id, constructed(EXTENDED, &[element(OPERATION, START_TLS)]))
}

/// Asks for entries.
pub fn search(id: i32, search: &Search) -> Vec<u8> {
    let scope = match search.scope {
        Scope::Base => 0,
        Scope::One => 1,
        Scope::Sub => 2,
    };
    let attributes: Vec<Vec<u8>> = search.attributes.iter().map(|name| octets(name.as_bytes())).collect();
    let parts = [
        octets(search.base.as_bytes()),
        number(tag::ENUMERATED, scope),
        // An alias may lead out of where it is looked for: none is followed.
        number(tag::ENUMERATED, 0),
        number(tag::INTEGER, i32::try_from(search.limit).unwrap_or(i32::MAX)),
        number(tag::INTEGER, search.seconds),
        element(tag::BOOLEAN, &[0]),
        filter(&search.filter),
        constructed(tag::SEQUENCE, &attributes),
    ];
    message(id, constructed(SEARCH, &parts))
}

fn filter(of: &Filter) -> Vec<u8> {
    match of {
        Filter::Equal(attribute, value) => constructed(EQUAL, &[octets(attribute.as_bytes()), octets(value)]),
        Filter::All => element(PRESENT, b"objectClass"),
    }
}

/// Reads what is within a message: the number of what it answers, and the answer.
pub fn read(content: &[u8]) -> Result<(i32, Answer), Malformed> {
    let mut reader = Reader::new(content);
    let id = reader.number(tag::INTEGER)?;
    let (kind, inside) = reader.value()?;
    // Controls may follow; none was asked for.
    let answer = match kind {
        BOUND => Answer::Bound(outcome(inside)?),
        ENTRY => Answer::Found(entry(inside)?),
        REFERENCE => Answer::Elsewhere,
        DONE => Answer::Done(outcome(inside)?),
        EXTENDED_DONE => Answer::Extended(outcome(inside)?),
        _ => return Err(Malformed),
    };
    Ok((id, answer))
}

fn outcome(content: &[u8]) -> Result<Outcome, Malformed> {
    let mut reader = Reader::new(content);
    let code = reader.number(tag::ENUMERATED)?;
    reader.take(tag::OCTETS)?;
    let words = String::from_utf8_lossy(reader.take(tag::OCTETS)?).into_owned();
    Ok(Outcome { code, words })
}

fn entry(content: &[u8]) -> Result<Entry, Malformed> {
    let mut reader = Reader::new(content);
    let dn = std::str::from_utf8(reader.take(tag::OCTETS)?).map_err(|_| Malformed)?;
    let mut list = Reader::new(reader.take(tag::SEQUENCE)?);
    let mut attributes = Vec::new();
    while !list.is_empty() {
        let mut attribute = Reader::new(list.take(tag::SEQUENCE)?);
        let name = String::from_utf8_lossy(attribute.take(tag::OCTETS)?).into_owned();
        let mut set = Reader::new(attribute.take(tag::SET)?);
        let mut values = Vec::new();
        while !set.is_empty() && values.len() < MAX_VALUES {
            values.push(set.take(tag::OCTETS)?.to_vec());
        }
        if attributes.len() == MAX_ATTRIBUTES {
            return Err(Malformed);
        }
        attributes.push((name, values));
    }
    Ok(Entry {
        dn: dn.to_owned(),
        attributes,
    })
}
