//! One transaction's worth of changes: whose they are, and what they touched.
//! INVARIANT: nothing here awaits anything but the transaction. No network, no hashing, no clock.

use std::collections::{HashMap, HashSet};

use aedile_db::{Row, Tx};
use aedile_engine::{
    Error, Json, Object, Result,
    access::{Access, Action},
    plan::{Plan, read},
    query::{Limits, Query, Var},
    schema::Collection,
    sql::{self, Stmt},
    value::Param,
};

use crate::{
    Cx,
    items::{keys, prepared},
    system::{Hashes, escalation::Watch},
};

/// A running change.
pub(crate) struct Writing<'t> {
    /// The request.
    pub cx: &'t Cx,
    /// The transaction.
    pub tx: &'t mut Tx,
    /// The relation fields that lead from the body's root to the item at hand.
    pub path: Vec<String>,
    /// Collections that were written to.
    pub touched: HashSet<String>,
    /// Revisions of nested items, waiting for the revision of the item that holds them.
    pub revisions: Vec<i64>,
    /// Items changed so far, nested ones included.
    pub count: usize,
    /// What the change is judged by at its end.
    pub watch: Watch,
    /// Hashes of what may be filled in, made before the transaction.
    pub hashes: Hashes,
    /// Values of variables with a path, read as they were needed.
    variables: HashMap<Var, Json>,
}

impl<'t> Writing<'t> {
    /// The beginning of a change.
    pub fn new(cx: &'t Cx, tx: &'t mut Tx) -> Self {
        Writing {
            cx,
            tx,
            path: Vec::new(),
            touched: HashSet::new(),
            revisions: Vec::new(),
            count: 0,
            watch: Watch::default(),
            hashes: Hashes::default(),
            variables: HashMap::new(),
        }
    }

    /// The same, with what was hashed before it began.
    pub fn with(self, hashes: Hashes) -> Self {
        Writing { hashes, ..self }
    }

    /// Reads what variables with a path stand for; those that lead nowhere stay unknown, and grant nothing.
    pub async fn resolve(&mut self, variables: Vec<Var>) -> Result<()> {
        for var in variables {
            let follows = matches!(&var, Var::User(path) | Var::Role(path) if !path.is_empty());
            if !follows || self.variables.contains_key(&var) {
                continue;
            }
            let Ok(plan) = read::variable(self.cx.schema(), self.cx.limits(), &var) else {
                continue;
            };
            let (stmt, params) = self.cx.statement(&plan);
            let rows = self.tx.fetch_json(&stmt, &params).await?;
            let told: Json = serde_json::from_slice(&rows.bytes).unwrap_or_default();
            self.variables
                .insert(var, told.get("value").cloned().unwrap_or_default());
        }
        Ok(())
    }

    /// A variable's value; none when it is not known.
    pub fn value(&self, var: &Var) -> Option<Json> {
        self.cx.value(var).or_else(|| self.variables.get(var).cloned())
    }

    /// Runs a plan that answers rows.
    pub async fn rows(&mut self, plan: &Plan) -> Result<Vec<Row>> {
        let (stmt, params) = self.cx.statement(plan);
        self.tx.fetch(&stmt, &params).await
    }

    /// Runs a plan that answers none; says how many rows it matched.
    pub async fn execute(&mut self, plan: &Plan) -> Result<u64> {
        let (stmt, params) = self.cx.statement(plan);
        self.tx.execute(&stmt, &params).await
    }

    /// Runs a fixed statement whose answer nobody waits for.
    pub async fn later(&mut self, stmt: Stmt) -> Result<()> {
        let (stmt, params) = self.cx.taken(stmt);
        self.tx.later(&stmt, params).await
    }

    /// Runs a plan that answers none, together with the statement that comes next.
    pub async fn execute_later(&mut self, plan: &Plan) -> Result<()> {
        let (stmt, params) = self.cx.statement(plan);
        self.tx.later(&stmt, params).await
    }

    /// Runs a fixed statement that answers rows.
    pub async fn fetch(&mut self, stmt: Stmt) -> Result<Vec<Row>> {
        let (stmt, params) = self.cx.taken(stmt);
        self.tx.fetch(&stmt, &params).await
    }

    /// Runs a fixed statement that answers none.
    pub async fn run(&mut self, stmt: Stmt) -> Result<u64> {
        let (stmt, params) = self.cx.taken(stmt);
        self.tx.execute(&stmt, &params).await
    }

    /// A statement to be written for this database.
    pub fn sql(&self) -> sql::Sql {
        sql::Sql::new(self.cx.app.db().dialect())
    }

    /// Which of these keys are of rows the caller may treat so, in all of these fields.
    pub async fn covered(
        &mut self,
        collection: &Collection,
        action: Action,
        keys: &[Param],
        fields: &[&str],
    ) -> Result<Vec<Param>> {
        let plan = read::covered(
            self.cx.schema(),
            &self.cx.access,
            self.cx.limits(),
            &collection.name,
            action,
            keys,
            fields,
        )?;
        // What is judged now is written later, and must not become another row in between.
        let plan = match action {
            Action::Update | Action::Delete => plan.held(),
            _ => plan,
        };
        let rows = self.rows(&plan).await?;
        Ok(first_cells(collection, rows))
    }

    /// Which of these keys exist at all: bookkeeping, never told to the caller.
    pub async fn existing(&mut self, collection: &Collection, keys: &[Param]) -> Result<Vec<Param>> {
        let full = Access::full();
        let plan = read::covered(
            self.cx.schema(),
            &full,
            self.cx.limits(),
            &collection.name,
            Action::Read,
            keys,
            &[],
        )?;
        let rows = self.rows(&plan).await?;
        Ok(first_cells(collection, rows))
    }

    /// Every item of a collection that a query means, whoever asks: for history.
    pub async fn list(&mut self, collection: &str, mut query: Query) -> Result<Vec<Object>> {
        query.page.limit = None;
        let limits = Limits {
            default_limit: u64::from(u32::MAX),
            max_limit: None,
            ..self.cx.limits().clone()
        };
        let plan = read::list(self.cx.schema(), &Access::full(), &limits, collection, &query)?;
        let (stmt, params) = self.cx.statement(&plan);
        let rows = self.tx.fetch_json(&stmt, &params).await?;
        let text = [b"[", rows.bytes.as_slice(), b"]"].concat();
        serde_json::from_slice(&text).map_err(|error| Error::internal(error.to_string()))
    }

    /// A row's own columns as the API tells them, secrets masked: for revisions.
    pub async fn item(&mut self, collection: &Collection, key: &Param) -> Result<Option<Object>> {
        let (stmt, params) = prepared::whole(self.cx, collection)?.of_item(self.cx, key);
        let rows = self.tx.fetch_json(&stmt, &params).await?;
        Ok(match serde_json::from_slice(&rows.bytes) {
            Ok(Json::Object(object)) => Some(object),
            _ => None,
        })
    }
}

/// Keys as answered by a plan, in the form they are bound in.
fn first_cells(collection: &Collection, rows: Vec<Row>) -> Vec<Param> {
    rows.into_iter()
        .filter_map(|row| row.into_iter().next())
        .map(|cell| match keys::from_json(collection, &keys::to_json(&cell)) {
            Ok(key) => key,
            Err(_) => cell,
        })
        .collect()
}
