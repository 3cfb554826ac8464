//! Everything a verb knows of the request it serves: who asks, what it may do, what the project looks like, and when.

use std::{collections::HashMap, sync::Arc};

use aedile_engine::{
    Json, Result,
    access::{Access, Caller},
    plan::{Plan, read},
    query::{Limits, Var},
    schema::Schema,
    sql::{self, Bind, Shape, Stmt},
    value::{Param, time},
};

use crate::{app::App, config::Secret, snapshot::Snapshot};

/// What is recorded of where a change came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The client's own words for itself.
    pub user_agent: Option<String>,
    /// The `Origin` header.
    pub origin: Option<String>,
    /// The session the request came with, which a change of one's own password leaves standing.
    pub session: Option<Secret>,
}

/// The context of one request. Clones are cheap.
#[derive(Clone)]
pub struct Cx {
    /// The project.
    pub app: App,
    /// Schema and policies, as of the request's beginning.
    pub snapshot: Arc<Snapshot>,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// What it may do.
    pub access: Arc<Access>,
    /// Where it came from.
    pub origin: Arc<Origin>,
    /// The request's time, in milliseconds since 1970.
    pub now: i64,
    /// The administrator who looks at the project as this caller: reading is all there is then.
    pub viewer: Option<Arc<Caller>>,
    /// What the caller may do once it has the second factor that its policies ask for. Until then `access` is all it has.
    pub withheld: Option<Arc<Access>>,
}

impl Cx {
    /// The schema.
    pub fn schema(&self) -> &Schema {
        &self.snapshot.model.schema
    }

    /// Limits of queries.
    pub fn limits(&self) -> &Limits {
        self.app.limits()
    }

    /// The same request, acted on by Aedile itself.
    #[must_use]
    pub fn as_system(&self, reason: aedile_engine::access::Reason) -> Cx {
        Cx {
            caller: Arc::new(Caller::system(reason)),
            access: Arc::new(Access::full()),
            ..self.clone()
        }
    }

    /// The same request of a caller who has no second factor: held up, if its policies ask for one.
    #[must_use]
    pub fn without_second_factor(self) -> Cx {
        if !self.access.enforce_tfa {
            return self;
        }
        Cx {
            access: Access::held_up(),
            withheld: Some(self.access),
            ..self
        }
    }

    /// A plan as a statement with everything bound.
    pub fn statement(&self, plan: &Plan) -> (Arc<Stmt>, Vec<Param>) {
        let (stmt, params) = self.taken(sql::compile(self.app.db().dialect(), plan));
        (Arc::new(stmt), params)
    }

    /// A statement that is run once, and what it binds.
    pub fn taken(&self, mut stmt: Stmt) -> (Stmt, Vec<Param>) {
        let filled = |bind| match bind {
            Bind::Const(param) => param,
            Bind::Var(var, shape) => self.variable(&var, shape),
            // There is no key: what is asked of an item by its key holds for none.
            Bind::Key(_) => Param::Null,
        };
        let params = std::mem::take(&mut stmt.binds).into_iter().map(filled).collect();
        (stmt, params)
    }

    /// Fills in what a statement binds.
    pub fn bind(&self, binds: &[Bind]) -> Vec<Param> {
        sql::rows::fill(binds, &mut |var, shape| self.variable(var, shape))
    }

    /// The same, of a statement about the item with this key.
    pub fn bind_keyed(&self, binds: &[Bind], key: &Param) -> Vec<Param> {
        sql::rows::fill_keyed(binds, key, &mut |var, shape| self.variable(var, shape))
    }

    /// Runs a reading plan and answers its rows as JSON.
    pub async fn fetch_json(&self, plan: &Plan) -> Result<aedile_db::JsonRows> {
        let (stmt, params) = self.statement(plan);
        self.app.db().fetch_json(stmt, params).await
    }

    /// A variable as a bound value.
    fn variable(&self, var: &Var, shape: Shape) -> Param {
        match var {
            Var::User(_) => self.caller.user().map(str::to_owned).into(),
            Var::Role(_) => self.caller.role().map(str::to_owned).into(),
            Var::Roles => Json::from(self.access.roles.clone()).to_string().into(),
            Var::Policies => Json::from(self.access.policies.clone()).to_string().into(),
            Var::Now { ms, months } => {
                let at = time::shift(self.now, *ms, *months);
                match shape {
                    Shape::Instant => Param::Instant(at),
                    Shape::Wall => Param::Wall(at),
                    Shape::Date => time::format_date(at).into(),
                    Shape::Time => time::format_time(at).into(),
                    Shape::Text | Shape::Raw | Shape::Count | Shape::Inserted(_) => time::format_instant(at).into(),
                }
            }
        }
    }

    /// What variables with a path stand for; those that lead nowhere are left out.
    pub async fn paths(&self, variables: Vec<Var>) -> Result<HashMap<Var, Json>> {
        let mut found = HashMap::new();
        for var in variables {
            let follows = matches!(&var, Var::User(path) | Var::Role(path) if !path.is_empty());
            if !follows || found.contains_key(&var) {
                continue;
            }
            let Ok(plan) = read::variable(self.schema(), self.limits(), &var) else {
                continue;
            };
            let rows = self.fetch_json(&plan).await?;
            let told: Json = serde_json::from_slice(&rows.bytes).unwrap_or_default();
            found.insert(var, told.get("value").cloned().unwrap_or_default());
        }
        Ok(found)
    }

    /// A variable as a JSON value, for presets and validation; none where it needs the database.
    pub fn value(&self, var: &Var) -> Option<Json> {
        Some(match var {
            Var::User(path) if path.is_empty() => self.caller.user().map_or(Json::Null, Json::from),
            Var::Role(path) if path.is_empty() => self.caller.role().map_or(Json::Null, Json::from),
            Var::User(_) | Var::Role(_) => return None,
            Var::Roles => self.access.roles.clone().into(),
            Var::Policies => self.access.policies.clone().into(),
            Var::Now { ms, months } => time::format_instant(time::shift(self.now, *ms, *months)).into(),
        })
    }
}
