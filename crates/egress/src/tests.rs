//! The client against servers on this machine, which is where it must not go: every test has a listener that counts who
//! comes. No test needs a network.

mod allowed;
mod limits;
mod rebinding;
mod redirects;
mod server;
mod spellings;

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::future::BoxFuture;

use crate::{AllowList, Client, Error, Guard, Method, Request, Resolve, Result};

/// Leads every name to the addresses that it is given, one list after the other; the last one stays.
pub struct Names {
    lists: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Names {
    fn leading(lists: &[&[&str]]) -> Arc<Names> {
        let parsed = |list: &&[&str]| list.iter().map(|ip| ip.parse().unwrap()).collect();
        Arc::new(Names {
            lists: lists.iter().map(parsed).collect(),
            asked: AtomicUsize::new(0),
        })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Resolve for Names {
    fn resolve<'a>(&'a self, _: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        let at = self.asked.fetch_add(1, Ordering::SeqCst);
        let list = self.lists[at.min(self.lists.len() - 1)].clone();
        Box::pin(async move { Ok(list) })
    }
}

fn client(allow: &[&str], names: &Arc<Names>) -> Client {
    let guard = match allow {
        [] => Guard::strict(),
        allow => Guard::new(
            AllowList::parse(allow.iter().copied()).unwrap(),
            aedile_engine::access::ip::IpList::nowhere(),
        ),
    };
    Client::with(guard, names.clone(), None).unwrap()
}

/// The answer's text.
async fn get(client: &Client, url: &str) -> Result<String> {
    text(client, Request::new(Method::GET, url)?).await
}

async fn text(client: &Client, request: Request) -> Result<String> {
    let body = client.send(request).await?.body.all().await?;
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

fn is_refused<T>(told: &Result<T>) -> bool {
    matches!(told, Err(Error::Refused { .. } | Error::Target(_)))
}
