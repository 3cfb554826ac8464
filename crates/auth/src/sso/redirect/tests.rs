//! Places that are another than they look like.

use super::{Redirects, with_reason};

fn redirects() -> Redirects {
    let list = [
        "https://app.example.com/after".to_owned(),
        "https://other.example.com:8443/".to_owned(),
    ];
    Redirects::new("https://api.example.com/base", &list)
}

#[test]
fn this_project_and_what_is_listed() {
    for allowed in [
        "/",
        "/admin/content?x=y#z",
        "https://api.example.com/",
        "https://API.example.com/any/path?q",
        "https://api.example.com:443/x",
        "https://app.example.com/after",
        "https://app.example.com/after?x=y",
        "https://other.example.com:8443/",
    ] {
        assert!(redirects().allows(allowed), "{allowed}");
    }
}

#[test]
fn nothing_else() {
    for refused in [
        "",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " https://api.example.com/",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "http://api.example.com/",
        "https://api.example.com:8443/",
        "https://api.example.com.evil.example/",
        "https://api.example.com@evil.example/",
        "https://user@api.example.com/",
        "https://user:pass@app.example.com/after",
        "https://evil.example/?https://api.example.com/",
        "https://evil.example#https://api.example.com/",
        "https://evil.example\\@api.example.com/",
        "https://evilapi.example.com/",
        "https://app.example.com/",
        "https://app.example.com/after/more",
        "https://app.example.com/x/../after2",
        "https://app.example.com:444/after",
        "https://other.example.com/",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "admin",
        "https://аpi.example.com/",
    ] {
        assert!(!redirects().allows(refused), "{refused}");
    }
    assert!(!redirects().allows(&format!("/{}", "x".repeat(2_000))));
    let bare = Redirects::new("/", &[]);
    assert!(bare.allows("/admin") && !bare.allows("//evil.example") && !bare.allows("https://api.example.com/"));
}

#[test]
fn a_reason_goes_into_the_query() {
    assert_eq!(with_reason("/a", "X"), "/a?reason=X");
    assert_eq!(with_reason("/a?b=c#d", "X"), "/a?b=c&reason=X#d");
}
