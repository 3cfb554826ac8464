//! What the public is answered: every collection asked for as the public asks, and every write that policies grant it tried
//! by the ordinary verbs in a transaction that is undone. Bounded in rows, in tries and in time; what was left out is said.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use aedile_engine::{
    Code, Error, Json, Object, Result,
    access::{Action, Caller, Grant, Rule},
    plan::read,
    query::{Filter, Query, filter::Context},
    schema::Collection,
    value::Param,
};

use crate::{
    Cx,
    access_file::{Holder, State},
    items, reach,
    trial::{Attempt, Outcome, Write},
};

/// Rows are counted up to here: more is just many, and costs the database no more.
const COUNTED: u64 = 1000;

/// All of the asking takes no longer.
const TIME: Duration = Duration::from_secs(20);

/// Most writes that are tried: each holds the writer up for a moment.
const TRIES: usize = 60;

/// How many rows were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::audit) struct Counted(pub u64);

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            n if n > COUNTED => write!(f, "more than {COUNTED} rows"),
            1 => write!(f, "1 row"),
            n => write!(f, "{n} rows"),
        }
    }
}

/// How a write came out that was tried as the public.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::audit) enum Tried {
    /// It would have been stored.
    Stored,
    /// Access refused it.
    Refused(String),
    /// Access let it pass, and something else stood in its way.
    Failed(String),
}

/// What the public was answered.
#[derive(Clone, Debug, Default)]
pub(in crate::audit) struct Asked {
    /// Collections that answered a list, with how many rows it has.
    pub reads: BTreeMap<String, Counted>,
    /// How writes came out.
    pub writes: BTreeMap<(String, &'static str), Tried>,
    /// Rows that a rule on the caller covers for the public, who is nobody; by permission.
    pub ownerless: BTreeMap<i64, Counted>,
    /// What was left out.
    pub notes: Vec<String>,
}

/// Asks.
pub(super) async fn ask(cx: &Cx, access: &State) -> Result<Asked> {
    let caller = Caller::Public { ip: None };
    let public = Cx {
        access: cx.snapshot.access(&caller),
        caller: Arc::new(caller),
        ..cx.clone()
    };
    let mut round = Round {
        public,
        asked: Asked::default(),
        end: Instant::now() + TIME,
        tries: 0,
    };
    let snapshot = cx.snapshot.clone();
    for collection in snapshot.model.schema.collections() {
        round.read(collection).await?;
        round.write(collection).await?;
    }
    round.ownerless(access).await?;
    Ok(round.asked)
}

struct Round {
    public: Cx,
    asked: Asked,
    end: Instant,
    tries: usize,
}

impl Round {
    /// Waits for an answer as long as there is time; none where it has run out, which is noted once.
    async fn within<T>(&mut self, asking: impl Future<Output = T>) -> Option<T> {
        let left = self.end.saturating_duration_since(Instant::now());
        let answer = if left.is_zero() {
            None
        } else {
            tokio::time::timeout(left, asking).await.ok()
        };
        let note = format!(
            "asking as the public took longer than {} seconds, and was ended",
            TIME.as_secs()
        );
        if answer.is_none() && !self.asked.notes.contains(&note) {
            self.asked.notes.push(note);
        }
        answer
    }

    /// Asks for a list, as `GET /items/collection?limit=1` or the like, and counts it if there is one.
    async fn read(&mut self, collection: &Collection) -> Result<()> {
        let cx = self.public.clone();
        let mut query = Query::default();
        query.page.limit = Some(1);
        let asking = async {
            let answer = if collection.singleton {
                items::singleton(&cx, &collection.name, &query).await
            } else {
                items::list(&cx, &collection.name, &query).await
            };
            match answer {
                Ok(_) => count(&cx, &collection.name, None).await.map(Some),
                Err(error) if is_refusal(&error) => Ok(None),
                Err(error) => Err(error),
            }
        };
        match self.within(asking).await {
            Some(Ok(Some(rows))) => {
                self.asked.reads.insert(collection.name.clone(), rows);
            }
            Some(Err(error)) => self.not_asked(&collection.name, &error),
            Some(Ok(None)) | None => {}
        }
        Ok(())
    }

