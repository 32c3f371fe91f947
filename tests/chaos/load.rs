//! Orders at a daemon that comes and goes: each is told until it is acknowledged.

use crate::served::TOKEN;
use crate::shops::{SKUS, STORES};
use serde_json::{Value, json};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// How long somebody waits for a daemon that is gone before he looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the daemon is, if it is anywhere, and how many requests it acknowledged.
#[derive(Default)]
pub struct Door {
    seen: Mutex<Seen>,
    moved: Condvar,
}

#[derive(Default)]
struct Seen {
    address: Option<SocketAddr>,
    acknowledged: u64,
    closing: bool,
}

impl Door {
    pub fn open(&self, address: SocketAddr) {
        self.change(|seen| seen.address = Some(address));
    }

    pub fn shut(&self) {
        self.change(|seen| seen.address = None);
    }

    /// Nothing new is told any more.
    pub fn close(&self) {
        self.change(|seen| seen.closing = true);
    }

    fn change(&self, how: impl FnOnce(&mut Seen)) {
        how(&mut self.seen.lock().unwrap());
        self.moved.notify_all();
    }

    fn is_closing(&self) -> bool {
        self.seen.lock().unwrap().closing
    }

    /// Waits until so many more were acknowledged.
    pub fn wait(&self, more: u64) {
        let seen = self.seen.lock().unwrap();
        let until = seen.acknowledged + more;
        let waited = self.moved.wait_timeout_while(seen, PATIENCE, |seen| seen.acknowledged < until);
        assert!(!waited.unwrap().1.timed_out(), "nothing is acknowledged");
    }

    /// Waits for so long, whatever happens.
    pub fn pass(&self, time: Duration) {
        drop(self.moved.wait_timeout_while(self.seen.lock().unwrap(), time, |_| true).unwrap());
    }

    /// Waits for an address other than one where nobody answered.
    fn address(&self, but: Option<SocketAddr>) -> Option<SocketAddr> {
        let seen = self.seen.lock().unwrap();
        let is_none = |seen: &mut Seen| seen.address.is_none() || seen.address == but;
        self.moved.wait_timeout_while(seen, LOOK_AGAIN, is_none).unwrap().0.address
    }

    /// Tells events until they are acknowledged; how often they had been taken before.
    pub fn tell(&self, events: &Value) -> u64 {
        let mut refused_by = None;
        loop {
            let Some(address) = self.address(refused_by) else { continue };
            match post(address, &events.to_string()) {
                Ok((200, text)) => {
                    let answer: Value = serde_json::from_str(&text).unwrap();
                    self.change(|seen| seen.acknowledged += 1);
                    return answer["repeated"].as_u64().unwrap();
                }
                // Whoever cannot take them now says so.
                Ok((429 | 503, _)) | Err(_) => refused_by = Some(address),
                Ok((status, text)) => panic!("{status}: {text}"),
            }
        }
    }
}

/// A request, and the answer to it if one comes.
pub fn post(address: SocketAddr, body: &str) -> io::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(cut)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
    Ok((status, body.to_owned()))
}

/// One who tells orders, from a seed.
pub struct Teller {
    name: String,
    random: u64,
    /// How many units of each SKU are sold, and not cancelled.
    pub sold: Vec<i64>,
    /// Orders that are not cancelled: their number, and their lines.
    open: Vec<(u64, Vec<(usize, i64)>)>,
    /// Everything that was told.
    pub told: Vec<Value>,
    orders: u64,
}

impl Teller {
    pub fn new(name: &str, seed: u64) -> Self {
        Self {
            name: name.to_owned(),
            random: seed,
            sold: vec![0; SKUS],
            open: Vec::new(),
            told: Vec::new(),
            orders: 0,
        }
    }

    /// SplitMix64: a number below this one.
    pub fn below(&mut self, end: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    /// Some events that happen next.
    pub fn events(&mut self) -> Value {
        let count = 1 + self.below(4);
        let events: Vec<Value> = (0..count).map(|_| self.event()).collect();
        self.told.extend(events.iter().cloned());
        Value::Array(events)
    }

    fn event(&mut self) -> Value {
        if self.below(4) == 0 && !self.open.is_empty() {
            let at = self.below(self.open.len() as u64) as usize;
            let (order, lines) = self.open.swap_remove(at);
            lines.iter().for_each(|(sku, units)| self.sold[*sku] -= units);
            let order = format!("{}{order}", self.name);
            let store = STORES[order.len() % STORES.len()];
            return json!({ "id": format!("{order}-cancelled"), "type": "order-cancelled", "order": order, "store": store });
        }
        self.orders += 1;
        let order = format!("{}{}", self.name, self.orders);
        let first = self.below(SKUS as u64) as usize;
        let lines: Vec<(usize, i64)> = (0..1 + self.below(2))
            .map(|more| ((first + 5 * more as usize) % SKUS, 1 + self.below(3) as i64))
            .collect();
        lines.iter().for_each(|(sku, units)| self.sold[*sku] += units);
        let told: Vec<Value> = lines
            .iter()
            .enumerate()
            .map(|(at, (sku, units))| json!({ "line": at.to_string(), "store_sku": format!("L{sku}"), "quantity": units }))
            .collect();
        self.open.push((self.orders, lines));
        // An order is always of the same store.
        json!({
            "id": order, "type": "order-placed", "order": order, "store": STORES[order.len() % STORES.len()],
            "placed_at": "2026-02-01T00:00:00Z", "lines": told,
        })
    }

    /// Tells orders until the door is closed.
    pub fn tell(mut self, door: &Door) -> Self {
        while !door.is_closing() {
            let events = self.events();
            door.tell(&events);
        }
        self
    }
}

/// What all of them sold, together.
pub fn sold(tellers: &[Teller]) -> Vec<i64> {
    (0..SKUS).map(|sku| tellers.iter().map(|teller| teller.sold[sku]).sum()).collect()
}
