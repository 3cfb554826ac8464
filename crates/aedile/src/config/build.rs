//! Turns the sources into the typed configuration: reads every setting of the table once, then judges them together.
//! It collects faults instead of stopping at the first.

use std::borrow::Cow;
use std::collections::BTreeMap;

use aedile_engine::schema::system::is_system;
use aedile_platform::{
    audit::{WATCHED, WATCHED_FAMILIES},
    config::{
        Admin, AllowLists, Cookie, Cors, Egress, Hashing, Import, Limits, MASK, Mail, MailTransport, Origins,
        RateLimit, Redis, SameSite, Secret, Sendmail, Settings, Smtp, Tokens, TrustProxy,
    },
};

use super::kind::Kind;
use super::providers;
use super::source::{Found, Source, Sources};
use super::table::{self, Setting};
use super::words::{LimitStore, NewLine};
use super::{Config, Database, DatabaseServer, Effective, Logging, Problem, Problems, Tls};

/// How much of a malformed value is repeated in the complaint, in characters.
const SHOWN: usize = 80;
/// A signing secret with fewer bytes can be found by trying.
const SHORT_SECRET: usize = 32;

/// The configuration the sources describe.
pub fn config(mut sources: Sources) -> Result<Config, Problems> {
    let problems = std::mem::take(&mut sources.problems);
    let mut reader = Reader {
        sources: &sources,
        problems,
        effective: Vec::new(),
        secrets: Vec::new(),
    };
    let settings = settings(&mut reader);
    let database = database(&mut reader);
    let logging = Logging {
        level: reader.get(&table::LOG_LEVEL),
        style: reader.get(&table::LOG_STYLE),
    };
    let Reader {
        mut problems,
        mut effective,
        secrets,
        ..
    } = reader;
    problems.extend(contradictions(&settings));
    problems.extend(providers::contradictions(&settings));
    problems.extend(hidden_system(&database));
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let place = |name: &str| table::entries().position(|entry| entry.name() == name);
    effective.sort_by_key(|setting| place(setting.setting));
    let mut warnings = std::mem::take(&mut sources.warnings);
    warnings.extend(doubts(&settings));
    Ok(Config {
        settings,
        database,
        logging,
        warnings,
        effective,
        secrets,
        watched: watched(&sources),
    })
}

/// What audits look at besides the table. What cannot be read is not obeyed either.
fn watched(sources: &Sources) -> BTreeMap<String, String> {
    let families = WATCHED_FAMILIES.iter().flat_map(|start| sources.beginning(start));
    let names = WATCHED.into_iter().chain(families);
    let written = names.filter_map(|name| Some((name.to_owned(), sources.find(name, false).ok()??.text)));
    written.collect()
}

pub(super) struct Reader<'a> {
    sources: &'a Sources,
    problems: Vec<Problem>,
    effective: Vec<Effective>,
    secrets: Vec<(Cow<'static, str>, Secret)>,
}

