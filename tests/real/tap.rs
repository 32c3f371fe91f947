//! A loopback proxy before a shop, which counts its requests and can hold one back.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The proxy. It lasts as long as the test's process. A request is known by a mark: words that stand in it once, in one packet.
pub struct Tap {
    pub port: u16,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    /// What a request has in it that is counted, and how many came.
    counted: Vec<(&'static str, usize)>,
    hold: Option<Hold>,
}

/// The request of this number that has this mark is held back.
struct Hold {
    mark: &'static str,
    number: usize,
    reached: Sender<()>,
    go_on: Receiver<()>,
}

/// A request that will be held back.
pub struct Held {
    reached: Receiver<()>,
    go_on: Sender<()>,
}

impl Tap {
    /// Before the server at this port; counts requests that have one of these marks.
    pub fn before(server: u16, marks: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let counted = marks.iter().map(|mark| (*mark, 0)).collect();
        let shared = Arc::new(Mutex::new(Shared { counted, hold: None }));
        let of_all = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&of_all);
                thread::spawn(move || drop(connection(client, server, &shared)));
            }
        });
        Self { port, shared }
    }

    /// How many requests with this mark came.
    pub fn count(&self, mark: &str) -> usize {
        let shared = self.shared.lock().unwrap();
        shared.counted.iter().find(|(of, _)| *of == mark).map_or(0, |(_, count)| *count)
    }

    /// Holds the request with this mark and of this number (from 1, counted from now) back.
    pub fn hold(&self, mark: &'static str, number: usize) -> Held {
        let (reached, told) = channel();
        let (go_on, wait) = channel();
        self.shared.lock().unwrap().hold = Some(Hold { mark, number, reached, go_on: wait });
        Held { reached: told, go_on }
    }
}

impl Held {
    /// Waits until the request is there.
    pub fn reached(&self) {
        self.reached.recv_timeout(Duration::from_secs(120)).unwrap();
    }

    /// Lets it go on.
    pub fn go_on(self) {
        self.go_on.send(()).unwrap();
    }
}

fn connection(mut client: TcpStream, server: u16, shared: &Mutex<Shared>) -> std::io::Result<()> {
    let mut upstream = TcpStream::connect(("127.0.0.1", server))?;
    let (mut back, mut from) = (client.try_clone()?, upstream.try_clone()?);
    thread::spawn(move || {
        drop(std::io::copy(&mut from, &mut back));
        drop(back.shutdown(Shutdown::Both));
    });
    let mut bytes = vec![0; 1 << 16];
    loop {
        let read = client.read(&mut bytes)?;
        if read == 0 {
            return upstream.shutdown(Shutdown::Write);
        }
        // Others go on meanwhile: nothing is locked while this one is held.
        let hold = shared.lock().unwrap().meet(&bytes[..read]);
        if let Some(hold) = hold {
            hold.reached.send(()).unwrap();
            hold.go_on.recv().unwrap();
        }
        upstream.write_all(&bytes[..read])?;
    }
}

impl Shared {
    fn meet(&mut self, bytes: &[u8]) -> Option<Hold> {
        let text = String::from_utf8_lossy(bytes);
        for (mark, count) in &mut self.counted {
            *count += usize::from(text.contains(*mark));
        }
        let hold = self.hold.as_mut().filter(|hold| text.contains(hold.mark))?;
        hold.number -= 1;
        if hold.number == 0 { self.hold.take() } else { None }
    }
}
