//! Dates and times, as recorded.

use super::*;

#[test]
fn dates_are_cut_from_moments_without_shifting() {
    let cases = [
        ("2024-02-29", Some("2024-02-29")),
        ("2024-01-05T23:59:59Z", Some("2024-01-05")),
        ("2024-01-05T23:59:59", Some("2024-01-05")),
        ("2024-01-05T23:59:59-11:00", Some("2024-01-05")),
        ("2024-1-5", None),
        ("2023-02-29", None),
        ("yesterday-ish", None),
        ("2024-13-01", None),
        ("2020-13-45", None),
        ("0000-01-01", None),
        ("2024-01-05T", None),
        ("2024-01-05Tnoon", None),
        ("2024-01-05 and more", None),
        ("", None),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_date(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn times_keep_fractions() {
    let cases = [
        ("00:00:00", Some("00:00:00")),
        ("23:59", Some("23:59:00")),
        ("23:59:59.123", Some("23:59:59.123")),
        ("23:59:59.100", Some("23:59:59.1")),
        ("23:59:59.1234567", Some("23:59:59.123456")),
        ("24:00:00", None),
        ("12:60", None),
        ("12", None),
        ("1:00", None),
        ("12:00:00Z", None),
        ("12:00:00.", None),
        ("nope", None),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_time(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn walls_are_read_in_utc_without_fractions() {
    let cases = [
        ("2024-03-10T01:02:03", Some("2024-03-10T01:02:03")),
        ("2024-03-10 01:02:03", Some("2024-03-10T01:02:03")),
        ("2024-03-10", Some("2024-03-10T00:00:00")),
        ("2024-03-10T01:02:03.456", Some("2024-03-10T01:02:03")),
        ("2024-03-10T01:02:03Z", Some("2024-03-10T01:02:03")),
        ("2024-03-10T01:02:03+02:00", Some("2024-03-09T23:02:03")),
        ("1969-12-31T23:59:59.9Z", Some("1969-12-31T23:59:59")),
        ("nope", None),
        ("nonsense", None),
        ("2024-02-30T00:00:00", None),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_wall(text).map(format_wall).as_deref(), expected, "{text}");
    }
}

#[test]
fn instants_keep_milliseconds() {
    let cases = [
        ("2024-03-10T01:02:03Z", Some("2024-03-10T01:02:03.000Z")),
        ("2024-03-10T01:02:03+02:00", Some("2024-03-09T23:02:03.000Z")),
        ("2024-03-10T01:02:03+0200", Some("2024-03-09T23:02:03.000Z")),
        ("2024-03-10T01:02:03+02", Some("2024-03-09T23:02:03.000Z")),
        ("2024-03-10T01:02:03.456Z", Some("2024-03-10T01:02:03.456Z")),
        ("2024-03-10T01:02:03", Some("2024-03-10T01:02:03.000Z")),
        ("2024-03-10", Some("2024-03-10T00:00:00.000Z")),
        ("1969-12-31T23:59:59Z", Some("1969-12-31T23:59:59.000Z")),
        ("2099-12-31T23:59:59.999-11:00", Some("2100-01-01T10:59:59.999Z")),
        ("9999-12-31T23:59:59.999Z", Some("9999-12-31T23:59:59.999Z")),
        ("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00.000Z")),
        ("1969-12-31T23:59:59.9999Z", Some("1969-12-31T23:59:59.999Z")),
        ("9999-12-31T23:59:59-01:00", None),
        ("2024-03-10T01:02:03+99:00", None),
        ("2024-03-10T01:02:03+02:", None),
        ("2024-03-10T01:02:03+02:60", None),
        ("2024-03-10T01:02:03 Z", None),
        ("0001-01-01T00:00:00+01:00", None),
        ("９024-03-10", None),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_instant(text).map(format_instant).as_deref(), expected, "{text}");
    }
}

#[test]
fn json_numbers_are_milliseconds() {
    assert_eq!(instant(&1_704_067_200_123_i64.into()), Some(1_704_067_200_123));
    assert_eq!(wall(&1_704_067_200_123_i64.into()), Some(1_704_067_200_000));
    assert_eq!(instant(&1.5.into()), None);
    assert_eq!(instant(&i64::MAX.into()), None);
    assert_eq!(instant(&true.into()), None);
}

#[test]
fn shifting_stays_in_the_calendar() {
    let at = |text: &str| parse_instant(text).expect("a moment");
    let cases = [
        ("2024-02-29T12:00:00Z", 0, 12, "2025-02-28T12:00:00.000Z"),
        ("2024-01-31T00:00:00Z", 0, 1, "2024-02-29T00:00:00.000Z"),
        ("2024-03-31T00:00:00.5Z", 0, -1, "2024-02-29T00:00:00.500Z"),
        ("2024-03-01T00:00:00Z", -86_400_000, 0, "2024-02-29T00:00:00.000Z"),
        ("2024-03-01T00:00:00Z", 0, -1200, "1924-03-01T00:00:00.000Z"),
        ("2024-03-01T00:00:00Z", 0, 120_000, "9999-12-31T23:59:59.999Z"),
        ("2024-03-01T00:00:00Z", 0, -120_000, "0001-01-01T00:00:00.000Z"),
        ("2024-03-01T00:00:00Z", i64::MAX, 0, "9999-12-31T23:59:59.999Z"),
        ("2024-03-01T00:00:00Z", i64::MIN, i64::MIN, "0001-01-01T00:00:00.000Z"),
    ];
    for (now, ms, months, expected) in cases {
        assert_eq!(
            format_instant(shift(at(now), ms, months)),
            expected,
            "{now} {ms} {months}"
        );
    }
}
