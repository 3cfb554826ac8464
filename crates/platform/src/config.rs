//! The settings a running Aedile obeys, as plain data: limits, lifetimes, cookies, CORS, rate limits, hashing.
//! It never reads the environment or a file: the binary fills it, and `Default` is the documented default.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::time::Duration;

use uuid::Uuid;

mod mail;
mod sso;

pub use mail::{Mail, MailTransport, Sendmail, Smtp};
pub use sso::{ClientAuth, Directory, Driver, Encryption, NAME_ID, Provider, Saml, Scope, Sso, SsoMode};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What stands in place of a secret wherever it would be shown.
pub const MASK: &str = "********";

/// A value that must not be seen: neither `Debug` nor `Display` shows it. Empty means not set.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps the given text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself; every use of this name is a place where the secret leaves its cover.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Everything the other crates need to know of the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where clients reach the server: `/` or an absolute `http(s)` address without a trailing slash.
    pub public_url: String,
    /// Address or host name to listen on.
    pub host: String,
    /// Port to listen on; 0 lets the system choose.
    pub port: u16,
    /// How long running requests may take to end after a stop signal.
    pub shutdown_timeout: Duration,
    /// How long a client may take to send a request's head, and to begin the next request.
    pub head_timeout: Duration,
    /// How long a request's body may take to arrive.
    pub body_timeout: Duration,
    /// How long a client may leave an answer untaken.
    pub response_timeout: Duration,
    /// Whether browsers are told to come back over HTTPS alone.
    pub hsts: bool,
    /// Whose word about the client's address is believed.
    pub trust_proxy: TrustProxy,
    /// A request header that holds the client's address, when one is set.
    pub ip_custom_header: Option<String>,
    /// Whether the Studio is served.
    pub serve_app: bool,
    /// Whether the API is described to its callers.
    pub openapi: bool,
    /// Where `/` redirects to, if anywhere.
    pub root_redirect: Option<String>,
    /// The text of `/robots.txt`.
    pub robots_txt: String,
    /// Request paths that are left out of the log.
    pub log_ignore_paths: Vec<String>,
    /// Sizes and depths a request may not exceed.
    pub limits: Limits,
    /// Lifetimes of tokens, stall times, and the signing secret.
    pub tokens: Tokens,
    /// The cookie that holds a refresh token.
    pub refresh_cookie: Cookie,
    /// The cookie that holds a session token.
    pub session_cookie: Cookie,
    /// Cross-origin headers.
    pub cors: Cors,
    /// Requests per client address.
    pub rate_limit: RateLimit,
    /// Requests of all clients together.
    pub rate_limit_global: RateLimit,
    /// Registrations per client address.
    pub rate_limit_registration: RateLimit,
    /// Wrong passwords and codes, and requests for a new password, per client address.
    pub rate_limit_login: RateLimit,
    /// Where several processes share the counts of these limits; none where each has its own.
    pub shared_limits: Option<Redis>,
    /// Cost of password hashes.
    pub hashing: Hashing,
    /// Addresses that mails may link to.
    pub allow_lists: AllowLists,
    /// Single sign-on.
    pub sso: Sso,
    /// How mails are sent.
    pub mail: Mail,
    /// Whom the server may ask.
    pub egress: Egress,
    /// The first administrator.
    pub admin: Admin,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "/".into(),
            host: "0.0.0.0".into(),
            port: 8055,
            shutdown_timeout: Duration::from_secs(1),
            head_timeout: Duration::from_secs(30),
            body_timeout: MINUTE,
            response_timeout: MINUTE,
            hsts: false,
            trust_proxy: TrustProxy::Never,
            ip_custom_header: None,
            serve_app: true,
            openapi: true,
            root_redirect: Some("./admin".into()),
            robots_txt: "User-agent: *\nDisallow: /".into(),
            log_ignore_paths: Vec::new(),
            limits: Limits::default(),
            tokens: Tokens::default(),
            refresh_cookie: Cookie::named("directus_refresh_token"),
            session_cookie: Cookie::named("directus_session_token"),
            cors: Cors::default(),
            rate_limit: RateLimit {
                enabled: false,
                points: 50,
                duration: Duration::from_secs(1),
            },
            rate_limit_global: RateLimit {
                enabled: false,
                points: 1000,
                duration: Duration::from_secs(1),
            },
            rate_limit_registration: RateLimit {
                enabled: true,
                points: 5,
                duration: MINUTE,
            },
            rate_limit_login: RateLimit {
                enabled: true,
                points: 20,
                duration: MINUTE,
            },
            shared_limits: None,
            hashing: Hashing::default(),
            allow_lists: AllowLists::default(),
            sso: Sso::default(),
            mail: Mail::default(),
            egress: Egress::default(),
            admin: Admin::default(),
        }
    }
}

