//! Logging in with what a directory knows, against a real one that the tests start.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpListener,
    thread,
};

use aedile_testkit::{
    fixture::{ADMIN, PUBLIC, Project, Reply, id, text},
    slapd::{READER, READER_PASSWORD, Slapd},
};
use rusqlite::Connection;
use serde_json::{Value, json};

/// The password of everybody in these directories.
const PASSWORD: &str = "secret-pass-1";

/// A person of the directory.
fn person(name: &str, more: &str) -> String {
    format!(
        "dn: cn={name},ou=people,dc=example,dc=com
objectClass: inetOrgPerson
objectClass: account-control
cn: {name}
sn: Lee
givenName: {name}
uid: {name}-1
mail: {name}@example.com
userPassword: {PASSWORD}
{more}

"
    )
}

fn group(name: &str, members: &[&str]) -> String {
    let members: String = members
        .iter()
        .map(|name| format!("member: cn={name},ou=people,dc=example,dc=com\n"))
        .collect();
    format!("dn: cn={name},ou=groups,dc=example,dc=com\nobjectClass: groupOfNames\ncn: {name}\n{members}\n")
}

/// A project that lets in whom this address knows, with further settings.
fn project(url: &str, more: &[(&str, &str)]) -> Project {
    let mut settings = vec![
        ("AUTH_PROVIDERS", "office"),
        ("AUTH_OFFICE_DRIVER", "ldap"),
        ("AUTH_OFFICE_CLIENT_URL", url),
        ("AUTH_OFFICE_BIND_DN", READER),
        ("AUTH_OFFICE_BIND_PASSWORD", READER_PASSWORD),
        ("AUTH_OFFICE_USER_DN", "ou=people,dc=example,dc=com"),
    ];
    settings.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    settings.extend(more);
    Project::with(&settings)
}

fn login(p: &Project, name: &str, password: &str) -> Reply {
    let body = json!({ "identifier": name, "password": password });
    p.post(PUBLIC, "/auth/login/office", body)
}

/// Makes sure that nobody was let in, and nothing stored.
#[track_caller]
fn refused(p: &Project, name: &str, password: &str) {
    let body = json!({ "identifier": name, "password": password });
    let reply = p.denied(PUBLIC, "POST", "/auth/login/office", body);
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (401, "INVALID_CREDENTIALS"),
        "{name}: {}",
        reply.text
    );
}

fn stored(p: &Project) -> String {
    p.stored("select external_identifier, email, first_name, last_name, status from directus_users where provider = 'office' order by external_identifier")
}

fn role_of(p: &Project, name: &str) -> String {
    p.stored(&format!(
        "select r.name from directus_users u left join directus_roles r on r.id = u.role where u.first_name = '{name}'"
    ))
}

#[test]
fn somebody_is_logged_in_by_a_directory() {
    let slapd = Slapd::start(&person("ann", "")).unwrap();
    let p = project(&slapd.url(), &[]);
    let list: Value = serde_json::from_str(&p.get(PUBLIC, "/auth").text).unwrap();
    let shown = json!({ "data": [{ "name": "office", "label": "office", "driver": "ldap", "icon": "account_circle" }], "disableDefault": false });
    assert_eq!(list, shown);
    let told = login(&p, "ann", PASSWORD).ok();
    let token = text(&told.at("/access_token"));
    let me = id(&p.get(&token, "/users/me").ok());
    assert_eq!(
        stored(&p),
        "cn=ann,ou=people,dc=example,dc=com|ann@example.com|ann|Lee|active"
    );
    // As directories compare names; the same person is the same user.
    let again = login(&p, "ANN", PASSWORD).ok();
    assert_eq!(id(&p.get(&text(&again.at("/access_token")), "/users/me").ok()), me);
    let body = json!({ "identifier": "ann", "password": PASSWORD, "mode": "session" });
    let session = p.post(PUBLIC, "/auth/login/office", body).ok();
    assert!(session.head.contains("directus_session_token="), "{}", session.head);
    assert_eq!(session.at("/access_token"), Value::Null);
    assert_eq!(
        p.stored("select count(*) from directus_activity where action = 'login'"),
        "3"
    );
    // No browser is led there, and no password of ours opens it.
    p.get(PUBLIC, "/auth/login/office").is(404);
    p.get(PUBLIC, "/auth/login/office/callback?code=x&state=y").is(404);
    p.post(
        PUBLIC,
        "/auth/login",
        json!({ "email": "ann@example.com", "password": PASSWORD }),
    )
    .is(401);
    for other in ["other", "default", "OFFICE"] {
        let body = json!({ "identifier": "ann", "password": PASSWORD });
        p.post(PUBLIC, &format!("/auth/login/{other}"), body).is(404);
    }
}

