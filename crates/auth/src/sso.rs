//! Single sign-on: logging in with somebody else's word. By OpenID Connect or OAuth 2 with PKCE: a browser is led to the
//! provider and comes back with a code; what the provider then says decides which user of the project it is. Or by a
//! directory (LDAP), which is shown the password.
//!
//! An account belongs to one provider and one identifier there. Must never find a user by an address: whoever can name
//! an address at a provider does not own the account that is known by it here.

mod account;
mod client_key;
mod exchange;
mod identity;
mod ldap;
mod login;
mod provider;
mod redirect;

use aedile_egress::Client;
use aedile_engine::{Code, Error as Failure, Result};
use aedile_platform::{Cx, config};

use crate::{
    Auth, Mode, Pass, Peer, cookie,
    error::refusal,
    jwt::{Flow, sign_flow, verify_flow},
    token::{self, Token},
};
use ldap::Directory;
pub use login::DirectoryForm;
use provider::Provider;
pub use redirect::with_reason;

/// How long somebody may take at the provider, in seconds.
const FLOW_SECONDS: i64 = 10 * 60;

/// The providers of a project.
pub struct Sso {
    /// As the operator has them, in order.
    offered: Vec<config::Provider>,
    /// Those that browsers are led to.
    providers: Vec<Provider>,
    /// Those that are shown passwords.
    directories: Vec<Directory>,
    client: Client,
}

/// Where a browser is sent, and the cookie by which it is known when it comes back.
#[derive(Debug)]
pub struct Departure {
    /// The provider's page.
    pub location: String,
    /// A `Set-Cookie` header.
    pub cookie: String,
}

/// What a browser comes back with.
#[derive(Clone, Default)]
pub struct Return {
    /// The code, which is worth the tokens.
    pub code: Option<String>,
    /// What it was sent away with.
    pub state: Option<String>,
    /// Who the provider says it is.
    pub issuer: Option<String>,
    /// Why the provider sends nobody.
    pub error: Option<String>,
    /// The cookie it was sent away with.
    pub cookie: Option<String>,
}

/// Who came back, and where to go on.
#[derive(Debug)]
pub struct Arrival {
    /// The tokens; or why there are none.
    pub outcome: Result<Pass>,
    /// Where to go on; none when nothing was said of it.
    pub redirect: Option<String>,
    /// A `Set-Cookie` header that takes the cookie back.
    pub cookie: String,
}

impl Sso {
    /// The providers that the operator has set up; what they say is asked for by this client.
    ///
    /// # Errors
    /// Internal: an address of a provider that is none.
    pub fn new(settings: &config::Settings, client: Client) -> Result<Sso> {
        let offered = settings.sso.providers.clone();
        let elsewhere = offered.iter().filter(|own| own.directory.is_none());
        let providers: Result<_> = elsewhere.map(|own| Provider::new(own, &settings.public_url)).collect();
        Ok(Sso {
            providers: providers?,
            directories: offered.iter().filter_map(Directory::new).collect(),
            offered,
            client,
        })
    }

    /// The settings of the providers, in order.
    pub fn providers(&self) -> impl Iterator<Item = &config::Provider> {
        self.offered.iter()
    }

    /// The name of the cookie of a flow; none when there is no such provider.
    pub fn cookie(&self, name: &str) -> Option<&config::Cookie> {
        self.provider(name).map(|provider| &provider.cookie)
    }

    fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.settings.name == name)
    }

    /// Sends a browser to a provider, to be led to `redirect` afterwards. None when there is no such provider.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` for a redirect that leads elsewhere, `SERVICE_UNAVAILABLE` when the provider does not answer.
    pub async fn depart(&self, auth: &Auth, name: &str, redirect: Option<&str>, now: i64) -> Result<Option<Departure>> {
        let Some(provider) = self.provider(name) else {
            return Ok(None);
        };
        if !redirect.is_none_or(|redirect| provider.redirects.allows(redirect)) {
            return Err(Failure::invalid_payload(
                "\"redirect\" leads to another place than this project",
            ));
        }
        let flow = Flow {
            provider: name.to_owned(),
            state: Token::random()?.expose().to_owned(),
            nonce: Token::random()?.expose().to_owned(),
            verifier: Token::random()?.expose().to_owned(),
            redirect: redirect.map(str::to_owned),
        };
        let location = provider.page(&self.client, &flow).await?;
        let signed = sign_flow(&flow, &auth.key, now.div_euclid(1000), FLOW_SECONDS)?;
        let lifetime = std::time::Duration::from_secs(FLOW_SECONDS.unsigned_abs());
        Ok(Some(Departure {
            location,
            cookie: cookie::set(&provider.cookie, signed.expose(), lifetime, now),
        }))
    }

    /// Takes a browser back that was sent to a provider. None when there is no such provider.
    pub async fn arrive(&self, auth: &Auth, cx: &Cx, name: &str, came: Return, peer: &Peer) -> Option<Arrival> {
        let provider = self.provider(name)?;
        let now = cx.now.div_euclid(1000);
        let flow = came.cookie.as_deref().and_then(|cookie| {
            let flow = verify_flow(&Token::new(cookie).ok()?, &auth.key, now)?;
            (flow.provider == name).then_some(flow)
        });
        let outcome = match &flow {
            Some(flow) => self.identify(auth, cx, provider, flow, came, peer).await,
            None => Err(refusal::token()),
        };
        if let Err(error) = &outcome {
            tracing::info!(provider = name, "a login by single sign-on failed: {error}");
        }
        let redirect = flow.and_then(|flow| flow.redirect);
        Some(Arrival {
            outcome,
            // Settings may have changed since it was signed.
            redirect: redirect.filter(|redirect| provider.redirects.allows(redirect)),
            cookie: cookie::clear(&provider.cookie),
        })
    }

    async fn identify(
        &self,
        auth: &Auth,
        cx: &Cx,
        provider: &Provider,
        flow: &Flow,
        came: Return,
        peer: &Peer,
    ) -> Result<Pass> {
        let state = came.state.unwrap_or_default();
        if !token::equal(state.as_bytes(), flow.state.as_bytes()) {
            return Err(refusal::token());
        }
        if let Some(error) = came.error {
            return Err(refused_there(&error));
        }
        let code = came
            .code
            .filter(|code| !code.is_empty())
            .ok_or_else(refusal::credentials)?;
        let now = cx.now.div_euclid(1000);
        let claims = provider
            .claims(&self.client, flow, &code, came.issuer.as_deref(), now)
            .await?;
        let person = account::Person::read(&provider.settings, &claims)?;
        let user = auth.account(cx, &provider.settings, &person).await?;
        auth.admit(cx, &user, provider.settings.mode.into(), None, peer).await
    }
}

/// What is told when the provider sends nobody: that it cannot now, or will not.
fn refused_there(error: &str) -> Failure {
    match error {
        "server_error" | "temporarily_unavailable" => unavailable(),
        _ => refusal::credentials(),
    }
}

/// The provider does not answer, or not as it has to.
fn unavailable() -> Failure {
    Failure::new(Code::ServiceUnavailable, "The identity provider cannot be reached.")
}

/// How the tokens travel: a page that is led somewhere has no body.
impl From<config::SsoMode> for Mode {
    fn from(mode: config::SsoMode) -> Self {
        match mode {
            config::SsoMode::Session => Mode::Session,
            config::SsoMode::Cookie => Mode::Cookie,
        }
    }
}
