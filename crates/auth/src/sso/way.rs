//! The way of a browser to a provider and back, whatever is spoken there: the cookie by which it is known again, and where it
//! may be led afterwards.

use aedile_engine::{Error as Failure, Result};
use aedile_platform::config::{self, Cookie, Driver, SameSite};

use super::{Door, provider::Provider, redirect::Redirects, saml::Service};

/// One way.
pub struct Way {
    pub settings: config::Provider,
    pub redirects: Redirects,
    /// The cookie of a flow.
    pub cookie: Cookie,
    pub there: There,
}

/// Who is at its other end.
pub enum There {
    /// OpenID Connect or OAuth 2.
    Code(Box<Provider>),
    /// SAML.
    Saml(Box<Service>),
}

impl Way {
    /// The way to a provider.
    ///
    /// # Errors
    /// Internal: settings that make no provider.
    pub fn new(settings: &config::Provider, public_url: &str) -> Result<Way> {
        let there = match settings.driver {
            Driver::Saml => {
                let service = Service::new(settings, public_url).map_err(|(setting, why)| {
                    Failure::internal(format!("the provider {}: {setting} {why}", settings.name))
                });
                There::Saml(Box::new(service?))
            }
            Driver::OpenId | Driver::OAuth2 | Driver::Ldap => {
                There::Code(Box::new(Provider::new(settings, public_url)?))
            }
        };
        Ok(Way {
            redirects: Redirects::new(public_url, &settings.redirect_allow_list),
            cookie: cookie(settings, public_url.starts_with("https://")),
            settings: settings.clone(),
            there,
        })
    }

    /// Where browsers come back to.
    pub fn door(&self) -> Door {
        match self.there {
            There::Code(_) => Door::Callback,
            There::Saml(_) => Door::Acs,
        }
    }
}

/// The cookie of a flow. Browsers take one of this name from this very host alone. A provider of SAML sends them back with a
/// form: with that only those cookies come along that go with whatever other sites cause, which is no loss, since
/// nobody but who was sent away knows what such a form has to hold.
fn cookie(settings: &config::Provider, secure: bool) -> Cookie {
    let prefix = if secure { "__Host-" } else { "" };
    let mut cookie = Cookie::named(&format!("{prefix}aedile_sso_{}", settings.name));
    cookie.secure = secure;
    if secure && settings.driver == Driver::Saml {
        cookie.same_site = SameSite::None;
    }
    cookie
}
