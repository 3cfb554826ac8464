//! Identity providers: each has the same settings, under its own name. What is missing of one is a fault like any other.

use aedile_engine::Object;
use aedile_platform::config::{Driver, Provider, Settings, Sso};

use super::Problem;
use super::build::Reader;
use super::table::{self, of_provider};

/// The providers that the sources describe.
pub fn sso(reader: &mut Reader<'_>) -> Sso {
    let names = reader.get(&table::AUTH_PROVIDERS);
    Sso {
        providers: names.iter().map(|name| provider(reader, name)).collect(),
        disable_default: reader.get(&table::AUTH_DISABLE_DEFAULT),
    }
}

fn provider(reader: &mut Reader<'_>, name: &str) -> Provider {
    let driver = reader.of(name, &table::AUTH__DRIVER);
    let email_key = reader.of(name, &table::AUTH__EMAIL_KEY);
    let (scope, identifier) = match driver {
        Driver::OpenId => ("openid profile email", "sub"),
        Driver::OAuth2 => ("email", email_key.as_str()),
    };
    let (scope, identifier) = (scope.to_owned(), identifier.to_owned());
    let label = reader.of(name, &table::AUTH__LABEL);
    Provider {
        driver,
        mode: reader.of(name, &table::AUTH__MODE),
        label: label.unwrap_or_else(|| name.to_owned()),
        icon: reader.of(name, &table::AUTH__ICON),
        redirect_allow_list: reader.of(name, &table::AUTH__REDIRECT_ALLOW_LIST),
        default_role: reader.of(name, &table::AUTH__DEFAULT_ROLE_ID),
        public_registration: reader.of(name, &table::AUTH__ALLOW_PUBLIC_REGISTRATION),
        require_verified_email: reader.of(name, &table::AUTH__REQUIRE_VERIFIED_EMAIL),
        sync_user_info: reader.of(name, &table::AUTH__SYNC_USER_INFO),
        client_id: reader.of(name, &table::AUTH__CLIENT_ID),
        client_secret: reader.of(name, &table::AUTH__CLIENT_SECRET),
        client_auth: reader.of(name, &table::AUTH__CLIENT_TOKEN_ENDPOINT_AUTH_METHOD),
        scope: reader.of(name, &table::AUTH__SCOPE).unwrap_or(scope),
        issuer_url: reader.of(name, &table::AUTH__ISSUER_URL),
        authorize_url: reader.of(name, &table::AUTH__AUTHORIZE_URL),
        access_url: reader.of(name, &table::AUTH__ACCESS_URL),
        profile_url: reader.of(name, &table::AUTH__PROFILE_URL),
        identifier_key: reader.of(name, &table::AUTH__IDENTIFIER_KEY).unwrap_or(identifier),
        email_key,
        first_name_key: reader.of(name, &table::AUTH__FIRST_NAME_KEY),
        last_name_key: reader.of(name, &table::AUTH__LAST_NAME_KEY),
        params: reader.of(name, &table::AUTH__PARAMS),
        role_mapping: pairs(&reader.of(name, &table::AUTH__ROLE_MAPPING)),
        group_claim: reader.of(name, &table::AUTH__GROUP_CLAIM_NAME),
        name: name.to_owned(),
    }
}

/// Groups and what was written beside them; what is no text is no role, and found so below.
fn pairs(members: &Object) -> Vec<(String, String)> {
    let told =
        |(group, role): (&String, &serde_json::Value)| (group.clone(), role.as_str().unwrap_or_default().to_owned());
    members.iter().map(told).collect()
}

/// What is missing of the providers, or cannot stand together.
pub fn contradictions(settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    let providers = &settings.sso.providers;
    if !providers.is_empty() && settings.public_url == "/" {
        problems.push(Problem(
            "AUTH_PROVIDERS needs PUBLIC_URL: providers send people back to it.".into(),
        ));
    }
    for (at, own) in providers.iter().enumerate() {
        let named = |name: &str| of_provider(name, &own.name);
        let mut fault = |name: &str, why: &str| problems.push(Problem(format!("{} {why}.", named(name))));
        if providers
            .iter()
            .take(at)
            .any(|other| of_provider("AUTH__", &other.name) == named("AUTH__"))
        {
            fault("AUTH__DRIVER", "belongs to two names in AUTH_PROVIDERS");
        }
        if own.client_id.is_empty() {
            fault("AUTH__CLIENT_ID", "is needed");
        }
        let (openid, oauth2) = (own.driver == Driver::OpenId, own.driver == Driver::OAuth2);
        for (name, url, needed) in [
            ("AUTH__ISSUER_URL", &own.issuer_url, openid),
            ("AUTH__AUTHORIZE_URL", &own.authorize_url, oauth2),
            ("AUTH__ACCESS_URL", &own.access_url, oauth2),
            ("AUTH__PROFILE_URL", &own.profile_url, oauth2),
        ] {
            match url {
                None if needed => fault(name, "is needed"),
                Some(url) if aedile_egress::target::parse(url).is_err() => {
                    fault(name, "is no address such as `https://example.com`")
                }
                _ => {}
            }
        }
        if own
            .role_mapping
            .iter()
            .any(|(_, role)| uuid::Uuid::try_parse(role).is_err())
        {
            fault("AUTH__ROLE_MAPPING", "names a role by something else than its id");
        }
    }
    problems
}
