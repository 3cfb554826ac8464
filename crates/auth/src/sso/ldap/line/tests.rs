//! What a directory may answer, right and wrong, said by one that the tests play.

use aedile_platform::config::Scope;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

use super::*;
use crate::sso::{
    ber::{constructed, element, number, octets},
    ldap::message::Filter,
};

/// A line to a directory that says these bytes, whatever it is asked, and hangs up.
async fn line(said: &[Vec<u8>]) -> Line<DuplexStream> {
    let (ours, mut theirs) = duplex(4 * MAX_BYTES);
    theirs.write_all(&said.concat()).await.unwrap();
    theirs.shutdown().await.unwrap();
    tokio::spawn(async move {
        let mut asked = Vec::new();
        theirs.read_to_end(&mut asked).await.ok();
    });
    Line::new(ours)
}

/// An outcome under a tag, as answer to question `id`.
fn outcome(id: i32, kind: u8, code: i32) -> Vec<u8> {
    let parts = [number(tag::ENUMERATED, code), octets(b""), octets(b"words")];
    constructed(tag::SEQUENCE, &[number(tag::INTEGER, id), constructed(kind, &parts)])
}

fn entry(id: i32, dn: &str, attributes: &[(&str, &[&str])]) -> Vec<u8> {
    let list: Vec<Vec<u8>> = attributes
        .iter()
        .map(|(name, values)| {
            let values: Vec<Vec<u8>> = values.iter().map(|value| octets(value.as_bytes())).collect();
            constructed(
                tag::SEQUENCE,
                &[octets(name.as_bytes()), constructed(tag::SET, &values)],
            )
        })
        .collect();
    let found = constructed(0x64, &[octets(dn.as_bytes()), constructed(tag::SEQUENCE, &list)]);
    constructed(tag::SEQUENCE, &[number(tag::INTEGER, id), found])
}

fn hint(id: i32) -> Vec<u8> {
    let elsewhere = constructed(0x73, &[octets(b"ldap://elsewhere.example/")]);
    constructed(tag::SEQUENCE, &[number(tag::INTEGER, id), elsewhere])
}

fn people(limit: usize) -> Search {
    Search {
        base: "ou=people".into(),
        scope: Scope::One,
        filter: Filter::Equal("cn".into(), b"ann".to_vec()),
        attributes: vec!["mail".into()],
        limit,
        seconds: 5,
    }
}

#[tokio::test]
async fn a_password_is_right_when_the_directory_says_so() {
    let said = [outcome(1, 0x61, 0), outcome(2, 0x61, 49)];
    let mut line = line(&said).await;
    assert_eq!(line.bind("cn=ann", "secret").await, Ok(Ok(())));
    let refused = line.bind("cn=ann", "wrong").await.unwrap().unwrap_err();
    assert_eq!((refused.code, refused.words.as_str()), (49, "words"));
    assert_eq!(line.bind("cn=ann", "secret").await, Err(Fault::Lost), "it has hung up");
}

/// A bind without a password succeeds at a directory, and proves nothing: it is not asked for.
#[tokio::test]
async fn nothing_is_no_password() {
    let mut line = line(&[outcome(1, 0x61, 0), outcome(1, 0x61, 0)]).await;
    assert_eq!(line.bind("cn=ann", "").await, Err(Fault::NoPassword));
    assert_eq!(line.bind("", "secret").await, Err(Fault::NoPassword));
    assert_eq!(
        line.bind("cn=ann", "secret").await,
        Ok(Ok(())),
        "nothing was sent before"
    );
}

#[tokio::test]
async fn entries_are_found_and_hints_passed_over() {
    let ann = entry(
        1,
        "cn=ann,ou=people",
        &[("MAIL", &["ann@example.com", "b"]), ("sn", &[])],
    );
    let mut line = line(&[hint(1), ann, hint(1), outcome(1, 0x65, 0)]).await;
    let (found, end) = line.search(&people(2)).await.unwrap();
    let [ann] = &found[..] else { panic!("{found:?}") };
    assert_eq!((ann.dn.as_str(), end.code), ("cn=ann,ou=people", 0));
    assert_eq!(
        (ann.text("mail"), ann.text("sn"), ann.text("cn")),
        (Some("ann@example.com"), None, None)
    );
}

#[tokio::test]
async fn what_is_no_answer_to_the_question_is_none() {
    let well = outcome(1, 0x61, 0);
    let cases: [(Vec<u8>, Fault); 9] = [
        // Of another question, of another kind, or of no kind that there is.
        (outcome(2, 0x61, 0), Fault::Malformed),
        (outcome(0, 0x61, 0), Fault::Malformed),
        (outcome(1, 0x65, 0), Fault::Malformed),
        (outcome(1, 0x78, 0), Fault::Malformed),
        (outcome(1, 0x6e, 0), Fault::Malformed),
        // Said by itself: it hangs up.
        (
            outcome(0, 0x78, 52),
            Fault::Refused(Outcome {
                code: 52,
                words: "words".into(),
            }),
        ),
        (element(tag::OCTETS, b"HTTP"), Fault::Malformed),
        (b"\x30\x80\x00\x00".to_vec(), Fault::Malformed),
        (well[..well.len() - 1].to_vec(), Fault::Lost),
    ];
    for (said, fault) in cases {
        let answer = line(std::slice::from_ref(&said)).await.bind("cn=ann", "secret").await;
        assert_eq!(answer, Err(fault), "{said:?}");
    }
    // Well cut off within, whatever the lengths outside say.
    for end in 2..well.len() {
        let mut cut = well[..end].to_vec();
        cut[1] = u8::try_from(end - 2).unwrap();
        assert!(line(&[cut]).await.bind("cn=ann", "secret").await.is_err(), "{end}");
    }
}

#[tokio::test]
async fn answers_have_bounds() {
    let one = entry(1, "cn=ann", &[]);
    let end = outcome(1, 0x65, 0);
    let many = |count: usize, of: &Vec<u8>| [vec![of.clone(); count], vec![end.clone()]].concat();
    let asked = async |said: &[Vec<u8>]| line(said).await.search(&people(3)).await.map(|(found, _)| found.len());
    assert_eq!(asked(&many(3, &one)).await, Ok(3));
    assert_eq!(asked(&many(4, &one)).await, Err(Fault::TooMuch));
    assert_eq!(asked(&many(MAX_HINTS, &hint(1))).await, Ok(0));
    assert_eq!(asked(&many(MAX_HINTS + 1, &hint(1))).await, Err(Fault::TooMuch));
    let half = "x".repeat(MAX_BYTES / 2);
    let large = entry(1, "cn=ann", &[("mail", &[&half])]);
    assert_eq!(asked(&many(1, &large)).await, Ok(1));
    assert_eq!(asked(&many(2, &large)).await, Err(Fault::TooMuch));
    // Only said to be large.
    let said = [&[tag::SEQUENCE, 0x84][..], &0x7fff_ffff_u32.to_be_bytes()].concat();
    assert_eq!(asked(&[said]).await, Err(Fault::TooMuch));
}

/// Encryption that is refused is no reason to go on without.
#[tokio::test]
async fn encryption_is_agreed_upon_or_it_ends() {
    assert!(line(&[outcome(1, 0x78, 0)]).await.start_tls().await.is_ok());
    assert!(line(&[outcome(1, 0x78, 2)]).await.start_tls().await.is_err());
    assert!(line(&[outcome(1, 0x61, 0)]).await.start_tls().await.is_err());
}
