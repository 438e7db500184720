//! An SMTP server on loopback that keeps every mail it receives.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// A mail as it was received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: String,
    /// Headers and text, decoded.
    pub(crate) text: String,
}

impl Received {
    /// The token in the mail: the line that consists of nothing else.
    pub(crate) fn token(&self) -> &str {
        let is_token = |line: &&str| line.len() == 43 && !line.contains([' ', ':']);
        self.text.lines().find(is_token).unwrap_or_else(|| panic!("no token: {}", self.text))
    }
}

/// A mail server.
pub(crate) struct Mailbox {
    port: u16,
    mails: Arc<Mutex<Vec<Received>>>,
    arrived: Arc<Notify>,
    refusals: Arc<AtomicUsize>,
}

impl Mailbox {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (mails, arrived, refusals) = (Arc::default(), Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        let mailbox =
            Self { port, mails: Arc::clone(&mails), arrived: Arc::clone(&arrived), refusals: Arc::clone(&refusals) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (mails, arrived, refusals) = (Arc::clone(&mails), Arc::clone(&arrived), Arc::clone(&refusals));
                tokio::spawn(async move {
                    let _ = converse(stream, &mails, &arrived, &refusals).await;
                });
            }
        });
        mailbox
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Refuses the next mails with a temporary error.
    pub(crate) fn refuse(&self, count: usize) {
        self.refusals.store(count, Ordering::SeqCst);
    }

    /// How many mails are still to be refused.
    pub(crate) fn refusals_left(&self) -> usize {
        self.refusals.load(Ordering::SeqCst)
    }

    /// Waits for the mail with this number, counted from 0.
    pub(crate) async fn mail(&self, number: usize) -> Received {
        let mail = async {
            loop {
                let arrived = self.arrived.notified();
                if let Some(mail) = self.mails.lock().unwrap().get(number) {
                    return mail.clone();
                }
                arrived.await;
            }
        };
        tokio::time::timeout(super::PATIENCE, mail).await.expect("no mail in time")
    }

    pub(crate) fn count(&self) -> usize {
        self.mails.lock().unwrap().len()
    }
}

/// The server's side of an SMTP session (RFC 5321).
async fn converse(
    stream: TcpStream,
    mails: &Mutex<Vec<Received>>,
    arrived: &Notify,
    refusals: &AtomicUsize,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.example.com ESMTP\r\n").await?;
    let (mut from, mut to) = (String::new(), String::new());
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_ascii_uppercase();
        let argument = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let answer: &[u8] = if command.starts_with("EHLO") {
            b"250-mail.example.com\r\n250 8BITMIME\r\n"
        } else if command.starts_with("MAIL FROM") {
            from = argument();
            let refuse = refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if refuse.is_ok() { b"451 try again later\r\n" } else { b"250 ok\r\n" }
        } else if command.starts_with("RCPT TO") {
            to = argument();
            if to.starts_with("nobody") { b"550 no such mailbox\r\n" } else { b"250 ok\r\n" }
        } else if command == "DATA" {
            stream.write_all(b"354 go on\r\n").await?;
            let mut text = String::new();
            loop {
                line.clear();
                if stream.read_line(&mut line).await? == 0 || line.trim_end() == "." {
                    break;
                }
                text.push_str(&line);
            }
            mails.lock().unwrap().push(Received { from: from.clone(), to: to.clone(), text: decode(&text) });
            arrived.notify_waiters();
            b"250 kept\r\n"
        } else if command == "QUIT" {
            stream.write_all(b"221 bye\r\n").await?;
            return Ok(());
        } else {
            b"250 ok\r\n"
        };
        stream.write_all(answer).await?;
    }
}

/// Decodes quoted-printable, if the mail uses it.
fn decode(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    if !text.contains("quoted-printable") {
        return text;
    }
    let text = text.replace("=\n", "");
    let mut parts = text.split('=');
    let mut decoded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                decoded.push(char::from(byte));
                decoded.push_str(&part[2..]);
            }
            None => decoded.push_str(part),
        }
    }
    decoded
}
