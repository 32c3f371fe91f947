//! A client of the daemon, as plain as HTTP/1.1 lets it be: it can be slow, broken and rude.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request to come.
pub struct Client {
    address: SocketAddr,
    headers: Vec<(String, String)>,
}

/// A request that was sent.
pub struct Sent(TcpStream);

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub text: String,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, headers: Vec::new() }
    }

    /// The same with a header more; one that it has already is replaced.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn open(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub fn send(self, method: &str, path: &str, kind: &str, body: &str) -> Sent {
        let client = if kind.is_empty() { self } else { self.with("Content-Type", kind) };
        let client = if client.headers.iter().any(|(name, _)| name == "Host") {
            client
        } else {
            client.with("Host", "localhost")
        };
        let mut text =
            format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in &client.headers {
            text += &format!("{name}: {value}\r\n");
        }
        let mut stream = client.open();
        // Who is refused may be cut off before he has said all.
        drop(stream.write_all(format!("{text}\r\n{body}").as_bytes()));
        Sent(stream)
    }

    pub fn post(self, path: &str, kind: &str, body: &str) -> Answer {
        self.send("POST", path, kind, body).answer()
    }

    pub fn ask(self, method: &str, path: &str, body: &str) -> Answer {
        self.send(method, path, "", body).answer()
    }
}

impl Sent {
    pub fn answer(mut self) -> Answer {
        let mut bytes = Vec::new();
        let read = self.0.read_to_end(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { panic!("no answer: {text:?} {read:?}") };
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Answer { status, headers, text: body.to_owned() }
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|fault| panic!("{fault}: {} {}", self.status, self.text))
    }

    pub fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
