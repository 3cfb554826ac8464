//! Answers as files: the same JSON in another coat. What the caller may not read is not in the JSON, and so not here.
//! Must never change a value but as its format demands.

mod csv;
mod xml;
mod yaml;

use aedile_engine::{Json, query::Export};
use axum::http::{HeaderValue, StatusCode, header};

use crate::respond::Reply;

/// Bytes that tell spreadsheets that a file is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A file of this format, named after the collection.
pub fn file(collection: &str, format: Export, value: &Json) -> Reply {
    let typed = |content_type: &'static str, body: String| Reply::content(HeaderValue::from_static(content_type), body);
    let (reply, extension) = match format {
        Export::Csv => (typed("text/csv; charset=utf-8", csv::write(value)), "csv"),
        Export::CsvUtf8 => (
            typed(
                "text/csv; charset=utf-8",
                format!("{BYTE_ORDER_MARK}{}", csv::write(value)),
            ),
            "csv",
        ),
        Export::Json => (Reply::json(StatusCode::OK, value.to_string()), "json"),
        Export::Xml => (typed("text/xml; charset=utf-8", xml::write(value)), "xml"),
        Export::Yaml => (typed("text/yaml; charset=utf-8", yaml::write(value)), "yaml"),
    };
    reply.with(header::CONTENT_DISPOSITION, disposition(collection, extension))
}

/// The file's name, of characters that every system takes.
fn disposition(collection: &str, extension: &str) -> HeaderValue {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' || c == '-' {
            c
        } else {
            '_'
        }
    };
    let name: String = collection.chars().map(plain).collect();
    HeaderValue::from_str(&format!("attachment; filename=\"{name}.{extension}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests;
