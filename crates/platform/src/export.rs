//! Answers as files: the same JSON in another coat, part by part. What the caller may not read is not in the JSON, and so
//! not here. Must never change a value but as its format demands, nor hold a long list as a whole.

mod csv;
mod xml;
mod yaml;

use aedile_db::{JsonRows, Rows};
use aedile_engine::{Error, Json, Result, plan::columns::Column, query::Export, value::Param};

use crate::{Cx, items::prepared::Prepared};

/// Bytes that tell spreadsheets that a file is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The type that a format is sent as.
pub fn content_type(format: Export) -> &'static str {
    match format {
        Export::Csv | Export::CsvUtf8 => "text/csv; charset=utf-8",
        Export::Json => "application/json; charset=utf-8",
        Export::Xml => "text/xml; charset=utf-8",
        Export::Yaml => "text/yaml; charset=utf-8",
    }
}

/// How the names of such files end.
pub fn extension(format: Export) -> &'static str {
    match format {
        Export::Csv | Export::CsvUtf8 => "csv",
        Export::Json => "json",
        Export::Xml => "xml",
        Export::Yaml => "yaml",
    }
}

/// A value as a file. A list without known columns takes those of its items.
pub fn whole(format: Export, value: &Json) -> String {
    match format {
        Export::Csv => csv::write(value),
        Export::CsvUtf8 => format!("{BYTE_ORDER_MARK}{}", csv::write(value)),
        Export::Json => value.to_string(),
        Export::Xml => xml::write(value),
        Export::Yaml => yaml::write(value),
    }
}

/// The text of a file.
pub enum Text {
    /// All of it.
    Whole(Vec<u8>),
    /// As it comes.
    Parts(Parts),
}

/// A file under way.
pub struct Parts {
    /// What was read to see that it can be.
    first: Option<JsonRows>,
    rows: Rows,
    writer: Option<Writer>,
}

impl Parts {
    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// What the database says: the file is not whole then, and must not be told to be.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>>> {
        let mut writer = self.writer.take()?;
        let part = match self.first.take() {
            Some(first) => Some(Ok(first)),
            None => self.rows.next().await,
        };
        match part {
            None => Some(Ok(writer.end())),
            Some(Err(error)) => Some(Err(error)),
            Some(Ok(rows)) => {
                let text = writer.rows(&rows.bytes);
                self.writer = Some(writer);
                Some(text)
            }
        }
    }
}

/// The list that a read asks for, as a file. One that is longer than a batch, or may be, comes in parts of one statement.
///
/// # Errors
/// What the database says before there are any bytes; `SERVICE_UNAVAILABLE` when too many long files are being made.
pub async fn list(cx: &Cx, read: &Prepared, format: Export) -> Result<Text> {
    let batch = cx.app.settings().limits.export_batch;
    let mut writer = Writer::new(format, read.columns.clone());
    if read.most_rows.is_some_and(|most| most <= batch as u64) {
        let rows = read.rows(cx).await?;
        let mut text = writer.rows(&rows.bytes)?;
        text.extend(writer.end());
        return Ok(Text::Whole(text));
    }
    let mut rows = read.stream(cx, batch).await?;
    let first = rows.next().await.transpose()?;
    Ok(Text::Parts(Parts {
        first,
        rows,
        writer: Some(writer),
    }))
}

/// The item that a read asks for, as a file.
///
/// # Errors
/// `FORBIDDEN` for an item that is missing or may not be read, and what the database says.
pub async fn item(cx: &Cx, read: &Prepared, key: &Param, format: Export) -> Result<Text> {
    let data = read.run(cx, key).await?.data.unwrap_or_else(|| b"null".to_vec());
    let value: Json = parsed(&data)?;
    let text = match format {
        Export::Csv | Export::CsvUtf8 => {
            let mut writer = Writer::new(format, read.columns.clone());
            writer.rows(&data)?
        }
        other => whole(other, &value).into_bytes(),
    };
    Ok(Text::Whole(text))
}

/// Writes the rows of a list as a file, part by part.
struct Writer {
    format: Export,
    columns: csv::Columns,
    begun: bool,
}

impl Writer {
    fn new(format: Export, columns: Vec<Column>) -> Writer {
        Writer {
            format,
            columns: csv::Columns::new(columns),
            begun: false,
        }
    }

    /// The next rows, which are the inside of a JSON list.
    fn rows(&mut self, rows: &[u8]) -> Result<Vec<u8>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let first = !std::mem::replace(&mut self.begun, true);
        if self.format == Export::Json {
            let before = if first { b'[' } else { b',' };
            return Ok([&[before], rows].concat());
        }
        let list = [b"[", rows, b"]"].concat();
        let items: Vec<Json> = parsed(&list)?;
        let mut text = String::with_capacity(list.len());
        match self.format {
            Export::Csv | Export::CsvUtf8 => {
                if first {
                    text.push_str(self.mark());
                    self.columns.head(&mut text);
                }
                self.columns.rows(&mut text, &items);
            }
            Export::Xml => xml::items(&mut text, &items, first),
            Export::Yaml => yaml::items(&mut text, &items),
            Export::Json => {}
        }
        Ok(text.into_bytes())
    }

    /// What comes after the last row.
    fn end(&self) -> Vec<u8> {
        let text = match (self.format, self.begun) {
            (Export::Json, true) => "]",
            (Export::Json, false) => "[]",
            (Export::Xml, true) => xml::END,
            (Export::Xml, false) => xml::EMPTY,
            (Export::Yaml, false) => yaml::EMPTY,
            (Export::Csv | Export::CsvUtf8, false) => self.mark(),
            (Export::Csv | Export::CsvUtf8 | Export::Yaml, true) => "",
        };
        text.as_bytes().to_vec()
    }

    fn mark(&self) -> &'static str {
        match self.format {
            Export::CsvUtf8 => BYTE_ORDER_MARK,
            _ => "",
        }
    }
}

fn parsed<T: serde::de::DeserializeOwned>(text: &[u8]) -> Result<T> {
    serde_json::from_slice(text).map_err(|error| Error::internal(format!("an answer is not JSON: {error}")))
}

#[cfg(test)]
mod tests;
