//! What goes over the wire, and that nothing becomes a header.

use super::{Letter, build};
use crate::{Kind, brand::Brand, template::Rendered};

fn built(to: &str, name: &str) -> Option<String> {
    let letter = Letter {
        to: to.into(),
        kind: Kind::PasswordReset,
        url: "https://example.com/x?token=secret".into(),
    };
    let brand = Brand {
        name: name.into(),
        ..Brand::new("/", None, None, None, None)
    };
    let rendered = Rendered {
        html: "<p>ä</p>".into(),
        text: "ä".into(),
    };
    let ready = build(&letter, "no-reply@example.com", &brand, rendered).ok()?;
    Some(String::from_utf8(ready.bytes).unwrap())
}

#[test]
fn a_mail_has_two_bodies_and_one_recipient() {
    let text = built("ann@example.com", "Acme").unwrap();
    for line in [
        "From: Acme <no-reply@example.com>\r\n",
        "To: ann@example.com\r\n",
        "Subject: Reset your password for Acme\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "Content-Type: text/html; charset=utf-8\r\n",
    ] {
        assert!(text.contains(line), "{line} {text}");
    }
    assert!(
        text.contains("@example.com>\r\n") && text.contains("\r\nDate: "),
        "{text}"
    );
}

#[test]
fn nothing_becomes_a_header() {
    for name in [
        "Acme\r\nBcc: all@example.com",
        "Acme\nBcc: all@example.com",
        "A\r\n\r\n<h1>",
        "\"\r\nBcc: x@y.z",
    ] {
        let text = built("ann@example.com", name).unwrap();
        let (head, _) = text.split_once("\r\n\r\n").unwrap();
        let names: Vec<&str> = head
            .lines()
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| line.split_once(':').map(|(name, _)| name))
            .collect();
        assert!(!names.iter().any(|name| name.eq_ignore_ascii_case("bcc")), "{head}");
        assert_eq!(names.len(), 8, "{names:?}");
    }
    for to in [
        "ann@example.com\r\nBcc: all@example.com",
        "ann@example.com\n",
        "ann@example.com,bob@example.com",
        "ann@example.com bob@example.com",
        "Ann <ann@example.com>",
        "@example.com",
        "ann",
        "",
    ] {
        assert_eq!(built(to, "Acme"), None, "{to:?}");
    }
}
