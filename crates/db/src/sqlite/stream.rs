//! A thread for one long read: ordinary readers are never held up by somebody who takes an answer slowly.

use std::sync::Arc;

use aedile_engine::{Error, Result};
use tokio::runtime::Handle;

use super::{
    Tally,
    session::{Role, Session},
    writer::guarded,
};
use crate::{JsonRows, Options, stream::Sink};

/// Pages such a connection keeps: it reads each of them once.
const SMALL_CACHE: &str = "PRAGMA cache_size = -2048; PRAGMA temp_store = FILE";

/// Runs `read` on a thread of its own, with a connection and with the way to hand parts out.
pub(super) fn start<F>(options: Options, tally: Arc<Tally>, sink: Sink, read: F) -> Result<()>
where
    F: FnOnce(&Session, &mut dyn FnMut(JsonRows) -> bool) -> Result<()> + Send + 'static,
{
    let runtime = Handle::current();
    let body = move || {
        let answer = guarded(|| {
            let session = Session::open(&options, Role::Reader, tally)?;
            session.control(SMALL_CACHE)?;
            session.serve(Some(sink.reader()));
            read(&session, &mut |part| runtime.block_on(sink.give(Ok(part))))
        });
        runtime.block_on(sink.end(answer));
    };
    std::thread::Builder::new()
        .name("db-stream".to_owned())
        .spawn(body)
        .map(drop)
        .map_err(|error| Error::internal(format!("cannot start a database thread: {error}")))
}
