//! One collection and action of one caller: the fields that are reached alike are told together, each with the rows they
//! were and would be reached on.

use std::collections::HashMap;

use aedile_engine::{
    Result,
    access::{Action, Case, explain::words},
    schema::Collection,
};

use super::{Effect, Kind, Pair, Rows, cases};
use crate::{
    Cx,
    access_file::words::{fields as field_words, presets},
    reach::{self, Reach},
};

/// Fields that are reached alike, before and after.
struct Group {
    before: Reach,
    after: Reach,
    fields: Vec<String>,
    /// Whether no other field is reached, before or after: then only the rows are otherwise.
    whole: bool,
}

/// What is gained and lost of one action on a collection.
pub(super) async fn effects(
    pair: &Pair,
    collection: &str,
    action: Action,
    totals: &mut HashMap<String, u64>,
) -> Result<Vec<Effect>> {
    let Some(found) = pair.after.schema().collection(collection) else {
        return Ok(Vec::new());
    };
    let mut effects = Vec::new();
    for group in groups(pair, found, action) {
        let rows = rows(pair, collection, action, &group, totals).await?;
        effects.push(told(pair, found, action, &group, rows));
    }
    let (before, after) = (&pair.before.access, &pair.after.access);
    if before.grant(collection, action).is_some() && after.grant(collection, action).is_some() {
        effects.extend(conditions(pair, found, action));
    }
    Ok(effects)
}

/// The fields that are reached otherwise than before; without names where fields do not matter.
fn groups(pair: &Pair, collection: &Collection, action: Action) -> Vec<Group> {
    let reach = |cx: &Cx, field: Option<&str>| {
        let own = cases(&cx.access, &collection.name, action);
        Reach::of(
            cx,
            &collection.name,
            action,
            own.filter(|case| field.is_none_or(|field| case.fields.has(field))),
        )
    };
    let mut found: Vec<Group> = Vec::new();
    let mut reached = 0;
    let mut put = |name: Option<&str>| {
        let (before, after) = (reach(&pair.before, name), reach(&pair.after, name));
        reached += usize::from(before != Reach::Nothing || after != Reach::Nothing);
        if before.holds(&after) && after.holds(&before) {
            return;
        }
        let fields = name.unwrap_or("*").to_owned();
        match found
            .iter_mut()
            .find(|group| group.before == before && group.after == after)
        {
            Some(group) => group.fields.push(fields),
            None => found.push(Group {
                before,
                after,
                fields: vec![fields],
                whole: false,
            }),
        }
    };
    if matches!(action, Action::Delete | Action::Share) {
        put(None);
    } else {
        collection.fields.keys().for_each(|name| put(Some(name)));
    }
    for group in &mut found {
        group.whole = group.fields.len() == reached;
        if group.fields.len() == collection.fields.len() {
            group.fields = vec!["*".to_owned()];
        }
    }
    found
}

async fn rows(
    pair: &Pair,
    collection: &str,
    action: Action,
    group: &Group,
    totals: &mut HashMap<String, u64>,
) -> Result<Option<Rows>> {
    if action == Action::Create {
        return Ok(None);
    }
    let total = match totals.get(collection) {
        Some(total) => *total,
        None => {
            let total = reach::count(&pair.after, collection, Reach::All.filter().as_ref()).await?;
            totals.insert(collection.to_owned(), total);
            total
        }
    };
    let mut counted = [0; 3];
    let both = group.before.or(&group.after);
    let wanted = [
        (&pair.before, &group.before),
        (&pair.after, &group.after),
        (&pair.after, &both),
    ];
    for (count, (cx, reach)) in counted.iter_mut().zip(wanted) {
        *count = match reach {
            Reach::All => total,
            some => reach::count(cx, collection, some.filter().as_ref()).await?,
        };
    }
    let [before, after, both] = counted;
    Ok(Some(Rows {
        before,
        after,
        gained: both.saturating_sub(before),
        lost: both.saturating_sub(after),
        total,
    }))
}