#[test]
fn whom_the_directory_does_not_let_in_is_refused_alike() {
    let people = [
        person("ann", ""),
        person("off", "userAccountControl: 514"),
        person("bob", "userAccountControl: 512"),
    ];
    let slapd = Slapd::start(&people.concat()).unwrap();
    let p = project(&slapd.url(), &[]);
    let unknown = login(&p, "nobody", PASSWORD);
    for (name, password) in [("ann", "wrong"), ("off", PASSWORD), ("off", "wrong"), ("nobody", "x")] {
        refused(&p, name, password);
        assert_eq!(login(&p, name, password).text, unknown.text, "{name}");
    }
    // Nothing is no password: a directory would take it for nobody in particular, and say yes.
    for body in [
        json!({ "identifier": "ann", "password": "" }),
        json!({ "identifier": "ann" }),
        json!({ "identifier": "", "password": PASSWORD }),
        json!({ "identifier": ["ann"], "password": PASSWORD }),
        json!({ "identifier": "ann", "password": PASSWORD, "mode": "x" }),
        json!({ "identifier": "ann", "password": PASSWORD, "otp": 1 }),
        json!([]),
    ] {
        let reply = p.denied(PUBLIC, "POST", "/auth/login/office", body.clone());
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "INVALID_PAYLOAD"),
            "{body}"
        );
    }
    refused(&p, "ann", &"x".repeat(2_000));
    assert_eq!(stored(&p), "");
    login(&p, "bob", PASSWORD).ok();
}

/// What somebody types is a value, and never a part of a question.
#[test]
fn no_name_is_read_as_a_question() {
    let slapd = Slapd::start(&[person("ann", ""), person("a*b", "")].concat()).unwrap();
    let p = project(&slapd.url(), &[]);
    for name in [
        "*",
        "a*",
        "an?",
        "ann)(cn=*",
        "*)(objectClass=*",
        "ann)(|(cn=*))",
        "\\61nn",
        "\\2a",
        "ann\\00",
        "ann\u{0}",
        "ann,ou=people,dc=example,dc=com",
        "cn=ann",
        "cn=ann,ou=people,dc=example,dc=com",
        "ann@example.com",
        "(cn=ann)",
        "ann#",
        "+ann",
        "ann\u{200b}",
        "reader",
    ] {
        refused(&p, name, PASSWORD);
        refused(&p, name, READER_PASSWORD);
    }
    login(&p, "a*b", PASSWORD).ok();
    assert_eq!(
        p.stored("select external_identifier from directus_users where provider = 'office'"),
        "cn=a*b,ou=people,dc=example,dc=com"
    );
    // A name that leads to two people leads to nobody.
    let p = project(&slapd.url(), &[("AUTH_OFFICE_USER_ATTRIBUTE", "sn")]);
    refused(&p, "Lee", PASSWORD);
}

#[test]
fn groups_lead_to_roles() {
    let groups = [
        group("Staff", &["ann", "bob"]),
        group("Editors", &["ann"]),
        group("Other", &["cid"]),
    ];
    let people = ["ann", "bob", "cid"].map(|name| person(name, "")).concat();
    let slapd = Slapd::start(&[people, groups.concat()].concat()).unwrap();
    let settings = [("AUTH_OFFICE_GROUP_DN", "ou=groups,dc=example,dc=com")];
    let p = project(&slapd.url(), &settings);
    for name in ["Staff", "Editors", "Everybody"] {
        p.role(name, &[]);
    }
    for name in ["ann", "bob", "cid"] {
        login(&p, name, PASSWORD).ok();
    }
    // Roles are called as groups are; of several the first by name.
    assert_eq!(
        [role_of(&p, "ann"), role_of(&p, "bob"), role_of(&p, "cid")],
        ["Editors", "Staff", "∅"]
    );
    // The directory decides at each login, whatever was set here.
    let everybody = p.stored("select id from directus_roles where name = 'Everybody'");
    let bob = p.stored("select id from directus_users where first_name = 'bob'");
    p.patch(ADMIN, &format!("/users/{bob}"), json!({ "role": everybody }))
        .ok();
    assert_eq!(role_of(&p, "bob"), "Everybody");
    slapd
        .change("dn: cn=Editors,ou=groups,dc=example,dc=com\nchangetype: modify\nreplace: member\nmember: cn=cid,ou=people,dc=example,dc=com\n")
        .unwrap();
    for name in ["ann", "bob", "cid"] {
        login(&p, name, PASSWORD).ok();
    }
    assert_eq!(
        [role_of(&p, "ann"), role_of(&p, "bob"), role_of(&p, "cid")],
        ["Staff", "Staff", "Editors"]
    );
}

