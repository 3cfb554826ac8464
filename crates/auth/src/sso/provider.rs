//! A provider of OpenID Connect or OAuth 2: what the operator says of it, what it says of itself, and the page that browsers are
//! sent to. What it says of itself is asked for once and kept for an hour; its keys are asked for again when it signs with a new one.

use std::time::Duration;

use aedile_egress::{Client, Method, Origin, Request, Url};
use aedile_engine::{Error as Failure, Json, Object, Result};
use aedile_platform::config::{self, ClientAuth, Driver};
use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::JwkSet;
use tokio::{sync::Mutex, time::Instant};

use super::{client_key::ClientKey, unavailable};
use crate::jwt::Flow;

/// How long it is remembered what a provider says of itself.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// The least time between two looks at a provider's keys: whoever sends tokens with unknown keys does not make us ask.
const LEAST_PAUSE: Duration = Duration::from_secs(10);

/// A provider of the project.
pub struct Provider {
    pub settings: config::Provider,
    /// Where browsers come back to.
    pub callback: String,
    /// Origins that the operator has named.
    pub trusted: Vec<Origin>,
    /// What proves who we are, where that is no secret.
    pub key: Option<ClientKey>,
    known: Mutex<Option<Known>>,
}

/// What is known of a provider's addresses and keys.
#[derive(Clone)]
pub struct Known {
    pub endpoints: Endpoints,
    pub keys: JwkSet,
    since: Instant,
}

/// A provider's addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Who it is; none for OAuth 2.
    pub issuer: Option<String>,
    pub page: String,
    pub token: String,
    pub profile: Option<String>,
    /// Where its keys are; none for OAuth 2.
    pub keys: Option<String>,
    /// Whether it always says who it is when a browser comes back.
    pub names_itself: bool,
}

impl Provider {
    pub fn new(settings: &config::Provider, public_url: &str) -> Result<Provider> {
        let said = [
            &settings.issuer_url,
            &settings.authorize_url,
            &settings.access_url,
            &settings.profile_url,
        ];
        let origin = |url: &String| {
            let read = aedile_egress::target::parse(url);
            read.map(|url| url.origin())
                .map_err(|error| Failure::internal(format!("an address of the provider {}: {error}", settings.name)))
        };
        let trusted: Result<Vec<Origin>> = said.into_iter().flatten().map(origin).collect();
        Ok(Provider {
            callback: crate::link::own(public_url, &format!("/auth/login/{}/callback", settings.name)),
            trusted: trusted?,
            key: key(settings)?,
            known: Mutex::new(None),
            settings: settings.clone(),
        })
    }

    /// The address of the page that a browser is sent to.
    pub async fn page(&self, client: &Client, flow: &Flow) -> Result<String> {
        let known = self.known(client).await?;
        let mut url = Url::parse(&known.endpoints.page).map_err(|_| unavailable())?;
        let challenge = digest::digest(&digest::SHA256, flow.verifier.as_bytes());
        let challenge = URL_SAFE_NO_PAD.encode(challenge);
        let mut own = vec![
            ("client_id", self.settings.client_id.as_str()),
            ("response_type", "code"),
            ("redirect_uri", &self.callback),
            ("scope", &self.settings.scope),
            ("state", &flow.state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if self.settings.driver == Driver::OpenId {
            own.push(("nonce", &flow.nonce));
        }
        let said: Vec<(String, String)> = url
            .query_pairs()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .chain(
                self.settings
                    .params
                    .iter()
                    .map(|(name, value)| (name.clone(), told(value))),
            )
            .filter(|(name, _)| !own.iter().any(|(own, _)| own == name))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(said).extend_pairs(own);
        Ok(url.into())
    }

    /// What is known of the provider, asked for where it is not, or no longer.
    pub async fn known(&self, client: &Client) -> Result<Known> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| known.since.elapsed() < KEPT) {
            return Ok(known.clone());
        }
        let found = self.discover(client).await?;
        *known = Some(found.clone());
        Ok(found)
    }

