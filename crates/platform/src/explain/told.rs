//! An explanation as it is answered: the documented shape, and how it is filled from the access.
//! Names and words only; must never hold a value of a row.

use aedile_engine::{
    Json,
    access::{
        Action, Case, Policies, Source, Via,
        explain::{Broken, Explanation, Scope, Share, Standing, words},
    },
    plan::read,
};
use serde::Serialize;

use crate::{
    Cx,
    explain::{Question, compiled, field_list, looks_at_user},
    identity::Identity,
    system::policies,
};

/// The whole answer.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    /// Who it is about.
    pub caller: Who,
    /// The collection.
    pub collection: String,
    /// The action.
    pub action: &'static str,
    /// The verdict on all that was asked.
    pub allowed: bool,
    /// Why, in a sentence.
    pub reason: String,
    /// How much of the collection.
    pub scope: Scope,
    /// Which rows; none for new items.
    pub rows: Option<Condition>,
    /// Every policy that comes to the caller.
    pub policies: Vec<Policy>,
    /// The permissions that decide. Other parts name them by their place in this list.
    pub permissions: Vec<Permission>,
    /// The fields, in general.
    pub fields: Vec<Field>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// The item that was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Item>,
}

/// Who an explanation is about.
#[derive(Clone, Debug, Serialize)]
pub struct Who {
    /// `user`, `role`, `public`, or `nobody` for drafts alone.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The user or role.
    pub id: Option<String>,
    /// The user's address, or the role's name.
    pub name: Option<String>,
    /// The role and those above it.
    pub roles: Vec<Named>,
    /// Where it comes from, as asked.
    pub ip: Option<String>,
    /// May do everything.
    pub admin_access: bool,
    /// May use the Studio.
    pub app_access: bool,
}

/// An id with its name.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
}

/// A condition on rows.
#[derive(Clone, Debug, Serialize)]
pub struct Condition {
    /// In words.
    pub words: String,
    /// As it stands in statements.
    pub sql: Option<Sql>,
}

/// A compiled condition.
#[derive(Clone, Debug, Serialize)]
pub struct Sql {
    /// Its text, with placeholders.
    pub text: String,
    /// What stands at the placeholders, in order.
    pub binds: Vec<Value>,
}

/// What is bound at a placeholder.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// A constant of the rule.
    Value(Json),
    /// A variable, by its name.
    Variable(String),
}

/// A policy that comes to the caller.
#[derive(Clone, Debug, Serialize)]
pub struct Policy {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The ways it comes.
    pub via: Vec<Way>,
    /// Whether it counts.
    pub counts: bool,
    /// Why it does not.
    pub removed: Option<Removed>,
    /// Makes the caller an administrator.
    pub admin_access: bool,
    /// Lets the caller use the Studio.
    pub app_access: bool,
}

impl Policy {
    /// How it is called in sentences.
    pub fn called(&self) -> String {
        format!("policy \"{}\"", policies::called(&self.id, &self.name))
    }
}

/// A way by which a policy comes.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Way {
    /// By the public.
    Public,
    /// By a role.
    Role {
        /// The role.
        id: String,
        /// Its name.
        name: String,
        /// How far above the caller's own.
        above: usize,
    },
    /// The user's own.
    User,
}

/// Why a policy does not count.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "reason", rename_all = "lowercase")]
pub enum Removed {
    /// It counts from these addresses only; none when the list cannot be read.
    Address {
        /// The list.
        addresses: Option<String>,
    },
    /// It is gone.
    Missing,
}

/// A permission that decides.
#[derive(Clone, Debug, Serialize)]
pub struct Permission {
    /// Its row; none for what app access brings.
    pub id: Option<i64>,
    /// Its policy; none for what app access brings.
    pub policy: Option<Named>,
    /// The rows it covers.
    pub rule: Condition,
    /// The fields it grants; `*` for all.
    pub fields: Vec<String>,
    /// What it fills in.
    pub presets: Vec<Preset>,
    /// What a payload has to meet, in words.
    pub validation: Option<String>,
    /// Why it grants nothing, or covers nothing.
    pub problem: Option<String>,
}

impl Permission {
    /// Whether it grants a field.
    pub fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|own| own == "*" || own == field)
    }

    /// How it is called in sentences.
    pub fn called(&self) -> String {
        let policy = self.policy.as_ref().map_or_else(
            || "app access".to_owned(),
            |policy| format!("policy \"{}\"", policies::called(&policy.id, &policy.name)),
        );
        match self.id {
            Some(id) => format!("{policy} (permission {id})"),
            None => policy,
        }
    }
}

/// What a permission fills in.
#[derive(Clone, Debug, Serialize)]
pub struct Preset {
    /// The field.
    pub field: String,
    /// The stored value.
    pub value: Json,
    /// The value in words.
    pub words: String,
}

/// A field in general.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// Its name.
    pub field: String,
    /// On which rows.
    pub granted: Granted,
    /// Told as a mask, whoever reads it.
    pub masked: bool,
    /// The permissions that grant it.
    pub by: Vec<usize>,
}

/// On which rows a field is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Granted {
    /// On every row.
    Always,
    /// On those that the rules of its permissions cover.
    Sometimes,
    /// On none.
    Never,
}

/// One item.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// The key as it was asked.
    pub key: Json,
    /// Whether there is one.
    pub exists: bool,
    /// Whether some rule covers its row.
    pub covered: bool,
    /// The verdict on it.
    pub allowed: bool,
    /// The permissions that cover its row.
    pub by: Vec<usize>,
    /// Its fields.
    pub fields: Vec<FieldOfItem>,
}

