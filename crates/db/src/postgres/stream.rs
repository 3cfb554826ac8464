//! A connection for one long read: a server that waits for somebody slow would hold up all statements that share it.

use std::{sync::Arc, time::Duration};

use aedile_engine::{Result, sql::Stmt, value::Param};

use super::{
    PostgresOptions,
    connection::{Connection, Role},
};
use crate::{
    fault::{gone, refused_read},
    queue::closed,
    stream::{Part, Sink},
};

/// Runs a statement on a connection of its own until it ends, takes too long, or nobody takes its rows any more; whatever
/// of it still runs then is cancelled.
pub(super) fn start(options: PostgresOptions, stmt: Arc<Stmt>, params: Vec<Param>, part: Part, sink: Sink) {
    tokio::spawn(async move {
        let answer = run(&options, &stmt, &params, part, &sink).await;
        sink.end(answer.map_err(gone).map_err(refused_read)).await;
    });
}

async fn run(options: &PostgresOptions, stmt: &Stmt, params: &[Param], part: Part, sink: &Sink) -> Result<()> {
    let limit = options.statement_limit;
    let patient = PostgresOptions {
        // Each part has its own limit: while a part waits to be taken, no time is spent.
        statement_limit: Duration::ZERO,
        ..options.clone()
    };
    let connection = Connection::open(&patient, Role::Reader).await?;
    let answer = tokio::select! {
        answer = connection.stream_json(stmt, params, part, limit, sink) => answer.map_err(|failure| failure.error),
        () = sink.deserted() => Err(closed()),
    };
    if answer.is_err() {
        // A server that still runs the statement would only notice that we are gone when it next sends a row.
        connection.cancel().await;
    }
    answer
}
