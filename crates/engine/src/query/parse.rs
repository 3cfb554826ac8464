//! Queries: from untyped parameters to a [`Query`]. Values are text from a URL (comma-separated, or JSON) or already
//! structured. Names are not resolved here. It must never answer a malformed parameter with a wider query than was
//! asked for: it is refused with `INVALID_QUERY`.

mod deep;
mod page;

use crate::{
    Json, Object,
    error::{Error, Result},
    query::{
        Aggregate, Alias, Export, Filter, Key, Limits, Meta, Query, fields,
        filter::{self, Context},
    },
};

/// The query that parameters ask for. Unknown parameters are ignored.
pub fn parse(raw: &Object, limits: &Limits) -> Result<Query> {
    let mut names = Names { left: limits.names };
    let source = Source { raw, prefix: "" };
    let query = Query {
        fields: fields::parse(source.get("fields"), limits)?,
        aggregate: aggregate(source.get("aggregate"))?,
        group: fields::keys(source.get("groupBy"), "groupBy")?,
        deep: deep::parse(source.get("deep"), limits, &mut names)?,
        page: page::parse(&source, limits, page::Excess::Refused)?,
        meta: meta(source.get("meta"))?,
        export: export(source.get("export"))?,
        version: source
            .get("version")
            .as_str()
            .filter(|version| !version.is_empty())
            .map(str::to_owned),
        ..items(&source, limits, &mut names)?
    };
    names.spend(query.fields.len() + query.aggregate.len() + query.group.len())?;
    Ok(query)
}

/// Parameters, whose names have a prefix in deep queries.
struct Source<'a> {
    raw: &'a Object,
    prefix: &'static str,
}

impl<'a> Source<'a> {
    /// A parameter's value; null where there is none.
    fn get(&self, name: &str) -> &'a Json {
        static ABSENT: Json = Json::Null;
        let found = match self.prefix {
            "" => self.raw.get(name),
            prefix => self.raw.get(&format!("{prefix}{name}")),
        };
        found.unwrap_or(&ABSENT)
    }

    fn has(&self, name: &str) -> bool {
        self.raw.contains_key(&format!("{}{name}", self.prefix))
    }
}

/// How many names may still come, in the whole query with its deep ones.
struct Names {
    left: usize,
}

impl Names {
    fn spend(&mut self, amount: usize) -> Result<()> {
        self.left = self
            .left
            .checked_sub(amount)
            .ok_or_else(|| Error::invalid_query("the query has too many names"))?;
        Ok(())
    }
}

/// What whole and deep queries have in common, except for the page.
fn items(source: &Source<'_>, limits: &Limits, names: &mut Names) -> Result<Query> {
    let query = Query {
        filter: condition(source, limits)?,
        search: search(source.get("search"), limits)?,
        sort: fields::sort(source.get("sort"), limits)?,
        alias: aliases(source.get("alias"), limits)?,
        ..Query::default()
    };
    names.spend(query.sort.len() + query.alias.len())?;
    Ok(query)
}

/// The filter; none if it holds for everything anyway. One that is null is malformed: a filter that got lost on its way
/// must not become a query (or a deletion) of everything.
fn condition(source: &Source<'_>, limits: &Limits) -> Result<Option<Filter>> {
    if !source.has("filter") {
        return Ok(None);
    }
    let filter = filter::parse(source.get("filter"), limits, Context::Query)?;
    Ok(match filter {
        Filter::And(list) if list.is_empty() => None,
        filter => Some(filter),
    })
}

/// The text to look for, trimmed. As recorded, a list or an object is no search.
fn search(json: &Json, limits: &Limits) -> Result<Option<String>> {
    let text = match json {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        Json::Bool(_) | Json::Null | Json::Array(_) | Json::Object(_) => return Ok(None),
    };
    if text.chars().nth(limits.search_length).is_some() {
        return Err(Error::invalid_query(format!(
            "\"search\" may have {} characters at most",
            limits.search_length
        )));
    }
    Ok((!text.is_empty()).then_some(text))
}

/// An object that may have been sent as JSON text; none if it is absent or empty text.
fn object<'a>(json: &'a Json, parameter: &str, parsed: &'a mut Json) -> Result<Option<&'a Object>> {
    let malformed = || Error::invalid_query(format!("\"{parameter}\" has to be an object"));
    match json {
        Json::Null => Ok(None),
        Json::String(text) if text.is_empty() => Ok(None),
        Json::String(text) => {
            *parsed = serde_json::from_str(text).map_err(|_| malformed())?;
            parsed.as_object().map(Some).ok_or_else(malformed)
        }
        Json::Object(object) => Ok(Some(object)),
        Json::Array(list) if list.is_empty() => Ok(None),
        Json::Bool(_) | Json::Number(_) | Json::Array(_) => Err(malformed()),
    }
}

