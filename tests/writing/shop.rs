//! A marketplace on this machine, which says every request back.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

/// What must be seen nowhere but here.
pub const SECRET: &str = "can/ary+s3cret";

pub struct Shop {
    pub url: String,
    thread: JoinHandle<Vec<String>>,
}

impl Shop {
    pub fn open() -> Self {
        Self::open_for(1)
    }

    /// One that answers when so many have asked.
    pub fn open_for(together: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let thread = thread::spawn(move || {
            let mut heard = Vec::new();
            let mut waiting = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = hear(&mut stream);
                if request.starts_with("CLOSE") {
                    break;
                }
                waiting.push((stream, request));
                if waiting.len() == together {
                    for (stream, request) in waiting.drain(..) {
                        answer(stream, &request);
                        heard.push(request);
                    }
                }
            }
            heard
        });
        Self { url, thread }
    }

    /// The forms in which the secret is sent.
    pub fn shapes() -> [&'static str; 3] {
        [SECRET, "can%2Fary%2Bs3cret", "Y2FuL2FyeStzM2NyZXQ="]
    }

    /// Every request that came.
    pub fn close(self) -> Vec<String> {
        let mut last = TcpStream::connect(self.url.trim_start_matches("http://")).unwrap();
        last.write_all(b"CLOSE / HTTP/1.1\r\n\r\n").unwrap();
        self.thread.join().unwrap()
    }
}

fn hear(stream: &mut TcpStream) -> String {
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    while !is_whole(&request) {
        match stream.read(&mut piece).unwrap() {
            0 => break,
            len => request.extend_from_slice(&piece[..len]),
        }
    }
    String::from_utf8(request).unwrap()
}

fn answer(mut stream: TcpStream, request: &str) {
    let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", request.len());
    // Whoever closes the shop does not wait for an answer.
    let _ = stream.write_all(format!("{head}{request}").as_bytes());
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let len = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= len.unwrap_or(0)
}
