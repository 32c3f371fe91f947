//! What stands between the daemon and a shop: it lets everything through, hangs, or breaks off.

use std::io::{Read, copy};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// What becomes of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    Open,
    /// It is accepted, and nothing ever comes back.
    Hangs,
    /// It is reset as soon as a request comes.
    Resets,
}

pub struct Gate {
    address: SocketAddr,
    inner: Arc<Inner>,
}

struct Inner {
    to: SocketAddr,
    way: Mutex<Way>,
    /// Connections, both ends of each.
    live: Mutex<Vec<TcpStream>>,
    ended: AtomicBool,
}

impl Gate {
    /// Before the server at this address.
    pub fn before(url: &str) -> Self {
        let to = url.strip_prefix("http://").unwrap().parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let inner =
            Inner { to, way: Mutex::new(Way::Open), live: Mutex::default(), ended: AtomicBool::new(false) };
        let inner = Arc::new(inner);
        let of_thread = Arc::clone(&inner);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if of_thread.ended.load(Ordering::Relaxed) {
                    return;
                }
                if let Ok(stream) = stream {
                    of_thread.let_in(stream);
                }
            }
        });
        Self { address, inner }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on; connections that are open end.
    pub fn turn(&self, way: Way) {
        *self.inner.way.lock().unwrap() = way;
        for stream in self.inner.live.lock().unwrap().drain(..) {
            // Whoever was quicker has closed it.
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.inner.ended.store(true, Ordering::Relaxed);
        self.turn(Way::Resets);
        drop(TcpStream::connect(self.address));
    }
}

impl Inner {
    fn let_in(&self, mut stream: TcpStream) {
        let way = self.way.lock().unwrap();
        match *way {
            Way::Hangs => self.live.lock().unwrap().push(stream),
            // What was sent and is not read makes a reset of the end.
            Way::Resets => drop(thread::spawn(move || stream.read(&mut [0]))),
            Way::Open => {
                let Ok(there) = TcpStream::connect(self.to) else { return };
                let ends = [stream.try_clone().unwrap(), there.try_clone().unwrap()];
                self.live.lock().unwrap().extend(ends);
                pipe(stream.try_clone().unwrap(), there.try_clone().unwrap());
                pipe(there, stream);
            }
        }
    }
}

fn pipe(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        drop(copy(&mut from, &mut to));
        drop(to.shutdown(Shutdown::Both));
    });
}
