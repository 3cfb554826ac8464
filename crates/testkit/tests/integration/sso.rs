//! Single sign-on, against an identity provider that the tests start and a browser that they play.

use aedile_testkit::{
    fixture::{ADMIN, PUBLIC, Project, Reply, id, text},
    identity::{CLIENT, Identity, SECRET, Wrong},
    wire::Connection,
};
use serde_json::{Value, json};

/// What the project calls itself; browsers of these tests find it anyway.
const PROJECT: &str = "http://project.example";

/// A project that takes whoever this provider sends, with further settings.
fn project(provider: &Identity, more: &[(&str, &str)]) -> Project {
    let issuer = provider.issuer();
    let mut settings = vec![
        ("PUBLIC_URL", PROJECT),
        ("AUTH_PROVIDERS", "test"),
        ("AUTH_TEST_DRIVER", "openid"),
        ("AUTH_TEST_CLIENT_ID", CLIENT),
        ("AUTH_TEST_CLIENT_SECRET", SECRET),
        ("AUTH_TEST_ISSUER_URL", issuer.as_str()),
        ("AUTH_TEST_ALLOW_PUBLIC_REGISTRATION", "true"),
    ];
    settings.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    settings.extend(more);
    Project::with(&settings)
}

/// Somebody's browser: the cookies that the project has set.
#[derive(Default)]
struct Browser {
    cookies: Vec<(String, String)>,
}

