//! Single sign-on, as plain data.

use aedile_engine::Object;

use super::Secret;

/// The claim that the name identifier of a SAML subject becomes.
pub const NAME_ID: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier";

/// Single sign-on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sso {
    /// The providers, in the order in which they are offered.
    pub providers: Vec<Provider>,
    /// Whether nobody logs in with a password.
    pub disable_default: bool,
}

/// A provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provider {
    /// Its name in addresses, and in the rows of its users.
    pub name: String,
    /// What it speaks.
    pub driver: Driver,
    /// How the tokens of its users travel.
    pub mode: SsoMode,
    /// Its name for people.
    pub label: String,
    /// The name of its picture.
    pub icon: String,
    /// Where its users may be led beside this project.
    pub redirect_allow_list: Vec<String>,
    /// The role of users who come for the first time.
    pub default_role: Option<String>,
    /// Whether users are made of whoever comes.
    pub public_registration: bool,
    /// Whether those need an address that the provider has verified.
    pub require_verified_email: bool,
    /// Whether names and address follow the provider's at each login.
    pub sync_user_info: bool,
    /// Who we are to it.
    pub client_id: String,
    /// The secret of that; may be empty.
    pub client_secret: Secret,
    /// How the secret is shown.
    pub client_auth: ClientAuth,
    /// Keys that prove who we are in place of a secret, each as a JWK in JSON.
    pub private_keys: Vec<Secret>,
    /// What is asked for.
    pub scope: String,
    /// Where it describes itself (OpenID Connect).
    pub issuer_url: Option<String>,
    /// Its page (OAuth 2).
    pub authorize_url: Option<String>,
    /// Where codes are exchanged (OAuth 2).
    pub access_url: Option<String>,
    /// Where it tells who somebody is (OAuth 2).
    pub profile_url: Option<String>,
    /// The claim that says who somebody is.
    pub identifier_key: String,
    /// The claim with the address.
    pub email_key: String,
    /// The claim with the first name.
    pub first_name_key: String,
    /// The claim with the last name.
    pub last_name_key: String,
    /// What is added to the address of its page.
    pub params: Object,
    /// Groups and the roles that they mean, the first that fits first; empty where roles do not follow from groups.
    pub role_mapping: Vec<(String, String)>,
    /// The claim with the groups.
    pub group_claim: String,
    /// Where its users are, for a directory.
    pub directory: Option<Directory>,
    /// What both sides say of themselves, for SAML.
    pub saml: Option<Saml>,
}

/// What a provider of SAML and the project say of themselves, in XML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saml {
    /// The provider.
    pub idp_metadata: String,
    /// The project; none for what it says by itself.
    pub sp_metadata: Option<String>,
}

/// A directory (LDAP).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    /// The name or address of its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether the connection is encrypted.
    pub encryption: Encryption,
    /// Who asks; empty for nobody in particular.
    pub bind_dn: String,
    /// The password of that.
    pub bind_password: Secret,
    /// Where users are.
    pub user_dn: String,
    /// What they are called by when they log in.
    pub user_attribute: String,
    /// How far below.
    pub user_scope: Scope,
    /// The address.
    pub mail_attribute: String,
    /// The first name.
    pub first_name_attribute: String,
    /// The last name.
    pub last_name_attribute: String,
    /// Where groups are; none where roles do not follow from groups.
    pub group_dn: Option<String>,
    /// What names the members of a group.
    pub group_attribute: String,
    /// How far below.
    pub group_scope: Scope,
}

/// How a connection to a directory is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// From its first byte.
    #[default]
    Always,
    /// After both sides have agreed to; without that nothing is said.
    StartTls,
    /// Not at all.
    None,
}

/// How far below a place of a directory is looked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// That very place.
    Base,
    /// Right below it.
    #[default]
    One,
    /// Anywhere below it, itself included.
    Sub,
}

/// What a provider speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Driver {
    /// OpenID Connect.
    #[default]
    OpenId,
    /// OAuth 2, with an address that tells who somebody is.
    OAuth2,
    /// LDAP: a directory, to which the project itself shows the password.
    Ldap,
    /// SAML 2.0.
    Saml,
}

impl Driver {
    /// Its name in settings and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::OAuth2 => "oauth2",
            Self::Ldap => "ldap",
            Self::Saml => "saml",
        }
    }
}

/// How the tokens of users travel who have come by a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SsoMode {
    /// A session token in a cookie.
    #[default]
    Session,
    /// A refresh token in a cookie.
    Cookie,
}

/// How a client shows a provider who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuth {
    /// In a header.
    #[default]
    Basic,
    /// In the form.
    Post,
    /// By what a key has signed (`private_key_jwt`); there is no secret.
    PrivateKey,
    /// Not at all: there is none.
    None,
}
