//! A small HTTP server of a test: it answers what it is told to, and remembers what it was asked.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};

/// The server. It ends with its value.
pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens on an address, on any port for 0.
    pub async fn start(ip: &str, port: u16, answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind((ip, port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = seen.clone();
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = vec![0; 64 * 1024];
                let length = stream.read(&mut head).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&head[..length]).into_owned();
                let told = answer(&request);
                kept.lock().push(request);
                stream.write_all(told.as_bytes()).await.ok();
                // Held open until the other side has enough of it.
                tokio::spawn(async move {
                    let mut rest = [0; 64];
                    while stream.read(&mut rest).await.is_ok_and(|length| length > 0) {}
                });
            }
        });
        Server { port, seen, task }
    }

    /// One that says `text` to everybody.
    pub async fn saying(ip: &str, port: u16, text: &'static str) -> Server {
        Server::start(ip, port, move |_| ok(text)).await
    }

    /// What it was asked, in order.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub fn ok(text: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len())
}

pub fn redirect(status: u16, to: &str) -> String {
    format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
}