impl Reader<'_> {
    /// The value of a setting, or its default; a fault is kept and ends the start later.
    pub(super) fn get<K: Kind>(&mut self, setting: &Setting<K>) -> K::Value {
        self.read(setting, Cow::Borrowed(setting.name))
    }

    /// The value of a setting that each identity provider has.
    pub(super) fn of<K: Kind>(&mut self, provider: &str, setting: &Setting<K>) -> K::Value {
        self.read(setting, Cow::Owned(table::of_provider(setting.name, provider)))
    }

    fn read<K: Kind>(&mut self, setting: &Setting<K>, name: Cow<'static, str>) -> K::Value {
        match self.sources.find(&name, K::EMPTY_COUNTS) {
            Ok(None) => self.default(setting, name),
            Ok(Some(found)) => self.take(setting, name, found),
            Err(problem) => {
                self.problems.push(problem);
                K::Value::default()
            }
        }
    }

    fn default<K: Kind>(&mut self, setting: &Setting<K>, name: Cow<'static, str>) -> K::Value {
        self.note(setting, name, setting.default.to_owned(), Source::Default);
        K::parse(&setting.default_raw()).unwrap_or_default()
    }

    fn take<K: Kind>(&mut self, setting: &Setting<K>, name: Cow<'static, str>, found: Found) -> K::Value {
        let why = match &found.raw {
            Ok(None) => return self.default(setting, name),
            Ok(Some(raw)) => match K::parse(raw) {
                Some(value) => {
                    let text = raw.to_string();
                    if K::SECRET && !text.is_empty() {
                        self.secrets.push((name.clone(), Secret::new(text.clone())));
                    }
                    self.note(setting, name, text, found.source);
                    return value;
                }
                None => format!("it takes {}", K::takes()),
            },
            Err(why) => (*why).to_owned(),
        };
        let shown = if K::SECRET {
            "has a value".to_owned()
        } else {
            format!("is {}", clipped(&found.text))
        };
        self.problems
            .push(Problem(format!("{name} ({}) {shown}, but {why}.", found.source)));
        K::Value::default()
    }

    fn note<K: Kind>(&mut self, setting: &Setting<K>, name: Cow<'static, str>, value: String, source: Source) {
        let value = if K::SECRET && !value.is_empty() {
            MASK.to_owned()
        } else {
            value
        };
        self.effective.push(Effective {
            name,
            setting: setting.name,
            value,
            source,
        });
    }
}

fn clipped(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return format!("{text:?}");
    }
    format!("{:?}…", text.chars().take(SHOWN).collect::<String>())
}

fn settings(reader: &mut Reader<'_>) -> Settings {
    let public_url = reader.get(&table::PUBLIC_URL);
    let encrypted = public_url.starts_with("https:");
    Settings {
        hsts: reader.get(&table::HSTS_ENABLED).unwrap_or(encrypted),
        public_url,
        host: reader.get(&table::HOST),
        port: reader.get(&table::PORT),
        shutdown_timeout: reader.get(&table::SERVER_SHUTDOWN_TIMEOUT),
        head_timeout: reader.get(&table::SERVER_HEADERS_TIMEOUT),
        response_timeout: reader.get(&table::SERVER_RESPONSE_TIMEOUT),
        body_timeout: reader.get(&table::SERVER_BODY_TIMEOUT),
        trust_proxy: reader.get(&table::IP_TRUST_PROXY),
        ip_custom_header: reader.get(&table::IP_CUSTOM_HEADER),
        serve_app: reader.get(&table::SERVE_APP),
        openapi: reader.get(&table::OPENAPI_ENABLED),
        root_redirect: reader.get(&table::ROOT_REDIRECT),
        robots_txt: reader.get(&table::ROBOTS_TXT),
        log_ignore_paths: reader.get(&table::LOG_HTTP_IGNORE_PATHS),
        limits: limits(reader),
        tokens: tokens(reader),
        refresh_cookie: Cookie {
            name: reader.get(&table::REFRESH_TOKEN_COOKIE_NAME),
            domain: reader.get(&table::REFRESH_TOKEN_COOKIE_DOMAIN),
            secure: reader.get(&table::REFRESH_TOKEN_COOKIE_SECURE).unwrap_or(encrypted),
            same_site: reader.get(&table::REFRESH_TOKEN_COOKIE_SAME_SITE),
        },
        session_cookie: Cookie {
            name: reader.get(&table::SESSION_COOKIE_NAME),
            domain: reader.get(&table::SESSION_COOKIE_DOMAIN),
            secure: reader.get(&table::SESSION_COOKIE_SECURE).unwrap_or(encrypted),
            same_site: reader.get(&table::SESSION_COOKIE_SAME_SITE),
        },
        cors: cors(reader),
        rate_limit: RateLimit {
            enabled: reader.get(&table::RATE_LIMITER_ENABLED),
            points: reader.get(&table::RATE_LIMITER_POINTS),
            duration: reader.get(&table::RATE_LIMITER_DURATION),
        },
        rate_limit_global: RateLimit {
            enabled: reader.get(&table::RATE_LIMITER_GLOBAL_ENABLED),
            points: reader.get(&table::RATE_LIMITER_GLOBAL_POINTS),
            duration: reader.get(&table::RATE_LIMITER_GLOBAL_DURATION),
        },
        rate_limit_registration: RateLimit {
            enabled: reader.get(&table::RATE_LIMITER_REGISTRATION_ENABLED),
            points: reader.get(&table::RATE_LIMITER_REGISTRATION_POINTS),
            duration: reader.get(&table::RATE_LIMITER_REGISTRATION_DURATION),
        },
        rate_limit_login: RateLimit {
            enabled: reader.get(&table::RATE_LIMITER_LOGIN_ENABLED),
            points: reader.get(&table::RATE_LIMITER_LOGIN_POINTS),
            duration: reader.get(&table::RATE_LIMITER_LOGIN_DURATION),
        },
        shared_limits: shared_limits(reader),
        hashing: hashing(reader),
        allow_lists: AllowLists {
            password_reset: reader.get(&table::PASSWORD_RESET_URL_ALLOW_LIST),
            invite: reader.get(&table::USER_INVITE_URL_ALLOW_LIST),
            register: reader.get(&table::USER_REGISTER_URL_ALLOW_LIST),
        },
        sso: providers::sso(reader),
        mail: mail(reader),
        egress: Egress {
            allow: reader.get(&table::EGRESS_ALLOW_LIST),
            deny: reader.get(&table::IMPORT_IP_DENY_LIST),
            authorities: reader.get(&table::EGRESS_CA),
        },
        admin: Admin {
            email: reader.get(&table::ADMIN_EMAIL),
            password: reader.get(&table::ADMIN_PASSWORD),
            token: reader.get(&table::ADMIN_TOKEN),
        },
    }
}

