//! Requests are repeatable, whole, and as different as they are meant to be.

use std::collections::BTreeSet;

use super::{Kit, Sender, Tokens};
use crate::fuzz::{names::Names, routes::routes};

fn kit() -> Kit {
    Kit {
        names: Names::of_demo().unwrap(),
        routes: routes().unwrap(),
    }
}

fn tokens() -> Tokens {
    Tokens {
        administrator: "a".to_owned(),
        website: "w".to_owned(),
        author: "n".to_owned(),
    }
}

#[test]
fn a_seed_and_a_number_make_one_request() {
    let (kit, tokens) = (kit(), tokens());
    let bytes = |seed, number| kit.request(seed, number, &tokens, false).bytes;
    assert_eq!(bytes(7, 12), bytes(7, 12));
    assert_ne!(bytes(7, 12), bytes(8, 12));
    let different: BTreeSet<Vec<u8>> = (0..500).map(|number| bytes(7, number)).collect();
    // Short requests (`GET /` by the public) may come twice; nothing else does.
    assert!(different.len() > 490, "{}", different.len());
}

#[test]
fn every_sender_asks_and_heads_are_whole() {
    let (kit, tokens) = (kit(), tokens());
    let mut senders = BTreeSet::new();
    for number in 0..500 {
        let request = kit.request(1, number, &tokens, false);
        senders.insert(request.sender);
        let head_ends = request.bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let line_ends = request.bytes.windows(2).position(|two| two == b"\r\n").unwrap();
        let line = std::str::from_utf8(&request.bytes[..line_ends]).unwrap();
        assert_eq!(line.split(' ').count(), 3, "{line}");
        assert!(head_ends > line_ends);
    }
    assert_eq!(senders.len(), 5);
}

#[test]
fn a_harmless_administrator_only_reads() {
    let (kit, tokens) = (kit(), tokens());
    for number in 0..2000 {
        let request = kit.request(1, number, &tokens, true);
        let writes = ["POST ", "PATCH ", "DELETE ", "PUT "]
            .iter()
            .any(|method| request.bytes.starts_with(method.as_bytes()));
        assert!(request.sender != Sender::Administrator || !writes, "{number}");
    }
}
