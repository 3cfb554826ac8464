//! Why a caller may or may not do something, for administrators: who decides it, in words and as SQL, down to the fields
//! of one item. It tells the verdicts of the ordinary access and the ordinary plan; must never come to one of its own.

pub mod text;
mod told;

use std::sync::Arc;

use aedile_engine::{
    Error, Json, Object, Result,
    access::{
        self, Action, Case, Fields,
        explain::{Explanation, Scope, words},
    },
    plan::read,
    query::Var,
    schema::Collection,
    sql::{self, Bind},
    value::Param,
};

pub use told::{Condition, Explained, Field, FieldOfItem, Granted, Item, Permission, Policy, Preset, Sql, Value};

use crate::{
    Cx,
    identity::{self, Identity},
    items::keys,
    system,
};

/// Most fields that are asked about at once: those of a very wide table.
const MAX_FIELDS: usize = 1000;

/// Collections that only administrators write to, by doors of their own.
const MODEL: [&str; 3] = ["directus_collections", "directus_fields", "directus_relations"];

/// What is asked.
struct Question {
    who: Identity,
    collection: String,
    action: Action,
    item: Option<Json>,
    fields: Option<Vec<String>>,
}

/// Explains what a body asks: `user`, `role` or `public`, with `ip` and drafted `policies` if need be; `collection` and
/// `action`; for one item its key (`item`); and `fields`, if not all of them are meant.
///
/// # Errors
/// `FORBIDDEN` to all but administrators, `INVALID_PAYLOAD` for a question that cannot be understood.
pub async fn explain(cx: &Cx, body: &Object) -> Result<Explained> {
    if !cx.access.admin || cx.viewer.is_some() {
        return Err(Error::forbidden());
    }
    let question = question(cx, body).await?;
    let caller = question.who.caller(identity::address(body)?);
    let drafts = identity::drafts(body)?;
    let drafted = identity::with_drafts(&cx.snapshot.policies, &drafts, &caller);
    let policies = drafted.as_ref().unwrap_or(&cx.snapshot.policies);
    let found = access::explain(policies, &caller, &question.collection, question.action);
    // The same request as that caller would make it: variables and rules are theirs.
    let theirs = Cx {
        caller: Arc::new(caller),
        access: Arc::new(found.access.clone()),
        ..cx.clone()
    };
    let mut told = told::whole(&theirs, policies, &question, &found);
    if let Some(collection) = theirs.schema().collection(&question.collection) {
        told.rows = rows(&theirs, &question, &found);
        told.fields = fields(collection, &question, &found);
        if let Some(key) = &question.item {
            told.item = Some(item(&theirs, collection, &question, &found, key, &told).await?);
        }
    }
    conclude(&theirs, &question, &found, &mut told);
    Ok(told)
}

async fn question(cx: &Cx, body: &Object) -> Result<Question> {
    let text = |name: &str| {
        let found = body.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
        found.ok_or_else(|| Error::invalid_payload(format!("\"{name}\" is needed, and has to be text")))
    };
    let action = Action::parse(text("action")?)
        .ok_or_else(|| Error::invalid_payload("\"action\" is one of create, read, update, delete, share"))?;
    let fields = match body.get("fields") {
        None | Some(Json::Null) => None,
        Some(Json::Array(list)) if list.len() <= MAX_FIELDS => {
            let names: Option<Vec<String>> = list.iter().map(|name| name.as_str().map(str::to_owned)).collect();
            Some(names.ok_or_else(|| Error::invalid_payload("\"fields\" has to be a list of names"))?)
        }
        Some(_) => {
            return Err(Error::invalid_payload(format!(
                "\"fields\" has to be a list of at most {MAX_FIELDS} names"
            )));
        }
    };
    let item = body.get("item").filter(|key| !key.is_null()).cloned();
    if item.is_some() && action == Action::Create {
        return Err(Error::invalid_payload(
            "nothing is created that has a key already: leave \"item\" out",
        ));
    }
    Ok(Question {
        who: Identity::read(cx, body).await?,
        collection: text("collection")?.to_owned(),
        action,
        item,
        fields,
    })
}

