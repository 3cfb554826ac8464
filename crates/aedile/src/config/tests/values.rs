//! What every setting takes and refuses, and what the values mean.

use aedile_auth::sso::SPEAKS_SAML;
use aedile_platform::config::{Driver, Provider, Saml};

use super::*;
use crate::config::providers::fault_of_saml;

#[test]
fn the_defaults_are_those_the_platform_documents() {
    let (read, documented) = (settings(&[]), Settings::default());
    assert!(read.tokens.secret.is_empty());
    let mut documented_without_secret = documented;
    documented_without_secret.tokens.secret = read.tokens.secret.clone();
    assert_eq!(format!("{read:?}"), format!("{documented_without_secret:?}"));
}

#[test]
fn every_default_is_a_value_its_setting_takes() {
    for entry in table::entries() {
        assert!(
            entry.accepts(&Raw::Plain(entry.default().into())),
            "{} refuses its default",
            entry.name()
        );
        assert!(
            entry.doc().ends_with('.'),
            "{}: the description is a sentence",
            entry.name()
        );
    }
}

#[test]
fn every_setting_is_read_once_and_in_order() {
    let config = load(&Folder::new(), &[]).unwrap();
    let read: Vec<_> = config.effective.iter().map(|setting| setting.setting).collect();
    let known: Vec<_> = table::plain_names().collect();
    assert_eq!(read, known);
}

#[test]
fn values_are_taken_or_refused() {
    #[rustfmt::skip]
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("PORT", &["0", "80", "65535", "number:80", "json:80", "string:80"], &["-1", "65536", "80a", "8e1", "0x50", "80.5", "number:x", "json:{}", "json:[80]"]),
        ("SERVE_APP", &["true", "FALSE", "1", "0", "json:false"], &["yes", "on", "2", "truee"]),
        ("ACCESS_TOKEN_TTL", &["15m", "7d", "1", "900000", "1.5h", "2 days", "10S", "1y", "1w"], &["0", "-1", "15x", "m", "15 m 3", "1e3", "200y", "Infinity", "1..5h"]),
        ("LOGIN_STALL_TIME", &["0", "500"], &["-1", "soon"]),
        ("MAX_PAYLOAD_SIZE", &["1", "1mb", "1.5MB", "500 kb", "2gb"], &["0", "-1mb", "1m", "1 mib", "mb", "999999tb"]),
        ("MAX_BATCH_MUTATION", &["Infinity", "infinity", "INFINITY", "-1", "1", "10"], &["0", "-2", "many"]),
        ("QUERY_LIMIT_MAX", &["-1", "Infinity", "20"], &["0", "-5", "99999999999"]),
        ("MAX_RELATIONAL_DEPTH", &["2", "10"], &["1", "101", "Infinity"]),
        ("DB_CLIENT", &["sqlite3", "pg", "postgres", "mysql", "mariadb", "cockroachdb", "PG"], &["sqlite", "oracledb", "mssql", "sqlite3 "]),
        ("LOG_LEVEL", &["trace", "debug", "info", "warn", "error", "fatal", "silent"], &["verbose", "off"]),
        ("LOG_STYLE", &["pretty", "raw"], &["json"]),
        ("SESSION_COOKIE_SAME_SITE", &["lax", "Strict", "none"], &["loose", "true"]),
        ("SESSION_COOKIE_NAME", &["my_session"], &["a b", "a;b", "a=b"]),
        ("HASH_TYPE", &["0", "1", "2"], &["3", "argon2id"]),
        ("HASH_MEMORY_COST", &["8", "65536"], &["7", "64mb"]),
        ("PUBLIC_URL", &["/", "https://example.com", "http://localhost:8055/", "https://example.com/cms"], &["example.com", "https://", "ftp://example.com", "https://a?b", "https://u:p@h", "https:///x"]),
        ("ROOT_REDIRECT", &["false", "./admin", "https://example.com"], &["json:[1]"]),
        ("IP_CUSTOM_HEADER", &["false", "X-Client-IP"], &["X Client", "a:b"]),
        ("IP_TRUST_PROXY", &["true", "false", "0", "2", "10.0.0.0/8", "loopback, 192.168.1.1", "::1", "json:[\"10.0.0.0/8\"]"], &["10.0.0.0/33", "proxy.local", "-1", ","]),
        ("CORS_ORIGIN", &["true", "false", "*", "https://a.example", "https://a.example,https://b.example", r"regex:\.example$", r"array:string:https://a.example,regex:\.b$"], &["regex:(", ",", "json:{}"]),
        ("CORS_MAX_AGE", &["0", "600"], &["10m", "-1"]),
        ("RATE_LIMITER_DURATION", &["1", "60"], &["0", "1s"]),
        ("RATE_LIMITER_POINTS", &["1"], &["0", "Infinity"]),
        ("ADMIN_EMAIL", &["a@b.c", "admin@localhost"], &["admin", "@b", "a@", "a b@c"]),
        ("USER_INVITE_URL_ALLOW_LIST", &["https://a.example", "myapp://invite,https://b.example/x"], &["a.example", "https://a.example,/relative", "://x"]),
        ("DB_EXCLUDE_TABLES", &["a,b", "a", "json:[\"a\",\"b\"]", "array:a,b"], &["json:{\"a\":1}", "json:[[1]]"]),
        ("HASH_LENGTH", &["16", "64"], &["15", "65"]),
    ];
    let folder = Folder::new();
    for (name, good, bad) in cases {
        for value in *good {
            assert!(
                load(&folder, &[(name, value)]).is_ok(),
                "{name}={value} should be taken"
            );
        }
        for value in *bad {
            let complaint = complaints(&folder, &[(name, value)]);
            assert!(
                complaint.contains(&format!("{name} (environment) is {value:?}, but ")),
                "{complaint}"
            );
        }
    }
}

