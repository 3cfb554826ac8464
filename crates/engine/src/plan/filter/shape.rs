//! What can be said of a condition by looking at it alone, before any name in it is known.

use crate::query::{Filter, Key, Operand, Test};

/// Conditions on the same related items that must hold together look at the same item, as recorded.
pub(super) fn together(list: &[Filter]) -> Vec<Filter> {
    let mut out: Vec<Filter> = Vec::with_capacity(list.len());
    for filter in list {
        let Filter::At(key, inner) = filter else {
            out.push(filter.clone());
            continue;
        };
        let same = out.iter_mut().find_map(|other| match other {
            Filter::At(other, held) if other == key && holds_key(held) && holds_key(inner) => Some(held),
            _ => None,
        });
        match same {
            Some(held) => {
                let first = std::mem::replace(&mut **held, Filter::And(Vec::new()));
                **held = Filter::And(vec![first, (**inner).clone()]);
            }
            None => out.push(filter.clone()),
        }
    }
    out
}

/// Whether a condition goes on to keys (of a related row), rather than testing the value at hand.
pub(super) fn holds_key(filter: &Filter) -> bool {
    match filter {
        Filter::At(..) => true,
        Filter::And(list) | Filter::Or(list) => list.iter().any(holds_key),
        Filter::Some(_) | Filter::None(_) | Filter::Is(_) => false,
    }
}

/// Whether a condition is on the list as a whole rather than on one of its rows.
pub(super) fn quantified(filter: &Filter) -> bool {
    match filter {
        Filter::Some(_) | Filter::None(_) => true,
        Filter::Is(Test::Null(_) | Test::Empty(_)) => true,
        Filter::Is(Test::Eq(Operand::Value(value)) | Test::Neq(Operand::Value(value))) => value.is_null(),
        _ => false,
    }
}

pub(super) fn holds_test(filter: &Filter) -> bool {
    match filter {
        Filter::Is(_) => true,
        Filter::And(list) | Filter::Or(list) => list.iter().any(holds_test),
        Filter::Some(_) | Filter::None(_) | Filter::At(..) => false,
    }
}

/// Whether a condition on a related row holds where there is no row: as if it were a row of nulls.
pub(super) fn holds_for_nulls(filter: &Filter) -> bool {
    match filter {
        Filter::And(list) => list.iter().all(holds_for_nulls),
        Filter::Or(list) => list.iter().any(holds_for_nulls),
        Filter::At(Key::Scoped(..), _) => false,
        Filter::At(_, inner) => holds_for_nulls(inner),
        Filter::Some(_) => false,
        Filter::None(_) => true,
        Filter::Is(test) => matches!(
            test,
            Test::Null(true) | Test::Empty(true) | Test::Eq(Operand::Value(crate::Json::Null))
        ),
    }
}
