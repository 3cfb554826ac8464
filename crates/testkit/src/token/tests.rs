//! Codes against the vectors of RFC 6238; forged tokens against the recorder's.

use serde_json::{Value, json};

use super::{base32, claims, forge, totp};

/// The RFC's key, "12345678901234567890".
const SECRET: &str = "gezdgnbvgy3tqojqgezdgnbvgy3tqojq";

const HEAD: &str = "eyJhbGciOiAiSFMyNTYiLCAidHlwIjogIkpXVCJ9";
const PAYLOAD: &str =
    "eyJpZCI6ICJ4IiwgInJvbGUiOiAiXHUwMGU5IiwgImlhdCI6IDEwMDAsICJleHAiOiAxOTAwLCAiaXNzIjogImRpcmVjdHVzIn0";

#[test]
fn codes_of_the_rfc() {
    let vectors = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];
    for (time, code) in vectors {
        assert_eq!(totp(SECRET, time).unwrap(), code, "{time}");
    }
    assert!(totp("not base32!", 0).is_err());
}

#[test]
fn base32_of_any_length() {
    let cases: [(&str, &[u8]); 4] = [
        ("", b""),
        ("MY======", b"f"),
        ("mzxw6", b"foo"),
        ("MZXW6YTBOI======", b"foobar"),
    ];
    for (text, raw) in cases {
        assert_eq!(base32(text).unwrap(), raw, "{text}");
    }
}

#[test]
fn forged_tokens() {
    let token = format!("{HEAD}.{PAYLOAD}.c2ln");
    let cases = [
        (
            "",
            format!("{HEAD}.{PAYLOAD}.-gk4Q_uajSo0PSRasePIuG94eu0gg-CXFSEfM4gDK8c"),
        ),
        (
            "alg=HS512",
            format!(
                "eyJhbGciOiAiSFM1MTIiLCAidHlwIjogIkpXVCJ9.{PAYLOAD}.b-21fSnbug6AIJwhjIzE3rta8cnh\
                 3Dka5vKStNVpefn6OooQ-IJOKE_A57mRiLlD82ev0WIzePD0K4avJssDMA"
            ),
        ),
        (
            "id=,admin_access=true,n=5,z=null",
            format!(
                "{HEAD}.eyJyb2xlIjogIlx1MDBlOSIsICJpYXQiOiAxMDAwLCAiZXhwIjogMTkwMCwgImlzcyI6ICJka\
                 XJlY3R1cyIsICJhZG1pbl9hY2Nlc3MiOiB0cnVlLCAibiI6IDUsICJ6IjogbnVsbH0\
                 .N9nt42xwjO4L6o4EEuUG4UpYQcf_xr6qko0iZkTsG6E"
            ),
        ),
        (
            "key=",
            format!("{HEAD}.{PAYLOAD}.K6-Mpj9lF7V5SQVpdSMR5O8yAum8h1eT0az3QJG_Xw4"),
        ),
        (
            "key=k",
            format!("{HEAD}.{PAYLOAD}.JjyOvVEht6ySoahLK4VIbwZfSFnn-DWgBPKELN6J8e4"),
        ),
        ("sig=kept", token.clone()),
        ("sig=empty", format!("{HEAD}.{PAYLOAD}.")),
        (
            "alg=none,sig=none",
            format!("eyJhbGciOiAibm9uZSIsICJ0eXAiOiAiSldUIn0.{PAYLOAD}"),
        ),
    ];
    for (edits, forged) in cases {
        assert_eq!(forge(&token, edits).unwrap(), forged, "{edits}");
    }
    assert!(forge("no jwt", "").is_err());
}

#[test]
fn claims_in_comparable_form() {
    let token = Value::from(format!("{HEAD}.{PAYLOAD}.c2ln"));
    let payload = json!({"id": "x", "role": "é", "exp": "iat+900", "iss": "<iss>"});
    let header = json!({"alg": "HS256", "typ": "JWT"});
    assert_eq!(claims(Some(&token)), json!({"header": header, "payload": payload}));
    // {} and {"exp": 7}: no time of issue to count from
    let token = json!("e30.eyJleHAiOiA3fQ.x");
    assert_eq!(claims(Some(&token)), json!({"header": {}, "payload": {"exp": "<exp>"}}));
    for none in [None, Some(&json!("x")), Some(&json!(5)), Some(&json!("e30"))] {
        assert_eq!(claims(none), "<no jwt>");
    }
}