fn shared_limits(reader: &mut Reader<'_>) -> Option<Redis> {
    let store = reader.get(&table::RATE_LIMITER_STORE);
    let whole = reader.get(&table::REDIS);
    let parts = Redis {
        encrypted: false,
        host: reader.get(&table::REDIS_HOST).unwrap_or_default(),
        port: reader.get(&table::REDIS_PORT),
        user: reader.get(&table::REDIS_USERNAME),
        password: reader.get(&table::REDIS_PASSWORD),
        database: reader.get(&table::REDIS_DB),
    };
    (store == LimitStore::Redis).then(|| whole.unwrap_or(parts))
}

fn limits(reader: &mut Reader<'_>) -> Limits {
    Limits {
        payload_bytes: reader.get(&table::MAX_PAYLOAD_SIZE),
        batch_mutation: reader.get(&table::MAX_BATCH_MUTATION),
        export_batch: reader.get(&table::EXPORT_BATCH_SIZE),
        import: Import {
            file_bytes: reader.get(&table::IMPORT_MAX_FILE_SIZE),
            time: reader.get(&table::IMPORT_TIMEOUT),
            at_once: reader.get(&table::IMPORT_MAX_CONCURRENCY),
            errors: reader.get(&table::MAX_IMPORT_ERRORS),
        },
        relational_depth: reader.get(&table::MAX_RELATIONAL_DEPTH),
        query_limit_default: reader.get(&table::QUERY_LIMIT_DEFAULT),
        query_limit_max: reader.get(&table::QUERY_LIMIT_MAX),
        querystring_depth: reader.get(&table::QUERYSTRING_MAX_PARSE_DEPTH),
        querystring_array: reader.get(&table::QUERYSTRING_ARRAY_LIMIT),
        json_depth: reader.get(&table::MAX_JSON_QUERY_DEPTH),
    }
}

