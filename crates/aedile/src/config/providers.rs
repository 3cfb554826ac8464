//! Identity providers: each has the same settings, under its own name. What is missing of one is a fault like any other.

use aedile_auth::sso::{Complaint, SPEAKS_SAML, WITHOUT_SAML, saml_complaint};
use aedile_engine::Object;
use aedile_platform::config::{ClientAuth, Directory, Driver, Encryption, NAME_ID, Provider, Saml, Settings, Sso};

use super::Problem;
use super::build::Reader;
use super::kind::is_here;
use super::table::{self, of_provider};

/// The claim with the address that providers of SAML have.
const EMAIL_ADDRESS: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";

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
    let email = if driver == Driver::Saml { EMAIL_ADDRESS } else { "email" };
    let email_key = reader.of(name, &table::AUTH__EMAIL_KEY);
    let email_key = email_key.unwrap_or_else(|| email.to_owned());
    let (scope, identifier) = match driver {
        Driver::OpenId => ("openid profile email", "sub"),
        Driver::OAuth2 | Driver::Ldap => ("email", email_key.as_str()),
        Driver::Saml => ("", NAME_ID),
    };
    let (scope, identifier) = (scope.to_owned(), identifier.to_owned());
    let [first_name, last_name] = names(reader, name, driver);
    let label = reader.of(name, &table::AUTH__LABEL);
    Provider {
        driver,
        mode: reader.of(name, &table::AUTH__MODE),
        label: label.unwrap_or_else(|| name.to_owned()),
        icon: reader.of(name, &table::AUTH__ICON),
        redirect_allow_list: reader.of(name, &table::AUTH__REDIRECT_ALLOW_LIST),
        default_role: reader.of(name, &table::AUTH__DEFAULT_ROLE_ID),
        // Who is in a directory is the operator's to say; who has an account somewhere is not.
        public_registration: reader
            .of(name, &table::AUTH__ALLOW_PUBLIC_REGISTRATION)
            .unwrap_or(driver == Driver::Ldap),
        require_verified_email: reader.of(name, &table::AUTH__REQUIRE_VERIFIED_EMAIL),
        sync_user_info: reader.of(name, &table::AUTH__SYNC_USER_INFO),
        client_id: reader.of(name, &table::AUTH__CLIENT_ID),
        client_secret: reader.of(name, &table::AUTH__CLIENT_SECRET),
        client_auth: reader.of(name, &table::AUTH__CLIENT_TOKEN_ENDPOINT_AUTH_METHOD),
        private_keys: reader.of(name, &table::AUTH__PRIVATE_KEYS).unwrap_or_default(),
        scope: reader.of(name, &table::AUTH__SCOPE).unwrap_or(scope),
        issuer_url: reader.of(name, &table::AUTH__ISSUER_URL),
        authorize_url: reader.of(name, &table::AUTH__AUTHORIZE_URL),
        access_url: reader.of(name, &table::AUTH__ACCESS_URL),
        profile_url: reader.of(name, &table::AUTH__PROFILE_URL),
        identifier_key: reader.of(name, &table::AUTH__IDENTIFIER_KEY).unwrap_or(identifier),
        email_key,
        first_name_key: first_name,
        last_name_key: last_name,
        params: reader.of(name, &table::AUTH__PARAMS),
        role_mapping: pairs(&reader.of(name, &table::AUTH__ROLE_MAPPING)),
        group_claim: reader.of(name, &table::AUTH__GROUP_CLAIM_NAME),
        directory: (driver == Driver::Ldap).then(|| directory(reader, name)),
        saml: (driver == Driver::Saml).then(|| saml(reader, name)),
        name: name.to_owned(),
    }
}

/// The claims with the first and the last name.
fn names(reader: &mut Reader<'_>, name: &str, driver: Driver) -> [String; 2] {
    let [first, last] = if driver == Driver::Saml {
        [&table::AUTH__GIVEN_NAME_KEY, &table::AUTH__FAMILY_NAME_KEY]
    } else {
        [&table::AUTH__FIRST_NAME_KEY, &table::AUTH__LAST_NAME_KEY]
    };
    [reader.of(name, first), reader.of(name, last)]
}

fn saml(reader: &mut Reader<'_>, name: &str) -> Saml {
    Saml {
        idp_metadata: reader.of(name, &table::AUTH__IDP_metadata).unwrap_or_default(),
        sp_metadata: reader.of(name, &table::AUTH__SP_metadata),
    }
}