impl Browser {
    fn ask(&mut self, p: &Project, target: &str) -> Reply {
        let held: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let header = if held.is_empty() {
            String::new()
        } else {
            format!("Cookie: {}\r\n", held.join("; "))
        };
        let reply = p.ask_from("", &header, "GET", target, &Value::Null);
        for line in reply.head.lines() {
            let Some(cookie) = line
                .to_ascii_lowercase()
                .starts_with("set-cookie:")
                .then(|| &line[11..])
            else {
                continue;
            };
            let (name, value) = cookie.split(';').next().unwrap().trim().split_once('=').unwrap();
            self.cookies.retain(|(own, _)| own != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        reply
    }

    /// Goes to the provider; answers the target by which it is sent back.
    fn leave(&mut self, p: &Project, redirect: &str) -> String {
        let away = self.ask(p, &format!("/auth/login/test{redirect}"));
        assert_eq!(away.status, 302, "{}", away.text);
        let page = location(&away);
        let at_provider = page.strip_prefix("http://").unwrap();
        let (host, target) = at_provider.split_once('/').unwrap();
        let request = format!("GET /{target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let mut connection = Connection::new(host.parse().unwrap(), std::time::Duration::from_secs(10));
        let back = Reply::of(connection.send(request.as_bytes()).unwrap());
        assert_eq!(back.status, 302, "{page} {}", back.text);
        location(&back).strip_prefix(PROJECT).unwrap().to_owned()
    }

    fn login(&mut self, p: &Project, redirect: &str) -> Reply {
        let back = self.leave(p, redirect);
        self.ask(p, &back)
    }

    /// Who the project takes it for.
    fn me(&mut self, p: &Project) -> Reply {
        let fields = "id,email,first_name,last_name,provider,external_identifier,role.name,status";
        self.ask(p, &format!("/users/me?fields={fields}"))
    }
}

fn location(reply: &Reply) -> String {
    header(reply, "location").unwrap_or_default()
}

fn header(reply: &Reply, name: &str) -> Option<String> {
    reply.head.lines().find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// A role whose users may read what a test asks of themselves.
fn role(p: &Project, name: &str) -> String {
    let policy = json!([{ "collection": "directus_users", "action": "read", "fields": ["*"], "permissions": { "id": { "_eq": "$CURRENT_USER" } } },
        { "collection": "directus_roles", "action": "read", "fields": ["*"] }]);
    p.role(name, &[&p.policy(name, policy)])
}

fn stored(p: &Project) -> String {
    p.stored("select email, first_name, provider, external_identifier, status from directus_users where provider <> 'default' order by external_identifier")
}

#[test]
fn somebody_is_logged_in_by_a_providers_word() {
    let provider = Identity::start().unwrap();
    provider.says(json!({ "sub": "person-1", "email": "Ann@example.com", "given_name": "Ann", "family_name": "Lee" }));
    let p = project(&provider, &[]);
    let list = p.get(PUBLIC, "/auth");
    let shown = json!({ "data": [{ "name": "test", "label": "test", "driver": "openid", "icon": "account_circle" }], "disableDefault": false });
    assert_eq!(serde_json::from_str::<Value>(&list.text).unwrap(), shown);
    let mut browser = Browser::default();
    let away = browser.ask(&p, "/auth/login/test?redirect=/admin/content%3Fx%3Dy");
    let page = location(&away);
    for part in [
        "kept=yes",
        "response_type=code",
        "scope=openid+profile+email",
        "code_challenge_method=S256",
        "nonce=",
    ] {
        assert!(page.contains(part), "{page}");
    }
    assert!(
        page.contains("redirect_uri=http%3A%2F%2Fproject.example%2Fauth%2Flogin%2Ftest%2Fcallback"),
        "{page}"
    );
    assert!(!page.contains("hush"), "{page}");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(header(&away, name).as_deref(), Some(value));
    }
    let cookie = header(&away, "set-cookie").unwrap();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let back = browser.login(&p, "?redirect=/admin/content%3Fx%3Dy");
    assert_eq!(
        (back.status, location(&back).as_str()),
        (302, "/admin/content?x=y"),
        "{}",
        back.text
    );
    assert_eq!(header(&back, "cache-control").as_deref(), Some("no-store"));
    assert!(
        browser
            .cookies
            .iter()
            .map(|(name, _)| name.as_str())
            .eq(["directus_session_token"])
    );
    let me = id(&browser.me(&p).ok());
    assert_eq!(stored(&p), "Ann@example.com|Ann|test|person-1|active");
    // The same person is the same user, and no password opens its account.
    let mut again = Browser::default();
    let told = again.login(&p, "");
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!(id(&again.me(&p).ok()), me);
    let form = json!({ "email": "Ann@example.com", "password": "" });
    assert!(p.post(PUBLIC, "/auth/login", form).status >= 400);
    assert_eq!(
        p.post(PUBLIC, "/auth/password/request", json!({ "email": "Ann@example.com" }))
            .status,
        204
    );
    assert!(provider.asked().contains(&"/userinfo".to_owned()));
}

#[test]
fn refresh_tokens_travel_where_the_mode_says_so() {
    let provider = Identity::start().unwrap();
    let p = project(&provider, &[("AUTH_TEST_MODE", "cookie")]);
    let mut browser = Browser::default();
    assert_eq!(location(&browser.login(&p, "?redirect=/x")), "/x");
    assert!(
        browser
            .cookies
            .iter()
            .map(|(name, _)| name.as_str())
            .eq(["directus_refresh_token"])
    );
    assert_eq!(
        p.get(PUBLIC, "/auth?sessionOnly").text,
        "{\"data\":[],\"disableDefault\":false}"
    );
    let header = format!("Cookie: directus_refresh_token={}\r\n", browser.cookies[0].1);
    let told = p
        .ask_from("", &header, "POST", "/auth/refresh", &json!({ "mode": "cookie" }))
        .ok();
    p.get(&text(&told.at("/access_token")), "/users/me").ok();
}

/// What a key has signed stands in for the secret; another key opens nothing, whatever it is called.
#[test]
fn a_project_proves_who_it_is_by_a_key() {
    let provider = Identity::start().unwrap();
    let key = provider.asks_for_key().unwrap();
    let unfit = json!({ "kty": "oct", "k": "AAAA" });
    let keys = json!([unfit, key]).to_string();
    let settings = [
        ("AUTH_TEST_CLIENT_TOKEN_ENDPOINT_AUTH_METHOD", "private_key_jwt"),
        ("AUTH_TEST_PRIVATE_KEYS", keys.as_str()),
    ];
    let p = project(&provider, &settings);
    for _ in 0..2 {
        let mut browser = Browser::default();
        assert_eq!(location(&browser.login(&p, "?redirect=/after")), "/after");
        assert_eq!(browser.cookies.len(), 1);
    }
    let (before, other) = (stored(&p), provider.asks_for_key().unwrap());
    let mut browser = Browser::default();
    let back = browser.login(&p, "?redirect=/after");
    assert_eq!(location(&back), "/after?reason=INVALID_CREDENTIALS");
    assert_eq!((browser.cookies.len(), stored(&p)), (0, before));
    // The secret alone is nothing to this provider, and is not sent where a key is asked for.
    let p = project(&provider, &[]);
    let back = Browser::default().login(&p, "?redirect=/after");
    assert_eq!(location(&back), "/after?reason=INVALID_CREDENTIALS");
    let p = project(
        &provider,
        &[
            settings[0],
            ("AUTH_TEST_PRIVATE_KEYS", &json!({ "keys": [other] }).to_string()),
        ],
    );
    assert_eq!(location(&Browser::default().login(&p, "?redirect=/after")), "/after");
    for secret in [key, other] {
        assert!(!p.log().contains(secret["d"].as_str().unwrap()));
    }
}

/// Whatever a provider says in another way than it has to opens nothing and makes nobody.
#[test]
fn what_is_not_as_it_has_to_be_opens_nothing() {
    let provider = Identity::start().unwrap();
    let p = project(&provider, &[]);
    for wrong in [
        Wrong::Nonce,
        Wrong::Audience,
        Wrong::SecondAudience,
        Wrong::Issuer,
        Wrong::NoIssuer,
        Wrong::Unsigned,
        Wrong::SymmetricKey,
        Wrong::ForeignKey,
        Wrong::Signature,
        Wrong::Expired,
        Wrong::Future,
        Wrong::Ancient,
        Wrong::NoSubject,
        Wrong::Profile,
        Wrong::NoToken,
        Wrong::MixUp,
        Wrong::Silent,
    ] {
        provider.does(Some(wrong));
        let mut browser = Browser::default();
        let back = browser.login(&p, "?redirect=/after");
        assert_eq!(location(&back), "/after?reason=INVALID_CREDENTIALS", "{wrong:?}");
        assert_eq!((browser.cookies.len(), stored(&p).as_str()), (0, ""), "{wrong:?}");
    }
    provider.does(None);
    assert_eq!(location(&Browser::default().login(&p, "?redirect=/after")), "/after");
}

#[test]
fn a_description_of_another_issuer_is_none() {
    let provider = Identity::start().unwrap();
    provider.does(Some(Wrong::Document));
    let p = project(&provider, &[]);
    assert_eq!(p.get(PUBLIC, "/auth/login/test").status, 503);
    // What was wrong once is asked for again.
    provider.does(None);
    assert_eq!(p.get(PUBLIC, "/auth/login/test").status, 302);
}

#[test]
fn new_keys_are_looked_for() {
    let provider = Identity::start().unwrap();
    let p = project(&provider, &[]);
    assert_eq!(location(&Browser::default().login(&p, "?redirect=/x")), "/x");
    std::thread::sleep(std::time::Duration::from_secs(11));
    provider.rotate().unwrap();
    assert_eq!(location(&Browser::default().login(&p, "?redirect=/x")), "/x");
    let looks = provider.asked().iter().filter(|path| *path == "/jwks").count();
    assert_eq!(looks, 2);
    // Who sends tokens with unknown keys does not make the server ask.
    provider.does(Some(Wrong::ForeignKey));
    provider.rotate().unwrap();
    for _ in 0..3 {
        Browser::default().login(&p, "?redirect=/x");
    }
    let looks = provider.asked().iter().filter(|path| *path == "/jwks").count();
    assert_eq!(looks, 2);
}

/// A way to the provider and back belongs to one browser, one provider, and one time.
#[test]
fn nobody_comes_back_for_somebody_else() {
    let provider = Identity::start().unwrap();
    let p = project(&provider, &[]);
    let failed = |reply: &Reply, reason: &str| {
        assert_eq!(
            location(reply),
            format!("{PROJECT}/admin/login?reason={reason}"),
            "{}",
            reply.text
        );
    };
    // Without the cookie, with another browser's, with another state, with none.
    let back = Browser::default().leave(&p, "?redirect=/x");
    failed(&Browser::default().ask(&p, &back), "INVALID_TOKEN");
    let mut other = Browser::default();
    other.leave(&p, "");
    failed(&other.ask(&p, &back), "INVALID_TOKEN");
    for target in [
        "?code=x&state=y",
        "?code=x",
        "?state=x",
        "",
        "?error=access_denied",
        "?code[]=x&state[]=y",
    ] {
        let mut browser = Browser::default();
        browser.leave(&p, "");
        failed(
            &browser.ask(&p, &format!("/auth/login/test/callback{target}")),
            "INVALID_TOKEN",
        );
    }
    // A code is good once.
    let mut browser = Browser::default();
    let back = browser.leave(&p, "?redirect=/x");
    let held = browser.cookies.clone();
    assert_eq!(location(&browser.ask(&p, &back)), "/x");
    let mut replayed = Browser { cookies: held };
    assert_eq!(location(&replayed.ask(&p, &back)), "/x?reason=INVALID_CREDENTIALS");
    // The cookie of a way opens nothing by itself, and no other token is one.
    let mut browser = Browser::default();
    browser.leave(&p, "");
    let way = browser.cookies[0].1.clone();
    assert!(p.get(&way, "/users/me").status >= 401);
    let session = format!("Cookie: directus_session_token={way}\r\n");
    assert!(p.ask_from("", &session, "GET", "/users/me", &Value::Null).status >= 401);
    assert!(
        p.post(
            PUBLIC,
            "/auth/password/reset",
            json!({ "token": way, "password": "secret-pass-1" })
        )
        .status
            >= 400
    );
    let access = text(
        &p.post(
            PUBLIC,
            "/auth/login",
            json!({ "email": "admin@example.com", "password": "password" }),
        )
        .ok()
        .at("/access_token"),
    );
    let mut forged = Browser {
        cookies: vec![("aedile_sso_test".into(), access)],
    };
    failed(
        &forged.ask(&p, "/auth/login/test/callback?code=x&state="),
        "INVALID_TOKEN",
    );
    for target in [
        "/auth/login/other",
        "/auth/login/other/callback?code=x&state=y",
        "/auth/login/TEST",
    ] {
        assert_eq!(p.get(PUBLIC, target).status, 404, "{target}");
    }
}

#[test]
fn providers_may_send_a_form() {
    let provider = Identity::start().unwrap();
    let p = project(&provider, &[]);
    let mut browser = Browser::default();
    let back = browser.leave(&p, "?redirect=/x");
    let (path, query) = back.split_once('?').unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{query}",
        query.len()
    );
    let mut connection = Connection::new(p.address(), std::time::Duration::from_secs(10));
    let led = Reply::of(connection.send(request.as_bytes()).unwrap());
    assert_eq!((led.status, location(&led)), (303, back.clone()));
    assert_eq!(location(&browser.ask(&p, &location(&led))), "/x");
    let bad = "POST /auth/login/test/callback HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\nx=y\r\nX: y=zz";
    let mut connection = Connection::new(p.address(), std::time::Duration::from_secs(10));
    assert_eq!(Reply::of(connection.send(bad.as_bytes()).unwrap()).status, 400);
}

/// An address proves nothing: whoever was there before keeps its account.
#[test]
fn no_account_is_taken_over_by_its_address() {
    let provider = Identity::start().unwrap();
    let p = project(&provider, &[]);
    let role = role(&p, "members");
    for (email, status) in [
        ("ann@example.com", "active"),
        ("bob@example.com", "invited"),
        ("cid@example.com", "unverified"),
    ] {
        p.post(
            ADMIN,
            "/users",
            json!({ "email": email, "password": "secret-pass-1", "status": status, "role": role }),
        )
        .ok();
    }
    let before = p.stored("select * from directus_users order by id");
    for (sub, email) in [
        ("1", "ann@example.com"),
        ("2", "Bob@Example.com"),
        ("3", "cid@example.com"),
        ("4", "admin@example.com"),
    ] {
        provider.says(json!({ "sub": sub, "email": email, "email_verified": true }));
        let back = Browser::default().login(&p, "?redirect=/x");
        assert_eq!(location(&back), "/x?reason=INVALID_CREDENTIALS", "{email}");
    }
    assert_eq!(p.stored("select * from directus_users order by id"), before);
    // The identifier is the same, the provider another.
    p.post(
        ADMIN,
        "/users",
        json!({ "email": "dan@example.com", "provider": "other", "external_identifier": "5" }),
    )
    .ok();
    provider.says(json!({ "sub": "5", "email": "eve@example.com" }));
    let mut browser = Browser::default();
    browser.login(&p, "?redirect=/x");
    assert_ne!(
        p.stored("select email from directus_users where provider = 'other'"),
        "eve@example.com"
    );
    // An address that the provider itself calls unverified is not stored.
    provider.says(json!({ "sub": "6", "email": "fay@example.com", "email_verified": false }));
    assert_eq!(location(&Browser::default().login(&p, "?redirect=/x")), "/x");
    assert_eq!(
        p.stored("select email from directus_users where external_identifier = '6'"),
        "∅"
    );
}

#[test]
fn only_those_become_users_whom_the_operator_lets() {
    let provider = Identity::start().unwrap();
    let p = project(&provider, &[("AUTH_TEST_ALLOW_PUBLIC_REGISTRATION", "false")]);
    let role = role(&p, "members");
    let login = |p: &Project| location(&Browser::default().login(p, "?redirect=/x"));
    assert_eq!(
        (login(&p).as_str(), stored(&p).as_str()),
        ("/x?reason=INVALID_CREDENTIALS", "")
    );
    let known = json!({ "provider": "test", "external_identifier": "person-1", "role": role, "first_name": "Old" });
    let user = id(&p.post(ADMIN, "/users", known).ok());
    assert_eq!(login(&p), "/x");
    for status in ["suspended", "archived", "invited", "draft"] {
        p.patch(ADMIN, &format!("/users/{user}"), json!({ "status": status }))
            .ok();
        assert_eq!(login(&p), "/x?reason=INVALID_CREDENTIALS", "{status}");
    }
    let p = project(&provider, &[("AUTH_TEST_REQUIRE_VERIFIED_EMAIL", "true")]);
    for (sub, verified, made) in [
        ("1", json!(false), false),
        ("2", Value::Null, false),
        ("3", json!(true), true),
    ] {
        provider.says(json!({ "sub": sub, "email": format!("{sub}@example.com"), "email_verified": verified }));
        assert_eq!(login(&p) == "/x", made, "{sub}");
    }
    assert_eq!(
        p.stored("select external_identifier from directus_users where provider = 'test'"),
        "3"
    );
}

#[test]
fn roles_follow_groups_and_names_follow_the_provider() {
    let provider = Identity::start().unwrap();
    let (first, second, usual) = (uuid(1), uuid(2), uuid(3));
    let mapping = json!({ "chiefs": first, "staff": second }).to_string();
    let p = project(
        &provider,
        &[
            ("AUTH_TEST_ROLE_MAPPING", &mapping),
            ("AUTH_TEST_GROUP_CLAIM_NAME", "realm.groups"),
            ("AUTH_TEST_DEFAULT_ROLE_ID", &usual),
            ("AUTH_TEST_SYNC_USER_INFO", "true"),
        ],
    );
    for (id, name) in [(&first, "chiefs"), (&second, "staff"), (&usual, "usual")] {
        p.post(ADMIN, "/roles", json!({ "id": id, "name": name })).ok();
    }
    let has = |groups: Value| {
        provider.says(json!({ "sub": "person-1", "email": "ann@example.com", "given_name": "Ann", "realm": { "groups": groups } }));
        assert_eq!(location(&Browser::default().login(&p, "?redirect=/x")), "/x");
        p.stored("select r.name from directus_users u join directus_roles r on r.id = u.role where u.provider = 'test'")
    };
    assert_eq!(has(json!(["other", "staff", "chiefs"])), "chiefs");
    assert_eq!(has(json!(["staff"])), "staff");
    assert_eq!(has(json!("chiefs")), "chiefs");
    assert_eq!(has(json!([])), "usual");
    assert_eq!(has(Value::Null), "usual");
    provider.says(json!({ "sub": "person-1", "email": "new@example.com", "given_name": "Anna" }));
    Browser::default().login(&p, "?redirect=/x");
    assert_eq!(stored(&p), "new@example.com|Anna|test|person-1|active");
    // Another's address is not taken by it.
    provider.says(json!({ "sub": "person-1", "email": "admin@example.com", "given_name": "Anna" }));
    let back = Browser::default().login(&p, "?redirect=/x");
    assert_eq!(location(&back), "/x?reason=INVALID_CREDENTIALS");
    assert_eq!(stored(&p), "new@example.com|Anna|test|person-1|active");
}

fn uuid(number: u8) -> String {
    format!("00000000-0000-4000-8000-00000000000{number}")
}

#[test]
fn oauth_2_goes_by_the_profile() {
    let provider = Identity::start().unwrap();
    let at = |path: &str| format!("{}{path}", provider.issuer());
    let (page, token, profile) = (at("/authorize"), at("/token"), at("/userinfo"));
    let p = project(
        &provider,
        &[
            ("AUTH_TEST_DRIVER", "oauth2"),
            ("AUTH_TEST_AUTHORIZE_URL", &page),
            ("AUTH_TEST_ACCESS_URL", &token),
            ("AUTH_TEST_PROFILE_URL", &profile),
            ("AUTH_TEST_IDENTIFIER_KEY", "account.number"),
            (
                "AUTH_TEST_PARAMS",
                "{\"prompt\":\"login\",\"state\":\"mine\",\"redirect_uri\":\"http://evil.example\"}",
            ),
        ],
    );
    provider.says(json!({ "account": { "number": 42 }, "email": "ann@example.com" }));
    let mut browser = Browser::default();
    let page = location(&browser.ask(&p, "/auth/login/test"));
    assert!(
        page.contains("prompt=login") && !page.contains("mine") && !page.contains("evil"),
        "{page}"
    );
    assert_eq!(location(&browser.login(&p, "?redirect=/x")), "/x");
    assert_eq!(stored(&p), "ann@example.com|∅|test|42|active");
    provider.says(json!({ "email": "ann@example.com" }));
    assert_eq!(
        location(&Browser::default().login(&p, "?redirect=/x")),
        "/x?reason=INVALID_CREDENTIALS"
    );
}

#[test]
fn passwords_can_be_switched_off() {
    let provider = Identity::start().unwrap();
    let p = project(&provider, &[("AUTH_DISABLE_DEFAULT", "true")]);
    assert!(p.get(PUBLIC, "/auth").text.contains("\"disableDefault\":true"));
    let form = json!({ "email": "admin@example.com", "password": "password" });
    assert_eq!(p.post(PUBLIC, "/auth/login", form).status, 404);
    assert_eq!(location(&Browser::default().login(&p, "?redirect=/x")), "/x");
}

#[test]
fn a_provider_that_is_not_there_is_told_as_that() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let provider = Identity::start().unwrap();
    let p = project(&provider, &[("AUTH_TEST_ISSUER_URL", &format!("http://{gone}"))]);
    let told = p.get(PUBLIC, "/auth/login/test");
    assert_eq!((told.status, told.code().as_str()), (503, "SERVICE_UNAVAILABLE"));
    assert!(!told.text.contains(&gone.port().to_string()), "{}", told.text);
}
