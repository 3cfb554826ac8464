//! The one table of settings: every variable Aedile knows, its kind, its default and what it does.
//! A variable that is not here does not exist: nothing else may read the environment.

use std::marker::PhantomData;

use aedile_platform::config::{ClientAuth, Driver, HashKind, MailTransport, SameSite, Scope, SsoMode};

use super::kind::{
    Attribute, Boolean, Choice, CorsOrigin, DirectoryUrl, Email, Endless, Kind, List, Masked, Members, Names, Networks,
    Openings, Optional, OrFalse, PrivateKeys, Proxies, PublicUrl, RedisUrl, Seconds, Size, Text, Time, Token, Urls,
    Uuid, Whole,
};
use super::raw::Raw;
use super::words::{DbClient, LimitStore, LogLevel, LogStyle, NewLine};

/// One setting.
pub struct Setting<K> {
    /// The variable's name.
    pub name: &'static str,
    /// The value when it is not set, as it would be written; empty for none.
    pub default: &'static str,
    /// What it does.
    pub doc: &'static str,
    kind: PhantomData<fn() -> K>,
}

/// A setting of any kind.
pub trait Entry: Sync {
    /// The variable's name.
    fn name(&self) -> &'static str;
    /// The value when it is not set, as it would be written; empty for none.
    fn default(&self) -> &'static str;
    /// What it does.
    fn doc(&self) -> &'static str;
    /// The end of the sentence "it takes …".
    fn takes(&self) -> String;
    /// Whether its values are masked.
    fn is_secret(&self) -> bool;
    /// Whether a value fits.
    #[cfg(test)]
    fn accepts(&self, raw: &Raw) -> bool;
}

impl<K: Kind> Entry for Setting<K> {
    fn name(&self) -> &'static str {
        self.name
    }
    fn default(&self) -> &'static str {
        self.default
    }
    fn doc(&self) -> &'static str {
        self.doc
    }
    fn takes(&self) -> String {
        K::takes()
    }
    fn is_secret(&self) -> bool {
        K::SECRET
    }
    #[cfg(test)]
    fn accepts(&self, raw: &Raw) -> bool {
        K::parse(raw).is_some()
    }
}

impl<K: Kind> Setting<K> {
    /// The default as a written value.
    pub fn default_raw(&self) -> Raw {
        Raw::Plain(self.default.into())
    }
}

/// Settings that belong together.
pub struct Group {
    /// Their heading.
    pub title: &'static str,
    /// The settings, in the order in which they are shown.
    pub entries: &'static [&'static dyn Entry],
}

/// Every setting in the order of the table.
pub fn entries() -> impl Iterator<Item = &'static dyn Entry> {
    GROUPS.iter().flat_map(|group| group.entries.iter().copied())
}

/// How the names of settings begin that each identity provider has.
const PROVIDERS: &str = "AUTH__";

/// The name of a setting of a provider; other settings keep their names.
pub fn of_provider(name: &str, provider: &str) -> String {
    match name.strip_prefix(PROVIDERS) {
        Some(rest) => format!("AUTH_{}_{rest}", provider.to_ascii_uppercase().replace('-', "_")),
        None => name.to_owned(),
    }
}

/// Whether a variable is a setting, of a provider perhaps.
pub fn is_known(name: &str) -> bool {
    entries().any(|entry| match entry.name().strip_prefix(PROVIDERS) {
        Some(rest) => {
            let own = name.strip_prefix("AUTH_").and_then(|own| own.strip_suffix(rest));
            own.is_some_and(|provider| provider.len() > 1 && provider.ends_with('_'))
        }
        None => entry.name() == name,
    })
}

/// The names that a misspelt one may be meant to be.
pub fn plain_names() -> impl Iterator<Item = &'static str> {
    entries()
        .map(|entry| entry.name())
        .filter(|name| !name.starts_with(PROVIDERS))
}

macro_rules! settings {
    ($($title:literal { $($name:ident: $kind:ty = $default:literal, $doc:literal;)* })*) => {
        $($(
            #[doc = $doc]
            #[allow(non_upper_case_globals, reason = "two of them are called so by whoever sets them")]
            pub static $name: Setting<$kind> =
                Setting { name: stringify!($name), default: $default, doc: $doc, kind: PhantomData };
        )*)*
        /// The whole table.
        pub static GROUPS: &[Group] = &[$(Group { title: $title, entries: &[$(&$name),*] }),*];
    };
}

