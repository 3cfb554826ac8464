//! A database that somebody else made: no foreign key has an index. The read with three relations beside the better of the
//! two shapes that it can be written in by hand: row by row, or each relation grouped once.

use std::time::Duration;

use aedile_testkit::workload::{Case, Sizes, Who};
use anyhow::Result;

use crate::{
    CONCURRENCY, ROUNDS,
    ceiling::Ceiling,
    figures::{at_least, median},
    project::Project,
    served_by,
};

/// The share that has to be reached.
const SHARE: f64 = 0.7;

/// What the model's relations are found by.
const INDEXES: [&str; 4] = [
    "aedile_articles_author_index",
    "aedile_comments_article_index",
    "aedile_articles_tags_articles_id_index",
    "aedile_articles_tags_tags_id_index",
];

/// Drops the indexes, measures and prints; answers whether the budget holds.
///
/// # Errors
/// What the server or the database says.
pub fn compare(project: &mut Project<'_>, nested: &Case, time: Duration) -> Result<bool> {
    project.run(&INDEXES.map(|index| format!("drop index {index};")).concat())?;
    project.restart()?;
    let by_row = Ceiling::read(project.place(), nested, Who::Reader)?;
    let grouped = Ceiling::named(project.place(), "nested.grouped")?;
    crate::compare(project, nested, Who::Reader, &grouped)?;
    let mut shares = Vec::new();
    for _ in 0..ROUNDS {
        let served = served_by(project, nested, Who::Reader, CONCURRENCY, time)?.per_second;
        let by_row = by_row.speed(nested, Sizes::FULL, time)?.per_second;
        let grouped = grouped.speed(nested, Sizes::FULL, time)?.per_second;
        println!("without indexes: served {served:.0}/s, row by row {by_row:.0}/s, grouped {grouped:.0}/s");
        shares.push(served / by_row.max(grouped));
    }
    Ok(at_least("three relations without indexes", median(shares), SHARE))
}