#[test]
fn values_mean_what_they_say() {
    let read = settings(&[
        ("ACCESS_TOKEN_TTL", "1.5h"),
        ("REFRESH_TOKEN_TTL", "2000"),
        ("SESSION_COOKIE_TTL", "1w"),
        ("MAX_PAYLOAD_SIZE", "2kb"),
        ("MAX_BATCH_MUTATION", "4"),
        ("QUERY_LIMIT_DEFAULT", "-1"),
        ("QUERY_LIMIT_MAX", "3"),
        ("SESSION_COOKIE_SAME_SITE", "none"),
        ("SESSION_COOKIE_DOMAIN", "example.com"),
        ("HASH_TYPE", "1"),
        ("PUBLIC_URL", "https://example.com/cms/"),
        ("ROOT_REDIRECT", "false"),
        ("IP_CUSTOM_HEADER", "X-Real-IP"),
        ("CORS_ORIGIN", "https://a.example, https://b.example/"),
        ("CORS_EXPOSED_HEADERS", ""),
        ("CORS_MAX_AGE", "600"),
        ("RATE_LIMITER_REGISTRATION_DURATION", "2"),
    ]);
    assert_eq!(read.tokens.access_ttl, Duration::from_secs(5400));
    assert_eq!(read.tokens.refresh_ttl, Duration::from_secs(2));
    assert_eq!(read.tokens.session_ttl, Duration::from_secs(604_800));
    assert_eq!(read.limits.payload_bytes, 2048);
    assert_eq!(read.limits.batch_mutation, Some(4));
    assert_eq!(
        (read.limits.query_limit_default, read.limits.query_limit_max),
        (None, Some(3))
    );
    assert_eq!(read.session_cookie.same_site, SameSite::None);
    assert_eq!(read.session_cookie.domain.as_deref(), Some("example.com"));
    assert_eq!(read.hashing.kind, HashKind::I);
    assert_eq!(read.public_url, "https://example.com/cms");
    assert_eq!(read.root_redirect, None);
    assert_eq!(read.ip_custom_header.as_deref(), Some("X-Real-IP"));
    let exact = |text: &str| Origin::Exact(text.into());
    assert_eq!(
        read.cors.origin,
        Origins::List(vec![exact("https://a.example"), exact("https://b.example")])
    );
    assert!(read.cors.exposed_headers.is_empty());
    assert_eq!(read.cors.max_age, Duration::from_secs(600));
    assert_eq!(read.rate_limit_registration.duration, Duration::from_secs(2));
}