settings! {
    "Server" {
        HOST: Text = "0.0.0.0", "Address or host name the server listens on.";
        PORT: Whole<u16, 0, 65_535> = "8055", "Port the server listens on; 0 lets the system choose a free one.";
        PUBLIC_URL: PublicUrl = "/", "Where clients reach the server; used in links and redirects.";
        ROOT_REDIRECT: OrFalse<Text> = "./admin", "Where `/` redirects to; `false` switches the redirect off.";
        SERVE_APP: Boolean = "true", "Whether the Studio is served under `/admin`.";
        OPENAPI_ENABLED: Boolean = "true", "Whether `/server/specs/oas` describes the API to its callers.";
        ROBOTS_TXT: Text = "User-agent: *\nDisallow: /", "The text answered at `/robots.txt`.";
        SERVER_SHUTDOWN_TIMEOUT: Time<0> = "1000", "How long running requests may take to finish once the server is told to stop.";
        SERVER_HEADERS_TIMEOUT: Time<1> = "30s", "How long a client may take to send a request's head, and to begin the next request on an open connection.";
        SERVER_RESPONSE_TIMEOUT: Time<1> = "60s", "How long a client may leave an answer untaken before it is cut off: in this time it has to take 64 KiB, or the rest.";
        SERVER_BODY_TIMEOUT: Time<1> = "60s", "How long a request's body may take to arrive; imports have `IMPORT_TIMEOUT`.";
        HSTS_ENABLED: Optional<Boolean> = "", "Whether browsers are told to come back over HTTPS alone; without a word, when `PUBLIC_URL` begins with `https:`.";
        IP_TRUST_PROXY: Proxies = "false", "Which proxies in front of the server are believed when they name the client's address in `X-Forwarded-For`.";
        IP_CUSTOM_HEADER: OrFalse<Token> = "false", "A request header that holds the client's address; set it only when a proxy always overwrites that header.";
    }
    "Database" {
        DB_CLIENT: Choice<DbClient> = "sqlite3", "Kind of database: SQLite, PostgreSQL, or MariaDB by either of its names; `cockroachdb` is spoken to as PostgreSQL.";
        DB_FILENAME: Text = "./data/aedile.db", "The SQLite file; made when it does not exist.";
        DB_HOST: Text = "localhost", "Where the database server is: a name, an address, or its socket (of PostgreSQL the folder it is in, of MariaDB its path).";
        DB_PORT: Optional<Whole<u16, 1, 65_535>> = "", "Port of the database server; without one, the usual port of its kind.";
        DB_DATABASE: Optional<Text> = "", "Name of the database on that server.";
        DB_USER: Optional<Text> = "", "Who Aedile is to the database server.";
        DB_PASSWORD: Masked = "", "Password of that user.";
        DB_CONNECTION_STRING: Masked = "", "All of that in one, `postgres://user:password@host:port/database` or `mysql://..`; then the single settings do not count.";
        DB_SSL: Boolean = "false", "Whether the connection to a database server is encrypted; the server has to show a certificate for its name.";
        DB_SSL__CA: Optional<Text> = "", "Certificates of the authorities that are trusted, in PEM form, instead of those that browsers trust; encrypts the connection.";
        DB_SSL__REJECT_UNAUTHORIZED: Optional<Boolean> = "", "`false` takes any certificate: encrypted, but not known with whom; either value encrypts the connection.";
        DB_SSL__CERT: Optional<Text> = "", "Certificate that the server is shown, in PEM form, with `DB_SSL__KEY`; encrypts the connection.";
        DB_SSL__KEY: Masked = "", "Key of that certificate, in PEM form.";
        DB_SEARCH_PATH: List = "", "Schemas of a PostgreSQL database in which tables are looked for; new ones are made in the first.";
        DB_POOL__MAX: Whole<usize, 1, 1000> = "10", "Transactions that run on a database server at the same time, each on a connection of its own.";
        DB_STATEMENT_TIMEOUT: Time<100> = "30s", "How long one statement may run.";
        DB_EXCLUDE_TABLES: List = "spatial_ref_sys,sysdiagrams", "Tables that are treated as if they did not exist.";
    }
    "First administrator" {
        ADMIN_EMAIL: Optional<Email> = "", "E-mail address of the user that is created with a new database.";
        ADMIN_PASSWORD: Masked = "", "Password of that user; without one, a password is made up and printed once.";
        ADMIN_TOKEN: Masked = "", "Static access token of that user.";
    }
    "Tokens and sessions" {
        SECRET: Masked = "", "Signs every token. Without one, a random secret is made and kept beside the SQLite file.";
        ACCESS_TOKEN_TTL: Time<1> = "15m", "How long an access token is valid.";
        REFRESH_TOKEN_TTL: Time<1> = "7d", "How long a refresh token and its cookie are valid.";
        SESSION_COOKIE_TTL: Time<1> = "1d", "How long a session and its cookie are valid.";
        SESSION_REFRESH_GRACE_PERIOD: Time<0> = "10s", "How long a session that was just refreshed still serves requests already under way.";
        USER_INVITE_TOKEN_TTL: Time<1> = "7d", "How long the link in an invitation is valid.";
        EMAIL_VERIFICATION_TOKEN_TTL: Time<1> = "7d", "How long the link that confirms a registration is valid.";
        LOGIN_STALL_TIME: Time<0> = "500", "The least time a login takes, so that its duration does not tell whether a user exists.";
        REGISTER_STALL_TIME: Time<0> = "750", "The least time a registration takes, for the same reason.";
        TFA_ENFORCE_STATIC_TOKENS: Boolean = "false", "Whether policies that ask for a second factor hold up static tokens, too, of users who have none.";
        PASSWORD_RESET_URL_ALLOW_LIST: Urls = "", "Addresses a request for a new password may name as `reset_url`.";
        USER_INVITE_URL_ALLOW_LIST: Urls = "", "Addresses an invitation may name as `invite_url`.";
        USER_REGISTER_URL_ALLOW_LIST: Urls = "", "Addresses a registration may name as `verification_url`.";
    }
    "Cookies" {
        REFRESH_TOKEN_COOKIE_NAME: Token = "directus_refresh_token", "Name of the refresh cookie.";
        REFRESH_TOKEN_COOKIE_DOMAIN: Optional<Text> = "", "Domain of the refresh cookie; without one, only the host that set it gets it back.";
        REFRESH_TOKEN_COOKIE_SECURE: Optional<Boolean> = "", "Whether the refresh cookie travels over HTTPS only; without a word, when `PUBLIC_URL` begins with `https:`.";
        REFRESH_TOKEN_COOKIE_SAME_SITE: Choice<SameSite> = "lax", "The `SameSite` attribute of the refresh cookie.";
        SESSION_COOKIE_NAME: Token = "directus_session_token", "Name of the session cookie.";
        SESSION_COOKIE_DOMAIN: Optional<Text> = "", "Domain of the session cookie; without one, only the host that set it gets it back.";
        SESSION_COOKIE_SECURE: Optional<Boolean> = "", "Whether the session cookie travels over HTTPS only; without a word, when `PUBLIC_URL` begins with `https:`.";
        SESSION_COOKIE_SAME_SITE: Choice<SameSite> = "lax", "The `SameSite` attribute of the session cookie.";
    }
    "Cross-origin requests" {
        CORS_ENABLED: Boolean = "false", "Whether CORS headers are sent.";
        CORS_ORIGIN: CorsOrigin = "false", "Which origins are admitted.";
        CORS_METHODS: List = "GET,POST,PATCH,DELETE", "Methods that are admitted.";
        CORS_ALLOWED_HEADERS: List = "Content-Type,Authorization", "Request headers that are admitted.";
        CORS_EXPOSED_HEADERS: List = "Content-Range", "Answer headers that scripts may read.";
        CORS_CREDENTIALS: Boolean = "true", "Whether cookies and logins are admitted.";
        CORS_MAX_AGE: Seconds<0> = "18000", "How many seconds browsers may keep the answer to a preflight request.";
    }
    "Rate limits" {
        RATE_LIMITER_ENABLED: Boolean = "false", "Whether requests are limited per client address.";
        RATE_LIMITER_POINTS: Whole<u32, 1, 1_000_000_000> = "50", "Requests one address may make within the window.";
        RATE_LIMITER_DURATION: Seconds<1> = "1", "Length of that window in seconds.";
        RATE_LIMITER_GLOBAL_ENABLED: Boolean = "false", "Whether the requests of all clients together are limited.";
        RATE_LIMITER_GLOBAL_POINTS: Whole<u32, 1, 1_000_000_000> = "1000", "Requests all clients may make within the window.";
        RATE_LIMITER_GLOBAL_DURATION: Seconds<1> = "1", "Length of that window in seconds.";
        RATE_LIMITER_REGISTRATION_ENABLED: Boolean = "true", "Whether registrations are limited per client address.";
        RATE_LIMITER_REGISTRATION_POINTS: Whole<u32, 1, 1_000_000_000> = "5", "Registrations one address may make within the window.";
        RATE_LIMITER_REGISTRATION_DURATION: Seconds<1> = "60", "Length of that window in seconds.";
        RATE_LIMITER_LOGIN_ENABLED: Boolean = "true", "Whether wrong passwords and codes, and requests for a new password, are limited per client address.";
        RATE_LIMITER_LOGIN_POINTS: Whole<u32, 1, 1_000_000_000> = "20", "How many of these one address may send within the window.";
        RATE_LIMITER_LOGIN_DURATION: Seconds<1> = "60", "Length of that window in seconds.";
        RATE_LIMITER_STORE: Choice<LimitStore> = "memory", "Where these limits, and wrong passwords in a row, are counted: by each process for itself, or in a Redis that all of them share.";
        REDIS: Optional<RedisUrl> = "", "Where that Redis is, in one; then the single settings do not count.";
        REDIS_HOST: Optional<Text> = "", "Its name or address.";
        REDIS_PORT: Whole<u16, 1, 65_535> = "6379", "Its port.";
        REDIS_USERNAME: Optional<Text> = "", "Who Aedile is to it.";
        REDIS_PASSWORD: Masked = "", "The password of that.";
        REDIS_DB: Whole<i64, 0, 65_535> = "0", "Which of its databases.";
    }
    "Request limits" {
        MAX_PAYLOAD_SIZE: Size = "1mb", "The largest request body.";
        MAX_BATCH_MUTATION: Endless<Whole<usize, 1, 1_000_000_000>> = "Infinity", "Items one request may create, update or delete.";
        EXPORT_BATCH_SIZE: Whole<usize, 1, 1_000_000> = "5000", "Rows that an export reads at a time; a list of no more is read at once.";
        IMPORT_MAX_FILE_SIZE: Size = "50mb", "The largest file that items, or a snapshot of the schema, are read from.";
        IMPORT_TIMEOUT: Time<1> = "1h", "How long an import may take.";
        IMPORT_MAX_CONCURRENCY: Whole<usize, 1, 10_000> = "20", "Imports at the same time.";
        MAX_IMPORT_ERRORS: Whole<usize, 1, 1_000_000> = "1000", "Failed validations of an import that are collected before it ends.";
        MAX_RELATIONAL_DEPTH: Whole<usize, 2, 100> = "10", "Relations that a field, filter or sort may pass through.";
        MAX_JSON_QUERY_DEPTH: Whole<usize, 1, 100> = "10", "Steps of a path into a JSON field.";
        QUERY_LIMIT_DEFAULT: Endless<Whole<u32, 1, 2_147_483_647>> = "100", "Items of a list when the request names no limit.";
        QUERY_LIMIT_MAX: Endless<Whole<u32, 1, 2_147_483_647>> = "-1", "The highest limit a request may name.";
        QUERYSTRING_MAX_PARSE_DEPTH: Whole<usize, 1, 100> = "10", "Nested brackets in the query string.";
        QUERYSTRING_ARRAY_LIMIT: Whole<usize, 1, 100_000> = "500", "Members of an array in the query string.";
    }
    "Single sign-on" {
        AUTH_PROVIDERS: Names = "", "Identity providers, in the order in which they are offered: docs/single-sign-on.md. Each has the settings below, with its name in upper case in place of `<PROVIDER>` (`-` becomes `_`).";
        AUTH_DISABLE_DEFAULT: Boolean = "false", "Whether nobody logs in with a password.";
        AUTH__DRIVER: Choice<Driver> = "openid", "What the provider speaks: OpenID Connect, OAuth 2 with an address that tells who somebody is, LDAP, or SAML (a beta, in binaries built with it).";
        AUTH__CLIENT_ID: Text = "", "Who Aedile is to the provider.";
        AUTH__CLIENT_SECRET: Masked = "", "The secret of that; without one, PKCE alone proves it.";
        AUTH__CLIENT_TOKEN_ENDPOINT_AUTH_METHOD: Choice<ClientAuth> = "client_secret_basic", "How Aedile shows who it is: the secret in a header or in the form, or what a private key has signed.";
        AUTH__PRIVATE_KEYS: Optional<PrivateKeys> = "", "Keys for `private_key_jwt`, RSA, P-256, P-384 or Ed25519; the first that can sign does. The provider knows their public parts.";
        AUTH__ISSUER_URL: Optional<Text> = "", "Where an OpenID provider describes itself: its address, or that of its `/.well-known/openid-configuration`.";
        AUTH__AUTHORIZE_URL: Optional<Text> = "", "The page of an OAuth 2 provider.";
        AUTH__ACCESS_URL: Optional<Text> = "", "Where an OAuth 2 provider exchanges codes.";
        AUTH__PROFILE_URL: Optional<Text> = "", "Where an OAuth 2 provider tells who somebody is.";
        AUTH__SCOPE: Optional<Text> = "", "What is asked for; without it `openid profile email`, and `email` of an OAuth 2 provider.";
        AUTH__PARAMS: Members = "{}", "What is added to the address of the provider's page.";
        AUTH__MODE: Choice<SsoMode> = "session", "How tokens travel: a session in a cookie, or a refresh token in one.";
        AUTH__REDIRECT_ALLOW_LIST: Urls = "", "Where people may be led after logging in, beside the project itself.";
        AUTH__IDENTIFIER_KEY: Optional<Text> = "", "The claim that says who somebody is; without it `sub`, the address of an OAuth 2 provider, and of a SAML one `http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier`.";
        AUTH__EMAIL_KEY: Optional<Text> = "", "The claim with the address; without it `email`, and of a SAML provider `http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress`.";
        AUTH__FIRST_NAME_KEY: Text = "given_name", "The claim with the first name; `a.b` is `b` within `a`.";
        AUTH__LAST_NAME_KEY: Text = "family_name", "The claim with the last name.";
        AUTH__ALLOW_PUBLIC_REGISTRATION: Optional<Boolean> = "", "Whether whoever comes for the first time becomes a user; without a word, those of a directory (LDAP) do.";
        AUTH__REQUIRE_VERIFIED_EMAIL: Boolean = "false", "Whether that needs an address that the provider says it has verified.";
        AUTH__DEFAULT_ROLE_ID: Optional<Uuid> = "", "The role of those who become users.";
        AUTH__SYNC_USER_INFO: Boolean = "false", "Whether names and address follow the provider's at each login.";
        AUTH__ROLE_MAPPING: Members = "{}", "Groups and the ids of the roles that they mean, the first that fits first; it holds at each login, and who is in none has the usual role.";
        AUTH__GROUP_CLAIM_NAME: Text = "groups", "The claim with the groups.";
        AUTH__CLIENT_URL: Optional<DirectoryUrl> = "", "Where a directory (LDAP) is.";
        AUTH__CLIENT_START_TLS: Optional<Boolean> = "", "Whether an `ldap:` connection is encrypted by StartTLS before anything is said; without a word it is, unless the directory is on this machine.";
        AUTH__BIND_DN: Text = "", "Who looks for people in the directory; empty for nobody in particular.";
        AUTH__BIND_PASSWORD: Masked = "", "The password of that.";
        AUTH__USER_DN: Optional<Text> = "", "Where people are in the directory.";
        AUTH__USER_ATTRIBUTE: Attribute = "cn", "What they call themselves by when they log in.";
        AUTH__USER_SCOPE: Choice<Scope> = "one", "How far below they are: right below, at that very place, or anywhere below.";
        AUTH__MAIL_ATTRIBUTE: Attribute = "mail", "The attribute with the address.";
        AUTH__FIRST_NAME_ATTRIBUTE: Attribute = "givenName", "The attribute with the first name.";
        AUTH__LAST_NAME_ATTRIBUTE: Attribute = "sn", "The attribute with the last name.";
        AUTH__GROUP_DN: Optional<Text> = "", "Where groups are in the directory; with it the role follows from them at each login, by `ROLE_MAPPING`, or by being called as a group is.";
        AUTH__GROUP_ATTRIBUTE: Attribute = "member", "The attribute of a group with its members: their entries, or of `memberUid` their user names.";
        AUTH__GROUP_SCOPE: Choice<Scope> = "one", "How far below groups are.";
        AUTH__IDP_metadata: Optional<Text> = "", "How a SAML provider describes itself: XML (the text itself, or a file by `AUTH_<PROVIDER>_IDP_metadata_FILE`).";
        AUTH__SP_metadata: Optional<Text> = "", "How the project describes itself to it; without one it does so by itself, at `/auth/login/<provider>/metadata`.";
        AUTH__GIVEN_NAME_KEY: Text = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "The attribute of a SAML provider with the first name.";
        AUTH__FAMILY_NAME_KEY: Text = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "The attribute of a SAML provider with the last name.";
        AUTH__LABEL: Optional<Text> = "", "The provider's name for people; without it, its name.";
        AUTH__ICON: Text = "account_circle", "The name of its picture.";
    }
    "Mail" {
        EMAIL_TRANSPORT: Choice<MailTransport> = "sendmail", "How mails leave: by the system's `sendmail`, by a mail server (`smtp`), or for development into files (`file`) or into the log (`log`, with the link at LOG_LEVEL `debug`).";
        EMAIL_FROM: Email = "no-reply@example.com", "The address that mails come from; the project's name is put before it.";
        EMAIL_TEMPLATES_PATH: Text = "./templates", "Folder of templates that take the place of the built-in ones: docs/mail.md.";
        EMAIL_VERIFY_SETUP: Boolean = "true", "Whether it is tried at the start whether mails can leave, and told in the log when they cannot.";
        EMAIL_SENDMAIL_PATH: Text = "/usr/sbin/sendmail", "The program of transport `sendmail`.";
        EMAIL_SENDMAIL_NEW_LINE: Choice<NewLine> = "unix", "How lines end that it is given.";
        EMAIL_SMTP_HOST: Optional<Text> = "", "The mail server of transport `smtp`.";
        EMAIL_SMTP_PORT: Optional<Whole<u16, 1, 65_535>> = "", "Its port; without one 465 with `EMAIL_SMTP_SECURE`, and 587 without.";
        EMAIL_SMTP_USER: Optional<Text> = "", "Who Aedile is to the mail server.";
        EMAIL_SMTP_PASSWORD: Masked = "", "Password of that user. It is only sent encrypted, unless `EMAIL_SMTP_IGNORE_TLS` says otherwise.";
        EMAIL_SMTP_SECURE: Boolean = "false", "Whether the connection is encrypted from its first byte; without it, it is by `STARTTLS`, which a password insists on.";
        EMAIL_SMTP_IGNORE_TLS: Boolean = "false", "Whether `STARTTLS` is never used.";
        EMAIL_SMTP_NAME: Optional<Text> = "", "What Aedile calls itself to the mail server.";
        EMAIL_SMTP_CA: Optional<Text> = "", "Certificate of an authority, in PEM form, that is trusted beside those that browsers trust.";
        EMAIL_FILE_PATH: Text = "./mails", "Folder that transport `file` writes to, a file for each mail.";
    }
    "Outgoing requests" {
        EGRESS_ALLOW_LIST: Openings = "", "What the server may ask although it is not on the public internet: addresses, networks, ranges (`10.0.0.1-10.0.0.9`), and names with or without a port.";
        EGRESS_CA: Optional<Text> = "", "Certificates of authorities, in PEM form, that are trusted beside those that browsers trust.";
        IMPORT_IP_DENY_LIST: Networks = "0.0.0.0,169.254.169.254", "Addresses, networks and ranges that the server never asks, whatever else opens them.";
    }
    "Password hashes" {
        HASH_MEMORY_COST: Whole<u32, 8, 4_194_304> = "19456", "Memory of one hash in KiB; at least eight times `HASH_PARALLELISM`.";
        HASH_LENGTH: Whole<usize, 16, 64> = "32", "Length of a hash in bytes.";
        HASH_TIME_COST: Whole<u32, 1, 1000> = "2", "Passes over the memory.";
        HASH_PARALLELISM: Whole<u32, 1, 255> = "1", "Lanes of one hash.";
        HASH_TYPE: Choice<HashKind> = "2", "Variant: 0 is argon2d, 1 is argon2i, 2 is argon2id.";
        HASH_ASSOCIATED_DATA: Text = "", "Extra data, not secret, that goes into every hash; 32 bytes at most.";
    }
    "Logging" {
        LOG_LEVEL: Choice<LogLevel> = "info", "The least important messages that are still logged.";
        LOG_STYLE: Choice<LogStyle> = "pretty", "Lines for people (`pretty`) or one JSON object per line (`raw`).";
        LOG_HTTP_IGNORE_PATHS: List = "", "Request paths that are left out of the log.";
    }
}
