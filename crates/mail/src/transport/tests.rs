//! Programs and files. Mail servers are tried from outside, with one that the tests start.

use std::{fs, os::unix::fs::PermissionsExt as _};

use aedile_engine::Result;
use aedile_platform::config;
use tempfile::TempDir;

use super::{Transport, lines};
use crate::{
    Kind, Letter,
    brand::Brand,
    message::{Ready, build},
    template::Rendered,
};

fn mail() -> (Letter, Ready) {
    let letter = Letter {
        to: "ann@example.com".into(),
        kind: Kind::PasswordReset,
        url: "https://example.com/x".into(),
    };
    let rendered = Rendered {
        html: "<p>one</p>\n.\n<p>two</p>".into(),
        text: "one\n.\ntwo".into(),
    };
    let brand = Brand::new("/", None, None, None, None);
    let ready = build(&letter, "no-reply@example.com", &brand, rendered).unwrap();
    (letter, ready)
}

#[tokio::test]
async fn sendmail_is_given_the_mail_and_its_addresses() {
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("sendmail");
    let said = folder.path().join("said");
    fs::write(
        &program,
        format!("#!/bin/sh\necho \"$@\" > {0}\ncat >> {0}\n", said.display()),
    )
    .unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let (letter, ready) = mail();
    let sendmail = Transport::Sendmail {
        path: program,
        crlf: false,
    };
    assert_eq!(sendmail.check().await, Ok(()));
    sendmail.send(&letter, &ready).await.unwrap();
    let told = fs::read_to_string(&said).unwrap();
    assert!(
        told.starts_with("-i -f no-reply@example.com -- ann@example.com\nFrom: "),
        "{told}"
    );
    assert!(!told.contains('\r') && told.contains("\n.\n"), "{told}");
    let failing = Transport::Sendmail {
        path: "/bin/false".into(),
        crlf: false,
    };
    assert!(failing.send(&letter, &ready).await.unwrap_err().passing);
    let missing = Transport::Sendmail {
        path: folder.path().join("missing"),
        crlf: false,
    };
    assert!(missing.check().await.is_err());
    assert!(missing.send(&letter, &ready).await.is_err());
}

#[tokio::test]
async fn a_file_is_for_its_owner_alone() {
    let folder = TempDir::new().unwrap();
    let (letter, ready) = mail();
    let file = Transport::File(folder.path().to_owned());
    for _ in 0..2 {
        file.send(&letter, &ready).await.unwrap();
    }
    let files: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 2);
    for path in files {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read(&path).unwrap(), ready.bytes);
    }
}

#[test]
fn line_ends_are_as_the_program_wants_them() {
    assert_eq!(lines(b"a\r\nb\rc\n\r\n", false), b"a\nb\rc\n\n");
    assert_eq!(lines(b"a\r\nb", true), b"a\r\nb");
}

#[test]
fn a_mail_server_has_to_be_named() {
    let mut settings = config::Mail {
        transport: config::MailTransport::Smtp,
        ..config::Mail::default()
    };
    let refused = |settings: &config::Mail| -> Result<()> { Transport::new(settings).map(drop) };
    assert!(refused(&settings).unwrap_err().to_string().contains("EMAIL_SMTP_HOST"));
    settings.smtp.host = Some("mail.example.com".into());
    assert!(refused(&settings).is_ok());
    settings.smtp.authorities = Some("no certificate".into());
    assert!(refused(&settings).unwrap_err().to_string().contains("EMAIL_SMTP_CA"));
}
