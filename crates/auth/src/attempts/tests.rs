//! Who is let try, and whom it is counted for.

use aedile_engine::Code;

use super::*;

fn peer(ip: &str) -> Peer {
    Peer {
        ip: Some(ip.parse().unwrap()),
        ..Peer::default()
    }
}

fn attempts(points: u32) -> Attempts {
    let limit = RateLimit {
        enabled: true,
        points,
        duration: Duration::from_secs(600),
    };
    Attempts::new(limit, None)
}

#[tokio::test]
async fn an_address_has_so_many_wrong_tries() {
    let attempts = attempts(2);
    for _ in 0..5 {
        attempts.admit(&peer("1.1.1.1"), 0).await.unwrap();
        attempts.right("ann", &peer("1.1.1.1")).await;
    }
    attempts.admit(&peer("1.1.1.1"), 0).await.unwrap();
    attempts.admit(&peer("1.1.1.1"), 0).await.unwrap();
    let refused = attempts.admit(&peer("1.1.1.1"), 0).await.unwrap_err();
    assert_eq!(refused.code(), Code::RequestsExceeded);
    attempts.admit(&peer("1.1.1.2"), 0).await.unwrap();
}

#[tokio::test]
async fn beyond_the_limit_an_address_has_one_try() {
    let attempts = attempts(100);
    let (here, there) = (peer("1.1.1.1"), peer("2.2.2.2"));
    for _ in 0..2 {
        assert!(!attempts.comes_to_nothing("ann", Some(2), &here, 0));
        attempts.failed("ann").await;
    }
    assert!(!attempts.comes_to_nothing("ann", Some(2), &here, 0), "not beyond it");
    attempts.failed("ann").await;
    assert!(!attempts.comes_to_nothing("ann", Some(2), &here, 0), "the one");
    assert!(attempts.comes_to_nothing("ann", Some(2), &here, 0));
    assert!(!attempts.comes_to_nothing("ann", Some(2), &there, 0));
    assert!(!attempts.comes_to_nothing("bob", Some(2), &here, 0));
    assert!(!attempts.comes_to_nothing("ann", None, &here, 0));
    attempts.right("ann", &here).await;
    assert!(!attempts.comes_to_nothing("ann", Some(2), &here, 0));
}