#[test]
fn casts_decide_what_a_value_is() {
    let read = settings(&[
        ("CORS_ORIGIN", r"array:string:https://a.example,regex:\.b\.example$"),
        ("CORS_METHODS", "string:GET,POST"),
        ("CORS_ALLOWED_HEADERS", r#"json:["X-A","X-B, C"]"#),
        ("HOST", "string:json:odd"),
        ("ROBOTS_TXT", "json:null"),
    ]);
    let expected = vec![
        Origin::Exact("https://a.example".into()),
        Origin::Pattern(r"\.b\.example$".into()),
    ];
    assert_eq!(read.cors.origin, Origins::List(expected));
    assert_eq!(read.cors.methods, ["GET,POST"]);
    assert_eq!(read.cors.allowed_headers, ["X-A", "X-B, C"]);
    assert_eq!(read.host, "json:odd");
    assert_eq!(read.robots_txt, Settings::default().robots_txt);
}

#[test]
fn proxies_are_read_in_every_form() {
    let proxies = |value| settings(&[("IP_TRUST_PROXY", value)]).trust_proxy;
    assert_eq!(proxies("true"), TrustProxy::Always);
    assert_eq!(proxies("0"), TrustProxy::Never);
    assert_eq!(proxies("2"), TrustProxy::Hops(2));
    let TrustProxy::Networks(networks) = proxies("loopback,203.0.113.0/24") else {
        panic!("not networks")
    };
    let shown: Vec<_> = networks.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["127.0.0.0/8", "::1/128", "203.0.113.0/24"]);
}

#[test]
fn doubtful_values_are_warned_of() {
    let warned = |pairs: &[(&str, &str)]| load(&Folder::new(), pairs).unwrap().warnings.join("\n");
    assert_eq!(warned(&[]), "");
    assert!(warned(&[("SESSION_COOKIE_SAME_SITE", "none")]).contains("SESSION_COOKIE_SECURE"));
    assert_eq!(
        warned(&[("SESSION_COOKIE_SAME_SITE", "none"), ("SESSION_COOKIE_SECURE", "true")]),
        ""
    );
    assert!(warned(&[("CORS_ENABLED", "true"), ("CORS_ORIGIN", "*")]).contains("CORS_ORIGIN is *"));
    assert!(warned(&[("CORS_ENABLED", "true"), ("CORS_ORIGIN", "true")]).contains("any website"));
    assert!(warned(&[("SECRET", "short")]).contains("SECRET has only 5 bytes"));
    assert!(warned(&[("IP_TRUST_PROXY", "true")]).contains("IP_TRUST_PROXY"));
}

#[test]
fn what_is_not_served_is_refused_in_one_line() {
    let served = |pairs: &[(&str, &str)]| load(&Folder::new(), pairs).unwrap().database.check_served();
    assert_eq!(served(&[]), Ok(()));
    for client in ["pg", "postgres", "cockroachdb", "mysql", "mariadb"] {
        let refused = served(&[("DB_CLIENT", client), ("DB_USER", "me")]).unwrap_err();
        assert!(
            refused.0.contains("DB_DATABASE") && !refused.0.contains('\n'),
            "{refused}"
        );
        assert_eq!(
            served(&[("DB_CLIENT", client), ("DB_USER", "me"), ("DB_DATABASE", "data")]),
            Ok(())
        );
        assert_eq!(served(&[("DB_CLIENT", client), ("DB_CONNECTION_STRING", "x")]), Ok(()));
    }
    for client in ["pg", "mysql"] {
        let encrypted = [("DB_CLIENT", client), ("DB_CONNECTION_STRING", "x"), ("DB_SSL", "true")];
        assert_eq!(served(&encrypted), Ok(()));
    }
}

#[test]
fn the_systems_tables_cannot_be_left_out() {
    let complaint = complaints(&Folder::new(), &[("DB_EXCLUDE_TABLES", "notes,Directus_Users")]);
    assert!(complaint.contains("\"Directus_Users\""), "{complaint}");
}