fn aliases(json: &Json, limits: &Limits) -> Result<Vec<Alias>> {
    let mut parsed = Json::Null;
    let Some(object) = object(json, "alias", &mut parsed)? else {
        return Ok(Vec::new());
    };
    object
        .iter()
        .map(|(name, target)| {
            let (name, shown) = (name.trim(), fields::shown(name));
            if name.is_empty() || name == "*" || name.contains('.') {
                return Err(Error::invalid_query(format!("\"{shown}\" can't be an alias")));
            }
            let Json::String(target) = target else {
                return Err(Error::invalid_query(format!(
                    "the alias \"{shown}\" has to stand for a field"
                )));
            };
            Ok(Alias {
                name: name.to_owned(),
                target: fields::target(target.trim(), limits)?,
            })
        })
        .collect()
}

impl Aggregate {
    /// The aggregate function of a wire name.
    pub fn parse(name: &str) -> Option<Aggregate> {
        Some(match name {
            "count" => Aggregate::Count,
            "countDistinct" => Aggregate::CountDistinct,
            "countAll" => Aggregate::CountAll,
            "sum" => Aggregate::Sum,
            "sumDistinct" => Aggregate::SumDistinct,
            "avg" => Aggregate::Avg,
            "avgDistinct" => Aggregate::AvgDistinct,
            "min" => Aggregate::Min,
            "max" => Aggregate::Max,
            _ => return None,
        })
    }
}

fn aggregate(json: &Json) -> Result<Vec<(Aggregate, Option<Key>)>> {
    let mut parsed = Json::Null;
    let Some(object) = object(json, "aggregate", &mut parsed)? else {
        return Ok(Vec::new());
    };
    let mut wanted = Vec::new();
    for (name, value) in object {
        let function = Aggregate::parse(name)
            .ok_or_else(|| Error::invalid_query(format!("\"{}\" is not an aggregate function", fields::shown(name))))?;
        // As recorded, an empty name is an unknown field, not a missing one.
        if value.as_str() == Some("") {
            wanted.push((function, Some(Key::Field(String::new()))));
        }
        for entry in fields::entries(value, "aggregate")? {
            wanted.push((function, aggregated(function, entry)?));
        }
    }
    Ok(wanted)
}

/// What a function is applied to: rows, for those that count them, or a field.
fn aggregated(function: Aggregate, entry: &str) -> Result<Option<Key>> {
    let rows = matches!(function, Aggregate::Count | Aggregate::CountAll);
    match entry {
        "*" if rows => Ok(None),
        "*" => Err(Error::invalid_query("only \"count\" can be of \"*\"")),
        _ if function == Aggregate::CountAll => Err(Error::invalid_query("\"countAll\" can be of \"*\" only")),
        field => fields::own(field).map(Some),
    }
}

fn meta(json: &Json) -> Result<Meta> {
    let malformed = || Error::invalid_query("\"meta\" can name \"total_count\", \"filter_count\" or \"*\"");
    let mut meta = Meta::default();
    let text = match json {
        Json::Null => return Ok(meta),
        Json::String(text) if text.is_empty() => return Ok(meta),
        Json::String(text) => text,
        Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            return Err(malformed());
        }
    };
    for name in text.split(',') {
        match name.trim() {
            "*" => (meta.total_count, meta.filter_count) = (true, true),
            "total_count" => meta.total_count = true,
            "filter_count" => meta.filter_count = true,
            _ => return Err(malformed()),
        }
    }
    Ok(meta)
}

fn export(json: &Json) -> Result<Option<Export>> {
    Ok(Some(match json {
        Json::Null => return Ok(None),
        Json::String(name) => match name.as_str() {
            "" => return Ok(None),
            "csv" => Export::Csv,
            "csv_utf8" => Export::CsvUtf8,
            "json" => Export::Json,
            "xml" => Export::Xml,
            "yaml" => Export::Yaml,
            _ => {
                return Err(Error::invalid_query(
                    "\"export\" has to be csv, csv_utf8, json, xml or yaml",
                ));
            }
        },
        _ => {
            return Err(Error::invalid_query(
                "\"export\" has to be csv, csv_utf8, json, xml or yaml",
            ));
        }
    }))
}

#[cfg(test)]
mod tests;
