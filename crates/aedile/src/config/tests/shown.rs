//! What people get to see: complaints, the printed configuration, the documentation; and never a secret.

use super::*;

#[test]
fn all_faults_are_reported_at_once() {
    let folder = Folder::new();
    folder.write(
        ".env",
        "ACCESS_TOKEN_TTL=soon\nHASH_PARALLELISM=255\nHASH_MEMORY_COST=8\n",
    );
    let many = complaints(
        &folder,
        &[
            ("PORT", "80a"),
            ("SECRET", "regex:(hush"),
            ("SESSION_COOKIE_NAME", "directus_refresh_token"),
        ],
    );
    insta::assert_snapshot!(many, @r#"
    The configuration cannot be used, for 5 reasons:
      - PORT (environment) is "80a", but it takes a whole number from 0 to 65535.
      - ACCESS_TOKEN_TTL (.env, line 1) is "soon", but it takes a duration such as `10s`, `15m`, `12h` or `7d`, above zero (a plain number means milliseconds).
      - SECRET (environment) has a value, but `regex:` is followed by a regular expression.
      - HASH_MEMORY_COST is 8, but HASH_PARALLELISM 255 needs at least eight times as much.
      - REFRESH_TOKEN_COOKIE_NAME and SESSION_COOKIE_NAME are both "directus_refresh_token", but two cookies need two names.
    "#);
}

#[test]
fn long_and_odd_values_are_clipped_in_complaints() {
    let long = format!("x\n\u{1b}[31m{}", "y".repeat(500));
    let complaint = complaints(&Folder::new(), &[("PORT", &long)]);
    assert!(
        complaint.len() < 300 && complaint.contains(r"x\n\u{1b}[31m") && !complaint.contains('\n'),
        "{complaint}"
    );
}

#[test]
fn no_secret_is_ever_shown() {
    let providers = [
        ("PUBLIC_URL", "https://example.com"),
        ("AUTH_PROVIDERS", "x,directory"),
        ("AUTH_X_CLIENT_ID", "one"),
        ("AUTH_X_ISSUER_URL", "https://x.example"),
        ("AUTH_DIRECTORY_DRIVER", "ldap"),
        ("AUTH_DIRECTORY_CLIENT_URL", "ldaps://directory.example"),
        ("AUTH_DIRECTORY_BIND_DN", "cn=aedile,dc=example"),
        ("AUTH_DIRECTORY_USER_DN", "ou=people,dc=example"),
    ];
    // A setting is one of the provider whose driver reads it.
    let owner = |name: &str| {
        if name == "AUTH__BIND_PASSWORD" {
            "directory"
        } else {
            "x"
        }
    };
    let secrets: Vec<_> = table::entries()
        .filter(|entry| entry.is_secret())
        .map(|entry| table::of_provider(entry.name(), owner(entry.name())))
        .collect();
    assert!(secrets.len() >= 3, "{secrets:?}");
    let hushed = secrets.iter().map(|name| {
        let value = match name.as_str() {
            "REDIS" => "redis://:hush@redis.example",
            "AUTH_X_PRIVATE_KEYS" => "[{\"d\":\"hush\"}]",
            _ => "hush-hush-hush-hush-hush-hush-hush-hush",
        };
        (name.as_str(), value)
    });
    let pairs: Vec<_> = providers.into_iter().chain(hushed).collect();
    let config = load(&Folder::new(), &pairs).unwrap();
    let shown = format!(
        "{config:?}\n{config:#?}\n{}\n{}",
        show::text(&config),
        show::json(&config)
    );
    assert!(!shown.contains("hush"), "{shown}");
    for name in &secrets {
        assert_eq!(value_of(&config, name).value, "********", "{name}");
        let pairs = [&providers[..], &[(name, "json:[\"hush\"]")]].concat();
        let refused = complaints(&Folder::new(), &pairs);
        assert!(refused.contains(name) && !refused.contains("hush"), "{refused}");
    }
}

#[test]
fn the_printed_table_names_value_source_and_default() {
    let folder = Folder::new();
    folder.write(".env", "PORT=1\n");
    let config = load(&folder, &[("ROBOTS_TXT", "a\nb")]).unwrap();
    let text = show::text(&config);
    let line = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty())
            .collect::<Vec<_>>()
    };
    assert_eq!(line("NAME"), ["NAME", "VALUE", "SOURCE", "DEFAULT"]);
    assert_eq!(line("PORT"), ["PORT", "1", ".env, line 1", "8055"]);
    assert_eq!(
        line("ROBOTS_TXT"),
        ["ROBOTS_TXT", r"a\nb", "environment", r"User-agent: *\nDisallow: /"]
    );
    let json: serde_json::Value = serde_json::from_str(&show::json(&config)).unwrap();
    let port = json
        .as_array()
        .unwrap()
        .iter()
        .find(|setting| setting["name"] == "PORT")
        .unwrap();
    assert_eq!((&port["value"], &port["is_default"]), (&"1".into(), &false.into()));
}

#[test]
fn the_committed_page_of_settings_is_the_generated_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == show::markdown(),
        "run `aedile config --docs > docs/configuration.md`"
    );
}
