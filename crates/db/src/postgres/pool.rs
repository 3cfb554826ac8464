//! Connections: readers, which are shared, and writers, which are lent out. One that has ended is replaced when it is next
//! asked for. Nobody waits in a queue that is full.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use aedile_engine::Result;
use parking_lot::Mutex;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    PostgresOptions,
    connection::{Connection, Role},
};
use crate::{fault::overloaded, queue::closed, turns::Turns};

/// The reading connections.
pub(super) struct Readers {
    options: PostgresOptions,
    slots: Vec<Slot>,
    closed: AtomicBool,
}

/// The place of one connection.
struct Slot {
    role: Role,
    connection: Mutex<Option<Arc<Connection>>>,
    /// Held while a connection is made, so that it is made once.
    making: tokio::sync::Mutex<()>,
}

impl Slot {
    /// The connection, if it is alive.
    fn alive(&self) -> Option<Arc<Connection>> {
        self.connection.lock().clone().filter(|found| !found.is_closed())
    }
}

impl Readers {
    /// Places for connections, which are made when they are needed.
    pub(super) fn new(options: &PostgresOptions) -> Readers {
        let all = options.readers.max(1);
        // One at least looks at what is bound.
        let quick = options.quick.min(all - 1);
        let slot = |i| Slot {
            role: if i < quick { Role::Quick } else { Role::Reader },
            connection: Mutex::default(),
            making: tokio::sync::Mutex::default(),
        };
        Readers {
            options: options.clone(),
            slots: (0..all).map(slot).collect(),
            closed: AtomicBool::new(false),
        }
    }

    /// For a quick statement the first quick connection on which it does not wait long: the more of them go to the server and
    /// back at once, the less each costs. Otherwise the one with the least to do, and a new one where all have something to do
    /// and there is room. For a slow statement none of the quick ones.
    pub(super) async fn pick(&self, slow: bool) -> Result<Arc<Connection>> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(closed());
        }
        let fits = |slot: &&Slot| !slow || slot.role != Role::Quick;
        for slot in self.slots.iter().filter(|slot| !slow && slot.role == Role::Quick) {
            match slot.alive() {
                Some(found) if found.is_swift() => return Ok(found),
                Some(_) => {}
                None => return self.made(slot).await,
            }
        }
        let mut best: Option<Arc<Connection>> = None;
        let mut empty = None;
        for slot in self.slots.iter().filter(fits) {
            match slot.alive() {
                Some(found) if found.busy() == 0 => return Ok(found),
                Some(found) if best.as_ref().is_none_or(|best| found.busy() < best.busy()) => best = Some(found),
                Some(_) => {}
                None => {
                    empty.get_or_insert(slot);
                }
            }
        }
        if let Some(slot) = empty {
            return self.made(slot).await;
        }
        let best = best.ok_or_else(closed)?;
        if best.busy() * self.slots.len() >= self.options.queue_limit {
            return Err(overloaded());
        }
        Ok(best)
    }

    async fn made(&self, slot: &Slot) -> Result<Arc<Connection>> {
        let _one_at_a_time = slot.making.lock().await;
        if let Some(found) = slot.alive() {
            return Ok(found);
        }
        let made = Arc::new(Connection::open(&self.options, slot.role).await?);
        *slot.connection.lock() = Some(Arc::clone(&made));
        Ok(made)
    }

    /// Forgets what was prepared.
    pub(super) fn forget(&self) {
        for connection in self.slots.iter().filter_map(Slot::alive) {
            connection.forget_all();
        }
    }

    /// Takes no more statements; connections end with those under way.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        for slot in &self.slots {
            slot.connection.lock().take();
        }
    }
}

/// The writing connections.
pub(super) struct Writers {
    options: PostgresOptions,
    turns: Turns,
    idle: Mutex<Vec<Connection>>,
    /// How often the schema has changed here: what was lent out before then forgets what it prepared.
    changes: AtomicUsize,
}

/// A writing connection, lent out. Dropped without being given back, it is closed, and what it began is undone.
pub(super) struct Lease {
    connection: Option<Connection>,
    writers: Arc<Writers>,
    changes: usize,
    _turn: OwnedSemaphorePermit,
}

impl Writers {
    /// No connection yet.
    pub(super) fn new(options: &PostgresOptions) -> Writers {
        Writers {
            options: options.clone(),
            turns: Turns::new(options.writers, options.queue_limit),
            idle: Mutex::default(),
            changes: AtomicUsize::new(0),
        }
    }

    /// A connection for a transaction, as soon as one is free.
    pub(super) async fn lease(self: &Arc<Self>) -> Result<Lease> {
        let turn = self.turns.wait().await?;
        let changes = self.changes.load(Ordering::Acquire);
        let idle = std::iter::from_fn(|| self.idle.lock().pop()).find(|found| !found.is_closed());
        let connection = match idle {
            Some(found) => found,
            None => Connection::open(&self.options, Role::Writer).await?,
        };
        Ok(Lease {
            connection: Some(connection),
            writers: Arc::clone(self),
            changes,
            _turn: turn,
        })
    }

    /// Forgets what was prepared, by those that are lent out too.
    pub(super) fn forget(&self) {
        self.changes.fetch_add(1, Ordering::Release);
        for connection in self.idle.lock().iter() {
            connection.forget_all();
        }
    }

    /// Waits for what is lent out, then closes every connection.
    pub(super) async fn close(&self) {
        self.turns.close().await;
        self.idle.lock().clear();
    }
}

impl Lease {
    /// The connection.
    pub(super) fn connection(&self) -> Result<&Connection> {
        self.connection.as_ref().ok_or_else(closed)
    }

    /// Gives it back, nothing being under way on it.
    pub(super) fn give_back(mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        if connection.is_closed() {
            return;
        }
        let mut idle = self.writers.idle.lock();
        if self.changes != self.writers.changes.load(Ordering::Acquire) {
            connection.forget_all();
        }
        idle.push(connection);
    }
}
