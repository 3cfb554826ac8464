//! Trying a write for real: the ordinary verb in a transaction of its own, which is always undone. Nothing of it may stay,
//! however it comes out.

use std::sync::Arc;

use aedile_engine::{Code, Error, Object, Result, access::Action, value::Param};
use parking_lot::Mutex;

use crate::{
    Cx,
    identity::NOBODY,
    items::{self, Writing},
    system::{self, Hashes},
};

/// What is tried.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub collection: String,
    pub write: Write,
}

/// The write that is tried.
#[derive(Clone)]
pub(crate) enum Write {
    /// A new item.
    Create(Object),
    /// A new user in the place of whoever has its address.
    Instead(Object),
    /// A change of one that is there.
    Update(Param, Object),
    /// The end of one that is there.
    Delete(Param),
}

/// How it came out.
pub(crate) enum Outcome {
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
        match self.write {
            Write::Create(_) | Write::Instead(_) => Action::Create,
            Write::Update(..) => Action::Update,
            Write::Delete(_) => Action::Delete,
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
        let (mut attempt, mut hashes) = (self.clone(), Hashes::default());
        if let Write::Create(payload) | Write::Instead(payload) | Write::Update(_, payload) = &mut attempt.write
            && let Err(error) = system::prepare(cx, &self.collection, payload, &mut hashes).await
        {
            return Ok(judged(error));
        }
        let verdict: Arc<Mutex<Option<Result<()>>>> = Arc::default();
        let (told, inner) = (verdict.clone(), cx.clone());
        let undone: Result<()> = cx
            .app
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let result = attempt.carry_out(&mut Writing::new(&inner, tx).with(hashes)).await;
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
        match self.write {
            Write::Create(payload) => items::create_in(w, &self.collection, payload).await.map(drop)?,
            Write::Instead(payload) => {
                system::users::give_up_address(w, &payload).await?;
                items::create_in(w, &self.collection, payload).await.map(drop)?;
            }
            Write::Update(key, payload) => items::update_in(w, &self.collection, vec![key], payload)
                .await
                .map(drop)?,
            Write::Delete(key) => items::delete_in(w, &self.collection, vec![key]).await?,
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
