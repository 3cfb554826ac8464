//! The server's place in the network, and what browsers are let do: settings of the environment, judged by their values.
//! Must never find anything on a default that the documentation recommends.

use std::{
    net::{IpAddr, Ipv4Addr},
    str::FromStr,
    time::Duration,
};

use aedile_engine::access::ip::IpList;

use super::{
    check::{Check, Severity},
    environment::WATCHED_FAMILIES,
    facts::Facts,
    finding::Hit,
};
use crate::config::{Egress, MailTransport, Network, Origin, Origins, SameSite, TrustProxy};

/// What OWASP recommends of argon2id at least: 19 MiB with two passes, or as much work in another shape.
const HASH_MEMORY_KIB: u64 = 19 * 1024;
const HASH_WORK: u64 = 2 * HASH_MEMORY_KIB;

/// An access token that lives longer is a session that cannot be ended.
const ACCESS: Duration = Duration::from_hours(1);

/// Sessions that live longer are forgotten in browsers.
const SESSION: Duration = Duration::from_hours(30 * 24);

/// Less than this hides no hash of a password.
const STALL: Duration = Duration::from_millis(200);

/// A network of no more leading bits than these is everybody.
const WIDE_BITS: u8 = 4;

/// Addresses that a guard against requests into the own network has to refuse, one of each kind.
const INTERNAL: [&str; 9] = [
    "10.0.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "::1",
    "fc00::1",
    "fe80::1",
    "100.64.0.1",
];

/// Where clouds tell whoever asks from inside what the machine may do.
const METADATA: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254));

/// A list without gaps.
const WHOLE_LIST: &str = "0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.168.0.0/16,::/127,fc00::/7,fe80::/10";

/// What a directive of a Content-Security-Policy lets scripts come from when it lets them come from anywhere.
const ANY_SCRIPT: [&str; 6] = ["*", "'unsafe-inline'", "data:", "blob:", "http:", "https:"];

/// What lets a style sheet send what it sees to anywhere.
const ANYWHERE: [&str; 3] = ["*", "http:", "https:"];

