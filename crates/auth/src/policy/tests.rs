//! The recorded policies, the forms around them, and what is refused.

use super::*;

const STRONG: &str = r#"/(?=^.{8,}$)(?=.*\d)(?=.*[a-z])(?=.*[A-Z])(?=.*[!@#$%^&*()_+}{';'?>.<,])(?!.*\s).*$/"#;

fn accepts(setting: &str, password: &str) -> bool {
    PasswordPolicy::parse(setting)
        .unwrap()
        .accepts(&Password::new(password).unwrap())
}

fn check(setting: &str, good: &[&str], bad: &[&str]) {
    for password in good {
        assert!(accepts(setting, password), "{setting} refuses {password:?}");
    }
    for password in bad {
        assert!(!accepts(setting, password), "{setting} accepts {password:?}");
    }
}

fn refusal(setting: &str) -> String {
    match PasswordPolicy::parse(setting) {
        Err(Error::Policy(why)) => why,
        other => panic!("{setting}: {other:?}"),
    }
}

#[test]
fn the_weak_policy_asks_for_eight_characters() {
    check(
        "/^.{8,}$/",
        &["12345678", "long enough", "pässwörd"],
        &["1234567", "short", "1", "1234\n5678"],
    );
    check("^.{8,}$", &["12345678"], &["1234567"]);
}

#[test]
fn the_strong_policy_asks_for_everything_it_names() {
    check(
        STRONG,
        &[
            "LongEnough1!",
            "aA1!aA1!",
            "LongEnough1}",
            "LongEnough1;",
            "LongEnough1^",
        ],
        &[
            "longenough",
            "LongEnough",
            "LongEnough1",
            "Long Enough1!",
            "Lon1!",
            "LONGENOUGH1!",
            "longenough1!",
            "LongEnough1-",
        ],
    );
}

#[test]
fn look_aheads_after_an_anchor_hold_from_the_start() {
    check(
        r"/^(?=.*[a-z])(?=.*\d)(?!.*\s).{4,}$/",
        &["abc1", "1abc"],
        &["abcd", "ab1", "ab 12", "1234"],
    );
    check(
        r"/^(?!password)(?!.*(.)\.)[a-z.]+$/",
        &["pass", "x"],
        &["password", "password1", "a.b"],
    );
    check("/(?=.*[a-z])(?=.*[0-9])/", &["a1", "1a"], &["a", "1"]);
    check("/(?!x)/", &["a", "x"], &[]);
    check("/^(?!x)/", &["a"], &["x"]);
}

/// Without an anchor the conditions may hold from any position on, as they do in the original.
#[test]
fn look_aheads_without_an_anchor_hold_at_some_position() {
    check(r"/(?!.*\s).{3,}/", &["abc", "a bcd"], &["a b", "ab c"]);
    check(r"/(?=.*b)a/", &["ab", "xaxb"], &["ba", "b", "a"]);
}

#[test]
fn alternatives_within_a_look_ahead_stay_within_it() {
    check(r"/^(?=.*\d|.*[!?])(?=.{3})/", &["ab1", "ab!"], &["abc", "1"]);
    check("/^abc$|^xyz$/", &["abc", "xyz"], &["abcxyz"]);
    check("/^(a|b)(?:c|d)(?<n>e|f)$/", &["ace", "bdf"], &["a", "abc"]);
}

#[test]
fn classes_mean_what_they_mean_in_javascript() {
    check(r"/^[a-z&&b]+$/", &["a&b", "z"], &["A"]);
    check(r"/^[[a]$/", &["[", "a"], &["]", "b"]);
    check(r"/^[+--]$/", &["+", ",", "-"], &["a", "."]);
    check(r"/^[a~~b-]+$/", &["a~b-"], &["c"]);
    check(r"/^[\w-.]+$/", &["a-b.c_1"], &["a b", "ä"]);
    check(r"/^[\d\-x]+$/", &["1-x"], &["a"]);
    check(r"/^[^\W]+$/", &["ab_1"], &["a-b", "ä"]);
    check(r"/^[\b\\\]]+$/", &["\u{8}\\]"], &["b"]);
    check("/^[]$/", &[], &["a", "]"]);
    check("/^[^]$/", &["a", "\n"], &["ab"]);
}

#[test]
fn escapes_and_braces_mean_what_they_mean_in_javascript() {
    check(r"/^\d+$/", &["123"], &["١٢٣", "a"]);
    check(r"/^\w+\W\S\s\D$/", &["ab-c d"], &["abc"]);
    check(r"/^\/\<a\>\.$/", &["/<a>."], &["/a."]);
    check(r"/^\x41\u0042$/", &["AB"], &["ab"]);
    check(r"/^\u{1F600}\p{Lu}$/u", &["😀Ä"], &["😀ä"]);
    check(r"/^a{2}b{1,}c{0,1}{x}$/", &["aabb{x}", "aabc{x}"], &["ab{x}"]);
    check(r"/^{,2}]$/", &["{,2}]"], &["]"]);
    check(r"/\bcat\b/", &["a cat b"], &["concat"]);
}

#[test]
fn flags_are_heeded() {
    check("/^abc$/i", &["ABC"], &["abd"]);
    check("/^a.c$/", &["abc"], &["a\nc", "a\rc", "a\u{2028}c"]);
    check("/^a.c$/s", &["a\nc"], &["ac"]);
    check("/^b$/m", &["a\nb"], &["a b"]);
    check("/^b$/gd", &["b"], &["a"]);
}

#[test]
fn what_cannot_be_enforced_is_refused_with_the_reason() {
    for (setting, why) in [
        ("", "empty"),
        ("//", "empty"),
        ("/a/y", "flag `y`"),
        ("/a/v", "flag `v`"),
        ("/^.{8,}(?!.*x)$/", "only supported at the start"),
        ("/^(?=a(?=b))/", "only supported at the start"),
        ("/^(?:(?=a)b)$/", "only supported at the start"),
        ("/(?<=a)b/", "look-behinds"),
        ("/(?<!a)b/", "look-behinds"),
        ("/(?=a)b|c/", "alternatives"),
        ("/(?=a)*b/", "repeated"),
        ("/(?=a/", "not closed"),
        ("/[a/", "not closed"),
        (r"/^(.)\1+$/", "references back"),
        (r"/\p{L}/", r"escape `\p`"),
        (r"/\u12/", "number is malformed"),
        (r"/a\", "ends in a backslash"),
        ("/a(/", "no valid regular expression"),
        ("/a)/", "no valid regular expression"),
        ("/[z-a]/", "no valid regular expression"),
        ("/(?>a)/", "unknown kind"),
        ("/(?:(?:a{999}){999}){999}/", "grows too large"),
    ] {
        let refused = refusal(setting);
        assert!(refused.contains(why), "{setting}: {refused}");
    }
    assert!(refusal(&"a".repeat(MAX_POLICY_BYTES + 1)).contains("too long"));
    assert!(refusal(&"(?=a)".repeat(MAX_CHECKS + 1)).contains("too many"));
}

#[test]
fn a_password_too_long_to_hash_is_refused_whatever_the_policy() {
    check("/^.{8,}$/", &[&"x".repeat(1024)], &[&"x".repeat(1025)]);
}

#[test]
fn the_longest_password_is_judged_quickly() {
    let start = std::time::Instant::now();
    assert!(!accepts(r"/(?=.*\d)(?=.*[a-z])(?!.*\s)(?=.*!)x.*$/", &"a".repeat(1024)));
    assert!(
        start.elapsed() < std::time::Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
}
