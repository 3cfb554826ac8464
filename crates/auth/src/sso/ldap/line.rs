//! One connection to a directory: a question, its answer, the next question. What the other side sends has bounds in size and
//! number, whatever it says of itself. Must never send a password that is empty: a directory would take that for nobody
//! in particular, and call it well.

use std::fmt;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::{
    super::ber::{self, Malformed, tag},
    message::{self, Answer, Entry, Outcome, Search, code},
};

/// Bytes of all answers on one connection: many times what a person and a thousand groups take.
const MAX_BYTES: usize = 1024 * 1024;

/// Answers to one search that are none of its entries: hints to other directories.
const MAX_HINTS: usize = 100;

/// Why a directory could not be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is no connection.
    Connection(aedile_egress::Error),
    /// The connection has ended.
    Lost,
    /// What came is no answer to what was asked.
    Malformed,
    /// It is longer, or more, than it may be.
    TooMuch,
    /// A bind without a password, which is none.
    NoPassword,
    /// The directory refuses.
    Refused(Outcome),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(why) => why.fmt(f),
            Self::Lost => f.write_str("the connection has ended"),
            Self::Malformed => f.write_str("the answer is malformed"),
            Self::TooMuch => f.write_str("the answer is too large"),
            Self::NoPassword => f.write_str("a name without a password proves nothing"),
            Self::Refused(Outcome { code, words }) => write!(f, "refused with code {code}: {words:?}"),
        }
    }
}

impl From<Malformed> for Fault {
    fn from(_: Malformed) -> Fault {
        Fault::Malformed
    }
}

/// A connection.
pub struct Line<S> {
    stream: S,
    /// The number of the last question.
    last: i32,
    /// Bytes that may still be answered.
    left: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    /// Takes over a connection on which nothing was said.
    pub fn new(stream: S) -> Line<S> {
        Line {
            stream,
            last: 0,
            left: MAX_BYTES,
        }
    }

    /// Agrees to go on encrypted, and gives the connection back for that. Nothing was read ahead, so nothing that was said
    /// before counts after.
    pub async fn start_tls(mut self) -> Result<S, Fault> {
        let id = self.number();
        self.send(message::start_tls(id)).await?;
        match self.answer(id).await? {
            Answer::Extended(outcome) if outcome.code == code::SUCCESS => Ok(self.stream),
            Answer::Extended(outcome) => Err(Fault::Refused(outcome)),
            _ => Err(Fault::Malformed),
        }
    }

    /// Whether this is the password of that entry. A refusal for any reason is a no, with what the directory says of it.
    pub async fn bind(&mut self, dn: &str, password: &str) -> Result<Result<(), Outcome>, Fault> {
        if dn.is_empty() || password.is_empty() {
            return Err(Fault::NoPassword);
        }
        let id = self.number();
        self.send(message::bind(id, dn, password.as_bytes())).await?;
        match self.answer(id).await? {
            Answer::Bound(outcome) if outcome.code == code::SUCCESS => Ok(Ok(())),
            Answer::Bound(outcome) => Ok(Err(outcome)),
            _ => Err(Fault::Malformed),
        }
    }

    /// The entries that are found, and how that ended: [`code::SIZE_LIMIT`] where there are more.
    pub async fn search(&mut self, search: &Search) -> Result<(Vec<Entry>, Outcome), Fault> {
        let id = self.number();
        self.send(message::search(id, search)).await?;
        let mut found = Vec::new();
        let mut hints = 0;
        loop {
            match self.answer(id).await? {
                Answer::Found(entry) if found.len() < search.limit => found.push(entry),
                Answer::Elsewhere if hints < MAX_HINTS => hints += 1,
                Answer::Found(_) | Answer::Elsewhere => return Err(Fault::TooMuch),
                Answer::Done(outcome) => return Ok((found, outcome)),
                Answer::Bound(_) | Answer::Extended(_) => return Err(Fault::Malformed),
            }
        }
    }

    fn number(&mut self) -> i32 {
        self.last = self.last.saturating_add(1);
        self.last
    }

    async fn send(&mut self, message: Vec<u8>) -> Result<(), Fault> {
        let sent = async {
            self.stream.write_all(&message).await?;
            self.stream.flush().await
        };
        sent.await.map_err(|_| Fault::Lost)
    }

    /// The next answer, which has to be to this question; what a directory says by itself is that it hangs up.
    async fn answer(&mut self, id: i32) -> Result<Answer, Fault> {
        let content = self.message().await?;
        match message::read(&content)? {
            (own, answer) if own == id => Ok(answer),
            (0, Answer::Extended(outcome)) => Err(Fault::Refused(outcome)),
            _ => Err(Fault::Malformed),
        }
    }

    async fn message(&mut self) -> Result<Vec<u8>, Fault> {
        let mut head = [0; 2];
        self.fill(&mut head).await?;
        let [kind, first] = head;
        if kind != tag::SEQUENCE {
            return Err(Fault::Malformed);
        }
        let mut more = vec![0; ber::following(first)?];
        self.fill(&mut more).await?;
        let length = ber::length(first, &more);
        self.left = self.left.checked_sub(length).ok_or(Fault::TooMuch)?;
        let mut content = vec![0; length];
        self.fill(&mut content).await?;
        Ok(content)
    }

    async fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Fault> {
        self.stream.read_exact(buffer).await.map(drop).map_err(|_| Fault::Lost)
    }
}

#[cfg(test)]
mod tests;