/// A field of one item.
#[derive(Clone, Debug, Serialize)]
pub struct FieldOfItem {
    /// Its name.
    pub field: String,
    /// Whether it may be seen or changed on this row.
    pub allowed: bool,
    /// The permissions that grant it on this row.
    pub by: Vec<usize>,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What can be told without looking at the database.
pub(super) fn whole(cx: &Cx, policies: &Policies, question: &Question, found: &Explanation) -> Explained {
    Explained {
        caller: who(cx, policies, question, found),
        collection: question.collection.clone(),
        action: question.action.as_str(),
        allowed: false,
        reason: String::new(),
        scope: found.scope,
        rows: None,
        policies: found.policies.iter().map(|share| policy(policies, share)).collect(),
        permissions: permissions(cx, policies, question, found),
        fields: Vec::new(),
        notes: notes(cx, question, found),
        item: None,
    }
}

fn who(cx: &Cx, policies: &Policies, question: &Question, found: &Explanation) -> Who {
    let (kind, id, name) = match &question.who {
        Identity::User(person) => ("user", Some(person.id.clone()), person.email.clone()),
        Identity::Role { id, name } => ("role", Some(id.clone()), Some(name.clone())),
        Identity::Public => ("public", None, None),
        Identity::Nobody => ("nobody", None, None),
    };
    Who {
        kind,
        id,
        name,
        roles: found.access.roles.iter().map(|id| role(policies, id)).collect(),
        ip: cx.caller.ip().map(|ip| ip.to_string()),
        admin_access: found.access.admin,
        app_access: found.access.app,
    }
}

fn role(policies: &Policies, id: &str) -> Named {
    Named {
        id: id.to_owned(),
        name: policies.role(id).map(|role| role.name.clone()).unwrap_or_default(),
    }
}

fn policy(policies: &Policies, share: &Share) -> Policy {
    let way = |via: &Via| match via {
        Via::Public => Way::Public,
        Via::User => Way::User,
        Via::Role { id, above } => Way::Role {
            id: id.clone(),
            name: role(policies, id).name,
            above: *above,
        },
    };
    Policy {
        id: share.id.clone(),
        name: share.name.clone(),
        via: share.via.iter().map(way).collect(),
        counts: share.standing == Standing::Counts,
        removed: match &share.standing {
            Standing::Counts => None,
            Standing::Elsewhere(addresses) => Some(Removed::Address {
                addresses: addresses.clone(),
            }),
            Standing::Missing => Some(Removed::Missing),
        },
        admin_access: share.admin,
        app_access: share.app,
    }
}

fn permissions(cx: &Cx, policies: &Policies, question: &Question, found: &Explanation) -> Vec<Permission> {
    let named = |source: &Source| {
        source.policy.as_ref().map(|id| Named {
            id: id.clone(),
            name: policies
                .policy(id)
                .map(|policy| policy.name.clone())
                .unwrap_or_default(),
        })
    };
    let (schema, name) = (cx.schema(), question.collection.as_str());
    let judged = found.cases.iter().map(|case| Permission {
        id: case.source.permission,
        policy: named(&case.source),
        rule: Condition {
            words: match &case.rule {
                None => "every row".to_owned(),
                Some(rule) => words::condition(schema, name, rule),
            },
            sql: compiled(cx, name, std::slice::from_ref(case)),
        },
        fields: field_list(&case.fields),
        presets: case
            .presets
            .iter()
            .map(|(field, value)| Preset {
                field: field.clone(),
                value: value.clone(),
                words: words::preset(value),
            })
            .collect(),
        validation: case
            .validation
            .as_ref()
            .map(|rule| words::condition(schema, name, rule)),
        problem: misfit(cx, question, case),
    });
    let broken = found.broken.iter().map(|(source, what)| Permission {
        id: source.permission,
        policy: named(source),
        rule: Condition {
            words: "no row".to_owned(),
            sql: None,
        },
        fields: Vec::new(),
        presets: Vec::new(),
        validation: None,
        problem: Some(
            match what {
                Broken::Rule => "its item rule cannot be understood, so it grants nothing",
                Broken::Validation => "its validation cannot be understood, so it grants nothing",
            }
            .to_owned(),
        ),
    });
    judged.chain(broken).collect()
}

/// A rule can be understood and still name what is not there (any more), or compare what cannot be.
fn misfit(cx: &Cx, question: &Question, case: &Case) -> Option<String> {
    // A rule of a permission to create is never looked at.
    if question.action == Action::Create {
        return None;
    }
    let error = read::misfit(cx.schema(), &cx.access, cx.limits(), &question.collection, case)?;
    Some(format!(
        "its rule does not fit the data model, so it covers no row: {error}"
    ))
}

fn notes(cx: &Cx, question: &Question, found: &Explanation) -> Vec<String> {
    let mut notes = Vec::new();
    let writes = matches!(question.action, Action::Create | Action::Update | Action::Delete);
    if matches!(question.who, Identity::Role { .. } | Identity::Nobody) {
        notes.push("No particular user is meant: $CURRENT_USER is an id that no row has.".to_owned());
    }
    if question.who == Identity::Public && found.cases.iter().any(looks_at_user) {
        notes.push("For the public $CURRENT_USER has no value: a rule that a field is the current user covers rows where that field has none.".to_owned());
    }
    if question.action == Action::Create && found.cases.iter().any(|case| case.rule.is_some()) {
        notes.push(
            "Item rules of permissions to create are not looked at: a new item has no row yet. Use the validation."
                .to_owned(),
        );
    }
    if writes && cx.schema().collection(&question.collection).is_some_and(|c| c.system) {
        notes.push("The system protects its own collections beyond permissions.".to_owned());
    }
    notes
}
