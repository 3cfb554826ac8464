//! Fields that the system fills in: keys, dates, authors. A caller's own words for them do not count.

use aedile_engine::{
    Json, Object,
    access::{Action, Caller},
    schema::{Collection, Field, Kind, Special},
    value::time,
};

use crate::Cx;

/// Fills in what belongs to this action. Loading by the operator keeps the values that it brings along.
pub fn fill(cx: &Cx, collection: &Collection, action: Action, input: &mut Object) {
    let loading = matches!(*cx.caller, Caller::System(_));
    for field in collection.fields.values().filter(|field| field.column.is_some()) {
        let given = input.get(&field.name).is_some_and(|value| !value.is_null());
        if action == Action::Create && !given && field.is(Special::Uuid) {
            input.insert(field.name.clone(), uuid::Uuid::new_v4().to_string().into());
            continue;
        }
        let value = match action {
            Action::Create => created(cx, field),
            _ => updated(cx, field),
        };
        if let Some(value) = value
            && !(loading && input.contains_key(&field.name))
        {
            input.insert(field.name.clone(), value);
            continue;
        }
        // The database's own clock writes another form: the moment is always ours.
        let now = field.column.as_ref().is_some_and(|column| column.default_now);
        if action == Action::Create && now && !input.contains_key(&field.name) {
            input.insert(field.name.clone(), moment(cx, field.kind));
        }
    }
}

fn created(cx: &Cx, field: &Field) -> Option<Json> {
    field.special.iter().find_map(|special| match special {
        Special::DateCreated => Some(moment(cx, field.kind)),
        Special::UserCreated => Some(cx.caller.user().map_or(Json::Null, Json::from)),
        Special::RoleCreated => Some(cx.caller.role().map_or(Json::Null, Json::from)),
        _ => None,
    })
}

fn updated(cx: &Cx, field: &Field) -> Option<Json> {
    field.special.iter().find_map(|special| match special {
        Special::DateUpdated => Some(moment(cx, field.kind)),
        Special::UserUpdated => Some(cx.caller.user().map_or(Json::Null, Json::from)),
        Special::RoleUpdated => Some(cx.caller.role().map_or(Json::Null, Json::from)),
        _ => None,
    })
}

fn moment(cx: &Cx, kind: Kind) -> Json {
    match kind {
        Kind::Date => time::format_date(cx.now).into(),
        Kind::Time => time::format_time(cx.now).into(),
        _ => time::format_instant(cx.now).into(),
    }
}