pub(super) const TRANSPORT: &[Check] = &[
    Check {
        id: "public-url-without-tls",
        severity: Severity::High,
        title: "The server is reached without TLS",
        why: "Passwords, tokens and everything that is read go over the network in the open.",
        mend: "Serve it over HTTPS, and write that address into `PUBLIC_URL`.",
        find: without_tls,
    },
    Check {
        id: "cookies-without-secure",
        severity: Severity::Medium,
        title: "Cookies of logins travel without TLS as well",
        why: "One request over HTTP, which anybody on the way can cause, gives the session away.",
        mend: "Set `SESSION_COOKIE_SECURE` and `REFRESH_TOKEN_COOKIE_SECURE`.",
        find: insecure_cookies,
    },
    Check {
        id: "hsts-off",
        severity: Severity::Low,
        title: "Browsers are not told to come back over TLS alone",
        why: "The first request of a visit may go in the open, and whoever is on the way answers it.",
        mend: "Leave `HSTS_ENABLED` unset, or set it to true.",
        find: |facts| {
            if facts.settings.hsts || !has_tls(facts) {
                return Vec::new();
            }
            vec![Hit::setting(
                "HSTS_ENABLED",
                "it is false, and PUBLIC_URL has TLS",
                "true",
            )]
        },
    },
    Check {
        id: "cookies-cross-site",
        severity: Severity::Medium,
        title: "Cookies of logins accompany requests that other sites cause",
        why: "Any page that a user opens can act with their login.",
        mend: "Set the cookie's `SAME_SITE` to `lax` or `strict`.",
        find: cross_site_cookies,
    },
    Check {
        id: "trust-proxy-everybody",
        severity: Severity::High,
        title: "Every client is believed about its address",
        why: "Limits and rules by address are worth nothing where a header sets the address.",
        mend: "Name the proxies in `IP_TRUST_PROXY`, or how many there are.",
        find: trusts_everybody,
    },
    Check {
        id: "trust-proxy-header",
        severity: Severity::Medium,
        title: "A header of its own holds the client's address",
        why: "Whoever reaches the port without the proxy sets it; and a proxy that passes it on is believed as well.",
        mend: "Use `IP_TRUST_PROXY`, or accept the finding where a proxy always overwrites the header.",
        find: |facts| match &facts.settings.ip_custom_header {
            Some(name) => vec![Hit::setting("IP_CUSTOM_HEADER", format!("it is {name}"), "false")],
            None => Vec::new(),
        },
    },
    Check {
        id: "trust-proxy-missing",
        severity: Severity::Medium,
        title: "TLS ends at a proxy that is not trusted",
        why: "All clients seem to come from the proxy: one of them uses up the limits of all, and history tells one address.",
        mend: "Name the proxy in `IP_TRUST_PROXY`.",
        find: trusts_nobody,
    },
    Check {
        id: "database-without-tls",
        severity: Severity::High,
        title: "The connection to the database is not protected",
        why: "Everything that is stored goes over the network, and so does the password of the database.",
        mend: "Set `DB_SSL=true` (with `DB_SSL__CA` for a certificate of your own), or reach it over a socket.",
        find: open_database,
    },
    Check {
        id: "egress-open",
        severity: Severity::High,
        title: "Requests of the server may reach its own network",
        why: "Imports, flows and webhooks ask for what a user names: the metadata of the cloud, the database, the router.",
        mend: "List single hosts in `EGRESS_ALLOW_LIST`, and no networks.",
        find: open_egress,
    },
    Check {
        id: "import-deny-list-gaps",
        severity: Severity::Low,
        title: "The list of addresses that are not imported from has gaps",
        why: "Aedile refuses every address that is not global by itself; whatever else is run with this configuration does not.",
        mend: "Add the private ranges of IPv4 and IPv6 to `IMPORT_IP_DENY_LIST`, or leave it at its default.",
        find: deny_list_gaps,
    },
    Check {
        id: "mail-without-tls",
        severity: Severity::Medium,
        title: "Mails go to their server in the open",
        why: "They hold links that set passwords and let people in.",
        mend: "Set `EMAIL_SMTP_SECURE=true`, or leave `EMAIL_SMTP_IGNORE_TLS` at false.",
        find: open_mail,
    },
    Check {
        id: "mail-for-development",
        severity: Severity::Medium,
        title: "Mails of a public server end in files or in the log",
        why: "Links that set passwords lie where whoever keeps the machine, or its logs, finds them.",
        mend: "Set `EMAIL_TRANSPORT` to `smtp` or `sendmail`.",
        find: kept_mail,
    },
    Check {
        id: "reset-url-without-tls",
        severity: Severity::Medium,
        title: "Links in mails may lead to an address without TLS",
        why: "The link holds a token that sets a password.",
        mend: "List addresses with `https://` alone.",
        find: insecure_links,
    },
];

