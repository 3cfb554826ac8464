//! Rows of one statement that are handed out in parts while the database still reads: the whole is never in memory.
//! Whoever reads too slowly loses the stream, and whoever leaves ends the statement.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use aedile_engine::{Code, Error, Result};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::JsonRows;

/// Streams at the same time: each has a connection of its own, and holds a state of the database for as long as it runs.
pub(crate) const AT_ONCE: usize = 4;
/// Longest wait for one of them.
const WAIT: Duration = Duration::from_secs(30);
/// Parts that wait to be taken: one is on its way to the reader while the next is read.
const AHEAD: usize = 1;
/// How long a part may wait to be taken; a reader that is slower has gone, or only wants to hold the place.
const STALL: Duration = Duration::from_secs(60);
/// Longest life of a stream, however steadily it is read: what it sees has to be kept by the database until then.
const LIFE: Duration = Duration::from_secs(60 * 60);
/// A part is cut when it has so many bytes, whatever the number of its rows.
const PART_BYTES: usize = 256 * 1024;

/// When a part is full.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    rows: usize,
}

impl Part {
    pub(crate) fn of(rows: usize) -> Part {
        Part { rows: rows.max(1) }
    }

    /// Whether it is time to hand the rows out. `bytes` is what they take by now.
    pub(crate) fn is_full(self, rows: usize, bytes: usize) -> bool {
        rows >= self.rows || bytes >= PART_BYTES
    }
}

/// Rows as they come. Dropped, the statement ends.
#[derive(Debug)]
pub struct Rows {
    parts: mpsc::Receiver<Result<JsonRows>>,
    ended: bool,
    _waiting: Arc<()>,
}

impl Rows {
    /// The next rows, at least one; none at the end. After an error there is nothing more.
    ///
    /// # Errors
    /// What the database says, `OUT_OF_TIME`; what was handed out before is not the whole then.
    pub async fn next(&mut self) -> Option<Result<JsonRows>> {
        if self.ended {
            return None;
        }
        // INVARIANT: the end is told by a part without rows; a stream that only breaks off is no whole one.
        let part = self.parts.recv().await.unwrap_or_else(|| Err(broken_off()));
        match part {
            Ok(rows) if rows.count == 0 => {
                self.ended = true;
                None
            }
            Ok(rows) => Some(Ok(rows)),
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
        }
    }
}

/// Where a statement puts its rows.
pub(crate) struct Sink {
    parts: mpsc::Sender<Result<JsonRows>>,
    reader: Weak<()>,
    until: tokio::time::Instant,
    _place: OwnedSemaphorePermit,
}

impl Sink {
    /// Hands a part out. False: nobody takes it, and the statement should end.
    pub(crate) async fn give(&self, part: Result<JsonRows>) -> bool {
        let deadline = self.until.min(tokio::time::Instant::now() + STALL);
        tokio::time::timeout_at(deadline, self.parts.send(part))
            .await
            .is_ok_and(|sent| sent.is_ok())
    }

    /// Tells how the statement ended.
    pub(crate) async fn end(&self, answer: Result<()>) {
        self.give(answer.map(|()| JsonRows::default())).await;
    }

    /// Lives for as long as somebody reads.
    pub(crate) fn reader(&self) -> Weak<()> {
        Weak::clone(&self.reader)
    }

    /// Waits until nobody takes parts any more.
    pub(crate) async fn deserted(&self) {
        self.parts.closed().await;
    }
}

/// Both ends of a stream, once there is a place for it.
///
/// # Errors
/// `SERVICE_UNAVAILABLE` when there is none for too long.
pub(crate) async fn open(places: &Arc<Semaphore>) -> Result<(Sink, Rows)> {
    let place = tokio::time::timeout(WAIT, Arc::clone(places).acquire_owned()).await;
    let Ok(Ok(place)) = place else {
        return Err(Error::new(
            Code::ServiceUnavailable,
            "Too many long answers are being read at this moment: try again.",
        ));
    };
    let (sender, parts) = mpsc::channel(AHEAD);
    let waiting = Arc::new(());
    let sink = Sink {
        parts: sender,
        reader: Arc::downgrade(&waiting),
        until: tokio::time::Instant::now() + LIFE,
        _place: place,
    };
    let rows = Rows {
        parts,
        ended: false,
        _waiting: waiting,
    };
    Ok((sink, rows))
}

fn broken_off() -> Error {
    Error::new(
        Code::OutOfTime,
        "The answer was not read in time, or the database went.",
    )
}
