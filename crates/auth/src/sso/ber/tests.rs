//! What is written is read again, and what is no BER is refused without reading beyond it.

use super::*;

#[test]
fn what_is_written_is_read_again() {
    for value in [0, 1, -1, 127, 128, -128, -129, 255, 256, 65_535, i32::MAX, i32::MIN] {
        let written = number(tag::INTEGER, value);
        assert_eq!(Reader::new(&written).number(tag::INTEGER), Ok(value), "{written:?}");
    }
    assert_eq!(number(tag::INTEGER, 3), [2, 1, 3]);
    assert_eq!(number(tag::INTEGER, 128), [2, 2, 0, 128]);
    for size in [0, 1, 127, 128, 255, 256, 70_000] {
        let content = vec![7; size];
        let written = octets(&content);
        let mut reader = Reader::new(&written);
        assert_eq!(reader.take(tag::OCTETS), Ok(&content[..]), "{size}");
        assert!(reader.is_empty());
    }
    let pair = constructed(tag::SEQUENCE, &[octets(b"a"), number(tag::ENUMERATED, 2)]);
    let mut inside = Reader::new(Reader::new(&pair).take(tag::SEQUENCE).unwrap());
    assert_eq!(inside.take(tag::OCTETS), Ok(&b"a"[..]));
    assert_eq!(inside.number(tag::ENUMERATED), Ok(2));
    assert!(inside.is_empty());
}

#[test]
fn what_is_no_ber_is_refused() {
    let none: [&[u8]; 12] = [
        b"",
        b"\x04",
        b"\x04\x01",
        b"\x04\x02a",
        // Without a length of its own.
        b"\x30\x80\x00\x00",
        // Lengths of more bytes than there are, and than anybody needs.
        b"\x04\x81",
        b"\x04\x82\x01",
        b"\x04\x84\xff\xff\xff\xff",
        b"\x04\x85\x00\x00\x00\x00\x01a",
        b"\x04\xff",
        // A tag of several bytes.
        b"\x1f\x01\x00",
        b"\xbf\x81\x01\x00",
    ];
    for bytes in none {
        assert_eq!(Reader::new(bytes).value(), Err(Malformed), "{bytes:?}");
    }
    for bytes in [&b"\x02\x00"[..], b"\x02\x05\x01\x00\x00\x00\x00", b"\x04\x01\x01"] {
        assert_eq!(Reader::new(bytes).number(tag::INTEGER), Err(Malformed), "{bytes:?}");
    }
}
