//! A value as it was written, after its cast prefix but before anybody knows which kind it should be.

use std::fmt;

use regex::Regex;
use serde_json::{Map, Value};

/// A written value.
#[derive(Clone, Debug, PartialEq)]
pub enum Raw {
    /// Text whose meaning the setting decides: `1,2` may be a text or a list.
    Plain(String),
    /// Text that is only text, commas and all.
    Exact(String),
    /// Several values.
    List(Vec<Raw>),
    /// A regular expression, known to be well formed.
    Regex(String),
    /// A nested object.
    Object(Map<String, Value>),
}

impl Raw {
    /// Reads a text with its optional prefix `string:`, `number:`, `regex:`, `array:` or `json:`.
    /// `Ok(None)` means "not set" (JSON's `null`); the error says what the prefix wants.
    pub fn read(text: &str) -> Result<Option<Self>, &'static str> {
        let Some((prefix, rest)) = text.split_once(':') else {
            return Ok(Some(Self::Plain(text.into())));
        };
        Ok(Some(match prefix {
            "string" => Self::Exact(rest.into()),
            "number" => match rest.trim().parse::<f64>() {
                Ok(_) => Self::Plain(rest.trim().into()),
                Err(_) => return Err("`number:` is followed by a number"),
            },
            "regex" => match Regex::new(rest) {
                Ok(_) => Self::Regex(rest.into()),
                Err(_) => return Err("`regex:` is followed by a regular expression"),
            },
            "array" => {
                let items = rest.split(',').map(|item| Self::read(item.trim()));
                Self::List(items.filter_map(Result::transpose).collect::<Result<_, _>>()?)
            }
            "json" => {
                let value = serde_json::from_str(rest).map_err(|_| "`json:` is followed by JSON")?;
                return Self::from_json(&value, false);
            }
            _ => Self::Plain(text.into()),
        }))
    }

    /// Takes a value of a JSON, YAML or TOML document; with `casts`, its texts may carry prefixes.
    pub fn from_json(value: &Value, casts: bool) -> Result<Option<Self>, &'static str> {
        Ok(Some(match value {
            Value::Null => return Ok(None),
            Value::Bool(flag) => Self::Plain(flag.to_string()),
            Value::Number(number) => Self::Plain(number.to_string()),
            Value::String(text) if casts => return Self::read(text),
            Value::String(text) => Self::Exact(text.clone()),
            Value::Array(items) => {
                let items = items.iter().map(|item| Self::from_json(item, casts));
                Self::List(items.filter_map(Result::transpose).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => Self::Object(members.clone()),
        }))
    }

    /// The text, when it is one value.
    pub fn scalar(&self) -> Option<&str> {
        match self {
            Self::Plain(text) | Self::Exact(text) => Some(text),
            Self::List(_) | Self::Regex(_) | Self::Object(_) => None,
        }
    }

    /// The members: of a list, or of a plain text between its commas (empty ones left out).
    pub fn items(&self) -> Option<Vec<Self>> {
        match self {
            Self::Plain(text) => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                Some(parts.map(|part| Self::Plain(part.into())).collect())
            }
            Self::List(items) => Some(items.clone()),
            Self::Exact(_) | Self::Regex(_) => Some(vec![self.clone()]),
            Self::Object(_) => None,
        }
    }
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) | Self::Exact(text) => f.write_str(text),
            Self::Regex(pattern) => write!(f, "regex:{pattern}"),
            Self::Object(_) => f.write_str("(a nested object)"),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        f.write_str(",")?;
                    }
                    write!(f, "{item}")?;
                }
                Ok(())
            }
        }
    }
}
