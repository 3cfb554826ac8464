//! One reading of every address.

use super::parse;

#[test]
fn all_spellings_of_a_host_become_one() {
    for (text, url) in [
        ("HTTP://EXAMPLE.com", "http://example.com/"),
        ("https://example.com.:443/a?b#c", "https://example.com/a?b"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://2130706433:8080", "http://127.0.0.1:8080/"),
        ("http://bücher.example/ä", "http://xn--bcher-kva.example/%C3%A4"),
        ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ("http://example.com/../a/./b", "http://example.com/a/b"),
    ] {
        assert_eq!(parse(text).unwrap().as_str(), url, "{text}");
    }
}

#[test]
fn what_could_be_read_in_two_ways_is_none() {
    let long = format!("http://example.com/{}", "a".repeat(9_000));
    for text in [
        "",
        "example.com",
        "//example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http://user@example.com/",
        "http://user:pass@example.com/",
        "http://:pass@example.com/",
        "http://example.com\\@other/",
        "http:\\\\example.com/",
        "http://exa mple.com/",
        "http://example.com/\n",
        " http://example.com/",
        "ht\ttp://example.com/",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://a..b../",
        "http://./",
        "http://[fe80::1%25eth0]/",
        "http://[::1",
        "http://exa%00mple.com/",
        &long,
    ] {
        assert!(parse(text).is_err(), "{text:?} is {:?}", parse(text));
    }
}
