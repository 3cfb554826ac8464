//! The items of a file, one after the other: a CSV with names in its first line, or a JSON list of objects.
//! What a cell of text means is decided by its field, never guessed from the text alone.

use std::io::BufRead;

use aedile_engine::{
    Error, Json, Object, Result,
    schema::{Collection, Field, Kind, Link, Schema, Special},
};
use serde::Deserialize as _;

/// Columns of a CSV at most: each costs something in every row.
const MOST_COLUMNS: usize = 2_000;
/// What may separate cells; the one that the first line has most of does.
const SEPARATORS: [u8; 4] = *b",;\t|";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// A list of objects.
    Json,
}

type Source = Box<dyn BufRead + Send>;

/// The items of a file, as they are asked for.
///
/// # Errors
/// `INVALID_PAYLOAD` for what is not of the format, here or at the item that is not.
pub fn read<'s>(
    format: Format,
    schema: &'s Schema,
    c: &'s Collection,
    depth: usize,
    mut source: Source,
) -> Result<Box<dyn Iterator<Item = Result<Object>> + Send + 's>> {
    skip_mark(&mut source)?;
    match format {
        Format::Csv => Ok(Box::new(Csv::new(schema, c, depth, source)?)),
        Format::Json => Ok(Box::new(List::new(source)?)),
    }
}

fn skip_mark(source: &mut Source) -> Result<()> {
    let begins = source
        .fill_buf()
        .map_err(super::spool::broken)?
        .starts_with(BYTE_ORDER_MARK);
    source.consume(if begins { BYTE_ORDER_MARK.len() } else { 0 });
    Ok(())
}

/// A CSV under way.
struct Csv<'s> {
    lines: csv::Reader<Source>,
    columns: Vec<Column<'s>>,
}

/// Where the cells of a column go, and what they are.
struct Column<'s> {
    path: Vec<String>,
    field: Option<&'s Field>,
    /// Lists of related items are written as JSON.
    is_list: bool,
}

impl<'s> Csv<'s> {
    fn new(schema: &'s Schema, c: &'s Collection, depth: usize, mut source: Source) -> Result<Csv<'s>> {
        let separator = separator(source.fill_buf().map_err(super::spool::broken)?);
        let mut lines = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(source);
        let mut names = csv::StringRecord::new();
        lines.read_record(&mut names).map_err(malformed)?;
        if names.len() > MOST_COLUMNS {
            return Err(Error::invalid_payload(format!(
                "a file may have {MOST_COLUMNS} columns at most"
            )));
        }
        let columns: Vec<Column<'_>> = names
            .iter()
            .map(|name| column(schema, c, depth, name.trim()))
            .collect::<Result<_>>()?;
        for (i, column) in columns.iter().enumerate() {
            if columns.iter().take(i).any(|other| other.path == column.path) && column.path != [""] {
                let name = column.path.join(".");
                return Err(Error::invalid_payload(format!("the column \"{name}\" is there twice")));
            }
        }
        Ok(Csv { lines, columns })
    }

    fn item(&self, cells: &csv::StringRecord) -> Result<Object> {
        if cells.len() > self.columns.len() {
            let line = cells.position().map_or(0, csv::Position::line);
            return Err(Error::invalid_payload(format!(
                "line {line} has more cells than the first has names"
            )));
        }
        let mut item = Object::new();
        for (column, text) in self.columns.iter().zip(cells) {
            // An empty cell says nothing: a new item gets the default, an old one keeps what it has.
            if !text.is_empty() && column.path != [""] {
                put(&mut item, &column.path, column.value(text));
            }
        }
        Ok(item)
    }
}

impl Iterator for Csv<'_> {
    type Item = Result<Object>;

    fn next(&mut self) -> Option<Result<Object>> {
        let mut cells = csv::StringRecord::new();
        match self.lines.read_record(&mut cells) {
            Ok(false) => None,
            Ok(true) => Some(self.item(&cells)),
            Err(error) => Some(Err(malformed(error))),
        }
    }
}

impl Column<'_> {
    fn value(&self, text: &str) -> Json {
        let json = || serde_json::from_str(text).unwrap_or_else(|_| text.into());
        let Some(field) = self.field else { return text.into() };
        let is_structure = text.starts_with(['[', '{']);
        match field.kind {
            Kind::Json => json(),
            _ if field.is(Special::CastJson) => json(),
            Kind::Integer | Kind::Float | Kind::Boolean => match json() {
                value @ (Json::Number(_) | Json::Bool(_)) => value,
                _ => text.into(),
            },
            Kind::Csv
            | Kind::Geometry
            | Kind::GeometryPoint
            | Kind::GeometryLineString
            | Kind::GeometryPolygon
            | Kind::GeometryMultiPoint
            | Kind::GeometryMultiLineString
            | Kind::GeometryMultiPolygon
                if is_structure =>
            {
                json()
            }
            _ if self.is_list => json(),
            _ => text.into(),
        }
    }
}