pub(super) const LIMITS: &[Check] = &[
    Check {
        id: "rate-limit-off",
        severity: Severity::Medium,
        title: "Requests are not limited",
        why: "Guessing, collecting and overloading are as fast as the network.",
        mend: "Set `RATE_LIMITER_ENABLED=true`, or accept the finding where a proxy limits requests.",
        find: |facts| {
            if facts.settings.rate_limit.enabled {
                return Vec::new();
            }
            vec![Hit::setting("RATE_LIMITER_ENABLED", "it is false", "true")]
        },
    },
    Check {
        id: "login-unlimited",
        severity: Severity::Medium,
        title: "Wrong passwords are not limited by address",
        why: "One machine tries passwords of many users as fast as the server hashes, and suspends them while it does.",
        mend: "Set `RATE_LIMITER_LOGIN_ENABLED=true`.",
        find: |facts| {
            if facts.settings.rate_limit_login.enabled {
                return Vec::new();
            }
            vec![Hit::setting("RATE_LIMITER_LOGIN_ENABLED", "it is false", "true")]
        },
    },
    Check {
        id: "password-hash-cheap",
        severity: Severity::Low,
        title: "Hashes of passwords cost less than recommended",
        why: "Should the hashes ever get lost, their cost decides how many passwords do.",
        mend: "Set `HASH_MEMORY_COST=19456` with `HASH_TIME_COST=2`, or more. Old hashes go on being taken.",
        find: cheap_hashes,
    },
    Check {
        id: "tokens-long-lived",
        severity: Severity::Low,
        title: "Tokens or sessions live long",
        why: "What is stolen works for as long as it lives.",
        mend: "Leave `ACCESS_TOKEN_TTL` at minutes, and sessions at days.",
        find: long_lived,
    },
    Check {
        id: "login-stall-off",
        severity: Severity::Medium,
        title: "How long a login takes tells whether the user exists",
        why: "A list of addresses becomes a list of users.",
        mend: "Leave `LOGIN_STALL_TIME` at 500 or above.",
        find: |facts| {
            let stall = facts.settings.tokens.login_stall;
            if stall >= STALL {
                return Vec::new();
            }
            vec![Hit::setting(
                "LOGIN_STALL_TIME",
                format!("it is {} ms", stall.as_millis()),
                "500",
            )]
        },
    },
    Check {
        id: "cors-any-origin",
        severity: Severity::High,
        title: "Every website may act with the logins of its visitors",
        why: "A page that a user opens reads and writes as that user.",
        mend: "List the origins in `CORS_ORIGIN`, or set `CORS_CREDENTIALS=false`.",
        find: any_origin,
    },
    Check {
        id: "csp-any-script",
        severity: Severity::High,
        title: "The Content-Security-Policy lets scripts come from anywhere",
        why: "It is what stands between text that somebody stored and the session of who reads it.",
        mend: "Name the hosts of scripts, or leave the directive out.",
        find: any_script,
    },
    Check {
        id: "csp-with-custom-css",
        severity: Severity::Medium,
        title: "A style sheet of the project's own may send what it sees to anywhere",
        why: "Style sheets read what is typed, character by character, and send it away as addresses of pictures and fonts.",
        mend: "Name the hosts in the directives for pictures, fonts and styles, or take `custom_css` away.",
        find: custom_css,
    },
    Check {
        id: "websocket-public",
        severity: Severity::High,
        title: "WebSockets may be opened without a login",
        why: "A socket that begins as nobody is open to everybody, and other servers of this interface have taken it for everything.",
        mend: "Set `WEBSOCKETS_REST_AUTH=handshake` or `strict`.",
        find: |facts| match facts.environment.variable("WEBSOCKETS_REST_AUTH") {
            Some("public") => vec![Hit::setting("WEBSOCKETS_REST_AUTH", "it is public", "handshake")],
            _ => Vec::new(),
        },
    },
];

/// The host of an address, without its port.
fn host(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = after.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || IpAddr::from_str(host).is_ok_and(|ip| ip.is_loopback())
}

/// Whether an address is asked without TLS, over a network.
pub(super) fn is_open(url: &str) -> bool {
    url.starts_with("http://") && !is_this_machine(host(url))
}

fn without_tls(facts: &Facts) -> Vec<Hit> {
    let url = &facts.settings.public_url;
    if !is_open(url) {
        return Vec::new();
    }
    vec![Hit::setting(
        "PUBLIC_URL",
        format!("it is {url}"),
        &url.replacen("http://", "https://", 1),
    )]
}

fn has_tls(facts: &Facts) -> bool {
    facts.settings.public_url.starts_with("https://")
}

fn insecure_cookies(facts: &Facts) -> Vec<Hit> {
    let settings = &facts.settings;
    [
        ("SESSION_COOKIE_SECURE", &settings.session_cookie),
        ("REFRESH_TOKEN_COOKIE_SECURE", &settings.refresh_cookie),
    ]
    .into_iter()
    .filter(|(_, cookie)| has_tls(facts) && !cookie.secure)
    .map(|(name, _)| Hit::setting(name, "it is false, and PUBLIC_URL has TLS", "true"))
    .collect()
}

fn cross_site_cookies(facts: &Facts) -> Vec<Hit> {
    let settings = &facts.settings;
    [
        ("SESSION_COOKIE_SAME_SITE", &settings.session_cookie),
        ("REFRESH_TOKEN_COOKIE_SAME_SITE", &settings.refresh_cookie),
    ]
    .into_iter()
    .filter(|(_, cookie)| cookie.same_site == SameSite::None)
    .map(|(name, _)| Hit::setting(name, "it is none", "lax"))
    .collect()
}

/// Whether a block of addresses is nearly all of them.
fn is_wide(network: &Network) -> bool {
    let text = network.to_string();
    let bits = text.rsplit('/').next().and_then(|bits| bits.parse::<u8>().ok());
    bits.is_some_and(|bits| bits <= WIDE_BITS)
}

