//! Mails on their way out. Whoever posts one goes on at once, and learns nothing of what becomes of it: neither that
//! there was nobody to write to, nor that it failed.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use aedile_engine::Result;
use aedile_platform::App;
use tokio::{
    sync::Semaphore,
    time::{sleep, sleep_until, timeout},
};

use crate::{Letter, Templates, brand::Brand, message, transport::Transport};

/// Mails that may wait. Who asks for more than a server can send loses them, rather than the memory of the server.
const PLACES: u32 = 1_000;

/// Mails that are sent at the same time: what mail servers take from one client.
const AT_ONCE: usize = 4;

/// Pauses before a mail is tried again.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(15)];

/// The mails on their way.
pub struct Outbox {
    places: Arc<Semaphore>,
    office: Arc<Office>,
    /// Has no places, and is closed when nothing may wait any more.
    hurry: Arc<Semaphore>,
}

/// What sends them.
struct Office {
    app: App,
    templates: Templates,
    transport: Transport,
    at_once: Semaphore,
}

impl Outbox {
    /// The outbox of a project, as its settings say.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE`: templates or a transport that cannot be used.
    pub fn new(app: App) -> Result<Outbox> {
        let settings = &app.settings().mail;
        Ok(Outbox {
            places: Arc::new(Semaphore::new(PLACES as usize)),
            hurry: Arc::new(Semaphore::new(0)),
            office: Arc::new(Office {
                templates: Templates::load(Path::new(&settings.templates))?,
                transport: Transport::new(settings)?,
                at_once: Semaphore::new(AT_ONCE),
                app,
            }),
        })
    }

    /// Takes a mail to be sent from a moment on, or nobody's, which comes to nothing as late. Does not wait, and does not
    /// tell.
    pub fn post(&self, letter: Option<Letter>, from: Instant) {
        let mut place = None;
        if let Some(letter) = &letter {
            place = self.places.clone().try_acquire_owned().ok();
            if place.is_none() {
                tracing::error!(kind = letter.kind.name(), "a mail was lost: too many are waiting");
                return;
            }
        }
        let (office, hurry) = (self.office.clone(), self.hurry.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = sleep_until(from.into()) => {}
                _ = hurry.acquire() => {}
            }
            if let Some(letter) = letter {
                office.send(&letter).await;
            }
            drop(place);
        });
    }

    /// Tells in the log when mails cannot leave.
    pub async fn check(&self) {
        if let Err(why) = self.office.transport.check().await {
            tracing::warn!("mails cannot be sent, see the EMAIL_ settings: {why}");
        }
    }

    /// Waits until all mails have left, for so long at most. None waits for its moment any more.
    pub async fn finish(&self, limit: Duration) {
        self.hurry.close();
        if timeout(limit, self.places.acquire_many(PLACES)).await.is_err() {
            tracing::warn!("mails were still on their way");
        }
    }
}

impl Office {
    async fn send(&self, letter: &Letter) {
        let mut pauses = PAUSES.iter();
        loop {
            let Err((why, passing)) = self.try_send(letter).await else {
                return;
            };
            let kind = letter.kind.name();
            let Some(pause) = pauses.next().filter(|_| passing) else {
                tracing::error!(kind, "a mail could not be sent: {why}");
                return;
            };
            tracing::warn!(kind, "a mail could not be sent yet: {why}");
            sleep(*pause).await;
        }
    }

    async fn try_send(&self, letter: &Letter) -> std::result::Result<(), (String, bool)> {
        let own = |error: aedile_engine::Error| (error.to_string(), false);
        let _turn = self.at_once.acquire().await;
        let brand = Brand::of(&self.app).await.map_err(own)?;
        let rendered = self
            .templates
            .render(letter.kind, &brand, &letter.to, &letter.url)
            .map_err(own)?;
        let from = &self.app.settings().mail.from;
        let ready = message::build(letter, from, &brand, rendered).map_err(own)?;
        let sent = self.transport.send(letter, &ready).await;
        sent.map_err(|failure| (failure.why, failure.passing))
    }
}