/// A column by its name: a field, or fields joined by dots that lead through single related items, as exports name them.
fn column<'s>(schema: &'s Schema, c: &'s Collection, depth: usize, name: &str) -> Result<Column<'s>> {
    let path: Vec<String> = match c.field(name) {
        Some(_) => vec![name.to_owned()],
        None => name.split('.').map(str::to_owned).collect(),
    };
    if path.len() > depth.saturating_add(1) {
        return Err(Error::invalid_payload(format!(
            "the column \"{name}\" goes through too many relations"
        )));
    }
    let (mut at, mut field, mut is_list) = (Some(c), None, false);
    for name in &path {
        let here = at;
        field = here.and_then(|c| c.field(name));
        let link = here.and_then(|c| schema.link(&c.name, name));
        is_list = matches!(link, Some(Link::Many { .. }));
        at = match link {
            Some(Link::One { target, .. }) => Some(target),
            _ => None,
        };
    }
    Ok(Column { path, field, is_list })
}

/// Puts a value where it belongs, with the objects on the way.
fn put(item: &mut Object, path: &[String], value: Json) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        item.insert(first.clone(), value);
        return;
    }
    let inner = item.entry(first.clone()).or_insert(Json::Null);
    if !inner.is_object() {
        *inner = Json::Object(Object::new());
    }
    if let Json::Object(inner) = inner {
        put(inner, rest, value);
    }
}

/// What separates the names in the first line.
fn separator(start: &[u8]) -> u8 {
    let mut counts = [0usize; SEPARATORS.len()];
    let mut quoted = false;
    for byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if quoted => {}
            _ => {
                for (count, separator) in counts.iter_mut().zip(SEPARATORS) {
                    *count += usize::from(*byte == separator);
                }
            }
        }
    }
    let best = counts.iter().zip(SEPARATORS).rev().max_by_key(|(count, _)| **count);
    best.map_or(b',', |(_, separator)| separator)
}

fn malformed(error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => super::spool::broken(error),
        csv::ErrorKind::Utf8 { pos, .. } => {
            let line = pos.map_or(0, |pos| pos.line());
            Error::invalid_payload(format!("line {line} of the file is not UTF-8"))
        }
        _ => Error::invalid_payload("the file is not a CSV"),
    }
}

/// A JSON list under way.
struct List {
    source: Source,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// After the opening bracket.
    Begin,
    /// After an item.
    Between,
    End,
}

impl List {
    fn new(mut source: Source) -> Result<List> {
        if next_sign(&mut source)? != Some(b'[') {
            return Err(Error::invalid_payload("the file has to be a JSON list of items"));
        }
        source.consume(1);
        Ok(List {
            source,
            place: Place::Begin,
        })
    }

    fn item(&mut self) -> Result<Option<Object>> {
        let mut sign = next_sign(&mut self.source)?;
        if sign == Some(b']') {
            self.source.consume(1);
            self.place = Place::End;
            return match next_sign(&mut self.source)? {
                None => Ok(None),
                Some(_) => Err(Error::invalid_payload("something follows the list")),
            };
        }
        if self.place == Place::Between {
            if sign != Some(b',') {
                return Err(Error::invalid_payload(
                    "the file is not valid JSON: a list needs commas",
                ));
            }
            self.source.consume(1);
            sign = next_sign(&mut self.source)?;
        }
        if sign != Some(b'{') {
            return Err(Error::invalid_payload("each element of the file needs to be an item"));
        }
        self.place = Place::Between;
        // It reads up to the brace that closes the object, and not a byte further.
        let mut reader = serde_json::Deserializer::from_reader(&mut self.source);
        Object::deserialize(&mut reader).map(Some).map_err(|error| {
            if error.is_io() {
                super::spool::broken(error.into())
            } else {
                Error::invalid_payload(format!("the file is not valid JSON ({error})"))
            }
        })
    }
}

impl Iterator for List {
    type Item = Result<Object>;

    fn next(&mut self) -> Option<Result<Object>> {
        if self.place == Place::End {
            return None;
        }
        let item = self.item();
        if item.is_err() {
            self.place = Place::End;
        }
        item.transpose()
    }
}

/// The next byte that is no space, which stays where it is.
fn next_sign(source: &mut Source) -> Result<Option<u8>> {
    loop {
        let bytes = source.fill_buf().map_err(super::spool::broken)?;
        let spaces = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let (found, ended) = (bytes.get(spaces).copied(), bytes.is_empty());
        source.consume(spaces);
        if found.is_some() || ended {
            return Ok(found);
        }
    }
}
