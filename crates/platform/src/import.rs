//! Items out of a file: everything of it is stored, or nothing. Each row goes through the ordinary verbs with the caller's
//! own permissions, and is made or changed by its key. The file is taken and judged before the transaction begins: that one
//! reads rows which are complete, and waits for nobody. Must never hold a whole file as items in memory.

mod faults;
mod rows;
mod spool;

use std::{
    io::{BufRead, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use aedile_engine::{
    Code, Error, Object, Result,
    access::{Action, Fields, Grant},
    schema::Collection,
};
use tokio::{sync::OwnedSemaphorePermit, time::Instant};

use self::{faults::Faults, spool::Spool};
use crate::{
    Cx,
    items::{Writing, keyed_save, read::allowed},
    system::{self, Hashes},
};
pub use rows::Format;

/// Rows that are looked at before others get their turn on the same thread.
const IN_A_ROW: usize = 128;
/// Longest row as it is kept between the file and the transaction, beyond what the file itself may have: names of columns
/// are repeated in each.
const MOST_NAMES: u64 = 1 << 20;

/// A file that is being taken in.
pub struct Import {
    cx: Cx,
    collection: String,
    file: Spool,
    size: usize,
    until: Instant,
    _place: OwnedSemaphorePermit,
}

impl Import {
    /// Begins, if the caller may import into this collection at all: before a byte of the file is taken.
    ///
    /// # Errors
    /// `FORBIDDEN` unless the caller may create and update items; for collections of the system, unless it is an
    /// administrator and they are written to like any other. `INVALID_PAYLOAD` for a singleton; `SERVICE_UNAVAILABLE`
    /// when too many imports run.
    pub fn begin(cx: &Cx, collection: &str) -> Result<Import> {
        let c = allowed(cx, collection, Action::Create)?;
        allowed(cx, collection, Action::Update)?;
        if c.system && !cx.access.admin || system::is_closed(collection) {
            return Err(Error::forbidden_collection(collection));
        }
        if c.singleton {
            return Err(Error::invalid_payload(
                "the collection has one item, which is changed by itself",
            ));
        }
        let place = cx.app.imports().try_acquire_owned().map_err(|_| {
            Error::new(
                Code::ServiceUnavailable,
                "Too many files are being imported right now: try again.",
            )
        })?;
        Ok(Import {
            collection: c.name.clone(),
            file: Spool::default(),
            size: 0,
            until: Instant::now() + cx.app.settings().limits.import.time,
            cx: cx.clone(),
            _place: place,
        })
    }

    /// How much longer it may take.
    pub fn time_left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Takes the next bytes of the file.
    ///
    /// # Errors
    /// `CONTENT_TOO_LARGE`, and `SERVICE_UNAVAILABLE` when there is no room for it.
    pub fn take(&mut self, bytes: &[u8]) -> Result<()> {
        let most = self.cx.app.settings().limits.import.file_bytes;
        self.size = self.size.saturating_add(bytes.len());
        if self.size > most {
            return Err(Error::new(
                Code::ContentTooLarge,
                format!("A file to be imported may have {most} bytes at most."),
            ));
        }
        self.file.write(bytes)
    }

    /// Stores what the file holds, all of it or nothing.
    ///
    /// # Errors
    /// `FAILED_VALIDATION` with the rows of each failure; `INVALID_PAYLOAD` for a file that is not what it claims to be;
    /// `OUT_OF_TIME`; and what the verbs say of a row.
    pub async fn run(self, format: Format) -> Result<()> {
        let until = self.until;
        let given_up = GivenUp::default();
        let work = store(self, format, Arc::clone(&given_up.0));
        let late = || Error::new(Code::OutOfTime, "The import took too long; nothing of it was stored.");
        tokio::time::timeout_at(until, work)
            .await
            .unwrap_or_else(|_| Err(late()))
    }
}

/// Tells a running transaction that nobody waits for it any more: it ends without a trace.
#[derive(Default)]
struct GivenUp(Arc<AtomicBool>);

impl Drop for GivenUp {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

async fn store(import: Import, format: Format, given_up: Arc<AtomicBool>) -> Result<()> {
    let Import {
        cx,
        collection,
        file,
        _place,
        ..
    } = import;
    let (items, hashes) = judged(&cx, &collection, file, format).await?;
    let inner = cx.clone();
    let done = cx
        .app
        .db()
        .write(move |tx| {
            Box::pin(async move {
                let mut w = Writing::new(&inner, tx).with(hashes);
                save(&mut w, &collection, items, &given_up).await?;
                system::finish(&mut w).await
            })
        })
        .await?;
    cx.app.settle(done).await
}

/// The file's items, one in each line, with everything done that takes long: secrets are hashed.
async fn judged(cx: &Cx, collection: &str, file: Spool, format: Format) -> Result<(Spool, Hashes)> {
    let c = found(cx, collection)?;
    let every_field = takes_all(cx, c, Action::Create) && takes_all(cx, c, Action::Update);
    let limits = &cx.app.settings().limits;
    let mut faults = Faults::new(limits.import.errors);
    let (mut items, mut hashes) = (Spool::default(), Hashes::default());
    for (number, item) in (1..).zip(rows::read(
        format,
        cx.schema(),
        c,
        limits.relational_depth,
        file.read()?,
    )?) {
        let mut item: Object = item?;
        // As recorded, unknown names are passed over; but only before those who may know every name.
        if every_field {
            item.retain(|name, _| c.field(name).is_some());
        }
        match system::prepare(cx, collection, &mut item, &mut hashes).await {
            Ok(()) => {}
            Err(error) => faults.add(number, error)?,
        }
        let mut line = serde_json::to_vec(&item).map_err(|error| Error::internal(error.to_string()))?;
        line.push(b'\n');
        items.write(&line)?;
        if number % IN_A_ROW == 0 {
            tokio::task::yield_now().await;
        }
    }
    faults.none().map(|()| (items, hashes))
}

async fn save(w: &mut Writing<'_>, collection: &str, items: Spool, given_up: &AtomicBool) -> Result<()> {
    let snapshot = w.cx.snapshot.clone();
    let c = snapshot
        .model
        .schema
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    let limits = &w.cx.app.settings().limits.import;
    let longest = limits.file_bytes as u64 + MOST_NAMES;
    let mut faults = Faults::new(limits.errors);
    let (mut items, mut line) = (items.read()?, Vec::new());
    for number in 1.. {
        if given_up.load(Ordering::Acquire) {
            return Err(Error::new(Code::OutOfTime, "Nobody waits for the import any more."));
        }
        line.clear();
        let length = items
            .by_ref()
            .take(longest)
            .read_until(b'\n', &mut line)
            .map_err(spool::broken)?;
        if length == 0 {
            break;
        }
        let item: Object = serde_json::from_slice(&line).map_err(|error| Error::internal(error.to_string()))?;
        // Each row is as much as a request of its own: the limit of a batch is for what is sent at once.
        w.revisions.clear();
        w.path.clear();
        w.count = 0;
        if let Err(error) = keyed_save(w, c, item).await {
            faults.add(number, error)?;
        }
    }
    faults.none()
}

fn found<'a>(cx: &'a Cx, collection: &str) -> Result<&'a Collection> {
    cx.schema()
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))
}

/// Whether the caller may write every field, in some items.
fn takes_all(cx: &Cx, c: &Collection, action: Action) -> bool {
    match cx.access.grant(&c.name, action) {
        Grant::None => false,
        Grant::All => true,
        Grant::Cases(cases) => cases.iter().any(|case| case.fields == Fields::All),
    }
}

#[cfg(test)]
mod tests;
