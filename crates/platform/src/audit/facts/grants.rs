//! What policies that count for anybody grant, permission by permission, and small questions about their rules. It judges
//! by what is written; never by rows.

use aedile_engine::{
    access::{Action, Rule},
    query::{Filter, Operand, Test, Var, filter::Context},
};

use super::{Facts, Subject};
use crate::access_file::{Holder, Permission, Policy};

/// A permission of a policy that counts for somebody who is no administrator by it.
#[derive(Clone, Copy)]
pub(in crate::audit) struct Granted<'f> {
    pub policy: &'f Policy,
    pub permission: &'f Permission,
    /// Whether it counts for the public.
    pub public: bool,
    /// Whether it counts for anybody else.
    pub others: bool,
}

impl Granted<'_> {
    /// Whether it grants this field.
    pub fn has(&self, field: &str) -> bool {
        self.permission.fields.iter().any(|own| own == field || own == "*")
    }

    /// Whether it grants every field there is and will be.
    pub fn has_all(&self) -> bool {
        self.permission.fields.iter().any(|own| own == "*")
    }

    /// Its rule.
    pub fn rule(&self) -> Rule {
        Rule::parse(&self.permission.rule, Context::Rule)
    }

    /// Whether it is about each caller's own rows alone.
    pub fn is_own(&self) -> bool {
        matches!(self.rule(), Rule::Of(filter) if is_own(&filter))
    }

    /// `permission 7: read on every row, all fields`.
    pub fn told(&self) -> String {
        let Permission {
            id,
            rule,
            fields,
            action,
            ..
        } = self.permission;
        let id = id.map_or_else(String::new, |id| format!("permission {id}: "));
        let rows = match (action, rule.is_null()) {
            (Action::Create, _) => "new rows".to_owned(),
            (_, true) => "every row".to_owned(),
            (_, false) => format!("rows where {rule}"),
        };
        let fields = match (action, self.has_all()) {
            (Action::Delete | Action::Share, _) => String::new(),
            (_, true) => ", all fields".to_owned(),
            (_, false) => format!(", fields {}", fields.join(", ")),
        };
        format!("{id}{} {rows}{fields}", action.as_str())
    }
}

/// Whether a rule holds for nothing but what is the caller's own.
fn is_own(filter: &Filter) -> bool {
    match filter {
        Filter::And(list) => list.iter().any(is_own),
        Filter::Or(list) => !list.is_empty() && list.iter().all(is_own),
        Filter::At(_, inner) | Filter::Some(inner) => is_own(inner),
        Filter::Is(Test::Eq(Operand::Var(Var::User(path)))) => path.is_empty(),
        Filter::Is(_) | Filter::None(_) => false,
    }
}

impl Facts {
    /// Every permission that counts for somebody.
    pub fn granted(&self) -> impl Iterator<Item = Granted<'_>> {
        self.access.policies.iter().flat_map(|policy| {
            let (mut public, mut others) = (false, false);
            for (holder, policies) in &self.access.attached {
                if policies.contains(&policy.id) {
                    public |= *holder == Holder::Public;
                    others |= *holder != Holder::Public;
                }
            }
            // An administrator needs no permission, and gets nothing by one.
            others &= !policy.admin_access;
            let counts = public || others;
            policy
                .permissions
                .iter()
                .filter(move |_| counts)
                .map(move |permission| Granted {
                    policy,
                    permission,
                    public,
                    others,
                })
        })
    }

    /// Those that count for the public.
    pub fn to_the_public(&self) -> impl Iterator<Item = Granted<'_>> {
        self.granted().filter(|granted| granted.public)
    }

    /// Those that count for somebody else.
    pub fn to_others(&self) -> impl Iterator<Item = Granted<'_>> {
        self.granted().filter(|granted| granted.others)
    }

    /// A permission as the subject of a finding.
    pub fn subject(&self, granted: &Granted<'_>) -> Subject {
        Subject::of("policy", self.policy(&granted.policy.id)).and("collection", granted.permission.collection.as_str())
    }
}