/// What an import may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Bytes of a file.
    pub file_bytes: usize,
    /// From the first byte to the end.
    pub time: Duration,
    /// Imports at the same time.
    pub at_once: usize,
    /// Failures that are collected before the rest of a file is left alone.
    pub errors: usize,
}

impl Default for Import {
    fn default() -> Self {
        Self {
            file_bytes: 50 * 1024 * 1024,
            time: 60 * MINUTE,
            at_once: 20,
            errors: 1000,
        }
    }
}

/// What a single request may ask for. `None` means no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request body.
    pub payload_bytes: usize,
    /// Items in one create, update or delete.
    pub batch_mutation: Option<usize>,
    /// Relations a field path, filter or sort may go through.
    pub relational_depth: usize,
    /// Rows that an export reads at a time.
    pub export_batch: usize,
    /// Files that items are taken in from.
    pub import: Import,
    /// Items of a list when the request names no limit.
    pub query_limit_default: Option<u32>,
    /// The highest limit a request may name.
    pub query_limit_max: Option<u32>,
    /// Nested brackets in the query string.
    pub querystring_depth: usize,
    /// Members of an array in the query string.
    pub querystring_array: usize,
    /// Steps of a path into a JSON field.
    pub json_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            payload_bytes: 1024 * 1024,
            batch_mutation: None,
            export_batch: 5000,
            import: Import::default(),
            relational_depth: 10,
            query_limit_default: Some(100),
            query_limit_max: None,
            querystring_depth: 10,
            querystring_array: 500,
            json_depth: 10,
        }
    }
}

/// How long tokens live, how long answers are held back, and what tokens are signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Life of an access token.
    pub access_ttl: Duration,
    /// Life of a refresh token and its cookie.
    pub refresh_ttl: Duration,
    /// Life of a session token and its cookie.
    pub session_ttl: Duration,
    /// How long a session token that was just refreshed still serves parallel requests.
    pub refresh_grace: Duration,
    /// Life of the link in an invitation.
    pub invite_ttl: Duration,
    /// Life of the link in a registration mail.
    pub email_verification_ttl: Duration,
    /// The least time a login takes, so that its duration tells nothing.
    pub login_stall: Duration,
    /// The least time a registration takes, so that its duration tells nothing.
    pub register_stall: Duration,
    /// Whether policies that ask for a second factor hold up static tokens, too, of users who have none.
    pub tfa_for_static: bool,
    /// Signs every token.
    pub secret: Secret,
}

impl Default for Tokens {
    /// The secret is random: tokens of one default are worthless to another, and none is ever signed with nothing.
    fn default() -> Self {
        Self {
            access_ttl: 15 * MINUTE,
            refresh_ttl: 7 * DAY,
            session_ttl: DAY,
            refresh_grace: Duration::from_secs(10),
            invite_ttl: 7 * DAY,
            email_verification_ttl: 7 * DAY,
            login_stall: Duration::from_millis(500),
            register_stall: Duration::from_millis(750),
            tfa_for_static: false,
            secret: Secret::new(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())),
        }
    }
}

/// The attributes of one cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// The domain it is sent to; without one, only the host that set it.
    pub domain: Option<String>,
    /// Whether it is sent over HTTPS alone.
    pub secure: bool,
    /// Whether it accompanies requests that other sites cause.
    pub same_site: SameSite,
}

impl Cookie {
    /// A cookie of that name with the default attributes.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.into(),
            domain: None,
            secure: false,
            same_site: SameSite::default(),
        }
    }
}

/// The `SameSite` attribute of a cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// Sent on top-level navigation from other sites.
    #[default]
    Lax,
    /// Never sent on requests from other sites.
    Strict,
    /// Always sent; browsers demand `secure` with it.
    None,
}

impl SameSite {
    /// The word as it stands in `Set-Cookie`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lax => "Lax",
            Self::Strict => "Strict",
            Self::None => "None",
        }
    }
}

/// Cross-origin resource sharing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Whether any of these headers is sent.
    pub enabled: bool,
    /// Which origins are let in.
    pub origin: Origins,
    /// `Access-Control-Allow-Methods`.
    pub methods: Vec<String>,
    /// `Access-Control-Allow-Headers`.
    pub allowed_headers: Vec<String>,
    /// `Access-Control-Expose-Headers`.
    pub exposed_headers: Vec<String>,
    /// `Access-Control-Allow-Credentials`.
    pub credentials: bool,
    /// `Access-Control-Max-Age`.
    pub max_age: Duration,
}

