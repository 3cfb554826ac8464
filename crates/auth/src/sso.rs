//! Single sign-on: logging in with somebody else's word. By OpenID Connect or OAuth 2 with PKCE: a browser is led to the
//! provider and comes back with a code; what the provider then says decides which user of the project it is. By SAML, where
//! it comes back with that word itself. Or by a directory (LDAP), which is shown the password.
//!
//! An account belongs to one provider and one identifier there. Must never find a user by an address: whoever can name
//! an address at a provider does not own the account that is known by it here.

mod account;
mod ber;
mod client_key;
mod exchange;
mod identity;
mod ldap;
mod login;
mod provider;
mod redirect;
#[cfg(feature = "saml")]
mod saml;
#[cfg(not(feature = "saml"))]
#[path = "sso/unspoken.rs"]
mod saml;
mod way;

use aedile_egress::Client;
use aedile_engine::{Code, Error as Failure, Object, Result};
use aedile_platform::{
    Cx,
    config::{self, Driver},
};

use crate::{
    Auth, Mode, Pass, Peer, cookie,
    error::refusal,
    jwt::{Flow, sign_flow, verify_flow},
    token::{self, Token},
};
use ldap::Directory;
pub use login::DirectoryForm;
pub use redirect::with_reason;
use way::{There, Way};

/// How long somebody may take at the provider, in seconds.
const FLOW_SECONDS: i64 = 10 * 60;

/// Whether this binary speaks SAML.
pub const SPEAKS_SAML: bool = cfg!(feature = "saml");

/// What is told whoever sets up a provider of SAML where this binary does not speak it.
pub const WITHOUT_SAML: Complaint = (
    "AUTH__DRIVER",
    "is `saml`, a beta that this binary was built without: `cargo build --release -p aedile --features saml` makes one with it",
);

/// What is wrong with a provider: the setting, and the rest of the sentence that begins with it.
pub type Complaint = (&'static str, &'static str);

/// What keeps a provider of SAML from being one; none where nothing does.
#[must_use]
pub fn saml_complaint(settings: &config::Provider, public_url: &str) -> Option<Complaint> {
    saml::Service::new(settings, public_url).err()
}

/// The providers of a project.
pub struct Sso {
    /// As the operator has them, in order.
    offered: Vec<config::Provider>,
    /// Those that browsers are led to.
    ways: Vec<Way>,
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
#[derive(Clone)]
pub struct Return {
    /// What it was sent away with.
    pub state: Option<String>,
    /// The cookie it was sent away with.
    pub cookie: Option<String>,
    /// What it brings along.
    pub brought: Brought,
}

/// What a browser brings along from a provider.
#[derive(Clone)]
pub enum Brought {
    /// From one of OpenID Connect or OAuth 2.
    Code {
        /// The code, which is worth the tokens.
        code: Option<String>,
        /// Who the provider says it is.
        issuer: Option<String>,
        /// Why the provider sends nobody.
        error: Option<String>,
    },
    /// From one of SAML: its answer, as it stands in the form.
    Answer(Option<String>),
}

/// Where browsers come back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// `/callback`, with a code.
    Callback,
    /// `/acs`, with an answer.
    Acs,
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
    /// Internal: a provider whose settings make none.
    pub fn new(settings: &config::Settings, client: Client) -> Result<Sso> {
        let offered = settings.sso.providers.clone();
        let elsewhere = offered.iter().filter(|own| own.driver != Driver::Ldap);
        let ways: Result<_> = elsewhere.map(|own| Way::new(own, &settings.public_url)).collect();
        Ok(Sso {
            ways: ways?,
            directories: offered.iter().filter_map(Directory::new).collect(),
            offered,
            client,
        })
    }

    /// The settings of the providers, in order.
    pub fn providers(&self) -> impl Iterator<Item = &config::Provider> {
        self.offered.iter()
    }

    /// The name of the cookie of a flow whose browser comes back to this door; none when there is no such provider.
    pub fn cookie(&self, name: &str, door: Door) -> Option<&config::Cookie> {
        let way = self.way(name).filter(|way| way.door() == door);
        way.map(|way| &way.cookie)
    }

