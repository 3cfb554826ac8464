//! Connections, lent out to one statement or one transaction at a time. One that has ended is replaced when it is next
//! asked for. Nobody waits in a queue that is full.

use std::sync::{Arc, atomic::AtomicBool};

use aedile_engine::{Result, sql::Flavour};
use parking_lot::Mutex;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    MySqlOptions,
    connection::{Connection, Role},
};
use crate::{queue::closed, turns::Turns};

/// Connections of one role.
pub(super) struct Pool {
    pub(super) options: MySqlOptions,
    role: Role,
    turns: Turns,
    idle: Mutex<Vec<Connection>>,
    /// Somebody finishes what a change of the schema has left.
    pub(super) settling: AtomicBool,
}

/// A connection, lent out. Dropped without being given back, it is closed, and what it began is undone.
pub(super) struct Lease {
    connection: Option<Connection>,
    pub(super) pool: Arc<Pool>,
    _turn: OwnedSemaphorePermit,
}

impl Pool {
    /// No connection yet.
    pub(super) fn new(options: &MySqlOptions, role: Role) -> Arc<Pool> {
        let size = match role {
            Role::Reader => options.readers,
            Role::Writer => options.writers,
            // They come one after the other anyway.
            Role::Changer => 1,
        };
        Arc::new(Pool {
            options: options.clone(),
            role,
            turns: Turns::new(size, options.queue_limit),
            idle: Mutex::default(),
            settling: AtomicBool::new(false),
        })
    }

    /// A connection, as soon as one is free.
    pub(super) async fn lease(self: &Arc<Self>) -> Result<Lease> {
        let turn = self.turns.wait().await?;
        let idle = self.idle.lock().pop();
        let connection = match idle {
            Some(found) => found,
            None => Connection::open(&self.options, self.role).await?,
        };
        Ok(Lease {
            connection: Some(connection),
            pool: Arc::clone(self),
            _turn: turn,
        })
    }

    /// Waits for what is lent out, then closes every connection.
    pub(super) async fn close(&self) {
        self.turns.close().await;
        self.idle.lock().clear();
    }
}

impl Lease {
    /// The connection.
    pub(super) fn connection(&mut self) -> Result<&mut Connection> {
        self.connection.as_mut().ok_or_else(closed)
    }

    /// Which server it leads to.
    pub(super) fn flavour(&self) -> Flavour {
        self.connection
            .as_ref()
            .map_or(Flavour::MariaDb, |connection| connection.flavour)
    }

    /// Takes a new connection in the place of one that has ended. Those that lie idle have most likely ended too.
    pub(super) async fn renew(&mut self) -> Result<()> {
        self.connection = None;
        self.pool.idle.lock().clear();
        self.connection = Some(Connection::open(&self.pool.options, self.pool.role).await?);
        Ok(())
    }

    /// Gives it back, nothing being under way on it.
    pub(super) fn give_back(mut self) {
        if let Some(connection) = self.connection.take()
            && !connection.is_spent()
        {
            self.pool.idle.lock().push(connection);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.end(self.pool.options.clone());
        }
    }
}
