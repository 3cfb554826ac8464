//! Variables, whole and within a text.

use serde_json::json;

use super::{Saved, fill, fill_str};

const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn saved() -> Saved {
    let values = [
        ("n", json!(5)),
        ("t", json!(true)),
        ("o", json!("w")),
        ("nil", json!(null)),
        ("a.b", json!([1])),
        ("sec", json!(SECRET)),
        ("at", json!("e30.e30.c2ln")),
    ];
    values.map(|(name, value)| (name.to_owned(), value)).into()
}

#[test]
fn variables_at_any_depth() {
    let value = json!({
        "k{{n}}": ["{{n}}", "a{{n}}b{{t}}{{zz}}", "{{zz}}", {"__repeat": ["ab", 3]}],
        "o": "{{o}} {{nil}}", "l": "{{a.b}}", "x": "{{not a name}}",
    });
    let filled = json!({
        "k5": [5, "a5bTrue{{zz}}", "{{zz}}", "ababab"],
        "o": "w None", "l": [1], "x": "{{not a name}}",
    });
    assert_eq!(fill(&value, &saved()).unwrap(), filled);
}

#[test]
fn codes_and_forged_tokens() {
    let code = fill_str("{{totp:sec}}", &saved()).unwrap();
    assert!(code.len() == 6 && code.bytes().all(|c| c.is_ascii_digit()), "{code}");
    assert_eq!(fill_str("{{totp:none}}", &saved()).unwrap(), "{{totp:none}}");
    assert_eq!(fill_str("x={{jwt:at:sig=kept}}", &saved()).unwrap(), "x=e30.e30.c2ln");
    assert_eq!(
        fill_str("{{jwt:none:sig=kept}}", &saved()).unwrap(),
        "{{jwt:none:sig=kept}}"
    );
    let odd = "{{jwt:at:email=a@b.c}}";
    assert_eq!(fill_str(odd, &saved()).unwrap(), odd, "an @ cannot be in edits");
}

#[test]
fn a_broken_repeat_is_an_error() {
    assert!(fill(&json!({"__repeat": ["a"]}), &saved()).is_err());
}
