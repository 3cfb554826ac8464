//! Which rows somebody reaches by some permissions, as one condition: counted and named, never changed. The condition is
//! lowered by the ordinary plan as a rule, with the variables of the caller it is about.

use aedile_engine::{
    Object, Result,
    access::{Access, Action, Caller, Case, Fields, Permission, Policies, Policy, Rule, policy::Attachment},
    plan::{Plan, read},
    query::{Filter, Query},
    value::Param,
};

use crate::{Cx, items::keys};

/// The rows that some cases cover.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reach {
    /// None.
    Nothing,
    /// Every one.
    All,
    /// Those that one of these rules covers.
    Some(Vec<Filter>),
}

impl Reach {
    /// What these cases cover together. Rules that do not fit the data model cover nothing, as everywhere.
    pub fn of<'c>(cx: &Cx, collection: &str, action: Action, cases: impl IntoIterator<Item = &'c Case>) -> Reach {
        let mut rules: Vec<Filter> = Vec::new();
        let mut any = false;
        for case in cases {
            let Some(rule) = case.rule.as_ref().filter(|_| action != Action::Create) else {
                return Reach::All;
            };
            any = true;
            let fits = read::misfit(cx.schema(), &cx.access, cx.limits(), collection, case).is_none();
            if fits && !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
        if any { Reach::Some(rules) } else { Reach::Nothing }
    }

    /// What an access reaches, by its cases for a field if one is named.
    pub fn by(cx: &Cx, access: &Access, collection: &str, action: Action, field: Option<&str>) -> Reach {
        if access.admin {
            return Reach::All;
        }
        let cases = access.grant(collection, action).cases().iter();
        Reach::of(
            cx,
            collection,
            action,
            cases.filter(|case| field.is_none_or(|field| case.fields.has(field))),
        )
    }

    /// The condition; none for nothing.
    pub fn filter(&self) -> Option<Filter> {
        match self {
            Reach::Nothing => None,
            Reach::All => Some(Filter::And(Vec::new())),
            Reach::Some(rules) => match rules.as_slice() {
                [only] => Some(only.clone()),
                several => Some(Filter::Or(several.to_vec())),
            },
        }
    }

    /// Whether everything that the other covers is covered for certain, whatever the rows are.
    pub fn holds(&self, other: &Reach) -> bool {
        match (self, other) {
            (Reach::All, _) | (_, Reach::Nothing) => true,
            (Reach::Some(own), Reach::Some(others)) => others.iter().all(|rule| own.contains(rule)),
            _ => false,
        }
    }

    /// What both cover together.
    pub fn or(&self, other: &Reach) -> Reach {
        match (self, other) {
            (Reach::All, _) | (_, Reach::All) => Reach::All,
            (Reach::Nothing, one) | (one, Reach::Nothing) => one.clone(),
            (Reach::Some(own), Reach::Some(others)) => {
                let mut rules = own.clone();
                rules.extend(others.iter().filter(|rule| !own.contains(rule)).cloned());
                Reach::Some(rules)
            }
        }
    }
}

/// How many rows of a collection meet a condition; none of them where there is no condition.
pub(crate) async fn count(cx: &Cx, collection: &str, filter: Option<&Filter>) -> Result<u64> {
    let Some(filter) = filter else { return Ok(0) };
    let access = covering(&cx.access, collection, filter);
    let plan = read::count(cx.schema(), &access, cx.limits(), collection, None)?;
    let (stmt, params) = cx.statement(&plan);
    let rows = cx.app.db().fetch(stmt, params).await?;
    Ok(match rows.first().and_then(|row| row.first()) {
        Some(Param::Int(n)) => u64::try_from(*n).unwrap_or_default(),
        _ => 0,
    })
}

/// The keys of the first rows that meet a condition, in the order of the keys.
pub(crate) async fn first(cx: &Cx, collection: &str, filter: Option<&Filter>, most: u64) -> Result<Vec<Param>> {
    let (Some(filter), Some(found)) = (filter, cx.schema().collection(collection)) else {
        return Ok(Vec::new());
    };
    let access = covering(&cx.access, collection, filter);
    let mut query = Query {
        sort: vec![aedile_engine::query::Sort {
            path: vec![aedile_engine::query::Key::Field(found.key.clone())],
            descending: false,
        }],
        ..Query::default()
    };
    query.page.limit = Some(most);
    let plan: Plan = read::keys(cx.schema(), &access, cx.limits(), collection, &query)?;
    let (stmt, params) = cx.statement(&plan);
    let rows = cx.app.db().fetch(stmt, params).await?;
    rows.into_iter()
        .filter_map(|row| row.into_iter().next())
        .map(|cell| keys::from_json(found, &keys::to_json(&cell)))
        .collect()
}

/// An access that covers these rows and nothing else, with the roles and policies of the other for the variables.
fn covering(of: &Access, collection: &str, filter: &Filter) -> Access {
    const ONLY: &str = "rows";
    let permission = Permission {
        id: None,
        collection: collection.to_owned(),
        action: Action::Read,
        rule: Rule::Of(filter.clone()),
        fields: Fields::All,
        presets: Object::new(),
        validation: Rule::All,
    };
    let policy = Policy {
        id: ONLY.to_owned(),
        name: String::new(),
        admin: false,
        app: false,
        enforce_tfa: false,
        ip: None,
        permissions: vec![permission],
    };
    let attached = Attachment {
        user: None,
        role: None,
        policy: ONLY.to_owned(),
    };
    let policies = Policies::new([policy], [], [attached]);
    let mut access = Access::of(&policies, &Caller::Public { ip: None });
    access.roles.clone_from(&of.roles);
    access.policies.clone_from(&of.policies);
    access
}
