//! A server on this machine that answers as it is told, well or badly.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// How a request is answered.
#[derive(Clone, Debug)]
pub(in crate::shell) enum Say {
    /// By these bytes.
    Whole(String),
    /// By these bytes, and an end of the connection.
    Part(String),
    /// Never, with the connection left open; bytes first, if any.
    Stall(String),
    /// By an end of the connection.
    Hangup,
}

impl Say {
    pub(in crate::shell) fn ok(body: &str) -> Self {
        Self::status("200 OK", "", body)
    }

    pub(in crate::shell) fn status(status: &str, headers: &str, body: &str) -> Self {
        Self::Whole(format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()))
    }
}

/// What it was asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::shell) struct Asked {
    pub(in crate::shell) head: String,
    pub(in crate::shell) body: String,
    /// Which connection brought it, from 0.
    pub(in crate::shell) connection: usize,
}

type Script = Arc<dyn Fn(usize, &Asked) -> Say + Send + Sync>;

pub(in crate::shell) struct Server {
    pub(in crate::shell) address: SocketAddr,
    log: Arc<Mutex<Vec<Asked>>>,
    thread: Option<JoinHandle<()>>,
    closing: Arc<Mutex<bool>>,
}

impl Server {
    /// Answers in this order, and hangs up on what comes after.
    pub(in crate::shell) fn saying(answers: Vec<Say>) -> Self {
        let answers: VecDeque<Say> = answers.into();
        Self::answering(move |number, _| answers.get(number).cloned().unwrap_or(Say::Hangup))
    }

    /// Answers each request by its number, from 0, and what it asks.
    pub(in crate::shell) fn answering(script: impl Fn(usize, &Asked) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (log, closing) = (Arc::default(), Arc::new(Mutex::new(false)));
        let (script, asked, ends): (Script, _, _) =
            (Arc::new(script), Arc::clone(&log), Arc::clone(&closing));
        let thread = thread::spawn(move || {
            let mut open = Vec::new();
            for (connection, stream) in listener.incoming().enumerate() {
                if *ends.lock().unwrap() {
                    break;
                }
                let stream = stream.unwrap();
                open.push(stream.try_clone().unwrap());
                let (script, asked) = (Arc::clone(&script), Arc::clone(&asked));
                thread::spawn(move || converse(stream, connection, &script, &asked));
            }
            for stream in open {
                let _ = stream.shutdown(std::net::Shutdown::Both);
            }
        });
        Self { address, log, thread: Some(thread), closing }
    }

    pub(in crate::shell) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(in crate::shell) fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        *self.closing.lock().unwrap() = true;
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn converse(stream: TcpStream, connection: usize, script: &Script, log: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some((head, body)) = read(&mut reader) {
        let asked = Asked { head, body, connection };
        let number = {
            let mut log = log.lock().unwrap();
            log.push(asked.clone());
            log.len() - 1
        };
        match script(number, &asked) {
            Say::Whole(text) => writer.write_all(text.as_bytes()).unwrap_or(()),
            Say::Part(text) => {
                let _ = writer.write_all(text.as_bytes());
                break;
            }
            Say::Hangup => break,
            Say::Stall(text) => {
                let _ = writer.write_all(text.as_bytes());
                // Until the other side or the server ends it.
                let _ = reader.read(&mut [0]);
                break;
            }
        }
    }
    let _ = writer.shutdown(std::net::Shutdown::Both);
}

fn read(reader: &mut impl BufRead) -> Option<(String, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8_lossy(&body).into_owned()))
}