fn tokens(reader: &mut Reader<'_>) -> Tokens {
    Tokens {
        access_ttl: reader.get(&table::ACCESS_TOKEN_TTL),
        refresh_ttl: reader.get(&table::REFRESH_TOKEN_TTL),
        session_ttl: reader.get(&table::SESSION_COOKIE_TTL),
        refresh_grace: reader.get(&table::SESSION_REFRESH_GRACE_PERIOD),
        invite_ttl: reader.get(&table::USER_INVITE_TOKEN_TTL),
        email_verification_ttl: reader.get(&table::EMAIL_VERIFICATION_TOKEN_TTL),
        login_stall: reader.get(&table::LOGIN_STALL_TIME),
        register_stall: reader.get(&table::REGISTER_STALL_TIME),
        tfa_for_static: reader.get(&table::TFA_ENFORCE_STATIC_TOKENS),
        secret: reader.get(&table::SECRET),
    }
}

fn cors(reader: &mut Reader<'_>) -> Cors {
    Cors {
        enabled: reader.get(&table::CORS_ENABLED),
        origin: reader.get(&table::CORS_ORIGIN),
        methods: reader.get(&table::CORS_METHODS),
        allowed_headers: reader.get(&table::CORS_ALLOWED_HEADERS),
        exposed_headers: reader.get(&table::CORS_EXPOSED_HEADERS),
        credentials: reader.get(&table::CORS_CREDENTIALS),
        max_age: reader.get(&table::CORS_MAX_AGE),
    }
}

fn mail(reader: &mut Reader<'_>) -> Mail {
    Mail {
        transport: reader.get(&table::EMAIL_TRANSPORT),
        from: reader.get(&table::EMAIL_FROM),
        templates: reader.get(&table::EMAIL_TEMPLATES_PATH).into(),
        verify: reader.get(&table::EMAIL_VERIFY_SETUP),
        folder: reader.get(&table::EMAIL_FILE_PATH).into(),
        sendmail: Sendmail {
            path: reader.get(&table::EMAIL_SENDMAIL_PATH).into(),
            crlf: reader.get(&table::EMAIL_SENDMAIL_NEW_LINE) == NewLine::Windows,
        },
        smtp: Smtp {
            host: reader.get(&table::EMAIL_SMTP_HOST),
            port: reader.get(&table::EMAIL_SMTP_PORT),
            user: reader.get(&table::EMAIL_SMTP_USER),
            password: reader.get(&table::EMAIL_SMTP_PASSWORD),
            secure: reader.get(&table::EMAIL_SMTP_SECURE),
            ignore_tls: reader.get(&table::EMAIL_SMTP_IGNORE_TLS),
            name: reader.get(&table::EMAIL_SMTP_NAME),
            authorities: reader.get(&table::EMAIL_SMTP_CA),
        },
    }
}

fn hashing(reader: &mut Reader<'_>) -> Hashing {
    Hashing {
        memory_kib: reader.get(&table::HASH_MEMORY_COST),
        length: reader.get(&table::HASH_LENGTH),
        time: reader.get(&table::HASH_TIME_COST),
        parallelism: reader.get(&table::HASH_PARALLELISM),
        kind: reader.get(&table::HASH_TYPE),
        associated_data: reader.get(&table::HASH_ASSOCIATED_DATA),
    }
}

fn database(reader: &mut Reader<'_>) -> Database {
    Database {
        client: reader.get(&table::DB_CLIENT),
        filename: reader.get(&table::DB_FILENAME).into(),
        exclude_tables: reader.get(&table::DB_EXCLUDE_TABLES),
        statement_limit: reader.get(&table::DB_STATEMENT_TIMEOUT),
        server: DatabaseServer {
            connection: reader.get(&table::DB_CONNECTION_STRING),
            host: reader.get(&table::DB_HOST),
            port: reader.get(&table::DB_PORT),
            database: reader.get(&table::DB_DATABASE),
            user: reader.get(&table::DB_USER),
            password: reader.get(&table::DB_PASSWORD),
            tls: Tls {
                wanted: reader.get(&table::DB_SSL),
                authorities: reader.get(&table::DB_SSL__CA),
                verified: reader.get(&table::DB_SSL__REJECT_UNAUTHORIZED),
                certificate: reader.get(&table::DB_SSL__CERT),
                key: reader.get(&table::DB_SSL__KEY),
            },
            search_path: reader.get(&table::DB_SEARCH_PATH),
            writers: reader.get(&table::DB_POOL__MAX),
        },
    }
}

