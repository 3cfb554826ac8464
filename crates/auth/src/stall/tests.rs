//! Who waits is woken, in order, and never early.

use super::*;

const SHORT: Duration = Duration::from_millis(30);

#[tokio::test]
async fn nobody_is_woken_early() {
    let clock = Clock::new().unwrap();
    for least in [Duration::ZERO, SHORT, 3 * SHORT] {
        let begun = Instant::now();
        let stall = clock.stall(least);
        tokio::time::sleep(SHORT / 3).await;
        stall.over().await;
        assert!(begun.elapsed() >= least, "{least:?} were {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_later_time_does_not_hold_up_an_earlier_one() {
    let clock = Clock::new().unwrap();
    let (late, soon) = (clock.stall(Duration::from_secs(3600)), clock.stall(SHORT));
    let gone = clock.stall(SHORT / 2);
    drop(gone);
    tokio::time::timeout(Duration::from_secs(10), soon.over())
        .await
        .unwrap();
    let still = tokio::time::timeout(SHORT, late.over()).await;
    assert!(still.is_err(), "an hour is not over yet");
}

#[tokio::test]
async fn without_its_clock_a_time_passes_all_the_same() {
    let begun = Instant::now();
    let stall = Clock::new().unwrap().stall(SHORT);
    stall.over().await;
    assert!(begun.elapsed() >= SHORT);
}

#[tokio::test]
async fn chance_adds_a_little_to_each_time_but_none_to_none() {
    let clock = Clock::new().unwrap();
    let least = Duration::from_secs(3600);
    let begun = Instant::now();
    let added: Vec<_> = (0..64).map(|_| clock.stall(least).ends - begun - least).collect();
    let made = begun.elapsed();
    assert!(added.iter().all(|added| *added <= SPREAD + made), "{added:?}");
    // Without chance each would end later than the one before it.
    assert!(!added.is_sorted(), "{added:?}");
    assert!(clock.stall(Duration::ZERO).ends <= Instant::now());
}