    /// Tries what policies grant of writing.
    async fn write(&mut self, collection: &Collection) -> Result<()> {
        for action in [Action::Create, Action::Update, Action::Delete] {
            let grant = self.public.access.grant(&collection.name, action);
            if !grant.is_some() {
                continue;
            }
            if self.tries >= TRIES {
                let note = format!("more writes are granted to the public than the {TRIES} that were tried");
                if !self.asked.notes.contains(&note) {
                    self.asked.notes.push(note);
                }
                return Ok(());
            }
            self.tries += 1;
            let payload = payload(collection, grant);
            let cx = self.public.clone();
            let asking = async {
                let write = match action {
                    Action::Create => Write::Create(Object::new()),
                    _ => {
                        let Some(key) = first(&cx, collection, action).await? else {
                            return Ok(None);
                        };
                        match action {
                            Action::Update => Write::Update(key, payload),
                            _ => Write::Delete(key),
                        }
                    }
                };
                let attempt = Attempt {
                    collection: collection.name.clone(),
                    write,
                };
                attempt.run(&cx).await.map(Some)
            };
            match self.within(asking).await {
                Some(Ok(Some(outcome))) => {
                    let tried = match outcome {
                        Outcome::Done => Tried::Stored,
                        Outcome::Denied(error) => Tried::Refused(error.reason()),
                        Outcome::Failed(error) => Tried::Failed(error.reason()),
                    };
                    self.asked
                        .writes
                        .insert((collection.name.clone(), action.as_str()), tried);
                }
                Some(Err(error)) => self.not_asked(&collection.name, &error),
                Some(Ok(None)) | None => {}
            }
        }
        Ok(())
    }

    /// Counts what rules on the caller cover where there is none.
    async fn ownerless(&mut self, access: &State) -> Result<()> {
        let public = access.attached.get(&Holder::Public).cloned().unwrap_or_default();
        for policy in access.policies.iter().filter(|policy| public.contains(&policy.id)) {
            for permission in &policy.permissions {
                let (Some(id), Rule::Of(rule)) = (permission.id, Rule::parse(&permission.rule, Context::Rule)) else {
                    continue;
                };
                let mut variables = Vec::new();
                rule.variables(&mut variables);
                if variables.is_empty() || permission.action == Action::Create {
                    continue;
                }
                let cx = self.public.clone();
                let counting = async { count(&cx, &permission.collection, Some(&rule)).await };
                // A rule that does not fit the model covers nothing, and another check says so.
                if let Some(Ok(rows)) = self.within(counting).await {
                    self.asked.ownerless.insert(id, rows);
                }
            }
        }
        Ok(())
    }

    fn not_asked(&mut self, collection: &str, error: &Error) {
        self.asked
            .notes
            .push(format!("{collection} could not be asked for: {}", error.reason()));
    }
}

fn is_refusal(error: &Error) -> bool {
    matches!(error.code(), Code::Forbidden)
}

/// How many rows the public reads, or how many a rule covers for it.
async fn count(cx: &Cx, collection: &str, rule: Option<&Filter>) -> Result<Counted> {
    let most = COUNTED + 1;
    let found = match rule {
        Some(rule) => reach::first(cx, collection, Some(rule), most).await?.len(),
        None => {
            let mut query = Query::default();
            query.page.limit = Some(most);
            let plan = read::keys(cx.schema(), &cx.access, cx.limits(), collection, &query)?;
            let (stmt, params) = cx.statement(&plan);
            cx.app.db().fetch(stmt, params).await?.len()
        }
    };
    Ok(Counted(u64::try_from(found).unwrap_or(u64::MAX)))
}

/// The key of a row that this may be done to, if there is one.
async fn first(cx: &Cx, collection: &Collection, action: Action) -> Result<Option<Param>> {
    let covered = reach::Reach::by(cx, &cx.access, &collection.name, action, None).filter();
    let found = reach::first(cx, &collection.name, covered.as_ref(), 1).await?;
    Ok(found.into_iter().next())
}

/// A change that is as small as can be: one field that is granted, emptied.
fn payload(collection: &Collection, grant: Grant<'_>) -> Object {
    let mut payload = Object::new();
    let plain = collection.fields.values().find(|field| {
        let column = field.column.as_ref();
        field.name != collection.key && grant.has(&field.name) && column.is_some_and(|column| column.nullable)
    });
    if let Some(field) = plain {
        payload.insert(field.name.clone(), Json::Null);
    }
    payload
}
