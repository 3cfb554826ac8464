//! Numbers in PostgreSQL's binary form.

use super::*;

fn told(words: &[i16]) -> String {
    let raw: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    let mut out = Vec::new();
    numeric(&raw, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn decimals_keep_every_digit() {
    assert_eq!(told(&[0, 0, 0, 0]), "0");
    assert_eq!(told(&[0, 0, 0, 2]), "0.00");
    assert_eq!(told(&[2, 0, 0, 5, 3, 2500]), "3.25000");
    assert_eq!(told(&[1, 1, 0, 0, 12]), "120000");
    assert_eq!(told(&[2, 1, 0x4000, 0, 1, 2]), "-10002");
    assert_eq!(told(&[1, -1, 0, 4, 5]), "0.0005");
    assert_eq!(told(&[1, -2, 0, 6, 500]), "0.000005");
    assert_eq!(told(&[0, 0, -0x4000, 0]), "NaN");
}

#[test]
fn lists_are_written_as_lists() {
    assert_eq!(list(r#"["a","b\"c\\d",null]"#), r#"{"a","b\"c\\d",null}"#);
    assert_eq!(list("[]"), "{}");
    assert_eq!(list("{1,2}"), "{1,2}");
}