/// The condition on rows as a whole; none for new items, which have no row to look at.
fn rows(cx: &Cx, question: &Question, found: &Explanation) -> Option<Condition> {
    if question.action == Action::Create {
        return None;
    }
    let words = match found.scope {
        Scope::None => "no row".to_owned(),
        Scope::All | Scope::Admin => "every row".to_owned(),
        Scope::Some => {
            let mut rules: Vec<String> = Vec::new();
            for words in found.cases.iter().filter_map(|case| rule_words(cx, question, case)) {
                if !rules.contains(&words) {
                    rules.push(words);
                }
            }
            match rules.as_slice() {
                [only] => only.clone(),
                several => several
                    .iter()
                    .map(|rule| format!("({rule})"))
                    .collect::<Vec<_>>()
                    .join(" or "),
            }
        }
    };
    let sql = match found.scope {
        Scope::Admin => Some(Sql {
            text: "1 = 1".to_owned(),
            binds: Vec::new(),
        }),
        _ => compiled(cx, &question.collection, &found.cases),
    };
    Some(Condition { words, sql })
}

fn rule_words(cx: &Cx, question: &Question, case: &Case) -> Option<String> {
    let rule = case.rule.as_ref()?;
    Some(words::condition(cx.schema(), &question.collection, rule))
}

/// The condition of these cases as it stands in statements; none where the collection is not there.
fn compiled(cx: &Cx, collection: &str, cases: &[Case]) -> Option<Sql> {
    let pred = read::rule(cx.schema(), &cx.access, cx.limits(), collection, cases).ok()?;
    let stmt = sql::condition(cx.app.db().dialect(), &pred);
    Some(Sql {
        text: stmt.text,
        binds: stmt.binds.iter().map(bound).collect(),
    })
}

fn bound(bind: &Bind) -> Value {
    let value = match bind {
        Bind::Var(var, _) => return Value::Variable(words::name(var)),
        // No rule asks for a key that a request names.
        Bind::Key(_) => &Param::Null,
        Bind::Const(value) => value,
    };
    Value::Value(match value {
        Param::Bool(yes) => (*yes).into(),
        Param::Instant(ms) | Param::Wall(ms) => aedile_engine::value::time::format_instant(*ms).into(),
        Param::Geometry(told) => serde_json::from_str(told).unwrap_or_default(),
        other => keys::to_json(other),
    })
}

/// The fields in question: those asked for, or all.
fn asked<'a>(collection: &'a Collection, question: &'a Question) -> Vec<&'a str> {
    match &question.fields {
        Some(names) => names.iter().map(String::as_str).collect(),
        None if matches!(question.action, Action::Delete | Action::Share) => Vec::new(),
        None => collection.fields.keys().map(String::as_str).collect(),
    }
}

fn fields(collection: &Collection, question: &Question, found: &Explanation) -> Vec<Field> {
    asked(collection, question)
        .into_iter()
        .map(|name| {
            let by = granting(&found.cases, name);
            let without_rule = |i: &usize| found.cases.get(*i).is_some_and(|case| case.rule.is_none());
            let known = collection.field(name);
            let granted = match found.scope {
                _ if known.is_none() => Granted::Never,
                Scope::Admin => Granted::Always,
                _ if by.is_empty() => Granted::Never,
                // The rule of a permission to create is about no row: only the validation is looked at.
                _ if question.action == Action::Create || by.iter().any(without_rule) => Granted::Always,
                _ => Granted::Sometimes,
            };
            Field {
                field: name.to_owned(),
                granted,
                masked: known.is_some_and(aedile_engine::schema::Field::is_concealed),
                by,
            }
        })
        .collect()
}

