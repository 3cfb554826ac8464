//! Comparing a value that was sent with one that a rule names, without knowing the field's kind.
//! A payload may spell one stored value in several ways (`5` and `"05"`, `true` and `1`): what forbids a value must
//! forbid every spelling of it, so [`may_equal`] is generous where [`equal`] is strict.

use std::cmp::Ordering;

use crate::{
    Json,
    value::{number, scalar, time},
};

/// Whether a value is the one that a rule asks for.
pub(super) fn equal(value: &Json, other: &Json) -> bool {
    match (value, other) {
        (Json::Bool(_), _) | (_, Json::Bool(_)) => same_flag(value, other),
        (Json::Number(_), _) | (_, Json::Number(_)) => same_number(value, other),
        (Json::String(a), Json::String(b)) => {
            a == b || scalar::uuid(a).is_some_and(|a| scalar::uuid(b).is_some_and(|b| a == b))
        }
        _ => value == other,
    }
}

/// Whether a value might be stored as the one that a rule forbids. A list or an object never escapes a comparison
/// with a single value: what is stored of it is not known here.
pub(super) fn may_equal(value: &Json, other: &Json) -> bool {
    if value.is_null() || other.is_null() {
        return value == other;
    }
    if value.is_array() || value.is_object() {
        return true;
    }
    if equal(value, other) || same_number(value, other) || same_flag(value, other) {
        return true;
    }
    let same_text = scalar::plain(value).is_some_and(|a| scalar::plain(other).is_some_and(|b| a == b));
    same_text || same_moment(value, other)
}

fn same_number(a: &Json, b: &Json) -> bool {
    number::compare(a, b) == Some(Ordering::Equal)
}

fn same_flag(a: &Json, b: &Json) -> bool {
    scalar::boolean(a).is_some_and(|a| scalar::boolean(b) == Some(a))
}

/// The same moment, or the same date or second once a coarser column has cut off the rest.
fn same_moment(value: &Json, other: &Json) -> bool {
    let Some(wanted) = other.as_str() else {
        return false;
    };
    if let Some(moment) = time::parse_instant(wanted) {
        let day = || {
            let date = value.as_str().and_then(time::parse_date);
            wanted.len() == "YYYY-MM-DD".len() && date.as_deref() == Some(wanted)
        };
        return time::instant(value) == Some(moment) || time::wall(value) == Some(moment) || day();
    }
    let clock = time::parse_time(wanted);
    clock.is_some() && value.as_str().and_then(time::parse_time) == clock
}

/// What a rule's bound is measured in.
pub(super) enum Scale {
    /// Numbers.
    Number(Json),
    /// Moments, in milliseconds.
    Moment(i64),
    /// Times of day.
    Clock(String),
}

impl Scale {
    /// The scale of a bound; none if nothing can be greater or less than it.
    pub(super) fn of(bound: &Json) -> Option<Scale> {
        match bound {
            Json::Number(_) => Some(Scale::Number(bound.clone())),
            Json::String(text) => match number::whole(bound) {
                Ok(n) => Some(Scale::Number(n.into())),
                Err(_) if number::decimal(bound).is_ok() => Some(Scale::Number(bound.clone())),
                Err(_) => time::parse_instant(text)
                    .map(Scale::Moment)
                    .or_else(|| time::parse_time(text).map(Scale::Clock)),
            },
            Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
        }
    }

    /// How a value stands to the bound; none if it is not on the same scale.
    pub(super) fn order(&self, value: &Json) -> Option<Ordering> {
        match self {
            Scale::Number(bound) => number::compare(value, bound),
            Scale::Moment(bound) => Some(time::instant(value)?.cmp(bound)),
            Scale::Clock(bound) => Some(time::parse_time(value.as_str()?)?.cmp(bound)),
        }
    }

    /// The bound as a fault tells it: moments as a full stamp.
    pub(super) fn told(self) -> Json {
        match self {
            Scale::Number(bound) => bound,
            Scale::Moment(bound) => time::format_instant(bound).into(),
            Scale::Clock(bound) => bound.into(),
        }
    }
}
