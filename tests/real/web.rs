//! The shops' own APIs, asked by the tests.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An answer: status, headers in lower case, JSON.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub json: Value,
}

/// An answer as it came.
pub struct Raw {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// One request with JSON.
pub fn ask(port: u16, method: &str, target: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
    try_ask(port, method, target, headers, body).unwrap()
}

/// The same, of a server that may not answer.
pub fn try_ask(
    port: u16,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> std::io::Result<Answer> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let kind: &[_] = if body.is_empty() { &[] } else { &[("content-type", "application/json")] };
    let Raw { status, headers, body } =
        exchange(port, method, target, &[headers, kind].concat(), body.as_bytes())?;
    Ok(Answer { status, headers, json: serde_json::from_slice(&body).unwrap_or_default() })
}

/// One request, by HTTP/1.0: its answer comes in one piece.
pub fn exchange(
    port: u16,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Raw> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    let mut head = format!("{method} {target} HTTP/1.0\r\nhost: 127.0.0.1:{port}\r\n");
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    if !body.is_empty() {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    stream.write_all(&[head.as_bytes(), b"\r\n", body].concat())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let end = memchr::memmem::find(&bytes, b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]);
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let header =
        |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers = head.lines().skip(1).filter_map(header).collect();
    Ok(Raw { status, headers, body: bytes.get(end + 4..).unwrap_or_default().to_vec() })
}
