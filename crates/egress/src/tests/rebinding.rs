//! Names that lead elsewhere the next time they are asked for. Here 127.0.0.2 stands for the outside, because the list
//! opens it, and 127.0.0.1 for the inside.

use super::{
    Names, client, get, is_refused,
    server::{Server, redirect},
};

const OUTSIDE: &[&str] = &["127.0.0.2"];
const INSIDE: &[&str] = &["127.0.0.1"];

#[tokio::test]
async fn a_name_is_asked_for_once_and_that_address_is_taken() {
    let outside = Server::saying("127.0.0.2", 0, "outside").await;
    let inside = Server::saying("127.0.0.1", outside.port, "inside").await;
    let url = format!("http://rebinding.example:{}/", outside.port);
    let names = Names::leading(&[OUTSIDE, INSIDE]);
    let client = client(OUTSIDE, &names);
    assert_eq!(get(&client, &url).await.as_deref(), Ok("outside"));
    assert_eq!(names.asked(), 1);
    let told = get(&client, &url).await;
    assert!(is_refused(&told), "{told:?}");
    assert_eq!((names.asked(), inside.seen().len()), (2, 0));
}

#[tokio::test]
async fn a_name_that_leads_to_both_leads_nowhere() {
    let outside = Server::saying("127.0.0.2", 0, "outside").await;
    let inside = Server::saying("127.0.0.1", outside.port, "inside").await;
    let url = format!("http://both.example:{}/", outside.port);
    for both in [["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.2"]] {
        let client = client(OUTSIDE, &Names::leading(&[&both]));
        let told = get(&client, &url).await;
        assert!(is_refused(&told), "{told:?}");
    }
    assert_eq!((outside.seen().len(), inside.seen().len()), (0, 0));
}

#[tokio::test]
async fn a_redirect_to_the_same_name_is_judged_anew() {
    let outside = Server::start("127.0.0.2", 0, |_| redirect(302, "/again")).await;
    let inside = Server::saying("127.0.0.1", outside.port, "inside").await;
    let names = Names::leading(&[OUTSIDE, INSIDE]);
    let told = get(
        &client(OUTSIDE, &names),
        &format!("http://rebinding.example:{}/", outside.port),
    )
    .await;
    assert!(is_refused(&told), "{told:?}");
    assert_eq!((names.asked(), outside.seen().len(), inside.seen().len()), (2, 1, 0));
}
