//! Trying a write for real: the ordinary verb in a transaction of its own, which is always undone.

use std::sync::Arc;

use aedile_engine::{Code, Error, Object, Result, access::Action, value::Param};
use parking_lot::Mutex;

use crate::{
    Cx,
    identity::NOBODY,
    items::{self, Writing},
    system,
};

/// What is tried: a new item, or a change of one that is there.
#[derive(Clone)]
pub(super) struct Attempt {
    pub collection: String,
    pub key: Option<Param>,
    pub payload: Object,
}

/// How it came out.
pub(super) enum Outcome {
    /// It would have been stored.
    Done,
    /// Access denied it, or what it demands of payloads.
    Denied(Error),
    /// Something else stood in its way.
    Failed(Error),
}

impl Attempt {
    /// What it does.
    pub fn action(&self) -> Action {
        if self.key.is_some() {
            Action::Update
        } else {
            Action::Create
        }
    }

    /// Tries it as the caller of this context, and undoes it.
    ///
    /// # Errors
    /// What kept the trial itself from being made.
    pub async fn run(&self, cx: &Cx) -> Result<Outcome> {
        if !cx.access.grant(&self.collection, self.action()).is_some() {
            return Ok(Outcome::Denied(Error::forbidden_collection(&self.collection)));
        }
        let mut payload = self.payload.clone();
        if let Err(error) = system::prepare(cx, &self.collection, &mut payload).await {
            return Ok(judged(error));
        }
        let verdict: Arc<Mutex<Option<Result<()>>>> = Arc::default();
        let (told, inner, attempt) = (
            verdict.clone(),
            cx.clone(),
            Attempt {
                payload,
                ..self.clone()
            },
        );
        let undone: Result<()> = cx
            .app
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let result = attempt.carry_out(&mut Writing::new(&inner, tx)).await;
                    *told.lock() = Some(result);
                    Err(Error::unprocessable("it was only tried"))
                })
            })
            .await;
        match (verdict.lock().take(), undone) {
            (Some(Ok(())), _) => Ok(Outcome::Done),
            (Some(Err(error)), _) => Ok(judged(error)),
            (None, Err(error)) => Err(error),
            (None, Ok(())) => Err(Error::internal("a trial was neither made nor refused")),
        }
    }

    async fn carry_out(self, w: &mut Writing<'_>) -> Result<()> {
        embody(w).await?;
        match self.key {
            None => items::create_in(w, &self.collection, self.payload).await.map(|_| ())?,
            Some(key) => {
                items::update_in(w, &self.collection, vec![key], self.payload).await?;
            }
        }
        system::finish(w).await.map(|_| ())
    }
}

/// Gives a user who is no particular one a row for as long as the trial lasts: what they write may point at it.
async fn embody(w: &mut Writing<'_>) -> Result<()> {
    if w.cx.caller.user() != Some(NOBODY) {
        return Ok(());
    }
    let mut sql = w.sql();
    sql.push("insert into directus_users (id, role, status) values (")
        .param(NOBODY)
        .push(", ")
        .param(w.cx.caller.role().map(str::to_owned))
        .push(", 'active')");
    w.run(sql.finish(Vec::new())).await.map(|_| ())
}

fn judged(error: Error) -> Outcome {
    match error.code() {
        Code::Forbidden | Code::FailedValidation => Outcome::Denied(error),
        _ => Outcome::Failed(error),
    }
}
