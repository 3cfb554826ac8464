//! One conversation with a mail server, as far as clients need it. It must take nothing that a real server would refuse.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use tokio_rustls::rustls::{ServerConnection, StreamOwned};

use super::{Received, Rules, Security};

/// The longest line that is read, with its end.
const MAX_LINE: usize = 2_000;

enum Line {
    Plain(TcpStream),
    Encrypted(Box<StreamOwned<ServerConnection, TcpStream>>),
    /// Between the two.
    None,
}

impl Line {
    fn encrypted(self, rules: &Rules) -> io::Result<Line> {
        let (Line::Plain(stream), Some(tls)) = (self, &rules.tls) else {
            return Err(io::Error::other("no certificate"));
        };
        let connection = ServerConnection::new(tls.clone()).map_err(io::Error::other)?;
        Ok(Line::Encrypted(Box::new(StreamOwned::new(connection, stream))))
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        let text = format!("{text}\r\n");
        match self {
            Line::Plain(stream) => stream.write_all(text.as_bytes()),
            Line::Encrypted(stream) => stream.write_all(text.as_bytes()).and_then(|()| stream.flush()),
            Line::None => Err(io::Error::other("no connection")),
        }
    }

    /// The next line without its end.
    fn hear(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        let mut byte = [0];
        while !line.ends_with(b"\r\n") {
            match self {
                Line::Plain(stream) => stream.read_exact(&mut byte)?,
                Line::Encrypted(stream) => stream.read_exact(&mut byte)?,
                Line::None => return Err(io::Error::other("no connection")),
            }
            line.extend(byte);
            if line.len() > MAX_LINE {
                return Err(io::Error::other("the line is too long"));
            }
        }
        line.truncate(line.len() - 2);
        String::from_utf8(line).map_err(io::Error::other)
    }
}

/// Holds a conversation until the client ends it.
pub fn run(stream: TcpStream, rules: &Rules) -> io::Result<()> {
    let mut line = Line::Plain(stream);
    if rules.security == Security::Implicit {
        line = line.encrypted(rules)?;
    }
    line.say("220 localhost ESMTP")?;
    let mut mail = Received::default();
    loop {
        let command = line.hear()?;
        let verb = command
            .split([' ', ':'])
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" | "HELO" => greet(&mut line, rules)?,
            "STARTTLS" if rules.security == Security::StartTls => {
                line.say("220 go on")?;
                line = std::mem::replace(&mut line, Line::None).encrypted(rules)?;
            }
            "AUTH" => {
                mail.login = login(&command);
                line.say("235 welcome")?;
            }
            "MAIL" => {
                mail.from = address(&command);
                line.say("250 fine")?;
            }
            "RCPT" => match rules.refusal {
                Some(refusal) => line.say(refusal)?,
                None => {
                    mail.to.push(address(&command));
                    line.say("250 fine")?;
                }
            },
            "DATA" => {
                line.say("354 go on")?;
                mail.data = data(&mut line)?;
                mail.encrypted = matches!(line, Line::Encrypted(_));
                rules.mails.lock().push(std::mem::take(&mut mail));
                line.say("250 taken")?;
            }
            "RSET" | "NOOP" => line.say("250 fine")?,
            "QUIT" => return line.say("221 bye"),
            _ => line.say("502 unknown")?,
        }
    }
}

fn greet(line: &mut Line, rules: &Rules) -> io::Result<()> {
    line.say("250-localhost")?;
    if rules.security == Security::StartTls && matches!(line, Line::Plain(_)) {
        line.say("250-STARTTLS")?;
    }
    line.say("250-8BITMIME")?;
    line.say("250 AUTH PLAIN")
}

/// User and password of `AUTH PLAIN`.
fn login(command: &str) -> Option<(String, String)> {
    let bytes = BASE64_STANDARD.decode(command.split(' ').nth(2)?).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let mut parts = text.split('\0').skip(1).map(str::to_owned);
    Some((parts.next()?, parts.next()?))
}

fn address(command: &str) -> String {
    let inner = command.split('<').nth(1).and_then(|rest| rest.split('>').next());
    inner.unwrap_or_default().to_owned()
}

/// The text of a mail, up to the dot that ends it.
fn data(line: &mut Line) -> io::Result<String> {
    let mut text = String::new();
    loop {
        let next = line.hear()?;
        if next == "." {
            return Ok(text);
        }
        text.push_str(next.strip_prefix('.').unwrap_or(&next));
        text.push_str("\r\n");
    }
}
