//! A shop that does nothing but answer: a thread a connection, and as little work as can be.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// So many requests are taken within any second, where there is a limit.
pub(crate) const PER_SECOND: usize = 500;

/// Numbers that were set since this was last asked for, and when the first and the last of them came, in nanoseconds.
static SET: [AtomicU64; 3] = [AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0)];

/// When the requests of the last second came that there is a limit for.
static LATELY: Mutex<VecDeque<Instant>> = Mutex::new(VecDeque::new());

/// Requests that came too often.
static REFUSED: AtomicU64 = AtomicU64::new(0);

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
        let [count, first, last] = self.ask("/set")[..] else { panic!("it tells three numbers") };
        (count, count.saturating_sub(1) as f64 / ((last - first) as f64 / 1e9))
    }

    /// How many requests came too often.
    pub(crate) fn refused(&self) -> u64 {
        self.ask("/refused")[0]
    }

    fn ask(&self, path: &str) -> Vec<u64> {
        let mut stream = TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let body = answer.rsplit("\r\n").next().unwrap();
        body.split(' ').map(|number| number.parse().unwrap()).collect()
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
        let (mut length, mut is_last) = (0, false);
        loop {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                break;
            }
            line.make_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            // Who asks so reads until this side closes.
            is_last |= line.trim_end() == "connection: close";
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let is_taken = !request.starts_with("POST /limited ") || is_in_time();
        let answer =
            if is_taken { answer(&request, &body, listings, began) } else { "too many requests".to_owned() };
        let status = if is_taken { "200 OK" } else { "429 Too Many Requests" };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        if writer.write_all((head + &answer).as_bytes()).is_err() || is_last {
            return;
        }
    }
}

/// Whether no more came within a second than may.
fn is_in_time() -> bool {
    let (now, mut lately) = (Instant::now(), LATELY.lock().unwrap());
    while lately.front().is_some_and(|at| now.duration_since(*at) >= Duration::from_secs(1)) {
        lately.pop_front();
    }
    let is_in_time = lately.len() < PER_SECOND;
    if is_in_time {
        lately.push_back(now);
    } else {
        REFUSED.fetch_add(1, Ordering::Relaxed);
    }
    is_in_time
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
    if request.starts_with("GET /refused ") {
        return REFUSED.load(Ordering::Relaxed).to_string();
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
