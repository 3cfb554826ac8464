//! A value that a client sends for a column, made fit for it.
//! Must never let through what the column could not hold: the database is the last guard, not the first.

use crate::{
    Json,
    error::{Code, Error, Result},
    schema::{Column, Field, Kind, Special},
    value::{
        Param, geometry,
        number::{self, Misfit},
        scalar,
    },
};

/// The value of a stored field, ready to bind. Null stays null, whether or not the column takes it; secrets are not
/// hashed here. `path` are the relation fields that lead from the payload's root to the item.
///
/// # Errors
/// `VALUE_TOO_LONG` and `VALUE_OUT_OF_RANGE` with collection, field and value; `INVALID_PAYLOAD` for what is no value
/// of the field's kind at all.
pub fn payload(collection: &str, field: &Field, value: &Json, path: &[String]) -> Result<Param> {
    if value.is_null() {
        return Ok(Param::Null);
    }
    let refuse = |misfit: Misfit| match misfit {
        Misfit::OutOfRange => Error::constraint(Code::ValueOutOfRange, collection, Some(&field.name), value.clone()),
        Misfit::Malformed => unfit(field, path, scalar::expected(field.kind)),
    };
    match field.kind {
        Kind::Boolean => scalar::boolean(value)
            .map(Param::Bool)
            .ok_or(Misfit::Malformed)
            .map_err(refuse),
        Kind::Integer | Kind::BigInteger => integer(field, value).map_err(refuse),
        Kind::Float => number::real(value).map(Param::Real).map_err(refuse),
        Kind::Decimal => decimal(field, value).map_err(refuse),
        Kind::Date | Kind::Time | Kind::DateTime | Kind::Timestamp => scalar::moment(field, value).map_err(refuse),
        Kind::Uuid => value
            .as_str()
            .and_then(scalar::uuid)
            .map(Param::Text)
            .ok_or(Misfit::Malformed)
            .map_err(refuse),
        Kind::Alias => Err(unfit(field, path, "nothing: it has no column")),
        Kind::Binary => Err(unfit(field, path, "bytes, which the API does not take")),
        Kind::Unknown if is_binary(field) => Err(unfit(field, path, "bytes, which the API does not take")),
        _ if scalar::has_nul(value) => Err(unfit(field, path, "text without NUL characters")),
        Kind::Json => json(value).map_err(refuse),
        Kind::Csv if field.is(Special::CastCsv) => text(collection, field, value, csv(value)),
        Kind::String | Kind::Text | Kind::Csv | Kind::Hash | Kind::Unknown => {
            text(collection, field, value, plain_or_json(value))
        }
        Kind::Geometry
        | Kind::GeometryPoint
        | Kind::GeometryLineString
        | Kind::GeometryPolygon
        | Kind::GeometryMultiPoint
        | Kind::GeometryMultiLineString
        | Kind::GeometryMultiPolygon => geometry::parse(field.kind, value)
            .map(|(told, _)| match field.is_spatial() {
                true => Param::Geometry(told.to_string()),
                false => Param::Text(told.to_string()),
            })
            .ok_or(Misfit::Malformed)
            .map_err(refuse),
    }
}

fn unfit(field: &Field, path: &[String], expected: &str) -> Error {
    let mut place = path.to_vec();
    place.push(field.name.clone());
    Error::invalid_payload(format!("\"{}\" takes {expected}", place.join(".")))
}

fn integer(field: &Field, value: &Json) -> Result<Param, Misfit> {
    // A boolean kept in a column of numbers.
    if field.is(Special::CastBoolean)
        && let Some(b) = scalar::boolean(value)
    {
        return Ok(Param::Int(i64::from(b)));
    }
    let n = number::whole(value)?;
    let (least, greatest) = range(field);
    if (least..=greatest).contains(&n) {
        Ok(Param::Int(n))
    } else {
        Err(Misfit::OutOfRange)
    }
}

/// What the column can hold; by the field's kind where the database's type says nothing (SQLite).
fn range(field: &Field) -> (i64, i64) {
    let data_type = field.column.as_ref().map_or("", |column| column.data_type.as_str());
    let unsigned = data_type.contains("unsigned");
    let bits = match data_type.split_whitespace().next().unwrap_or_default() {
        _ if field.kind == Kind::BigInteger => 64,
        "smallint" | "int2" => 16,
        "mediumint" => 24,
        "tinyint" => 8,
        _ => 32,
    };
    match (bits, unsigned) {
        (64, true) => (0, i64::MAX),
        (64, false) => (i64::MIN, i64::MAX),
        (bits, true) => (0, (1 << bits) - 1),
        (bits, false) => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
    }
}

fn decimal(field: &Field, value: &Json) -> Result<Param, Misfit> {
    let mut decimal = number::decimal(value)?;
    if let Some(Column {
        precision,
        scale: Some(scale),
        ..
    }) = &field.column
    {
        let scale = usize::try_from(*scale).map_err(|_| Misfit::OutOfRange)?;
        decimal = decimal.rounded(scale);
        let room = precision.map(|precision| usize::try_from(precision).unwrap_or_default().saturating_sub(scale));
        if room.is_some_and(|room| decimal.whole_digits() > room) {
            return Err(Misfit::OutOfRange);
        }
    }
    Ok(Param::Text(decimal.to_string()))
}

/// Any JSON; text is its source.
fn json(value: &Json) -> Result<Param, Misfit> {
    let Json::String(source) = value else {
        return Ok(Param::Text(value.to_string()));
    };
    let parsed: Json = serde_json::from_str(source).map_err(|_| Misfit::Malformed)?;
    if scalar::has_nul(&parsed) {
        return Err(Misfit::Malformed);
    }
    Ok(Param::Text(parsed.to_string()))
}

/// A list as comma-separated text.
fn csv(value: &Json) -> String {
    match value {
        Json::Array(list) => {
            let parts: Vec<String> = list
                .iter()
                .map(|part| {
                    if part.is_null() {
                        String::new()
                    } else {
                        plain_or_json(part)
                    }
                })
                .collect();
            parts.join(",")
        }
        other => plain_or_json(other),
    }
}

fn plain_or_json(value: &Json) -> String {
    scalar::plain(value).unwrap_or_else(|| value.to_string())
}

fn text(collection: &str, field: &Field, value: &Json, text: String) -> Result<Param> {
    let longest = field.column.as_ref().and_then(|column| column.max_length);
    // Of a secret only its hash is stored: the column's length says nothing of the secret's.
    let hashed = field.kind == Kind::Hash || field.is(Special::Hash);
    if let Some(longest) = longest.and_then(|n| usize::try_from(n).ok())
        && !hashed
        && text.len() > longest
        && text.chars().count() > longest
    {
        return Err(Error::constraint(
            Code::ValueTooLong,
            collection,
            Some(&field.name),
            value.clone(),
        ));
    }
    Ok(Param::Text(text))
}

fn is_binary(field: &Field) -> bool {
    field.column.as_ref().is_some_and(|column| {
        let data_type = column.data_type.as_str();
        data_type == "bytea" || data_type.contains("blob") || data_type.contains("binary")
    })
}

#[cfg(test)]
pub(in crate::value) mod tests;
