//! Single sign-on by SAML, against a provider that the tests play and a browser that they play as well. The server has to be
//! built with it, as the whole of the tests is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aedile_testkit::{
    fixture::{ADMIN, PUBLIC, Project, Reply, id},
    identity::{decoded, encoded},
    saml::{Answer, Saml},
    wire::Connection,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

/// What the project calls itself; browsers of these tests find it anyway.
const PROJECT: &str = "https://project.example";

/// The claims that providers usually have.
const CLAIM: &str = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/";

/// A project that takes whoever this provider sends, with further settings.
fn project(provider: &Saml, more: &[(&str, &str)]) -> Project {
    let metadata = provider.metadata();
    let mut settings = vec![
        ("PUBLIC_URL", PROJECT),
        ("AUTH_PROVIDERS", "office"),
        ("AUTH_OFFICE_DRIVER", "saml"),
        ("AUTH_OFFICE_IDP_metadata", metadata.as_str()),
        ("AUTH_OFFICE_ALLOW_PUBLIC_REGISTRATION", "true"),
    ];
    settings.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    settings.extend(more);
    Project::with(&settings)
}

/// A browser on its way: the cookie by which it is known, and what it was sent to the provider with.
#[derive(Clone)]
struct Way {
    cookie: String,
    request: String,
    relay: String,
}

fn leave(p: &Project, redirect: &str) -> Way {
    let away = p.get(PUBLIC, &format!("/auth/login/office{redirect}"));
    assert_eq!(away.status, 302, "{}", away.text);
    let page = header(&away, "location").unwrap();
    assert!(
        page.starts_with("https://idp.example/login?tenant=one&SAMLRequest="),
        "{page}"
    );
    let part = |name: &str| {
        let (_, rest) = page.split_once(&format!("{name}=")).unwrap();
        decoded(rest.split('&').next().unwrap())
    };
    let request = BASE64_STANDARD.decode(part("SAMLRequest")).unwrap();
    let request = String::from_utf8(request[5..].to_vec()).unwrap();
    let (_, rest) = request.split_once(" ID=\"").unwrap();
    let cookie = header(&away, "set-cookie").unwrap();
    assert!(
        cookie.starts_with("__Host-aedile_sso_office=") && cookie.contains("; HttpOnly; Secure; SameSite=None"),
        "{cookie}"
    );
    Way {
        cookie: cookie.split(';').next().unwrap().to_owned(),
        request: rest.split('"').next().unwrap().to_owned(),
        relay: part("RelayState"),
    }
}

/// What the provider says to this browser.
fn answer(way: &Way, name: &str, subject: &str, attributes: &[(&str, &str)]) -> Answer {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let own = |(name, value): &(&str, &str)| (format!("{CLAIM}{name}"), (*value).to_owned());
    Answer {
        project: format!("{PROJECT}/auth/login/office/metadata"),
        acs: format!("{PROJECT}/auth/login/office/acs"),
        request: way.request.clone(),
        now: now.try_into().unwrap(),
        name: name.into(),
        subject: subject.into(),
        attributes: attributes.iter().map(own).collect(),
    }
}

/// The answer, its assertion signed.
fn signed(provider: &Saml, answer: &Answer) -> String {
    answer.around(&provider.sign(&answer.assertion()).unwrap())
}

/// Brings a form.
fn bring(p: &Project, cookie: &str, target: &str, fields: &[(&str, &str)]) -> Reply {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)))
        .collect();
    let form = fields.join("&");
    let request = format!(
        "POST {target} HTTP/1.1\r\nHost: x\r\nOrigin: null\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let mut connection = Connection::new(p.address(), Duration::from_secs(10));
    Reply::of(connection.send(request.as_bytes()).unwrap())
}