/// The places of the cases that grant a field.
fn granting(cases: &[Case], field: &str) -> Vec<usize> {
    let places = cases.iter().enumerate().filter(|(_, case)| case.fields.has(field));
    places.map(|(i, _)| i).collect()
}

/// One item: by one statement, which answers the verdict of every case on its row.
async fn item(
    cx: &Cx,
    c: &Collection,
    question: &Question,
    found: &Explanation,
    key: &Json,
    told: &Explained,
) -> Result<Item> {
    let row = match keys::from_json(c, key) {
        Err(_) => None,
        Ok(key) => {
            let plan = read::verdicts(cx.schema(), &cx.access, cx.limits(), &c.name, question.action, &key)?;
            let (stmt, params) = cx.statement(&plan);
            cx.app.db().fetch(stmt, params).await?.into_iter().next()
        }
    };
    let admin = found.scope == Scope::Admin;
    let mut covering = Vec::new();
    for place in 0..found.cases.len() {
        // The key comes first.
        let verdict = row.as_ref().and_then(|row| row.get(place + 1));
        if verdict.is_some_and(|verdict| *verdict != Param::Null) {
            covering.push(place);
        }
    }
    let (exists, covered) = (row.is_some(), row.is_some() && (admin || !covering.is_empty()));
    let names = if exists { asked(c, question) } else { Vec::new() };
    let fields: Vec<FieldOfItem> = names
        .into_iter()
        .map(|name| {
            let by: Vec<usize> = granting(&found.cases, name)
                .into_iter()
                .filter(|i| covering.contains(i))
                .collect();
            let known = c.field(name).is_some();
            let allowed = known && (admin || !by.is_empty());
            FieldOfItem {
                why: (!allowed).then(|| why_not(told, c, name)),
                field: name.to_owned(),
                allowed,
                by,
            }
        })
        .collect();
    let allowed = covered && item_allowed(c, question, &found.cases, &covering, admin, &fields);
    Ok(Item {
        key: key.clone(),
        exists,
        covered,
        allowed,
        by: covering,
        fields,
    })
}

/// Whether a covered row is answered or taken. Reading by key shows the key; of a change every field has to be allowed.
fn item_allowed(
    c: &Collection,
    question: &Question,
    cases: &[Case],
    covering: &[usize],
    admin: bool,
    fields: &[FieldOfItem],
) -> bool {
    if admin {
        return true;
    }
    let has = |field: &str| {
        covering
            .iter()
            .any(|i| cases.get(*i).is_some_and(|case| case.fields.has(field)))
    };
    match question.action {
        Action::Read => {
            let wanted = question.fields.as_deref().unwrap_or_default();
            let shown = wanted.is_empty() || wanted.iter().any(|field| has(field));
            shown && (c.singleton || has(&c.key))
        }
        Action::Update => question.fields.is_none() || fields.iter().all(|field| field.allowed),
        Action::Create | Action::Delete | Action::Share => true,
    }
}

fn why_not(told: &Explained, c: &Collection, field: &str) -> String {
    if c.field(field).is_none() {
        return "the collection has no such field".to_owned();
    }
    let granting: Vec<String> = told
        .permissions
        .iter()
        .filter(|permission| permission.has(field))
        .map(Permission::called)
        .collect();
    match granting.as_slice() {
        [] => "no policy grants the field".to_owned(),
        [one] => format!("the rule of {one} does not cover this row"),
        several => format!("the rules of {} do not cover this row", several.join(", ")),
    }
}