#[test]
fn the_operators_list_goes_before_names() {
    let groups = [group("staff", &["ann", "bob"]), group("chiefs", &["ann"])];
    let posix = "dn: cn=night,ou=groups,dc=example,dc=com\nobjectClass: posixGroup\ncn: night\ngidNumber: 7\nmemberUid: bob-1\nmemberUid: ann\n\n";
    let people = ["ann", "bob", "cid"].map(|name| person(name, "")).concat();
    let slapd = Slapd::start(&[people, groups.concat(), posix.to_owned()].concat()).unwrap();
    let ids = [
        "4e4a7d6e-6d0c-4a51-9f0b-3d5f1a2b3c41",
        "4e4a7d6e-6d0c-4a51-9f0b-3d5f1a2b3c42",
        "4e4a7d6e-6d0c-4a51-9f0b-3d5f1a2b3c43",
    ];
    let mapping = format!(
        "{{\"chiefs\":\"{}\",\"staff\":\"{}\",\"night\":\"{}\"}}",
        ids[0], ids[1], ids[1]
    );
    let settings = [
        ("AUTH_OFFICE_GROUP_DN", "ou=groups,dc=example,dc=com"),
        ("AUTH_OFFICE_ROLE_MAPPING", mapping.as_str()),
        ("AUTH_OFFICE_DEFAULT_ROLE_ID", ids[2]),
    ];
    let roles = |p: &Project| {
        for (id, name) in ids.into_iter().zip(["One", "Two", "staff"]) {
            p.post(ADMIN, "/roles", json!({ "id": id, "name": name })).ok();
        }
        for name in ["ann", "bob", "cid"] {
            login(p, name, PASSWORD).ok();
        }
        ["ann", "bob", "cid"].map(|name| role_of(p, name))
    };
    assert_eq!(roles(&project(&slapd.url(), &settings)), ["One", "Two", "staff"]);
    // Groups of the other kind name their members by user names.
    let settings = [&settings[..], &[("AUTH_OFFICE_GROUP_ATTRIBUTE", "memberUid")]].concat();
    assert_eq!(roles(&project(&slapd.url(), &settings)), ["staff", "Two", "staff"]);
    // Without groups the usual role is that of the first login, and it is left alone after that.
    let p = project(&slapd.url(), &[("AUTH_OFFICE_DEFAULT_ROLE_ID", ids[2])]);
    assert_eq!(roles(&p), ["staff"; 3]);
    let ann = p.stored("select id from directus_users where first_name = 'ann'");
    p.patch(ADMIN, &format!("/users/{ann}"), json!({ "role": ids[0] })).ok();
    login(&p, "ann", PASSWORD).ok();
    assert_eq!(role_of(&p, "ann"), "One");
}

/// An account belongs to an entry of the directory. Whoever was here before keeps its own.
#[test]
fn no_account_is_taken_over_by_its_address() {
    let slapd = Slapd::start(&[person("ann", ""), person("Bob", "")].concat()).unwrap();
    let p = project(&slapd.url(), &[]);
    let users = |provider: &str, identifier: &str, email: &str| {
        let body =
            json!({ "email": email, "provider": provider, "external_identifier": identifier, "status": "active" });
        id(&p.post(ADMIN, "/users", body).ok())
    };
    users("default", "", "ann@example.com");
    refused(&p, "ann", PASSWORD);
    users("other", "cn=ann,ou=people,dc=example,dc=com", "ann-2@example.com");
    refused(&p, "ann", PASSWORD);
    // One that was made beforehand, as other servers write it.
    let bob = users("office", "cn=bob,ou=people,dc=example,dc=com", "bob-2@example.com");
    let told = login(&p, "bob", PASSWORD).ok();
    assert_eq!(id(&p.get(&text(&told.at("/access_token")), "/users/me").ok()), bob);
    // Who is not active is refused, with the right password too.
    p.patch(ADMIN, &format!("/users/{bob}"), json!({ "status": "suspended" }))
        .ok();
    refused(&p, "bob", PASSWORD);
    let p = project(&slapd.url(), &[("AUTH_OFFICE_ALLOW_PUBLIC_REGISTRATION", "false")]);
    refused(&p, "ann", PASSWORD);
}