    /// The same with keys as they are now, unless they were asked for just before.
    pub async fn renewed(&self, client: &Client) -> Result<Known> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| known.since.elapsed() < LEAST_PAUSE) {
            return Ok(known.clone());
        }
        let found = self.discover(client).await?;
        *known = Some(found.clone());
        Ok(found)
    }

    async fn discover(&self, client: &Client) -> Result<Known> {
        let endpoints = if self.settings.driver == Driver::OpenId {
            self.discovered(client).await?
        } else {
            self.said()?
        };
        let keys = match &endpoints.keys {
            None => JwkSet { keys: Vec::new() },
            Some(url) => read_keys(self.get(client, url).await?)?,
        };
        Ok(Known {
            endpoints,
            keys,
            since: Instant::now(),
        })
    }

    fn said(&self) -> Result<Endpoints> {
        let needed = |url: &Option<String>| url.clone().ok_or_else(unavailable);
        Ok(Endpoints {
            issuer: None,
            page: needed(&self.settings.authorize_url)?,
            token: needed(&self.settings.access_url)?,
            profile: Some(needed(&self.settings.profile_url)?),
            keys: None,
            names_itself: false,
        })
    }

    async fn discovered(&self, client: &Client) -> Result<Endpoints> {
        let said = self.settings.issuer_url.as_deref().ok_or_else(unavailable)?;
        let document = self.get(client, &document_of(said)).await?;
        endpoints(&document, said).ok_or_else(|| {
            tracing::warn!(
                provider = self.settings.name,
                "what the provider says of itself is incomplete, or of another"
            );
            unavailable()
        })
    }

    /// An answer in JSON of an address that the provider names.
    async fn get(&self, client: &Client, url: &str) -> Result<Object> {
        self.ask(client, Request::new(Method::GET, url)).await
    }

    /// An answer in JSON. The operator's origins are trusted; any other goes through the guard.
    pub async fn ask(&self, client: &Client, request: aedile_egress::Result<Request>) -> Result<Object> {
        let asked = async {
            let mut request = request?;
            request.trusted.clone_from(&self.trusted);
            request.headers.insert(
                aedile_egress::header::ACCEPT,
                aedile_egress::HeaderValue::from_static("application/json"),
            );
            let answer = client.send(request).await?;
            let status = answer.status;
            Ok::<_, aedile_egress::Error>((status, answer.body.all().await?))
        };
        let (status, body) = asked.await.map_err(|error| {
            tracing::warn!(provider = self.settings.name, "the identity provider: {error}");
            unavailable()
        })?;
        let read = serde_json::from_slice(&body).ok();
        match read {
            Some(Json::Object(object)) if status.is_success() => Ok(object),
            _ if status.is_client_error() => Err(crate::error::refusal::credentials()),
            _ => {
                tracing::warn!(
                    provider = self.settings.name,
                    status = status.as_u16(),
                    "the identity provider gave no proper answer"
                );
                Err(unavailable())
            }
        }
    }
}

/// The key that we prove ourselves by, where that is asked for.
fn key(settings: &config::Provider) -> Result<Option<ClientKey>> {
    if settings.client_auth != ClientAuth::PrivateKey {
        return Ok(None);
    }
    let none = || Failure::internal(format!("of the provider {}: no private key can sign", settings.name));
    ClientKey::first(&settings.private_keys).ok_or_else(none).map(Some)
}

/// A parameter of the operator's as it stands in a query.
fn told(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Where an issuer describes itself; the operator may name either.
fn document_of(said: &str) -> String {
    const WELL_KNOWN: &str = "/.well-known/";
    if said.contains(WELL_KNOWN) {
        return said.to_owned();
    }
    format!("{}{WELL_KNOWN}openid-configuration", said.trim_end_matches('/'))
}

/// The addresses in a provider's description of itself; none when something is missing, or when it describes another
/// issuer than the one that was asked.
pub fn endpoints(document: &Object, said: &str) -> Option<Endpoints> {
    let text = |name: &str| document.get(name).and_then(Json::as_str).map(str::to_owned);
    let issuer = text("issuer")?;
    let is_asked = document_of(&issuer) == document_of(said);
    // Unencrypted only where the operator has begun with it.
    let fits = |url: &String| url.starts_with("https://") || said.starts_with("http://");
    let found = Endpoints {
        page: text("authorization_endpoint")?,
        token: text("token_endpoint")?,
        profile: text("userinfo_endpoint"),
        keys: Some(text("jwks_uri")?),
        names_itself: document.get("authorization_response_iss_parameter_supported") == Some(&Json::Bool(true)),
        issuer: Some(issuer),
    };
    let urls = [
        Some(&found.page),
        Some(&found.token),
        found.profile.as_ref(),
        found.keys.as_ref(),
    ];
    let all_fit = urls.into_iter().flatten().all(fits);
    (is_asked && all_fit).then_some(found)
}

/// The keys that are of a kind we know; others are left out, since one of them may be for something else.
fn read_keys(document: Object) -> Result<JwkSet> {
    let Some(Json::Array(list)) = document.get("keys") else {
        return Err(unavailable());
    };
    let keys = list.iter().filter_map(|key| serde_json::from_value(key.clone()).ok());
    Ok(JwkSet { keys: keys.collect() })
}
