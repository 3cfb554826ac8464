//! Numbers: exactness, rounding, and what is none.

use serde_json::json;

use super::*;

#[test]
fn decimals_round_half_away_from_zero() {
    let cases = [
        ("3.25", 2, "3.25"),
        ("1", 2, "1.00"),
        ("1.005", 2, "1.01"),
        ("-1.005", 2, "-1.01"),
        ("1.0049", 2, "1.00"),
        ("9.995", 2, "10.00"),
        ("0.005", 2, "0.01"),
        ("0.004", 2, "0.00"),
        ("-0.004", 2, "0.00"),
        ("0.0005", 2, "0.00"),
        (".5", 0, "1"),
        ("1e3", 1, "1000.0"),
        ("1.5e-7", 5, "0.00000"),
        ("1.5E-7", 8, "0.00000015"),
        ("007.10", 1, "7.1"),
        ("+2", 0, "2"),
        ("12345678901234567890.123456789", 9, "12345678901234567890.123456789"),
    ];
    for (text, scale, expected) in cases {
        let decimal = Decimal::parse(text).expect(text);
        assert_eq!(decimal.rounded(scale).to_string(), expected, "{text} to {scale}");
    }
}

#[test]
fn what_is_no_number_is_told_from_what_is_too_large() {
    for text in [
        "", "-", ".", "1.2.3", "x", "1x", "1e", "e5", "inf", "NaN", "0x10", "1_000", "--1", "1e+-5", "١",
    ] {
        assert_eq!(Decimal::parse(text), Err(Misfit::Malformed), "{text}");
        assert_eq!(real(&json!(text)), Err(Misfit::Malformed), "{text}");
        assert_eq!(whole(&json!(text)), Err(Misfit::Malformed), "{text}");
    }
    assert_eq!(Decimal::parse("1e9999"), Err(Misfit::OutOfRange));
    assert_eq!(Decimal::parse(&"9".repeat(600)), Err(Misfit::OutOfRange));
    assert_eq!(real(&json!("1e399")), Err(Misfit::OutOfRange));
    assert_eq!(whole(&json!("9223372036854775808")), Err(Misfit::OutOfRange));
    assert_eq!(whole(&json!(9_223_372_036_854_775_808_u64)), Err(Misfit::OutOfRange));
    assert_eq!(whole(&json!(1e300)), Err(Misfit::OutOfRange));
    assert_eq!(whole(&json!(1.5)), Err(Misfit::Malformed));
    assert_eq!(whole(&json!("1.5")), Err(Misfit::Malformed));
    assert_eq!(whole(&json!(true)), Err(Misfit::Malformed));
}

#[test]
fn whole_numbers_are_exact() {
    assert_eq!(whole(&json!("9007199254740993")), Ok(9_007_199_254_740_993));
    assert_eq!(whole(&json!(i64::MIN)), Ok(i64::MIN));
    assert_eq!(whole(&json!(5.0)), Ok(5));
    assert_eq!(whole(&json!(" -7 ")), Ok(-7));
}

#[test]
fn comparison_is_exact() {
    let cases = [
        (
            json!("9007199254740993"),
            json!("9007199254740992"),
            Some(Ordering::Greater),
        ),
        (json!(7), json!("7.00"), Some(Ordering::Equal)),
        (json!("05"), json!(5), Some(Ordering::Equal)),
        (json!(-2), json!(1), Some(Ordering::Less)),
        (json!(-2), json!(-1), Some(Ordering::Less)),
        (json!(0), json!("-0.0"), Some(Ordering::Equal)),
        (json!(0.1), json!(0.09), Some(Ordering::Greater)),
        (json!("x"), json!(1), None),
        (json!(null), json!(1), None),
    ];
    for (a, b, expected) in cases {
        assert_eq!(compare(&a, &b), expected, "{a} {b}");
    }
}

#[test]
fn digits_before_the_point_are_counted() {
    for (text, count, is_whole) in [
        ("0", 0, true),
        ("0.5", 0, false),
        ("12.5", 2, false),
        ("1e5", 6, true),
        ("7.00", 1, true),
        ("0.05", 0, false),
    ] {
        let decimal = Decimal::parse(text).expect(text);
        assert_eq!(
            (decimal.whole_digits(), decimal.is_whole()),
            (count, is_whole),
            "{text}"
        );
    }
}