#[test]
fn names_and_address_follow_the_directory_where_wanted() {
    let slapd = Slapd::start(&person("ann", "")).unwrap();
    let renamed = "dn: cn=ann,ou=people,dc=example,dc=com\nchangetype: modify\nreplace: mail\nmail: ann.lee@example.com\n-\nreplace: givenName\ngivenName: Anne\n";
    let still = project(&slapd.url(), &[]);
    let follows = project(&slapd.url(), &[("AUTH_OFFICE_SYNC_USER_INFO", "true")]);
    for p in [&still, &follows] {
        login(p, "ann", PASSWORD).ok();
    }
    slapd.change(renamed).unwrap();
    for p in [&still, &follows] {
        login(p, "ann", PASSWORD).ok();
    }
    assert!(stored(&still).contains("|ann@example.com|ann|"), "{}", stored(&still));
    assert!(
        stored(&follows).contains("|ann.lee@example.com|Anne|"),
        "{}",
        stored(&follows)
    );
}

#[test]
fn wrong_passwords_are_counted_as_ever() {
    let slapd = Slapd::start(&person("ann", "")).unwrap();
    let p = project(&slapd.url(), &[]);
    p.patch(ADMIN, "/settings", json!({ "auth_login_attempts": 2 })).ok();
    login(&p, "ann", PASSWORD).ok();
    for _ in 0..3 {
        login(&p, "ann", "wrong").is(401);
    }
    assert!(stored(&p).ends_with("|suspended"), "{}", stored(&p));
    refused(&p, "ann", PASSWORD);
    let limits = [
        ("RATE_LIMITER_LOGIN_ENABLED", "true"),
        ("RATE_LIMITER_LOGIN_POINTS", "3"),
    ];
    let p = project(&slapd.url(), &limits);
    for _ in 0..5 {
        login(&p, "ann", PASSWORD).ok();
    }
    for _ in 0..3 {
        login(&p, "nobody", "wrong").is(401);
    }
    assert_eq!(login(&p, "ann", PASSWORD).code(), "REQUESTS_EXCEEDED");
}

#[test]
fn a_second_factor_of_ours_is_asked_for() {
    let slapd = Slapd::start(&person("ann", "")).unwrap();
    let p = project(&slapd.url(), &[]);
    login(&p, "ann", PASSWORD).ok();
    let database = Connection::open(p.folder().join("data.db")).unwrap();
    database
        .execute(
            "update directus_users set tfa_secret = 'JBSWY3DPEHPK3PXP' where provider = 'office'",
            [],
        )
        .unwrap();
    assert_eq!(login(&p, "ann", PASSWORD).code(), "INVALID_OTP");
    let body = json!({ "identifier": "ann", "password": PASSWORD, "otp": "000000x" });
    assert_eq!(
        p.denied(PUBLIC, "POST", "/auth/login/office", body).code(),
        "INVALID_OTP"
    );
    assert_eq!(login(&p, "ann", "wrong").code(), "INVALID_CREDENTIALS");
}

#[test]
fn a_session_lasts_while_the_directory_knows_its_user() {
    let slapd = Slapd::start(&[person("ann", ""), person("bob", "")].concat()).unwrap();
    let p = project(&slapd.url(), &[]);
    let token = |reply: Reply| text(&reply.ok().at("/refresh_token"));
    let refresh = |token: &str| p.post(PUBLIC, "/auth/refresh", json!({ "refresh_token": token }));
    let ann = token(refresh(&token(login(&p, "ann", PASSWORD))));
    let bob = token(login(&p, "bob", PASSWORD));
    let control = |to: &str| {
        format!(
            "dn: cn=ann,ou=people,dc=example,dc=com\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: {to}\n"
        )
    };
    slapd.change(&control("66050")).unwrap();
    slapd
        .change("dn: cn=bob,ou=people,dc=example,dc=com\nchangetype: delete\n")
        .unwrap();
    for token in [&ann, &bob] {
        assert_eq!(refresh(token).is(401).code(), "INVALID_CREDENTIALS");
    }
    slapd.change(&control("66048")).unwrap();
    let ann = token(refresh(&ann));
    // One that cannot be asked leaves sessions as they are, and gives nothing.
    drop(slapd);
    assert_eq!(refresh(&ann).is(503).code(), "SERVICE_UNAVAILABLE");
    assert_eq!(login(&p, "ann", PASSWORD).is(503).code(), "SERVICE_UNAVAILABLE");
    assert_eq!(
        p.stored(
            "select count(*) from directus_sessions where token = '{ann}'"
                .replace("{ann}", &ann)
                .as_str()
        ),
        "1"
    );
}