#[test]
fn providers_have_settings_of_their_own() {
    let given = [
        ("PUBLIC_URL", "https://example.com"),
        ("AUTH_PROVIDERS", "google,my-hub"),
        ("AUTH_GOOGLE_CLIENT_ID", "one"),
        ("AUTH_GOOGLE_CLIENT_SECRET", "hush"),
        ("AUTH_GOOGLE_ISSUER_URL", "https://accounts.google.com"),
        ("AUTH_MY_HUB_DRIVER", "oauth2"),
        ("AUTH_MY_HUB_CLIENT_ID", "two"),
        ("AUTH_MY_HUB_AUTHORIZE_URL", "https://hub.example/page"),
        ("AUTH_MY_HUB_ACCESS_URL", "https://hub.example/token"),
        ("AUTH_MY_HUB_PROFILE_URL", "https://hub.example/me"),
        ("AUTH_MY_HUB_EMAIL_KEY", "mail"),
        ("AUTH_MY_HUB_PARAMS", "{\"prompt\":\"login\"}"),
        (
            "AUTH_MY_HUB_ROLE_MAPPING",
            "json:{\"z\":\"2f24211d-d928-469a-aea3-3c8f53d4e426\",\"a\":\"2f24211d-d928-469a-aea3-3c8f53d4e427\"}",
        ),
    ];
    let config = load(&Folder::new(), &given).unwrap();
    let [google, hub] = &config.settings.sso.providers[..] else {
        panic!()
    };
    assert_eq!(
        (google.scope.as_str(), google.identifier_key.as_str()),
        ("openid profile email", "sub")
    );
    assert_eq!(
        (google.label.as_str(), google.client_secret.expose()),
        ("google", "hush")
    );
    assert_eq!((hub.scope.as_str(), hub.identifier_key.as_str()), ("email", "mail"));
    assert_eq!(hub.params["prompt"], "login");
    assert_eq!(
        hub.role_mapping
            .iter()
            .map(|(group, _)| group.as_str())
            .collect::<Vec<_>>(),
        ["z", "a"]
    );
    assert_eq!(value_of(&config, "AUTH_GOOGLE_CLIENT_SECRET").value, "********");
    let without = |name: &str| {
        let left: Vec<_> = given.into_iter().filter(|(own, _)| *own != name).collect();
        complaints(&Folder::new(), &left)
    };
    for name in [
        "PUBLIC_URL",
        "AUTH_GOOGLE_CLIENT_ID",
        "AUTH_GOOGLE_ISSUER_URL",
        "AUTH_MY_HUB_PROFILE_URL",
    ] {
        assert!(without(name).contains(name), "{}", without(name));
    }
    for (name, value) in [
        ("AUTH_GOOGLE_DRIVER", "kerberos"),
        ("AUTH_GOOGLE_ISSUER_URL", "ftp://x"),
        ("AUTH_GOOGLE_DEFAULT_ROLE_ID", "editors"),
        ("AUTH_MY_HUB_ROLE_MAPPING", "{\"a\":\"editors\"}"),
        ("AUTH_GOOGLE_PRIVATE_KEYS", "[]"),
        ("AUTH_GOOGLE_PRIVATE_KEYS", "{\"kty\":\"RSA\"}"),
        ("AUTH_PROVIDERS", "default"),
        ("AUTH_PROVIDERS", "a/b"),
    ] {
        let told = complaints(&Folder::new(), &[&given[..], &[(name, value)]].concat());
        assert!(told.contains(name), "{told}");
    }
}

