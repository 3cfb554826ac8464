//! From a code to what the provider says of a person: the code is exchanged for tokens, and those for claims. The tokens
//! are used once and kept nowhere.

use aedile_egress::{Client, HeaderValue, Method, Request, form_urlencoded, header};
use aedile_engine::{Json, Object, Result};
use aedile_platform::config::{ClientAuth, Driver};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{client_key, identity, provider::Known, provider::Provider, unavailable};
use crate::{error::refusal, jwt::Flow};

/// What a code was worth.
struct Tokens {
    access: String,
    identity: Option<String>,
}

/// How we show who we are.
struct Proof {
    /// What the form says of it.
    form: Vec<(&'static str, String)>,
    /// The header beside it.
    authorization: Option<String>,
}

impl Provider {
    /// What the provider says of whoever came with this code.
    ///
    /// # Errors
    /// `INVALID_CREDENTIALS` for whatever does not fit, `SERVICE_UNAVAILABLE`.
    pub async fn claims(
        &self,
        client: &Client,
        flow: &Flow,
        code: &str,
        issuer: Option<&str>,
        now: i64,
    ) -> Result<Object> {
        let known = self.known(client).await?;
        judge_issuer(&known, issuer)?;
        let tokens = self.exchange(client, &known, flow, code, now).await?;
        if self.settings.driver != Driver::OpenId {
            return self.profile(client, &known, &tokens.access).await;
        }
        let token = tokens.identity.as_deref().ok_or_else(refusal::credentials)?;
        let claims = self.verified(client, &known, token, &flow.nonce, now).await?;
        if known.endpoints.profile.is_none() {
            return Ok(claims);
        }
        let profile = self.profile(client, &known, &tokens.access).await?;
        joined(claims, profile)
    }

    async fn exchange(&self, client: &Client, known: &Known, flow: &Flow, code: &str, now: i64) -> Result<Tokens> {
        let Proof {
            form: said,
            authorization,
        } = self.proof(&known.endpoints.token, now)?;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.callback),
            ("code_verifier", &flow.verifier),
        ];
        form.extend(said.iter().map(|(name, value)| (*name, value.as_str())));
        let request = Request::new(Method::POST, &known.endpoints.token).map(|mut request| {
            // What a code is worth goes to nobody else.
            request.limits.redirects = 0;
            request.body = written(&form).into();
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers.insert(header::CONTENT_TYPE, form);
            if let Some(Ok(mut value)) = authorization.map(HeaderValue::try_from) {
                value.set_sensitive(true);
                request.headers.insert(header::AUTHORIZATION, value);
            }
            request
        });
        let told = self.ask(client, request).await?;
        let text = |name: &str| told.get(name).and_then(Json::as_str).map(str::to_owned);
        Ok(Tokens {
            access: text("access_token").ok_or_else(unavailable)?,
            identity: text("id_token"),
        })
    }

    /// Who we are, as the provider wants it shown.
    fn proof(&self, address: &str, now: i64) -> Result<Proof> {
        let (id, secret) = (&self.settings.client_id, self.settings.client_secret.expose());
        let named = ("client_id", id.clone());
        if let Some(key) = &self.key {
            let proof = key.proof(id, address, now)?;
            let kind = ("client_assertion_type", client_key::KIND.to_owned());
            return Ok(Proof {
                form: vec![named, kind, ("client_assertion", proof)],
                authorization: None,
            });
        }
        Ok(match self.settings.client_auth {
            ClientAuth::Basic if !secret.is_empty() => {
                let pair = format!("{}:{}", encoded(id), encoded(secret));
                Proof {
                    form: Vec::new(),
                    authorization: Some(format!("Basic {}", STANDARD.encode(pair))),
                }
            }
            ClientAuth::Post if !secret.is_empty() => Proof {
                form: vec![named, ("client_secret", secret.to_owned())],
                authorization: None,
            },
            _ => Proof {
                form: vec![named],
                authorization: None,
            },
        })
    }

    /// The claims of a token about a person. A signature by an unknown key makes us look at the keys once more.
    async fn verified(&self, client: &Client, known: &Known, token: &str, nonce: &str, now: i64) -> Result<Object> {
        let issuer = known.endpoints.issuer.clone().unwrap_or_default();
        let expected = identity::Expected {
            issuer: &issuer,
            client: &self.settings.client_id,
            nonce,
            now,
        };
        let verdict = match identity::verify(token, &known.keys, &expected) {
            Err(identity::Fault::UnknownKey) => {
                let renewed = self.renewed(client).await?;
                identity::verify(token, &renewed.keys, &expected)
            }
            verdict => verdict,
        };
        verdict.map_err(|fault| {
            tracing::warn!(
                provider = self.settings.name,
                ?fault,
                "a token of the identity provider was refused"
            );
            refusal::credentials()
        })
    }

    async fn profile(&self, client: &Client, known: &Known, access: &str) -> Result<Object> {
        let url = known.endpoints.profile.as_deref().ok_or_else(unavailable)?;
        let value = HeaderValue::try_from(format!("Bearer {access}"));
        let mut value = value.map_err(|_| unavailable())?;
        value.set_sensitive(true);
        let request = Request::new(Method::GET, url).map(|mut request| {
            request.headers.insert(header::AUTHORIZATION, value);
            // GitHub refuses those who do not say who they are.
            request
                .headers
                .insert(header::USER_AGENT, HeaderValue::from_static("aedile"));
            request
        });
        self.ask(client, request).await
    }
}

/// Whether the browser comes from the provider that it was sent to, as far as that one says so.
fn judge_issuer(known: &Known, told: Option<&str>) -> Result<()> {
    let fits = match told {
        Some(told) => known.endpoints.issuer.as_deref().is_none_or(|own| own == told),
        None => !known.endpoints.names_itself,
    };
    if fits { Ok(()) } else { Err(refusal::credentials()) }
}

/// Claims with those of the profile, which has to be of the same person.
fn joined(mut claims: Object, profile: Object) -> Result<Object> {
    if profile.get("sub") != claims.get("sub") {
        return Err(refusal::credentials());
    }
    claims.extend(profile);
    Ok(claims)
}

/// A form as it is sent.
fn written(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish()
}

/// A text as it stands in a form.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