fn directory(reader: &mut Reader<'_>, name: &str) -> Directory {
    let place = reader.of(name, &table::AUTH__CLIENT_URL).unwrap_or_default();
    let start_tls = reader.of(name, &table::AUTH__CLIENT_START_TLS);
    Directory {
        encryption: match (place.encrypted, start_tls.unwrap_or(!is_here(&place.host))) {
            (true, _) => Encryption::Always,
            (false, true) => Encryption::StartTls,
            (false, false) => Encryption::None,
        },
        host: place.host,
        port: place.port,
        bind_dn: reader.of(name, &table::AUTH__BIND_DN),
        bind_password: reader.of(name, &table::AUTH__BIND_PASSWORD),
        user_dn: reader.of(name, &table::AUTH__USER_DN).unwrap_or_default(),
        user_attribute: reader.of(name, &table::AUTH__USER_ATTRIBUTE),
        user_scope: reader.of(name, &table::AUTH__USER_SCOPE),
        mail_attribute: reader.of(name, &table::AUTH__MAIL_ATTRIBUTE),
        first_name_attribute: reader.of(name, &table::AUTH__FIRST_NAME_ATTRIBUTE),
        last_name_attribute: reader.of(name, &table::AUTH__LAST_NAME_ATTRIBUTE),
        group_dn: reader.of(name, &table::AUTH__GROUP_DN),
        group_attribute: reader.of(name, &table::AUTH__GROUP_ATTRIBUTE),
        group_scope: reader.of(name, &table::AUTH__GROUP_SCOPE),
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
    let sent_away = providers.iter().any(|own| own.driver != Driver::Ldap);
    if sent_away && settings.public_url == "/" {
        problems.push(Problem(
            "AUTH_PROVIDERS needs PUBLIC_URL: providers send people back to it.".into(),
        ));
    }
    for (at, own) in providers.iter().enumerate() {
        let named = |name: &str| of_provider(name, &own.name);
        let others = providers.get(..at).unwrap_or_default();
        let mut faults: Vec<Complaint> = match (&own.directory, &own.saml) {
            (Some(directory), _) => faults_of_directory(own, directory),
            (None, Some(_)) => fault_of_saml(own, &settings.public_url, SPEAKS_SAML)
                .into_iter()
                .collect(),
            (None, None) => faults_elsewhere(own),
        };
        if others
            .iter()
            .any(|other| of_provider("AUTH__", &other.name) == named("AUTH__"))
        {
            faults.push(("AUTH__DRIVER", "belongs to two names in AUTH_PROVIDERS"));
        }
        let is_role = |(_, role): &(String, String)| uuid::Uuid::try_parse(role).is_ok();
        if !own.role_mapping.iter().all(is_role) {
            faults.push(("AUTH__ROLE_MAPPING", "names a role by something else than its id"));
        }
        let told = faults
            .into_iter()
            .map(|(name, why)| Problem(format!("{} {why}.", named(name))));
        problems.extend(told);
    }
    problems
}

/// Passwords that anybody on the way reads.
pub fn doubts(settings: &Settings) -> impl Iterator<Item = String> {
    let providers = settings.sso.providers.iter();
    let open = providers.filter(|own| {
        let directory = own.directory.as_ref();
        directory.is_some_and(|own| own.encryption == Encryption::None && !is_here(&own.host))
    });
    open.map(|own| {
        let name = of_provider("AUTH__CLIENT_START_TLS", &own.name);
        format!("{name} is false: passwords travel to the directory as they are")
    })
}

/// What is wrong with a provider of SAML, and first of all whether this binary speaks that.
pub(super) fn fault_of_saml(own: &Provider, public_url: &str, is_spoken: bool) -> Option<Complaint> {
    if is_spoken {
        saml_complaint(own, public_url)
    } else {
        Some(WITHOUT_SAML)
    }
}

/// What is missing of a provider that people are sent to.
fn faults_elsewhere(own: &Provider) -> Vec<Complaint> {
    let mut faults = Vec::new();
    if own.client_id.is_empty() {
        faults.push(("AUTH__CLIENT_ID", "is needed"));
    }
    if own.client_auth == ClientAuth::PrivateKey && own.private_keys.is_empty() {
        faults.push(("AUTH__PRIVATE_KEYS", "is needed for `private_key_jwt`"));
    }
    let (openid, oauth2) = (own.driver == Driver::OpenId, own.driver == Driver::OAuth2);
    for (name, url, needed) in [
        ("AUTH__ISSUER_URL", &own.issuer_url, openid),
        ("AUTH__AUTHORIZE_URL", &own.authorize_url, oauth2),
        ("AUTH__ACCESS_URL", &own.access_url, oauth2),
        ("AUTH__PROFILE_URL", &own.profile_url, oauth2),
    ] {
        match url {
            None if needed => faults.push((name, "is needed")),
            Some(url) if aedile_egress::target::parse(url).is_err() => {
                faults.push((name, "is no address such as `https://example.com`"));
            }
            _ => {}
        }
    }
    faults
}

/// What is missing of a directory.
fn faults_of_directory(own: &Provider, directory: &Directory) -> Vec<Complaint> {
    let bare = directory.bind_dn.is_empty() != directory.bind_password.expose().is_empty();
    let unused = !own.role_mapping.is_empty() && directory.group_dn.is_none();
    let faults = [
        (directory.host.is_empty(), "AUTH__CLIENT_URL", "is needed"),
        (directory.user_dn.is_empty(), "AUTH__USER_DN", "is needed"),
        // A name without a password is taken for nobody in particular.
        (
            bare,
            "AUTH__BIND_PASSWORD",
            "belongs to a BIND_DN: both are needed, or neither",
        ),
        (
            unused,
            "AUTH__ROLE_MAPPING",
            "needs a GROUP_DN: groups are looked for there",
        ),
        (
            own.require_verified_email,
            "AUTH__REQUIRE_VERIFIED_EMAIL",
            "asks for what no directory says",
        ),
    ];
    let found = faults.into_iter().filter(|(wrong, ..)| *wrong);
    found.map(|(_, name, why)| (name, why)).collect()
}
