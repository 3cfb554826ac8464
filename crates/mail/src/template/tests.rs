//! The built-in templates, and those of a project.

use std::fs;

use tempfile::TempDir;

use super::{Kind, Rendered, Templates};
use crate::brand::Brand;

/// A folder of templates.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const URL: &str = "https://example.com/x?a=\"><script>alert(1)</script>&token=t";

fn rendered(files: &[(&str, &str)]) -> Rendered {
    let folder = folder(files);
    let brand = Brand::new(
        "https://example.com",
        Some("<b>A & B</b>"),
        Some("#123456"),
        Some("logo"),
        None,
    );
    let templates = Templates::load(folder.path()).unwrap();
    templates
        .render(Kind::PasswordReset, &brand, "ann@example.com", URL)
        .unwrap()
}

#[test]
fn values_are_escaped_in_html_and_plain_in_text() {
    let mail = rendered(&[]);
    assert!(
        !mail.html.contains("<script>") && !mail.html.contains("<b>A"),
        "{}",
        mail.html
    );
    assert!(mail.html.contains("&lt;b&gt;A &amp; B&lt;/b&gt;"), "{}", mail.html);
    assert!(mail.html.contains("a=&quot;&gt;&lt;script&gt;"), "{}", mail.html);
    assert!(mail.html.contains("#123456") && mail.html.contains("https://example.com/assets/logo"));
    assert!(
        mail.text.contains(URL) && mail.text.contains("<b>A & B</b>"),
        "{}",
        mail.text
    );
}

#[test]
fn every_built_in_template_holds_the_link_in_both_bodies() {
    let nowhere = std::path::Path::new("no-such-folder");
    let templates = Templates::load(nowhere).unwrap();
    for kind in Kind::ALL {
        let brand = Brand::new("/", Some("Acme"), None, None, None);
        let mail = templates
            .render(kind, &brand, "ann@example.com", "https://example.com/x")
            .unwrap();
        for body in [&mail.html, &mail.text] {
            assert!(
                body.contains("https://example.com/x") && body.contains("Acme"),
                "{kind:?} {body}"
            );
            assert!(!body.contains("{{") && !body.contains("{%"), "{body}");
        }
        assert!(
            mail.html.starts_with("<!doctype html>") && !mail.html.contains("<img"),
            "{}",
            mail.html
        );
    }
}

#[test]
fn files_override_one_by_one() {
    let own = "{% layout 'base' %}{% block content %}{{ projectName | escape }} {{ url | escape }}{% endblock %}";
    let mail = rendered(&[
        ("password-reset.liquid", own),
        ("base.liquid", "<i>{% block content %}{% endblock %}</i>"),
    ]);
    // Escaped once, whatever the template does.
    assert!(
        mail.html
            .starts_with("<i>&lt;b&gt;A &amp; B&lt;/b&gt; https://example.com/x?a=&quot;&gt;"),
        "{}",
        mail.html
    );
    assert!(mail.text.contains("password"), "{}", mail.text);
    let mail = rendered(&[(
        "password-reset.text.liquid",
        "{% if projectUrl %}no{% endif %}{{ email }}",
    )]);
    assert_eq!(mail.text, "ann@example.com");
}

#[test]
fn a_faulty_file_is_told_by_its_name() {
    for (name, text) in [
        ("password-reset.liquid", "{% if %}"),
        ("user-invitation.text.liquid", "{{ url "),
        ("base.liquid", "{% nothing %}"),
    ] {
        let folder = folder(&[(name, text)]);
        let error = Templates::load(folder.path()).err().unwrap().to_string();
        assert!(error.contains("EMAIL_TEMPLATES_PATH"), "{name}: {error}");
    }
}
