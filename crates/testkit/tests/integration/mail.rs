//! Mails, received: by a mail server that the tests start, from a real server process.

use std::{
    fs,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use aedile_testkit::{
    fixture::{ADMIN, PUBLIC, Project},
    mail::{Received, Security, Sink},
};
use serde_json::json;
use tempfile::TempDir;

/// What has not happened by then will not.
const PATIENCE: Duration = Duration::from_secs(30);

const LINKS: &str = "https://app.example.com/";

/// A project that hands its mails to this server, with further settings.
fn project(sink: &Sink, more: &[(&str, &str)]) -> Project {
    let port = sink.port().to_string();
    let mut settings = vec![
        ("EMAIL_TRANSPORT", "smtp"),
        ("EMAIL_SMTP_HOST", "localhost"),
        ("EMAIL_SMTP_PORT", &port),
        ("EMAIL_FROM", "robot@example.com"),
        ("PUBLIC_URL", "https://api.example.com"),
        ("PASSWORD_RESET_URL_ALLOW_LIST", LINKS),
        ("REGISTER_STALL_TIME", "0"),
    ];
    settings.extend(more);
    Project::with(&settings)
}

fn forget(p: &Project, email: &str) -> u16 {
    p.post(PUBLIC, "/auth/password/request", json!({ "email": email }))
        .status
}

/// The token of the link in a mail.
fn token(mail: &Received) -> String {
    let text = mail.text();
    let rest = text.split("token=").nth(1).unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

/// The log, once this is in it.
fn logged(p: &Project, text: &str) -> String {
    let end = Instant::now() + PATIENCE;
    while !p.log().contains(text) {
        assert!(Instant::now() < end, "{}", p.log());
        sleep(Duration::from_millis(20));
    }
    p.log()
}

/// Tells the server to stop, and waits until it has.
fn stop(p: &Project) {
    let process = p.process().to_string();
    assert!(Command::new("kill").arg(&process).status().unwrap().success());
    let runs = || fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
    let end = Instant::now() + PATIENCE;
    while runs() {
        assert!(Instant::now() < end, "{}", p.log());
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_forgotten_password_is_set_by_what_the_mail_says() {
    let sink = Sink::start(Security::StartTls).unwrap();
    let p = project(
        &sink,
        &[
            ("EMAIL_SMTP_USER", "robot"),
            ("EMAIL_SMTP_PASSWORD", "hush"),
            ("EMAIL_SMTP_CA", sink.authority()),
        ],
    );
    p.patch(
        ADMIN,
        "/settings",
        json!({ "project_name": "Büro & Söhne", "project_color": "#123abc" }),
    )
    .ok();
    assert_eq!(forget(&p, "Admin@example.com"), 204);
    let [mail] = &sink.wait(1).unwrap()[..] else { panic!() };
    assert!(mail.encrypted);
    assert_eq!(mail.login, Some(("robot".into(), "hush".into())));
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("robot@example.com", &["admin@example.com".to_owned()][..])
    );
    assert!(mail.header("From").unwrap().ends_with("<robot@example.com>"));
    assert!(mail.text().contains("Büro & Söhne"), "{}", mail.text());
    assert!(
        mail.html().contains("Büro &amp; Söhne") && mail.html().contains("#123abc"),
        "{}",
        mail.html()
    );
    let link = format!("https://api.example.com/admin/reset-password?token={}", token(mail));
    assert!(
        mail.text().contains(&link) && mail.html().contains(&link),
        "{}",
        mail.html()
    );
    p.post(
        PUBLIC,
        "/auth/password/reset",
        json!({ "token": token(mail), "password": "a-new-password" }),
    )
    .ok();
    let login = json!({ "email": "admin@example.com", "password": "a-new-password" });
    p.post(PUBLIC, "/auth/login", login).ok();
}

#[test]
fn invitations_and_registrations_are_mailed() {
    let sink = Sink::start(Security::Implicit).unwrap();
    let p = project(
        &sink,
        &[("EMAIL_SMTP_SECURE", "true"), ("EMAIL_SMTP_CA", sink.authority())],
    );
    let role = p.role("guests", &[]);
    p.post(
        ADMIN,
        "/users/invite",
        json!({ "email": ["ann@example.com", "bob@example.com"], "role": role }),
    )
    .ok();
    let settings = json!({ "public_registration": true, "public_registration_verify_email": true });
    p.patch(ADMIN, "/settings", settings).ok();
    p.post(
        PUBLIC,
        "/users/register",
        json!({ "email": "cid@example.com", "password": "secret-pass-1" }),
    )
    .ok();
    let mails = sink.wait(3).unwrap();
    let of = |name: &str| {
        mails
            .iter()
            .find(|mail| mail.to == [format!("{name}@example.com")])
            .unwrap()
    };
    for (name, path) in [
        ("ann", "/admin/accept-invite?token="),
        ("bob", "/admin/accept-invite?token="),
        ("cid", "/users/register/verify-email?token="),
    ] {
        assert!(
            of(name).text().contains(&format!("https://api.example.com{path}")),
            "{}",
            of(name).text()
        );
        assert!(of(name).encrypted);
    }
    p.post(
        PUBLIC,
        "/users/invite/accept",
        json!({ "token": token(of("ann")), "password": "secret-pass-2" }),
    )
    .ok();
    p.post(
        PUBLIC,
        "/auth/login",
        json!({ "email": "ann@example.com", "password": "secret-pass-2" }),
    )
    .ok();
    p.get(
        PUBLIC,
        &format!("/users/register/verify-email?token={}", token(of("cid"))),
    );
    p.post(
        PUBLIC,
        "/auth/login",
        json!({ "email": "cid@example.com", "password": "secret-pass-1" }),
    )
    .ok();
}

#[test]
fn a_project_has_templates_of_its_own() {
    let sink = Sink::start(Security::None).unwrap();
    let folder = TempDir::new().unwrap();
    let own = "{% layout 'base' %}{% block content %}<b>Hallo {{ email }}</b> {{ url }}{% endblock %}";
    fs::write(folder.path().join("password-reset.liquid"), own).unwrap();
    let p = project(&sink, &[("EMAIL_TEMPLATES_PATH", folder.path().to_str().unwrap())]);
    forget(&p, "admin@example.com");
    let mails = sink.wait(1).unwrap();
    assert!(
        mails[0].html().contains("<b>Hallo admin@example.com</b>"),
        "{}",
        mails[0].html()
    );
    assert!(mails[0].text().contains("new password"), "{}", mails[0].text());
}

/// A password is sent to nobody who does not show who it is, nor where others could read it.
#[test]
fn a_password_is_sent_to_the_right_server_alone() {
    let login = [("EMAIL_SMTP_USER", "robot"), ("EMAIL_SMTP_PASSWORD", "hush")];
    let (open, other) = (
        Sink::start(Security::None).unwrap(),
        Sink::start(Security::StartTls).unwrap(),
    );
    for sink in [&open, &other] {
        let p = project(sink, &login);
        assert_eq!(forget(&p, "admin@example.com"), 204);
        let log = logged(&p, "could not be sent");
        assert!(!log.contains("token="), "{log}");
        assert_eq!(sink.mails().len(), 0);
    }
    // Unless the operator insists.
    let p = project(&open, &[login[0], login[1], ("EMAIL_SMTP_IGNORE_TLS", "true")]);
    forget(&p, "admin@example.com");
    assert!(open.wait(1).unwrap()[0].login.is_some());
}

/// Whoever asks is told the same, at once, whatever becomes of the mail.
#[test]
fn nobody_learns_what_becomes_of_a_mail() {
    let refusing = Sink::refusing("550 nobody").unwrap();
    let p = project(&refusing, &[]);
    let started = Instant::now();
    let told: Vec<(u16, String)> = ["admin@example.com", "nobody@example.com"]
        .map(|email| p.post(PUBLIC, "/auth/password/request", json!({ "email": email })))
        .map(|reply| (reply.status, reply.text))
        .to_vec();
    assert_eq!(told[0], told[1]);
    assert!(started.elapsed().as_secs() < 5);
    logged(&p, "could not be sent");
    // A mail server that never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    let p = project(&refusing, &[("EMAIL_SMTP_PORT", &port)]);
    let started = Instant::now();
    assert_eq!(forget(&p, "admin@example.com"), 204);
    assert!(started.elapsed().as_secs() < 5);
    p.get(ADMIN, "/users/me").ok();
}

#[test]
fn a_name_becomes_no_header() {
    let sink = Sink::start(Security::None).unwrap();
    let p = project(&sink, &[]);
    let name = "Acme\r\nBcc: all@example.com\r\n\r\nhello";
    p.patch(ADMIN, "/settings", json!({ "project_name": name })).ok();
    forget(&p, "admin@example.com");
    for email in [
        "admin@example.com\r\nBcc: all@example.com",
        "admin@example.com\nTo: x@y.z",
        "admin@example.com,x@y.z",
    ] {
        forget(&p, email);
        let invited = p.post(
            ADMIN,
            "/users/invite",
            json!({ "email": email, "role": p.role("r", &[]) }),
        );
        assert_eq!(invited.status, 400, "{email:?}");
    }
    // The next mail is the second one: none of those was sent.
    forget(&p, "admin@example.com");
    for mail in sink.wait(2).unwrap() {
        assert_eq!(mail.to, ["admin@example.com"]);
        assert!(
            !mail.names().iter().any(|name| name.eq_ignore_ascii_case("bcc")),
            "{}",
            mail.data
        );
        assert!(
            mail.header("Subject")
                .unwrap()
                .starts_with("Reset your password for Acme"),
            "{}",
            mail.data
        );
    }
    assert_eq!(sink.mails().len(), 2);
}

/// What is asked for while the server is stopped is sent before it ends.
#[test]
fn mails_under_way_are_sent_before_the_server_ends() {
    let sink = Sink::start(Security::None).unwrap();
    let p = project(&sink, &[("SERVER_SHUTDOWN_TIMEOUT", "5s")]);
    for _ in 0..20 {
        forget(&p, "admin@example.com");
    }
    stop(&p);
    assert_eq!(sink.mails().len(), 20);
}

#[test]
fn mails_are_written_to_files_for_development() {
    let p = Project::with(&[("EMAIL_TRANSPORT", "file"), ("EMAIL_FILE_PATH", "./out")]);
    forget(&p, "admin@example.com");
    let folder = p.folder().join("out");
    let end = Instant::now() + PATIENCE;
    let mut found = Vec::new();
    while found.is_empty() && Instant::now() < end {
        let entries = fs::read_dir(&folder).into_iter().flatten();
        found = entries
            .filter_map(|entry| fs::read_to_string(entry.ok()?.path()).ok())
            .collect();
        found.retain(|text| text.contains("token"));
    }
    assert!(found[0].contains("To: admin@example.com"), "{found:?}");
}