impl Default for Cors {
    fn default() -> Self {
        let words = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        Self {
            enabled: false,
            origin: Origins::None,
            methods: words(&["GET", "POST", "PATCH", "DELETE"]),
            allowed_headers: words(&["Content-Type", "Authorization"]),
            exposed_headers: words(&["Content-Range"]),
            credentials: true,
            max_age: 300 * MINUTE,
        }
    }
}

/// Which origins `Access-Control-Allow-Origin` admits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origins {
    /// None: the header is not sent.
    #[default]
    None,
    /// The asking origin is repeated, whichever it is.
    Reflect,
    /// One fixed value (an origin or `*`), sent to everybody.
    Fixed(String),
    /// The asking origin is repeated when one of these fits.
    List(Vec<Origin>),
}

/// One member of a list of origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Exactly this origin.
    Exact(String),
    /// Any origin in which this regular expression, known to be well formed, finds a match.
    Pattern(String),
}

/// Hits per window of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Whether it is applied.
    pub enabled: bool,
    /// Hits allowed within one window.
    pub points: u32,
    /// Length of the window.
    pub duration: Duration,
}

/// A Redis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redis {
    /// Whether the connection is encrypted.
    pub encrypted: bool,
    /// The name or address of its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who asks; none where it knows one user alone.
    pub user: Option<String>,
    /// The password of that; may be empty.
    pub password: Secret,
    /// Which of its databases.
    pub database: i64,
}

/// The cost of an argon2 hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashing {
    /// Memory in KiB; at least eight times `parallelism`.
    pub memory_kib: u32,
    /// Bytes of output.
    pub length: usize,
    /// Passes over the memory.
    pub time: u32,
    /// Lanes.
    pub parallelism: u32,
    /// Variant of the function.
    pub kind: HashKind,
    /// Non-secret data mixed into every hash; empty for none.
    pub associated_data: String,
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            memory_kib: 19_456,
            length: 32,
            time: 2,
            parallelism: 1,
            kind: HashKind::default(),
            associated_data: String::new(),
        }
    }
}

/// The variants of argon2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HashKind {
    /// Argon2d.
    D,
    /// Argon2i.
    I,
    /// Argon2id.
    #[default]
    Id,
}

/// Addresses a caller may have put into a mail, each matched as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowLists {
    /// For the link that resets a password.
    pub password_reset: Vec<String>,
    /// For the link that accepts an invitation.
    pub invite: Vec<String>,
    /// For the link that confirms a registration.
    pub register: Vec<String>,
}

/// Requests that the server sends. The addresses that it never asks unless they are opened are the guard's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Egress {
    /// Addresses, networks, ranges and names that are opened.
    pub allow: Vec<String>,
    /// Addresses, networks and ranges that are refused whatever opens them.
    pub deny: Vec<String>,
    /// Certificates of authorities that are trusted beside the usual ones, in PEM.
    pub authorities: Option<String>,
}

impl Default for Egress {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            deny: vec!["0.0.0.0".into(), "169.254.169.254".into()],
            authorities: None,
        }
    }
}

/// The administrator that is made when the database is installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admin {
    /// E-mail address to log in with.
    pub email: Option<String>,
    /// Password; empty means that one is generated.
    pub password: Secret,
    /// Static token; empty for none.
    pub token: Secret,
}

/// Which peers may say, in `X-Forwarded-For`, for whom they ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TrustProxy {
    /// Nobody: the peer is the client.
    #[default]
    Never,
    /// Everybody: the leftmost address is the client. Only sound when no client reaches the port directly.
    Always,
    /// The nearest so many addresses are proxies.
    Hops(u32),
    /// Addresses within these networks are proxies; the first outside of them is the client.
    Networks(Vec<Network>),
}

/// An address block such as `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether the address lies inside; an IPv4 address in IPv6 clothes counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => masked_v4(own, self.bits) == masked_v4(other, self.bits),
            (IpAddr::V6(own), IpAddr::V6(other)) => masked_v6(own, self.bits) == masked_v6(other, self.bits),
            _ => false,
        }
    }
}

fn masked_v4(address: Ipv4Addr, bits: u8) -> u32 {
    let host_bits = 32_u32.saturating_sub(bits.into());
    u32::from(address).checked_shr(host_bits).unwrap_or(0)
}

fn masked_v6(address: Ipv6Addr, bits: u8) -> u128 {
    let host_bits = 128_u32.saturating_sub(bits.into());
    u128::from(address).checked_shr(host_bits).unwrap_or(0)
}

impl FromStr for Network {
    type Err = ();

    /// Reads `address` or `address/bits`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| ())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| ())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(width);
        if bits > width {
            Err(())
        } else {
            Ok(Self { address, bits })
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests;
