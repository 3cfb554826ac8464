//! The body of an answer, in pieces as they come. It ends when it is larger or slower than its request allows, and its
//! connection ends with it.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use crate::{Error, Result};

/// A body on its way.
pub struct Body {
    incoming: Incoming,
    left: usize,
    deadline: Instant,
    _connection: Connection,
}

/// What moves the bytes; it stops with its value.
pub(crate) struct Connection(pub JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Body {
    pub(crate) fn new(incoming: Incoming, left: usize, deadline: Instant, connection: Connection) -> Body {
        Body {
            incoming,
            left,
            deadline,
            _connection: connection,
        }
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// `TooLarge`, `OutOfTime`, or `Malformed` for one that breaks off.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            let frame = timeout_at(self.deadline, self.incoming.frame()).await;
            let frame = match frame.map_err(|_| Error::OutOfTime)? {
                None => return Ok(None),
                Some(frame) => frame.map_err(|_| Error::Malformed)?,
            };
            // Trailers say nothing that anybody here asked for.
            if let Ok(data) = frame.into_data() {
                self.left = self.left.checked_sub(data.len()).ok_or(Error::TooLarge)?;
                return Ok(Some(data));
            }
        }
    }

    /// All of it.
    ///
    /// # Errors
    /// As [`Body::chunk`].
    pub async fn all(mut self) -> Result<Bytes> {
        let mut all = BytesMut::new();
        while let Some(piece) = self.chunk().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    }
}
