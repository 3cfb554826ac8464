//! Random projects and questions, answered by the product and by the evaluator; and the same questions again after what
//! the caller may not read has changed. A finding is shown as small as it can be made; it is never passed over.

mod compare;
pub mod conditions;
mod finding;
mod ground;
mod leak;
mod product;
mod project;
pub mod queries;
pub mod random;
mod report;
mod shrink;
mod stored;
pub mod values;
pub mod worlds;
mod writes;

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use aedile_engine::{
    Code, Error,
    query::{Limits, parse},
};
use aedile_testkit::backend::Backend;
use serde_json::Value as Json;

use crate::{
    evaluator::Session,
    world::{Caller, World},
};
pub use finding::Finding;
use product::Product;
use project::Project;
use queries::{Question, Questions};
use random::Random;
pub use report::{Report, share};

/// Questions to each caller of a world, before the next world is made: making one costs as much as many questions.
const QUESTIONS: u64 = 150;
/// Questions in each world, by its two callers.
const PER_WORLD: u64 = 300;
/// Findings after which a run stops: more would rarely be others.
const ENOUGH: usize = 12;

/// What to try.
pub struct Options<'b> {
    /// Where the product is asked.
    pub backend: &'b Backend,
    /// Questions whose answers are compared.
    pub cases: u64,
    /// Questions that are asked again after hidden values have changed.
    pub leak: u64,
    /// Writes that are judged.
    pub writes: u64,
    /// Which worlds and questions.
    pub seed: u64,
    /// Only the world with this number.
    pub world: Option<u64>,
    /// Worlds at a time.
    pub threads: usize,
}

/// Tries all of it.
///
/// # Errors
/// When a database cannot be opened or filled: that proves nothing.
pub fn run(options: &Options<'_>) -> Result<Report, Error> {
    let total = options
        .cases
        .div_ceil(PER_WORLD)
        .max(options.leak.div_ceil(leak::PER_WORLD))
        .max(options.writes.div_ceil(writes::PER_WORLD));
    let numbers = match options.world {
        Some(world) => world..world + 1,
        None => 0..total,
    };
    let begun = Instant::now();
    let next = AtomicU64::new(numbers.start);
    let report = Mutex::new(Report::default());
    let lock = || report.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let work = |thread: usize| -> Result<(), Error> {
        let product = Product::open(options.backend, thread)?;
        let project = Project::open(options.backend, thread)?;
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end || lock().findings.len() >= ENOUGH {
                return Ok(());
            }
            let mut own = Report::default();
            let place = (options.seed, number);
            let due =
                |per_world: u64, wanted: u64| wanted > 0 && (options.world.is_some() || number * per_world < wanted);
            if due(PER_WORLD, options.cases) {
                compared(&product, place, &mut own)?;
            }
            if due(leak::PER_WORLD, options.leak) {
                leak::probe(&project, place, &mut own)?;
            }
            if due(writes::PER_WORLD, options.writes) {
                writes::probe(&project, place, &mut own)?;
            }
            lock().add(own);
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..options.threads.max(1))
            .map(|thread| {
                scope.spawn({
                    let work = &work;
                    move || work(thread)
                })
            })
            .collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err(Error::internal("a thread panicked")))
        })
    })?;
    let mut report = report.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    report.took = begun.elapsed();
    Ok(report)
}

/// Questions in one world: the answers must be alike.
fn compared(product: &Product<'_>, place: (u64, u64), report: &mut Report) -> Result<(), Error> {
    let mut random = Random::new(place.0, place.1);
    let (world, callers) = worlds::world(&mut random, product.dialect(), values::NOW);
    product.load(&world)?;
    report.worlds += 1;
    for caller in &callers {
        let session = Session::new(&world, caller);
        for _ in 0..QUESTIONS {
            let Some(question) = Questions::new(&mut random, &world, &session).question() else {
                continue;
            };
            let (ours, theirs) = both(product, &world, caller, &session, &question);
            report.count(parse::parse(&question.raw, &Limits::default()).is_err(), &theirs);
            report.masked += u64::from(session.masked.take());
            if !compare::agree(&ours, &theirs) {
                report
                    .findings
                    .push(shrink::disagreement(product, place, &world, caller, &question)?);
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What the product says: the bytes, or why not.
pub(crate) type Ours = Result<Vec<u8>, Error>;

/// Both answers to a question.
pub(crate) fn both(
    product: &Product<'_>,
    world: &World,
    caller: &Caller,
    session: &Session<'_>,
    question: &Question,
) -> (Ours, Option<Json>) {
    let query = match parse::parse(&question.raw, &Limits::default()) {
        Ok(query) => query,
        // Refused before anything is known of rows or rights.
        Err(error) => return (Err(error), None),
    };
    let asking = Product::asking(world, caller);
    let ours = product.read(world, &asking, question, &query);
    (ours, question.answer(session, &query))
}

/// Whether a refusal is one of those that say nothing is to be had, not a failure of the product.
pub(crate) fn is_refusal(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::Forbidden | Code::InvalidQuery | Code::InvalidPayload
    )
}