#[test]
fn private_keys_are_a_list_or_a_set() {
    let keys = |written: Option<&str>| {
        let mut given = vec![
            ("PUBLIC_URL", "https://example.com"),
            ("AUTH_PROVIDERS", "google"),
            ("AUTH_GOOGLE_CLIENT_ID", "one"),
            ("AUTH_GOOGLE_CLIENT_TOKEN_ENDPOINT_AUTH_METHOD", "private_key_jwt"),
            ("AUTH_GOOGLE_ISSUER_URL", "https://accounts.google.com"),
        ];
        given.extend(written.map(|keys| ("AUTH_GOOGLE_PRIVATE_KEYS", keys)));
        load(&Folder::new(), &given).map(|config| config.settings.sso.providers[0].private_keys.clone())
    };
    for written in [
        "[{\"kty\":\"EC\"}]",
        "json:[{\"kty\":\"EC\"}]",
        "{\"keys\":[{\"kty\":\"EC\"}]}",
        "json:{\"keys\":[{\"kty\":\"EC\"}]}",
    ] {
        let keys = keys(Some(written)).unwrap();
        assert_eq!(
            keys.iter().map(|key| key.expose()).collect::<Vec<_>>(),
            ["{\"kty\":\"EC\"}"],
            "{written}"
        );
    }
    assert!(keys(None).unwrap_err().to_string().contains("AUTH_GOOGLE_PRIVATE_KEYS"));
}

#[test]
fn a_directory_is_a_provider_with_settings_of_its_own() {
    let given = [
        ("AUTH_PROVIDERS", "office"),
        ("AUTH_OFFICE_DRIVER", "ldap"),
        ("AUTH_OFFICE_CLIENT_URL", "ldap://ldap.example.com"),
        ("AUTH_OFFICE_BIND_DN", "cn=reader,dc=example,dc=com"),
        ("AUTH_OFFICE_BIND_PASSWORD", "hush"),
        ("AUTH_OFFICE_USER_DN", "ou=people,dc=example,dc=com"),
    ];
    let with = |more: &[(&'static str, &'static str)]| {
        let rest = given
            .into_iter()
            .filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
        rest.chain(more.iter().copied()).collect::<Vec<_>>()
    };
    let config = load(&Folder::new(), &given).unwrap();
    let [office] = &config.settings.sso.providers[..] else {
        panic!()
    };
    let own = office.directory.as_ref().unwrap();
    assert_eq!(
        (own.host.as_str(), own.port, own.encryption),
        ("ldap.example.com", 389, Encryption::StartTls)
    );
    assert_eq!(
        (own.user_attribute.as_str(), own.user_scope, &own.group_dn),
        ("cn", Scope::One, &None)
    );
    assert!(
        office.public_registration,
        "who is in the directory is the operator's to say"
    );
    assert_eq!(value_of(&config, "AUTH_OFFICE_BIND_PASSWORD").value, "********");
    // Where a connection is, and how it is encrypted.
    for (url, start_tls, port, encryption) in [
        ("ldaps://x.example", "", 636, Encryption::Always),
        ("ldaps://x.example:1", "false", 1, Encryption::Always),
        ("ldap://localhost/", "", 389, Encryption::None),
        ("ldap://127.0.0.1:1389", "", 1389, Encryption::None),
        ("ldap://[::1]", "true", 389, Encryption::StartTls),
        ("ldap://10.0.0.1", "", 389, Encryption::StartTls),
        ("ldap://10.0.0.1", "false", 389, Encryption::None),
    ] {
        let more = [
            ("AUTH_OFFICE_CLIENT_URL", url),
            ("AUTH_OFFICE_CLIENT_START_TLS", start_tls),
        ];
        let config = load(&Folder::new(), &with(&more)).unwrap();
        let own = config.settings.sso.providers[0].directory.clone().unwrap();
        assert_eq!((own.port, own.encryption), (port, encryption), "{url}");
        let warned = config
            .warnings
            .iter()
            .any(|text| text.contains("AUTH_OFFICE_CLIENT_START_TLS"));
        assert_eq!(warned, url == "ldap://10.0.0.1" && start_tls == "false", "{url}");
    }
    for (name, value) in [
        ("AUTH_OFFICE_CLIENT_URL", ""),
        ("AUTH_OFFICE_CLIENT_URL", "https://ldap.example.com"),
        ("AUTH_OFFICE_CLIENT_URL", "ldap://a@ldap.example.com"),
        ("AUTH_OFFICE_CLIENT_URL", "ldap://ldap.example.com/dc=example"),
        ("AUTH_OFFICE_CLIENT_URL", "ldap://ldap.example.com:0"),
        ("AUTH_OFFICE_USER_DN", ""),
        ("AUTH_OFFICE_BIND_PASSWORD", ""),
        ("AUTH_OFFICE_USER_ATTRIBUTE", "cn)(x"),
        ("AUTH_OFFICE_USER_SCOPE", "all"),
        ("AUTH_OFFICE_REQUIRE_VERIFIED_EMAIL", "true"),
        (
            "AUTH_OFFICE_ROLE_MAPPING",
            "json:{\"a\":\"2f24211d-d928-469a-aea3-3c8f53d4e427\"}",
        ),
    ] {
        let told = complaints(&Folder::new(), &with(&[(name, value)]));
        assert!(told.contains(name), "{name} {value}: {told}");
    }
}

