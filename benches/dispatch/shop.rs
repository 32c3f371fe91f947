//! A shop that does nothing but answer: a thread a connection, and as little work as can be.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Numbers that were set since this was last asked for, and when the first and the last of them came, in nanoseconds.
static SET: [AtomicU64; 3] = [AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0)];

/// A shop in a process of its own.
pub(crate) struct Shop {
    child: Child,
    pub(crate) url: String,
}

impl Shop {
    pub(crate) fn start(listings: usize) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--shop", &listings.to_string()]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, url: line.trim().to_owned() }
    }

    /// How many requests that set a number came, and how many of them in a second, from the first to the last.
    pub(crate) fn rate(&self) -> (u64, f64) {
        let mut stream = TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap();
        stream.write_all(b"GET /set HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body = answer.rsplit("\r\n").next().unwrap();
        let [count, first, last] = body.split(' ').map(|n| n.parse::<u64>().unwrap()).collect::<Vec<_>>()[..]
        else {
            panic!("{answer}")
        };
        (count, count.saturating_sub(1) as f64 / ((last - first) as f64 / 1e9))
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Is the shop, with so many listings, until it is killed.
pub(crate) fn run(listings: usize) {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("http://{}", socket.local_addr().unwrap());
    let began = Instant::now();
    for stream in socket.incoming() {
        let stream = stream.unwrap();
        stream.set_nodelay(true).unwrap();
        std::thread::spawn(move || serve(stream, listings, began));
    }
}

fn serve(stream: TcpStream, listings: usize, began: Instant) {
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let request = line.clone();
        let mut length = 0;
        loop {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let answer = answer(&request, &body, listings, began);
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        if writer.write_all((head + &answer).as_bytes()).is_err() {
            return;
        }
    }
}

fn answer(request: &str, body: &[u8], listings: usize, began: Instant) -> String {
    let [count, first, last] = &SET;
    if request.starts_with("POST") {
        let now = began.elapsed().as_nanos() as u64;
        if count.fetch_add(1, Ordering::Relaxed) == 0 {
            first.store(now, Ordering::Relaxed);
        }
        last.fetch_max(now, Ordering::Relaxed);
        // What was asked for is what was done.
        return String::from_utf8_lossy(body).replacen("updates", "results", 1);
    }
    if request.starts_with("GET /set ") {
        return SET.iter().map(|n| n.swap(0, Ordering::Relaxed).to_string()).collect::<Vec<_>>().join(" ");
    }
    let page = request.split_once("page=").map_or("1", |(_, rest)| rest);
    let page: usize = page.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
    let numbers = ((page - 1) * 1_000..(page * 1_000).min(listings))
        .map(|n| format!(r#"{{"id":"{n}","sku":"SKU-{n:06}","stock":100}}"#));
    format!(r#"{{"variants":[{}],"total":{listings}}}"#, numbers.collect::<Vec<_>>().join(","))
}
