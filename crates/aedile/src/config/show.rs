//! Shows the configuration to people: as a table, as JSON, and as the Markdown page of all settings.
//! It only ever sees values that are masked already.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::table::{self, Entry};
use super::{Config, Source};

/// Every setting with value, source and default, as aligned text.
pub fn text(config: &Config) -> String {
    let rows: Vec<[String; 4]> = config
        .effective
        .iter()
        .map(|setting| {
            let default = table::entries()
                .find(|entry| entry.name() == setting.setting)
                .map_or("", Entry::default);
            let source = setting.source.to_string();
            [
                setting.name.to_string(),
                one_line(&setting.value),
                source,
                one_line(default),
            ]
        })
        .collect();
    let head = ["NAME", "VALUE", "SOURCE", "DEFAULT"].map(str::to_owned);
    let mut widths = [0; 4];
    for row in std::iter::once(&head).chain(&rows) {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    for row in std::iter::once(&head).chain(&rows) {
        let cells: Vec<_> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}

/// The same as a JSON array, with the descriptions.
pub fn json(config: &Config) -> String {
    let settings: Vec<Value> = config
        .effective
        .iter()
        .filter_map(|setting| {
            let entry = table::entries().find(|entry| entry.name() == setting.setting)?;
            Some(json!({
                "name": setting.name,
                "value": setting.value,
                "source": setting.source.to_string(),
                "is_default": setting.source == Source::Default,
                "default": entry.default(),
                "secret": entry.is_secret(),
                "takes": entry.takes(),
                "description": entry.doc(),
            }))
        })
        .collect();
    format!("{:#}\n", Value::Array(settings))
}

/// What stands above the tables of the documentation.
const INTRODUCTION: &str = "\
<!-- Written by `aedile config --docs`; change the table of settings in the source instead. -->

# Configuration

Aedile reads its settings from environment variables and from one file: the one `CONFIG_PATH` names, or `.env` in the
working folder. The file may be JSON, YAML, TOML or in the `.env` format. The environment wins over the file.

- An empty value means \"not set\", except for lists, where it is the empty list.
- `<NAME>_FILE` reads the value of `<NAME>` from a file; one line end at its close is cut.
- A prefix says how a value is meant: `string:` (text, commas and all), `number:`, `regex:`, `array:` (parts between
  commas, each with a prefix of its own if need be), `json:`.
- A malformed value stops the start; all of them are reported at once. A name in the file that looks like a misspelt
  setting is reported as a warning.
- `aedile config` shows what is in force and where each value comes from; secrets stay masked.
";

/// The Markdown page of all settings.
pub fn markdown() -> String {
    let mut out = INTRODUCTION.to_owned();
    for group in table::GROUPS {
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "\n## {}\n\n| Variable | Takes | Default | Meaning |\n|---|---|---|---|\n",
            group.title
        );
        for entry in group.entries {
            let default = match entry.default() {
                "" => String::new(),
                text => format!("`{}`", one_line(text)),
            };
            let _ = writeln!(
                out,
                "| `{}` | {} | {default} | {} |",
                table::of_provider(entry.name(), "<PROVIDER>"),
                entry.takes(),
                entry.doc()
            );
        }
    }
    out
}

/// A value without line ends or other control characters.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            line.extend(c.escape_default())
        } else {
            line.push(c)
        }
    }
    line
}