#[test]
fn a_store_for_limits_is_named_in_one_or_in_parts() {
    let shared = |given: &[(&str, &str)]| settings(&[&[("RATE_LIMITER_STORE", "redis")], given].concat()).shared_limits;
    let whole = shared(&[
        ("REDIS", "rediss://ann:p%40ss@redis.example.com/2"),
        ("REDIS_HOST", "other"),
    ])
    .unwrap();
    assert_eq!(
        (whole.encrypted, whole.host.as_str(), whole.port, whole.database),
        (true, "redis.example.com", 6379, 2)
    );
    assert_eq!((whole.user.as_deref(), whole.password.expose()), (Some("ann"), "p@ss"));
    let parts = shared(&[
        ("REDIS_HOST", "10.0.0.1"),
        ("REDIS_PORT", "7000"),
        ("REDIS_PASSWORD", "hush"),
        ("REDIS_DB", "4"),
    ]);
    let parts = parts.unwrap();
    assert_eq!(
        (parts.encrypted, parts.host.as_str(), parts.port, parts.database),
        (false, "10.0.0.1", 7000, 4)
    );
    assert_eq!((parts.user, parts.password.expose()), (None, "hush"));
    assert_eq!(settings(&[("REDIS_HOST", "10.0.0.1")]).shared_limits, None);
    let config = load(&Folder::new(), &[("REDIS", "redis://:hush@x")]).unwrap();
    assert_eq!(value_of(&config, "REDIS").value, "********");
    assert!(complaints(&Folder::new(), &[("RATE_LIMITER_STORE", "redis")]).contains("REDIS_HOST"));
    for url in [
        "http://x",
        "redis:///1",
        "redis://x/one",
        "redis://x?y=z",
        "x:6379",
        "redis://x/70000",
    ] {
        let told = complaints(&Folder::new(), &[("REDIS", url)]);
        assert!(told.contains("REDIS") && !told.contains(url), "{url}: {told}");
    }
}

/// What a provider of SAML takes, as far as it depends on nothing that is built or not.
#[test]
fn saml_has_claims_of_its_own_and_has_to_be_built_in() {
    let own = Provider {
        name: "office".into(),
        driver: Driver::Saml,
        saml: Some(Saml::default()),
        ..Provider::default()
    };
    let url = "https://example.com";
    let told = |is_spoken| fault_of_saml(&own, url, is_spoken).unwrap();
    assert_eq!(told(false).0, "AUTH__DRIVER");
    assert!(told(false).1.contains("--features saml"));
    let given = [
        ("PUBLIC_URL", url),
        ("AUTH_PROVIDERS", "office"),
        ("AUTH_OFFICE_DRIVER", "saml"),
    ];
    let complaint = complaints(&Folder::new(), &given);
    if SPEAKS_SAML {
        assert!(complaint.contains("AUTH_OFFICE_IDP_metadata is needed"), "{complaint}");
        let wrong = [&given[..], &[("AUTH_OFFICE_IDP_metadata", "<a/>")]].concat();
        let complaint = complaints(&Folder::new(), &wrong);
        assert!(
            complaint.contains("AUTH_OFFICE_IDP_metadata is no EntityDescriptor"),
            "{complaint}"
        );
    } else {
        assert!(complaint.contains("AUTH_OFFICE_DRIVER is `saml`"), "{complaint}");
    }
}
