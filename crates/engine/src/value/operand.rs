//! The other side of a comparison, made fit for the field it is compared with; and which comparisons fit at all.
//! Must never turn nonsense into a comparison that holds for no row or for all: it is refused instead.

use crate::{
    Json,
    error::{Error, Result},
    query::{Operand, Operands, Test},
    schema::{Field, Kind, Special},
    value::{
        Param,
        number::{self, Misfit},
        scalar,
    },
};

/// A constant of a filter, ready to bind against the field. Null stays null.
///
/// # Errors
/// `INVALID_QUERY` for what can not be compared with values of the field's kind.
pub fn operand(field: &Field, value: &Json) -> Result<Param> {
    fit(field, value).map_err(|_| {
        let expected = match field.kind {
            Kind::Json | Kind::Binary | Kind::Alias => "no value",
            kind if kind.is_geometry() => "no value",
            kind => scalar::expected(kind),
        };
        Error::invalid_query(format!("\"{}\" can be compared with {expected}", field.name))
    })
}

fn fit(field: &Field, value: &Json) -> Result<Param, Misfit> {
    if value.is_null() {
        return Ok(Param::Null);
    }
    match field.kind {
        Kind::Boolean => scalar::boolean(value).map(Param::Bool).ok_or(Misfit::Malformed),
        Kind::Integer | Kind::BigInteger => integer(field, value),
        Kind::Float => number::real(value).map(Param::Real),
        Kind::Decimal => number::decimal(value).map(|decimal| Param::Text(decimal.to_string())),
        Kind::Date | Kind::Time | Kind::DateTime | Kind::Timestamp => scalar::moment(field, value),
        Kind::Uuid => value
            .as_str()
            .and_then(scalar::uuid)
            .map(Param::Text)
            .ok_or(Misfit::Malformed),
        Kind::String | Kind::Text | Kind::Csv | Kind::Hash | Kind::Unknown if !scalar::has_nul(value) => {
            scalar::plain(value).map(Param::Text).ok_or(Misfit::Malformed)
        }
        _ => Err(Misfit::Malformed),
    }
}

/// A whole number may be compared with a fraction; but beyond 64 bits there is nothing to compare.
fn integer(field: &Field, value: &Json) -> Result<Param, Misfit> {
    if field.is(Special::CastBoolean)
        && let Some(b) = scalar::boolean(value)
    {
        return Ok(Param::Int(i64::from(b)));
    }
    match number::whole(value) {
        Ok(n) => Ok(Param::Int(n)),
        Err(Misfit::OutOfRange) => Err(Misfit::OutOfRange),
        Err(Misfit::Malformed) => {
            let n = number::real(value)?;
            // Whole after all ("5.0", "1e3"): a float would lose digits.
            match number::decimal(value)? {
                whole if whole.is_whole() => number::whole(&Json::from(whole.rounded(0).to_string())).map(Param::Int),
                _ => Ok(Param::Real(n)),
            }
        }
    }
}

/// Whether values of the field's kind can be compared that way. Of a concealed field nothing may be asked but whether
/// it is set.
pub fn fits(field: &Field, test: &Test) -> bool {
    let null = matches!(
        test,
        Test::Null(_) | Test::Eq(Operand::Value(Json::Null)) | Test::Neq(Operand::Value(Json::Null))
    );
    if null {
        return field.kind != Kind::Alias;
    }
    if field.is_concealed() {
        return matches!(test, Test::Empty(_));
    }
    let kind = field.kind;
    match test {
        Test::Eq(_) | Test::Neq(_) => is_comparable(kind),
        Test::In(Operands::List(_) | Operands::Var(_)) | Test::Nin(Operands::List(_) | Operands::Var(_)) => {
            is_comparable(kind) && kind != Kind::Boolean
        }
        Test::Lt(_) | Test::Lte(_) | Test::Gt(_) | Test::Gte(_) | Test::Between(..) | Test::Nbetween(..) => {
            kind.is_number() || kind.is_temporal()
        }
        Test::Match { .. } | Test::Empty(_) => kind.is_text(),
        Test::Meets { .. } => field.is_spatial(),
        Test::Null(_) => true,
        Test::Regex(_) | Test::Submitted(_) => false,
    }
}

fn is_comparable(kind: Kind) -> bool {
    kind.is_text()
        || kind.is_number()
        || kind.is_temporal()
        || matches!(kind, Kind::Boolean | Kind::Uuid | Kind::Unknown)
}

/// A primary key as it stands in a path; none if the key's kind has no such value. Nothing can have that key then,
/// which is answered as a missing item is.
pub fn key(field: &Field, text: &str) -> Option<Param> {
    key_of(field, &Json::from(text))
}

/// A primary key as it stands in a body.
pub fn key_of(field: &Field, value: &Json) -> Option<Param> {
    let param = match field.kind {
        Kind::Integer | Kind::BigInteger => {
            let n = match value {
                // Digits only: " 1", "+1" and "1e0" name no item.
                Json::String(text)
                    if text
                        .strip_prefix('-')
                        .unwrap_or(text)
                        .bytes()
                        .all(|b| b.is_ascii_digit()) =>
                {
                    text.parse().ok()
                }
                Json::Number(_) => number::whole(value).ok(),
                _ => None,
            }?;
            let held = field.kind == Kind::BigInteger || i32::try_from(n).is_ok() || is_unsigned(field, n);
            held.then_some(Param::Int(n))
        }
        _ => fit(field, value).ok(),
    };
    param.filter(|param| *param != Param::Null)
}

fn is_unsigned(field: &Field, n: i64) -> bool {
    u32::try_from(n).is_ok()
        && field
            .column
            .as_ref()
            .is_some_and(|column| column.data_type.contains("unsigned"))
}

#[cfg(test)]
mod tests;