fn trusts_everybody(facts: &Facts) -> Vec<Hit> {
    let evidence = match &facts.settings.trust_proxy {
        TrustProxy::Always => "it is true".to_owned(),
        TrustProxy::Networks(networks) => match networks.iter().find(|network| is_wide(network)) {
            Some(network) => format!("it names {network}"),
            None => return Vec::new(),
        },
        TrustProxy::Never | TrustProxy::Hops(_) => return Vec::new(),
    };
    vec![Hit::setting("IP_TRUST_PROXY", evidence, "1")]
}

fn trusts_nobody(facts: &Facts) -> Vec<Hit> {
    let known = facts.settings.trust_proxy != TrustProxy::Never || facts.settings.ip_custom_header.is_some();
    if known || !has_tls(facts) {
        return Vec::new();
    }
    // Aedile speaks no TLS by itself: somebody in front of it does.
    vec![Hit::setting(
        "IP_TRUST_PROXY",
        "PUBLIC_URL has TLS, so a proxy stands in front; none is trusted",
        "1",
    )]
}

fn open_database(facts: &Facts) -> Vec<Hit> {
    let Some(link) = facts.environment.database.as_ref().filter(|link| !link.is_local) else {
        return Vec::new();
    };
    match (link.is_encrypted, link.is_verified) {
        (true, true) => Vec::new(),
        (true, false) => vec![Hit::setting(
            "DB_SSL__REJECT_UNAUTHORIZED",
            "the server is another machine, and any certificate is taken",
            "true",
        )],
        (false, _) => vec![Hit::setting(
            "DB_SSL",
            "the server is another machine, and the connection is open",
            "true",
        )],
    }
}

fn internal() -> impl Iterator<Item = IpAddr> {
    INTERNAL.iter().filter_map(|address| address.parse().ok())
}

/// Whether an address, a network or a range covers an address; names cover none.
fn covers(entry: &str, address: IpAddr) -> bool {
    IpList::parse([entry]).is_ok_and(|list| list.has(Some(address)))
}

/// Whether an entry opens more of the own network than one host, or the metadata of the cloud.
fn is_too_wide(entry: &str) -> bool {
    let several = entry.contains(['/', '-', '*']);
    covers(entry, METADATA) || several && internal().any(|address| covers(entry, address))
}

fn open_egress(facts: &Facts) -> Vec<Hit> {
    let listed = facts.settings.egress.allow.iter().map(String::as_str);
    let (open, kept): (Vec<&str>, Vec<&str>) = listed.partition(|entry| is_too_wide(entry));
    if open.is_empty() {
        return Vec::new();
    }
    let evidence = format!("it opens {}", open.join(", "));
    vec![Hit::setting("EGRESS_ALLOW_LIST", evidence, &kept.join(","))]
}

fn deny_list_gaps(facts: &Facts) -> Vec<Hit> {
    let listed = &facts.settings.egress.deny;
    let open: Vec<String> = internal()
        .filter(|address| !listed.iter().any(|entry| covers(entry, *address)))
        .map(|address| address.to_string())
        .collect();
    // The default is no list that somebody wrote.
    if open.is_empty() || *listed == Egress::default().deny {
        return Vec::new();
    }
    vec![Hit::setting(
        "IMPORT_IP_DENY_LIST",
        format!("it lets pass {}", open.join(", ")),
        WHOLE_LIST,
    )]
}

fn open_mail(facts: &Facts) -> Vec<Hit> {
    let mail = &facts.settings.mail;
    let far = mail.smtp.host.as_deref().filter(|host| !is_this_machine(host));
    match far {
        Some(host) if mail.transport == MailTransport::Smtp && mail.smtp.ignore_tls && !mail.smtp.secure => {
            let evidence = format!("it is true, and mails go to {host}");
            vec![Hit::setting("EMAIL_SMTP_IGNORE_TLS", evidence, "false")]
        }
        _ => Vec::new(),
    }
}

fn kept_mail(facts: &Facts) -> Vec<Hit> {
    let kept = match facts.settings.mail.transport {
        MailTransport::File => "file",
        MailTransport::Log => "log",
        MailTransport::Smtp | MailTransport::Sendmail => return Vec::new(),
    };
    if !has_tls(facts) {
        return Vec::new();
    }
    let evidence = format!("it is {kept}, and PUBLIC_URL is one that others reach");
    vec![Hit::setting("EMAIL_TRANSPORT", evidence, "smtp")]
}

