//! What holds whether or not the Studio was built before the tests.

use super::*;

#[test]
fn the_page_stands_where_it_is_reached() {
    let page = page("/base\"<&/admin/");
    assert!(!page.html.contains(BASE), "a place was left open");
    assert!(!page.policy.contains("unsafe"), "{}", page.policy);
    if is_built() {
        assert!(page.html.contains("<base href=\"/base&quot;&lt;&amp;/admin/\""));
        assert!(page.policy.starts_with("default-src 'none'"), "{}", page.policy);
    } else {
        assert!(page.html.contains("npm run build"));
    }
}

#[test]
fn files_are_found_by_their_paths_alone() {
    for known in FILES {
        assert_eq!(file(known.path).map(|found| found.path), Some(known.path));
        assert_ne!(known.media_type(), "application/octet-stream", "{}", known.path);
    }
    for unknown in [
        "",
        "/",
        "index.html",
        "index.csp",
        "../index.html",
        "assets/",
        ".gitignore",
    ] {
        assert!(file(unknown).is_none(), "{unknown}");
    }
}
