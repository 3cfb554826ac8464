//! What every request shares: the project, the password workers, and what settings were turned into once at start.
//! Must never hold anything that belongs to one request.

use std::sync::Arc;

use aedile_auth::{Auth, Sso, password::Passwords};
use aedile_egress::Client;
use aedile_engine::{Error, Result};
use aedile_mail::Outbox;
use aedile_platform::{
    App,
    audit::Environment,
    config::{self, Settings},
    limiter::{Limiter, shared::Shared},
};

use crate::{cors::Cors, mail::Post, querystring::QueryStringLimits, redis::Redis};

/// Looks at where the project stands, for an audit: it may read files, and so is asked off the threads that serve.
pub type Survey = Arc<dyn Fn() -> Environment + Send + Sync>;

/// What every request shares.
pub struct State {
    /// The project.
    pub app: App,
    /// Logging in, tokens, sessions.
    pub auth: Auth,
    /// Hashes and verifies passwords; one for the process.
    pub passwords: Arc<Passwords>,
    /// Identity providers.
    pub sso: Sso,
    /// Mails on their way.
    pub mail: Arc<Outbox>,
    /// Asks other servers, as the operator lets it.
    pub egress: Client,
    /// Limits of query strings.
    pub query_string: QueryStringLimits,
    /// Registrations per client address; none when not limited.
    pub registrations: Option<Limiter>,
    /// Looks at where the project stands.
    pub survey: Survey,
    pub(crate) cors: Option<Cors>,
    pub(crate) per_client: Option<Limiter>,
    pub(crate) all_clients: Option<Limiter>,
}

impl State {
    /// Everything that the settings say, ready to be used.
    ///
    /// # Errors
    /// Internal: the secret that signs tokens is empty, or lists of addresses that are none. `SERVICE_UNAVAILABLE`: mails
    /// cannot be sent as the settings say.
    pub fn new(app: App, passwords: Arc<Passwords>) -> Result<State> {
        let settings = app.settings();
        let egress = client(&settings.egress)?;
        let mail = Arc::new(Outbox::new(app.clone())?);
        let shared = settings.shared_limits.as_ref();
        let shared = shared.map(|place| Arc::new(Redis::new(place, egress.clone())) as Arc<dyn Shared>);
        let limiter = |name, limit| Limiter::new(name, limit, shared.clone());
        Ok(State {
            per_client: limiter("requests", settings.rate_limit),
            all_clients: limiter("all-requests", settings.rate_limit_global),
            registrations: limiter("registrations", settings.rate_limit_registration),
            auth: Auth::new(
                app.clone(),
                passwords.clone(),
                Arc::new(Post(mail.clone())),
                shared.clone(),
            )?,
            mail,
            sso: Sso::new(settings, egress.clone())?,
            egress,
            query_string: QueryStringLimits {
                depth: settings.limits.querystring_depth,
                array: settings.limits.querystring_array,
                ..QueryStringLimits::default()
            },
            cors: Cors::new(&settings.cors),
            survey: Arc::new(Environment::default),
            app,
            passwords,
        })
    }

    /// The same, with somebody who knows where the project stands.
    #[must_use]
    pub fn surveyed(self, survey: Survey) -> State {
        State { survey, ..self }
    }

    /// The operator's settings.
    pub fn settings(&self) -> &Settings {
        self.app.settings()
    }
}

fn client(settings: &config::Egress) -> Result<Client> {
    let client = Client::new(&settings.allow, &settings.deny, settings.authorities.as_deref());
    client.map_err(|error| Error::internal(error.to_string()))
}
