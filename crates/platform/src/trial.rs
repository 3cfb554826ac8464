//! Trying a write for real: the ordinary verb in a transaction, or a part of one, that is always undone. No row of it may
//! stay, however it comes out.

use std::sync::Arc;

use aedile_db::Tx;
use aedile_engine::{Code, Error, Object, Result, access::Action, value::Param};
use parking_lot::Mutex;

use crate::{
    Cx,
    identity::NOBODY,
    items::{self, Writing},
    statement,
    system::{self, Finished, Hashes},
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
        let mut attempt = self.clone();
        let hashes = match attempt.prepare(cx).await {
            Ok(hashes) => hashes,
            Err(error) => return Ok(judged(error)),
        };
        let verdict: Arc<Mutex<Option<Result<()>>>> = Arc::default();
        let (told, inner) = (verdict.clone(), cx.clone());
        let undone: Result<()> = cx
            .app
            .db()
            .write(move |tx| {
                Box::pin(async move {
                    let result = attempt.carry_out(&mut Writing::new(&inner, tx).with(hashes)).await;
                    *told.lock() = Some(result.map(drop));
                    Err(only_tried())
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

    /// Does the same work, undoes it, and leaves what the write would have left beside its rows: a commit, and a version
    /// that is moved on. What comes next on this server takes as long as after the write itself.
    ///
    /// # Errors
    /// What the write would be refused with.
    pub async fn rehearse(mut self, cx: &Cx) -> Result<()> {
        let (hashes, inner) = (self.prepare(cx).await?, cx.clone());
        let done = cx.app.db().write(move |tx| {
            Box::pin(async move {
                let done = self.undone(inner, tx, hashes).await?;
                if done.stale {
                    tx.execute(&statement::next_version(tx.dialect()), &[]).await?;
                }
                Ok(done)
            })
        });
        cx.app.settle(done.await?).await
    }

    /// Carries it out in a part of a transaction, and undoes the part.
    async fn undone(self, cx: Cx, tx: &mut Tx, hashes: Hashes) -> Result<Finished> {
        let verdict: Arc<Mutex<Option<Result<Finished>>>> = Arc::default();
        let told = verdict.clone();
        let undone: Result<()> = tx
            .nested(move |tx| {
                Box::pin(async move {
                    *told.lock() = Some(self.carry_out(&mut Writing::new(&cx, tx).with(hashes)).await);
                    Err(only_tried())
                })
            })
            .await;
        match (verdict.lock().take(), undone) {
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(done)), Err(error)) if error == only_tried() => Ok(done),
            // Whoever goes on now would keep what was only tried.
            (_, Err(error)) => Err(error),
            (_, Ok(())) => Err(Error::internal("a trial was kept")),
        }
    }

    /// Hashes what is sent in plain, before any transaction.
    async fn prepare(&mut self, cx: &Cx) -> Result<Hashes> {
        let mut hashes = Hashes::default();
        if let Write::Create(payload) | Write::Instead(payload) | Write::Update(_, payload) = &mut self.write {
            system::prepare(cx, &self.collection, payload, &mut hashes).await?;
        }
        Ok(hashes)
    }

    async fn carry_out(self, w: &mut Writing<'_>) -> Result<Finished> {
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
        system::finish(w).await
    }
}

fn only_tried() -> Error {
    Error::unprocessable("it was only tried")
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