/// The verdict on the question as a whole, and its reason in a sentence.
fn conclude(cx: &Cx, question: &Question, found: &Explanation, told: &mut Explained) {
    let never: Vec<&str> = match &question.fields {
        Some(_) => told
            .fields
            .iter()
            .filter(|field| field.granted == Granted::Never)
            .map(|field| field.field.as_str())
            .collect(),
        None => Vec::new(),
    };
    let (action, name) = (question.action.as_str(), question.collection.as_str());
    let (allowed, reason) = match (&question.who, &told.item) {
        (Identity::User(person), _) if !person.is_active() => (
            false,
            format!(
                "the user's status is \"{}\", so that all its credentials are refused",
                person.status
            ),
        ),
        _ if cx.schema().collection(name).is_none() => (false, "there is no such collection".to_owned()),
        _ if is_closed(question, found.scope) => (false, "no permission opens this collection for writing".to_owned()),
        _ if found.scope == Scope::None => (false, nothing(told, action)),
        _ if !never.is_empty() => (
            false,
            format!(
                "{} never granted: {}",
                if never.len() == 1 { "a field is" } else { "fields are" },
                never.join(", ")
            ),
        ),
        (_, Some(item)) if !item.exists => (false, "there is no item with this key".to_owned()),
        (_, Some(item)) if !item.covered => (false, "no rule covers this row".to_owned()),
        (_, Some(item)) if !item.allowed => (false, refused(cx, question, item)),
        _ => (true, granted(found, told, question)),
    };
    told.allowed = allowed;
    told.reason = reason;
}

/// Collections that no door writes to for this caller.
fn is_closed(question: &Question, scope: Scope) -> bool {
    let writes = matches!(question.action, Action::Create | Action::Update | Action::Delete);
    let model = scope == Scope::Admin && MODEL.contains(&question.collection.as_str());
    writes && system::is_closed(&question.collection) && !model
}

fn nothing(told: &Explained, action: &str) -> String {
    let away = told.policies.iter().filter(|policy| policy.removed.is_some()).count();
    let broken = told.permissions.iter().any(|permission| permission.problem.is_some());
    let mut reason = format!("no policy that counts grants \"{action}\" here");
    if broken {
        reason.push_str("; what is stored for it cannot be understood and grants nothing");
    }
    if away > 0 {
        reason.push_str("; the address takes policies away");
    }
    reason
}

fn refused(cx: &Cx, question: &Question, item: &Item) -> String {
    let lacking: Vec<&str> = item
        .fields
        .iter()
        .filter(|field| !field.allowed)
        .map(|field| field.field.as_str())
        .collect();
    if question.action == Action::Update {
        return format!("not every field may be changed on this row: {}", lacking.join(", "));
    }
    let key = cx
        .schema()
        .collection(&question.collection)
        .map(|c| c.key.as_str())
        .unwrap_or_default();
    if lacking.contains(&key) || question.fields.is_some() && !item.fields.iter().any(|field| field.field == key) {
        format!("the row is covered, but its key (\"{key}\") or what is asked of it is not granted on this row")
    } else {
        "the row is covered, but nothing that is asked of it is granted on this row".to_owned()
    }
}

fn granted(found: &Explanation, told: &Explained, question: &Question) -> String {
    let makers: Vec<String> = told
        .policies
        .iter()
        .filter(|policy| policy.admin_access)
        .map(Policy::called)
        .collect();
    match found.scope {
        Scope::Admin => format!("{} makes an administrator, who may do everything", makers.join(", ")),
        _ if question.action == Action::Create => "new items of permitted fields, if the validation holds".to_owned(),
        Scope::All => "every row".to_owned(),
        Scope::Some | Scope::None => match question.item {
            Some(_) => "a rule covers this row".to_owned(),
            None => "the rows that the rules cover".to_owned(),
        },
    }
}

/// What variables a case looks at.
fn looks_at_user(case: &Case) -> bool {
    let mut found = Vec::new();
    if let Some(rule) = &case.rule {
        rule.variables(&mut found);
    }
    found.iter().any(|var| matches!(var, Var::User(_)))
}

/// The fields of a case as they are stored.
fn field_list(fields: &Fields) -> Vec<String> {
    match fields {
        Fields::All => vec!["*".to_owned()],
        Fields::Some(names) => names.iter().filter(|name| !name.is_empty()).cloned().collect(),
    }
}