fn insecure_links(facts: &Facts) -> Vec<Hit> {
    let lists = &facts.settings.allow_lists;
    [
        ("PASSWORD_RESET_URL_ALLOW_LIST", &lists.password_reset),
        ("USER_INVITE_URL_ALLOW_LIST", &lists.invite),
        ("USER_REGISTER_URL_ALLOW_LIST", &lists.register),
    ]
    .into_iter()
    .filter_map(|(name, list)| {
        let open: Vec<&str> = list.iter().map(String::as_str).filter(|url| is_open(url)).collect();
        let mended: Vec<String> = list.iter().map(|url| url.replacen("http://", "https://", 1)).collect();
        (!open.is_empty()).then(|| Hit::setting(name, format!("it lists {}", open.join(", ")), &mended.join(",")))
    })
    .collect()
}

fn cheap_hashes(facts: &Facts) -> Vec<Hit> {
    let cost = &facts.settings.hashing;
    let memory = u64::from(cost.memory_kib);
    let work = memory.saturating_mul(u64::from(cost.time));
    // Half the memory with more passes is as much work; much less memory is not, whatever the passes.
    if work >= HASH_WORK && memory.saturating_mul(3) >= HASH_MEMORY_KIB {
        return Vec::new();
    }
    vec![Hit::setting(
        "HASH_MEMORY_COST",
        format!("a hash takes {memory} KiB with {} passes", cost.time),
        &HASH_MEMORY_KIB.to_string(),
    )]
}

fn long_lived(facts: &Facts) -> Vec<Hit> {
    let tokens = &facts.settings.tokens;
    [
        ("ACCESS_TOKEN_TTL", tokens.access_ttl, ACCESS, "15m"),
        ("REFRESH_TOKEN_TTL", tokens.refresh_ttl, SESSION, "7d"),
        ("SESSION_COOKIE_TTL", tokens.session_ttl, SESSION, "1d"),
    ]
    .into_iter()
    .filter(|(_, life, most, _)| life > most)
    .map(|(name, life, _, usual)| Hit::setting(name, format!("it is {} hours", life.as_secs() / 3600), usual))
    .collect()
}

fn any_origin(facts: &Facts) -> Vec<Hit> {
    let cors = &facts.settings.cors;
    if !(cors.enabled && cors.credentials) {
        return Vec::new();
    }
    let evidence = match &cors.origin {
        Origins::Reflect => "any origin is let in, with its logins".to_owned(),
        Origins::List(list) => {
            let open = list.iter().find_map(|origin| match origin {
                // One that is not tied to its end fits any name that holds it.
                Origin::Pattern(pattern) if !pattern.ends_with('$') || pattern.contains(".*$") => Some(pattern),
                Origin::Pattern(_) | Origin::Exact(_) => None,
            });
            let Some(pattern) = open else { return Vec::new() };
            format!("the pattern {pattern} fits origins of anybody")
        }
        Origins::None | Origins::Fixed(_) => return Vec::new(),
    };
    vec![Hit::setting("CORS_ORIGIN", evidence, "https://app.example.com")]
}

/// What a directive that is written lets in, of these; with the name of its variable.
fn directives(facts: &Facts, names: &[&str], open: &[&str]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for family in WATCHED_FAMILIES {
        for name in names {
            let variable = format!("{family}{name}");
            let listed = facts.environment.list(&variable);
            let words: Vec<&str> = listed.iter().flat_map(|part| part.split_whitespace()).collect();
            let (open, kept): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| open.contains(*word));
            if !open.is_empty() {
                let kept = if kept.is_empty() {
                    "'self'".to_owned()
                } else {
                    kept.join(",")
                };
                hits.push(Hit::setting(&variable, format!("it allows {}", open.join(" ")), &kept));
            }
        }
    }
    hits
}

fn any_script(facts: &Facts) -> Vec<Hit> {
    let scripts = ["SCRIPT_SRC", "SCRIPT_SRC_ELEM", "SCRIPT_SRC_ATTR", "DEFAULT_SRC"];
    directives(facts, &scripts, &ANY_SCRIPT)
}

fn custom_css(facts: &Facts) -> Vec<Hit> {
    if facts.project_text("custom_css").is_none() {
        return Vec::new();
    }
    let loads = ["IMG_SRC", "FONT_SRC", "STYLE_SRC", "MEDIA_SRC", "DEFAULT_SRC"];
    let mut hits = directives(facts, &loads, &ANYWHERE);
    for hit in &mut hits {
        hit.evidence = format!("custom_css is set, and {}", hit.evidence);
    }
    hits
}