#[test]
fn what_is_encrypted_is_known_with_whom() {
    let slapd = Slapd::start(&person("ann", "")).unwrap();
    let start_tls = ("AUTH_OFFICE_CLIENT_START_TLS", "true");
    let trust = ("EGRESS_CA", slapd.authority());
    for (url, more) in [
        (slapd.encrypted_url(), vec![trust]),
        (slapd.url(), vec![trust, start_tls]),
    ] {
        login(&project(&url, &more), "ann", PASSWORD).ok();
    }
    // An authority that nobody trusts, a name that is not in the certificate, a port that speaks otherwise.
    for (url, more) in [
        (slapd.encrypted_url(), vec![]),
        (slapd.url(), vec![start_tls]),
        (slapd.encrypted_url().replace("localhost", "127.0.0.1"), vec![trust]),
        (slapd.url().replace("ldap:", "ldaps:"), vec![trust]),
    ] {
        login(&project(&url, &more), "ann", PASSWORD).is(503);
    }
    // Whoever is in between may say that there is no encryption: then nothing is said, not even who asks.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ldap://localhost:{}", listener.local_addr().unwrap().port());
    let heard = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 256];
        let length = stream.read(&mut asked).unwrap();
        // Refused: an extended response with code 2.
        stream
            .write_all(b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00")
            .unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).ok();
        [&asked[..length], &rest].concat()
    });
    login(&project(&url, &[start_tls]), "ann", PASSWORD).is(503);
    let heard = String::from_utf8_lossy(&heard.join().unwrap()).into_owned();
    assert!(heard.contains("1.3.6.1.4.1.1466.20037"), "{heard:?}");
    assert!(!heard.contains("reader") && !heard.contains(PASSWORD), "{heard:?}");
}

/// A directory may say that another one knows more: the operator has named this one.
#[test]
fn nobody_goes_where_a_directory_points() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let port = elsewhere.local_addr().unwrap().port();
    let referral = format!(
        "dn: ou=more,ou=people,dc=example,dc=com
objectClass: referral
objectClass: extensibleObject
ou: more
ref: ldap://127.0.0.1:{port}/ou=people,dc=example,dc=com

"
    );
    let slapd = Slapd::start(&[referral, person("ann", "")].concat()).unwrap();
    let p = project(&slapd.url(), &[("AUTH_OFFICE_USER_SCOPE", "sub")]);
    login(&p, "ann", PASSWORD).ok();
    refused(&p, "bob", PASSWORD);
    // The very place of people is elsewhere.
    let p = project(
        &slapd.url(),
        &[("AUTH_OFFICE_USER_DN", "ou=more,ou=people,dc=example,dc=com")],
    );
    login(&p, "ann", PASSWORD).is(503);
    assert_eq!(elsewhere.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

/// What is set wrongly lets nobody in, and tells callers no more than that.
#[test]
fn a_directory_that_cannot_be_asked_lets_nobody_in() {
    let slapd = Slapd::start(&person("ann", "")).unwrap();
    for wrong in [
        ("AUTH_OFFICE_BIND_PASSWORD", "wrong"),
        ("AUTH_OFFICE_USER_DN", "ou=none,dc=example,dc=com"),
        ("AUTH_OFFICE_USER_DN", "no name"),
        ("AUTH_OFFICE_GROUP_DN", "ou=none,dc=example,dc=com"),
    ] {
        let p = project(&slapd.url(), &[wrong]);
        let told = login(&p, "ann", PASSWORD).is(503);
        assert!(
            !told.text.contains("example") && !told.text.contains("reader"),
            "{}",
            told.text
        );
        assert!(p.log().contains("the directory"), "{}", p.log());
        assert!(!p.log().contains(PASSWORD) && !p.log().contains(READER_PASSWORD));
        assert_eq!(stored(&p), "");
    }
    // One that takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ldap://127.0.0.1:{}", silent.local_addr().unwrap().port());
    login(&project(&url, &[]), "ann", PASSWORD).is(503);
}