/// Values that are fine alone but cannot stand together.
fn contradictions(settings: &Settings) -> Vec<Problem> {
    let hashing = &settings.hashing;
    let mut problems = Vec::new();
    // A malformed value reads as zero here and has its own complaint already.
    if hashing.memory_kib > 0 && hashing.memory_kib < hashing.parallelism.saturating_mul(8) {
        problems.push(Problem(format!(
            "HASH_MEMORY_COST is {}, but HASH_PARALLELISM {} needs at least eight times as much.",
            hashing.memory_kib, hashing.parallelism
        )));
    }
    if settings
        .shared_limits
        .as_ref()
        .is_some_and(|redis| redis.host.is_empty())
    {
        problems.push(Problem(
            "RATE_LIMITER_STORE is redis, but neither REDIS nor REDIS_HOST says where that is.".into(),
        ));
    }
    let (refresh, session) = (&settings.refresh_cookie, &settings.session_cookie);
    if !refresh.name.is_empty() && refresh.name == session.name {
        problems.push(Problem(format!(
            "REFRESH_TOKEN_COOKIE_NAME and SESSION_COOKIE_NAME are both {:?}, but two cookies need two names.",
            refresh.name
        )));
    }
    problems
}

/// Nothing works without the system's tables.
fn hidden_system(database: &Database) -> Option<Problem> {
    let mut tables = database.exclude_tables.iter();
    let table = tables.find(|table| is_system(&table.to_ascii_lowercase()))?;
    Some(Problem(format!(
        "DB_EXCLUDE_TABLES names {table:?}, but the system's own tables cannot be left out."
    )))
}

/// Values that are allowed but probably not meant.
fn doubts(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    for (prefix, cookie) in [
        ("REFRESH_TOKEN", &settings.refresh_cookie),
        ("SESSION", &settings.session_cookie),
    ] {
        if cookie.same_site == SameSite::None && !cookie.secure {
            warnings.push(format!(
                "{prefix}_COOKIE_SAME_SITE is none without {prefix}_COOKIE_SECURE: browsers drop such a cookie"
            ));
        }
    }
    let cors = &settings.cors;
    if cors.enabled && cors.credentials && cors.origin == Origins::Fixed("*".into()) {
        warnings.push("CORS_ORIGIN is * with CORS_CREDENTIALS: browsers refuse that pair; name the origins".into());
    }
    if cors.enabled && cors.credentials && cors.origin == Origins::Reflect {
        warnings
            .push("CORS_ORIGIN is true with CORS_CREDENTIALS: any website may act with its visitors' logins".into());
    }
    if settings.mail.transport == MailTransport::Smtp && settings.public_url == "/" {
        warnings.push("EMAIL_TRANSPORT is smtp without PUBLIC_URL: links in mails lead nowhere".into());
    }
    warnings.extend(providers::doubts(settings));
    let secret = settings.tokens.secret.expose().len();
    if secret > 0 && secret < SHORT_SECRET {
        warnings.push(format!(
            "SECRET has only {secret} bytes; use at least {SHORT_SECRET} (`aedile secret generate`)"
        ));
    }
    if settings.trust_proxy == TrustProxy::Always {
        warnings.push("IP_TRUST_PROXY is true: whoever reaches the port directly can claim any address".into());
    }
    warnings
}
