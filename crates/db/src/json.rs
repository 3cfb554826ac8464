//! Writes rows as JSON text, cell by cell, without building values in between.
//! What it writes is always valid UTF-8, and valid JSON as long as `Raw` text is: that is the statement's promise.

#[cfg(test)]
mod tests;

use std::{borrow::Cow, io::Write as _};

use aedile_engine::{
    Code, Error,
    sql::{Output, Shape},
};

use crate::JsonRows;

/// A value as a driver hands it over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    Null,
    Int(i64),
    Real(f64),
    Bool(bool),
    /// Text; as it is where JSON is wanted.
    Text(&'a [u8]),
    /// Text that may not be the JSON it is taken for.
    Loose(&'a [u8]),
    Bytes(&'a [u8]),
}

/// From here on JavaScript writes numbers with an exponent, and so do we.
const LARGE: f64 = 1e21;
/// Below it, too.
const SMALL: f64 = 1e-6;

/// First size of an answer, in bytes.
const FIRST_BYTES: usize = 4096;

/// Rows under way.
pub(crate) struct Writer {
    /// What stands before each cell, `{"first":`, `,"second":` ...: escaped once per statement instead of once per row.
    /// Without any, rows are empty objects: there they are, and nothing of them may be told.
    keys: Vec<(Vec<u8>, Shape)>,
    rows: JsonRows,
}

impl Writer {
    /// No rows yet.
    pub(crate) fn new(outputs: &[Output]) -> Self {
        let key = |(i, output): (usize, &Output)| {
            let mut text = vec![if i == 0 { b'{' } else { b',' }];
            string(&mut text, output.name.as_bytes());
            text.push(b':');
            (text, output.shape)
        };
        Writer {
            keys: outputs.iter().enumerate().map(key).collect(),
            rows: JsonRows {
                bytes: Vec::with_capacity(FIRST_BYTES),
                ..JsonRows::default()
            },
        }
    }

    /// How many cells a row must have, if that is known.
    pub(crate) fn width(&self) -> Option<usize> {
        (!self.keys.is_empty()).then_some(self.keys.len())
    }

    /// Begins a row.
    pub(crate) fn begin(&mut self) {
        if self.rows.count > 0 {
            self.rows.bytes.push(b',');
        }
        self.rows.count += 1;
    }

    /// Writes the `i`th cell of a row, counted from zero.
    pub(crate) fn cell(&mut self, i: usize, value: Cell<'_>) {
        let out = &mut self.rows.bytes;
        match (self.keys.get(i), value) {
            (Some((_, Shape::Count)), Cell::Int(n)) => self.rows.counted = Some(n),
            (Some((_, Shape::Count)) | None, _) => {}
            (Some((key, shape)), value) => {
                out.extend_from_slice(key);
                cell(out, value, *shape);
            }
        }
    }

    /// Ends a row; tells how many bytes there are by now.
    pub(crate) fn end(&mut self) -> usize {
        if self.keys.is_empty() {
            self.rows.bytes.push(b'{');
        }
        self.rows.bytes.push(b'}');
        self.rows.bytes.len()
    }

    /// How many rows there are by now.
    pub(crate) fn count(&self) -> usize {
        self.rows.count
    }

    /// The rows so far; what follows begins anew.
    pub(crate) fn take(&mut self) -> JsonRows {
        std::mem::take(&mut self.rows)
    }

    /// The rows.
    pub(crate) fn finish(self) -> JsonRows {
        self.rows
    }
}

/// Writes one cell.
fn cell(out: &mut Vec<u8>, cell: Cell<'_>, shape: Shape) {
    match (shape, cell) {
        (_, Cell::Null) | (Shape::Raw, Cell::Bytes(_)) => out.extend_from_slice(b"null"),
        (Shape::Raw, Cell::Bool(b)) => out.extend_from_slice(truth(b)),
        (Shape::Raw, Cell::Int(n)) => integer(out, n),
        (Shape::Raw, Cell::Real(n)) => real(out, n),
        (Shape::Raw, Cell::Text(text)) => out.extend_from_slice(valid(text).as_bytes()),
        (Shape::Raw, Cell::Loose(text)) if is_json(text) => out.extend_from_slice(text),
        (_, Cell::Bool(b)) => quoted(out, |out| out.extend_from_slice(truth(b))),
        (_, Cell::Int(n)) => quoted(out, |out| integer(out, n)),
        (_, Cell::Real(n)) if n.is_finite() => quoted(out, |out| real(out, n)),
        (_, Cell::Real(_)) => out.extend_from_slice(b"null"),
        (_, Cell::Text(text) | Cell::Loose(text) | Cell::Bytes(text)) => string(out, text),
    }
}

fn truth(b: bool) -> &'static [u8] {
    if b { b"true" } else { b"false" }
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
}

/// The answer where it has grown beyond what one may be.
pub(crate) fn too_large(limit: usize) -> Error {
    Error::new(
        Code::ContentTooLarge,
        format!("The answer is larger than {limit} bytes; ask for fewer rows at once."),
    )
}

/// Writes a JSON string. Bytes that are not UTF-8 become replacement characters.
fn string(out: &mut Vec<u8>, text: &[u8]) {
    quoted(out, |out| {
        for run in valid(text).as_bytes().split_inclusive(|b| escape(*b)) {
            match run.split_last() {
                Some((last, head)) if escape(*last) => {
                    out.extend_from_slice(head);
                    escaped(out, *last);
                }
                _ => out.extend_from_slice(run),
            }
        }
    });
}

fn valid(text: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(text)
}

fn quoted(out: &mut Vec<u8>, inside: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    inside(out);
    out.push(b'"');
}

fn escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

fn escaped(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            write(out, format_args!("\\u{byte:04x}"));
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn integer(out: &mut Vec<u8>, n: i64) {
    write(out, format_args!("{n}"));
}

/// As JavaScript writes it: the shortest text that reads back the same, no point in whole numbers, null for what JSON lacks.
fn real(out: &mut Vec<u8>, n: f64) {
    let size = n.abs();
    if !n.is_finite() {
        out.extend_from_slice(b"null");
    } else if n == 0.0 {
        out.push(b'0');
    } else if size >= LARGE {
        let text = format!("{n:e}");
        out.extend_from_slice(text.replace('e', "e+").as_bytes());
    } else if size < SMALL {
        write(out, format_args!("{n:e}"));
    } else {
        write(out, format_args!("{n}"));
    }
}

fn write(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let wrote = out.write_fmt(text);
    debug_assert!(wrote.is_ok(), "memory takes every write");
}