fn told(pair: &Pair, collection: &Collection, action: Action, group: &Group, rows: Option<Rows>) -> Effect {
    let kind = match (group.after.holds(&group.before), group.before.holds(&group.after)) {
        (true, _) => Kind::Gains,
        (false, true) => Kind::Loses,
        (false, false) => Kind::Changes,
    };
    let subject = match group.fields.as_slice() {
        _ if group.whole && group.before != Reach::Nothing && group.after != Reach::Nothing => {
            format!("{} {}", action.as_str(), collection.name)
        }
        [only] if only != "*" => format!("{} {}.{only}", action.as_str(), collection.name),
        fields => format!("{} {}{}", action.as_str(), collection.name, field_words(fields)),
    };
    let of = |reach: &Reach| condition(&pair.after, collection, reach);
    let words = match (&group.before, &group.after) {
        (Reach::Nothing, after) => format!("{subject}{}{}", of(after), terms(pair, collection, action, group)),
        (before, Reach::Nothing) => format!("{subject}{}", of(before)),
        (before, after) => {
            let plain = |reach: &Reach| match of(reach) {
                words if words.is_empty() => "every row".to_owned(),
                words => words.trim_start_matches(" where ").to_owned(),
            };
            format!("{subject} where {} (was: {})", plain(after), plain(before))
                .replace("where every row", "on every row")
        }
    };
    let matters = !matches!(action, Action::Delete | Action::Share);
    Effect {
        kind,
        collection: Some(collection.name.clone()),
        action: Some(action.as_str()),
        fields: if matters { group.fields.clone() } else { Vec::new() },
        words,
        rows,
    }
}

/// ` where …`; nothing for every row.
fn condition(cx: &Cx, collection: &Collection, reach: &Reach) -> String {
    match reach {
        Reach::Nothing | Reach::All => String::new(),
        Reach::Some(_) => {
            let filter = reach.filter();
            let words = filter.map(|filter| words::condition(cx.schema(), &collection.name, &filter));
            format!(" where {}", words.unwrap_or_default())
        }
    }
}

/// What newly permitted writes come with, if nothing of the kind was permitted before.
fn terms(pair: &Pair, collection: &Collection, action: Action, group: &Group) -> String {
    let (name, was) = (&collection.name, &pair.before.access);
    if group.before != Reach::Nothing || was.grant(name, action).is_some() {
        return String::new();
    }
    let [validations, presets] = demands(&pair.after, collection, action);
    let mut told = String::new();
    if !validations.is_empty() {
        told.push_str(&format!(", if {}", validations.join(", and if ")));
    }
    if !presets.is_empty() {
        told.push_str(&format!(", with {}", presets.join(" and ")));
    }
    told
}

/// Validations and presets of writes, in words.
fn demands(cx: &Cx, collection: &Collection, action: Action) -> [Vec<String>; 2] {
    let name = &collection.name;
    let own = || cases(&cx.access, name, action);
    let validation = |case: &Case| {
        let rule = case.validation.as_ref()?;
        Some(words::condition(cx.schema(), name, rule))
    };
    let mut told = [
        own().filter_map(validation).collect::<Vec<String>>(),
        own()
            .filter(|case| !case.presets.is_empty())
            .map(|case| presets(&aedile_engine::Json::Object(case.presets.clone())))
            .collect(),
    ];
    for list in &mut told {
        list.dedup();
    }
    told
}

/// What writes have to meet and what is filled in, where that is otherwise than before.
fn conditions(pair: &Pair, collection: &Collection, action: Action) -> Vec<Effect> {
    if !matches!(action, Action::Create | Action::Update) {
        return Vec::new();
    }
    let before = demands(&pair.before, collection, action);
    let after = demands(&pair.after, collection, action);
    let titles = [("has to meet", "nothing particular"), ("fills in", "nothing")];
    let mut found = Vec::new();
    for ((title, none), (before, after)) in titles.into_iter().zip(before.into_iter().zip(after)) {
        if before == after {
            continue;
        }
        let told = |list: &[String]| {
            if list.is_empty() {
                none.to_owned()
            } else {
                list.join(", and ")
            }
        };
        found.push(Effect {
            kind: Kind::Changes,
            collection: Some(collection.name.clone()),
            action: Some(action.as_str()),
            fields: Vec::new(),
            words: format!(
                "{} {} {title}: {} (was: {})",
                action.as_str(),
                collection.name,
                told(&after),
                told(&before)
            ),
            rows: None,
        });
    }
    found
}
