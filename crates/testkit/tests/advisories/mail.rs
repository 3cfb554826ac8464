//! Mails (GHSA-4hmq-ggrm-qfc6, GHSA-5h38-6755-g83w, GHSA-8xp8-xrh2-88vr, GHSA-qw9g-7549-7wg5): what is mailed, to whom,
//! and that nothing in it is more than text.

use aedile_testkit::{
    fixture::{PUBLIC, Project},
    mail::{Security, Sink},
};
use serde_json::json;
use tempfile::TempDir;

const LINKS: &str = "https://app.example.com/reset";

fn project(sink: &Sink, more: &[(&str, &str)]) -> Project {
    let port = sink.port().to_string();
    let mut settings = vec![
        ("EMAIL_TRANSPORT", "smtp"),
        ("EMAIL_SMTP_HOST", "localhost"),
        ("EMAIL_SMTP_PORT", &port),
        ("PUBLIC_URL", "https://api.example.com"),
        ("PASSWORD_RESET_URL_ALLOW_LIST", LINKS),
    ];
    settings.extend(more);
    Project::with(&settings)
}

/// The query of an address is free, and stays an address.
#[test]
fn class_xs_ghsa_4hmq_ggrm_qfc6_a_link_in_a_mail_is_no_tag() {
    let sink = Sink::start(Security::None).unwrap();
    let p = project(&sink, &[]);
    let url = format!("{LINKS}?a=\"><script>alert(1)</script><a>'");
    let body = json!({ "email": "admin@example.com", "reset_url": url });
    p.post(PUBLIC, "/auth/password/request", body).is(204);
    let html = sink.wait(1).unwrap()[0].html();
    assert!(html.contains("&lt;script&gt;") && !html.contains("<script"), "{html}");
    assert!(!html.contains("'\"") && !html.contains("a=\""), "{html}");
}

/// A mail goes to the address that is stored, never to one that only looks like it.
#[test]
fn class_au_ghsa_8xp8_xrh2_88vr_a_mail_goes_to_the_stored_address() {
    let sink = Sink::start(Security::None).unwrap();
    let p = project(&sink, &[]);
    for email in [
        "ADMIN@EXAMPLE.COM",
        "ädmin@example.com",
        "admın@example.com",
        "admin@exämple.com",
        "admin@example.com ",
        "admin@example.com\u{0}",
        "admin@example.com,evil@example.com",
    ] {
        p.post(PUBLIC, "/auth/password/request", json!({ "email": email }))
            .is(204);
    }
    p.post(
        PUBLIC,
        "/auth/password/request",
        json!({ "email": "admin@example.com" }),
    )
    .is(204);
    let mails = sink.wait(2).unwrap();
    assert!(mails.iter().all(|mail| mail.to == ["admin@example.com"]), "{mails:?}");
}

/// The name of a template is a name: none leads out of its folder.
#[test]
fn class_fs_ghsa_5h38_6755_g83w_a_template_is_no_path() {
    let scratch = TempDir::new().unwrap();
    let folder = scratch.path();
    std::fs::create_dir_all(folder.join("inside")).unwrap();
    std::fs::write(folder.join("secret.liquid"), "secret").unwrap();
    let page = "{% layout '../secret' %}{% block content %}x{% endblock %}";
    std::fs::write(folder.join("inside/password-reset.liquid"), page).unwrap();
    let inside = folder.join("inside").to_str().unwrap().to_owned();
    let started = std::panic::catch_unwind(|| Project::with(&[("EMAIL_TEMPLATES_PATH", &inside)]));
    assert!(started.is_err(), "a server does not start with it");
}