    /// What the project says of itself to a provider of SAML; none when there is no such provider.
    pub fn metadata(&self, name: &str) -> Option<&str> {
        match &self.way(name)?.there {
            There::Saml(service) => Some(service.metadata()),
            There::Code(_) => None,
        }
    }

    fn way(&self, name: &str) -> Option<&Way> {
        self.ways.iter().find(|way| way.settings.name == name)
    }

    /// Sends a browser to a provider, to be led to `redirect` afterwards. None when there is no such provider.
    ///
    /// # Errors
    /// `INVALID_PAYLOAD` for a redirect that leads elsewhere, `SERVICE_UNAVAILABLE` when the provider does not answer.
    pub async fn depart(&self, auth: &Auth, name: &str, redirect: Option<&str>, now: i64) -> Result<Option<Departure>> {
        let Some(way) = self.way(name) else {
            return Ok(None);
        };
        if !redirect.is_none_or(|redirect| way.redirects.allows(redirect)) {
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
        let seconds = now.div_euclid(1000);
        let location = match &way.there {
            There::Code(provider) => provider.page(&self.client, &flow).await?,
            There::Saml(service) => service.page(&flow, seconds)?,
        };
        let signed = sign_flow(&flow, &auth.key, seconds, FLOW_SECONDS)?;
        let lifetime = std::time::Duration::from_secs(FLOW_SECONDS.unsigned_abs());
        Ok(Some(Departure {
            location,
            cookie: cookie::set(&way.cookie, signed.expose(), lifetime, now),
        }))
    }

    /// Takes a browser back that was sent to a provider. None when there is no such provider, or its browsers come back to
    /// another door.
    pub async fn arrive(&self, auth: &Auth, cx: &Cx, name: &str, came: Return, peer: &Peer) -> Option<Arrival> {
        let way = self.way(name).filter(|way| way.door() == came.brought.door())?;
        let now = cx.now.div_euclid(1000);
        let flow = came.cookie.as_deref().and_then(|cookie| {
            let flow = verify_flow(&Token::new(cookie).ok()?, &auth.key, now)?;
            (flow.provider == name).then_some(flow)
        });
        let outcome = match &flow {
            Some(flow) => self.identify(auth, cx, way, flow, came, peer).await,
            None => Err(refusal::token()),
        };
        if let Err(error) = &outcome {
            tracing::info!(provider = name, "a login by single sign-on failed: {error}");
        }
        let redirect = flow.and_then(|flow| flow.redirect);
        Some(Arrival {
            outcome,
            // Settings may have changed since it was signed.
            redirect: redirect.filter(|redirect| way.redirects.allows(redirect)),
            cookie: cookie::clear(&way.cookie),
        })
    }

    async fn identify(&self, auth: &Auth, cx: &Cx, way: &Way, flow: &Flow, came: Return, peer: &Peer) -> Result<Pass> {
        let state = came.state.unwrap_or_default();
        if !token::equal(state.as_bytes(), flow.state.as_bytes()) {
            return Err(refusal::token());
        }
        let claims = self.claims(auth, cx, way, flow, came.brought).await?;
        let person = account::Person::read(&way.settings, &claims)?;
        let user = auth.account(cx, &way.settings, &person).await?;
        auth.admit(cx, &user, way.settings.mode.into(), None, peer).await
    }

    /// What the provider says of whoever came.
    async fn claims(&self, auth: &Auth, cx: &Cx, way: &Way, flow: &Flow, brought: Brought) -> Result<Object> {
        match (&way.there, brought) {
            (There::Code(provider), Brought::Code { code, issuer, error }) => {
                if let Some(error) = error {
                    return Err(refused_there(&error));
                }
                let code = code.filter(|code| !code.is_empty()).ok_or_else(refusal::credentials)?;
                let now = cx.now.div_euclid(1000);
                provider.claims(&self.client, flow, &code, issuer.as_deref(), now).await
            }
            (There::Saml(service), Brought::Answer(Some(answer))) => service.claims(auth, cx, flow, &answer).await,
            _ => Err(refusal::credentials()),
        }
    }
}

impl Brought {
    fn door(&self) -> Door {
        match self {
            Self::Code { .. } => Door::Callback,
            Self::Answer(_) => Door::Acs,
        }
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