/// Brings an answer.
fn come_back(p: &Project, way: &Way, text: &str) -> Reply {
    let text = BASE64_STANDARD.encode(text);
    let fields = [("SAMLResponse", text.as_str()), ("RelayState", &way.relay)];
    bring(p, &way.cookie, "/auth/login/office/acs", &fields)
}

fn header(reply: &Reply, name: &str) -> Option<String> {
    reply.head.lines().find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

fn location(reply: &Reply) -> String {
    header(reply, "location").unwrap_or_default()
}

fn stored(p: &Project) -> String {
    p.stored("select email, first_name, last_name, provider, external_identifier, status from directus_users where provider <> 'default' order by external_identifier")
}

#[test]
fn somebody_is_logged_in_by_a_providers_signature() {
    let provider = Saml::rsa().unwrap();
    let p = project(&provider, &[]);
    let list = p.get(PUBLIC, "/auth");
    let shown = json!({ "data": [{ "name": "office", "label": "office", "driver": "saml", "icon": "account_circle" }], "disableDefault": false });
    assert_eq!(serde_json::from_str::<Value>(&list.text).unwrap(), shown);
    let way = leave(&p, "?redirect=/admin/content%3Fx%3Dy");
    let said = [
        ("emailaddress", "Ann@example.com"),
        ("givenname", "Ann"),
        ("surname", "Lee"),
    ];
    let back = come_back(&p, &way, &signed(&provider, &answer(&way, "_a", "person-1", &said)));
    assert_eq!(
        (back.status, location(&back).as_str()),
        (303, "/admin/content?x=y"),
        "{}",
        back.text
    );
    for (name, value) in [
        ("cache-control", "no-store"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(header(&back, name).as_deref(), Some(value), "{name}");
    }
    let session = back
        .head
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: directus_session_token="));
    let session = session.unwrap().split(';').next().unwrap();
    assert!(
        back.head.contains("__Host-aedile_sso_office=; Max-Age=0"),
        "{}",
        back.head
    );
    let me = p.ask_from(
        "",
        &format!("Cookie: directus_session_token={session}\r\n"),
        "GET",
        "/users/me",
        &Value::Null,
    );
    assert_eq!(me.status, 200, "{}", me.text);
    let kept = "Ann@example.com|Ann|Lee|office|person-1|active";
    assert_eq!(stored(&p), kept);
    // The same person again, whatever address is said now; and without a place to go on to.
    let way = leave(&p, "");
    let other = [("emailaddress", "other@example.com")];
    let again = come_back(&p, &way, &signed(&provider, &answer(&way, "_b", "person-1", &other)));
    assert_eq!(again.status, 200, "{}", again.text);
    assert_eq!(stored(&p), kept);
}

/// An answer belongs to one browser, one request and one time; what comes back beside it leads nowhere
/// (GHSA-3573-4c68-g8cc).
#[test]
fn class_rd_ghsa_3573_4c68_g8cc_nobody_comes_back_for_somebody_else() {
    let provider = Saml::rsa().unwrap();
    let p = project(&provider, &[]);
    let failed = |reply: &Reply, place: &str, reason: &str| {
        assert_eq!(
            (reply.status, location(reply)),
            (303, format!("{place}?reason={reason}")),
            "{}",
            reply.text
        );
        assert!(
            !reply.head.contains("session_token") && !reply.head.contains("evil"),
            "{}",
            reply.head
        );
    };
    let login = format!("{PROJECT}/admin/login");
    let text = |way: &Way, name: &str| signed(&provider, &answer(way, name, "person-1", &[]));
    // Nobody has asked for it: no cookie, another browser's, that of another way.
    let (way, other) = (leave(&p, "?redirect=/x"), leave(&p, "?redirect=/y"));
    let stranger = Way {
        cookie: "a=b".into(),
        ..way.clone()
    };
    failed(&come_back(&p, &stranger, &text(&way, "_1")), &login, "INVALID_TOKEN");
    let mixed = Way {
        cookie: other.cookie.clone(),
        ..way.clone()
    };
    failed(&come_back(&p, &mixed, &text(&way, "_1")), "/y", "INVALID_TOKEN");
    failed(&come_back(&p, &other, &text(&way, "_1")), "/y", "INVALID_CREDENTIALS");
    let forged = Way {
        cookie: format!("__Host-aedile_sso_office={ADMIN}"),
        ..way.clone()
    };
    failed(&come_back(&p, &forged, &text(&way, "_1")), &login, "INVALID_TOKEN");
    // What comes back beside it is compared, and followed nowhere.
    for relay in ["https://evil.example", "//evil.example", "/admin", ""] {
        let led = Way {
            relay: relay.into(),
            ..way.clone()
        };
        failed(&come_back(&p, &led, &text(&way, "_1")), "/x", "INVALID_TOKEN");
    }
    // Nothing of it, or twice.
    let once = BASE64_STANDARD.encode(text(&way, "_1"));
    let (own, relay) = (("SAMLResponse", once.as_str()), ("RelayState", way.relay.as_str()));
    for fields in [
        &[relay][..],
        &[own, own, relay],
        &[("SAMLResponse", "!"), relay],
        &[("SAMLResponse", ""), relay],
    ] {
        failed(
            &bring(&p, &way.cookie, "/auth/login/office/acs", fields),
            "/x",
            "INVALID_CREDENTIALS",
        );
    }
    failed(
        &bring(&p, &way.cookie, "/auth/login/office/acs", &[own, relay, relay]),
        "/x",
        "INVALID_TOKEN",
    );
    assert_eq!(stored(&p), "", "nobody was made of any of these");
    // It is good once, and so is the request, and the name of what is said.
    assert_eq!(location(&come_back(&p, &way, &text(&way, "_1"))), "/x");
    let after = p.stored("select * from directus_users order by id");
    failed(&come_back(&p, &way, &text(&way, "_1")), "/x", "INVALID_TOKEN");
    failed(&come_back(&p, &way, &text(&way, "_2")), "/x", "INVALID_TOKEN");
    failed(&come_back(&p, &other, &text(&other, "_1")), "/y", "INVALID_TOKEN");
    assert_eq!(p.stored("select * from directus_users order by id"), after);
    assert_eq!(location(&come_back(&p, &other, &text(&other, "_3"))), "/y");
}

/// An address proves nothing: whoever was there before keeps its account.
#[test]
fn no_account_is_taken_over_by_its_address() {
    let provider = Saml::elliptic().unwrap();
    let p = project(&provider, &[("AUTH_OFFICE_SYNC_USER_INFO", "true")]);
    let ann = json!({ "email": "ann@example.com", "password": "secret-pass-1", "status": "unverified" });
    p.post(ADMIN, "/users", ann).ok();
    let before = p.stored("select * from directus_users order by id");
    for (name, email) in [
        ("_1", "ann@example.com"),
        ("_2", "Ann@Example.com"),
        ("_3", "admin@example.com"),
    ] {
        let way = leave(&p, "?redirect=/x");
        let said = answer(&way, name, email, &[("emailaddress", email)]);
        let back = come_back(&p, &way, &signed(&provider, &said));
        assert_eq!(location(&back), "/x?reason=INVALID_CREDENTIALS", "{email}");
    }
    assert_eq!(p.stored("select * from directus_users order by id"), before);
}

#[test]
fn the_settings_of_a_provider_hold_for_saml_too() {
    let provider = Saml::rsa().unwrap();
    let closed = project(&provider, &[("AUTH_OFFICE_ALLOW_PUBLIC_REGISTRATION", "false")]);
    let log_in = |p: &Project, name: &str, subject: &str, said: &[(&str, &str)]| {
        let way = leave(p, "?redirect=/x");
        let text = signed(&provider, &answer(&way, name, subject, said));
        location(&come_back(p, &way, &text))
    };
    assert_eq!(log_in(&closed, "_1", "one", &[]), "/x?reason=INVALID_CREDENTIALS");
    let known = json!({ "email": "one@example.com", "provider": "office", "external_identifier": "one" });
    let known = id(&closed.post(ADMIN, "/users", known).ok());
    assert_eq!(log_in(&closed, "_2", "one", &[]), "/x");
    closed
        .patch(ADMIN, &format!("/users/{known}"), json!({ "status": "suspended" }))
        .ok();
    assert_eq!(log_in(&closed, "_3", "one", &[]), "/x?reason=INVALID_CREDENTIALS");
    // Groups, roles, and another name of who it is.
    let role = "2f24211d-d928-469a-aea3-3c8f53d4e426";
    let groups = format!("{CLAIM}groups");
    let mapping = format!("json:{{\"staff\":\"{role}\"}}");
    let open = project(
        &provider,
        &[
            ("AUTH_OFFICE_IDENTIFIER_KEY", &format!("{CLAIM}number")),
            ("AUTH_OFFICE_GROUP_CLAIM_NAME", &groups),
            ("AUTH_OFFICE_ROLE_MAPPING", &mapping),
        ],
    );
    open.post(ADMIN, "/roles", json!({ "id": role, "name": "staff" })).ok();
    assert_eq!(
        log_in(&open, "_1", "ann", &[]),
        "/x?reason=INVALID_CREDENTIALS",
        "no number"
    );
    let two = [("number", "7"), ("number", "8")];
    assert_eq!(
        log_in(&open, "_2", "ann", &two),
        "/x?reason=INVALID_CREDENTIALS",
        "two of them"
    );
    let said = [("number", "7"), ("groups", "other"), ("groups", "staff")];
    assert_eq!(log_in(&open, "_3", "ann", &said), "/x");
    let kept = open.stored("select external_identifier, role from directus_users where provider = 'office'");
    assert_eq!(kept, format!("7|{role}"));
}

#[test]
fn the_doors_are_those_of_saml() {
    let provider = Saml::rsa().unwrap();
    let p = project(&provider, &[]);
    let told = p.get(PUBLIC, "/auth/login/office/metadata");
    assert_eq!(
        (told.status, header(&told, "content-type").as_deref()),
        (200, Some("application/xml"))
    );
    for part in [
        "entityID=\"https://project.example/auth/login/office/metadata\"",
        "Location=\"https://project.example/auth/login/office/acs\"",
        "WantAssertionsSigned=\"true\"",
    ] {
        assert!(told.text.contains(part), "{}", told.text);
    }
    let logout = bring(&p, "", "/auth/login/office/logout", &[("SAMLRequest", "x")]);
    assert_eq!((logout.status, logout.code().as_str()), (400, "INVALID_PAYLOAD"));
    assert!(logout.text.contains("POST /auth/logout"), "{}", logout.text);
    // Codes are not brought to a provider of SAML, nor answers to one of anything else.
    p.get(PUBLIC, "/auth/login/office/callback?code=x&state=y").is(404);
    for target in ["office/callback", "other/acs", "other/logout", "default/acs"] {
        let reply = bring(&p, "", &format!("/auth/login/{target}"), &[("SAMLResponse", "x")]);
        assert_eq!(reply.status, 404, "{target}");
    }
    p.get(PUBLIC, "/auth/login/other/metadata").is(404);
    // What is larger than any answer is not read.
    let way = leave(&p, "");
    let large = "A".repeat(600 * 1024);
    let reply = bring(&p, &way.cookie, "/auth/login/office/acs", &[("SAMLResponse", &large)]);
    assert_eq!(reply.status, 400, "{}", reply.text);
    let large = come_back(&p, &way, &format!("<a>{}</a>", "b".repeat(300 * 1024)));
    assert_eq!(
        location(&large),
        format!("{PROJECT}/admin/login?reason=INVALID_CREDENTIALS")
    );
}
