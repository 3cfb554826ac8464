//! Single sign-on (GHSA-fr3w-2p22-6w7p, GHSA-cf45-hxwj-4cfj, GHSA-8m32-p958-jg99, GHSA-cff8-x7jv-4fm8, and the class of
//! requests that the server is made to send): where browsers are led, who may look at that, and whom a provider makes us
//! ask.

use std::{io::ErrorKind, net::TcpListener};

use aedile_testkit::{
    fixture::{PUBLIC, Project},
    identity::{CLIENT, Identity, SECRET, encoded},
};
use serde_json::json;

fn project(provider: &Identity) -> Project {
    let issuer = provider.issuer();
    Project::with(&[
        ("PUBLIC_URL", "https://project.example"),
        ("AUTH_PROVIDERS", "test"),
        ("AUTH_TEST_CLIENT_ID", CLIENT),
        ("AUTH_TEST_CLIENT_SECRET", SECRET),
        ("AUTH_TEST_ISSUER_URL", &issuer),
        ("AUTH_TEST_REDIRECT_ALLOW_LIST", "https://app.example.com/after"),
    ])
}

#[test]
fn class_rd_ghsa_fr3w_2p22_6w7p_ghsa_cf45_hxwj_4cfj_a_login_leads_nowhere_else() {
    let provider = Identity::start().unwrap();
    let p = project(&provider);
    let ask = |redirect: &str| p.get(PUBLIC, &format!("/auth/login/test?redirect={}", encoded(redirect)));
    for redirect in [
        "/admin",
        "https://project.example/x",
        "https://app.example.com/after?x=y",
    ] {
        ask(redirect).is(302);
    }
    for redirect in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "https://project.example@evil.example/",
        "https://project.example.evil.example/",
        "https://project.example:8443/",
        "http://project.example/",
        "https://app.example.com/after/../x",
        "https://app.example.com:444/after",
        "https://app.example.com",
        "https://user@app.example.com/after",
        "javascript:alert(1)",
        "https:evil.example",
    ] {
        let told = ask(redirect).is(400);
        assert!(!told.head.contains("evil.example"), "{redirect}: {}", told.head);
    }
    p.get(PUBLIC, "/auth/login/test?redirect[]=/a&redirect[]=/b").is(400);
}

#[test]
fn class_au_ghsa_8m32_p958_jg99_no_page_holds_on_to_a_login() {
    let provider = Identity::start().unwrap();
    let p = project(&provider);
    for target in ["/auth/login/test", "/auth/login/test/callback?code=x&state=y"] {
        let head = p.get(PUBLIC, target).is(302).head.to_ascii_lowercase();
        assert!(
            head.contains("cross-origin-opener-policy: same-origin\r\n")
                || head.contains("cross-origin-opener-policy: same-origin\n"),
            "{head}"
        );
        assert!(
            head.contains("secure") && head.contains("__host-aedile_sso_test="),
            "{head}"
        );
    }
}

#[test]
fn class_ck_ghsa_cff8_x7jv_4fm8_no_answer_of_a_login_is_kept() {
    let provider = Identity::start().unwrap();
    let p = project(&provider);
    for target in ["/auth/login/test", "/auth/login/test/callback?code=x&state=y"] {
        let head = p.get(PUBLIC, target).head.to_ascii_lowercase();
        assert!(
            head.contains("cache-control: no-store") && !head.contains("etag:"),
            "{head}"
        );
    }
}

/// A description may name other servers, but none that is not on the public internet.
#[test]
fn class_ss_a_provider_leads_nobody_inside() {
    let provider = Identity::start().unwrap();
    let inside = TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let url = format!("http://127.0.0.1:{}/", inside.local_addr().unwrap().port());
    for entry in ["jwks_uri", "token_endpoint", "userinfo_endpoint"] {
        provider.describes(json!({ entry: url }));
        let p = project(&provider);
        p.get(PUBLIC, "/auth/login/test");
        p.get(PUBLIC, "/auth/login/test/callback?code=x&state=y");
        let came = inside.accept();
        assert!(
            came.is_err_and(|error| error.kind() == ErrorKind::WouldBlock),
            "{entry}"
        );
    }
    provider.describes(json!({ "jwks_uri": url }));
    project(&provider).get(PUBLIC, "/auth/login/test").is(503);
}
